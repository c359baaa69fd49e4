use jiff::Timestamp;

use super::facts;
use crate::event::Facts;
use crate::{Actor, Case, Change, Event, EventKind, Transition};

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
        marks: Vec::new(),
    }
}
