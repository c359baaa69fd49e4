//! The sealed release: what an agency's machine takes away, and what it must check before it reads it.
//!
//! A package is one age file (age-encryption.org/v1) to the agency's registered key. Inside is a JSON
//! object of three texts and the log's entry:
//!
//! - `manifest`: a note (c2sp.org/signed-note) signed by the gate. It names the case, the recipient,
//!   the hash of the record, the entry of the log, and what may be done with the record until when;
//! - `bundle`: the record as a FHIR R4 Bundle, byte for byte what the manifest's hash is of;
//! - `proof`: that the entry of the release is in the public log (c2sp.org/tlog-proof);
//! - `entry`: the bytes of that entry, in base64.
//!
//! age says to whom a file is sealed and not by whom: the manifest does, and it names the key that the
//! package is sealed to, so that no recipient can pass it on as if it had been made for somebody else.

mod manifest;
mod notice;
mod opening;

pub use manifest::Manifest;
pub use notice::{LineAnswer, Notice, Recall, Receipt};
pub use opening::{Opened, Trusted, open};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::{Note, SignerKey, TlogProof};
use sealing::{Fresh, KeyError, Recipient};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Longest package read: a record of one person is a few kilobytes, a head with 64 post-quantum
/// cosignatures a quarter of a MiB, and both are written in JSON.
pub const PACKAGE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Media type of a package.
pub const MEDIA_TYPE: &str = "application/vnd.tracegate.package+age";

/// What is sealed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    manifest: String,
    bundle: String,
    proof: String,
    entry: String,
}

/// Why no package was made.
#[derive(Debug, Error)]
pub enum SealError {
    /// The registered key is not one of age.
    #[error("the registered key: {0}")]
    Recipient(#[from] KeyError),
    /// The key is one to which nothing can be kept secret.
    #[error("nothing can be sealed to the registered key")]
    Seal,
    /// The envelope could not be written.
    #[error("the package could not be written")]
    Write(#[from] serde_json::Error),
}

/// Signs the manifest and seals everything to the key that the manifest names.
pub fn seal(
    manifest: &Manifest,
    signer: &SignerKey,
    bundle: String,
    (entry, proof): (&[u8], &TlogProof),
    fresh: &Fresh,
) -> Result<Vec<u8>, SealError> {
    let envelope = Envelope {
        manifest: Note::sign(manifest.to_string(), signer).to_string(),
        bundle,
        proof: proof.to_string(),
        entry: STANDARD.encode(entry),
    };
    let recipient: Recipient = manifest.sealed_to.parse()?;
    let sealed = sealing::seal(&serde_json::to_vec(&envelope)?, &recipient, fresh);
    sealed.ok_or(SealError::Seal)
}

/// Hex SHA-256, as manifests name bytes.
pub fn digest(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes))
}
