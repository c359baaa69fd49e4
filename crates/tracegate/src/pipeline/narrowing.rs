//! A guardian takes something away from an agreement version. That nothing is added is proved first; then
//! it binds in the very moment it is entered.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use agreement::{Comparison, Event, EventKind, Library, Outcome, Version, VersionId, judge};
use disclosure::{Actor, AgreementState, ArrowError, Role, arrows};
use jiff::Timestamp;
use serde::Serialize;
use store::{CaseFilter, Store, StoreError};
use thiserror::Error;

use super::suspension::all;
use super::{StepError, facts, load};
use crate::gate::Gate;
use crate::reader::LIST_LINES_MAX;

/// Why nothing was entered.
#[derive(Debug, Error)]
pub enum NarrowingError {
    /// It is not a guardian's.
    #[error("only a guardian narrows an agreement")]
    NotGuardian,
    /// It does not narrow, or leaves nothing.
    #[error("{0}")]
    Refused(String),
    /// The status log says more than what was proved against.
    #[error("the status log of the agreement has grown since; look at it again")]
    Changed,
    /// The status log cannot be written.
    #[error("the status log cannot be written: {0}")]
    Log(#[from] io::Error),
    /// A guard said no.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// What is entered: the rules of an overlay, why, and where it was entered.
pub struct Narrowing<'a> {
    pub id: &'a VersionId,
    pub rules: String,
    pub reason: &'a str,
    pub source: &'a str,
}

/// The agreements as they would be, the line of the status log, and the proof. Changes nothing.
pub fn proved(
    library: &Library,
    narrowing: &Narrowing<'_>,
    by: &Actor,
    at: Timestamp,
) -> Result<(Library, String, Comparison), NarrowingError> {
    if by.role != Role::Guardian {
        return Err(NarrowingError::NotGuardian);
    }
    let mut after = library.clone();
    let event = event(narrowing, by, at);
    let entered = after.record(&narrowing.id.agreement, event);
    let (line, proof) = entered.map_err(NarrowingError::Refused)?;
    let proof = proof.ok_or_else(|| NarrowingError::Refused("it has no rules".to_owned()))?;
    Ok((after, line, proof))
}

/// Enters it in the status log under `folder`, which `library` was read from, and in the ledger.
pub async fn narrow(
    (store, folder, library): (&Store, &Path, &Library),
    narrowing: &Narrowing<'_>,
    by: &Actor,
    at: Timestamp,
) -> Result<Comparison, NarrowingError> {
    let (after, line, proof) = proved(library, narrowing, by, at)?;
    let Some(version) = after.version(narrowing.id) else {
        return Err(NarrowingError::Changed);
    };
    append(folder, library, &narrowing.id.agreement, &line)?;
    let reference = facts::reference(version);
    let before = store.standing(&reference.name).await?;
    // A suspension stays as it is; reopening leads back to the narrowed text.
    if before
        .as_ref()
        .is_none_or(|before| before.suspension.is_none())
    {
        let reason = format!("narrowed by {}: {}", by.id, narrowing.reason);
        let state = AgreementState::Narrowed;
        let change = arrows::record_agreement(before.as_ref(), reference, state, &reason, at)?;
        store.apply(change).await?;
    }
    Ok(proof)
}

/// Adds a line to the status log of an agreement, unless it says more than `library` knows. The file is
/// locked meanwhile: the service and the command line may both be writing.
fn append(
    folder: &Path,
    library: &Library,
    agreement: &str,
    line: &str,
) -> Result<(), NarrowingError> {
    let path = folder.join(agreement).join("events.jsonl");
    let mut file: File = OpenOptions::new().append(true).open(&path)?;
    file.lock()?;
    if !library.has_read(agreement, &std::fs::read_to_string(&path)?) {
        return Err(NarrowingError::Changed);
    }
    file.write_all(format!("{line}\n").as_bytes())?;
    Ok(file.sync_all()?)
}

fn event(narrowing: &Narrowing<'_>, by: &Actor, at: Timestamp) -> Event {
    Event {
        version: narrowing.id.version.clone(),
        event: EventKind::Narrowed,
        recorded: at,
        effective: at,
        announced: None,
        published: Some(at),
        precision: None,
        mode: None,
        open_cases: Some("recheck".to_owned()),
        overlay: Some(narrowing.rules.clone()),
        authority: by.name.clone(),
        source: narrowing.source.to_owned(),
        reason: narrowing.reason.to_owned(),
        prev: String::new(),
    }
}

/// An open case that asks for what goes. No personal data.
#[derive(Debug, Serialize)]
pub struct Caught {
    pub case: String,
    pub agency: String,
    pub state: String,
    /// Fields that it loses.
    pub loses: Vec<String>,
    /// Nothing of it could be released any more.
    pub refused: bool,
}

/// Every open case under `before` that comes out otherwise under `after`.
pub async fn caught(
    gate: &Gate,
    before: &Version,
    after: &Version,
) -> Result<Vec<Caught>, StepError> {
    let open = CaseFilter {
        agreement: Some(before.id.to_string()),
        ended: Some(false),
        ..CaseFilter::default()
    };
    let mut caught = Vec::new();
    for row in all(gate, &open).await? {
        if caught.len() == LIST_LINES_MAX as usize {
            break;
        }
        let case = load(gate, &row.id).await?;
        let claims = facts::claims(&case.request);
        let (then, now) = (judge(before, &claims), judge(after, &claims));
        let mut loses = then.fields_allowed;
        loses.retain(|field| !now.fields_allowed.contains(field));
        if !loses.is_empty() {
            caught.push(Caught {
                case: row.id,
                agency: row.agency,
                state: row.state,
                loses,
                refused: now.outcome == Outcome::Refused,
            });
        }
    }
    Ok(caught)
}
