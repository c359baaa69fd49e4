//! Reads people.

use std::io::Read;

use super::columns::{Cells, Field, Header, Row, Subject, Table};
use super::{CsvError, RowFault};
use crate::people_input::{CHUNK, Outcome, Queue, limited, outcomes};
use crate::terms::{read_date, read_names, read_nhs_number, read_sex, read_text};
use crate::{Address, AddressKind, Fault, Name, NhsNumber, Person};

/// Reads people one by one; see [`read_persons`].
pub struct PersonReader<R> {
    table: Table<R>,
    rows: Vec<Row>,
    queue: Queue,
}

/// Reads people from `reader`, in chunks and on all cores, in the order of the file.
///
/// A faulty row gives one `Err` and the reading goes on; a faulty field gives an `Err` with
/// `row_left_out: false` just before its row, which lacks that field.
///
/// # Errors
/// Refuses a header that is not one of the two forms, naming what is expected.
pub fn read_persons<R: Read>(reader: R) -> Result<PersonReader<R>, CsvError> {
    Ok(PersonReader {
        table: Table::new(reader, Subject::Persons)?,
        rows: Vec::new(),
        queue: Queue::default(),
    })
}

impl<R: Read> Iterator for PersonReader<R> {
    type Item = Result<Person, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { table, rows, queue } = self;
        queue.next(|| read_chunk(table, rows))
    }
}

/// `rows` are used again from chunk to chunk.
fn read_chunk<R: Read>(table: &mut Table<R>, rows: &mut Vec<Row>) -> Vec<Outcome> {
    rows.resize_with(CHUNK, Row::new);
    let mut count = 0;
    while let Some(row) = rows.get_mut(count)
        && table.advance(row)
    {
        count += 1;
    }
    let rows = rows.get(..count).unwrap_or_default();
    outcomes(rows, |row| read_row(&table.header, row))
}

fn read_row(header: &Header, row: &Row) -> Outcome {
    match header.cells(row) {
        Ok(cells) => {
            let mut faults = Vec::new();
            let person = person_of(cells, &mut faults);
            Outcome::of(row.line(), person, faults)
        }
        Err(fault) => Outcome::unusable(fault.line, fault.fault),
    }
}

fn person_of(cells: Cells<'_>, faults: &mut Vec<Fault>) -> Person {
    let text = |field| cells.text(field);
    Person {
        person_id: read_text(text(Field::Id), "person_id", faults),
        nhs_number: read_nhs_number(text(Field::NhsNumber), "nhs_number", faults),
        superseded_nhs_numbers: superseded(text(Field::SupersededNhsNumbers), faults),
        name: Name {
            given: read_text(text(Field::GivenName), "given_name", faults),
            middle: read_text(text(Field::MiddleName), "middle_name", faults),
            surname: read_text(text(Field::Surname), "surname", faults),
        },
        previous_names: limited(
            read_names(text(Field::PreviousNames)),
            "previous_names",
            faults,
        ),
        date_of_birth: read_date(text(Field::DateOfBirth), "date_of_birth", faults),
        dob_estimated: read_flag(text(Field::DobEstimated), "dob_estimated", faults),
        sex: read_sex(text(Field::Sex), faults),
        address: Address {
            address: read_text(&cells.address(), "address", faults),
            town: read_text(cells.town(), "town", faults),
            postcode: read_text(text(Field::Postcode), "postcode", faults),
            kind: read_kind(text(Field::AddressKind), "address_kind", faults),
            from: read_date(text(Field::AddressFrom), "address_from", faults),
            to: None,
        },
        previous_addresses: previous_addresses(text(Field::PreviousAddresses), faults),
        gp_practice_code: practice(text(Field::GpPracticeCode), faults),
        registration_date: read_date(text(Field::RegistrationDate), "registration_date", faults),
        restricted: read_flag(text(Field::Restricted), "restricted", faults),
        // Somebody who died on an unreadable day has died all the same.
        deceased: !text(Field::DeathDate).trim().is_empty(),
        death_date: read_date(text(Field::DeathDate), "death_date", faults),
    }
}

fn superseded(text: &str, faults: &mut Vec<Fault>) -> Vec<NhsNumber> {
    let numbers = text
        .split(';')
        .filter_map(|number| read_nhs_number(number, "superseded_nhs_numbers", faults))
        .collect();
    limited(numbers, "superseded_nhs_numbers", faults)
}

fn practice(text: &str, faults: &mut Vec<Fault>) -> Option<String> {
    let code = read_text(text, "gp_practice_code", faults);
    (!code.is_empty()).then_some(code)
}

/// Protection must not be lost to a spelling: anything but a plain "no" counts as "yes".
fn read_flag(text: &str, field: &'static str, faults: &mut Vec<Fault>) -> bool {
    match text.trim().to_ascii_uppercase().as_str() {
        "" | "N" | "NO" | "0" | "FALSE" => false,
        "Y" | "YES" | "1" | "TRUE" => true,
        _ => {
            let problem = "neither Y nor empty; taken as Y";
            faults.push(Fault::new(field, problem, "write Y or leave it empty"));
            true
        }
    }
}

fn read_kind(text: &str, field: &'static str, faults: &mut Vec<Fault>) -> AddressKind {
    AddressKind::parse(text).unwrap_or_else(|| {
        let remedy = "write home, care_of_practice, care_of_organisation, no_fixed_abode, \
                      withheld or unknown";
        faults.push(Fault::new(
            field,
            "not a known kind; taken as withheld",
            remedy,
        ));
        AddressKind::Withheld
    })
}

/// Entries separated by `;`, each `address|town|postcode|kind|from|to`.
fn previous_addresses(text: &str, faults: &mut Vec<Fault>) -> Vec<Address> {
    const FIELD: &str = "previous_addresses";
    let mut addresses = Vec::new();
    for entry in text.split(';').filter(|entry| !entry.trim().is_empty()) {
        let parts: Vec<&str> = entry.split('|').collect();
        let part = |position: usize| parts.get(position).copied().unwrap_or_default();
        addresses.push(Address {
            address: read_text(part(0), FIELD, faults),
            town: read_text(part(1), FIELD, faults),
            postcode: read_text(part(2), FIELD, faults),
            kind: read_kind(part(3), FIELD, faults),
            from: read_date(part(4), FIELD, faults),
            to: read_date(part(5), FIELD, faults),
        });
    }
    limited(addresses, FIELD, faults)
}
