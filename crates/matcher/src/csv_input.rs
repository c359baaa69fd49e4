//! CSV files of people and of requests, in two header forms: snake_case, and the column names of the
//! batch trace of the Personal Demographics Service. Spaces, underscores and case are the same.

mod columns;
mod persons;
mod requests;

pub use persons::{PersonReader, read_persons};
pub use requests::{RequestReader, RequestRow, read_requests};

use serde::Serialize;
use thiserror::Error;

use crate::Fault;

/// A fault of one row of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowFault {
    /// Line in the file, the header being line 1.
    pub line: u64,
    /// What is wrong with which field.
    pub fault: Fault,
    /// The whole row was left out (else only the field).
    pub row_left_out: bool,
}

impl std::fmt::Display for RowFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let effect = if self.row_left_out {
            "row left out"
        } else {
            "field left out"
        };
        write!(f, "line {}: {} ({effect})", self.line, self.fault)
    }
}

/// Why a file cannot be read at all.
#[derive(Debug, Error)]
pub enum CsvError {
    /// A column that neither form has.
    #[error("unknown column `{column}`; expected {expected}")]
    UnknownColumn {
        /// Name in the header.
        column: String,
        /// Every accepted name.
        expected: String,
    },
    /// A column given twice, perhaps under two names.
    #[error("column `{0}` is there twice; keep one")]
    RepeatedColumn(String),
    /// Columns that cannot be done without.
    #[error("missing column {missing}; expected {expected}")]
    MissingColumns {
        /// Names, separated by commas.
        missing: String,
        /// Every accepted name.
        expected: String,
    },
    /// The file cannot be read.
    #[error("cannot read the file: {0}")]
    Read(#[from] csv::Error),
}

#[cfg(test)]
mod tests;
