//! A request for a person, and the truth about it.

use std::io::Write;

use jiff::civil::Date;

use crate::WriteError;
use crate::extract::optional;
use crate::noise::Noise;
use crate::person::Sex;
use crate::trial::Kind;

/// Columns of a file of requests, in order.
pub const REQUEST_COLUMNS: [&str; 10] = [
    "request_id",
    "nhs_number",
    "given_name",
    "middle_name",
    "surname",
    "date_of_birth",
    "sex",
    "address",
    "town",
    "postcode",
];

/// Columns of a file of truths, in order.
pub const TRUTH_COLUMNS: [&str; 4] = ["request_id", "person_id", "kind", "noise"];

/// What an agency says about the person it asks for, slips included. Empty text means missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Id, unique in its set.
    pub request_id: String,
    /// NHS number as typed; may be wrong.
    pub nhs_number: String,
    /// Given name.
    pub given_name: String,
    /// Other given names.
    pub middle_name: String,
    /// Surname.
    pub surname: String,
    /// Birth date: always a real date, not always the right one.
    pub date_of_birth: Option<Date>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Premises and street.
    pub address: String,
    /// Town.
    pub town: String,
    /// Postcode as typed.
    pub postcode: String,
    /// The truth, for scoring.
    pub truth: Truth,
}

/// Who a request is really for.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// Number of the person in the population, whether in the index or not.
    pub number: u32,
    /// Id of the person in the index; none if the person is not in it.
    pub person_id: Option<String>,
    /// Whether the person is in the index.
    pub kind: Kind,
    /// What was done to the person's details, in order.
    pub noise: Vec<Noise>,
}

/// Writes requests as CSV with a header.
///
/// # Errors
/// If the output cannot be written.
pub fn write_requests(output: impl Write, requests: &[Request]) -> Result<(), WriteError> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(REQUEST_COLUMNS)?;
    let mut text = String::new();
    for request in requests {
        writer.write_record([
            request.request_id.as_str(),
            &request.nhs_number,
            &request.given_name,
            &request.middle_name,
            &request.surname,
            optional(&mut text, request.date_of_birth),
            request.sex.map_or("", Sex::code),
            &request.address,
            &request.town,
            &request.postcode,
        ])?;
    }
    Ok(writer.flush()?)
}

/// Writes the truth about requests as CSV with a header; noise is separated by `;`.
///
/// # Errors
/// If the output cannot be written.
pub fn write_truth(output: impl Write, requests: &[Request]) -> Result<(), WriteError> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(TRUTH_COLUMNS)?;
    for Request {
        request_id, truth, ..
    } in requests
    {
        let noise: Vec<&str> = truth.noise.iter().map(|noise| noise.code()).collect();
        let person_id = truth.person_id.as_deref().unwrap_or("");
        writer.write_record([request_id, person_id, truth.kind.code(), &noise.join(";")])?;
    }
    Ok(writer.flush()?)
}
