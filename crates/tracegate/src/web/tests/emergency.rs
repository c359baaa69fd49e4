//! The emergency at the desk, from the declaration to the full review.

use disclosure::EventKind;
use jiff::SignedDuration;

use super::browser::Page;
use super::casework::call_back;
use super::journey::{CASEWORKER, GUARDIAN, OFFICER, WEIGHING, ask};
use super::site::Site;

const SECOND_GUARDIAN: &str = "cg-dr-anton-keller";

/// Sends the one form of the emergency page.
fn send(site: &Site, person: &str, id: &str, fields: &[(&str, &str)]) -> Page {
    let mut browser = site.signed_in(person);
    let path = format!("/cases/{id}/emergency");
    let page = browser.get(&path).ok();
    browser.submit(&path, &page, fields)
}

pub fn declare(site: &Site, id: &str) {
    let empty = send(site, CASEWORKER, id, &[("step", "declare")]);
    assert_eq!(empty.status, 422);
    assert!(empty.says("Choose at least one item"), "{}", empty.text);
    let mut said = vec![("step", "declare"), ("fields", "last_known_address")];
    said.extend(WEIGHING);
    let declared = send(site, CASEWORKER, id, &said);
    assert_eq!(declared.status, 303, "{}", declared.text);
}

pub fn urgent(site: &Site, changes: &[(&'static str, &'static str)]) -> String {
    let mut all = vec![("priority", "emergency")];
    all.extend(changes);
    let id = ask(&mut site.signed_in(OFFICER), &all);
    site.work();
    call_back(site, &id);
    assert_eq!(site.case(&id).state.code(), "checked", "waits for a person");
    id
}

/// Declared, released by one guardian, and ready to collect.
fn released(site: &Site) -> String {
    let id = urgent(site, &[]);
    declare(site, &id);
    let done = send(site, GUARDIAN, &id, &[("step", "release")]);
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(site.case(&id).state.code(), "emergency_pending");
    site.publish();
    id
}

fn collect(site: &Site, id: &str) -> Page {
    let mut officer = site.signed_in(OFFICER);
    let page = officer.get(&format!("/requests/{id}")).ok();
    officer.submit(&format!("/requests/{id}/collection"), &page, &[])
}

#[test]
fn an_emergency_leaves_at_once_and_is_reviewed_in_full() {
    let site = Site::demonstration();
    let id = released(&site);
    assert!(
        collect(&site, &id).ok().says("14 Larch Close"),
        "without the usual wait"
    );
    let path = format!("/cases/{id}/emergency");
    let same = site.signed_in(GUARDIAN).get(&path);
    assert_eq!(same.status, 409, "who released does not review");
    let mut reviewer = site.signed_in(SECOND_GUARDIAN);
    let before = reviewer.get(&path).ok();
    assert!(before.says("Your review is due by"));
    assert!(!before.says("Released in an emergency:") && !before.says(WEIGHING[1].1));
    let case = reviewer.get(&format!("/cases/{id}")).ok();
    assert!(!case.says(WEIGHING[1].1), "nor on the case's own page");
    let view = [
        ("step", "view"),
        ("own_view", "A threat to life; one address."),
    ];
    assert_eq!(send(&site, SECOND_GUARDIAN, &id, &view).status, 303);
    let after = reviewer.get(&path).ok();
    assert!(after.says(WEIGHING[1].1), "{}", after.text);
    let review = [("step", "review"), ("verdict", "uphold")];
    let upheld = send(&site, SECOND_GUARDIAN, &id, &review);
    assert_eq!(upheld.status, 303, "{}", upheld.text);
    assert_eq!(site.case(&id).state.code(), "outcome_due");
    for kind in [
        EventKind::EmergencyDeclared,
        EventKind::EmergencyReleased,
        EventKind::EmergencyUpheld,
    ] {
        assert!(site.kinds().contains(&kind), "{kind:?}");
    }
}

#[test]
fn a_release_that_is_not_upheld_or_not_reviewed_is_recalled() {
    let site = Site::demonstration();
    let id = released(&site);
    collect(&site, &id).ok();
    let unsaid = [("step", "view"), ("own_view", "")];
    assert_eq!(send(&site, SECOND_GUARDIAN, &id, &unsaid).status, 422);
    let view = [("step", "view"), ("own_view", "It could have waited.")];
    assert_eq!(send(&site, SECOND_GUARDIAN, &id, &view).status, 303);
    let review = [("step", "review"), ("verdict", "recall")];
    assert_eq!(send(&site, SECOND_GUARDIAN, &id, &review).status, 303);
    assert_eq!(site.case(&id).state.code(), "recalled");
    let page = site.signed_in(OFFICER).get(&format!("/requests/{id}")).ok();
    assert!(page.says("Every copy is destroyed"), "{}", page.text);

    let forgotten = released(&site);
    site.later(SignedDuration::from_hours(71));
    site.work();
    assert_eq!(site.case(&forgotten).state.code(), "emergency_pending");
    site.later(SignedDuration::from_hours(1));
    site.work();
    assert_eq!(site.case(&forgotten).state.code(), "recalled");
}

/// Nobody certain: nothing leaves, the search is on record, and the case goes the ordinary way.
#[test]
fn an_emergency_about_nobody_certain_goes_the_ordinary_way() {
    let site = Site::demonstration();
    let id = urgent(
        &site,
        &[
            ("subject.surname", "Quillfeather"),
            ("subject.given_name", "Zebedee"),
            ("subject.middle_name", ""),
            ("subject.nhs_number", ""),
            ("subject.date_of_birth.year", "1931"),
            ("subject.address", ""),
            ("subject.postcode", ""),
        ],
    );
    declare(&site, &id);
    let done = send(&site, GUARDIAN, &id, &[("step", "release")]);
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(site.case(&id).state.code(), "casework_review");
    assert!(site.kinds().contains(&EventKind::Traced));
}

#[test]
fn only_an_emergency_has_the_way_and_each_person_their_step() {
    let site = Site::demonstration();
    let id = urgent(&site, &[]);
    let path = format!("/cases/{id}/emergency");
    assert_eq!(
        site.signed_in(GUARDIAN).get(&path).status,
        409,
        "nothing declared yet"
    );
    let traces = site
        .kinds()
        .iter()
        .filter(|kind| **kind == EventKind::TraceStarted)
        .count();
    let mut caseworker = site.signed_in(CASEWORKER);
    let page = caseworker.get(&path).ok();
    let refused = caseworker.submit(&path, &page, &[("step", "release")]);
    assert_eq!(refused.status, 403);
    let after = site
        .kinds()
        .iter()
        .filter(|kind| **kind == EventKind::TraceStarted)
        .count();
    assert_eq!(traces, after, "nobody was searched for");
    let usual = ask(
        &mut site.signed_in(OFFICER),
        &[("agency_reference", "NM-3")],
    );
    site.work();
    let page = site
        .signed_in(CASEWORKER)
        .get(&format!("/cases/{usual}/emergency"));
    assert_eq!(page.status, 409);
}
