//! Beside the straight way: budgets, questions, recalls, and what time brings about.

use disclosure::EventKind;
use jiff::SignedDuration;

use super::browser::{Browser, Page};
use super::journey::{self, CASEWORKER, GUARDIAN, OFFICER, ask, draft, second_review};
use super::site::Site;

/// A caseworker takes a step with a case.
pub fn step(site: &Site, id: &str, path: &str, fields: &[(&str, &str)]) -> Page {
    let mut caseworker = site.signed_in(CASEWORKER);
    let case = format!("/cases/{id}");
    let page = caseworker.get(&case).ok();
    caseworker.submit(&format!("{case}/{path}"), &page, fields)
}

/// A caseworker has called the agency back, and it knows of the request.
pub fn call_back(site: &Site, id: &str) {
    let met = [
        ("answer", "met"),
        ("reason", "The control room knows of it."),
    ];
    assert_eq!(step(site, id, "clauses", &met).status, 303);
    site.work();
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
    call_back(&site, &id);
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
    call_back(&site, &id);
    let question = [("question", "Is the postcode right?")];
    assert_eq!(step(&site, &id, "question", &question).status, 303);
    let path = format!("/requests/{id}/revision");
    let page = officer.get(&format!("/requests/{id}")).ok();
    assert!(page.says(&path), "{}", page.text);
    let draft = officer.submit(&path, &page, &[]).location();
    let again = officer.submit(&path, &page, &[]).location();
    assert_eq!(draft, again, "one correction for each question");
    assert!(officer.get(&draft).ok().says("Is the postcode right?"));
    let person = officer.get(&format!("{draft}/person")).ok();
    assert!(person.says("value=\"Thistlewood\""), "{}", person.text);
    let changed = journey::form(&[("priority", "emergency"), ("subject.postcode", "ZQ1 1ZZ")]);
    officer.submit(&format!("{draft}/person"), &person, &changed);
    let check = officer.get(&format!("{draft}/check")).ok();
    assert!(check.says("ZQ1 1ZZ") && check.says("question was answered"));
    journey::finish(&mut officer, &draft);
    assert_eq!(
        site.case(&id).state.code(),
        "clarification",
        "nobody has signed yet"
    );
    let sent = journey::sign(&officer, &draft);
    assert_eq!(sent.location(), format!("/requests/{id}"), "{}", sent.text);
    assert_eq!(site.case(&id).state.code(), "submitted");
    site.work();
    // What is asked now has a check of its own.
    call_back(&site, &id);
    let case = site.case(&id);
    assert_eq!(
        case.state.code(),
        "checked",
        "judged anew, then for a person"
    );
    assert_eq!(case.request.subject.postcode, "ZQ1 1ZZ");
    assert!(case.has_free_text());
    let late = officer.submit(&path, &page, &[]);
    assert_eq!(late.status, 409, "the question is answered");
}

#[test]
fn a_case_is_taken_handed_over_and_put_back_on_record() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    let page = site.signed_in(CASEWORKER).get(&format!("/cases/{id}")).ok();
    assert!(page.says("Nobody has this case in hand"));
    let taken = step(&site, &id, "assignment", &[("step", "take")]);
    assert_eq!(taken.status, 303, "{}", taken.text);
    let page = site.signed_in(CASEWORKER).get(&format!("/cases/{id}")).ok();
    assert!(page.says("You have this case in hand") && page.says("Tomasz Zielinski"));
    let nobody = step(
        &site,
        &id,
        "assignment",
        &[("step", "over"), ("to", OFFICER)],
    );
    assert_eq!(nobody.status, 403, "not a colleague");
    let over = [("step", "over"), ("to", "cw-tomasz-zielinski")];
    assert_eq!(step(&site, &id, "assignment", &over).status, 303);
    let back = step(&site, &id, "assignment", &[("step", "back")]);
    assert_eq!(back.status, 403, "it is somebody else's now");
    let mut overseer = site.signed_in("ov-james-whitlock");
    let page = overseer.get(&format!("/cases/{id}")).ok();
    assert!(page.says("Tomasz Zielinski has this case in hand"));
    let path = format!("/cases/{id}/assignment");
    let seen = site.case(&id).version.to_string();
    let refused = overseer.post(&path, &[("seen", &seen), ("step", "take")]);
    assert_eq!(refused.status, 403);
    let assigned = site
        .kinds()
        .into_iter()
        .filter(|kind| *kind == EventKind::Assigned);
    assert_eq!(assigned.count(), 2);
    let told = site.signed_in(OFFICER).get(&format!("/requests/{id}")).ok();
    assert!(
        !told.says("Zielinski"),
        "the agency is not told who handles it"
    );
}

