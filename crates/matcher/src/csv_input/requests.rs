//! Reads requests.

use std::io::Read;

use super::CsvError;
use super::columns::{Field, Row, Subject, Table};
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
}

/// Reads requests from `reader`, one by one. A faulty row is there without terms.
///
/// # Errors
/// Refuses a header that is not one of the two forms, naming what is expected.
pub fn read_requests<R: Read>(reader: R) -> Result<RequestReader<R>, CsvError> {
    Ok(RequestReader {
        table: Table::new(reader, Subject::Requests)?,
    })
}

impl<R: Read> Iterator for RequestReader<R> {
    type Item = RequestRow;

    fn next(&mut self) -> Option<RequestRow> {
        let row = self.table.advance()?;
        let request_id = self.table.text(Field::Id).trim().to_owned();
        let line = self.table.line();
        Some(match row {
            Row::Faulty(fault) => RequestRow {
                line,
                request_id,
                terms: None,
                faults: vec![fault.fault],
            },
            Row::Read => {
                let (terms, faults) = raw_terms(&self.table).read();
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

fn raw_terms<R: Read>(table: &Table<R>) -> RawTerms {
    let text = |field| table.text(field).to_owned();
    RawTerms {
        nhs_number: text(Field::NhsNumber),
        given_name: text(Field::GivenName),
        middle_name: text(Field::MiddleName),
        surname: text(Field::Surname),
        previous_names: text(Field::PreviousNames),
        date_of_birth: text(Field::DateOfBirth),
        sex: text(Field::Sex),
        address: table.address(),
        town: table.town().to_owned(),
        postcode: text(Field::Postcode),
        gp_practice_code: text(Field::GpPracticeCode),
        death_date: text(Field::DeathDate),
    }
}
