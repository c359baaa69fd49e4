//! The rows that show only once a case has ended: one case whose outcome was returned, and one of a
//! protected person, told later, that ended without a result.

use std::sync::OnceLock;

use disclosure::visibility::{Audience, Item};
use jiff::SignedDuration;

use super::Audience::{Casework, Overseer, Requester};
use super::{Crawl, LOOKERS, is_seen_in, look, must};
use crate::web::tests::journey::{CASEWORKER, GUARDIAN, OFFICER, WEIGHING, ask};
use crate::web::tests::site::Site;

/// Somebody whose record is protected.
const PROTECTED: [(&str, &str); 9] = [
    ("subject.given_name", "Joan"),
    ("subject.middle_name", ""),
    ("subject.surname", "Ashby"),
    ("subject.nhs_number", "9990000026"),
    ("subject.date_of_birth.day", "9"),
    ("subject.date_of_birth.month", "7"),
    ("subject.date_of_birth.year", "1971"),
    ("subject.address", "2 Mill Lane"),
    ("subject.postcode", "NM3 4CD"),
];

/// Asks for the gender too, and gets the name alone; returns an outcome.
fn returned(site: &Site) -> String {
    let mut officer = site.signed_in(OFFICER);
    let wanted = [("fields", "name"), ("fields", "gender")];
    let id = ask(&mut officer, &wanted);
    site.work();
    let decision = format!("/cases/{id}/decision");
    let mut caseworker = site.signed_in(CASEWORKER);
    let page = caseworker.get(&decision).ok();
    let mut choice = vec![
        ("choice", "release"),
        ("step", "confirm"),
        ("fields", "name"),
    ];
    choice.extend(WEIGHING);
    must(&caseworker.submit(&decision, &page, &choice));
    let review = format!("/cases/{id}/second-review");
    let mut guardian = site.signed_in(GUARDIAN);
    let page = guardian.get(&review).ok();
    let view = [("own_view", "The name."), ("step", "view")];
    must(&guardian.submit(&review, &page, &view));
    let page = guardian.get(&review).ok();
    must(&guardian.submit(&review, &page, &[("verdict", "agree"), ("step", "decide")]));
    site.later(SignedDuration::from_hours(2));
    site.publish();
    let request = format!("/requests/{id}");
    let mut officer = site.signed_in(OFFICER);
    let page = officer.get(&request).ok();
    officer
        .submit(&format!("{request}/collection"), &page, &[])
        .ok();
    let page = officer.get(&request).ok();
    let outcome = [("outcome", "safe_and_well")];
    must(&officer.submit(&format!("{request}/outcome"), &page, &outcome));
    id
}

/// Told later on the staff's word, found, protected, ended without a result.
fn withheld(site: &Site) -> String {
    let id = ask(&mut site.signed_in(OFFICER), &PROTECTED);
    let deferral = format!("/cases/{id}/deferral");
    let mut caseworker = site.signed_in(CASEWORKER);
    let page = caseworker.get(&deferral).ok();
    let said = [
        ("ground", "others_rights"),
        ("until.day", "9"),
        ("until.month", "3"),
        ("until.year", "2026"),
        ("reason", "PLANTED-DEFERRAL"),
        ("step", "defer"),
    ];
    must(&caseworker.submit(&deferral, &page, &said));
    site.work();
    let decision = format!("/cases/{id}/decision");
    let page = caseworker.get(&decision).ok();
    let choice = [
        ("choice", "no_result"),
        ("code", "restricted_withheld"),
        ("step", "confirm"),
    ];
    must(&caseworker.submit(&decision, &page, &choice));
    site.later(SignedDuration::from_hours(2));
    site.publish();
    id
}

/// Everything that everybody sees of both cases, and what the first was judged from.
fn crawled() -> &'static (Crawl, String) {
    static CRAWL: OnceLock<(Crawl, String)> = OnceLock::new();
    CRAWL.get_or_init(|| {
        let site = Site::demonstration();
        let [first, second] = [returned(&site), withheld(&site)];
        let inputs = site
            .block_on(site.gate.store.case(&second))
            .unwrap()
            .unwrap();
        let inputs = inputs.state.checks().unwrap().inputs_hash.clone();
        let both = |(person, audience): (&'static str, Audience)| {
            let mut seen = look(&site, &first, person, audience);
            seen.pages
                .extend(look(&site, &second, person, audience).pages);
            seen
        };
        let seen = LOOKERS.into_iter().map(both).collect();
        (Crawl { seen, case: first }, inputs)
    })
}

#[track_caller]
fn is_seen_by(item: Item, value: &str, shown_to: &[Audience]) {
    is_seen_in(&crawled().0, item, value, shown_to);
}

#[test]
fn fields_requested() {
    // The person is told what was released, which is less.
    let everybody_else = [Requester, Casework, Overseer];
    is_seen_by(Item::FieldsRequested, "Name, Gender", &everybody_else);
    is_seen_by(
        Item::FieldsRequested,
        "\"fields\":[\"name\",\"gender\"]",
        &[Casework, Overseer],
    );
}

#[test]
fn check_engine() {
    is_seen_by(Item::CheckEngine, &crawled().1, &[Overseer]);
    is_seen_by(Item::CheckEngine, "\"engine\":\"agreement", &[Overseer]);
}

#[test]
fn decision_outcome() {
    is_seen_by(
        Item::DecisionOutcome,
        "\"status\":\"no_result\"",
        &[Requester],
    );
    is_seen_by(
        Item::DecisionOutcome,
        "<h2 id=\"answer\">Nothing can be given",
        &[Requester],
    );
}

#[test]
fn internal_code() {
    for code in [
        "\"internal_code\":\"restricted_withheld\"",
        "The record is protected",
    ] {
        is_seen_by(Item::InternalCode, code, &[Casework, Overseer]);
    }
}

#[test]
fn outcome_return() {
    is_seen_by(
        Item::OutcomeReturn,
        "became of it: Found safe and well",
        &[Requester],
    );
    is_seen_by(
        Item::OutcomeReturn,
        "Found safe and well",
        &[Casework, Overseer],
    );
    is_seen_by(
        Item::OutcomeReturn,
        "\"outcome\":\"safe_and_well\"",
        &[Casework, Overseer],
    );
}

#[test]
fn deferral() {
    for part in ["PLANTED-DEFERRAL", "Somebody else’s rights or safety"] {
        is_seen_by(Item::Deferral, part, &[Casework, Overseer]);
    }
}
