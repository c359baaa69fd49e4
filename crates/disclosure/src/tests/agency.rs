//! The steps an agency takes, and that trying them tells it nothing.

use super::sample::{
    AGENCY, DAY, OTHER_AGENCY, OUTCOMES, after, at, checked, collected, drafted, guardian,
    no_result, officer, person, propose, received, recheck, releasable, released, request, traced,
    viewed,
};
use crate::decision::Proposal;
use crate::release::OutcomeReturn;
use crate::trace::TraceOutcome;
use crate::{ArrowError, Case, Change, Ending, Field, Role, State, arrows, outward};

/// A case after each possible after-trace ending, all received at once, none answered yet.
pub fn hidden_endings() -> Vec<Case> {
    let mut cases: Vec<Case> = OUTCOMES.into_iter().map(no_result).collect();
    cases.push(released());
    let case = drafted(&[Field::Name]);
    cases.push(super::sample::agreed(&case, &recheck()));
    let declined = arrows::decline(
        &viewed(&case),
        "",
        super::sample::WINDOW,
        &guardian(),
        at(3 * DAY),
    );
    cases.push(after(declined));
    let forward = propose(Proposal::Forward);
    let case = traced(TraceOutcome::NoTrace);
    let by = super::sample::caseworker();
    let case = after(arrows::draft(&case, forward, &[], &by, at(DAY)));
    cases.push(super::sample::agreed(&case, &recheck()));
    cases.push(after(arrows::recall(
        &released(),
        "mistake",
        &guardian(),
        at(4 * DAY),
    )));
    cases
}

/// A case at each stage before the decision.
fn open_cases() -> Vec<Case> {
    let mut cases = vec![
        received(request()),
        checked(request()),
        super::sample::tracing(request()),
        drafted(&[Field::Name]),
    ];
    cases.extend(OUTCOMES.into_iter().map(traced));
    cases
}

/// I10: trying to collect, to return an outcome or to confirm destruction before the answer time
/// fails in the same words at every stage, found or not.
#[test]
fn steps_tried_too_early_fail_alike() {
    let now = at(5 * DAY);
    let mut cases = open_cases();
    cases.extend(hidden_endings());
    let told = |error: ArrowError| error.to_string();
    for case in &cases {
        let collect = arrows::collect(case, "early", &releasable(), &officer(), now).map_err(told);
        let outcome = arrows::return_outcome(case, OutcomeReturn::Located, &officer(), now);
        let destroyed = arrows::confirm_destroyed(case, &officer(), now).map_err(told);
        let expected = |arrow: &str| {
            let text = "a case that is `received` cannot take the step";
            Err(format!("{text} `{arrow}`; reload the case"))
        };
        assert_eq!(collect, expected("collect"), "{}", case.state.code());
        assert_eq!(outcome.map_err(told), expected("return_outcome"));
        assert_eq!(destroyed, expected("confirm_destroyed"));
    }
}

/// A decided case fails a withdrawal alike, whatever was decided.
#[test]
fn withdrawing_after_the_decision_tells_no_outcome() {
    for case in hidden_endings() {
        let refused = arrows::withdraw(&case, &officer(), at(5 * DAY));
        let state = "received";
        let expected = ArrowError::WrongState {
            arrow: "withdraw",
            state,
        };
        assert_eq!(refused, Err(expected), "{}", case.state.code());
    }
}

/// Withdrawn and expired are told at once and in the same words at every stage: a wait for the
/// window after a trace would tell that there had been one.
#[test]
fn withdrawn_and_expired_look_alike_before_and_after_a_trace() {
    let mut answers = Vec::new();
    for case in open_cases() {
        let now = case.expires_at;
        let withdrawn = after(arrows::withdraw(&case, &officer(), now));
        let expired = after(arrows::expire(&case, &crate::Actor::gate(), now));
        assert_eq!(
            (withdrawn.ending, expired.ending),
            (Some(Ending::Withdrawn), Some(Ending::Expired))
        );
        assert_eq!(
            (withdrawn.answer_at, expired.answer_at),
            (Some(now), Some(now))
        );
        let told = [&withdrawn, &expired].map(|case| outward::answer(case, now));
        answers.push(serde_json::to_string(&told).unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[test]
fn nothing_expires_early() {
    let case = checked(request());
    let early = case.expires_at - jiff::SignedDuration::from_nanos(1);
    assert!(arrows::expire(&case, &crate::Actor::gate(), early).is_err());
    assert!(
        arrows::expire(&case, &officer(), case.expires_at).is_err(),
        "the gate does"
    );
}

#[test]
fn a_release_is_collected_once_and_held_to_the_agreement() {
    let case = released();
    let now = case.answer_at.unwrap();
    let collect = arrows::collect(&case, "collect-1", &releasable(), &officer(), now).unwrap();
    assert!(
        matches!(collect.change, Change::MoveIfAgreementOpen(..)),
        "I7"
    );
    let case = collect.case().unwrap().clone();
    assert_eq!(case.state.code(), "outcome_due");
    assert!(case.state.disclosed().unwrap().release.repeats("collect-1"));
    for key in ["collect-1", "collect-2"] {
        let again = arrows::collect(&case, key, &releasable(), &officer(), now);
        assert_eq!(again, Err(ArrowError::AlreadyCollected));
    }
}

#[test]
fn only_the_asking_agency_collects_returns_and_withdraws() {
    let (case, due, open) = (released(), collected(), checked(request()));
    let now = at(30 * DAY);
    for (role, organization, may) in [
        (Role::Officer, AGENCY, true),
        (Role::Authoriser, AGENCY, true),
        (Role::Officer, OTHER_AGENCY, false),
        (Role::Caseworker, AGENCY, false),
        (Role::Guardian, "controller", false),
        (Role::Gate, AGENCY, false),
        (Role::Overseer, AGENCY, false),
    ] {
        let by = person("somebody", role, organization);
        assert_eq!(
            arrows::collect(&case, "k", &releasable(), &by, now).is_ok(),
            may,
            "{by:?}"
        );
        let outcome = arrows::return_outcome(&due, OutcomeReturn::Located, &by, now);
        assert_eq!(outcome.is_ok(), may, "{by:?}");
        assert_eq!(arrows::withdraw(&open, &by, now).is_ok(), may, "{by:?}");
    }
}

#[test]
fn an_outcome_closes_the_case_and_keeps_its_count() {
    let closed = after(arrows::return_outcome(
        &collected(),
        OutcomeReturn::Located,
        &officer(),
        at(20 * DAY),
    ));
    assert_eq!(closed.state, State::Closed(Some(OutcomeReturn::Located)));
    assert_eq!(closed.ending, Some(Ending::ReleasedAll));
    assert_eq!(outward::answer(&closed, at(20 * DAY)).status, "closed");
}
