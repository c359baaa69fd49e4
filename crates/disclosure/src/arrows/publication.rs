//! The publication of an agreement version: proposed by one guardian, confirmed by another. The entry
//! holds the hash of every file, so that anybody can tell which text was published.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::facts;
use super::guard::require_guardian;
use crate::{Actor, AgreementRef, ArrowError, Change, Event, EventKind, Telling, Transition};

/// The key of a proposal: the first stands.
pub fn proposal_key(agreement: &AgreementRef) -> String {
    format!("publication/{}/{}/proposal", agreement.name, agreement.hash)
}

/// The key of a publication: there is one of each text.
pub fn publication_key(agreement: &AgreementRef) -> String {
    format!("publication/{}/{}", agreement.name, agreement.hash)
}

/// The first of two people proposes to publish; nothing binds anybody yet. `files` are names and
/// hashes.
pub fn propose_publication(
    agreement: &AgreementRef,
    files: &BTreeMap<String, String>,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_guardian(by)?;
    let kind = EventKind::PublicationProposed;
    Ok(entry(
        proposal_key(agreement),
        kind,
        agreement,
        files,
        by,
        now,
    ))
}

/// The second person publishes what the first, whose identity is `proposed_by`, proposed.
pub fn publish_agreement(
    agreement: &AgreementRef,
    files: &BTreeMap<String, String>,
    proposed_by: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_guardian(by)?;
    if proposed_by == by.id {
        return Err(ArrowError::SamePerson {
            rule: "who proposed to publish may not confirm it",
        });
    }
    let kind = EventKind::AgreementPublished;
    let mut published = entry(publication_key(agreement), kind, agreement, files, by, now);
    let audit = &mut published.event.audit;
    audit.insert("proposed_by".to_owned(), proposed_by.to_owned());
    Ok(published)
}

fn entry(
    key: String,
    kind: EventKind,
    agreement: &AgreementRef,
    files: &BTreeMap<String, String>,
    by: &Actor,
    now: Timestamp,
) -> Transition {
    let mut audit = facts([
        ("actor", by.id.as_str()),
        ("role", by.role.code()),
        ("agreement", agreement.name.as_str()),
        ("agreement_hash", agreement.hash.as_str()),
    ]);
    let hashes = files.iter();
    audit.extend(hashes.map(|(name, hash)| (format!("file {name}"), hash.clone())));
    Transition {
        key,
        event: Event {
            kind,
            at: now,
            case_id: None,
            actor: by.clone(),
            audit,
            concerns: Vec::new(),
            telling: Telling::Now,
        },
        change: Change::Nothing,
        outbox: Vec::new(),
        marks: Vec::new(),
    }
}
