//! Killing the process at any moment and starting it again loses and repeats nothing.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Client, Data, Server, police_request, stdout, tracegate};

/// Times the process is killed, each after another while.
const ROUNDS: u64 = 6;
/// Requests sent in each round; all rounds together stay within the agreement's budget of 50 a day.
const REQUESTS: usize = 7;

#[test]
fn killed_in_a_loop_nothing_is_lost_or_repeated() {
    let data = Data::new();
    let people: Vec<Value> = (7..7 + ROUNDS as usize * REQUESTS)
        .map(|skip| data.plain_person(skip))
        .collect();
    let token = data.token("dc-amara-osei");
    let before = count(&data);
    let mut acknowledged: BTreeMap<String, String> = BTreeMap::new();
    for round in 0..ROUNDS {
        let server = Server::start(&data);
        let replies = send(&server.client(&token), &people, round, IMPATIENT);
        // From the first write to well into tracing and publishing.
        thread::sleep(Duration::from_millis(7 + round * 60));
        server.kill();
        for (key, id) in replies {
            let known = acknowledged.insert(key, id.clone());
            assert!(known.is_none_or(|known| known == id));
        }
    }
    let server = Server::start(&data);
    let officer = server.client(&token);
    for round in 0..ROUNDS {
        // Everything is sent once more, as a careful client would after a crash.
        for (key, id) in send(&officer, &people, round, PATIENT) {
            let known = acknowledged.entry(key).or_insert_with(|| id.clone());
            assert_eq!(*known, id, "sent again, a request keeps its reference");
        }
    }
    assert_eq!(acknowledged.len(), ROUNDS as usize * REQUESTS);
    let caseworker = server.client(&data.token("cw-sofia-lindqvist"));
    for id in acknowledged.values() {
        let path = format!("/api/v1/cases/{id}");
        let (_, case) = caseworker.wait(&path, |case| case["state"] == "casework_review");
        assert_eq!(
            kinds(&case),
            [
                "Request received",
                "Judged against the agreement",
                "Trace started",
                "Traced"
            ]
        );
    }
    // Once everything is published the server only waits, and is killed a last time.
    officer.wait("/health", |health| {
        health["recorded"] == health["published"]
    });
    server.kill();
    assert_eq!(count(&data), before + acknowledged.len());
    let (log, key) = (data.text("log"), data.text("log.vkey"));
    let verified = tracegate(["ledger", "verify", &log, "--key", &key]);
    assert!(verified.status.success(), "{verified:?}");
    assert!(stdout(&verified).contains("log verified"));
}

/// How long a client that is about to lose its server waits for the next reply.
const IMPATIENT: Duration = Duration::from_millis(40);
/// How long a client waits that wants every reply.
const PATIENT: Duration = Duration::from_secs(30);

/// Sends one round's requests side by side; the acknowledged ones come back.
fn send(
    officer: &Client,
    people: &[Value],
    round: u64,
    patience: Duration,
) -> Vec<(String, String)> {
    let (done, replies) = mpsc::channel();
    for number in 0..REQUESTS {
        let (officer, done) = (officer.clone(), done.clone());
        let mut request = police_request(&people[round as usize * REQUESTS + number]);
        // Many people, asked for by many officers: within every budget.
        request["requester"]["officer_id"] = json!(format!("officer-{round}"));
        thread::spawn(move || {
            let key = format!("kill-{round:03}-{number:03}");
            let headers = [("x-request-id", key.as_str())];
            if let Some((202, _, body)) = officer.post("/api/v1/requests", &headers, &request) {
                let id = body["case"].as_str().unwrap().to_owned();
                done.send((key, id)).ok();
            }
        });
    }
    drop(done);
    // Stops waiting when the server is about to be killed; late replies are lost like in life.
    let mut acknowledged = Vec::new();
    while let Ok(reply) = replies.recv_timeout(patience) {
        acknowledged.push(reply);
    }
    acknowledged
}

pub fn kinds(case: &Value) -> Vec<&str> {
    let history = case["history"].as_array().unwrap();
    history
        .iter()
        .map(|line| line["what"].as_str().unwrap())
        .collect()
}

/// Requests received, as the operator counts them.
fn count(data: &Data) -> usize {
    let path = data.path();
    let output = tracegate([
        "statistics",
        "--format",
        "json",
        "--data",
        path.to_str().unwrap(),
    ]);
    let counted: Value = serde_json::from_slice(&output.stdout).unwrap();
    counted["total"]["received"].as_u64().unwrap() as usize
}
