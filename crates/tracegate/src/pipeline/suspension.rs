//! Suspension: an agreement stops at once, and its open cases wait or are refused.

use disclosure::{Actor, AgreementState, ArrowError, Case, Transition, arrows};
use jiff::Timestamp;
use store::CaseFilter;
use store::read::PAGE_MAX;

use super::{StepError, apply, facts, judgement};
use crate::gate::Gate;

/// Records the state of every agreement version whose record is missing or no longer true, each as
/// an entry of the ledger. Run at start and whenever the library changes.
pub async fn record_states(gate: &Gate) -> Result<(), StepError> {
    let now = gate.clock.now();
    for version in gate.library.versions() {
        let agreement = facts::reference(version);
        let state = judgement::open_state(gate, version, now).await?;
        if gate.store.agreement(&agreement.name).await? == Some((agreement.clone(), state)) {
            continue;
        }
        let reason = "as its published status log says";
        let by = Actor::gate();
        apply(
            gate,
            arrows::change_agreement(agreement, state, reason, &by, now)?,
        )
        .await?;
    }
    Ok(())
}

/// A guardian suspends an agreement version. It bites in this very write; open cases follow.
pub async fn suspend(
    gate: &Gate,
    by: &Actor,
    name: &str,
    state: AgreementState,
    reason: &str,
) -> Result<(), StepError> {
    let version = name.parse().ok().and_then(|id| gate.library.version(&id));
    let version = version.ok_or(StepError::NotFound)?;
    if state.is_open() {
        return Err(StepError::NotAllowed(
            "reopening takes two people and a new status entry",
        ));
    }
    let agreement = facts::reference(version);
    let now = gate.clock.now();
    apply(
        gate,
        arrows::change_agreement(agreement, state, reason, by, now)?,
    )
    .await?;
    sweep(gate, now).await
}

/// Moves open cases whose agreement has stopped, and those whose deadline has passed.
pub async fn sweep(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    let by = Actor::gate();
    let overdue = CaseFilter {
        expires_by: Some(now),
        ..open_cases()
    };
    for case in cases(gate, &overdue).await? {
        take(gate, arrows::expire(&case, &by, now)).await?;
    }
    for (agreement, state) in gate.store.agreements().await? {
        if state.is_open() {
            continue;
        }
        let caught = CaseFilter {
            agreement: Some(agreement.name),
            ..open_cases()
        };
        for case in cases(gate, &caught).await? {
            let moved = match state {
                AgreementState::SuspendedHold => arrows::hold(&case, &by, now),
                _ => arrows::refuse_suspended(&case, &by, now),
            };
            take(gate, moved).await?;
        }
    }
    Ok(())
}

fn open_cases() -> CaseFilter {
    CaseFilter {
        ended: Some(false),
        ..CaseFilter::default()
    }
}

/// The first page of cases that pass a filter; the next sweep finds the rest.
async fn cases(gate: &Gate, filter: &CaseFilter) -> Result<Vec<Case>, StepError> {
    let page = gate.store.cases(filter, None, PAGE_MAX).await?;
    let mut cases = Vec::with_capacity(page.rows.len());
    for row in page.rows {
        cases.push(super::load(gate, &row.id).await?);
    }
    Ok(cases)
}

/// Takes an arrow where it can be taken. A case that moved meanwhile is for the next sweep.
async fn take(gate: &Gate, arrow: Result<Transition, ArrowError>) -> Result<(), StepError> {
    let Ok(transition) = arrow else { return Ok(()) };
    match apply(gate, transition).await {
        Ok(_) | Err(StepError::Conflict) => Ok(()),
        Err(error) => Err(error),
    }
}
