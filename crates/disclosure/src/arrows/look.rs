use jiff::Timestamp;

use super::facts;
use crate::event::Facts;
use crate::{
    Actor, AgreementRef, AgreementState, ArrowError, Case, Change, Event, EventKind, Role,
    Transition,
};

/// Records that somebody looked at a case, read the log or was refused access (I9).
///
/// `key` makes the record unique; `what` names the thing looked at and its purpose, without
/// personal data.
pub fn note_look(
    key: &str,
    kind: EventKind,
    case: Option<&Case>,
    what: &str,
    by: &Actor,
    now: Timestamp,
) -> Transition {
    Transition {
        key: format!("look/{key}"),
        change: Change::Nothing,
        event: Event {
            kind,
            at: now,
            case_id: case.map(|case| case.id.clone()),
            actor: by.clone(),
            audit: facts([
                ("actor", by.id.as_str()),
                ("role", by.role.code()),
                ("what", what),
            ]),
            personal: case.map_or_else(Facts::new, super::personal),
        },
        outbox: Vec::new(),
    }
}

/// Records the state of an agreement version. Agency staff never can (I4).
pub fn change_agreement(
    agreement: AgreementRef,
    state: AgreementState,
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    if !matches!(by.role, Role::Guardian | Role::Gate) {
        return Err(ArrowError::Role {
            role: by.role.code(),
            needs: "a guardian",
        });
    }
    super::guard::require_text("reason", reason)?;
    let event = Event {
        kind: EventKind::AgreementChanged,
        at: now,
        case_id: None,
        actor: by.clone(),
        audit: facts([
            ("actor", by.id.as_str()),
            ("role", by.role.code()),
            ("agreement", agreement.name.as_str()),
            ("agreement_hash", agreement.hash.as_str()),
            ("to", state.code()),
            ("reason", reason),
        ]),
        personal: Facts::new(),
    };
    Ok(Transition {
        key: format!(
            "agreement/{}/{}/{}/{}",
            agreement.name,
            agreement.hash,
            state.code(),
            now.as_microsecond()
        ),
        change: Change::Agreement(agreement, state),
        event,
        outbox: Vec::new(),
    })
}
