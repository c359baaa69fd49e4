//! Two clients of one agency: one asks, and nothing is sent before the other has signed.

use serde_json::{Value, json};

use crate::support::{Client, Data, Server, police_request};

const DRAFTS: &str = "/api/v1/requests/drafts";

/// Hands in a request; the address of its draft.
fn begin(client: &Client, request: &Value) -> String {
    let (_, begun) = Client::expect(201, client.post(DRAFTS, &[], request));
    assert_eq!(begun["status"], "waits_for_signature");
    format!("{DRAFTS}/{}", begun["draft"].as_str().unwrap())
}

#[test]
fn what_one_client_asks_is_sent_when_another_has_signed() {
    let data = Data::new();
    let server = Server::start(&data);
    let client = |persona: &str| server.client(&data.token(persona));
    let (officer, inspector) = (client("dc-amara-osei"), client("insp-ruth-hale"));
    let person = data.plain_person(5);
    let mut request = police_request(&person);
    request["authoriser"]["officer_id"] = json!("somebody-else");
    let draft = begin(&officer, &request);

    let surname = person["surname"].as_str().unwrap();
    let (_, list) = Client::expect(200, inspector.get(DRAFTS));
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert!(!list.to_string().contains(surname), "{list}");
    let (etag, waiting) = Client::expect(200, inspector.get(&draft));
    assert_eq!(waiting["request"]["subject"]["surname"], surname);
    assert_eq!(
        waiting["request"]["authoriser"],
        Value::Null,
        "what a machine says of a signature counts for nothing"
    );

    let (path, rank) = (format!("{draft}/signature"), json!({ "rank": "inspector" }));
    let seen = [("if-match", etag.as_str())];
    Client::expect(403, officer.post(&path, &seen, &rank));
    let court = client("judge-helen-adeyemi");
    Client::expect(404, court.post(&path, &seen, &rank));
    let low = json!({ "rank": "constable" });
    Client::expect(403, inspector.post(&path, &seen, &low));
    let stale = [("if-match", "\"7\"")];
    Client::expect(409, inspector.post(&path, &stale, &rank));
    let (_, sent) = Client::expect(202, inspector.post(&path, &seen, &rank));
    Client::expect(404, officer.get(&draft));

    let case = format!("/api/v1/cases/{}", sent["case"].as_str().unwrap());
    let caseworker = client("cw-sofia-lindqvist");
    let (_, case) = caseworker.wait(&case, |case| case["state"] == "casework_review");
    let asked = &case["request"];
    assert_eq!(asked["authoriser"]["officer_id"], "insp-ruth-hale");
    assert_eq!(asked["requester"]["officer_id"], "dc-amara-osei");
}

#[test]
fn nobody_signs_alone_or_asks_in_the_name_of_another() {
    let data = Data::new();
    let server = Server::start(&data);
    let client = |persona: &str| server.client(&data.token(persona));
    let inspector = client("insp-ruth-hale");
    let mut request = police_request(&data.plain_person(6));
    Client::expect(403, inspector.post(DRAFTS, &[], &request));
    request["requester"]["officer_id"] = json!("insp-ruth-hale");
    let draft = begin(&inspector, &request);
    let (etag, _) = Client::expect(200, inspector.get(&draft));
    let (path, seen) = (format!("{draft}/signature"), [("if-match", etag.as_str())]);
    let rank = json!({ "rank": "inspector" });
    let (_, refused) = Client::expect(403, inspector.post(&path, &seen, &rank));
    let why = refused["detail"].as_str().unwrap();
    assert!(why.contains("another person must"), "{refused}");
}
