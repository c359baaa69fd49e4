//! The log under witnesses: nothing is public without them, and no older copy gets past them.

use std::fs;
use std::path::Path;

use ledger::{Publisher, SignerKey, VerifierKey};
use serde_json::{Value, json};

use crate::support::{Client, Data, Server, copy, police_request, stderr, stdout, tracegate};

/// An installation whose log needs two witnesses, one of each kind of key.
pub struct Witnessed {
    pub data: Data,
    addresses: Vec<String>,
}

/// Names of the witnesses: a patients' group and a guardian's.
const WITNESSES: [(&str, &str); 2] = [("patients", "witness"), ("guardian", "witness-ml-dsa-44")];

impl Witnessed {
    /// Starts both witnesses and asks for both in the policy.
    pub fn new() -> (Witnessed, Vec<Server>) {
        let data = Data::new();
        let mut log = fs::read_to_string(data.path().join("log.vkey")).unwrap();
        fs::write(
            data.path().join("logs.txt"),
            format!("# who is followed\n\n{log}"),
        )
        .unwrap();
        log.insert_str(0, "log ");
        let mut addresses = Vec::new();
        let mut servers = Vec::new();
        for (name, kind) in WITNESSES {
            let key = data.text(&format!("{name}.key"));
            let made = tracegate(["keys", "generate", kind, "--name", name, "--out", &key]);
            let server = witness(&data, name, "127.0.0.1:0", &["--create"]);
            log += &format!(
                "witness {name} {} {}\n",
                stdout(&made).trim(),
                server.address()
            );
            addresses.push(server.address().to_owned());
            servers.push(server);
        }
        log += "group both all patients guardian\nquorum both\n";
        fs::write(data.path().join("policy.txt"), log).unwrap();
        let settings = data.path().join("tracegate.toml");
        let text = fs::read_to_string(&settings).unwrap();
        let text = text.replacen("[log]\n", "[log]\npolicy_file = \"policy.txt\"\n", 1);
        fs::write(settings, text).unwrap();
        (Witnessed { data, addresses }, servers)
    }

    pub fn policy(&self) -> String {
        self.data.text("policy.txt")
    }

    /// Starts the second witness again, with its memory and where it was.
    pub fn second_again(&self) -> Server {
        self.start_again(1)
    }

    /// Kills the witnesses and starts them again, one after the other.
    pub fn again(&self, witnesses: Vec<Server>) -> Vec<Server> {
        let again = |(number, witness): (usize, Server)| {
            witness.kill();
            self.start_again(number)
        };
        witnesses.into_iter().enumerate().map(again).collect()
    }

    fn start_again(&self, number: usize) -> Server {
        let (name, address) = (WITNESSES[number].0, &self.addresses[number]);
        let address = address.strip_prefix("http://").unwrap();
        witness(&self.data, name, address, &[])
    }

    /// Sends one request; once it is traced there are four entries more.
    fn send(&self, server: &Server, number: usize) {
        let officer = server.client(&self.data.token("dc-amara-osei"));
        let request = police_request(&self.data.plain_person(20 + number));
        let key = format!("witness-{number}");
        let reply = officer.post("/api/v1/requests", &[("x-request-id", &key)], &request);
        Client::expect(202, reply);
    }
}

fn witness(data: &Data, name: &str, listen: &str, more: &[&str]) -> Server {
    let key = data.text(&format!("{name}.key"));
    let (logs, state) = (data.text("logs.txt"), data.text(&format!("{name}.sqlite")));
    let args = [
        "witness", "serve", "--key", &key, "--logs", &logs, "--state", &state,
    ];
    let listen = ["--listen", listen];
    Server::run(args.into_iter().chain(listen).chain(more.iter().copied()))
}

fn is_published(health: &Value) -> bool {
    health["recorded"] == health["published"]
}