#[test]
fn the_queue_is_narrowed_by_what_names_nobody() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let routine = ask(&mut officer, &[]);
    let urgent = ask(
        &mut officer,
        &[("agency_reference", "NM-2"), ("priority", "emergency")],
    );
    site.work();
    step(&site, &routine, "assignment", &[("step", "take")]);
    let mut caseworker = site.signed_in(CASEWORKER);
    let mut shows = |query: &str| {
        let page = caseworker.get(&format!("/cases{query}")).ok();
        [page.says(&routine), page.says(&urgent)]
    };
    assert_eq!(shows(""), [true, true]);
    assert_eq!(shows("?hands=mine"), [true, false]);
    assert_eq!(shows("?hands=nobody"), [false, true]);
    assert_eq!(shows("?priority=emergency"), [false, true]);
    assert_eq!(shows("?priority=routine&state=checked"), [false, false]);
    let agreement = "?agreement=police-serious-crime/2026-01-01";
    assert_eq!(shows(agreement), [true, true]);
    assert_eq!(shows("?agreement=court-order/2026-01-01"), [false, false]);
    assert_eq!(shows("?deadline=soon"), [false, false]);
    // What is not a filter narrows nothing; there is none by protection or by outcome.
    for other in [
        "restricted=yes",
        "outcome=single",
        "state=restricted",
        "sort=protected",
    ] {
        assert_eq!(shows(&format!("?{other}")), [true, true], "{other}");
    }
    site.later(SignedDuration::from_hours(24 * 85));
    let mut caseworker = site.signed_in(CASEWORKER);
    let soon = caseworker.get("/cases?deadline=soon").ok();
    assert!(
        soon.says(&urgent) && soon.says("Ends within a week"),
        "{}",
        soon.text
    );
    let nobody = caseworker.get("/cases?reference=TG-0000-0000-00");
    assert_eq!(nobody.status, 404);
    assert!(site.kinds().contains(&EventKind::AccessRefused));
}

#[test]
fn a_case_is_printed_whole_with_everybody_who_saw_it() {
    let site = Site::demonstration();
    let (id, _) = ready(&site);
    let mut overseer = site.signed_in("ov-james-whitlock");
    let path = format!("/cases/{id}/print");
    let page = overseer.get(&path).ok();
    for text in [
        "Taken out by James Whitlock",
        "Thistlewood",
        "Clause by clause",
        "Murder outweighs confidence",
        "Name and address, no more.",
        "Sofia Lindqvist, caseworker",
        "Case viewed: decision",
        "Case viewed: print of the whole case",
        "Information Commissioner",
    ] {
        assert!(page.says(text), "no `{text}` in {}", page.text);
    }
    assert_eq!(site.signed_in(OFFICER).get(&path).status, 403);
    let case = site.signed_in(GUARDIAN).get(&format!("/cases/{id}")).ok();
    assert!(
        case.says("James Whitlock, overseer: print of the whole case"),
        "{}",
        case.text
    );
}

#[test]
fn a_refusal_is_a_letter_the_same_for_both_sides() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let refused = ask(&mut officer, &[("grounds.offence", "")]);
    let open = ask(&mut officer, &[("agency_reference", "NM-2")]);
    site.work();
    let path = |id: &str| {
        [
            format!("/requests/{id}/letter"),
            format!("/cases/{id}/letter"),
        ]
    };
    let [theirs, ours] = path(&refused);
    let theirs = officer.get(&theirs).ok();
    for text in [
        "Your request was refused",
        "Clause 2.1",
        "What would change the answer:",
        "If you think this is wrong",
        "NM-2026-118",
    ] {
        assert!(theirs.says(text), "no `{text}` in {}", theirs.text);
    }
    let ours = site.signed_in(CASEWORKER).get(&ours).ok();
    let letter = |text: &str| {
        text.split_once("<h1")
            .unwrap()
            .1
            .split_once("</main>")
            .unwrap()
            .0
            .to_owned()
    };
    assert_eq!(letter(&theirs.text), letter(&ours.text));
    assert_eq!(officer.get(&path(&open)[0]).status, 409);
    assert_eq!(
        site.signed_in("clerk-idris-vaughan")
            .get(&path(&refused)[0])
            .status,
        404
    );
}

/// What rests on a trace has no letter: there is one answer, and it gives no reasons (I10).
#[test]
fn nothing_after_a_trace_has_a_letter() {
    let site = Site::demonstration();
    let (id, mut officer) = ready(&site);
    assert_eq!(officer.get(&format!("/requests/{id}/letter")).status, 409);
}
