//! The whole journey through the interface, and what is refused on the way.

use serde_json::{Value, json};

use crate::support::{Client, Data, Server, police_request};

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

    fn submit(&self, key: &str, request: &Value) -> String {
        let officer = self.client("dc-amara-osei");
        let reply = officer.post("/api/v1/requests", &[("x-request-id", key)], request);
        let (_, body) = Client::expect(202, reply);
        body["case"].as_str().unwrap().to_owned()
    }
}

fn views() -> Value {
    json!({ "necessity": "n", "public_interest": "p", "harm": "h", "public_health": "none" })
}

/// The guardian's own view: nobody new to the case is shown the draft before theirs.
fn own_view(desk: &Desk, case_path: &str, etag: &str) -> String {
    let guardian = desk.client("cg-dr-miriam-okafor");
    let (_, case) = Client::expect(200, guardian.get(case_path));
    assert!(case["draft"].is_null(), "before an own view: {case}");
    let seen = [("if-match", etag)];
    let view = json!({ "own_view": "least that will do" });
    let path = format!("{case_path}/own-view");
    let caseworker = desk.client("cw-sofia-lindqvist");
    Client::expect(403, caseworker.post(&path, &seen, &view));
    let (etag, case) = Client::expect(200, guardian.post(&path, &seen, &view));
    assert_eq!(case["draft"]["gateway"], "L3");
    assert_eq!(case["own_views"][0]["text"], view["own_view"]);
    let (_, other) = Client::expect(200, desk.client("cg-dr-anton-keller").get(case_path));
    assert!(
        other["draft"].is_null() && other["own_views"] == json!([]),
        "{other}"
    );
    etag
}

#[test]
fn a_request_is_released_and_its_outcome_returned() {
    let desk = Desk::open();
    let person = desk.data.plain_person(0);
    let id = desk.submit("journey-0001", &police_request(&person));
    let case_path = format!("/api/v1/cases/{id}");
    let request_path = format!("/api/v1/requests/{id}");
    let (officer, caseworker, guardian) = (
        desk.client("dc-amara-osei"),
        desk.client("cw-sofia-lindqvist"),
        desk.client("cg-dr-miriam-okafor"),
    );

    let (etag, case) = caseworker.wait(&case_path, |case| case["state"] == "casework_review");
    assert_eq!(case["trace"]["outcome"], "single", "{case}");
    let draft = json!({
        "fields": ["name", "last_known_address"], "gateway": "L3", "views": views(),
    });
    let stale = [("if-match", "\"1\"")];
    Client::expect(
        409,
        caseworker.post(&format!("{case_path}/draft"), &stale, &draft),
    );
    let seen = [("if-match", etag.as_str())];
    let reply = caseworker.post(&format!("{case_path}/draft"), &seen, &draft);
    let (etag, case) = Client::expect(200, reply);
    assert_eq!(case["state"], "guardian_review");

    // The drafter can't be the second person, whatever the token's role is called.
    let agree = json!({ "agree": true });
    let seen = [("if-match", etag.as_str())];
    let second = format!("{case_path}/second-review");
    Client::expect(403, caseworker.post(&second, &seen, &agree));
    Client::expect(409, guardian.post(&second, &seen, &agree));
    let etag = own_view(&desk, &case_path, &etag);
    let seen = [("if-match", etag.as_str())];
    let (_, case) = Client::expect(200, guardian.post(&second, &seen, &agree));
    assert_eq!(case["state"], "released");

    officer.wait(&request_path, |answer| answer["status"] == "released");
    let collection = format!("{request_path}/collection");
    let key = [("x-request-id", "collect-0001")];
    let first = loop {
        match officer.post(&collection, &key, &json!({})).unwrap() {
            (503, _, _) => std::thread::sleep(std::time::Duration::from_millis(100)),
            (status, _, body) => break (status, body),
        }
    };
    assert_eq!(first.0, 200, "{}", first.1);
    let told = first.1["record"].to_string();
    assert!(told.contains(person["surname"].as_str().unwrap()));
    assert!(told.contains(person["postcode"].as_str().unwrap()));
    // The same key repeats the answer, another is too late.
    let (_, again) = Client::expect(200, officer.post(&collection, &key, &json!({})));
    assert_eq!(again, first.1);
    let other = [("x-request-id", "collect-0002")];
    Client::expect(410, officer.post(&collection, &other, &json!({})));

    let (etag, _) = Client::expect(200, officer.get(&request_path));
    let seen = [("if-match", etag.as_str())];
    let outcome = json!({ "result": "located" });
    let (_, body) = Client::expect(
        200,
        officer.post(&format!("{request_path}/outcome"), &seen, &outcome),
    );
    assert_eq!(body["status"], "closed");
}

