//! Checkpoints: the signed head of a log (c2sp.org/tlog-checkpoint).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::hash::Hash;
use crate::key::{SignerKey, VerifierKey};
use crate::note::{Note, NoteError};

/// Origin, size and root of a log, as signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree of that size.
    pub root: Hash,
    /// Further lines, without newlines. Nobody can audit them: our logs have none.
    pub extensions: Vec<String>,
}

/// Why bytes are not a checkpoint that can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// The signed note around it is at fault.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Fewer than three lines, an empty line, or no newline at the end.
    #[error("a checkpoint is three or more non-empty lines")]
    Lines,
    /// The size is not a plain decimal number.
    #[error("line 2, tree size: `{0}` is not a decimal number without leading zeros below 2^63")]
    Size(String),
    /// The root is not 32 bytes in canonical base64.
    #[error("line 3, root hash: `{0}` is not 32 bytes in canonical base64")]
    Root(String),
    /// Signed for another log.
    #[error("line 1, origin: `{found}` is not the log `{expected}`")]
    Origin {
        /// The log that was asked for.
        expected: String,
        /// The origin in the checkpoint.
        found: String,
    },
}

impl Checkpoint {
    /// Signs the checkpoint as the log.
    pub fn sign(&self, key: &SignerKey) -> Note {
        Note::sign(self.to_string(), key)
    }

    /// The checkpoint in a note signed by the log `key`, whose name must be the origin.
    pub fn open(note: &Note, key: &VerifierKey) -> Result<Checkpoint, CheckpointError> {
        note.verify(key)?;
        let checkpoint: Checkpoint = note.text().parse()?;
        match checkpoint.origin == key.name() {
            true => Ok(checkpoint),
            false => Err(CheckpointError::Origin {
                expected: key.name().into(),
                found: checkpoint.origin,
            }),
        }
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Checkpoint, CheckpointError> {
        let text = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?;
        let mut lines = text.split('\n');
        let mut line = || {
            lines
                .next()
                .filter(|line| !line.is_empty())
                .ok_or(CheckpointError::Lines)
        };
        let (origin, size, root) = (line()?, line()?, line()?);
        let extensions: Vec<String> = lines.map(String::from).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::Lines);
        }
        Ok(Checkpoint {
            origin: origin.into(),
            size: parse_number(size).ok_or_else(|| CheckpointError::Size(size.into()))?,
            root: Hash::from_base64(root).ok_or_else(|| CheckpointError::Root(root.into()))?,
            extensions,
        })
    }
}

/// A decimal number as the C2SP formats write it: digits only, no leading zero, below 2^63.
pub(crate) fn parse_number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    let number: u64 = (plain && canonical).then(|| text.parse().ok())??;
    // Other implementations keep sizes in signed numbers.
    (number <= i64::MAX as u64).then_some(number)
}

#[cfg(test)]
mod tests;
