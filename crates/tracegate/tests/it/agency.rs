//! The agency's own client, and packages that nobody else can open or alter.

mod machine;
mod tampered;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::{Client, Data, Server, police_request, stderr, stdout, tracegate};

/// An instant within the data life of what the demonstration releases.
pub const SOON: &str = "2026-10-05T00:00:00Z";

/// A running gate and the folder of one agency that it knows.
pub struct Agency {
    pub data: Data,
    server: Server,
}

impl Agency {
    /// Makes the agency's folder, enters its key at the gate, and starts the gate.
    pub fn registered() -> Agency {
        let data = Data::new();
        let folder = data.text("agency");
        // The address is entered once the gate has one.
        let made = tracegate([
            "agency",
            "keygen",
            "--gate",
            "http://127.0.0.1:1",
            "--organization",
            "police-northmoor",
            "--folder",
            &folder,
        ]);
        assert!(made.status.success(), "{}", stderr(&made));
        let settings = data.path().join("tracegate.toml");
        let entered = fs::read_to_string(&settings).unwrap() + "\n" + &stdout(&made);
        fs::write(&settings, entered).unwrap();
        let server = Server::start(&data);
        let agency = Agency { data, server };
        let place = agency.folder();
        let file = place.join("agency.toml");
        let named = fs::read_to_string(&file).unwrap();
        fs::write(
            &file,
            named.replace("http://127.0.0.1:1", agency.server.address()),
        )
        .unwrap();
        for key in ["gate.vkey", "log.vkey"] {
            fs::copy(agency.data.path().join(key), place.join(key)).unwrap();
        }
        agency.private("token", &agency.data.token("dc-amara-osei"));
        agency
    }

    pub fn folder(&self) -> PathBuf {
        self.data.path().join("agency")
    }

