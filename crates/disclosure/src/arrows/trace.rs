use jiff::Timestamp;

use super::guard::{refused, require_controller};
use super::{if_open, step, wrong};
use crate::case::{Traced, Tracing};
use crate::trace::TraceResult;
use crate::{Actor, ArrowError, Case, EventKind, Role, State, Transition};

/// What must hold at the instant a trace starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceGate {
    /// The agreement is in force or narrowed.
    pub agreement_open: bool,
    /// The public-interest test has not expired.
    pub test_valid: bool,
    /// The agency's, officer's and subject's budgets are not used up.
    pub budget_left: bool,
}

/// Starts the trace. The tracer is named: the gate itself, or a person where the request carries
/// free text (I20).
pub fn start_trace(
    case: &Case,
    gate: TraceGate,
    tracer: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::Checked(checks) = &case.state else {
        return Err(wrong(case, "start_trace"));
    };
    require_tracer(case, tracer)?;
    if !gate.agreement_open {
        return Err(ArrowError::AgreementNotOpen);
    }
    if !gate.test_valid {
        return Err(ArrowError::TestExpired);
    }
    if !gate.budget_left {
        return Err(ArrowError::BudgetUsed);
    }
    let next = State::Tracing(Tracing {
        checks: checks.clone(),
        tracer: tracer.clone(),
    });
    if_open(step(case, EventKind::TraceStarted, tracer, now).to(next, ""))
}

/// The gate traces by itself, except where free text wants a person first (I20).
pub(super) fn require_tracer(case: &Case, tracer: &Actor) -> Result<(), ArrowError> {
    match tracer.role {
        Role::Gate if case.has_free_text() => Err(ArrowError::NeedsPerson),
        Role::Gate | Role::Caseworker => require_controller(case, tracer),
        _ => Err(refused(tracer, "a caseworker")),
    }
}

/// Records what the trace found. The route is the same for every outcome: to a caseworker. The
/// tracer on record is the one named at the start, whatever `trace` says.
pub fn record_trace(
    case: &Case,
    trace: TraceResult,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::Tracing(tracing) = &case.state else {
        return Err(wrong(case, "record_trace"));
    };
    let traced = Traced {
        checks: tracing.checks.clone(),
        trace: TraceResult {
            tracer: tracing.tracer.clone(),
            ..trace
        },
    };
    let next = State::CaseworkReview(traced);
    Ok(step(case, EventKind::Traced, &tracing.tracer, now).to(next, ""))
}