fn folder(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn nothing_is_public_without_the_quorum() {
    let (gate, mut witnesses) = Witnessed::new();
    let server = Server::start(&gate.data);
    let client = server.client("");
    let (_, begun) = client.wait("/health", is_published);
    gate.send(&server, 1);
    let traced = begun["recorded"].as_u64().unwrap() + 4;
    client.wait("/health", |health| health["published"] == traced);
    let (log, policy) = (format!("{}/log", server.address()), gate.policy());
    let verified = tracegate(["ledger", "verify", &log, "--policy", &policy]);
    assert!(verified.status.success(), "{}", stderr(&verified));
    for (name, _) in WITNESSES {
        assert!(stdout(&verified).contains(&format!("witness   {name} at 20")));
    }
    // From the address to a proof that needs nobody any more.
    let out = gate.data.text("7.tlog-proof");
    let made = tracegate([
        "ledger", "prove", &log, "7", "--policy", &policy, "--out", &out,
    ]);
    assert!(made.status.success(), "{}", stderr(&made));
    let checked = tracegate([
        "ledger", "check", &out, "--policy", &policy, "--format", "json",
    ]);
    let checked: Value = serde_json::from_str(&stdout(&checked)).unwrap();
    assert_eq!(
        (&checked["verified"], &checked["index"]),
        (&json!(true), &json!(7))
    );
    // The mirror holds the same log, and a monitor remembers its head.
    let (out, state) = (gate.data.text("copy"), gate.data.text("watch"));
    let copied = tracegate([
        "witness", "mirror", &log, "--policy", &policy, "--once", "--out", &out,
    ]);
    assert!(copied.status.success(), "{}", stderr(&copied));
    assert!(
        tracegate(["ledger", "verify", &out, "--policy", &policy])
            .status
            .success()
    );
    let monitor = [
        "ledger", "monitor", &log, "--policy", &policy, "--state", &state, "--once",
    ];
    assert!(tracegate(monitor).status.success());

    // One of the two interests is gone: entries are recorded, and wait.
    witnesses.pop().unwrap().kill();
    gate.send(&server, 2);
    let waits = |health: &Value| !health["log_why"].is_null();
    let (_, health) = client.wait("/health", waits);
    assert_eq!(health["published"], traced);
    let why = health["log_why"].as_str().unwrap();
    assert!(why.contains("only `patients` cosigned"), "{why}");
    assert!(
        tracegate(["ledger", "verify", &log, "--policy", &policy])
            .status
            .success()
    );
    witnesses.push(gate.second_again());
    client.wait("/health", is_published);
    let (_, health) = client.wait("/health", |health| health["log"] == "ok");
    assert!(health["published"].as_u64() > Some(traced));
}

/// Database, log and state file all come from yesterday's backup: only the witnesses know.
#[test]
fn an_older_copy_is_neither_signed_nor_released() {
    let (gate, _witnesses) = Witnessed::new();
    let backup = gate.data.path().join("backup");
    let parts = ["log", "tracegate.sqlite", "log.state"];
    fs::create_dir(&backup).unwrap();
    for part in parts {
        take(&gate.data.path().join(part), &backup.join(part));
    }
    let server = Server::start(&gate.data);
    let (_, begun) = server.client("").wait("/health", is_published);
    gate.send(&server, 1);
    let grown = |health: &Value| health["published"].as_u64() > begun["published"].as_u64();
    server.client("").wait("/health", grown);
    server.kill();
    for part in parts
        .into_iter()
        .chain(["tracegate.sqlite-wal", "tracegate.sqlite-shm"])
    {
        let path = gate.data.path().join(part);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else if path.exists() {
            fs::remove_file(&path).unwrap();
        }
    }
    for part in parts {
        take(&backup.join(part), &gate.data.path().join(part));
    }
    let head = fs::read(gate.data.path().join("log/checkpoint")).unwrap();
    let server = Server::start(&gate.data);
    gate.send(&server, 2);
    let client = server.client("");
    let why = why_stopped(&client);
    assert!(why.contains("this is an older copy"), "{why}");
    assert_eq!(
        fs::read(gate.data.path().join("log/checkpoint")).unwrap(),
        head
    );
    // Reading goes on.
    let officer = server.client(&gate.data.token("dc-amara-osei"));
    Client::expect(200, officer.get("/api/v1/requests"));
}

/// Waits until the log is stopped for good; what the health page says of it.
fn why_stopped(client: &Client) -> String {
    let health = (0..200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let (status, _, health) = client.get("/health")?;
        (status == 503 && health["log"] == "stopped").then_some(health)
    });
    let health = health.expect("nothing was noticed");
    health["log_why"].as_str().unwrap().to_owned()
}

fn take(from: &Path, to: &Path) {
    if from.is_dir() {
        copy(from, to);
    } else {
        fs::copy(from, to).unwrap();
    }
}

