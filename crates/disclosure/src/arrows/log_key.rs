//! A key of the log takes over from another, or a log from the one before, and the log itself says so.

use jiff::Timestamp;

use super::facts;
use crate::{Actor, Change, Event, EventKind, Telling, Transition};

/// The key of the announcement of a log's key, given as its public text.
pub fn announcement_key(next: &str) -> String {
    format!("log-key/{next}/announced")
}

/// The key `next` is about to sign beside `now_signing`; a step of the gate, before the first head that
/// carries both signatures.
pub fn announce_log_key(now_signing: &str, next: &str, now: Timestamp) -> Transition {
    let audit = [("key", now_signing), ("next_key", next)];
    let kind = EventKind::LogKeyAnnounced;
    entry(announcement_key(next), kind, audit, now)
}

/// The key announced before signs alone from now on.
pub fn record_takeover(key: &str, now: Timestamp) -> Transition {
    let audit = [("key", key), ("next_key", "none")];
    let kind = EventKind::LogKeyTookOver;
    entry(format!("log-key/{key}/took-over"), kind, audit, now)
}

/// The log under this key continues another, whose final checkpoint is given as its three lines.
pub fn continue_log(key: &str, checkpoint: &str, now: Timestamp) -> Transition {
    let audit = [("key", key), ("last_checkpoint", checkpoint)];
    let kind = EventKind::LogContinued;
    entry(format!("log/{checkpoint}/continued"), kind, audit, now)
}

fn entry(key: String, kind: EventKind, said: [(&str, &str); 2], now: Timestamp) -> Transition {
    let by = Actor::gate();
    let [first, second] = said;
    Transition {
        key,
        change: Change::Nothing,
        event: Event {
            kind,
            at: now,
            case_id: None,
            audit: facts([
                ("actor", by.id.as_str()),
                ("role", by.role.code()),
                first,
                second,
            ]),
            actor: by,
            concerns: Vec::new(),
            telling: Telling::Now,
        },
        outbox: Vec::new(),
        marks: Vec::new(),
    }
}
