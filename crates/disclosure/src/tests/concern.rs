//! Who is told what of a case: the person asked about, the others who were compared.

use super::sample::*;
use crate::arrows;
use crate::trace::{Candidate, TraceOutcome, TraceResult};
use crate::{Actor, Case, EventKind, Transition};

/// A trace that found `person-1` and compared two others.
fn compared() -> TraceResult {
    let mut trace = trace_result(TraceOutcome::Single, &Actor::gate(), at(3));
    let like = |person: &str| Candidate {
        person_ref: person.to_owned(),
        ..trace.candidates[0].clone()
    };
    let others = [like("person-2"), like("person-3")];
    trace.candidates.extend(others);
    trace
}

fn traced() -> Transition {
    arrows::record_trace(&tracing(request()), compared(), at(3)).unwrap()
}

fn people(transition: &Transition) -> Vec<(&str, &str)> {
    let concerns = transition.event.concerns.iter();
    concerns
        .map(|concern| (concern.person.as_str(), concern.facts["part"].as_str()))
        .collect()
}

#[test]
fn everybody_compared_is_told_and_only_the_one_found_of_the_rest() {
    let traced = traced();
    let all = [
        ("person-1", "asked_about"),
        ("person-2", "compared"),
        ("person-3", "compared"),
    ];
    assert_eq!(people(&traced), all);
    let case = traced.case().unwrap().clone();
    let kind = EventKind::CaseViewed;
    let viewed = arrows::note_look("k", kind, Some(&case), "page", &caseworker(), at(4));
    assert_eq!(people(&viewed), all, "whoever opens the case sees them all");
    let ended = arrows::withdraw(&case, &officer(), at(5)).unwrap();
    assert_eq!(people(&ended), [("person-1", "asked_about")]);
    // The trace is gone with the state, and the case is still about the person.
    let case = ended.case().unwrap();
    assert_eq!(case.concerned().found.as_deref(), Some("person-1"));
    let viewed = arrows::note_look("k", kind, Some(case), "page", &caseworker(), at(6));
    assert_eq!(people(&viewed), [("person-1", "asked_about")]);
}

#[test]
fn whoever_was_only_compared_learns_of_nobody_else() {
    let traced = traced();
    let [found, other, _] = traced.event.concerns.as_slice() else {
        panic!("three people");
    };
    let names: Vec<&str> = other.facts.keys().map(String::as_str).collect();
    assert_eq!(names, ["at", "by", "part", "person"], "no agency, no case");
    assert_eq!(found.facts["receiver"], AGENCY);
    assert_eq!(found.facts["purpose"], "serious_crime");
    for concern in &traced.event.concerns {
        let said: Vec<&String> = concern.facts.values().collect();
        let about = ["person-1", "person-2", "person-3"];
        let named = about.iter().filter(|name| said.iter().any(|s| s == *name));
        assert_eq!(named.count(), 1, "{said:?}");
        assert!(!said.iter().any(|said| leaks(said)), "{said:?}");
    }
}

#[test]
fn a_release_tells_the_items_and_the_gateway_and_no_value() {
    let case = viewed(&drafted(&[
        crate::Field::Name,
        crate::Field::LastKnownAddress,
    ]));
    let released = arrows::agree(&case, "", &recheck(), &terms(), &guardian(), at(2 * DAY));
    let released = released.unwrap();
    let told = &released.event.concerns[0].facts;
    assert_eq!(told["fields"], "name last_known_address");
    assert_eq!(told["basis"], "L3");
    assert_eq!(told["agreement"], agreement().name);
    assert!(!told.contains_key("code"));
    let refused = no_result(TraceOutcome::Single);
    let why = refused.history.last().unwrap().note.clone();
    assert_eq!(why, "pit_not_met_after_trace");
}

/// A case stored before it kept whom it is about still has its trace.
#[test]
fn an_older_case_is_about_whom_its_trace_found() {
    let mut case: Case = traced().case().unwrap().clone();
    case.concerned = crate::Concerned::default();
    assert_eq!(case.concerned().found.as_deref(), Some("person-1"));
    assert_eq!(case.concerned().compared.len(), 3);
}