/// Whoever holds the log's key can rewrite everything; whoever saw a head before notices.
#[test]
fn a_rewritten_history_is_found_through_whoever_watched() {
    let (first, second) = (Data::new(), Data::new());
    let key = first.text("log.vkey");
    let state = first.text("watch");
    let monitor = |log: &str| {
        tracegate([
            "ledger", "monitor", log, "--key", &key, "--state", &state, "--once",
        ])
    };
    assert!(monitor(&first.text("log")).status.success());
    assert!(monitor(&first.text("log")).status.success());
    // The gate itself does not sign what was not recorded, even where it forgot all it signed.
    fs::remove_dir_all(second.path().join("log")).unwrap();
    fs::remove_file(second.path().join("log.state")).unwrap();
    let rewritten = second.path().join("tracegate.sqlite");
    alter_an_entry(&rewritten);
    let server = Server::start(&second);
    let why = why_stopped(&server.client(""));
    assert!(why.contains("is not what was committed to"), "{why}");
    server.kill();
    assert!(!second.path().join("log/checkpoint").exists());
    // Somebody who has taken the key writes another history with it.
    rewrite(&first, &second.path().join("log"));
    let log = second.text("log");
    assert!(
        tracegate(["ledger", "verify", &log, "--key", &key])
            .status
            .success()
    );
    let before = fs::read(&state).unwrap();
    let found = monitor(&log);
    assert_eq!(found.status.code(), Some(4));
    assert!(stderr(&found).contains("ALARM: "), "{}", stderr(&found));
    assert_eq!(
        fs::read(&state).unwrap(),
        before,
        "the head seen first is kept"
    );
    assert!(
        fs::read_to_string(format!("{state}.evidence"))
            .unwrap()
            .contains("log.northmoor")
    );
}

/// Signs a log with the entries of another, one altered and one more, with its own key.
fn rewrite(original: &Data, log: &Path) {
    let text = |name: &str| fs::read_to_string(original.path().join(name)).unwrap();
    let public: VerifierKey = text("log.vkey").trim().parse().unwrap();
    let mut entries = Vec::new();
    let each = |_: u64, entry: &[u8]| entries.push(entry.to_vec());
    ledger::verify_each(&original.path().join("log"), &public, each).unwrap();
    entries[0][40] ^= 1;
    entries.push(entries[1].clone());
    let key: SignerKey = text("log.key").trim().parse().unwrap();
    let stolen = log.with_file_name("stolen.state");
    let mut publisher = Publisher::open(log, stolen, key).unwrap();
    publisher.publish(0, &entries).unwrap();
}

/// Flips a bit of an early entry in the database, in every copy of its bytes.
fn alter_an_entry(database: &Path) {
    let log = database.with_file_name("log");
    assert!(!log.exists());
    let original = Data::new();
    let bundle = fs::read(original.path().join("log/tile/entries/000"));
    let bundle = bundle.or_else(|_| {
        let partial = fs::read_dir(original.path().join("log/tile/entries/000.p")).unwrap();
        fs::read(partial.last().unwrap().unwrap().path())
    });
    let entry = bundle.unwrap()[2..73].to_vec();
    let mut bytes = fs::read(database).unwrap();
    let places: Vec<usize> = (0..bytes.len() - entry.len())
        .filter(|&at| bytes[at..at + entry.len()] == entry)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at + 40] ^= 1;
    }
    fs::write(database, bytes).unwrap();
}

#[test]
fn a_witness_does_not_begin_with_an_empty_memory() {
    let data = Data::new();
    let key = data.text("w.key");
    tracegate(["keys", "generate", "witness", "--name", "w", "--out", &key]);
    let serve = |key: &str, state: &str| {
        let logs = data.text("log.vkey");
        tracegate([
            "witness", "serve", "--key", key, "--logs", &logs, "--state", state,
        ])
    };
    let missing = serve(&key, &data.text("none.sqlite"));
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        stderr(&missing).contains("pass `--create`"),
        "{}",
        stderr(&missing)
    );
    let foreign = serve(&key, &data.text("tracegate.sqlite"));
    assert_eq!(foreign.status.code(), Some(1), "{}", stderr(&foreign));
    let wrong = serve(&data.text("log.key"), &data.text("none.sqlite"));
    assert!(
        stderr(&wrong).contains("is a log's key"),
        "{}",
        stderr(&wrong)
    );
    let shown = tracegate(["keys", "show", &key]);
    assert!(stdout(&shown).starts_with("w+"), "{}", folder(&data.path()));
}
