use jiff::{SignedDuration, Timestamp};

use super::deferral::deferred;
use super::guard::require_controller;
use super::{coded, end, facts, step, work, wrong};
use crate::case::Step;
use crate::check::Checks;
use crate::deferral::Deferral;
use crate::intake::Fault;
use crate::{
    Actor, ArrowError, Case, Change, Concerned, Ending, Event, EventKind, Request, State, Telling,
    Transition,
};

/// How long an untouched request stays open: 90 days, longer than any review should take.
const OPEN_DAYS_MAX: i64 = 90;

/// Receives a request: it is recorded before anybody judges it, and the requester's clock starts.
///
/// `key` is the caller's de-duplication key (`X-Request-ID`); `id` the new public reference.
pub fn receive(id: &str, key: &str, request: Request, by: &Actor, now: Timestamp) -> Transition {
    let asked = request.tell_subject_delay.as_ref();
    let deferral = asked.and_then(|asked| Deferral::asked(asked, by, now));
    let case = Case {
        id: id.to_owned(),
        version: 1,
        request,
        agreement: None,
        state: State::Submitted(Checks::default()),
        received_at: now,
        expires_at: now
            .checked_add(SignedDuration::from_hours(24 * OPEN_DAYS_MAX))
            .unwrap_or(now),
        answer_at: None,
        ending: None,
        history: vec![Step {
            at: now,
            kind: EventKind::Received,
            actor: by.clone(),
            note: String::new(),
        }],
        assignee: None,
        emergency: None,
        exchanges: Vec::new(),
        concerned: Concerned::default(),
        deferral,
        requester_check: None,
    };
    let mut event = Event {
        kind: EventKind::Received,
        at: now,
        case_id: Some(case.id.clone()),
        actor: by.clone(),
        audit: facts([
            ("actor", by.id.as_str()),
            ("role", by.role.code()),
            ("to", case.state.code()),
            ("agency", coded(&case.request.requester.organization)),
            ("purpose", coded(&case.request.purpose)),
        ]),
        concerns: Vec::new(),
        telling: Telling::Now,
    };
    if let Some(deferral) = &case.deferral {
        event.audit.extend(deferred(deferral));
    }
    let outbox = work(&case);
    // The agency is part of the key: two agencies may happen to use the same number.
    let key = format!("receive/{}/{key}", by.organization);
    Transition {
        key,
        change: Change::Open(Box::new(case)),
        event,
        outbox,
        marks: Vec::new(),
    }
}

/// Returns a request for procedural faults. At least one fault is expected.
pub fn invalidate(
    case: &Case,
    faults: Vec<Fault>,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_controller(case, by)?;
    let State::Submitted(_) = &case.state else {
        return Err(wrong(case, "invalidate"));
    };
    let Some(first) = faults.first() else {
        return Err(ArrowError::Missing("faults"));
    };
    let note = first.code.code();
    let transition = step(case, EventKind::Invalidated, by, now).to(State::Invalid(faults), note);
    Ok(end(transition, Ending::Invalid, now))
}
