//! Opening a package: nothing is read that is not proved first.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use disclosure::EventKind;
use jiff::Timestamp;
use ledger::{
    DistrustError, Hour, Leaf, Note, NoteError, Policy, TlogProof, TlogProofError, VerifierKey,
};
use sealing::Identity;
use serde_json::Value;
use thiserror::Error;

use super::manifest::TextError;
use super::{Envelope, Manifest, Recall, digest};

/// What the agency believes in, from elsewhere than the package.
pub struct Trusted<'a> {
    /// The agency's own organization code.
    pub organization: &'a str,
    /// The key that opens packages.
    pub identity: &'a Identity,
    /// The gate's public key.
    pub gate: &'a VerifierKey,
    /// Which log, and which witnesses.
    pub policy: &'a Policy,
    /// Notices of recalled releases, by case.
    pub recalls: &'a BTreeMap<String, Recall>,
    /// The instant it is opened at.
    pub now: Timestamp,
}

/// A package that verified.
#[derive(Debug)]
pub struct Opened {
    /// What the gate says of it.
    pub manifest: Manifest,
    /// The signed manifest.
    pub note: String,
    /// The record: a FHIR R4 Bundle.
    pub bundle: String,
    /// The proof file.
    pub proof: String,
    /// Bytes of the log's entry.
    pub entry: Vec<u8>,
    /// The witnesses that cosigned the head, with the time of each in seconds since the epoch.
    pub witnesses: BTreeMap<String, u64>,
}

/// Why a package is refused.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The seal.
    #[error(transparent)]
    Seal(#[from] sealing::OpenError),
    /// What is sealed is not an envelope.
    #[error("what is sealed is not a release of the gate")]
    Envelope,
    /// The manifest's signature.
    #[error("the manifest: {0}")]
    Signature(#[from] NoteError),
    /// The manifest's text.
    #[error("the manifest is not one of a release: {0}")]
    Manifest(#[from] TextError),
    /// Made for one agency and sealed again to another.
    #[error("the package was made for the key `{0}` and has been sealed again to this one")]
    SealedAgain(String),
    /// Made for another organization.
    #[error("the package was made for `{0}`, which is not this agency")]
    OtherAgency(String),
    /// The record is another.
    #[error("the record is not the one that the manifest names")]
    Record,
    /// The entry is another.
    #[error("the log's entry is not the one that the manifest names")]
    Entry,
    /// Too few or other witnesses.
    #[error("the witness policy is not met: {0}")]
    Witnesses(DistrustError),
    /// The proof does not hold.
    #[error("the log's proof: {0}")]
    Proof(TlogProofError),
    /// The entry is something else than a release.
    #[error("entry {0} of the log is not a release")]
    NotRelease(u64),
    /// The entry is of another time.
    #[error("entry {0} of the log is of another hour than the release")]
    Hour(u64),
    /// The data life is over.
    #[error("the data life ended at {0}: destroy every copy")]
    DataLife(Timestamp),
    /// Recalled.
    #[error("the release was recalled at {0}: destroy every copy and confirm that you have")]
    Recalled(Timestamp),
}

/// Opens a package, or says why it is not to be believed.
pub fn open(sealed: &[u8], trusted: &Trusted<'_>) -> Result<Opened, OpenError> {
    let envelope = unseal(sealed, trusted.identity)?;
    let note = Note::parse(envelope.manifest.as_bytes())?;
    note.verify(trusted.gate)?;
    let manifest: Manifest = note.text().parse()?;
    check_recipient(&manifest, trusted)?;
    if digest(&envelope.bundle) != manifest.bundle_sha256 {
        return Err(OpenError::Record);
    }
    let (entry, witnesses) = check_entry(&envelope, &manifest, trusted.policy)?;
    check_life(&manifest, trusted)?;
    Ok(Opened {
        manifest,
        note: envelope.manifest,
        bundle: envelope.bundle,
        proof: envelope.proof,
        entry,
        witnesses,
    })
}

fn unseal(sealed: &[u8], identity: &Identity) -> Result<Envelope, OpenError> {
    let opened = sealing::open(sealed, identity)?;
    let envelope: Envelope = serde_json::from_slice(&opened).map_err(|_| OpenError::Envelope)?;
    let bundle: Result<Value, _> = serde_json::from_str(&envelope.bundle);
    bundle.map_err(|_| OpenError::Envelope)?;
    Ok(envelope)
}

fn check_recipient(manifest: &Manifest, trusted: &Trusted<'_>) -> Result<(), OpenError> {
    if manifest.sealed_to != trusted.identity.recipient().to_string() {
        return Err(OpenError::SealedAgain(manifest.sealed_to.clone()));
    }
    if manifest.recipient != trusted.organization {
        return Err(OpenError::OtherAgency(manifest.recipient.clone()));
    }
    Ok(())
}

/// The entry is the one of the manifest, a release of that hour, and in a log that the policy believes.
fn check_entry(
    envelope: &Envelope,
    manifest: &Manifest,
    policy: &Policy,
) -> Result<(Vec<u8>, BTreeMap<String, u64>), OpenError> {
    let entry = STANDARD.decode(&envelope.entry);
    let entry = entry.map_err(|_| OpenError::Entry)?;
    let proof = TlogProof::parse(envelope.proof.as_bytes()).map_err(OpenError::Proof)?;
    if digest(&entry) != manifest.entry_sha256 || proof.index != manifest.entry {
        return Err(OpenError::Entry);
    }
    let witnessed = proof
        .verify_under(&entry, policy)
        .map_err(|error| match error {
            TlogProofError::Distrust(
                distrust @ (DistrustError::Quorum { .. } | DistrustError::Cosignature(_)),
            ) => OpenError::Witnesses(distrust),
            error => OpenError::Proof(error),
        })?;
    let leaf = Leaf::decode(&entry).map_err(|_| OpenError::Entry)?;
    let kind = EventKind::from_number(leaf.kind.0);
    if !matches!(
        kind,
        Some(EventKind::Released | EventKind::EmergencyReleased)
    ) {
        return Err(OpenError::NotRelease(proof.index));
    }
    let released = u64::try_from(manifest.released_at.as_second()).unwrap_or_default();
    if leaf.hour != Hour::from_unix_seconds(released) {
        return Err(OpenError::Hour(proof.index));
    }
    Ok((entry, witnessed.witnesses))
}

fn check_life(manifest: &Manifest, trusted: &Trusted<'_>) -> Result<(), OpenError> {
    if let Some(recall) = trusted.recalls.get(&manifest.case) {
        return Err(OpenError::Recalled(recall.recalled_at));
    }
    if trusted.now >= manifest.data_life_until {
        return Err(OpenError::DataLife(manifest.data_life_until));
    }
    Ok(())
}
