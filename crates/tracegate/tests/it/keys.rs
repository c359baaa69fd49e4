//! The log's key changes hands while requests come in.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ledger::{Leaf, VerifierKey};
use serde_json::Value;

use crate::support::{Client, Data, Server, police_request, stderr, stdout, tracegate};
use crate::witness::Witnessed;

/// Requests sent in all, within the agreement's budget of 50 a day.
const REQUESTS: usize = 45;

/// An agency that sends one request after the other, each until it is acknowledged.
struct Agency {
    client: Arc<Mutex<Client>>,
    allowed: Arc<AtomicUsize>,
    sent: Arc<AtomicUsize>,
}

impl Agency {
    fn of(data: &Data, client: Client) -> Agency {
        let people: Vec<Value> = (0..REQUESTS).map(|skip| data.plain_person(skip)).collect();
        let agency = Agency {
            client: Arc::new(Mutex::new(client)),
            allowed: Arc::default(),
            sent: Arc::default(),
        };
        let (client, sent) = (Arc::clone(&agency.client), Arc::clone(&agency.sent));
        let allowed = Arc::clone(&agency.allowed);
        thread::spawn(move || {
            for (number, person) in people.iter().enumerate() {
                let (key, request) = (format!("rotate-{number}"), police_request(person));
                let post = || {
                    let client = client.lock().unwrap().clone();
                    client.post("/api/v1/requests", &[("x-request-id", &key)], &request)
                };
                while allowed.load(Ordering::Relaxed) <= number || post().is_none() {
                    thread::sleep(Duration::from_millis(5));
                }
                sent.fetch_add(1, Ordering::Relaxed);
            }
        });
        agency
    }

    /// Sends some more.
    fn send(&self) {
        self.allowed.fetch_add(REQUESTS / 5, Ordering::Relaxed);
    }

    /// Sends some more, while the service is killed and started again, with the settings as they are now;
    /// until all of it is public.
    fn through_a_restart(&self, data: &Data, server: Server, token: &str) -> Server {
        self.send();
        thread::sleep(Duration::from_millis(30));
        server.kill();
        let server = Server::start(data);
        *self.client.lock().unwrap() = server.client(token);
        self.wait();
        server.client("").wait("/health", |health| {
            health["published"] == health["recorded"]
        });
        server
    }

