//! Publication of an agreement version: two guardians, an entry with the hash of every file, and
//! nothing judged before.

use std::collections::BTreeSet;

use agreement::{Library, Version, VersionId};
use disclosure::{Actor, ArrowError, EventKind, arrows};
use jiff::Timestamp;
use store::{Applied, Entry, Store, StoreError};
use thiserror::Error;

use super::facts;

/// Why a version was not published.
#[derive(Debug, Error)]
pub enum PublicationError {
    /// Something is missing that the public is owed.
    #[error("{}", .0.join("\n"))]
    Incomplete(Vec<String>),
    /// Nobody has proposed it.
    #[error("nobody has proposed to publish `{0}` with this content; propose it first")]
    NotProposed(VersionId),
    /// A guard said no.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// The first of two people proposes. A proposal that stands already is left as it is.
pub async fn propose(
    store: &Store,
    library: &Library,
    by: &Actor,
    id: &VersionId,
    now: Timestamp,
) -> Result<Applied, PublicationError> {
    let version = publishable(library, id, now)?;
    let reference = facts::reference(version);
    let hashes = version.file_hashes();
    let proposal = arrows::propose_publication(&reference, &hashes, by, now)?;
    Ok(store.apply(proposal).await?)
}

/// The second person publishes exactly what was proposed.
pub async fn confirm(
    store: &Store,
    library: &Library,
    by: &Actor,
    id: &VersionId,
    now: Timestamp,
) -> Result<Applied, PublicationError> {
    let version = publishable(library, id, now)?;
    let reference = facts::reference(version);
    let proposal = entry(store, &arrows::proposal_key(&reference)).await?;
    let proposed_by = proposal.as_ref().and_then(|entry| entry.fact("actor"));
    let proposed_by = proposed_by.ok_or_else(|| PublicationError::NotProposed(id.clone()))?;
    let hashes = version.file_hashes();
    let published = arrows::publish_agreement(&reference, &hashes, &proposed_by, by, now)?;
    Ok(store.apply(published).await?)
}

fn publishable<'a>(
    library: &'a Library,
    id: &VersionId,
    now: Timestamp,
) -> Result<&'a Version, PublicationError> {
    let problems = library.publication_problems(id, now);
    match library.version(id) {
        Some(version) if problems.is_empty() => Ok(version),
        _ => Err(PublicationError::Incomplete(problems)),
    }
}

/// Name and content hash of every version whose publication is in the ledger. An entry whose facts
/// have been erased or do not open proves nothing.
pub async fn published(
    store: &Store,
    library: &Library,
) -> Result<BTreeSet<(String, String)>, StoreError> {
    let mut published = BTreeSet::new();
    for version in library.versions() {
        let reference = facts::reference(version);
        let entry = entry(store, &arrows::publication_key(&reference)).await?;
        let entry = entry.filter(|entry| entry.row.kind == EventKind::AgreementPublished);
        let hash = entry.and_then(|entry| entry.fact("agreement_hash"));
        if hash.as_ref() == Some(&reference.hash) {
            published.insert((reference.name, reference.hash));
        }
    }
    Ok(published)
}

async fn entry(store: &Store, key: &str) -> Result<Option<Entry>, StoreError> {
    match store.applied(key).await? {
        Some(row) => store.entry(row.index).await,
        None => Ok(None),
    }
}
