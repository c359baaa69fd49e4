//! Who has a case in hand: taken, handed over and put back by staff, while somebody waits.

use super::sample::*;
use crate::arrows::{self, hand_over, put_back, take_case};
use crate::trace::TraceOutcome;
use crate::{Actor, ArrowError, Case, EventKind, Role};

fn taken(case: &Case, by: &Actor) -> Case {
    after(take_case(case, by, at(10)))
}

fn holder(case: &Case) -> Option<&str> {
    case.assignee.as_ref().map(|by| by.id.as_str())
}

#[test]
fn staff_take_hand_over_and_put_back_and_each_is_an_entry() {
    let case = traced(TraceOutcome::Single);
    let other = person("colleague", Role::Caseworker, "controller");
    let taking = take_case(&case, &caseworker(), at(10)).unwrap();
    assert_eq!(taking.event.kind, EventKind::Assigned);
    assert_eq!(taking.event.audit["assignee"], "caseworker");
    assert_eq!(taking.event.audit["note"], "taken");
    assert!(taking.outbox.is_empty(), "nothing has become due");
    let case = taking.case().unwrap().clone();
    assert_eq!(holder(&case), Some("caseworker"));
    assert_eq!(
        case.state,
        traced(TraceOutcome::Single).state,
        "it stands where it stood"
    );
    let given = after(hand_over(&case, &other, &caseworker(), at(11)));
    assert_eq!(holder(&given), Some("colleague"));
    let back = after(put_back(&given, &other, at(12)));
    assert_eq!(holder(&back), None);
    let notes: Vec<&str> = back
        .history
        .iter()
        .rev()
        .take(3)
        .map(|s| s.note.as_str())
        .collect();
    assert_eq!(notes, ["put_back", "handed_over", "taken"]);
}

#[test]
fn a_case_is_taken_over_on_record_and_nobody_takes_it_twice() {
    let case = taken(&traced(TraceOutcome::Single), &caseworker());
    let again = take_case(&case, &caseworker(), at(11));
    assert!(matches!(again, Err(ArrowError::WrongState { .. })));
    let over = taken(&case, &guardian());
    assert_eq!(over.history.last().unwrap().note, "taken_over");
}

#[test]
fn only_staff_with_no_part_in_the_agency_and_only_while_somebody_waits() {
    let case = traced(TraceOutcome::Single);
    let inside = person("inside", Role::Caseworker, AGENCY);
    let overseer = person("overseer", Role::Overseer, "data-guardian");
    for by in [officer(), overseer, inside.clone(), Actor::gate()] {
        assert!(take_case(&case, &by, at(10)).is_err(), "{}", by.id);
    }
    let held = taken(&case, &caseworker());
    assert!(hand_over(&held, &inside, &caseworker(), at(11)).is_err());
    assert!(hand_over(&held, &caseworker(), &caseworker(), at(11)).is_err());
    assert!(
        hand_over(&held, &guardian(), &reviewer(), at(11)).is_err(),
        "not theirs to give"
    );
    let other = person("colleague", Role::Caseworker, "controller");
    assert!(
        put_back(&held, &other, at(11)).is_err(),
        "not theirs to put back"
    );
    assert_eq!(holder(&after(put_back(&held, &guardian(), at(11)))), None);
    assert!(
        put_back(&case, &guardian(), at(11)).is_err(),
        "nobody has it"
    );
    assert!(
        take_case(&released(), &caseworker(), at(3 * DAY)).is_err(),
        "it has ended"
    );
}

#[test]
fn to_have_had_a_case_in_hand_does_not_keep_a_guardian_from_the_second_review() {
    let case = drafted(&[crate::Field::Name]);
    let case = taken(&case, &guardian());
    let agreed = arrows::agree(
        &viewed(&case),
        "",
        &recheck(),
        &terms(),
        &guardian(),
        at(2 * DAY),
    );
    assert!(agreed.is_ok(), "{agreed:?}");
}
