//! What a case system that speaks FHIR gets to read.

use serde_json::Value;

use crate::agency::Agency;
use crate::support::Client;

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
