//! What keeps the publisher from publishing.

use std::io;

use thiserror::Error;

use crate::checkpoint::CheckpointError;
use crate::hash::Hash;
use crate::tiles::TileError;

/// Why nothing was published. The public files still hold the last signed head.
#[derive(Debug, Error)]
pub enum PublishError {
    /// Reading or writing failed.
    #[error("`{path}`: {source}")]
    File {
        /// The file or folder.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Another publisher is at work.
    #[error("`{0}` is locked: another publisher of this log is running")]
    Locked(String),
    /// A checkpoint of this log cannot be read or was not signed with this key.
    #[error("`{path}`: {source}")]
    Checkpoint {
        /// The file.
        path: String,
        /// What is wrong.
        source: CheckpointError,
    },
    /// A file at the right edge of the log is missing or damaged.
    #[error("`{path}` {problem}: restore it from a copy of the log before publishing")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// Entries between the log's end and those supplied are missing.
    #[error("entries {published} to {first} are missing from those supplied")]
    Gap {
        /// Entries in the log.
        published: u64,
        /// Index of the first entry supplied.
        first: u64,
    },
    /// The entries supplied end before the last signed head: they come from an older database.
    #[error(
        "a head of {signed} entries is signed but only {supplied} were supplied: \
         never sign from an older database; restore a newer one"
    )]
    Behind {
        /// Size of the last signed head.
        signed: u64,
        /// Size the entries supplied lead to.
        supplied: u64,
    },
    /// An entry supplied is not the one that was published.
    #[error("entry {0} differs from the one already published")]
    Altered(u64),
    /// The entries supplied do not lead to a head signed before.
    #[error(
        "the entries lead to root `{computed}` at size {size}, \
         where root `{signed}` is already signed"
    )]
    Forked {
        /// Size of the head signed before.
        size: u64,
        /// Root signed before.
        signed: Hash,
        /// Root of the entries supplied.
        computed: Hash,
    },
    /// An entry cannot be written to a bundle.
    #[error("entry {index}: {source}")]
    Entry {
        /// Index of the entry.
        index: u64,
        /// What is wrong.
        source: TileError,
    },
}

impl From<(String, io::Error)> for PublishError {
    fn from((path, source): (String, io::Error)) -> PublishError {
        PublishError::File { path, source }
    }
}
