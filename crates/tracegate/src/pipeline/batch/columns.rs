//! The columns of a batch (RFC 4180): the names of the NHS's PDS batch format for the person, names of our
//! own for the rest, and what each becomes in the request.

use csv::{ByteRecord, Reader, ReaderBuilder};
use disclosure::{Actor, Request};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use thiserror::Error;

/// How a cell is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    /// `F`, `M`, or the PDS codes 1 (male), 2 (female), 0 and 9 (not known).
    Sex,
    /// `YYYY-MM-DD` or `YYYYMMDD`, or as much of it as is known.
    Birth,
    Day,
    Instant,
    Number,
    Flag,
    Priority,
    /// Items with `;` between.
    List,
    /// `WHAT|DAY|RESULT` with `;` between.
    Attempts,
    /// One of several columns that make one text.
    Part,
    Ignored,
}

/// Column, place in the request, kind.
const COLUMNS: &[(&str, &str, Kind)] = &[
    ("UNIQUE_REFERENCE", "/agency_reference", Kind::Text),
    ("NHS_NO", "/subject/nhs_number", Kind::Text),
    ("NHS_NUMBER", "/subject/nhs_number", Kind::Text),
    ("FAMILY_NAME", "/subject/surname", Kind::Text),
    ("SURNAME", "/subject/surname", Kind::Text),
    ("GIVEN_NAME", "/subject/given_name", Kind::Text),
    ("OTHER_GIVEN_NAME", "/subject/middle_name", Kind::Text),
    ("MIDDLE_NAME", "/subject/middle_name", Kind::Text),
    ("PREVIOUS_NAMES", "/subject/previous_names", Kind::List),
    ("GENDER", "/subject/sex", Kind::Sex),
    ("SEX", "/subject/sex", Kind::Sex),
    ("DATE_OF_BIRTH", "/subject/date_of_birth", Kind::Birth),
    ("ADDRESS", "/subject/address", Kind::Part),
    ("ADDRESS_LINE1", "/subject/address", Kind::Part),
    ("ADDRESS_LINE2", "/subject/address", Kind::Part),
    ("ADDRESS_LINE3", "/subject/address", Kind::Part),
    ("ADDRESS_LINE4", "/subject/address", Kind::Part),
    ("ADDRESS_LINE5", "/subject/address", Kind::Part),
    ("TOWN", "/subject/town", Kind::Text),
    ("POSTCODE", "/subject/postcode", Kind::Text),
    ("NHAIS_POSTING_ID", "", Kind::Ignored),
    ("AS_AT_DATE", "", Kind::Ignored),
    ("LOCAL_PATIENT_ID", "", Kind::Ignored),
    ("INTERNAL_ID", "", Kind::Ignored),
    ("TELEPHONE_NUMBER", "", Kind::Ignored),
    ("MOBILE_NUMBER", "", Kind::Ignored),
    ("EMAIL_ADDRESS", "", Kind::Ignored),
    ("GP_PRACTICE_CODE", "", Kind::Ignored),
    ("UNIT", "/requester/unit", Kind::Text),
    ("RANK", "/requester/rank", Kind::Text),
    ("POST", "/requester/role", Kind::Text),
    ("SECURE_EMAIL", "/requester/secure_email", Kind::Text),
    ("AUTHORISER_ID", "/authoriser/officer_id", Kind::Text),
    ("AUTHORISER_NAME", "/authoriser/name", Kind::Text),
    ("AUTHORISER_RANK", "/authoriser/rank", Kind::Text),
    (
        "AUTHORISER_SIGNED_AT",
        "/authoriser/signed_at",
        Kind::Instant,
    ),
    ("AGREEMENT", "/agreement", Kind::Text),
    ("PURPOSE", "/purpose", Kind::Text),
    ("LIMB", "/limb", Kind::Text),
    ("PRIORITY", "/priority", Kind::Priority),
    ("SUBJECT_ROLE", "/subject_role", Kind::Text),
    ("FIELDS", "/fields", Kind::List),
    ("MANUAL_INFORMATION", "/manual_information", Kind::Text),
    ("GATEWAY", "/grounds/gateway", Kind::Text),
    ("OFFENCE", "/grounds/offence", Kind::Text),
    ("OFFENCE_ON", "/grounds/offence_on", Kind::Day),
    (
        "OFFENCE_MAX_MONTHS",
        "/grounds/offence_max_months",
        Kind::Number,
    ),
    ("POWER", "/grounds/power", Kind::Text),
    ("CONVICTION", "/grounds/conviction", Kind::Text),
    ("SENTENCE_MONTHS", "/grounds/sentence_months", Kind::Number),
    ("SENTENCE_TYPE", "/grounds/sentence_type", Kind::Text),
    ("SINGLE_OFFENCE", "/grounds/single_offence", Kind::Flag),
    (
        "DEPORTATION_CONSIDERED",
        "/grounds/deportation_considered",
        Kind::Flag,
    ),
    (
        "PUBLIC_SECURITY_RISK",
        "/grounds/public_security_risk",
        Kind::Flag,
    ),
    (
        "PREJUDICE_TO_STATE",
        "/grounds/prejudice_to_state",
        Kind::Flag,
    ),
    ("COURT_ORDER", "/grounds/court_order", Kind::Text),
    ("ORDER_FIELDS", "/grounds/order_fields", Kind::List),
    ("WARRANT", "/grounds/warrant", Kind::Text),
    ("CASE_REFERENCE", "/grounds/case_reference", Kind::Text),
    ("CONTACT_LOST", "/grounds/contact_lost", Kind::Flag),
    ("MESSAGE_FIRST", "/grounds/message_first", Kind::Text),
    (
        "SAFEGUARDING_LEAD",
        "/grounds/safeguarding_lead",
        Kind::Text,
    ),
    ("ASKS_FOR_ACT", "/grounds/asks_for_act", Kind::Flag),
    ("NECESSITY", "/justification/necessity", Kind::Text),
    (
        "PROPORTIONALITY",
        "/justification/proportionality",
        Kind::Text,
    ),
    ("HARM", "/justification/harm", Kind::Text),
    ("LINK", "/justification/link", Kind::Text),
    ("LIKELIHOOD", "/justification/likelihood", Kind::Text),
    ("CONSENT", "/justification/consent", Kind::Text),
    (
        "ALTERNATIVE_CONSIDERED",
        "/justification/alternative_considered",
        Kind::Flag,
    ),
    ("ATTEMPTS", "/justification/attempts", Kind::Attempts),
];

