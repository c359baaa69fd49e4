//! The transparency log: a record that nobody can alter unseen and anybody can check.
//!
//! A log is a folder of static files in the C2SP formats over the Merkle tree of RFC 6962. Each
//! entry is a fixed-size [`Leaf`] with two salted commitments and nothing else.
//! [`Publisher`] extends the folder and signs its head; [`verify`](verify()) audits it from the
//! public files and the log's key alone; a [`TlogProof`] proves one entry offline.
//!
//! This crate must never know what a person or an agency is: it sees kinds as numbers and facts as
//! bytes. It reads no clock and draws no random numbers; salts, seeds and times are parameters.
//!
//! In reading order: [`hash`], [`leaf`], [`tree`], [`tiles`], [`key`], [`note`], [`checkpoint`],
//! [`publish`], [`verify`](mod@verify), [`proof`]; then [`cosignature`], [`policy`], [`witness`],
//! [`monitor`], [`mirror`](mod@mirror) for those who watch the log, and [`shares`] and [`chain`] for
//! the subjects of its entries.

pub mod chain;
pub mod checkpoint;
pub mod cosignature;
pub mod folder;
pub mod hash;
pub mod key;
pub mod leaf;
pub mod mirror;
pub mod monitor;
pub mod note;
pub mod policy;
pub mod proof;
pub mod publish;
pub mod shares;
#[cfg(test)]
mod testing;
pub mod tiles;
pub mod tree;
pub mod verify;
pub mod witness;

pub use crate::chain::{Bundle, BundleError, BundleEvent, Chain, Link, Moved};
pub use crate::checkpoint::{Checkpoint, CheckpointError};
pub use crate::cosignature::{add_cosignatures, cosign, verify_cosignature};
pub use crate::folder::{Files, Folder, UnderHead};
pub use crate::hash::Hash;
pub use crate::key::{KeyError, KeyType, SignerKey, VerifierKey, published_keys};
pub use crate::leaf::{Commitment, Hour, Kind, Leaf, Opening, Part};
pub use crate::mirror::{MirrorError, mirror};
pub use crate::monitor::{Alarm, Watch, look};
pub use crate::note::{Note, NoteError, SignatureLine};
pub use crate::policy::{DistrustError, Policy, PolicyError, Witnessed};
pub use crate::proof::{ProveError, TlogProof, TlogProofError, prove, prove_growth};
pub use crate::publish::{PublishError, Publisher};
pub use crate::shares::{Share, Shares};
pub use crate::verify::{Report, VerifyError, read_note, verify, verify_each, verify_files};
pub use crate::witness::{AddCheckpoint, Answer, Witness, WitnessStore};
