//! Deferral: the people a case is about are told later. It has a ground and an end; only somebody
//! else renews it, and when nobody does, everybody is told.

use jiff::Timestamp;

use super::guard::{require_guardian, require_staff, require_text};
use super::{facts, step, wrong};
use crate::deferral::{Deferral, DeferralGround, DeferralTerms, Renewal};
use crate::event::Facts;
use crate::{Actor, ArrowError, Case, EventKind, Role, Transition};

/// Staff defer telling the people of a case, before any has been looked at: what they have been told
/// cannot be taken back.
pub fn defer(
    case: &Case,
    terms: &DeferralTerms,
    (ground, until): (DeferralGround, Timestamp),
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_staff(case, by)?;
    require_text("reason", reason)?;
    let untold = case.concerned().compared.is_empty() && case.state.is_open();
    if !untold || case.deferral.is_some() {
        return Err(wrong(case, "defer"));
    }
    require_later(terms, until, now)?;
    terms.allow(ground, until, now)?;
    let deferral = Deferral {
        ground,
        asked_by: by.clone(),
        since: now,
        until,
        renewals: Vec::new(),
        ended_at: None,
    };
    Ok(set(case, EventKind::Deferred, deferral, reason, by, now))
}

/// A guardian who neither asked for the deferral nor renewed it last finds that its ground still
/// holds.
pub fn renew_deferral(
    case: &Case,
    terms: &DeferralTerms,
    until: Timestamp,
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let mut deferral = open(case, "renew_deferral")?.clone();
    require_guardian(by)?;
    require_staff(case, by)?;
    require_text("reason", reason)?;
    if deferral.rests_on(by) {
        return Err(ArrowError::SamePerson {
            rule: "who asked to defer, or renewed it last, may not renew it",
        });
    }
    require_later(terms, until, deferral.until.max(now))?;
    terms.allow(deferral.ground, until, now)?;
    deferral.until = until;
    deferral.renewals.push(Renewal {
        by: by.clone(),
        at: now,
        until,
        reason: reason.to_owned(),
    });
    let kind = EventKind::DeferralRenewed;
    Ok(set(case, kind, deferral, reason, by, now))
}

/// The people are told: by the gate once the end is past, by a guardian at any time.
pub fn end_deferral(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    let mut deferral = open(case, "end_deferral")?.clone();
    if by.role != Role::Gate {
        require_guardian(by)?;
    } else if now < deferral.until {
        return Err(wrong(case, "end_deferral"));
    }
    deferral.ended_at = Some(now);
    Ok(set(case, EventKind::DeferralEnded, deferral, "", by, now))
}

fn open<'c>(case: &'c Case, arrow: &'static str) -> Result<&'c Deferral, ArrowError> {
    let deferral = case.deferral.as_ref();
    let open = deferral.filter(|deferral| deferral.is_open());
    open.ok_or_else(|| wrong(case, arrow))
}

fn require_later(
    terms: &DeferralTerms,
    until: Timestamp,
    after: Timestamp,
) -> Result<(), ArrowError> {
    let days = terms.days_max;
    (until > after)
        .then_some(())
        .ok_or(ArrowError::DeferralTerm { days })
}

fn set(
    case: &Case,
    kind: EventKind,
    deferral: Deferral,
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Transition {
    let said = deferred(&deferral);
    let mut next = case.clone();
    next.deferral = Some(deferral);
    let detail = said.get("deferral_until").cloned().unwrap_or_default();
    let mut transition = step(&next, kind, by, now)
        .detail(&detail)
        .to(case.state.clone(), reason);
    transition.event.audit.extend(said);
    transition
}

/// What the entry tells auditors of a deferral.
pub(super) fn deferred(deferral: &Deferral) -> Facts {
    facts([
        ("deferral_ground", deferral.ground.code()),
        ("deferral_until", deferral.until.to_string().as_str()),
        ("deferral_asked_by", deferral.asked_by.id.as_str()),
    ])
}
