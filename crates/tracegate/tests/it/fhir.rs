//! What a case system that speaks FHIR gets to read.

use serde_json::{Value, json};

use crate::agency::Agency;
use crate::support::{Client, Data, stderr, stdout, tracegate};

/// A resource of this kind and nothing else.
fn is(kind: &str, resource: &Value) {
    assert_eq!(resource["resourceType"], kind, "{resource}");
}

#[test]
fn a_request_is_a_task_from_submission_to_release() {
    let agency = Agency::registered();
    let case = agency.submit(4);
    let officer = agency.client("dc-amara-osei");
    let path = format!("/fhir/R4/Task/{case}");
    let (etag, task) = Client::expect(200, officer.get(&path));
    is("Task", &task);
    assert_eq!(task["status"], "in-progress");
    assert!(etag.starts_with("W/\""), "{etag}");
    let provenance = format!("/fhir/R4/Provenance/{case}");
    let (_, none) = Client::expect(404, officer.get(&provenance));
    is("OperationOutcome", &none);
    agency.release(&case);
    let (_, task) = Client::expect(200, officer.get(&path));
    assert_eq!(task["status"], "completed");
    assert_eq!(task["businessStatus"]["coding"][0]["code"], "released");
    let (_, provenance) = Client::expect(200, officer.get(&provenance));
    is("Provenance", &provenance);
    assert_eq!(provenance["target"][0]["reference"], format!("Task/{case}"));
    // Another agency sees what it would see of a case that does not exist.
    let other = agency.client("mp-nadia-rahman");
    let missing = Client::expect(404, other.get("/fhir/R4/Task/TG-2222-2222-22"));
    assert_eq!(Client::expect(404, other.get(&path)), missing);
    Client::expect(403, agency.client("cw-sofia-lindqvist").get(&path));
}