    /// Writes a file of the folder that only its owner may read.
    fn private(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let file = self.folder().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Runs a command of the agency's.
    pub fn run(&self, words: &[&str]) -> Output {
        let folder = self.data.text("agency");
        let all = [&["agency"], words, &["--folder", &folder]].concat();
        tracegate(all)
    }

    /// What a command printed that must succeed.
    pub fn ok(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", stderr(&output));
        stdout(&output)
    }

    pub fn client(&self, persona: &str) -> Client {
        self.server.client(&self.data.token(persona))
    }

    /// Somebody whose token the gate does not know.
    pub fn stranger(&self) -> Client {
        self.server.client("wrong")
    }

    /// Submits a request about somebody and returns its case.
    pub fn submit(&self, skip: usize) -> String {
        let file = self.data.text(&format!("request-{skip}.json"));
        let request = police_request(&self.data.plain_person(skip));
        fs::write(&file, request.to_string()).unwrap();
        let case = self.ok(&["submit", &file]).trim().to_owned();
        assert_eq!(
            self.ok(&["submit", &file]).trim(),
            case,
            "sent twice, one request"
        );
        case
    }

    /// Two people of the controller release the case.
    pub fn release(&self, case: &str) {
        let path = format!("/api/v1/cases/{case}");
        let caseworker = self.client("cw-sofia-lindqvist");
        let (etag, _) = caseworker.wait(&path, |case| case["state"] == "casework_review");
        let draft = json!({
            "fields": ["name", "last_known_address"], "gateway": "L3",
            "views": { "necessity": "n", "public_interest": "p", "harm": "h", "public_health": "none" },
        });
        let seen = [("if-match", etag.as_str())];
        let drafted = caseworker.post(&format!("{path}/draft"), &seen, &draft);
        let (etag, _) = Client::expect(200, drafted);
        let guardian = self.client("cg-dr-miriam-okafor");
        let view = json!({ "own_view": "least that will do" });
        let seen = [("if-match", etag.as_str())];
        let written = guardian.post(&format!("{path}/own-view"), &seen, &view);
        let (etag, _) = Client::expect(200, written);
        let agree = json!({ "agree": true });
        let seen = [("if-match", etag.as_str())];
        let agreed = guardian.post(&format!("{path}/second-review"), &seen, &agree);
        Client::expect(200, agreed);
        let told = format!("/api/v1/requests/{case}");
        self.client("dc-amara-osei")
            .wait(&told, |answer| answer["status"] == "released");
    }

    /// Collects a release, as soon as its entry is public; returns what was printed.
    pub fn open(&self, case: &str, more: &[&str]) -> Output {
        let words = [&["open", case, "--at", SOON], more].concat();
        for _ in 0..100 {
            let opened = self.run(&words);
            if !stderr(&opened).contains("not yet in the public log") {
                return opened;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("the release of {case} did not become public");
    }

    pub fn package(&self, case: &str) -> PathBuf {
        self.folder().join(format!("packages/{case}.age"))
    }
}

#[test]
fn from_the_request_to_the_outcome_with_the_agencys_own_client() {
    let agency = Agency::registered();
    let case = agency.submit(0);
    agency.release(&case);
    // In the clear it is not handed over any more.
    let path = format!("/api/v1/requests/{case}/collection");
    let key = [("x-request-id", "in-the-clear")];
    let officer = agency.client("dc-amara-osei");
    Client::expect(403, officer.post(&path, &key, &json!({})));

    let parts = agency.data.text("parts");
    let record = agency.data.text("record.json");
    let opened = agency.open(&case, &["--out", &record, "--parts", &parts]);
    assert!(opened.status.success(), "{}", stderr(&opened));
    for said in ["package verified", "destroy by", "onward", "outcome due"] {
        assert!(stderr(&opened).contains(said), "{}", stderr(&opened));
    }
    check_record(&record, &agency.data.plain_person(0));

    let package = agency.package(&case);
    let verified = agency.ok(&[
        "verify",
        package.to_str().unwrap(),
        "--at",
        SOON,
        "--format",
        "json",
    ]);
    let verified: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!(verified["case"], case.as_str());
    let proof = format!("{parts}/release.tlog-proof");
    let checked = tracegate([
        "ledger",
        "check",
        &proof,
        "--key",
        &agency.data.text("log.vkey"),
    ]);
    assert!(checked.status.success(), "{}", stderr(&checked));
    let receipt = fs::read_to_string(package.with_extension("receipt")).unwrap();
    assert!(receipt.contains(&format!("case {case}\n")), "{receipt}");

    let returned = agency.ok(&["return", &case, "located"]);
    assert!(returned.contains("closed"), "{returned}");
    assert!(agency.ok(&["status", &case]).contains("closed"));
    // Another call is too late, and another agency never learns of it.
    let key = [("x-request-id", "another-call")];
    let again = officer.post(
        &format!("/api/v1/requests/{case}/package"),
        &key,
        &json!({}),
    );
    assert!(matches!(again, Some((409 | 410, ..))), "{again:?}");
}

fn check_record(file: &str, person: &Value) {
    let bundle: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let patient = &bundle["entry"][0]["resource"];
    assert_eq!(patient["meta"]["tag"][0]["code"], "SUBSETTED");
    let surname = person["surname"].as_str().unwrap();
    assert!(
        patient["name"][0]["text"]
            .as_str()
            .unwrap()
            .contains(surname)
    );
    let postcode = person["postcode"].as_str().unwrap();
    assert!(
        patient["address"][0]["text"]
            .as_str()
            .unwrap()
            .contains(postcode)
    );
    // Nothing that was not approved.
    let elements: Vec<&String> = patient.as_object().unwrap().keys().collect();
    assert_eq!(
        elements,
        ["resourceType", "meta", "address", "name"],
        "{patient}"
    );
    assert_eq!(bundle["entry"][1]["resource"]["resourceType"], "Provenance");
}

#[test]
fn a_recall_reaches_the_agency_and_closes_its_packages() {
    let agency = Agency::registered();
    let case = agency.submit(1);
    agency.release(&case);
    assert!(agency.open(&case, &[]).status.success());
    let returned = agency.ok(&["return", &case, "wrong_person"]);
    assert!(returned.contains("recalled"), "{returned}");
    // What was collected still opens until the notice is here, and never again after.
    agency.ok(&["status"]);
    let refused = agency.open(&case, &[]);
    assert_eq!(refused.status.code(), Some(4));
    assert!(
        stderr(&refused).contains("was recalled at"),
        "{}",
        stderr(&refused)
    );
    assert!(
        stdout(&refused).is_empty(),
        "nothing of the record is shown"
    );
    assert!(agency.ok(&["destroyed", &case]).contains("closed"));
}

#[test]
fn debians_age_opens_what_is_sealed_to_the_agency() {
    if Command::new("age").arg("--version").output().is_err() {
        assert!(
            std::env::var_os("TRACEGATE_AGE").is_none(),
            "there is no `age`"
        );
        eprintln!("skipped: there is no `age`; `cargo xtask test` installs it");
        return;
    }
    let agency = Agency::registered();
    let case = agency.submit(2);
    agency.release(&case);
    assert!(agency.open(&case, &[]).status.success());
    let mut age = Command::new("age");
    age.args(["--decrypt", "--identity"])
        .arg(agency.folder().join("age.key"));
    let opened = age.arg(agency.package(&case)).output().unwrap();
    assert!(opened.status.success(), "{}", stderr(&opened));
    let envelope: Value = serde_json::from_slice(&opened.stdout).unwrap();
    let manifest = envelope["manifest"].as_str().unwrap();
    assert!(
        manifest.starts_with("tracegate release manifest v1\n"),
        "{manifest}"
    );
}
