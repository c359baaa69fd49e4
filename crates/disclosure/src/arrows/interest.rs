//! The renewal of a public-interest test: written by one guardian, confirmed by another. The entries
//! hold its hash, so that anybody can tell which text was confirmed.

use jiff::Timestamp;

use super::facts;
use super::guard::require_guardian;
use crate::{Actor, ArrowError, Change, Event, EventKind, Telling, Transition};

/// The key of a proposal: the first with this content stands.
pub fn interest_proposal_key(agreement: &str, hash: &str) -> String {
    format!("interest/{agreement}/{hash}/proposal")
}

/// The key of a confirmation: without this entry a test with this content does not count.
pub fn interest_confirmation_key(agreement: &str, hash: &str) -> String {
    format!("interest/{agreement}/{hash}")
}

/// The first of two people proposes the test whose content has this hash; nothing rests on it yet.
pub fn propose_interest_test(
    agreement: &str,
    hash: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_guardian(by)?;
    let key = interest_proposal_key(agreement, hash);
    let kind = EventKind::InterestTestProposed;
    Ok(entry(key, kind, (agreement, hash), by, now))
}

/// The second person confirms what the first, whose identity is `proposed_by`, proposed.
pub fn confirm_interest_test(
    agreement: &str,
    hash: &str,
    proposed_by: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_guardian(by)?;
    if proposed_by == by.id {
        return Err(ArrowError::SamePerson {
            rule: "who wrote a public-interest test may not confirm it",
        });
    }
    let key = interest_confirmation_key(agreement, hash);
    let kind = EventKind::InterestTestConfirmed;
    let mut confirmed = entry(key, kind, (agreement, hash), by, now);
    let audit = &mut confirmed.event.audit;
    audit.insert("proposed_by".to_owned(), proposed_by.to_owned());
    Ok(confirmed)
}

fn entry(
    key: String,
    kind: EventKind,
    (agreement, hash): (&str, &str),
    by: &Actor,
    now: Timestamp,
) -> Transition {
    Transition {
        key,
        event: Event {
            kind,
            at: now,
            case_id: None,
            actor: by.clone(),
            audit: facts([
                ("actor", by.id.as_str()),
                ("role", by.role.code()),
                ("agreement", agreement),
                ("interest_test", hash),
            ]),
            concerns: Vec::new(),
            telling: Telling::Now,
        },
        change: Change::Nothing,
        outbox: Vec::new(),
        marks: Vec::new(),
    }
}
