use jiff::Timestamp;

use super::facts;
use crate::concern::Happening;
use crate::{Actor, Case, Change, Concern, Event, EventKind, Telling, Transition};

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
    let seen = case.map(|case| Happening {
        before: case,
        after: case,
        kind,
        by,
        now,
        note: "",
    });
    let concerns = seen.map_or_else(Vec::new, |seen| seen.concerns());
    let mut event = Event {
        kind,
        at: now,
        case_id: case.map(|case| case.id.clone()),
        actor: by.clone(),
        audit: facts([
            ("actor", by.id.as_str()),
            ("role", by.role.code()),
            ("what", what),
        ]),
        concerns,
        telling: case.map_or(Telling::Now, Case::telling),
    };
    super::count_deferred(&mut event);
    looked(key, event)
}

/// Records that the log of one person was read, before it is: an entry in that very log (I9).
/// `reader` is who asked for it in the person's place, where it was not the person.
pub fn note_log_read(
    key: &str,
    (person, reader): (&str, Option<&str>),
    why: &str,
    by: &Actor,
    now: Timestamp,
) -> Transition {
    let mut told = facts([
        ("person", person),
        ("part", "log"),
        ("at", now.to_string().as_str()),
        ("by", by.role.code()),
        ("reason", why),
    ]);
    told.extend(reader.map(|reader| ("reader".to_owned(), reader.to_owned())));
    let concern = Concern {
        person: person.to_owned(),
        is_subject: true,
        facts: told,
    };
    let what = "the log of one person";
    looked(key, log_read(what, vec![concern], why, by, now))
}

/// Records that the log of somebody was looked for whom nobody knows: that tells something, too.
pub fn note_log_not_found(key: &str, why: &str, by: &Actor, now: Timestamp) -> Transition {
    let what = "the log of a person whom nobody knows";
    looked(key, log_read(what, Vec::new(), why, by, now))
}

fn log_read(what: &str, concerns: Vec<Concern>, why: &str, by: &Actor, now: Timestamp) -> Event {
    Event {
        kind: EventKind::LogRead,
        at: now,
        case_id: None,
        actor: by.clone(),
        audit: facts([
            ("actor", by.id.as_str()),
            ("role", by.role.code()),
            ("what", what),
            ("why", why),
        ]),
        concerns,
        telling: Telling::Now,
    }
}

fn looked(key: &str, event: Event) -> Transition {
    Transition {
        key: format!("look/{key}"),
        change: Change::Nothing,
        event,
        outbox: Vec::new(),
        marks: Vec::new(),
    }
}
