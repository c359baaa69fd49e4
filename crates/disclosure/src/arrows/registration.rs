//! A practice registers a patient, changes a registration, or refuses and tells the patient so; and what
//! officials asked of it outside the channel.

use jiff::Timestamp;

use super::guard::require_text;
use super::{coded, discriminator, facts};
use crate::approach::Act;
use crate::event::Facts;
use crate::registration::{LIST_MAX, Protection, Registration};
use crate::{Actor, ArrowError, Change, Concern, Event, EventKind, Role, Telling, Transition};

/// A patient is registered: the record is written and the patient is told in their own log.
pub fn register(first: Registration, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    require_practice(&first, by)?;
    require_text("person_ref", &first.person_ref)?;
    Ok(written(first, EventKind::Registered, by, now))
}

/// The next version of a registration. Protection only ever rises here; the address before is kept to
/// search by and never leaves.
pub fn change_registration(
    before: &Registration,
    next: Registration,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_practice(before, by)?;
    if before.refusal.is_some() {
        return Err(ArrowError::Missing("registration"));
    }
    let mut earlier = before.earlier.clone();
    if before.patient.residence != next.patient.residence {
        earlier.push(before.patient.residence.clone());
    }
    let surplus = earlier.len().saturating_sub(LIST_MAX);
    earlier.drain(..surplus);
    let next = Registration {
        id: before.id.clone(),
        version: before.version + 1,
        person_ref: before.person_ref.clone(),
        practice: before.practice.clone(),
        protection: before.protection.max(next.protection),
        earlier,
        refusal: None,
        registered_at: before.registered_at,
        changed_at: now,
        patient: next.patient,
    };
    Ok(written(next, EventKind::RegistrationChanged, by, now))
}

/// The practice does not register somebody, and says why.
pub fn refuse_registration(
    refused: Registration,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_practice(&refused, by)?;
    if refused.refusal.is_none() {
        return Err(ArrowError::Missing("reason"));
    }
    Ok(written(refused, EventKind::RegistrationRefused, by, now))
}

/// The letter to somebody who was refused has been sent or handed over.
pub fn tell_refusal(
    before: &Registration,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_practice(before, by)?;
    let mut next = before.clone();
    let Some(refusal) = &mut next.refusal else {
        return Err(ArrowError::Missing("refusal"));
    };
    refusal.told_in_writing_at.get_or_insert(now);
    next.version += 1;
    next.changed_at = now;
    Ok(written(next, EventKind::RefusalTold, by, now))
}

/// Somebody of the practice looks at a registration (I9).
pub fn note_registration_view(
    key: &str,
    seen: &Registration,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_practice(seen, by)?;
    let kind = EventKind::RegistrationViewed;
    Ok(Transition {
        key: format!("look/{key}"),
        change: Change::Nothing,
        event: event(seen, kind, by, now),
        outbox: Vec::new(),
        marks: Vec::new(),
    })
}

/// An official asked something of the practice outside the channel.
pub fn note_approach(
    key: &str,
    act: Act,
    agency: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    if by.role != Role::Practice {
        return Err(not_practice(by));
    }
    Ok(Transition {
        key: format!("approach/{key}"),
        change: Change::Nothing,
        event: Event {
            kind: EventKind::Approached,
            at: now,
            case_id: None,
            actor: by.clone(),
            audit: facts([
                ("actor", by.id.as_str()),
                ("role", by.role.code()),
                ("practice", coded(&by.organization)),
                ("agency", coded(agency)),
                ("act", act.code()),
                ("code", act.routed().code()),
            ]),
            concerns: Vec::new(),
            telling: Telling::Now,
        },
        outbox: Vec::new(),
        marks: Vec::new(),
    })
}

fn require_practice(of: &Registration, by: &Actor) -> Result<(), ArrowError> {
    if by.role == Role::Practice && of.is_of(by) {
        return Ok(());
    }
    Err(not_practice(by))
}

fn not_practice(by: &Actor) -> ArrowError {
    ArrowError::Role {
        role: by.role.code(),
        needs: "somebody of the patient's practice",
    }
}

fn written(next: Registration, kind: EventKind, by: &Actor, now: Timestamp) -> Transition {
    let (id, version) = (&next.id, next.version);
    let who = discriminator([&by.id, id]);
    Transition {
        key: format!("registration/{id}/{version}/{}/{who:016x}", kind.number()),
        event: event(&next, kind, by, now),
        change: Change::Register(Box::new(next)),
        outbox: Vec::new(),
        marks: Vec::new(),
    }
}

/// The audit facts are codes; what the patient is told names the practice and nobody else.
fn event(of: &Registration, kind: EventKind, by: &Actor, now: Timestamp) -> Event {
    let mut audit = facts([
        ("actor", by.id.as_str()),
        ("role", by.role.code()),
        ("registration", of.id.as_str()),
        ("practice", coded(&of.practice)),
    ]);
    if let Some(refusal) = &of.refusal {
        audit.insert("reason".to_owned(), refusal.reason.code().to_owned());
    }
    Event {
        kind,
        at: now,
        case_id: None,
        actor: by.clone(),
        audit,
        concerns: told(of, by, now).into_iter().collect(),
        telling: Telling::Now,
    }
}

fn told(of: &Registration, by: &Actor, now: Timestamp) -> Option<Concern> {
    if of.person_ref.is_empty() {
        return None;
    }
    let mut facts: Facts = facts([
        ("person", of.person_ref.as_str()),
        ("part", "registration"),
        ("at", now.to_string().as_str()),
        ("by", by.role.code()),
        ("practice", coded(&of.practice)),
    ]);
    if of.protection != Protection::None {
        facts.insert("protection".to_owned(), of.protection.code().to_owned());
    }
    Some(Concern {
        person: of.person_ref.clone(),
        is_subject: true,
        facts,
    })
}