#[test]
fn refusals_name_their_clause_and_no_agreement_is_the_default() {
    let desk = Desk::open();
    let person = desk.data.plain_person(1);
    let check = |key: &str, change: &dyn Fn(&mut Value), code: &str| {
        let mut request = police_request(&person);
        change(&mut request);
        let id = desk.submit(key, &request);
        let officer = desk.client("dc-amara-osei");
        let path = format!("/api/v1/requests/{id}");
        let (_, answer) = officer.wait(&path, |answer| answer["status"] == "refused");
        assert_eq!(answer["code"], code, "{answer}");
        assert!(
            !answer["reasons"][0]["cure"].as_str().unwrap().is_empty(),
            "{answer}"
        );
        answer
    };
    let theft = check(
        "refuse-0001",
        &|r| r["grounds"]["offence"] = json!("theft"),
        "below_seriousness",
    );
    assert_eq!(theft["reasons"][0]["clause"], "2.2");
    check(
        "refuse-0002",
        &|r| r["purpose"] = json!("benefit_fraud"),
        "no_agreement",
    );
    check(
        "refuse-0003",
        &|r| r["agreement"] = json!("ho/2017-01-01"),
        "no_agreement",
    );
    check(
        "refuse-0004",
        &|r| r["agreement"] = json!("no/such"),
        "no_agreement",
    );
    check(
        "refuse-0005",
        &|r| r["fields"] = json!(["clinical"]),
        "field_not_permitted",
    );
    check(
        "refuse-0006",
        &|r| r["fields"] = json!(["horoscope"]),
        "field_not_permitted",
    );
}

#[test]
fn a_suspended_agreement_holds_the_request() {
    let desk = Desk::open();
    let mut request = police_request(&desk.data.plain_person(2));
    request["agreement"] = json!("ho/2018-05-09");
    let id = desk.submit("held-00001", &request);
    let path = format!("/api/v1/requests/{id}");
    desk.client("dc-amara-osei")
        .wait(&path, |answer| answer["status"] == "held");
}

#[test]
fn procedural_faults_are_returned_with_field_and_remedy() {
    let desk = Desk::open();
    let person = desk.data.plain_person(3);
    let check = |key: &str, change: &dyn Fn(&mut Value), field: &str| {
        let mut request = police_request(&person);
        change(&mut request);
        let id = desk.submit(key, &request);
        let path = format!("/api/v1/requests/{id}");
        let (_, answer) = desk
            .client("dc-amara-osei")
            .wait(&path, |answer| answer["status"] == "invalid");
        let reasons = answer["reasons"].as_array().unwrap();
        let found = reasons.iter().any(|reason| reason["clause"] == field);
        assert!(found && reasons.iter().all(|r| r["cure"] != ""), "{answer}");
    };
    let wrong_digit = &|r: &mut Value| r["subject"]["nhs_number"] = json!("9990000019");
    check("fault-0001", wrong_digit, "subject.nhs_number");
    let sentinel = &|r: &mut Value| r["subject"]["nhs_number"] = json!("9999999999");
    check("fault-0002", sentinel, "subject.nhs_number");
    let no_such_day = &|r: &mut Value| r["subject"]["date_of_birth"] = json!("1980-02-30");
    check("fault-0003", no_such_day, "subject.date_of_birth");
    check(
        "fault-0004",
        &|r| r["authoriser"] = Value::Null,
        "authoriser",
    );
    let own = &|r: &mut Value| r["authoriser"]["officer_id"] = json!("dc-amara-osei");
    check("fault-0005", own, "authoriser.officer_id");
    let two = &|r: &mut Value| r["subject"]["given_name"] = json!("ANNA AND JANE");
    check("fault-0006", two, "subject.given_name");
}

