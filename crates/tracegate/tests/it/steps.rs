//! Steps beside the straight way, through the interface.

use serde_json::{Value, json};

use crate::support::{Client, Data, Server, police_request, stderr, tracegate};

const OFFICER: &str = "dc-amara-osei";
const CASEWORKER: &str = "cw-sofia-lindqvist";
const GUARDIAN: &str = "cg-dr-miriam-okafor";
const SECOND_GUARDIAN: &str = "cg-dr-anton-keller";

struct Desk {
    data: Data,
    server: Server,
}

impl Desk {
    fn open() -> Desk {
        let data = Data::new();
        let server = Server::start(&data);
        Desk { data, server }
    }

    fn client(&self, persona: &str) -> Client {
        self.server.client(&self.data.token(persona))
    }

    /// An emergency, which waits for a person to choose its way.
    fn urgent(&self, key: &str) -> String {
        let mut request = police_request(&self.data.plain_person(0));
        request["priority"] = json!("emergency");
        let headers = [("x-request-id", key)];
        let officer = self.client(OFFICER);
        let sent = officer.post("/api/v1/requests", &headers, &request);
        let (_, body) = Client::expect(202, sent);
        body["case"].as_str().unwrap().to_owned()
    }

    /// The agency confirms, when called back, that it asks; the case with this.
    fn call_back(&self, id: &str) -> Value {
        let case = format!("/api/v1/cases/{id}");
        let judged = |case: &Value| case["checks"]["answers"][0] != Value::Null;
        self.client(CASEWORKER).wait(&case, judged);
        let known = json!({ "met": true, "reason": "The control room knows of it." });
        self.step(CASEWORKER, &case, "clauses/requester", &known, 200)
    }

    /// Takes a step on what this person sees of `path` now.
    fn step(&self, by: &str, path: &str, step: &str, body: &Value, status: u16) -> Value {
        let client = self.client(by);
        let (etag, _) = Client::expect(200, client.get(path));
        let seen = [("if-match", etag.as_str())];
        let reply = client.post(&format!("{path}/{step}"), &seen, body);
        Client::expect(status, reply).1
    }
}

#[test]
fn an_emergency_is_declared_released_reviewed_and_recalled() {
    let desk = Desk::open();
    let id = desk.urgent("urgent-0001");
    desk.call_back(&id);
    let (case, request) = (
        format!("/api/v1/cases/{id}"),
        format!("/api/v1/requests/{id}"),
    );
    desk.client(CASEWORKER)
        .wait(&case, |case| case["state"] == "checked");
    let views =
        json!({ "necessity": "n", "public_interest": "p", "harm": "h", "public_health": "none" });
    let draft = json!({ "fields": ["last_known_address"], "gateway": "L3", "views": views });
    desk.step(GUARDIAN, &case, "emergency/release", &json!({}), 409);
    let declared = desk.step(CASEWORKER, &case, "emergency", &draft, 200);
    assert_eq!(declared["emergency"]["gateway"], "L3", "{declared}");
    desk.step(CASEWORKER, &case, "emergency/release", &json!({}), 403);
    let released = desk.step(GUARDIAN, &case, "emergency/release", &json!({}), 200);
    assert_eq!(released["state"], "emergency_pending", "{released}");

    let officer = desk.client(OFFICER);
    let key = [("x-request-id", "urgent-collect")];
    let record = loop {
        match officer
            .post(&format!("{request}/collection"), &key, &json!({}))
            .unwrap()
        {
            (503, ..) => std::thread::sleep(std::time::Duration::from_millis(100)),
            (status, _, body) => break (status, body),
        }
    };
    assert_eq!(record.0, 200, "{}", record.1);
    assert_eq!(record.1["record"][0]["field"], "last_known_address");
    let view = json!({ "own_view": "it could have waited" });
    desk.step(GUARDIAN, &case, "own-view", &view, 403);
    let review = json!({ "agree": false });
    desk.step(SECOND_GUARDIAN, &case, "emergency/review", &review, 409);
    let before = desk.client(SECOND_GUARDIAN).get(&case);
    assert_eq!(Client::expect(200, before).1["draft"], Value::Null);
    let viewed = desk.step(SECOND_GUARDIAN, &case, "own-view", &view, 200);
    assert_eq!(viewed["draft"]["gateway"], "L3", "{viewed}");
    let recalled = desk.step(SECOND_GUARDIAN, &case, "emergency/review", &review, 200);
    assert_eq!(recalled["state"], "recalled");
    desk.step(OFFICER, &request, "destruction", &json!({}), 200);
    let (_, answer) = Client::expect(200, officer.get(&request));
    assert_eq!(answer["status"], "closed");
}

