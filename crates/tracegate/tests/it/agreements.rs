//! Agreements on the command line: proofs as exit codes, witnesses that can be judged, certificates
//! that anybody verifies, history judged again.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Client, Data, Server, police_request, stderr, stdout, tracegate};

const OLD: &str = "ho/2017-01-01";
const NEW: &str = "ho/2018-05-09";
const ANNOUNCED: &str = "ho/2018-05-09-as-announced";

fn diff(from: &str, to: &str) -> (Option<i32>, Value) {
    let ran = tracegate(["agreement", "diff", from, to, "--format", "json"]);
    let read = serde_json::from_slice(&ran.stdout);
    (ran.status.code(), read.expect("a certificate"))
}

fn names(list: &Value, key: &str) -> Vec<String> {
    let items = list.as_array().expect("a list").iter();
    let text = |item: &Value| item[key].as_str().expect("text").to_owned();
    items.map(text).collect()
}

fn judge(version: &str, facts: &Path) -> Output {
    let facts = facts.to_str().unwrap();
    tracegate(["agreement", "judge", version, "--facts", facts, "--replay"])
}

#[test]
fn the_change_of_2018_narrows_and_names_clauses_and_fields() {
    let (code, made) = diff(OLD, NEW);
    assert_eq!(code, Some(0));
    let comparison = &made["comparison"];
    assert_eq!(comparison["verdict"], "narrows");
    assert_eq!(comparison["widenings"], json!([]));
    let clauses = names(&comparison["narrowings"], "clause");
    assert!(clauses.contains(&"2.4".to_owned()), "{clauses:?}");
    assert!(clauses.contains(&"3.1".to_owned()), "{clauses:?}");
    let fields = comparison["fields"].as_array().unwrap().iter();
    let dropped: Vec<&Value> = fields
        .filter(|field| field["relation"] == "removed")
        .collect();
    assert!(!dropped.is_empty(), "{comparison}");
    let shown = stdout(&tracegate(["agreement", "diff", OLD, NEW]));
    for said in [
        "permits nothing that the first refuses",
        "no longer released",
        "what the proof does not say",
    ] {
        assert!(shown.contains(said), "no `{said}` in {shown}");
    }
}

#[test]
fn the_change_as_announced_widens_and_its_witness_is_judged_both_ways() {
    let (code, made) = diff(OLD, ANNOUNCED);
    assert_eq!(code, Some(3));
    let change = &made["comparison"]["widenings"][0];
    let facts = &change["witness"]["facts"];
    assert_eq!(facts["public_security_risk"], true, "{facts}");
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("witness.json");
    fs::write(&file, facts.to_string()).unwrap();
    assert_eq!(judge(OLD, &file).status.code(), Some(3));
    assert_eq!(judge(ANNOUNCED, &file).status.code(), Some(0));
}

