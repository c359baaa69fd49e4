//! What time alone brings about: deadlines pass, dates take effect, downloads end.

use disclosure::{Actor, arrows};
use jiff::{SignedDuration, Timestamp};
use store::CaseFilter;

use super::suspension::{self, all, take};
use super::{StepError, deferral, drafts, load};
use crate::gate::Gate;
use crate::publication;
use crate::webhooks;

/// How often it is looked at: dates and deadlines are told by the day.
const EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Does everything that is due, unless that was done within the last minute.
pub async fn run(gate: &Gate) -> Result<(), StepError> {
    let now = gate.clock.now();
    if !gate.maintenance_due(now, EVERY) {
        return Ok(());
    }
    suspension::record_states(gate).await?;
    expire_overdue(gate, now).await?;
    end_downloads(gate, now).await?;
    lapse_emergencies(gate, now).await?;
    deferral::end_due(gate, now).await?;
    publication::publish_due(gate, now).await?;
    drafts::drop_old(gate, now).await?;
    webhooks::forget_old(gate, now).await?;
    suspension::stop_all(gate).await?;
    suspension::resume(gate).await
}

/// Empties the records whose download has ended.
async fn end_downloads(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    let ended = CaseFilter {
        download_by: Some(now),
        ..CaseFilter::default()
    };
    for row in all(gate, &ended).await? {
        let case = load(gate, &row.id).await?;
        if let Ok(transition) = arrows::end_download(&case, &Actor::gate(), now) {
            take(gate, transition).await?;
        }
    }
    Ok(())
}

/// Recalls the emergency releases whose review nobody has made in time.
async fn lapse_emergencies(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    let pending = CaseFilter {
        state: Some("emergency_pending".to_owned()),
        ..CaseFilter::default()
    };
    for row in all(gate, &pending).await? {
        let case = load(gate, &row.id).await?;
        if let Ok(transition) = arrows::lapse_emergency(&case, &Actor::gate(), now) {
            take(gate, transition).await?;
        }
    }
    Ok(())
}

/// Ends the cases whose deadline has passed with nobody having acted.
async fn expire_overdue(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    let overdue = CaseFilter {
        expires_by: Some(now),
        ended: Some(false),
        ..CaseFilter::default()
    };
    for row in all(gate, &overdue).await? {
        let case = load(gate, &row.id).await?;
        if let Ok(transition) = arrows::expire(&case, &Actor::gate(), now) {
            take(gate, transition).await?;
        }
    }
    Ok(())
}
