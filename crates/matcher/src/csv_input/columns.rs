//! Which column holds which field.

use std::borrow::Cow;
use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{CsvError, RowFault};
use crate::Fault;

/// A field of a person or of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    NhsNumber,
    GivenName,
    MiddleName,
    Surname,
    DateOfBirth,
    Sex,
    Address,
    AddressLine1,
    AddressLine2,
    AddressLine3,
    AddressLine4,
    AddressLine5,
    Town,
    Postcode,
    SupersededNhsNumbers,
    PreviousNames,
    DobEstimated,
    AddressKind,
    AddressFrom,
    PreviousAddresses,
    GpPracticeCode,
    RegistrationDate,
    Restricted,
    DeathDate,
    /// Accepted, because the published form has it, and not used.
    Ignored,
}

const FIELD_COUNT: usize = Field::Ignored as usize;

/// Accepted names of each field; the first is ours, the others are the published ones.
const NAMES: &[(Field, &[&str])] = &[
    (Field::NhsNumber, &["NHS_NUMBER", "NHS_NO"]),
    (Field::GivenName, &["GIVEN_NAME"]),
    (Field::MiddleName, &["MIDDLE_NAME", "OTHER_GIVEN_NAME"]),
    (Field::Surname, &["SURNAME", "FAMILY_NAME"]),
    (Field::DateOfBirth, &["DATE_OF_BIRTH"]),
    (Field::Sex, &["SEX", "GENDER"]),
    (Field::Address, &["ADDRESS"]),
    (Field::AddressLine1, &["ADDRESS_LINE1", "ADDRESS_LINE_1"]),
    (Field::AddressLine2, &["ADDRESS_LINE2", "ADDRESS_LINE_2"]),
    (Field::AddressLine3, &["ADDRESS_LINE3", "ADDRESS_LINE_3"]),
    (Field::AddressLine4, &["ADDRESS_LINE4", "ADDRESS_LINE_4"]),
    (Field::AddressLine5, &["ADDRESS_LINE5", "ADDRESS_LINE_5"]),
    (Field::Town, &["TOWN"]),
    (Field::Postcode, &["POSTCODE"]),
    (Field::PreviousNames, &["PREVIOUS_NAMES"]),
    (Field::GpPracticeCode, &["GP_PRACTICE_CODE"]),
    (Field::DeathDate, &["DEATH_DATE", "DATE_OF_DEATH"]),
    (Field::AddressFrom, &["ADDRESS_FROM", "ADDRESS_DATE"]),
    (
        Field::RegistrationDate,
        &["REGISTRATION_DATE", "GP_REGISTRATION_DATE"],
    ),
];

/// Names that only a file of people has.
const PERSON_NAMES: &[(Field, &[&str])] = &[
    (Field::Id, &["PERSON_ID", "UNIQUE_REFERENCE"]),
    (Field::SupersededNhsNumbers, &["SUPERSEDED_NHS_NUMBERS"]),
    (Field::DobEstimated, &["DOB_ESTIMATED"]),
    (Field::AddressKind, &["ADDRESS_KIND"]),
    (Field::PreviousAddresses, &["PREVIOUS_ADDRESSES"]),
    (Field::Restricted, &["RESTRICTED"]),
];

const REQUEST_NAMES: &[(Field, &[&str])] = &[(Field::Id, &["REQUEST_ID", "UNIQUE_REFERENCE"])];

const IGNORED: &[&str] = &[
    "NHAIS_POSTING_ID",
    "AS_AT_DATE",
    "LOCAL_PATIENT_ID",
    "INTERNAL_ID",
    "TELEPHONE_NUMBER",
    "MOBILE_NUMBER",
    "EMAIL_ADDRESS",
];

const REQUIRED: &[Field] = &[
    Field::Id,
    Field::GivenName,
    Field::Surname,
    Field::DateOfBirth,
    Field::Sex,
    Field::Postcode,
];

/// What the file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Persons,
    Requests,
}

impl Subject {
    fn names(self) -> impl Iterator<Item = &'static (Field, &'static [&'static str])> {
        let own = match self {
            Self::Persons => PERSON_NAMES,
            Self::Requests => REQUEST_NAMES,
        };
        own.iter().chain(NAMES)
    }

    fn field(self, column: &str) -> Option<Field> {
        if IGNORED.contains(&column) {
            return Some(Field::Ignored);
        }
        self.names()
            .find(|(_, names)| names.contains(&column))
            .map(|(field, _)| *field)
    }

    fn expected(self) -> String {
        let ours: Vec<String> = self.names().map(|(_, names)| quoted(names)).collect();
        format!("{} or {}", ours.join(", "), quoted(IGNORED))
    }
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.to_ascii_lowercase()))
        .collect();
    quoted.join(" = ")
}

/// Which field stands in which column.
pub(super) struct Header {
    /// Column of each field.
    columns: [Option<usize>; FIELD_COUNT],
    width: usize,
}

/// A file whose header has been understood.
pub(super) struct Table<R> {
    reader: Reader<R>,
    /// The reader has failed: what follows is unknown, so that nothing follows.
    has_failed: bool,
    pub(super) header: Header,
}

/// One row, as far as it could be read.
pub(super) struct Row {
    record: ByteRecord,
    /// Why the row is unusable.
    fault: Option<RowFault>,
}

