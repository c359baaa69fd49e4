use super::sample::{
    DAY, OTHER_AGENCY, after, at, caseworker, collected, guardian, leaks, no_result, officer,
    person, releasable, released,
};
use crate::release::OutcomeReturn;
use crate::trace::TraceOutcome;
use crate::{Actor, ArrowError, Case, Ending, Message, Role, State, arrows, outward};

fn json(case: &Case, now: jiff::Timestamp) -> String {
    serde_json::to_string(&outward::answer(case, now)).unwrap()
}

#[test]
fn a_wrong_person_is_recalled_and_closed_when_destroyed() {
    let now = at(20 * DAY);
    let wrong = OutcomeReturn::WrongPerson;
    let step = arrows::return_outcome(&collected(), wrong, &officer(), now).unwrap();
    let told = step
        .outbox
        .iter()
        .any(|message| matches!(message, Message::Notify { .. }));
    assert!(told);
    let case = step.case().unwrap().clone();
    assert_eq!(case.state.code(), "recalled");
    assert_eq!(
        case.ending,
        Some(Ending::ReleasedAll),
        "stays counted as released"
    );
    assert_eq!(case.state.disclosed().unwrap().release.record, []);
    assert_eq!(outward::answer(&case, now).status, "recalled");

    let closed = after(arrows::confirm_destroyed(&case, &officer(), at(21 * DAY)));
    assert_eq!(
        closed.state,
        State::Closed(Some(wrong)),
        "counted, whoever found out"
    );
    assert_eq!(closed.ending, Some(Ending::ReleasedAll));
    assert_eq!(outward::answer(&closed, at(21 * DAY)).status, "closed");
}

#[test]
fn who_holds_a_copy_confirms_its_destruction() {
    let now = at(20 * DAY);
    let copied = after(arrows::recall(&collected(), "mistake", &caseworker(), now));
    let stranger = person("stranger", Role::Officer, OTHER_AGENCY);
    for by in [stranger, caseworker(), Actor::gate()] {
        let refused = arrows::confirm_destroyed(&copied, &by, now);
        assert!(matches!(refused, Err(ArrowError::Role { .. })), "{by:?}");
    }
    let closed = after(arrows::confirm_destroyed(&copied, &officer(), now));
    assert_eq!(closed.state, State::Closed(None));
    let uncollected = after(arrows::recall(&released(), "mistake", &caseworker(), now));
    assert!(arrows::confirm_destroyed(&uncollected, &Actor::gate(), now).is_ok());
    assert!(arrows::confirm_destroyed(&collected(), &officer(), now).is_err());
}

/// I10: before the answer time nobody has told the agency of a find; the recall does not either,
/// then or ever after.
#[test]
fn a_recall_before_the_answer_time_is_no_result_for_ever() {
    let recalled = arrows::recall(&released(), "mistake", &guardian(), at(4 * DAY));
    let step = recalled.unwrap();
    assert_eq!(step.outbox, [], "a message would tell");
    let case = step.case().unwrap().clone();
    let nobody = no_result(TraceOutcome::NoTrace);
    let answer_at = case.answer_at.unwrap();
    assert_eq!(Some(answer_at), nobody.answer_at);
    for now in [at(4 * DAY), answer_at, at(99 * DAY)] {
        assert_eq!(json(&case, now), json(&nobody, now));
        for arrow in ["confirm_destroyed", "collect", "return_outcome", "withdraw"] {
            let tried = |case: &Case| match arrow {
                "confirm_destroyed" => arrows::confirm_destroyed(case, &officer(), now),
                "collect" => arrows::collect(case, "k", &releasable(), &officer(), now),
                "withdraw" => arrows::withdraw(case, &officer(), now),
                _ => arrows::return_outcome(case, OutcomeReturn::Located, &officer(), now),
            };
            assert_eq!(tried(&case), tried(&nobody), "{arrow}");
        }
    }
    let closed = after(arrows::confirm_destroyed(
        &case,
        &Actor::gate(),
        at(30 * DAY),
    ));
    assert_eq!(json(&closed, at(31 * DAY)), json(&nobody, at(31 * DAY)));
}

#[test]
fn a_recall_after_the_answer_time_is_told() {
    let case = released();
    let now = case.answer_at.unwrap();
    let step = arrows::recall(&case, "mistake", &Actor::gate(), now).unwrap();
    assert!(matches!(step.outbox[..], [Message::Notify { at, .. }] if at == now));
    assert_eq!(
        outward::answer(step.case().unwrap(), now).status,
        "recalled"
    );
    assert!(!leaks(&format!(
        "{:?}",
        step.case().unwrap().state.disclosed().unwrap().release
    )));
}

#[test]
fn an_agency_does_not_recall() {
    let refused = arrows::recall(&released(), "mistake", &officer(), at(3 * DAY));
    assert!(matches!(refused, Err(ArrowError::Role { .. })));
}
