//! `Patient/$match` is the trace of one case, and leaves the same marks.

use disclosure::EventKind;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::browser::Page;
use super::interface::send;
use super::journey::{CASEWORKER, OFFICER, ask};
use super::site::Site;

fn find(site: &Site, id: &str, key: &str) -> Page {
    let asked = json!({ "resourceType": "Parameters", "parameter": [
        { "name": "resource", "resource": { "resourceType": "Patient",
            "name": [{ "family": "Thistlewood", "given": ["Maud", "Ellen"] }],
            "birthDate": "1984-03-27", "gender": "female", "address": [{ "postalCode": "NM1 2AB" }] } },
        { "name": "case", "valueString": id },
        { "name": "reason", "valueCode": "trace" },
    ] });
    let operation = ("POST", "/fhir/R4/Patient/$match");
    send(site, operation, CASEWORKER, (key, &asked.to_string()))
}

#[test]
fn a_case_that_waits_for_a_person_is_traced_by_whoever_matches_once() {
    let site = Site::demonstration();
    let told = [("manual_information", "See the letter.")];
    let id = ask(&mut site.signed_in(OFFICER), &told);
    site.work();
    let mut caseworker = site.signed_in(CASEWORKER);
    let page = caseworker.get(&format!("/cases/{id}")).ok();
    let met = [("answer", "met"), ("reason", "A pointer, and no fact.")];
    let answered = caseworker.submit(&format!("/cases/{id}/clauses"), &page, &met);
    assert_eq!(answered.status, 303, "{}", answered.text);
    site.work();
    assert_eq!(site.case(&id).state.code(), "checked");
    let before = site.kinds().len();
    let found = find(&site, &id, "match-0001").ok();
    let found: Value = serde_json::from_str(&found.text).unwrap();
    assert_eq!(
        (&found["total"], &found["entry"][0]["resource"]["id"]),
        (&json!(1), &json!("P1"))
    );
    let marks = [
        EventKind::CaseViewed,
        EventKind::TraceStarted,
        EventKind::Traced,
    ];
    assert_eq!(site.kinds()[before..], marks);
    let case = site.case(&id);
    assert_eq!(case.state.traced().unwrap().trace.tracer.id, CASEWORKER);
    // Again, it is a look at what is on record and no other search.
    let before = site.kinds().len();
    assert_eq!(find(&site, &id, "match-0002").status, 200);
    assert_eq!(site.kinds()[before..], [EventKind::CaseViewed]);
    assert_eq!(site.case(&id).version, case.version);
}

#[test]
fn a_case_over_its_budget_or_with_its_answer_is_not_matched() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    for change in [
        ("subject.middle_name", ""),
        ("subject.surname", "Thistlewod"),
        ("subject.nhs_number", ""),
    ] {
        ask(&mut officer, &[change]);
    }
    site.later(SignedDuration::from_mins(1));
    let over = &ask(&mut officer, &[]);
    site.work();
    let before = site.kinds().len();
    assert_eq!(find(&site, over, "match-0001").status, 409);
    assert_eq!(site.kinds()[before..], [EventKind::CaseViewed]);
    let refused = ask(&mut officer, &[("grounds.offence", "theft")]);
    site.work();
    assert_eq!(find(&site, &refused, "match-0002").status, 409);
}
