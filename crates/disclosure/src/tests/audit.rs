//! What an entry holds: codes for the auditor, a reference for the person, values for nobody.

use super::sample::{
    DAY, MARK, NHS_NUMBER, after, at, caseworker, checked, drafted, guardian, leaks, officer,
    person, received, recheck, released, request, terms, viewed,
};
use crate::{Actor, Case, Change, Event, EventKind, Field, Role, Transition, arrows};

/// An entry and its messages hold no value, whatever the requester wrote and the index holds.
pub fn require_clean(transition: &Transition) {
    for part in [
        format!("{:?}", transition.event),
        format!("{:?}", transition.outbox),
        transition.key.clone(),
    ] {
        assert!(!leaks(&part), "a value in {part}");
    }
    if let Some(case) = transition.case() {
        let line = format!("{:?}", case.history.last());
        assert!(!leaks(&line), "a value in {line}");
    }
}

#[test]
fn the_search_for_values_finds_them() {
    assert!(leaks(&format!("{:?}", request())) && leaks("999 000 0018") && leaks("ZQ1"));
    assert!(MARK.chars().all(char::is_lowercase) && NHS_NUMBER.len() == 10);
}

#[test]
fn an_entry_names_the_step_the_actor_and_the_agreement() {
    let case = viewed(&drafted(&[Field::Name]));
    let (changed, now) = ("Zqchanged", at(2 * DAY));
    let step = arrows::agree(&case, changed, &recheck(), &terms(), &guardian(), now).unwrap();
    require_clean(&step);
    let facts: Vec<(&str, &str)> = step
        .event
        .audit
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let hash = "ab".repeat(32);
    assert_eq!(
        facts,
        [
            ("actor", "guardian"),
            ("agency", "police-northmoor"),
            ("agreement", "police-serious-crime/2026-01-01"),
            ("agreement_hash", hash.as_str()),
            ("answer_at", "2018-05-20T00:00:00Z"),
            ("ending", "released_part"),
            ("fields", "name"),
            ("from", "guardian_review"),
            ("note", ""),
            ("own_view", "changed"),
            ("purpose", "serious_crime"),
            ("role", "guardian"),
            ("to", "released_part"),
        ]
    );
    assert_eq!(found(&step.event), Some("person-1"));
    assert_eq!(step.event.kind, EventKind::Released);
}

/// Purpose and organization are what the requester wrote: only what is shaped like a code goes in.
#[test]
fn a_name_typed_as_a_code_stays_out() {
    for purpose in [
        "Zqsurname",
        "9990000018",
        "zq surname",
        "",
        &"zq".repeat(40),
    ] {
        let mut request = request();
        request.purpose = purpose.to_owned();
        request.requester.organization = purpose.to_owned();
        let received = arrows::receive("TG-1", "key", request, &officer(), at(0));
        require_clean(&received);
        assert_eq!(received.event.audit["purpose"], "not_a_code");
        assert_eq!(received.event.audit["agency"], "not_a_code");
    }
}

/// The question may speak of the person; the history, the entry and the message do not.
#[test]
fn a_question_stays_in_the_case() {
    let case = checked(request());
    let asked = arrows::ask(&case, "Is Zqsurname the elder?", &caseworker(), at(2)).unwrap();
    require_clean(&asked);
    let mut revised = request();
    revised.manual_information = Some("Zqmanual".to_owned());
    let asked = asked.case().unwrap();
    let clarified = arrows::clarify(asked, "Zqanswer", Some(revised), &officer(), at(3)).unwrap();
    require_clean(&clarified);
}

/// The person whom an entry is about.
fn found(event: &Event) -> Option<&str> {
    let found = event.concerns.iter().find(|concern| concern.is_subject)?;
    Some(&found.person)
}

/// I9: a step that drops the trace is still about the person traced.
#[test]
fn a_step_that_leaves_the_trace_behind_is_still_about_the_person() {
    let gate = Actor::gate();
    let case = drafted(&[Field::Name]);
    let late = case.expires_at;
    for step in [
        arrows::hold(&case, &gate, at(2 * DAY)),
        arrows::refuse_suspended(&case, &gate, at(2 * DAY)),
        arrows::withdraw(&case, &officer(), at(2 * DAY)),
        arrows::expire(&case, &gate, late),
    ] {
        let event = step.unwrap().event;
        assert_eq!(found(&event), Some("person-1"), "{:?}", event.kind);
    }
    let event = arrows::hold(&received(request()), &gate, at(1))
        .unwrap()
        .event;
    assert!(event.concerns.is_empty(), "nobody has been traced");
}

#[test]
fn receiving_twice_has_one_key_and_two_agencies_have_two() {
    let key = |by: &Actor, key: &str| arrows::receive("TG-1", key, request(), by, at(0)).key;
    let elsewhere = person("officer", Role::Officer, "police-southmoor");
    assert_eq!(key(&officer(), "one"), key(&officer(), "one"));
    assert_ne!(key(&officer(), "one"), key(&officer(), "two"));
    assert_ne!(key(&officer(), "one"), key(&elsewhere, "one"));
}

/// I9: looking changes nothing and is on record with its purpose.
#[test]
fn a_look_is_an_entry_that_changes_nothing() {
    let case = released();
    let what = "case page";
    let kind = EventKind::CaseViewed;
    let look = arrows::note_look("k", kind, Some(&case), what, &caseworker(), at(3 * DAY));
    require_clean(&look);
    assert_eq!(look.change, Change::Nothing);
    assert_eq!(
        (look.event.kind, look.event.audit["what"].as_str()),
        (kind, what)
    );
    assert_eq!(look.event.case_id.as_ref(), Some(&case.id));
    assert_eq!(found(&look.event), Some("person-1"));
    let log = arrows::note_look("k", EventKind::LogRead, None, "log", &officer(), at(0));
    assert!(log.event.concerns.is_empty() && log.event.case_id.is_none());
}

/// A case survives being stored, at every stage.
#[test]
fn a_case_is_read_back_as_it_was_written() {
    let mut cases = super::agency::hidden_endings();
    cases.push(after(arrows::ask(
        &checked(request()),
        "which?",
        &caseworker(),
        at(2),
    )));
    for case in cases {
        let json = serde_json::to_string(&case).unwrap();
        assert_eq!(serde_json::from_str::<Case>(&json).unwrap(), case);
    }
}
