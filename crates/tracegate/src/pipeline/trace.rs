//! Trace: one person or nobody.

use agreement::Version;
use disclosure::arrows::{self, TraceGate};
use disclosure::trace::TraceResult;
use disclosure::{Actor, ArrowError, Case, State};
use jiff::Timestamp;

use super::{StepError, apply, budget, facts, interest, judgement, load, wishes};
use crate::gate::Gate;

/// Starts the trace of a checked case. `tracer` is the gate, or a person where one must look first.
pub async fn start(gate: &Gate, id: &str, tracer: &Actor) -> Result<(), StepError> {
    let case = load(gate, id).await?;
    let now = gate.clock.now();
    let conditions = conditions(gate, &case, now).await?;
    apply(gate, arrows::start_trace(&case, conditions, tracer, now)?)
        .await
        .map(|_| ())
}

/// Runs a started trace and records every candidate examined (I9).
pub async fn run(gate: &Gate, id: &str) -> Result<(), StepError> {
    let case = load(gate, id).await?;
    let State::Tracing(tracing) = &case.state else {
        return Ok(());
    };
    let (agreements, now) = (gate.agreements(), gate.clock.now());
    let Some(version) = judgement::version_of(&agreements, &case, now) else {
        return Err(StepError::AgreementNotOpen);
    };
    let result = search(gate, &case, version, &tracing.tracer, now).await?;
    apply(gate, arrows::record_trace(&case, result, now)?)
        .await
        .map(|_| ())
}

/// The trace of an open case: the one on record, or where there is none yet one that `tracer` makes now.
pub async fn made(gate: &Gate, id: &str, tracer: &Actor) -> Result<TraceResult, StepError> {
    if let State::Checked(_) = load(gate, id).await?.state {
        start(gate, id, tracer).await?;
    }
    match run(gate, id).await {
        // The worker was there first.
        Ok(()) | Err(StepError::Conflict) => {}
        Err(error) => return Err(error),
    }
    let case = load(gate, id).await?;
    let traced = case.state.traced().filter(|_| case.ending.is_none());
    let state = case.state.code();
    let closed = ArrowError::WrongState {
        arrow: "match",
        state,
    };
    Ok(traced.ok_or(closed)?.trace.clone())
}

/// Searches the index. Whoever calls records what it found, whatever that is (I9).
pub async fn search(
    gate: &Gate,
    case: &Case,
    version: &Version,
    tracer: &Actor,
    now: Timestamp,
) -> Result<TraceResult, StepError> {
    let rule = facts::match_rule(version);
    let (terms, _) = facts::terms(&case.request);
    let people = gate.fresh_people().await?;
    let answer = matcher::trace(&people.index, &gate.model, &rule, &terms);
    let result = facts::trace_result(&answer, rule.engine, &people.version, tracer, now);
    wishes::protect(gate, result).await
}

/// What must hold for a trace to start now.
pub async fn conditions(gate: &Gate, case: &Case, now: Timestamp) -> Result<TraceGate, StepError> {
    let agreements = gate.agreements();
    let Some(version) = judgement::version_of(&agreements, case, now) else {
        return Err(StepError::AgreementNotOpen);
    };
    let state = judgement::open_state(gate, &agreements, version, now).await?;
    Ok(TraceGate {
        agreement_open: state.is_open(),
        test_valid: interest::is_valid(gate, &agreements, &version.id.agreement, now).await?,
        budget_left: budget::is_left(gate, case, version).await?,
    })
}
