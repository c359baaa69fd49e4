//! Cosignatures: a witness's word that a head continues all it saw before
//! (c2sp.org/tlog-cosignature).
//!
//! The Ed25519 form: the witness signs a time and the note's text, not the log's signature.

use crate::note::{KeyType, Note, NoteError, SignatureLine, SignerKey, VerifierKey};

/// Bytes of the time in front of the signature.
const TIME_BYTES: usize = 8;

/// Cosigns a note at this time, in seconds since the epoch. The key must be of type
/// [`KeyType::Cosignature`]; whether the head deserves it is for the caller to know.
pub fn cosign(note: &Note, key: &SignerKey, time: u64) -> SignatureLine {
    let signature = key.sign(message(note, time).as_bytes());
    let public = key.public();
    SignatureLine {
        name: public.name().into(),
        id: public.id(),
        signature: [time.to_be_bytes().as_slice(), &signature].concat(),
    }
}

/// Checks the cosignature by `key` on the note; returns its time in seconds since the epoch.
pub fn verify_cosignature(note: &Note, key: &VerifierKey) -> Result<u64, NoteError> {
    let line = note.signature_by(key)?;
    let wrong = || NoteError::Signature(key.name().into());
    let (time, signature) = line
        .signature
        .split_first_chunk::<TIME_BYTES>()
        .ok_or_else(wrong)?;
    let time = u64::from_be_bytes(*time);
    let holds = key.key_type() == KeyType::Cosignature
        && i64::try_from(time).is_ok()
        && key.verify(message(note, time).as_bytes(), signature);
    holds.then_some(time).ok_or_else(wrong)
}

/// Adds to the note each line by one of these witnesses that verifies; returns the witnesses added.
/// Other lines are dropped: whoever collects cosignatures must not pass on what nobody checked.
pub fn add_cosignatures<'k>(
    note: &mut Note,
    lines: &[SignatureLine],
    witnesses: &'k [VerifierKey],
) -> Vec<&'k VerifierKey> {
    let mut added = Vec::new();
    for line in lines {
        let Some(key) = witnesses.iter().find(|key| key.matches(line)) else {
            continue;
        };
        let mut candidate = note.clone();
        candidate.add(line.clone());
        if verify_cosignature(&candidate, key).is_ok() {
            *note = candidate;
            added.push(key);
        }
    }
    added
}

fn message(note: &Note, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{}", note.text())
}

#[cfg(test)]
mod tests;
