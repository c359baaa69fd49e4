//! Cosignatures: a witness's word that a head continues all it saw before
//! (c2sp.org/tlog-cosignature).
//!
//! The Ed25519 form signs a time and the note's text; the ML-DSA-44 form signs a structure with the
//! witness's name, a time, and the log's origin, size and root. Neither covers the log's signature.

use crate::checkpoint::Checkpoint;
use crate::key::{KeyType, SignerKey, VerifierKey};
use crate::note::{Note, NoteError, SignatureLine};

/// Bytes of the time in front of the signature.
const TIME_BYTES: usize = 8;

/// Cosigns a head at this time, in seconds since the epoch; `None` when the note's text is not a
/// checkpoint or the key is not a witness's. Whether the head deserves it is for the caller to know.
pub fn cosign(note: &Note, key: &SignerKey, time: u64) -> Option<SignatureLine> {
    let public = key.public();
    let signature = key.sign(&message(note, public, time)?);
    Some(SignatureLine {
        name: public.name().into(),
        id: public.id(),
        signature: [time.to_be_bytes().as_slice(), &signature].concat(),
    })
}

/// Checks the cosignature by `key` on the note; returns its time in seconds since the epoch.
pub fn verify_cosignature(note: &Note, key: &VerifierKey) -> Result<u64, NoteError> {
    let line = note.signature_by(key)?;
    let time = line.signature.split_first_chunk::<TIME_BYTES>();
    let time = time.and_then(|(time, signature)| {
        let time = u64::from_be_bytes(*time);
        let message = message(note, key, time)?;
        let holds = i64::try_from(time).is_ok() && key.verify(&message, signature);
        holds.then_some(time)
    });
    time.ok_or_else(|| NoteError::Signature(key.name().into()))
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

/// What the witness signs; `None` when there is nothing it could sign.
fn message(note: &Note, key: &VerifierKey, time: u64) -> Option<Vec<u8>> {
    let head: Checkpoint = note.text().parse().ok()?;
    match key.key_type() {
        KeyType::Note => None,
        KeyType::Cosignature => {
            Some(format!("cosignature/v1\ntime {time}\n{}", note.text()).into_bytes())
        }
        KeyType::CosignatureMlDsa44 => subtree_message(&head, key.name(), time),
    }
}

/// The structure `cosigned_message` for the whole tree: label, cosigner, time, origin, first entry,
/// end and root. Extension lines are not in it.
fn subtree_message(head: &Checkpoint, cosigner: &str, time: u64) -> Option<Vec<u8>> {
    let mut message = b"subtree/v1\n\0".to_vec();
    message.push(u8::try_from(cosigner.len()).ok()?);
    message.extend_from_slice(cosigner.as_bytes());
    message.extend_from_slice(&time.to_be_bytes());
    message.push(u8::try_from(head.origin.len()).ok()?);
    message.extend_from_slice(head.origin.as_bytes());
    message.extend_from_slice(&0_u64.to_be_bytes());
    message.extend_from_slice(&head.size.to_be_bytes());
    message.extend_from_slice(&head.root.0);
    Some(message)
}

#[cfg(test)]
mod tests;