    /// Waits until all that was sent is acknowledged.
    fn wait(&self) {
        while self.sent.load(Ordering::Relaxed) < self.allowed.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// What a command printed that must succeed.
fn printed<'a>(args: impl IntoIterator<Item = &'a str>) -> String {
    let done = tracegate(args);
    assert!(done.status.success(), "{}", stderr(&done));
    stdout(&done)
}

fn edit(data: &Data, from: &str, to: &str) {
    let settings = data.path().join("tracegate.toml");
    let text = fs::read_to_string(&settings).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(settings, text.replacen(from, to, 1)).unwrap();
}

/// How many entries of this kind are in the log, as whoever holds this key sees it; `None` if the key does
/// not verify.
fn count(data: &Data, key: &str, kind: u16) -> Option<usize> {
    let key: VerifierKey = key.parse().unwrap();
    let mut kinds = Vec::new();
    let each = |_: u64, entry: &[u8]| kinds.push(Leaf::decode(entry).unwrap().kind.0);
    ledger::verify_each(&data.path().join("log"), &key, each).ok()?;
    Some(kinds.into_iter().filter(|one| *one == kind).count())
}

#[test]
fn one_key_takes_over_from_the_other_while_requests_come_in() {
    let data = Data::new();
    let token = data.token("dc-amara-osei");
    let server = Server::start(&data);
    let agency = Agency::of(&data, server.client(&token));
    agency.send();
    agency.wait();
    let (folder, out) = (data.text(""), data.text("log-next.key"));
    let old = fs::read_to_string(data.path().join("log.vkey")).unwrap();
    let new = printed(["keys", "rotate", "--data", &folder, "--out", &out]);
    let (old, new) = (old.trim(), new.trim());
    let again = |server| agency.through_a_restart(&data, server, &token);

    let overlap = "next_key_file = \"log-next.key\"\nmarks_key_file = \"log.key\"\n";
    let one = "key_file = \"log.key\"\n";
    edit(&data, one, &[one, overlap].concat());
    let server = again(server);
    for key in [old, new] {
        assert_eq!(
            count(&data, key, 70),
            Some(1),
            "both verify, and it is an entry"
        );
    }
    let status = stdout(&tracegate(["keys", "status", "--data", &folder]));
    assert_eq!(
        status.matches("has signed the public head of").count(),
        2,
        "{status}"
    );
    let twice = tracegate([
        "keys",
        "rotate",
        "--data",
        &folder,
        "--out",
        &data.text("x"),
    ]);
    assert!(
        stderr(&twice).contains("already taking over"),
        "{}",
        stderr(&twice)
    );

    edit(&data, one, "");
    edit(&data, "next_key_file", "key_file");
    let server = again(server);
    assert_eq!(count(&data, new, 70), Some(1));
    assert_eq!(count(&data, new, 71), Some(1));
    assert_eq!(
        count(&data, old, 70),
        None,
        "the old key signs nothing any more"
    );
    // Started once more, nothing is said twice.
    let server = again(server);
    assert_eq!(count(&data, new, 71), Some(1));
    server.kill();
}

/// The same where two witnesses, of both kinds of key, must cosign every head. They get the new key first,
/// as the runbook says, and are started again themselves.
#[test]
fn a_key_takes_over_under_the_eyes_of_witnesses() {
    let (gate, witnesses) = Witnessed::new();
    let (data, policy) = (&gate.data, gate.policy());
    let token = data.token("dc-amara-osei");
    let server = Server::start(data);
    let agency = Agency::of(data, server.client(&token));
    let old = fs::read_to_string(data.path().join("log.vkey")).unwrap();
    let out = data.text("log-next.key");
    let new = printed(["keys", "rotate", "--data", &data.text(""), "--out", &out]);
    let (old, new) = (old.trim(), new.trim());
    let (only_old, only_new) = (data.text("old.txt"), data.text("new.txt"));
    let both = fs::read_to_string(&policy).unwrap();
    fs::write(&only_old, &both).unwrap();
    fs::write(&only_new, both.replace(old, new)).unwrap();
    fs::write(&policy, format!("log {new}\n{both}")).unwrap();
    fs::write(data.path().join("logs.txt"), format!("{old}\n{new}\n")).unwrap();
    let verify = |policy: &str| {
        let verified = tracegate(["ledger", "verify", &data.text("log"), "--policy", policy]);
        let seen = ["patients", "guardian"].map(|name| format!("witness   {name} at 20"));
        let cosigned = seen.iter().all(|line| stdout(&verified).contains(line));
        assert_eq!(verified.status.success(), cosigned, "{}", stdout(&verified));
        verified.status.success()
    };

    let server = agency.through_a_restart(data, server, &token);
    assert!(verify(&only_old) && !verify(&only_new), "before");
    agency.send();
    let _witnesses = gate.again(witnesses);
    agency.wait();
    let overlap = "next_key_file = \"log-next.key\"\nmarks_key_file = \"log.key\"\n";
    let one = "key_file = \"log.key\"\n";
    edit(data, one, &[one, overlap].concat());
    let server = agency.through_a_restart(data, server, &token);
    for policy in [&policy, &only_old, &only_new] {
        assert!(verify(policy), "whoever knows either key, while both sign");
    }
    edit(data, one, "");
    edit(data, "next_key_file", "key_file");
    let server = agency.through_a_restart(data, server, &token);
    assert!(verify(&policy) && verify(&only_new) && !verify(&only_old));
    assert_eq!(
        (count(data, new, 70), count(data, new, 71)),
        (Some(1), Some(1))
    );
    let (_, metrics) = Client::expect(200, server.client("").get("/metrics"));
    let metrics = metrics.as_str().unwrap();
    for name in ["patients", "guardian"] {
        let never =
            format!("tracegate_witness_cosigned_timestamp_seconds{{witness=\"{name}\"}} 0\n");
        let line = never.strip_suffix("0\n").unwrap();
        assert!(
            metrics.contains(line) && !metrics.contains(&never),
            "{metrics}"
        );
    }
    server.kill();
}

/// A new year: the log goes on under another name and key, with every entry at its old place.
#[test]
fn next_years_log_continues_this_years() {
    let data = Data::new();
    let (folder, out) = (data.text(""), data.text("log-2027.key"));
    let (last, last_key) = (data.text("last.checkpoint"), data.text("last.vkey"));
    fs::copy(data.path().join("log/checkpoint"), &last).unwrap();
    fs::copy(data.path().join("log.vkey"), &last_key).unwrap();
    let name = "log.northmoor.example/2027";
    let new = printed(["keys", "generate", "log", "--name", name, "--out", &out]);
    let new = new.trim();
    let year = "key_file = \"log-2027.key\"\nmarks_key_file = \"log.key\"\nfollows_file = \"last.checkpoint\"\n";
    edit(&data, "key_file = \"log.key\"\n", year);
    edit(&data, "folder = \"log\"", "folder = \"log-2027\"");
    edit(
        &data,
        "state_file = \"log.state\"",
        "state_file = \"log-2027.state\"",
    );
    let server = Server::start(&data);
    server.client("").wait("/health", |health| {
        health["published"] == health["recorded"]
    });
    server.kill();
    let log = data.text("log-2027");
    let continues = |last: &str| {
        tracegate([
            "ledger",
            "continues",
            last,
            &log,
            "--last-key",
            &last_key,
            "--key",
            new,
        ])
    };
    let checked = continues(&last);
    assert!(checked.status.success(), "{}", stderr(&checked));
    // Another log of this year, shorter by an entry and signed by the same key, is not continued.
    let text = fs::read_to_string(data.path().join("log.key")).unwrap();
    let key: ledger::SignerKey = text.trim().parse().unwrap();
    let (other, state) = (data.path().join("other"), data.path().join("other.state"));
    let mut publisher = ledger::Publisher::open(&other, state, key).unwrap();
    publisher.publish(0, &[b"another entry"]).unwrap();
    let refused = continues(&data.text("other/checkpoint"));
    assert_eq!(refused.status.code(), Some(4), "{}", stdout(&refused));
    // Nor does the gate begin to sign in the name of a log that it does not continue.
    fs::copy(other.join("checkpoint"), &last).unwrap();
    let refused = tracegate(["demo", "--listen", "127.0.0.1:0", "--data", &folder]);
    assert!(
        stderr(&refused).contains("is not a checkpoint of this database"),
        "{}",
        stderr(&refused)
    );
}