#[test]
fn the_reverse_widens_strangers_cannot_be_compared_and_equals_are_equal() {
    assert_eq!(diff(NEW, OLD).0, Some(3));
    assert_eq!(diff(OLD, "court-order/2026-01-01").0, Some(4));
    assert_eq!(diff(NEW, NEW).0, Some(0));
    let nowhere = tracegate(["agreement", "diff", OLD, "ho/1999"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(stderr(&nowhere).contains("`ho/1999`"));
    assert_eq!(tracegate(["agreement", "diff"]).status.code(), Some(2));
}

#[test]
fn a_certificate_verifies_and_any_changed_byte_makes_it_fail() {
    let folder = TempDir::new().unwrap();
    let (file, page) = (folder.path().join("n.json"), folder.path().join("d.html"));
    let (certificate, html) = (file.to_str().unwrap(), page.to_str().unwrap());
    let made = tracegate([
        "agreement",
        "diff",
        OLD,
        NEW,
        "--certificate",
        certificate,
        "--html",
        html,
    ]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let verify = || tracegate(["agreement", "diff", "--verify", certificate]);
    let held = verify();
    assert_eq!(held.status.code(), Some(0), "{}", stderr(&held));
    assert!(stdout(&held).contains("that the rules say what the prose says"));
    let good = fs::read(&file).unwrap();
    for at in (0..good.len()).step_by(good.len() / 12) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&file, bad).unwrap();
        assert_eq!(verify().status.code(), Some(4), "byte {at} may change");
    }
    let text = fs::read_to_string(&page).unwrap();
    for said in ["What the proof does not say", "<style>", "Make it again"] {
        assert!(text.contains(said), "no `{said}` on the page");
    }
    assert!(!text.contains("href=\"/"), "the page stands alone");
}

#[test]
fn a_new_agreement_is_made_checked_and_not_overwritten() {
    let folder = TempDir::new().unwrap();
    let shelf = folder.path().to_str().unwrap();
    let new = || tracegate(["agreement", "new", "fire/2027-01-01", "--agreements", shelf]);
    let made = new();
    assert!(made.status.success(), "{}", stderr(&made));
    assert_eq!(new().status.code(), Some(1), "it is there already");
    let checked = tracegate(["agreement", "check", "--agreements", shelf]);
    assert!(
        stdout(&checked).contains("fire/2027-01-01: sound"),
        "{}",
        stderr(&checked)
    );
    let rules = folder.path().join("fire/2027-01-01/clauses.cedar");
    let text = fs::read_to_string(&rules).unwrap();
    fs::write(
        &rules,
        text.replacen("context.purpose", "context.purpos", 1),
    )
    .unwrap();
    let refused = tracegate(["agreement", "check", "--agreements", shelf]);
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    for part in ["fire/2027-01-01/clauses.cedar:", " | ", "^", "remedy:"] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
}

#[test]
fn who_lists_askers_and_what_they_must_claim() {
    let shown = stdout(&tracegate(["agreement", "who", NEW]));
    assert!(shown.contains("home-office for "), "{shown}");
    assert!(
        shown.contains("contact lost") && shown.contains("yes"),
        "{shown}"
    );
}

/// A request that `ho/2017-01-01` permits.
fn of_2017() -> Value {
    let cases =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../agreements/ho/2017-01-01/cases.jsonl");
    let text = fs::read_to_string(cases).unwrap();
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    first["facts"].clone()
}

#[test]
fn history_is_judged_again_three_ways_the_same_on_every_run() {
    let folder = TempDir::new().unwrap();
    let (file, page) = (folder.path().join("h.jsonl"), folder.path().join("r.html"));
    let facts = of_2017();
    let mut dropped = facts.clone();
    dropped["fields_requested"] = json!(["gp_practice"]);
    let line = |reference: &str, month: u8, facts: &Value| {
        let at = format!("2017-{month:02}-01T09:00:00Z");
        json!({"reference": reference, "at": at, "under": OLD, "then": "released", "facts": facts})
            .to_string()
    };
    let lines = [
        line("A", 1, &facts),
        line("B", 2, &dropped),
        line("C", 9, &dropped),
    ];
    fs::write(&file, lines.join("\n")).unwrap();
    let (records, html) = (file.to_str().unwrap(), page.to_str().unwrap());
    let replay = |more: &[&str]| {
        let base = [
            "replay", "--under", NEW, "--facts", records, "--format", "json",
        ];
        let ran = tracegate(base.iter().chain(more).copied());
        assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
        stdout(&ran)
    };
    let all = replay(&["--list", "--html", html]);
    assert_eq!(all, replay(&["--list"]), "the same bytes");
    let report: Value = serde_json::from_str(&all).unwrap();
    assert_eq!(
        report["counts"],
        json!({"released": 0, "refused": 2, "cannot_tell": 1})
    );
    assert_eq!(names(&report["changed"], "reference"), ["B", "C"]);
    assert!(names(&report["missing"], "name").contains(&"sentence_months".to_owned()));
    let early: Value = serde_json::from_str(&replay(&["--to", "2017-03-01T00:00:00Z"])).unwrap();
    assert_eq!(early["requests"], 2);
    assert_eq!(
        early["changed"],
        json!([]),
        "the list is only for who asks for it"
    );
    let text = fs::read_to_string(&page).unwrap();
    for said in [
        "<svg",
        "role=\"img\"",
        "cannot tell 1",
        "Sentence months: 1",
    ] {
        assert!(text.contains(said), "no `{said}` on the page");
    }
    fs::write(&file, "{\"reference\": 1}").unwrap();
    let bad = tracegate(["replay", "--under", NEW, "--facts", records]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(stderr(&bad).contains("line 1"), "{}", stderr(&bad));
}

const FIRST: &str = "cg-dr-miriam-okafor";
const SECOND: &str = "cg-dr-anton-keller";

/// One command of a guardian on a data folder.
fn guardian(data: &Data, command: &str, name: &str, by: &str, more: &[&str]) -> Output {
    let folder = data.path();
    let folder = folder.to_str().unwrap();
    let base = ["agreement", command, name, "--data", folder, "--by", by];
    tracegate(base.iter().chain(more).copied())
}

/// A binding version of the police agreement beside the shipped one, far enough ahead.
fn renew(data: &Data) -> &'static str {
    let shelf = data.path().join("agreements/police-serious-crime");
    let (from, to) = (shelf.join("2026-01-01"), shelf.join("2099-01-01"));
    fs::create_dir(&to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let text = if path.ends_with("version.toml") {
            text.replace("2026-01-01", "2099-01-01")
                .replace("\"sample\"", "\"binding\"")
        } else {
            text
        };
        fs::write(to.join(path.file_name().unwrap()), text).unwrap();
    }
    let test = shelf.join("pit.toml");
    let text = fs::read_to_string(&test).unwrap();
    fs::write(
        test,
        text.replace("expires_at = \"2029", "expires_at = \"2199"),
    )
    .unwrap();
    "police-serious-crime/2099-01-01"
}

#[test]
fn two_guardians_publish_and_only_then_does_a_version_take_effect() {
    let data = Data::new();
    let next = renew(&data);
    let early = guardian(&data, "publish", next, SECOND, &["--confirm"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(
        stderr(&early).contains("propose it first"),
        "{}",
        stderr(&early)
    );
    let agency = guardian(&data, "publish", next, "dc-amara-osei", &[]);
    assert!(
        stderr(&agency).contains("a guardian"),
        "{}",
        stderr(&agency)
    );
    let proposed = guardian(&data, "publish", next, FIRST, &[]);
    assert!(proposed.status.success(), "{}", stderr(&proposed));
    let alone = guardian(&data, "publish", next, FIRST, &["--confirm"]);
    assert!(
        stderr(&alone).contains("another person"),
        "{}",
        stderr(&alone)
    );
    let published = guardian(&data, "publish", next, SECOND, &["--confirm"]);
    assert!(published.status.success(), "{}", stderr(&published));
    let log = data
        .path()
        .join("agreements/police-serious-crime/events.jsonl");
    let log = fs::read_to_string(log).unwrap();
    let entered = log
        .lines()
        .filter(|line| line.contains("2099-01-01"))
        .count();
    assert_eq!(entered, 2, "agreed and in force from 2099 on: {log}");
    let blank = guardian(&data, "publish", "template/v1", FIRST, &[]);
    assert!(
        stderr(&blank).contains("it is a template"),
        "{}",
        stderr(&blank)
    );
}

#[test]
fn a_text_changed_after_its_publication_is_never_judged_with() {
    let data = Data::new();
    let doctor = || tracegate(["doctor", "--data", data.path().to_str().unwrap()]);
    assert_eq!(doctor().status.code(), Some(0), "{}", stdout(&doctor()));
    let prose = data
        .path()
        .join("agreements/police-serious-crime/2026-01-01/clauses.md");
    let text = fs::read_to_string(&prose).unwrap();
    fs::write(&prose, text + "\n").unwrap();
    let found = doctor();
    assert_eq!(found.status.code(), Some(4));
    let said = stdout(&found);
    assert!(
        said.contains("NO: `police-serious-crime/2026-01-01`"),
        "{said}"
    );
}

#[test]
fn an_overlay_is_entered_with_its_proof_and_one_that_widens_is_not() {
    let data = Data::new();
    let rules = data.path().join("overlay.cedar");
    let file = rules.to_str().unwrap();
    let narrow = |condition: &str| {
        let text = format!(
            "@id(\"warrant\") @clause(\"9.1\") @text(\"A warrant is attached.\")\n\
             @outcome(\"necessity_not_shown\") @fix(\"Attach it.\")\n\
             forbid (principal, action, resource) unless {{ {condition} }};\n"
        );
        fs::write(&rules, text).unwrap();
        let more = ["--rules", file, "--reason", "requests without a warrant"];
        guardian(
            &data,
            "narrow",
            "police-serious-crime/2026-01-01",
            FIRST,
            &more,
        )
    };
    let same = narrow("context.agency == \"police-northmoor\"");
    assert_eq!(same.status.code(), Some(1));
    assert!(
        stderr(&same).contains("does not narrow"),
        "{}",
        stderr(&same)
    );
    let done = narrow("context has warrant_attached && context.warrant_attached");
    assert!(done.status.success(), "{}", stderr(&done));
    assert!(
        stdout(&done).contains("9.1 A warrant is attached."),
        "{}",
        stdout(&done)
    );
    let shelf = data.path().join("agreements");
    let listed = tracegate(["agreement", "list", "--agreements", shelf.to_str().unwrap()]);
    let listed = stdout(&listed);
    let line = listed
        .lines()
        .find(|line| line.starts_with("police-serious-crime/2026"));
    assert!(
        line.is_some_and(|line| line.contains("narrowed")),
        "{listed}"
    );
}

/// From the instant it is entered, and with the service running.
#[test]
fn an_overlay_binds_a_running_service_at_once_and_a_release_that_waits() {
    let data = Data::new();
    let server = Server::start(&data);
    let client = |persona: &str| server.client(&data.token(persona));
    let officer = client("dc-amara-osei");
    let submit = |key: &str, fields: Value| {
        let mut request = police_request(&data.plain_person(0));
        request["fields"] = fields;
        let reply = officer.post("/api/v1/requests", &[("x-request-id", key)], &request);
        let (_, body) = Client::expect(202, reply);
        body["case"].as_str().unwrap().to_owned()
    };
    let both = json!(["name", "last_known_address"]);
    let waits = submit("overlay-0001", both.clone());
    release(&client, &waits, &both);
    let rules = data.path().join("overlay.cedar");
    let text = "@id(\"warrant\") @clause(\"9.1\") @text(\"For the address a warrant is attached.\")\n\
                @outcome(\"necessity_not_shown\") @fix(\"Attach it.\")\n\
                forbid (principal, action == Action::\"last_known_address\", resource)\n\
                unless { context has warrant_attached && context.warrant_attached };\n";
    fs::write(&rules, text).unwrap();
    let more = ["--rules", rules.to_str().unwrap(), "--reason", "too many"];
    let name = "police-serious-crime/2026-01-01";
    let narrowed = guardian(&data, "narrow", name, FIRST, &more);
    assert!(narrowed.status.success(), "{}", stderr(&narrowed));

    let path = format!("/api/v1/requests/{waits}");
    officer.wait(&path, |answer| answer["status"] == "released");
    let key = [("x-request-id", "collect-0001")];
    let collect = || loop {
        // Until its entry is in the public log.
        match officer.post(&format!("{path}/collection"), &key, &json!({})) {
            Some((503, ..)) => std::thread::sleep(std::time::Duration::from_millis(100)),
            reply => break reply,
        }
    };
    let (_, first) = Client::expect(200, collect());
    assert_eq!(names(&first["record"], "field"), ["name"], "{first}");
    assert_eq!(
        Client::expect(200, collect()).1,
        first,
        "nor when it is sent again"
    );
    let refused = submit("overlay-0002", json!(["last_known_address"]));
    let path = format!("/api/v1/requests/{refused}");
    let (_, answer) = officer.wait(&path, |answer| answer["status"] != "received");
    assert_eq!(answer["code"], "necessity_not_shown", "{answer}");
    assert_eq!(answer["reasons"][0]["clause"], "9.1");
    let kept = submit("overlay-0003", json!(["name"]));
    let path = format!("/api/v1/cases/{kept}");
    client("cw-sofia-lindqvist").wait(&path, |case| case["state"] == "casework_review");
}

/// Takes a request through both reviews.
fn release(client: &impl Fn(&str) -> Client, id: &str, fields: &Value) {
    let (caseworker, guardian) = (client("cw-sofia-lindqvist"), client(FIRST));
    let path = format!("/api/v1/cases/{id}");
    let (etag, _) = caseworker.wait(&path, |case| case["state"] == "casework_review");
    let views = json!({
        "necessity": "n", "public_interest": "p", "harm": "h", "public_health": "none",
    });
    let draft = json!({"fields": fields, "gateway": "L3", "views": views});
    let seen = [("if-match", etag.as_str())];
    let drafted = caseworker.post(&format!("{path}/draft"), &seen, &draft);
    let (etag, _) = Client::expect(200, drafted);
    let seen = [("if-match", etag.as_str())];
    let view = json!({ "own_view": "least that will do" });
    let written = guardian.post(&format!("{path}/own-view"), &seen, &view);
    let (etag, _) = Client::expect(200, written);
    let agree = json!({ "agree": true });
    let seen = [("if-match", etag.as_str())];
    let agreed = guardian.post(&format!("{path}/second-review"), &seen, &agree);
    assert_eq!(Client::expect(200, agreed).1["state"], "released");
}
