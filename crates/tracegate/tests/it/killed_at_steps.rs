//! `kill -9` as soon as the service says that it begins a step of appending, signing, witnessing or
//! publishing, and again: never two roots for one size, nothing lost, nothing repeated.

use std::collections::BTreeMap;
use std::fs;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::kill::kinds;
use crate::support::{Client, Data, Server, police_request, stderr, tracegate};
use crate::witness::Witnessed;

/// What the service says of its steps, in their order.
const STEPS: [&str; 8] = [
    "begins transaction=\"apply\"",
    " commits transaction=\"apply\"",
    "has committed transaction=\"apply\"",
    " signs recorded=",
    "has signed",
    "asks the witnesses",
    "makes the head public",
    "the head is public",
];

/// Every head that was ever seen: the root of each size.
#[derive(Debug, Default)]
struct Heads(BTreeMap<u64, String>);

impl Heads {
    fn look(&mut self, data: &Data) {
        for file in ["log/checkpoint", "log.state"] {
            let Ok(note) = fs::read_to_string(data.path().join(file)) else {
                continue;
            };
            let lines: Vec<&str> = note.lines().collect();
            let (size, root) = (lines[1].parse().unwrap(), lines[2].to_owned());
            let known = self.0.entry(size).or_insert_with(|| root.clone());
            assert_eq!(*known, root, "two roots for size {size}");
        }
    }
}

/// Waits until the service says it.
fn wait_for(told: &Receiver<String>, step: &str) {
    // Some ten lines a second at rest: so many lines without it are half a minute or a great deal of work.
    for _ in 0..2_000 {
        let line = told.recv_timeout(Duration::from_secs(20));
        let line = line.unwrap_or_else(|_| panic!("it stopped before `{step}`"));
        if line.contains(step) {
            return;
        }
    }
    panic!("it never said `{step}`");
}

/// Sends a request under this number; the case, if the reply still came.
fn send(officer: &Client, number: usize, person: &Value) -> Option<String> {
    let key = format!("killed-at-step-{number}");
    let headers = [("x-request-id", key.as_str())];
    let mut request = police_request(person);
    // Within the budget of every officer.
    request["requester"]["officer_id"] = json!(format!("officer-{}", number / 5));
    let (status, _, body) = officer.post("/api/v1/requests", &headers, &request)?;
    assert_eq!(status, 202, "{body}");
    Some(body["case"].as_str().unwrap().to_owned())
}

#[test]
fn killed_at_each_step_nothing_is_lost_repeated_or_signed_twice() {
    let (gate, mut witnesses) = Witnessed::new();
    let token = gate.data.token("dc-amara-osei");
    let people: Vec<Value> = (0..STEPS.len() + 2)
        .map(|skip| gate.data.plain_person(40 + skip))
        .collect();
    let mut heads = Heads::default();
    let mut acknowledged = BTreeMap::new();
    for (number, step) in STEPS.iter().enumerate() {
        let (server, told) = Server::start_telling(&gate.data);
        server
            .client("")
            .wait("/health", |health| health["log"] == "ok");
        while told.try_recv().is_ok() {}
        let (officer, person) = (server.client(&token), people[number].clone());
        let reply = thread::spawn(move || send(&officer, number, &person));
        wait_for(&told, step);
        server.kill();
        heads.look(&gate.data);
        if let Some(id) = reply.join().unwrap() {
            acknowledged.insert(number, id);
        }
    }
    let (server, told) = Server::start_telling(&gate.data);
    let officer = server.client(&token);
    // The witness itself is killed while it is asked.
    for (number, person) in people.iter().enumerate().skip(STEPS.len()) {
        let id = send(&officer, number, person).unwrap();
        acknowledged.insert(number, id);
        wait_for(&told, "asks the witnesses");
        witnesses.pop().unwrap().kill();
        heads.look(&gate.data);
        witnesses.push(gate.second_again());
    }
    for (number, person) in people.iter().enumerate() {
        let id = send(&officer, number, person).unwrap();
        let known = acknowledged.entry(number).or_insert_with(|| id.clone());
        assert_eq!(*known, id, "sent again, a request keeps its reference");
    }
    let caseworker = server.client(&gate.data.token("cw-sofia-lindqvist"));
    for id in acknowledged.values() {
        let path = format!("/api/v1/cases/{id}");
        let (_, case) = caseworker.wait(&path, |case| case["state"] == "casework_review");
        let done = [
            "Request received",
            "Judged against the agreement",
            "Trace started",
            "Traced",
        ];
        assert_eq!(kinds(&case), done, "{id}");
    }
    let is_done = |health: &Value| health["recorded"] == health["published"];
    officer.wait("/health", is_done);
    heads.look(&gate.data);
    server.kill();
    // The one before, the one signed and not yet public, the last; how many more is a matter of speed.
    assert!(heads.0.len() >= 3, "{heads:?}");
    let (log, policy) = (gate.data.text("log"), gate.policy());
    let verified = tracegate(["ledger", "verify", &log, "--policy", &policy]);
    assert!(verified.status.success(), "{}", stderr(&verified));
    let doctor = tracegate(["doctor", "--data", &gate.data.text("")]);
    assert!(doctor.status.success(), "{}", stderr(&doctor));
}