impl<R: Read> Table<R> {
    pub(super) fn new(reader: R, subject: Subject) -> Result<Self, CsvError> {
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(reader);
        let header = Header::new(reader.byte_headers()?, subject)?;
        Ok(Self {
            reader,
            has_failed: false,
            header,
        })
    }

    /// Reads the next row into `row`; `false` at the end of the file.
    pub(super) fn advance(&mut self, row: &mut Row) -> bool {
        if self.has_failed {
            return false;
        }
        row.fault = match self.reader.read_byte_record(&mut row.record) {
            Ok(false) => return false,
            Ok(true) => None,
            Err(error) if error.is_io_error() => {
                self.has_failed = true;
                row.record.clear();
                let remedy = "check the file and try again";
                Some(row.unusable(error.to_string(), remedy))
            }
            Err(error) => Some(row.unusable(error.to_string(), CORRECT_IT)),
        };
        true
    }
}

const CORRECT_IT: &str = "correct the row and send it again";

impl Row {
    pub(super) fn new() -> Self {
        Self {
            record: ByteRecord::new(),
            fault: None,
        }
    }

    fn unusable(&self, problem: String, remedy: &'static str) -> RowFault {
        RowFault {
            line: self.line(),
            fault: Fault::new("row", problem, remedy),
            row_left_out: true,
        }
    }

    pub(super) fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }
}

impl Header {
    fn new(header: &ByteRecord, subject: Subject) -> Result<Self, CsvError> {
        let mut columns = [None; FIELD_COUNT];
        for (position, cell) in header.iter().enumerate() {
            let column = column_name(&String::from_utf8_lossy(cell));
            let field = subject
                .field(&column)
                .ok_or_else(|| CsvError::UnknownColumn {
                    column: column.to_ascii_lowercase(),
                    expected: subject.expected(),
                })?;
            if let Some(slot) = columns.get_mut(field as usize)
                && slot.replace(position).is_some()
            {
                return Err(CsvError::RepeatedColumn(column.to_ascii_lowercase()));
            }
        }
        let header = Self {
            columns,
            width: header.len(),
        };
        header.check_required(subject)?;
        Ok(header)
    }

    fn check_required(&self, subject: Subject) -> Result<(), CsvError> {
        let missing: Vec<String> = subject
            .names()
            .filter(|(field, _)| REQUIRED.contains(field) && self.column(*field).is_none())
            .map(|(_, names)| quoted(names))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(CsvError::MissingColumns {
            missing: missing.join(", "),
            expected: subject.expected(),
        })
    }

    fn column(&self, field: Field) -> Option<usize> {
        self.columns.get(field as usize).copied().flatten()
    }

    /// The cells of a row, or why there are none.
    pub(super) fn cells<'a>(&'a self, row: &'a Row) -> Result<Cells<'a>, RowFault> {
        if let Some(fault) = &row.fault {
            return Err(fault.clone());
        }
        if row.record.len() != self.width {
            let problem = format!("{} columns instead of {}", row.record.len(), self.width);
            return Err(row.unusable(problem, CORRECT_IT));
        }
        let is_text = |cell| std::str::from_utf8(cell).is_ok();
        if !row.record.as_slice().is_ascii() && !row.record.iter().all(is_text) {
            return Err(row.unusable("text that is not UTF-8".to_owned(), CORRECT_IT));
        }
        Ok(self.found(row))
    }

    /// Whatever cells there are.
    pub(super) fn found<'a>(&'a self, row: &'a Row) -> Cells<'a> {
        Cells {
            header: self,
            record: &row.record,
            text: std::str::from_utf8(row.record.as_slice()).ok(),
        }
    }
}

/// The texts of one row.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    header: &'a Header,
    record: &'a ByteRecord,
    /// All cells, one after another, read as text once; `None` where that fails.
    text: Option<&'a str>,
}

impl<'a> Cells<'a> {
    /// The text of `field`; empty when there is none.
    pub(super) fn text(&self, field: Field) -> &'a str {
        let column = self.header.column(field);
        let cell = column.and_then(|column| self.record.range(column));
        let bytes = |cell| self.record.as_slice().get(cell);
        let text = cell.and_then(|cell| match self.text {
            Some(text) => text.get(cell),
            None => std::str::from_utf8(bytes(cell)?).ok(),
        });
        text.unwrap_or_default()
    }

    /// Premises and street in one line, from one column or from three.
    pub(super) fn address(&self) -> Cow<'a, str> {
        let fields = [
            Field::Address,
            Field::AddressLine1,
            Field::AddressLine2,
            Field::AddressLine3,
        ];
        let lines = fields.map(|field| self.text(field).trim());
        let mut lines = lines.into_iter().filter(|line| !line.is_empty());
        let first = Cow::Borrowed(lines.next().unwrap_or_default());
        lines.fold(first, |address, line| address + ", " + line)
    }

    /// The town; the published form has it in the fourth address line. The fifth, the county, is no
    /// part of a postal address and is not used.
    pub(super) fn town(&self) -> &'a str {
        match self.text(Field::Town) {
            "" => self.text(Field::AddressLine4),
            town => town,
        }
    }
}

fn column_name(cell: &str) -> String {
    let trimmed = cell.trim_start_matches('\u{feff}').trim();
    trimmed.to_ascii_uppercase().replace(' ', "_")
}
