//! One immutable, versioned, checksummed, memory-mapped file of people.
//!
//! Rows are sorted by date of birth, so that "everybody born that day" is one range to scan and needs
//! no list. Every person has one primary row and one row for each earlier name, address or number, so
//! that a search on history is a search like any other. Texts are held once, in sorted dictionaries;
//! other search keys are hashed into lists of rows.
//!
//! What has changed since a file was built stands in a [`Delta`]: it is searched beside the file, as
//! [`Current`] people, until [`apply`] makes the next file of both.

mod ahead;
mod build;
mod cards;
mod check;
mod compounds;
mod current;
mod delta;
mod derived;
mod dictionary;
mod diff;
mod extras;
mod format;
mod kinship;
mod middles;
mod parts;
mod postings;
mod read;
mod row;

pub use build::{BuildPhase, BuildProgress, BuildReport, MEMORY_BYTES, build, build_within};
pub use current::Current;
pub use delta::{Delta, apply, build_delta};
pub use diff::{Change, DiffReport, Difference, diff};
pub use parts::Parts;
pub use read::{Index, IndexInfo};

pub(crate) use derived::{Derived, Lookup};
pub(crate) use dictionary::{Dictionary, within};
pub(crate) use kinship::Kinship;
pub(crate) use parts::Part;
pub(crate) use postings::{Hash, Key, hash, name_hash, premises_hash};
pub(crate) use read::View;
pub(crate) use row::{Row, when_of};

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why an index cannot be built or opened.
#[derive(Debug, Error)]
pub enum IndexError {
    /// The operating system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not a complete, undamaged index of a known version.
    #[error("`{}` {problem}; {remedy}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Another process writes the same file.
    #[error("another build of `{}` is running; wait for it, or stop it", .0.display())]
    Busy(PathBuf),
    /// A delta and an index that do not belong together.
    #[error(
        "the delta belongs to index `{delta}`, not to `{base}`; build it again from this index"
    )]
    OtherBase {
        /// Version of the index.
        base: String,
        /// Version of the index that the delta was built from.
        delta: String,
    },
    /// More people or text than one file can hold.
    #[error("{0} do not fit into one index; split the extract")]
    TooMany(&'static str),
}

impl IndexError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    fn damaged(path: &Path, problem: impl Into<String>) -> Self {
        Self::Refused {
            path: path.to_owned(),
            problem: problem.into(),
            remedy: "build it again from the extract",
        }
    }
}

#[cfg(test)]
mod tests;
