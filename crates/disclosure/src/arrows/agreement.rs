//! The standing of an agreement version: recorded, suspended by one, reopened by two.

use jiff::Timestamp;

use super::guard::{require_guardian, require_text};
use super::{discriminator, facts};
use crate::agreement_status::{Reopening, Standing, Suspension};
use crate::{
    Actor, AgreementRef, AgreementState, ArrowError, Change, Event, EventKind, Telling, Transition,
};

/// Records the state that the published status log gives a version; `before` is what was recorded.
/// A step of the gate alone: people suspend and reopen.
pub fn record_agreement(
    before: Option<&Standing>,
    agreement: AgreementRef,
    state: AgreementState,
    reason: &str,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_text("reason", reason)?;
    let next = Standing {
        agreement,
        state,
        version: before.map_or(1, |before| before.version + 1),
        suspension: None,
    };
    let by = Actor::gate();
    Ok(changed(
        next,
        EventKind::AgreementChanged,
        reason,
        &by,
        now,
        &[],
    ))
}

/// A guardian suspends a version, alone and in one step. Agency staff never can (I4).
///
/// Suspending again changes the effect and takes back a proposal to reopen.
pub fn suspend(
    before: &Standing,
    effect: AgreementState,
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_guardian(by)?;
    require_text("reason", reason)?;
    if !effect.is_suspended() {
        return Err(ArrowError::Missing("effect"));
    }
    let reopens_as = match &before.suspension {
        Some(suspension) => suspension.reopens_as,
        None if before.state.is_open() => before.state,
        None => return Err(ArrowError::AgreementNotOpen),
    };
    let suspension = Suspension {
        reason: reason.to_owned(),
        by: by.clone(),
        at: now,
        reopens_as,
        proposed: None,
    };
    let next = after(before, effect, Some(suspension));
    let kind = EventKind::AgreementChanged;
    Ok(changed(next, kind, reason, by, now, &[]))
}

/// The first of two people proposes to reopen; nothing opens yet.
pub fn propose_reopening(
    before: &Standing,
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_guardian(by)?;
    require_text("reason", reason)?;
    let suspension = before
        .suspension
        .clone()
        .ok_or(ArrowError::Missing("suspension"))?;
    let proposed = Reopening {
        reason: reason.to_owned(),
        by: by.clone(),
        at: now,
    };
    let suspension = Suspension {
        proposed: Some(proposed),
        ..suspension
    };
    let next = after(before, before.state, Some(suspension));
    let kind = EventKind::ReopeningProposed;
    Ok(changed(next, kind, reason, by, now, &[]))
}

/// The second person reopens what the first proposed.
pub fn reopen(before: &Standing, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    require_guardian(by)?;
    let Some(suspension) = &before.suspension else {
        return Err(ArrowError::Missing("suspension"));
    };
    let Some(proposed) = &suspension.proposed else {
        return Err(ArrowError::Missing("proposal"));
    };
    if proposed.by.is(by) {
        return Err(ArrowError::SamePerson {
            rule: "who proposed to reopen may not confirm it",
        });
    }
    let next = after(before, suspension.reopens_as, None);
    let kind = EventKind::AgreementChanged;
    let first = [("proposed_by", proposed.by.id.as_str())];
    Ok(changed(next, kind, &proposed.reason, by, now, &first))
}

fn after(before: &Standing, state: AgreementState, suspension: Option<Suspension>) -> Standing {
    Standing {
        agreement: before.agreement.clone(),
        state,
        version: before.version + 1,
        suspension,
    }
}

fn changed(
    next: Standing,
    kind: EventKind,
    reason: &str,
    by: &Actor,
    now: Timestamp,
    more: &[(&str, &str)],
) -> Transition {
    let mut audit = facts([
        ("actor", by.id.as_str()),
        ("role", by.role.code()),
        ("agreement", next.agreement.name.as_str()),
        ("agreement_hash", next.agreement.hash.as_str()),
        ("to", next.state.code()),
        ("reason", reason),
    ]);
    for (name, value) in more {
        audit.insert((*name).to_owned(), (*value).to_owned());
    }
    let who = discriminator([&by.id, reason]);
    let (name, version, state) = (&next.agreement.name, next.version, next.state.code());
    Transition {
        key: format!("agreement/{name}/{version}/{state}/{who:016x}"),
        event: Event {
            kind,
            at: now,
            case_id: None,
            actor: by.clone(),
            audit,
            concerns: Vec::new(),
            telling: Telling::Now,
        },
        change: Change::Agreement(Box::new(next)),
        outbox: Vec::new(),
        marks: Vec::new(),
    }
}
