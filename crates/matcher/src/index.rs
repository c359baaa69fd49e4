//! One immutable, versioned, checksummed, memory-mapped file of people.

use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use crate::csv_input::RowFault;
use crate::{NhsNumber, Person};

/// An open index. Cheap to share between threads.
#[derive(Debug)]
pub struct Index {}

/// Why an index cannot be built or opened.
#[derive(Debug, Error)]
pub enum IndexError {
    /// The operating system refused.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not a complete, undamaged index of a known version.
    #[error("`{path}` {problem}; {remedy}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// More people or text than one file can hold.
    #[error("{0} do not fit into one index; split the extract")]
    TooMany(&'static str),
}

/// What is in an index, as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexInfo {
    /// Format version of the file.
    pub format_version: u32,
    /// Different people.
    pub people: u64,
    /// Rows: people and their earlier names and addresses.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// Checksum of the content: names this index in records of answers.
    pub version: String,
    /// Sections: name, bytes.
    pub sections: Vec<(String, u64)>,
}

/// What a build did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BuildReport {
    /// People written.
    pub people: u64,
    /// Rows written.
    pub rows: u64,
    /// Records left out because they could not be read, or repeat an identifier.
    pub left_out: u64,
    /// Fields left out of records that were kept.
    pub field_faults: u64,
    /// The first thousand faults.
    pub faults: Vec<RowFault>,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Checksum of the content.
    pub version: String,
}

/// Builds an index from `persons` at `out`: written aside, synced, then renamed into place.
///
/// `progress` gets the number of records read so far, about every 10,000 records.
///
/// # Errors
/// Fails when the disk does, or when a limit of the format is reached. Faulty records do not fail a
/// build: they are left out and reported.
pub fn build(
    persons: impl Iterator<Item = Result<Person, RowFault>>,
    out: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<BuildReport, IndexError> {
    let _ = (persons, out, progress);
    Ok(BuildReport::default())
}

impl Index {
    /// Opens and checks the whole file.
    ///
    /// # Errors
    /// Refuses a file that is truncated, altered, of a newer version or not an index.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        Err(IndexError::Refused {
            path: path.to_owned(),
            problem: "is not an index".to_owned(),
            remedy: "build it again",
        })
    }

    /// Facts about the whole index.
    pub fn info(&self) -> IndexInfo {
        IndexInfo {
            format_version: 0,
            people: 0,
            rows: 0,
            bytes: 0,
            version: String::new(),
            sections: Vec::new(),
        }
    }

    /// Checks every reference inside the file, beyond the checksums that [`Self::open`] checks.
    ///
    /// # Errors
    /// Names the first inconsistency.
    pub fn verify(&self) -> Result<(), IndexError> {
        Ok(())
    }

    /// Everything held about the person at `row`.
    pub fn person(&self, row: u32) -> Option<Person> {
        let _ = row;
        None
    }

    /// Row of the person with this source identifier.
    pub fn find(&self, person_id: &str) -> Option<u32> {
        let _ = person_id;
        None
    }

    /// Row of the person who has or had this NHS number.
    pub fn find_nhs_number(&self, number: NhsNumber) -> Option<u32> {
        let _ = number;
        None
    }
}
