//! Beside the straight way: budgets, questions, recalls, and what time brings about.

use disclosure::EventKind;
use jiff::SignedDuration;

use super::browser::{Browser, Page};
use super::journey::{self, CASEWORKER, GUARDIAN, OFFICER, ask, draft, second_review};
use super::site::Site;

/// A caseworker's form on the case page.
fn step(site: &Site, id: &str, path: &str, fields: &[(&str, &str)]) -> Page {
    let mut caseworker = site.signed_in(CASEWORKER);
    let case = format!("/cases/{id}");
    let page = caseworker.get(&case).ok();
    caseworker.submit(&format!("{case}/{path}"), &page, fields)
}

/// A release that can be collected.
fn ready(site: &Site) -> (String, Browser) {
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    draft(site, &id);
    second_review(site, &id, "agree");
    site.later(SignedDuration::from_hours(2));
    site.publish();
    (id, site.signed_in(OFFICER))
}

fn collect(officer: &mut Browser, id: &str) -> Page {
    let page = officer.get(&format!("/requests/{id}")).ok();
    officer.submit(&format!("/requests/{id}/collection"), &page, &[])
}

/// Changed identifiers make another attempt, and not another person.
#[test]
fn a_fourth_attempt_at_one_person_waits_for_a_person_who_lets_it_go_on_or_refuses() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    for change in [
        ("subject.middle_name", ""),
        ("subject.surname", "Thistlewod"),
        ("subject.nhs_number", ""),
    ] {
        let id = ask(&mut officer, &[change]);
        site.later(SignedDuration::from_mins(1));
        site.work();
        assert_eq!(site.case(&id).state.code(), "casework_review");
    }
    let [fourth, fifth] = [("subject.sex", ""), ("subject.address", "")].map(|change| {
        let id = ask(&mut officer, &[change]);
        site.later(SignedDuration::from_mins(1));
        site.work();
        assert_eq!(site.case(&id).state.code(), "submitted");
        id
    });
    // Somebody else is no attempt at her.
    let other = ask(
        &mut officer,
        &[
            ("subject.given_name", "Ivo"),
            ("subject.middle_name", ""),
            ("subject.surname", "Pemberton"),
            ("subject.nhs_number", "9990000034"),
            ("subject.date_of_birth.day", "15"),
            ("subject.date_of_birth.month", "11"),
            ("subject.date_of_birth.year", "1990"),
            ("subject.address", ""),
            ("subject.postcode", ""),
        ],
    );
    site.work();
    assert_eq!(site.case(&other).state.code(), "casework_review");

    let page = site
        .signed_in(CASEWORKER)
        .get(&format!("/cases/{fourth}"))
        .ok();
    assert!(page.says("Over budget: a person decides"), "{}", page.text);
    assert!(page.says("request 4 about this person in 30 days, where 3 are agreed"));
    let met = [
        ("answer", "met"),
        ("reason", "A misprint in the first three."),
    ];
    assert_eq!(step(&site, &fourth, "clauses", &met).status, 303);
    site.work();
    assert_eq!(site.case(&fourth).state.code(), "casework_review");
    let not_met = [("answer", "not_met"), ("reason", "Guessing.")];
    assert_eq!(step(&site, &fifth, "clauses", &not_met).status, 303);
    let told = officer.get(&format!("/requests/{fifth}")).ok();
    assert!(
        told.says("budget_exceeded") && !told.says("Guessing."),
        "{}",
        told.text
    );
    let answered = site.kinds();
    assert!(answered.contains(&EventKind::ClauseAnswered));
}

#[test]
fn a_question_is_answered_and_the_answer_read_before_any_trace() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let id = ask(&mut officer, &[("priority", "emergency")]);
    site.work();
    assert_eq!(site.case(&id).state.code(), "checked");
    let empty = step(&site, &id, "question", &[("question", "")]);
    assert_eq!(empty.status, 409, "{}", empty.text);
    let asked = step(
        &site,
        &id,
        "question",
        &[("question", "Which of the two addresses?")],
    );
    assert_eq!(asked.status, 303, "{}", asked.text);
    let request = format!("/requests/{id}");
    let page = officer.get(&request).ok();
    assert!(page.says("Which of the two addresses?"), "{}", page.text);
    let answer = [("answer", "The one in Larch Close.")];
    let sent = officer.submit(&format!("{request}/answer"), &page, &answer);
    assert_eq!(sent.status, 303, "{}", sent.text);
    site.work();
    assert_eq!(
        site.case(&id).state.code(),
        "checked",
        "a person reads it first"
    );
    let page = site.signed_in(CASEWORKER).get(&format!("/cases/{id}")).ok();
    assert!(page.says("The one in Larch Close."));
}

#[test]
fn a_recalled_release_is_destroyed_and_closed() {
    let site = Site::demonstration();
    let (id, mut officer) = ready(&site);
    collect(&mut officer, &id).ok();
    let uncoded = step(&site, &id, "recall", &[("reason", "because")]);
    assert_eq!(uncoded.status, 403);
    let recalled = step(&site, &id, "recall", &[("reason", "wrong_data")]);
    assert_eq!(recalled.status, 303, "{}", recalled.text);
    let request = format!("/requests/{id}");
    let page = officer.get(&request).ok();
    assert!(page.says("The answer has been recalled."));
    let case = site.signed_in(CASEWORKER).get(&format!("/cases/{id}")).ok();
    assert!(
        !case.says("There is no copy to destroy."),
        "the agency has one"
    );
    let confirmed = officer.submit(&format!("{request}/destruction"), &page, &[]);
    assert_eq!(confirmed.status, 303, "{}", confirmed.text);
    assert_eq!(site.case(&id).state.code(), "closed");
}

