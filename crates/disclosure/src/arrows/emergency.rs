//! The emergency: release first, full review after.

use jiff::Timestamp;

use super::delivery::recalled;
use super::guard::{
    refused, require_caseworker, require_not_releaser, require_not_tracer, require_second,
    require_weighed, require_within,
};
use super::release::{against_own_view, disclose, ending, released_event, require_certain, review};
use super::trace::require_tracer;
use super::{Proposed, Recheck, ReleaseTerms, end, if_open, step, wrong};
use crate::case::{Disclosed, Drafted, Traced};
use crate::decision::{Draft, Proposal, SecondReview};
use crate::release::compose;
use crate::request::Priority;
use crate::trace::TraceResult;
use crate::{Actor, ArrowError, Case, EventKind, Field, Message, Role, State, Transition};

/// A caseworker declares an emergency and says what to release; the guardian is told at once.
///
/// The case stays where it is: it can still take the ordinary route.
pub fn declare_emergency(
    case: &Case,
    proposed: Proposed,
    agreed: &[Field],
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::Checked(_) = &case.state else {
        return Err(wrong(case, "declare_emergency"));
    };
    require_caseworker(case, by)?;
    let draft = proposed.drafted(by, now);
    require_draft(case, &draft, agreed)?;
    let mut declared = case.clone();
    declared.emergency = Some(draft);
    let step = step(&declared, EventKind::EmergencyDeclared, by, now);
    let mut transition = step.to(case.state.clone(), "");
    transition.outbox.push(Message::Notify {
        organization: by.organization.clone(),
        case_id: case.id.clone(),
        at: now,
    });
    Ok(transition)
}

/// An emergency: authoriser and on-call guardian release before the full review, which stays due.
/// The trace is still run and must still find one certain person; the draft is still a draft, by
/// a caseworker, within what was asked for and agreed. Only the waiting falls away: the answer
/// leaves at once.
pub fn release_in_emergency(
    case: &Case,
    trace: TraceResult,
    draft: Draft,
    recheck: &Recheck,
    terms: &ReleaseTerms,
    guardian: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::Checked(checks) = &case.state else {
        return Err(wrong(case, "release_in_emergency"));
    };
    let fields = require_emergency(case, &trace.tracer, &draft, &recheck.agreed, guardian)?;
    let held = require_certain(&trace, recheck)?;
    let record = compose(&fields, held);
    if record.is_empty() {
        return Err(ArrowError::NotCertain);
    }
    let ending = ending(&record, &case.request);
    let checks = checks.clone();
    let drafted = Drafted {
        traced: Traced { checks, trace },
        draft,
        own_views: Vec::new(),
    };
    let review = SecondReview {
        own_view: String::new(),
        changed: None,
        by: guardian.clone(),
        at: now,
    };
    let disclosed = disclose(case, &drafted, review, record, held, terms, now);
    let released = step(case, EventKind::EmergencyReleased, guardian, now);
    let released = released_event(released.to(State::EmergencyPending(disclosed), ""));
    if_open(end(released, ending, now))
}

/// What the ordinary route asks of tracer, drafter and second person, asked in one go; the fields to
/// release. Ask before anybody is searched for: a search is for those who may act on it.
pub fn require_emergency(
    case: &Case,
    tracer: &Actor,
    draft: &Draft,
    agreed: &[Field],
    guardian: &Actor,
) -> Result<Vec<Field>, ArrowError> {
    require_tracer(case, tracer)?;
    require_caseworker(case, &draft.by)?;
    require_not_tracer(case, tracer, &draft.by)?;
    let fields = require_draft(case, draft, agreed)?;
    require_second(case, tracer, draft, guardian)?;
    Ok(fields)
}

/// An emergency was asked for, and what to release is weighed and within bounds (I5).
fn require_draft(case: &Case, draft: &Draft, agreed: &[Field]) -> Result<Vec<Field>, ArrowError> {
    if case.request.priority != Priority::Emergency {
        return Err(ArrowError::Missing("emergency priority"));
    }
    require_weighed(&draft.gateway, &draft.views)?;
    let Proposal::Release(fields) = &draft.proposal else {
        return Err(ArrowError::Missing("fields"));
    };
    require_within(fields, &case.request, agreed)
}

/// Somebody new to the case upholds the emergency release. The agency may still collect it. `changed` says why
/// the decision is another than the own view on record, and is empty where it is not.
pub fn uphold(
    case: &Case,
    changed: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let (disclosed, review) = reviewed(case, "uphold", changed, by, now)?;
    let next = State::OutcomeDue(disclosed);
    let upheld = step(case, EventKind::EmergencyUpheld, by, now).to(next, "");
    Ok(against_own_view(upheld, &review))
}

/// Somebody new to the case does not uphold the emergency release: it is recalled. `changed` as for
/// [`uphold`].
pub fn not_uphold(
    case: &Case,
    changed: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let (disclosed, review) = reviewed(case, "not_uphold", changed, by, now)?;
    let recalled = recalled(case, &disclosed, "emergency_not_upheld", by, now);
    Ok(against_own_view(recalled, &review))
}

/// Nobody reviewed the emergency release in time: it is recalled.
pub fn lapse_emergency(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    let State::EmergencyPending(disclosed) = &case.state else {
        return Err(wrong(case, "lapse_emergency"));
    };
    if by.role != Role::Gate {
        return Err(refused(by, "the gate"));
    }
    if case.emergency_review_due().is_none_or(|due| now < due) {
        return Err(wrong(case, "lapse_emergency"));
    }
    Ok(recalled(case, disclosed, "emergency_not_reviewed", by, now))
}

fn reviewed(
    case: &Case,
    arrow: &'static str,
    changed: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<(Disclosed, SecondReview), ArrowError> {
    let State::EmergencyPending(disclosed) = &case.state else {
        return Err(wrong(case, arrow));
    };
    require_not_releaser(disclosed, by)?;
    let review = review(case, &disclosed.drafted, changed, by, now)?;
    let disclosed = Disclosed {
        emergency_review: Some(review.clone()),
        ..disclosed.clone()
    };
    Ok((disclosed, review))
}
