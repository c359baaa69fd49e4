//! What is asked: the terms of one trace.

use std::borrow::Cow;

use serde::Serialize;

use crate::date::DateError;
use crate::normalize::{self, TEXT_BYTES_MAX};
use crate::{Fault, Name, NhsNumber, PartialDate, Sex};

/// The usable terms of one request. Empty texts and `None` mean "not given".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// NHS number.
    pub nhs_number: Option<NhsNumber>,
    /// Name.
    pub name: Name,
    /// Other names the person may have had.
    pub previous_names: Vec<Name>,
    /// Date of birth, possibly partial.
    pub date_of_birth: Option<PartialDate>,
    /// Sex.
    pub sex: Sex,
    /// Premises and street.
    pub address: String,
    /// Town.
    pub town: String,
    /// Postcode; pseudo postcodes never get here.
    pub postcode: String,
    /// Practice; the codes for "none" and "unknown" never get here.
    pub gp_practice_code: Option<String>,
    /// Date of death.
    pub death_date: Option<PartialDate>,
}

/// The terms as texts, before they are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "same fields as `Terms`")]
pub struct RawTerms<'a> {
    pub nhs_number: Cow<'a, str>,
    pub given_name: Cow<'a, str>,
    pub middle_name: Cow<'a, str>,
    pub surname: Cow<'a, str>,
    /// Entries separated by `;`, each `GIVEN MIDDLE|SURNAME`.
    pub previous_names: Cow<'a, str>,
    pub date_of_birth: Cow<'a, str>,
    pub sex: Cow<'a, str>,
    pub address: Cow<'a, str>,
    pub town: Cow<'a, str>,
    pub postcode: Cow<'a, str>,
    pub gp_practice_code: Cow<'a, str>,
    pub death_date: Cow<'a, str>,
}

impl RawTerms<'_> {
    /// Reads every field. A field that cannot be used is left out and reported; the rest is kept.
    pub fn read(&self) -> (Terms, Vec<Fault>) {
        let mut faults = Vec::new();
        let terms = Terms {
            nhs_number: read_nhs_number(&self.nhs_number, "nhs_number", &mut faults),
            name: Name {
                given: read_text(&self.given_name, "given_name", &mut faults),
                middle: read_text(&self.middle_name, "middle_name", &mut faults),
                surname: read_text(&self.surname, "surname", &mut faults),
            },
            previous_names: read_names(&self.previous_names),
            date_of_birth: read_date(&self.date_of_birth, "date_of_birth", &mut faults),
            sex: read_sex(&self.sex, &mut faults),
            address: read_text(&self.address, "address", &mut faults),
            town: read_text(&self.town, "town", &mut faults),
            postcode: read_postcode(&self.postcode, &mut faults),
            gp_practice_code: read_practice(&self.gp_practice_code, &mut faults),
            death_date: read_date(&self.death_date, "death_date", &mut faults),
        };
        (terms, faults)
    }
}

pub(crate) fn read_nhs_number(
    text: &str,
    field: &'static str,
    faults: &mut Vec<Fault>,
) -> Option<NhsNumber> {
    if text.trim().is_empty() {
        return None;
    }
    NhsNumber::parse(text.trim())
        .map_err(|error| {
            let remedy = "check it against the source, or leave it empty";
            faults.push(Fault::new(field, error.to_string(), remedy));
        })
        .ok()
}

pub(crate) fn read_date(
    text: &str,
    field: &'static str,
    faults: &mut Vec<Fault>,
) -> Option<PartialDate> {
    if text.trim().is_empty() {
        return None;
    }
    let error = match PartialDate::parse(text) {
        Ok(date) => return Some(date),
        Err(error) => error,
    };
    // A slip that makes a day impossible leaves the rest of the date as likely as before.
    let part = match error {
        DateError::NoSuchDay => PartialDate::parse_possible_part(text).ok(),
        DateError::Form | DateError::Year => None,
    };
    let problem = match part {
        Some(part) => format!("{error}; only {} is used", precision(part)),
        None => error.to_string(),
    };
    let remedy = "write YYYY-MM-DD or YYYYMMDD; leave off the day or month if unknown";
    faults.push(Fault::new(field, problem, remedy));
    part
}

fn precision(date: PartialDate) -> &'static str {
    match date.month() {
        0 => "the year",
        _ => "year and month",
    }
}

pub(crate) fn read_sex(text: &str, faults: &mut Vec<Fault>) -> Sex {
    Sex::parse(text).unwrap_or_else(|| {
        let remedy = "write M, F, O or leave it empty";
        faults.push(Fault::new("sex", "not a known code", remedy));
        Sex::Unknown
    })
}

pub(crate) fn read_text(text: &str, field: &'static str, faults: &mut Vec<Fault>) -> String {
    let text = text.trim();
    let problem = if text.len() > TEXT_BYTES_MAX {
        format!("longer than {TEXT_BYTES_MAX} bytes")
    } else if text.chars().any(char::is_control) {
        "holds control characters".to_owned()
    } else {
        return text.to_owned();
    };
    faults.push(Fault::new(field, problem, "shorten or clean it"));
    String::new()
}

fn read_postcode(text: &str, faults: &mut Vec<Fault>) -> String {
    let text = read_text(text, "postcode", faults);
    // Hardly any place has this letter in its postcode.
    let may_be_pseudo = !text.is_ascii() || text.contains(['Z', 'z']);
    if may_be_pseudo && normalize::is_pseudo_postcode(&normalize::postcode(&text)) {
        let problem = "a pseudo postcode is no place and never a search term";
        faults.push(Fault::new("postcode", problem, "leave it empty"));
        return String::new();
    }
    text
}

fn read_practice(text: &str, faults: &mut Vec<Fault>) -> Option<String> {
    let code = read_text(text, "gp_practice_code", faults).to_ascii_uppercase();
    if normalize::is_pseudo_practice(&code) {
        let problem = "this code stands for no known practice and is never a search term";
        faults.push(Fault::new("gp_practice_code", problem, "leave it empty"));
        return None;
    }
    (!code.is_empty()).then_some(code)
}

/// Entries separated by `;`, each `GIVEN MIDDLE|SURNAME`; without `|` the last word is the surname.
pub(crate) fn read_names(text: &str) -> Vec<Name> {
    text.split(';')
        .filter(|entry| !entry.trim().is_empty())
        .map(read_name)
        .collect()
}

fn read_name(entry: &str) -> Name {
    let (given_names, surname) = entry
        .split_once('|')
        .or_else(|| entry.trim().rsplit_once(' '))
        .unwrap_or(("", entry));
    let (given, middle) = given_names
        .trim()
        .split_once(' ')
        .unwrap_or((given_names.trim(), ""));
    Name {
        given: given.into(),
        middle: middle.trim().into(),
        surname: surname.trim().into(),
    }
}

#[cfg(test)]
mod tests;
