//! The emergency: release first, full review after.

use jiff::Timestamp;

use super::delivery::recalled;
use super::guard::{
    require_caseworker, require_not_tracer, require_second, require_weighed, require_within,
};
use super::release::{disclose, ending, released_event, require_certain};
use super::trace::require_tracer;
use super::{Recheck, ReleaseTerms, end, if_open, step, wrong};
use crate::case::{Disclosed, Drafted, Traced};
use crate::decision::{Draft, Proposal, SecondReview};
use crate::release::compose;
use crate::request::Priority;
use crate::trace::TraceResult;
use crate::{Actor, ArrowError, Case, EventKind, State, Transition};

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
    let fields = require_emergency(case, &trace, &draft, recheck)?;
    require_second(case, &trace, &draft, guardian)?;
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
    };
    let review = SecondReview {
        own_view: String::new(),
        by: guardian.clone(),
        at: now,
    };
    let disclosed = disclose(case, &drafted, review, record, held, terms, now);
    let released = step(case, EventKind::EmergencyReleased, guardian, now);
    let released = released_event(released.to(State::EmergencyPending(disclosed), ""));
    if_open(end(released, ending, now))
}

/// What the ordinary route asks of tracer and drafter, asked in one go.
fn require_emergency(
    case: &Case,
    trace: &TraceResult,
    draft: &Draft,
    recheck: &Recheck,
) -> Result<Vec<crate::Field>, ArrowError> {
    if case.request.priority != Priority::Emergency {
        return Err(ArrowError::Missing("emergency priority"));
    }
    require_tracer(case, &trace.tracer)?;
    require_caseworker(case, &draft.by)?;
    require_not_tracer(case, trace, &draft.by)?;
    require_weighed(&draft.gateway, &draft.views)?;
    let Proposal::Release(fields) = &draft.proposal else {
        return Err(ArrowError::Missing("fields"));
    };
    let mut fields = fields.clone();
    fields.sort_unstable();
    fields.dedup();
    require_within(&fields, &case.request.known_fields(), &recheck.agreed)?;
    Ok(fields)
}

/// Somebody new to the case upholds the emergency release. The agency may still collect it.
pub fn uphold(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    let disclosed = pending(case, "uphold", by)?;
    let next = State::OutcomeDue(disclosed.clone());
    Ok(step(case, EventKind::EmergencyUpheld, by, now).to(next, ""))
}

/// Somebody new to the case does not uphold the emergency release: it is recalled.
pub fn not_uphold(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    let disclosed = pending(case, "not_uphold", by)?;
    Ok(recalled(case, disclosed, "emergency_not_upheld", by, now))
}

fn pending<'a>(
    case: &'a Case,
    arrow: &'static str,
    by: &Actor,
) -> Result<&'a Disclosed, ArrowError> {
    let State::EmergencyPending(disclosed) = &case.state else {
        return Err(wrong(case, arrow));
    };
    if disclosed.review.by.is(by) {
        return Err(ArrowError::SamePerson {
            rule: "who released in an emergency may not review",
        });
    }
    let drafted = &disclosed.drafted;
    require_second(case, &drafted.traced.trace, &drafted.draft, by)?;
    Ok(disclosed)
}
