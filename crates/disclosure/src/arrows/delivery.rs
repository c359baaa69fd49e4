//! After the decision: collection, outcome, recall.

use jiff::Timestamp;

use super::guard::{refused, require_agency, require_answered, require_controller};
use super::release::released_event;
use super::{if_open, note_look, notify, step, wrong, wrong_outward};
use crate::case::Disclosed;
use crate::outward;
use crate::release::{Collection, Line, NOT_HELD, OutcomeReturn, Release};
use crate::{Actor, ArrowError, Case, Change, EventKind, Field, Role, State, Transition};

/// Recall reason of an outcome return that says the release was about somebody else.
const WRONG_PERSON: &str = "wrong_person";

/// The agency collects the release, once and not before its answer time. The same key repeats the
/// same answer: see [`crate::release::Release::repeats`].
///
/// `agreed` are the fields the agreement lets this request have now: what an overlay has taken away
/// since the decision never leaves (I5).
///
/// An emergency release can be collected while its review is due, and stays under review.
pub fn collect(
    case: &Case,
    key: &str,
    agreed: &[Field],
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_agency(case, by)?;
    require_answered(case, "collect", now)?;
    let (State::Released(disclosed)
    | State::ReleasedPart(disclosed)
    | State::EmergencyPending(disclosed)
    | State::OutcomeDue(disclosed)) = &case.state
    else {
        return Err(wrong_outward(case, "collect", now));
    };
    if disclosed.release.collected.is_some() || disclosed.release.record.is_empty() {
        return Err(ArrowError::AlreadyCollected);
    }
    let mut disclosed = disclosed.clone();
    disclosed.release.record = leaving(&disclosed.release, agreed)?;
    disclosed.release.collected = Some(Collection {
        by: by.id.clone(),
        key: key.to_owned(),
        at: now,
    });
    let next = match &case.state {
        State::EmergencyPending(_) => State::EmergencyPending(disclosed),
        _ => State::OutcomeDue(disclosed),
    };
    let collected = step(case, EventKind::Collected, by, now).detail(key);
    if_open(released_event(collected.to(next, "")))
}

/// What leaves of a release: within what the agreement allows now.
fn leaving(release: &Release, agreed: &[Field]) -> Result<Vec<Line>, ArrowError> {
    let record = release.within(agreed);
    if record.iter().any(|line| line.value != NOT_HELD) {
        Ok(record)
    } else {
        Err(ArrowError::NothingAgreed)
    }
}

/// The agency repeats the collecting call because the answer was lost on its way. What leaves is on
/// record each time, and leaves only while the agreement is open (I7) and as far as it still allows
/// (I5). `unique` tells one repeat from another.
pub fn collect_again(
    case: &Case,
    (key, unique): (&str, &str),
    agreed: &[Field],
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_agency(case, by)?;
    require_answered(case, "collect", now)?;
    let (State::EmergencyPending(disclosed) | State::OutcomeDue(disclosed)) = &case.state else {
        return Err(wrong_outward(case, "collect", now));
    };
    let release = &disclosed.release;
    if !release.repeats(key) || release.record.is_empty() {
        return Err(ArrowError::AlreadyCollected);
    }
    leaving(release, agreed)?;
    let agreement = case.agreement.clone().ok_or(ArrowError::AgreementNotOpen)?;
    let look = note_look(unique, EventKind::CollectedAgain, Some(case), "", by, now);
    Ok(Transition {
        change: Change::NothingIfAgreementOpen(agreement),
        ..look
    })
}

/// The download ends: the record is emptied. Which fields left stays in the ledger.
pub fn end_download(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    if by.role != Role::Gate {
        return Err(refused(by, "the gate"));
    }
    if case.download_until().is_none_or(|until| now < until) {
        return Err(wrong(case, "end_download"));
    }
    let mut state = case.state.clone();
    if let State::EmergencyPending(disclosed)
    | State::Released(disclosed)
    | State::ReleasedPart(disclosed)
    | State::OutcomeDue(disclosed) = &mut state
    {
        disclosed.release.record.clear();
    }
    Ok(step(case, EventKind::DownloadEnded, by, now).to(state, ""))
}

/// The agency says what became of a release. `wrong_person` starts the recall.
pub fn return_outcome(
    case: &Case,
    outcome: OutcomeReturn,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_agency(case, by)?;
    require_answered(case, "return_outcome", now)?;
    let State::OutcomeDue(disclosed) = &case.state else {
        return Err(wrong_outward(case, "return_outcome", now));
    };
    if outcome == OutcomeReturn::WrongPerson {
        return Ok(recalled(case, disclosed, WRONG_PERSON, by, now));
    }
    let closed = State::Closed(Some(outcome));
    Ok(step(case, EventKind::OutcomeReturned, by, now).to(closed, ""))
}

/// The controller recalls a release: the record is emptied, the agency told to destroy its copy.
///
/// A release recalled before its answer time was never told of; its answer is `no_result`.
pub fn recall(
    case: &Case,
    reason: &'static str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_controller(case, by)?;
    let (State::Released(disclosed)
    | State::ReleasedPart(disclosed)
    | State::OutcomeDue(disclosed)) = &case.state
    else {
        return Err(wrong(case, "recall"));
    };
    Ok(recalled(case, disclosed, reason, by, now))
}

/// The agency confirms that every copy of a recalled release is destroyed. Where it was never
/// collected there is no copy, and the controller closes the case.
pub fn confirm_destroyed(
    case: &Case,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let agency = matches!(by.role, Role::Officer | Role::Authoriser);
    if agency {
        require_agency(case, by)?;
        if outward::answer(case, now).status != "recalled" {
            return Err(wrong_outward(case, "confirm_destroyed", now));
        }
    } else {
        require_controller(case, by)?;
    }
    let State::Recalled(disclosed) = &case.state else {
        return Err(wrong(case, "confirm_destroyed"));
    };
    if !agency && disclosed.release.collected.is_some() {
        return Err(refused(by, "the receiving agency"));
    }
    let closed = State::Closed(outcome_of_recall(case));
    Ok(step(case, EventKind::DestructionConfirmed, by, now).to(closed, ""))
}

/// A wrong person counts as the outcome, whoever found out.
fn outcome_of_recall(case: &Case) -> Option<OutcomeReturn> {
    case.was_wrong_person()
        .then_some(OutcomeReturn::WrongPerson)
}

impl Case {
    /// Was its release last recalled because it was about somebody else?
    pub fn was_wrong_person(&self) -> bool {
        let mut steps = self.history.iter().rev();
        let recall = steps.find(|step| step.kind == EventKind::Recalled);
        recall.is_some_and(|step| step.note == WRONG_PERSON)
    }
}

pub(super) fn recalled(
    case: &Case,
    disclosed: &Disclosed,
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Transition {
    let mut disclosed = disclosed.clone();
    disclosed.release.record.clear();
    let mut transition =
        step(case, EventKind::Recalled, by, now).to(State::Recalled(disclosed), reason);
    // Before the answer time the agency does not know that there is a release to recall.
    if case.answer_at.is_none_or(|at| at <= now) {
        transition.outbox.push(notify(case, now));
    }
    transition
}