#[test]
fn sending_again_with_the_same_key_is_one_request() {
    let desk = Desk::open();
    let request = police_request(&desk.data.plain_person(4));
    let first = desk.submit("repeat-0001", &request);
    assert_eq!(desk.submit("repeat-0001", &request), first);
    assert_ne!(desk.submit("repeat-0002", &request), first);
}

#[test]
fn nobody_sees_what_is_not_theirs() {
    let desk = Desk::open();
    let id = desk.submit("theirs-0001", &police_request(&desk.data.plain_person(5)));
    let missing = desk
        .client("mp-nadia-rahman")
        .get("/api/v1/requests/TG-2222-2222-22");
    let other = desk
        .client("mp-nadia-rahman")
        .get(&format!("/api/v1/requests/{id}"));
    assert_eq!(
        other, missing,
        "another agency's case looks like one that does not exist"
    );
    let case = format!("/api/v1/cases/{id}");
    Client::expect(403, desk.client("dc-amara-osei").get(&case));
    Client::expect(200, desk.client("ov-james-whitlock").get(&case));
    Client::expect(401, desk.server.client("wrong").get(&case));
    let mut request = police_request(&desk.data.plain_person(5));
    request["requester"]["organization"] = json!("court-northmoor");
    let key = [("x-request-id", "theirs-0002")];
    let officer = desk.client("dc-amara-osei");
    Client::expect(403, officer.post("/api/v1/requests", &key, &request));
}

#[test]
fn a_body_that_cannot_be_read_is_a_problem_that_names_the_field() {
    let desk = Desk::open();
    let officer = desk.client("dc-amara-osei");
    let key = [("x-request-id", "body-00001")];
    let mut request = police_request(&desk.data.plain_person(6));
    request["subject"]["colour"] = json!("blue");
    let reply = officer.post("/api/v1/requests", &key, &request);
    let (_, problem) = Client::expect(422, reply);
    assert!(
        problem["detail"].as_str().unwrap().contains("colour"),
        "{problem}"
    );
    Client::expect(422, officer.post("/api/v1/requests", &[], &json!({})));
}

#[test]
fn nobody_found_and_a_protected_person_are_one_answer() {
    let desk = Desk::open();
    let mut nobody = desk.data.plain_person(10);
    nobody["surname"] = json!("QUILLFEATHERSTONE");
    nobody["given_name"] = json!("ZEBEDIAH");
    nobody["nhs_number"] = json!("");
    nobody["date_of_birth"] = json!("1931-03-17");
    let told = [nobody, desk.data.protected_person()].map(|subject| {
        let key = format!("one-answer-{}", subject["surname"]);
        let id = desk.submit(&key, &police_request(&subject));
        let caseworker = desk.client("cw-sofia-lindqvist");
        let case_path = format!("/api/v1/cases/{id}");
        let (etag, case) = caseworker.wait(&case_path, |case| case["state"] == "casework_review");
        assert_ne!(case["trace"]["outcome"], "single", "{case}");
        let seen = [("if-match", etag.as_str())];
        let reply = caseworker.post(&format!("{case_path}/no-result"), &seen, &json!({}));
        let (_, case) = Client::expect(200, reply);
        let inside = case["internal_code"].as_str().unwrap().to_owned();
        let officer = desk.client("dc-amara-osei");
        let path = format!("/api/v1/requests/{id}");
        let (etag, answer) = officer.wait(&path, |answer| answer["status"] == "no_result");
        (inside, etag, answer.to_string().replace(&id, "the case"))
    });
    let [(nobody, ..), (protected, ..)] = &told;
    assert_eq!(protected, "restricted_withheld");
    assert_ne!(nobody, protected, "the true codes differ");
    let [(_, first_etag, first), (_, second_etag, second)] = &told;
    assert_eq!((first_etag, first), (second_etag, second));
}