#[test]
fn where_nobody_collected_the_controller_closes_a_recalled_case() {
    let site = Site::demonstration();
    let (id, _) = ready(&site);
    let recalled = step(&site, &id, "recall", &[("reason", "should_not_have_left")]);
    assert_eq!(recalled.status, 303);
    let mut guardian = site.signed_in(GUARDIAN);
    let page = guardian.get(&format!("/cases/{id}")).ok();
    assert!(page.says("There is no copy to destroy."), "{}", page.text);
    let closed = guardian.submit(&format!("/cases/{id}/destruction"), &page, &[]);
    assert_eq!(closed.status, 303, "{}", closed.text);
    assert_eq!(site.case(&id).state.code(), "closed");
}

#[test]
fn time_empties_what_was_collected_and_what_never_was() {
    let site = Site::demonstration();
    let (collected, mut officer) = ready(&site);
    collect(&mut officer, &collected).ok();
    let (uncollected, _) = ready(&site);
    let holds = |id: &str| {
        let case = site.case(id);
        !case.state.disclosed().unwrap().release.record.is_empty()
    };
    site.later(SignedDuration::from_hours(23));
    site.work();
    assert!(!holds(&collected) && holds(&uncollected));
    site.later(SignedDuration::from_hours(24 * 200));
    site.work();
    assert!(!holds(&uncollected));
    let mut officer = site.signed_in(OFFICER);
    let page = officer.get(&format!("/requests/{uncollected}")).ok();
    assert!(page.says("was not collected in time"), "{}", page.text);
    assert!(site.kinds().contains(&EventKind::DownloadEnded));
}

#[test]
fn a_request_nobody_deals_with_expires() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in(OFFICER), &[("priority", "emergency")]);
    site.work();
    site.later(SignedDuration::from_hours(24 * 91));
    site.work();
    assert_eq!(site.case(&id).state.code(), "expired");
}

/// What the agency owes stops what it asks; a threat to life is for a person to weigh.
#[test]
fn overdue_outcomes_refuse_until_they_are_returned_and_an_emergency_waits_for_a_person() {
    let site = Site::demonstration();
    let (owed, mut officer) = ready(&site);
    collect(&mut officer, &owed).ok();
    let due = site.case(&owed).outcome_due_at().unwrap();
    site.later(due.duration_since(site.gate.clock.now()));
    let mut officer = site.signed_in(OFFICER);
    let refused = ask(&mut officer, &[("agency_reference", "NM-2")]);
    let emergency = [("agency_reference", "NM-3"), ("priority", "emergency")];
    let emergency = ask(&mut officer, &emergency);
    site.work();
    let told = officer.get(&format!("/requests/{refused}")).ok();
    assert!(
        told.says("outcomes_overdue") && told.says(&owed),
        "{}",
        told.text
    );
    assert!(told.says("Return the outcome of each, then ask again."));
    assert_eq!(site.case(&emergency).state.code(), "submitted");
    let page = site
        .signed_in(CASEWORKER)
        .get(&format!("/cases/{emergency}"));
    assert!(
        page.ok()
            .says("Outcome returns are overdue: a person decides")
    );
    let met = [("answer", "met"), ("reason", "A child is missing.")];
    assert_eq!(step(&site, &emergency, "clauses", &met).status, 303);
    let checks = site.case(&emergency).state.checks().cloned().unwrap();
    let answer = checks.answer("outcomes").unwrap();
    assert_eq!(answer.reason.as_deref(), Some("A child is missing."));
    assert!(site.kinds().contains(&EventKind::ClauseAnswered));
    let page = officer.get(&format!("/requests/{owed}")).ok();
    let returned = [("outcome", "located")];
    let returned = officer.submit(&format!("/requests/{owed}/outcome"), &page, &returned);
    assert_eq!(returned.status, 303, "{}", returned.text);
    let next = ask(&mut officer, &[("agency_reference", "NM-4")]);
    site.work();
    assert_eq!(site.case(&next).state.code(), "casework_review");
}

#[test]
fn a_question_is_answered_with_a_corrected_request_that_is_judged_anew() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let id = ask(&mut officer, &[("priority", "emergency")]);
    site.work();
    let question = [("question", "Is the postcode right?")];
    assert_eq!(step(&site, &id, "question", &question).status, 303);
    let path = format!("/requests/{id}/revision");
    let page = officer.get(&format!("/requests/{id}")).ok();
    assert!(page.says(&path), "{}", page.text);
    let form = officer.get(&path).ok();
    assert!(form.says("Is the postcode right?") && form.says("value=\"Thistlewood\""));
    let changed = journey::form(&[("priority", "emergency"), ("subject.postcode", "ZQ1 1ZZ")]);
    let check = officer.submit(&path, &form, &changed).ok();
    assert!(check.says("ZQ1 1ZZ") && check.says("Send the corrected request"));
    let sent = officer.submit(&path, &check, &[("step", "send")]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    assert_eq!(site.case(&id).state.code(), "submitted");
    site.work();
    let case = site.case(&id);
    assert_eq!(
        case.state.code(),
        "checked",
        "judged anew, then for a person"
    );
    assert_eq!(case.request.subject.postcode, "ZQ1 1ZZ");
    assert!(case.has_free_text());
    assert_eq!(officer.get(&path).status, 409, "the question is answered");
}
