//! A name planted in a request appears in no line of the program's log, in no address, in no error and
//! in no figure, whatever goes well or wrong.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Client, Data, Reply, Server, police_request};

const PLANTED: &str = "Quillfeatherstonehaugh";
const OFFICER: &str = "dc-amara-osei";
const CASEWORKER: &str = "cw-sofia-lindqvist";
const GUARDIAN: &str = "cg-dr-miriam-okafor";

/// Nothing of the secrets in a text, whatever its letters.
fn tells_nothing(secrets: &[String], text: &str, what: &str) {
    let text = text.to_lowercase();
    for secret in secrets {
        let found = text.contains(&secret.to_lowercase());
        assert!(!found, "`{secret}` in {what}: {text:.600}");
    }
}

fn errors(server: &Server, data: &Data, secrets: &[String]) {
    let officer = server.client(&data.token(OFFICER));
    let caseworker = server.client(&data.token(CASEWORKER));
    let key = |number: u32| format!("planted-error-{number}");
    let good = police_request(&data.plain_person(0));
    let mut number = 0;
    let mut refuse = |change: &dyn Fn(&mut Value)| {
        number += 1;
        let mut request = good.clone();
        change(&mut request);
        let headers = [("x-request-id", key(number))];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let (status, _, body) = officer
            .post("/api/v1/requests", &headers, &request)
            .unwrap();
        assert!(status >= 400, "{body}");
        tells_nothing(secrets, &body.to_string(), "an error");
    };
    refuse(&|r| r["fields"] = json!(PLANTED));
    refuse(&|r| r["authoriser"]["signed_at"] = json!(PLANTED));
    refuse(&|r| r["subject"] = json!(PLANTED));
    refuse(&|r| r["subject"]["surname"] = json!([PLANTED]));
    refuse(&|r| r["priority"] = json!(PLANTED));
    refuse(&|r| r["grounds"] = json!([{ "gateway": PLANTED }]));
    refuse(&|r| r["requester"]["organization"] = json!(PLANTED));
    refuse(&|r| *r = json!(PLANTED));
    let told = |reply: Reply, what: &str| {
        let (_, _, body) = reply.unwrap();
        tells_nothing(secrets, &body.to_string(), what);
    };
    for path in [
        format!("/api/v1/requests/{PLANTED}"),
        format!("/api/v1/{PLANTED}"),
        format!("/api/v1/cases/{PLANTED}"),
        format!("/api/v1/cases?sort={PLANTED}"),
        format!("/api/v1/tracker/findUsage?userCode={PLANTED}"),
        format!("/cases/{PLANTED}"),
        format!("/{PLANTED}?name={PLANTED}"),
        format!("/cases?reference={PLANTED}"),
        format!("/log/tile/{PLANTED}"),
    ] {
        told(caseworker.get(&path), &path.replace(PLANTED, "..."));
    }
    told(caseworker.get("/health"), "the figures of its health");
    told(
        caseworker.get("/api/v1/statistics"),
        "the published figures",
    );
}

fn views() -> Value {
    json!({ "necessity": PLANTED, "public_interest": "p", "harm": PLANTED, "public_health": "n" })
}

/// One request from end to end, and another about somebody who is not there.
fn journey(server: &Server, data: &Data) {
    let officer = server.client(&data.token(OFFICER));
    let caseworker = server.client(&data.token(CASEWORKER));
    let guardian = server.client(&data.token(GUARDIAN));
    let mut request = police_request(&data.plain_person(0));
    request["justification"]["necessity"] = json!(PLANTED);
    let mut nobody = request.clone();
    nobody["subject"]["surname"] = json!(PLANTED);
    nobody["subject"]["nhs_number"] = json!("");
    let ids = [("planted-0001", &request), ("planted-0002", &nobody)].map(|(key, request)| {
        let reply = officer.post("/api/v1/requests", &[("x-request-id", key)], request);
        let (_, body) = Client::expect(202, reply);
        body["case"].as_str().unwrap().to_owned()
    });
    let in_review = |id: &str| {
        let path = format!("/api/v1/cases/{id}");
        let (etag, _) = caseworker.wait(&path, |case| case["state"] == "casework_review");
        (path, etag)
    };
    let (path, etag) = in_review(&ids[1]);
    let seen = [("if-match", etag.as_str())];
    Client::expect(
        200,
        caseworker.post(&format!("{path}/no-result"), &seen, &json!({})),
    );
    let (path, etag) = in_review(&ids[0]);
    let seen = [("if-match", etag.as_str())];
    let draft = json!({ "fields": ["name", "last_known_address"], "gateway": "L3",
        "views": views() });
    let (etag, _) = Client::expect(
        200,
        caseworker.post(&format!("{path}/draft"), &seen, &draft),
    );
    let seen = [("if-match", etag.as_str())];
    let view = json!({ "own_view": PLANTED });
    let written = guardian.post(&format!("{path}/own-view"), &seen, &view);
    let (etag, _) = Client::expect(200, written);
    let seen = [("if-match", etag.as_str())];
    let agree = json!({ "agree": true, "changed": PLANTED });
    Client::expect(
        200,
        guardian.post(&format!("{path}/second-review"), &seen, &agree),
    );
    let own = format!("/api/v1/requests/{}", ids[0]);
    officer.wait(&own, |answer| answer["status"] == "released");
    let key = [("x-request-id", "planted-collect")];
    while let Some((503, ..)) = officer.post(&format!("{own}/collection"), &key, &json!({})) {
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_planted_name_leaves_no_trace_outside_the_record() {
    let data = Data::new();
    let person = data.plain_person(0);
    let get = |name: &str| person[name].as_str().unwrap().to_owned();
    let secrets = [
        PLANTED.to_owned(),
        get("nhs_number"),
        get("address"),
        get("postcode"),
    ];
    let (server, told) = Server::start_telling(&data);
    journey(&server, &data);
    errors(&server, &data, &secrets);
    server.kill();
    let lines: Vec<String> = told.iter().collect();
    assert!(lines.len() > 20, "{} lines are no log", lines.len());
    for line in &lines {
        tells_nothing(&secrets, line, "the program's log");
    }
    // Neither in a file beside the database and what it was made from.
    for file in std::fs::read_dir(data.path()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        tells_nothing(&secrets, &name, "a file's name");
    }
}