#[test]
fn lists_go_on_where_their_link_says() {
    let agency = Agency::registered();
    let officer = agency.client("dc-amara-osei");
    let mut path = "Task?_count=7".to_owned();
    let mut seen = Vec::new();
    loop {
        let (_, page) = Client::expect(200, officer.get(&format!("/fhir/R4/{path}")));
        is("Bundle", &page);
        for entry in page["entry"].as_array().into_iter().flatten() {
            is("Task", &entry["resource"]);
            seen.push(entry["resource"]["id"].as_str().unwrap().to_owned());
        }
        match page["link"][0]["url"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert!(all == seen.len() && all > 20, "{all}");
    let (_, refused) = Client::expect(422, officer.get("/fhir/R4/Task?_count=0"));
    is("OperationOutcome", &refused);
}

#[test]
fn disclosures_are_audit_events_that_name_nobody() {
    let agency = Agency::registered();
    let path = "/fhir/R4/AuditEvent?_count=5";
    let overseer = agency.client("ov-james-whitlock");
    let (_, page) = Client::expect(200, overseer.get(path));
    let event = &page["entry"][0]["resource"];
    is("AuditEvent", event);
    let kinds: Vec<&Value> = event["agent"].as_array().unwrap().iter().collect();
    let code = |at: usize| kinds[at]["type"]["coding"][0]["code"].as_str().unwrap();
    assert_eq!(
        [code(0), code(1)],
        ["110153", "110152"],
        "source and recipient"
    );
    let person = &event["entity"][0]["what"]["identifier"]["value"];
    assert_eq!(person.as_str().unwrap().len(), 64, "a pseudonym");
    Client::expect(403, agency.client("dc-amara-osei").get(path));
    let (_, refused) = Client::expect(401, agency.stranger().get(path));
    is("OperationOutcome", &refused);
    let (_, capable) = Client::expect(200, agency.stranger().get("/fhir/R4/metadata"));
    is("CapabilityStatement", &capable);
}

/// `Parameters` of `Patient/$match`.
fn parameters(case: &str, person: &Value) -> Value {
    let given = [&person["given_name"], &person["middle_name"]];
    json!({ "resourceType": "Parameters", "parameter": [
        { "name": "resource", "resource": {
            "resourceType": "Patient",
            "identifier": [{ "system": "https://fhir.nhs.uk/Id/nhs-number", "value": person["nhs_number"] }],
            "name": [{ "family": person["surname"], "given": given }],
            "birthDate": person["date_of_birth"],
        } },
        { "name": "case", "valueString": case },
        { "name": "reason", "valueCode": "decision" },
        { "name": "count", "valueInteger": 3 },
        { "name": "onlyCertainMatches", "valueBoolean": false },
    ] })
}

const MATCH: &str = "/fhir/R4/Patient/$match";

#[test]
fn staff_match_the_one_person_of_an_open_case_and_nobody_else() {
    let agency = Agency::registered();
    let case = agency.submit(5);
    let caseworker = agency.client("cw-sofia-lindqvist");
    let path = format!("/api/v1/cases/{case}");
    caseworker.wait(&path, |case| case["state"] == "casework_review");
    let person = agency.data.plain_person(5);
    let asked = parameters(&case, &person);
    let (_, found) = Client::expect(200, caseworker.post(MATCH, &[], &asked));
    is("Bundle", &found);
    let entries = found["entry"].as_array().unwrap();
    let [entry] = &entries[..] else {
        panic!("{found}")
    };
    assert_eq!(entry["search"]["extension"][0]["valueCode"], "certain");
    assert!(entry["search"]["score"].as_f64().unwrap() > 0.99, "{found}");
    let patient = entry["resource"].as_object().unwrap();
    let names: Vec<&str> = patient.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["resourceType", "id", "meta", "identifier"],
        "nothing that tells where"
    );
    let number = person["nhs_number"].as_str().unwrap().replace(' ', "");
    assert_eq!(patient["identifier"][0]["value"], number.as_str());
    // Somebody else, under the same case.
    let other = parameters(&case, &agency.data.plain_person(6));
    let (_, refused) = Client::expect(422, caseworker.post(MATCH, &[], &other));
    is("OperationOutcome", &refused);
    assert!(
        !refused
            .to_string()
            .contains(agency.data.plain_person(6)["surname"].as_str().unwrap())
    );
    for (change, status) in [
        (
            json!({ "name": "case", "valueString": "TG-2222-2222-22" }),
            404,
        ),
        (json!({ "name": "reason", "valueCode": "curiosity" }), 422),
        (json!({ "name": "count", "valueInteger": 0 }), 422),
    ] {
        let mut asked = asked.clone();
        let list = asked["parameter"].as_array_mut().unwrap();
        list.retain(|one| one["name"] != change["name"]);
        list.push(change);
        Client::expect(status, caseworker.post(MATCH, &[], &asked));
    }
    for stranger in ["dc-amara-osei", "ov-james-whitlock", "cg-dr-miriam-okafor"] {
        Client::expect(403, agency.client(stranger).post(MATCH, &[], &asked));
    }
    // The person is told of each look, and a case that has its answer is no way in any more.
    let (_, view) = Client::expect(200, caseworker.get(&path));
    let looks = view["history"].as_array().unwrap().len();
    assert!(looks > 2, "{view}");
    agency.release(&case);
    let (_, closed) = Client::expect(409, caseworker.post(MATCH, &[], &asked));
    is("OperationOutcome", &closed);
}

#[test]
fn an_objection_is_a_consent_for_staff_alone() {
    let agency = Agency::registered();
    let case = agency.submit(7);
    let caseworker = agency.client("cw-sofia-lindqvist");
    caseworker.wait(&format!("/api/v1/cases/{case}"), |case| {
        case["state"] == "casework_review"
    });
    let path = format!("/fhir/R4/Consent/{case}");
    let (_, none) = Client::expect(404, caseworker.get(&path));
    is("OperationOutcome", &none);
    Client::expect(403, agency.client("dc-amara-osei").get(&path));
}

#[test]
fn the_log_is_a_stream_of_audit_events_that_name_nobody_asked_about() {
    let data = Data::new();
    let place = data.text("");
    let events = |more: &[&str]| {
        let words = ["oversee", "events", "--data", &place, "--by"];
        tracegate([&words[..], more].concat())
    };
    let printed = events(&["ov-james-whitlock"]);
    assert!(printed.status.success(), "{}", stderr(&printed));
    let printed = stdout(&printed);
    let lines: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() > 100, "{}", lines.len());
    for (index, event) in lines.iter().enumerate() {
        is("AuditEvent", event);
        assert_eq!(event["id"], format!("entry-{index}"));
    }
    let last = lines.last().unwrap();
    assert_eq!(last["subtype"][0]["code"], "log_read", "its own reading");
    assert_eq!(
        last["agent"][0]["who"]["identifier"]["value"],
        "ov-james-whitlock"
    );
    for skip in 0..20 {
        let person = data.plain_person(skip);
        for value in ["nhs_number", "address", "date_of_birth"] {
            let value = person[value].as_str().unwrap();
            assert!(!printed.contains(value), "{value} is in the stream");
        }
    }
    let next = format!("--from={}", lines.len());
    let more = stdout(&events(&["ov-james-whitlock", &next]));
    assert_eq!(more.lines().count(), 1, "its own reading alone: {more}");
    let refused = events(&["dc-amara-osei"]);
    assert!(!refused.status.success() && stdout(&refused).is_empty());
}
