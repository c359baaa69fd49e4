use super::sample::*;
use crate::arrows::{self, ErasureGround, erase, erasure_proposal_key, propose_erasure};
use crate::trace::TraceOutcome;
use crate::{ArrowError, Case, Change, EventKind};

const GROUND: ErasureGround = ErasureGround::RightToErasure;

/// Long after every answer has left.
const LATE: i64 = 30 * DAY;

fn finished() -> Vec<Case> {
    vec![no_result(TraceOutcome::Ambiguous)]
}

#[test]
fn staff_propose_and_another_guardian_confirms() {
    let cases = finished();
    let proposed = propose_erasure(&cases, GROUND, &caseworker(), at(LATE)).unwrap();
    assert_eq!(proposed.change, Change::Nothing);
    assert_eq!(proposed.event.kind, EventKind::ErasureProposed);
    let erased = erase(&cases, GROUND, &caseworker().id, &guardian(), at(LATE)).unwrap();
    let named = vec![(cases[0].id.clone(), cases[0].version)];
    assert_eq!(erased.change, Change::Erase(named));
    assert_eq!(erased.event.kind, EventKind::Erased);
    assert_ne!(erased.key, proposed.key);
    // What the log keeps of it says nothing about the person.
    assert!(erased.event.concerns.is_empty(), "nobody had been found");
    assert!(!erased.event.audit.values().any(|fact| leaks(fact)));
    let by_officer = propose_erasure(&cases, GROUND, &officer(), at(LATE));
    assert!(matches!(by_officer, Err(ArrowError::Role { .. })));
    let by_caseworker = erase(&cases, GROUND, "somebody", &caseworker(), at(LATE));
    assert!(matches!(by_caseworker, Err(ArrowError::Role { .. })));
    let alone = erase(&cases, GROUND, &guardian().id, &guardian(), at(LATE));
    assert!(matches!(alone, Err(ArrowError::SamePerson { .. })));
}

#[test]
fn nothing_is_erased_while_somebody_waits() {
    let mut answered = finished();
    let early = propose_erasure(&answered, GROUND, &caseworker(), at(0));
    assert!(matches!(early, Err(ArrowError::Unfinished(_))));
    for open in [received(request()), released(), collected()] {
        answered.push(open);
        let refused = erase(&answered, GROUND, "somebody", &guardian(), at(LATE));
        assert!(matches!(refused, Err(ArrowError::Unfinished(_))));
        answered.pop();
    }
}

#[test]
fn a_proposal_is_for_the_cases_as_they_stood() {
    let mut cases = finished();
    let key = erasure_proposal_key(&cases);
    cases[0].version += 1;
    assert_ne!(erasure_proposal_key(&cases), key);
    cases[0].version -= 1;
    cases.push(after(arrows::expire(
        &received(request()),
        &crate::Actor::gate(),
        at(400 * DAY),
    )));
    assert_ne!(erasure_proposal_key(&cases), key);
}
