//! Reads requests.

use std::borrow::Cow;
use std::io::Read;

use super::CsvError;
use super::columns::{Cells, Field, Row, Subject, Table};
use crate::{Fault, RawTerms, Terms};

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

/// Reads requests one by one; see [`read_requests`].
pub struct RequestReader<R> {
    table: Table<R>,
    /// The row read last: its memory serves again.
    row: Row,
}

/// Reads requests from `reader`, one by one. A faulty row is there without terms.
///
/// # Errors
/// Refuses a header that is not one of the two forms, naming what is expected.
pub fn read_requests<R: Read>(reader: R) -> Result<RequestReader<R>, CsvError> {
    Ok(RequestReader {
        table: Table::new(reader, Subject::Requests)?,
        row: Row::new(),
    })
}

impl<R: Read> Iterator for RequestReader<R> {
    type Item = RequestRow;

    fn next(&mut self) -> Option<RequestRow> {
        let row = &mut self.row;
        if !self.table.advance(row) {
            return None;
        }
        let header = &self.table.header;
        let request_id = header.found(row).text(Field::Id).trim().to_owned();
        let line = row.line();
        Some(match header.cells(row) {
            Err(fault) => RequestRow {
                line,
                request_id,
                terms: None,
                faults: vec![fault.fault],
            },
            Ok(cells) => {
                let (terms, faults) = raw_terms(cells).read();
                RequestRow {
                    line,
                    request_id,
                    terms: Some(terms),
                    faults,
                }
            }
        })
    }
}

fn raw_terms(cells: Cells<'_>) -> RawTerms<'_> {
    let text = |field| Cow::Borrowed(cells.text(field));
    RawTerms {
        nhs_number: text(Field::NhsNumber),
        given_name: text(Field::GivenName),
        middle_name: text(Field::MiddleName),
        surname: text(Field::Surname),
        previous_names: text(Field::PreviousNames),
        date_of_birth: text(Field::DateOfBirth),
        sex: text(Field::Sex),
        address: cells.address(),
        town: cells.town().into(),
        postcode: text(Field::Postcode),
        gp_practice_code: text(Field::GpPracticeCode),
        death_date: text(Field::DeathDate),
    }
}