/// Columns without which no line is a request.
const REQUIRED: [&str; 4] = ["UNIQUE_REFERENCE", "PURPOSE", "RANK", "FIELDS"];

/// Longest reference of a line.
const REFERENCE_CHARS_MAX: usize = 100;

/// Why a file is not taken at all.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeaderFault {
    #[error("the file has no first line with the names of its columns")]
    None,
    #[error("column {0} has a name that no column of a batch has")]
    Unknown(usize),
    #[error("column {0} says again what another column says")]
    Twice(usize),
    #[error("the column `{0}` is missing")]
    Missing(&'static str),
}

/// The columns of one file, in their order.
#[derive(Clone, Debug)]
pub struct Columns(Vec<&'static (&'static str, &'static str, Kind)>);

impl Columns {
    /// Reads the first line of a file.
    pub fn of(file: &[u8]) -> Result<Columns, HeaderFault> {
        let mut reader = reader(file);
        let header = reader.byte_headers().map_err(|_| HeaderFault::None)?;
        if header.iter().all(<[u8]>::is_empty) {
            return Err(HeaderFault::None);
        }
        let mut columns: Vec<&(&str, &str, Kind)> = Vec::new();
        for (place, name) in header.iter().enumerate() {
            let name = String::from_utf8_lossy(name);
            let name = name.trim_start_matches('\u{feff}').trim();
            let name = name.to_ascii_uppercase().replace(' ', "_");
            let column = COLUMNS.iter().find(|(known, ..)| *known == name);
            let column = column.ok_or(HeaderFault::Unknown(place + 1))?;
            let single = !matches!(column.2, Kind::Ignored | Kind::Part);
            let same = |other: &&&(&str, &str, Kind)| match single {
                true => other.1 == column.1,
                false => other.0 == column.0,
            };
            if columns.iter().any(|other| same(&other)) {
                return Err(HeaderFault::Twice(place + 1));
            }
            columns.push(column);
        }
        let names = |wanted: &&&str| columns.iter().any(|(name, ..)| name == *wanted);
        match REQUIRED.iter().find(|wanted| !names(wanted)) {
            Some(missing) => Err(HeaderFault::Missing(missing)),
            None => Ok(Columns(columns)),
        }
    }

    /// Every row with its line, which is where it begins.
    pub fn rows<'f>(
        &self,
        file: &'f [u8],
    ) -> impl Iterator<Item = (u64, Result<ByteRecord, String>)> + use<'f> {
        let mut last = 1;
        reader(file).into_byte_records().map(move |row| {
            let line = match &row {
                Ok(row) => row.position().map_or(last + 1, csv::Position::line),
                Err(_) => last + 1,
            };
            last = line.max(last + 1);
            (
                last,
                row.map_err(|_| "the line cannot be read; write it as RFC 4180 says".to_owned()),
            )
        })
    }

    /// The request that a row is, in the name of whoever hands it in; or what is wrong with which column.
    pub fn request(&self, row: &ByteRecord, by: &Actor) -> Result<Request, String> {
        if row.len() != self.0.len() {
            let (cells, columns) = (row.len(), self.0.len());
            return Err(format!(
                "the line has {cells} cells where {columns} columns are named; write one cell for each"
            ));
        }
        let mut request = json!({
            "requester": { "organization": by.organization, "officer_id": by.id, "name": by.name, "rank": "" },
            "purpose": "", "subject": {}, "grounds": {}, "justification": {}, "fields": [],
        });
        for ((name, place, kind), cell) in self.0.iter().zip(row) {
            let cell = std::str::from_utf8(cell)
                .map_err(|_| format!("{name}: is not UTF-8; save the file as UTF-8"))?;
            let cell = cell.trim();
            if !cell.is_empty() && *kind != Kind::Ignored {
                let value = value(*kind, cell).map_err(|wrong| format!("{name}: {wrong}"))?;
                put(&mut request, place, *kind, value);
            }
        }
        let request: Request = serde_json::from_value(request).map_err(|_| {
            "AUTHORISER_ID: the authoriser is incomplete; write id, name, rank and signed at, or none"
                .to_owned()
        })?;
        match request.agency_reference.chars().count() {
            0 => Err("UNIQUE_REFERENCE: is empty; write your reference of this request".to_owned()),
            long if long > REFERENCE_CHARS_MAX => Err(format!(
                "UNIQUE_REFERENCE: is longer than {REFERENCE_CHARS_MAX} characters; write a shorter one"
            )),
            _ => Ok(request),
        }
    }
}