#[test]
fn a_question_is_asked_and_answered() {
    let desk = Desk::open();
    let id = desk.urgent("question-0001");
    desk.call_back(&id);
    let (case, request) = (
        format!("/api/v1/cases/{id}"),
        format!("/api/v1/requests/{id}"),
    );
    desk.client(CASEWORKER)
        .wait(&case, |case| case["state"] == "checked");
    let question = json!({ "question": "which force is it for?" });
    desk.step(CASEWORKER, &case, "question", &question, 200);
    let (_, told) = Client::expect(200, desk.client(OFFICER).get(&request));
    assert_eq!(told["message"], "which force is it for?");
    desk.step(OFFICER, &request, "answer", &json!({ "answer": " " }), 409);
    desk.step(
        OFFICER,
        &request,
        "answer",
        &json!({ "answer": "ours" }),
        200,
    );
    let (_, case) = Client::expect(200, desk.client(CASEWORKER).get(&case));
    assert_eq!(case["state"], "checked");
    assert_eq!(case["exchanges"][0]["answer"], "ours");
}

#[test]
fn one_guardian_suspends_and_two_reopen() {
    let desk = Desk::open();
    let agreement = "/api/v1/agreements/police-serious-crime/2026-01-01";
    let (guardian, second) = (desk.client(GUARDIAN), desk.client(SECOND_GUARDIAN));
    let suspension = json!({ "effect": "hold", "reason": "a complaint" });
    let path = format!("{agreement}/suspension");
    Client::expect(403, desk.client(CASEWORKER).post(&path, &[], &suspension));
    Client::expect(403, desk.client(OFFICER).post(&path, &[], &suspension));
    let (etag, view) = Client::expect(200, guardian.post(&path, &[], &suspension));
    assert_eq!(view["state"], "suspended_hold");
    assert_eq!(view["suspension"]["reason"], "a complaint");
    let id = desk.urgent("suspended-0001");
    let request = format!("/api/v1/requests/{id}");
    desk.client(OFFICER)
        .wait(&request, |answer| answer["status"] == "held");

    let reopening = json!({ "reason": "settled" });
    let stale = [("if-match", etag.as_str())];
    desk.step(GUARDIAN, agreement, "reopening", &reopening, 200);
    let late = second.post(&format!("{agreement}/reopening"), &stale, &reopening);
    Client::expect(409, late);
    desk.step(
        GUARDIAN,
        agreement,
        "reopening/confirmation",
        &json!({}),
        403,
    );
    let open = desk.step(
        SECOND_GUARDIAN,
        agreement,
        "reopening/confirmation",
        &json!({}),
        200,
    );
    assert_eq!(open["state"], "in_force");
    assert_eq!(open["suspension"], Value::Null);
    let confirmed = desk.call_back(&id);
    assert_eq!(confirmed["state"], "checked");
    assert_eq!(confirmed["call_back"], Value::Null);
}

#[test]
fn a_withdrawn_case_is_erased_by_two_people_and_the_log_still_verifies() {
    let desk = Desk::open();
    let id = desk.urgent("urgent-erase-1");
    desk.call_back(&id);
    let folder = desk.data.path().display().to_string();
    let erase = |by: &str, more: &[&str]| {
        let start = ["erase", &id, "--ground", "right_to_erasure", "--by", by];
        let end = ["--data", &folder];
        tracegate(start.into_iter().chain(end).chain(more.iter().copied()))
    };
    let early = erase(CASEWORKER, &[]);
    assert_eq!(early.status.code(), Some(1));
    assert!(
        stderr(&early).contains("is not finished"),
        "{}",
        stderr(&early)
    );
    desk.client(CASEWORKER)
        .wait(&format!("/api/v1/cases/{id}"), |case| {
            case["state"] == "checked"
        });
    let path = format!("/api/v1/requests/{id}");
    desk.step(OFFICER, &path, "withdrawal", &json!({}), 200);
    let alone = erase(GUARDIAN, &["--confirm"]);
    assert!(
        stderr(&alone).contains("nobody has proposed"),
        "{}",
        stderr(&alone)
    );
    let proposed = erase(GUARDIAN, &[]);
    assert!(proposed.status.success(), "{}", stderr(&proposed));
    let same = erase(GUARDIAN, &["--confirm"]);
    assert!(
        stderr(&same).contains("another person"),
        "{}",
        stderr(&same)
    );
    let done = erase(SECOND_GUARDIAN, &["--confirm"]);
    assert!(done.status.success(), "{}", stderr(&done));
    Client::expect(
        404,
        desk.client(CASEWORKER).get(&format!("/api/v1/cases/{id}")),
    );
    Client::expect(200, desk.client(OFFICER).get("/api/v1/requests"));
    drop(desk.server);
    let doctor = tracegate(["doctor", "--data", &folder]);
    assert_eq!(doctor.status.code(), Some(0), "{}", stderr(&doctor));
}
