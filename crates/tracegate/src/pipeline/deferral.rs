//! Deferral: the people of a case are told later, until a day, unless somebody else renews it.

use disclosure::deferral::DeferralGround;
use disclosure::{Actor, arrows};
use jiff::Timestamp;
use store::CaseFilter;

use super::suspension::{all, take};
use super::{StepError, load, step};
use crate::gate::Gate;

/// Staff defer telling the people of a case nobody has been looked at for.
pub async fn defer(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    (ground, until): (DeferralGround, Timestamp),
    reason: &str,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::defer(case, (ground, until), reason, by, now)?)
    })
    .await
}

/// Another guardian renews.
pub async fn renew(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    until: Timestamp,
    reason: &str,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::renew_deferral(case, until, reason, by, now)?)
    })
    .await
}

/// A guardian has the people told now.
pub async fn end(gate: &Gate, by: &Actor, (id, seen): (&str, u64)) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::end_deferral(case, by, now)?)
    })
    .await
}

/// Tells the people of every case whose deferral nobody has renewed.
pub async fn end_due(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    let due = CaseFilter {
        deferred_by: Some(now),
        ..CaseFilter::default()
    };
    for row in all(gate, &due).await? {
        let case = load(gate, &row.id).await?;
        if let Ok(transition) = arrows::end_deferral(&case, &Actor::gate(), now) {
            take(gate, transition).await?;
        }
    }
    Ok(())
}