fn reader(file: &[u8]) -> Reader<&[u8]> {
    ReaderBuilder::new().flexible(true).from_reader(file)
}

fn put(request: &mut Value, place: &str, kind: Kind, value: Value) {
    let mut parts = place.trim_start_matches('/').split('/');
    let (Some(first), second) = (parts.next(), parts.next()) else {
        return;
    };
    let place = match second {
        Some(second) => &mut request[first][second],
        None => &mut request[first],
    };
    *place = match (kind, place.as_str(), value.as_str()) {
        (Kind::Part, Some(before), Some(more)) => json!(format!("{before}, {more}")),
        _ => value,
    };
}

/// What a cell says; or what is wrong with it, without repeating it.
fn value(kind: Kind, cell: &str) -> Result<Value, &'static str> {
    match kind {
        Kind::Text | Kind::Part | Kind::Ignored => Ok(json!(cell)),
        Kind::Sex => match cell.to_ascii_uppercase().as_str() {
            "1" | "M" => Ok(json!("M")),
            "2" | "F" => Ok(json!("F")),
            "0" | "9" => Ok(json!("")),
            _ => Err("is no known code; write F, M, 0, 1, 2 or 9"),
        },
        Kind::Birth => Ok(json!(birth(cell))),
        Kind::Day => {
            let day = birth(cell).parse::<Date>();
            let day = day.map_err(|_| "is no day; write YYYY-MM-DD")?;
            Ok(json!(day.to_string()))
        }
        Kind::Instant => {
            let at = cell.parse::<Timestamp>();
            at.map(|at| json!(at.to_string()))
                .map_err(|_| "is no instant; write it as 2026-10-01T08:00:00Z")
        }
        Kind::Number => {
            let number = cell.parse::<i64>();
            number
                .map(Value::from)
                .map_err(|_| "is no whole number; write digits alone")
        }
        Kind::Flag => match cell.to_ascii_lowercase().as_str() {
            "yes" | "y" | "true" | "1" => Ok(json!(true)),
            "no" | "n" | "false" | "0" => Ok(json!(false)),
            _ => Err("is neither yes nor no; write one of them"),
        },
        Kind::Priority => match cell {
            "routine" | "priority" | "emergency" => Ok(json!(cell)),
            _ => Err("is no known priority; write routine, priority or emergency"),
        },
        Kind::List => Ok(items(cell).map(Value::from).collect()),
        Kind::Attempts => items(cell).map(attempt).collect(),
    }
}

fn items(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

fn attempt(item: &str) -> Result<Value, &'static str> {
    let wrong = "cannot be read; write WHAT|YYYY-MM-DD|RESULT, with `;` between several";
    let [what, on, result] = item.split('|').collect::<Vec<_>>()[..] else {
        return Err(wrong);
    };
    let on = on.trim().parse::<Date>().map_err(|_| wrong)?;
    Ok(json!({ "what": what.trim(), "on": on.to_string(), "result": result.trim() }))
}

/// `YYYYMMDD` as the PDS batch writes it becomes `YYYY-MM-DD`; anything else is judged with the request.
fn birth(cell: &str) -> String {
    let digits = cell.bytes().all(|byte| byte.is_ascii_digit());
    match cell.len() {
        8 if digits => format!("{}-{}-{}", &cell[..4], &cell[4..6], &cell[6..]),
        6 if digits => format!("{}-{}", &cell[..4], &cell[4..]),
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests;
