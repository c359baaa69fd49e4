//! The request form: from fields to a request, with every fault next to its field.
//!
//! Inputs are named by the paths that the gate's own faults use, such as `subject.surname`.

use disclosure::deferral::{DeferralGround, DelayAsked};
use disclosure::request::{Attempt, Grounds, Justification, Priority, Requester, Subject};
use disclosure::{Actor, Code, Request, intake};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::sections::REASONS;
use crate::pipeline::facts;
use crate::web::visitor::{FieldError, Fields};
use crate::web::words;

/// Rows for other ways that were tried first.
const ATTEMPTS: [&str; 3] = ["attempt1", "attempt2", "attempt3"];

/// Reads the form. The request is complete, but for the signature, only if there is no error.
pub fn read(fields: &Fields, by: &Actor) -> (Request, Vec<FieldError>) {
    let mut errors = Vec::new();
    let request = Request {
        agency_reference: fields.lines("agency_reference"),
        agreement: None,
        requester: requester(fields, by),
        authoriser: None,
        purpose: fields.lines("purpose"),
        limb: fields.given("limb"),
        priority: match fields.text("priority") {
            "priority" => Priority::Priority,
            "emergency" => Priority::Emergency,
            _ => Priority::Routine,
        },
        subject_role: fields.lines("subject_role"),
        grounds: grounds(fields, &mut errors),
        justification: justification(fields, &mut errors),
        subject: subject(fields, &mut errors),
        fields: fields.all("fields"),
        manual_information: fields.given("manual_information"),
        tell_subject_delay: delay(fields, &mut errors),
    };
    errors.extend(faults(&request));
    let mut seen = std::collections::BTreeSet::new();
    errors.retain(|error| seen.insert(error.field.clone()));
    errors.sort_by_key(place);
    (request, errors)
}

/// A request as the form says it, to correct it. What the form does not ask is not there.
pub fn said(request: &Request) -> Fields {
    let mut said = Vec::new();
    let json = serde_json::to_value(request).unwrap_or_default();
    flatten("", &json, &mut said);
    for (row, attempt) in ATTEMPTS.iter().zip(&request.justification.attempts) {
        let parts = [("what", &attempt.what), ("result", &attempt.result)];
        said.extend(parts.map(|(part, text)| (format!("{row}.{part}"), text.clone())));
        date(&format!("{row}.on"), &attempt.on.to_string(), &mut said);
    }
    Fields(said)
}

/// That the person be told later: a ground and a day, or neither.
fn delay(fields: &Fields, errors: &mut Vec<FieldError>) -> Option<DelayAsked> {
    let ground = DeferralGround::from_code(fields.text("tell_subject_delay.ground"));
    let name = "tell_subject_delay.until";
    let day = whole_date(fields, name, errors);
    let until = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    match (ground, until) {
        (Some(ground), Some(until)) => Some(DelayAsked {
            ground,
            until: until.timestamp(),
        }),
        (None, Some(_)) => {
            let message = "Why the person is told later: choose a ground";
            errors.push(FieldError::new("tell_subject_delay.ground", message));
            None
        }
        (Some(_), None) => {
            errors.push(FieldError::new(
                name,
                "Say until when the person is not told",
            ));
            None
        }
        (None, None) => None,
    }
}

/// Inputs in which a list is written line by line.
const LINES: [&str; 1] = ["subject.previous_names"];

fn flatten(name: &str, value: &Value, said: &mut Vec<(String, String)>) {
    let text = match value {
        Value::Object(members) => {
            for (key, member) in members {
                let dot = if name.is_empty() { "" } else { "." };
                flatten(&format!("{name}{dot}{key}"), member, said);
            }
            return;
        }
        Value::Array(items) if LINES.contains(&name) => {
            let lines: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            lines.join("\n")
        }
        Value::Array(items) => return items.iter().for_each(|item| flatten(name, item, said)),
        Value::String(text) if DATES.contains(&name) => return date(name, text, said),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null => return,
    };
    said.push((name.to_owned(), text));
}

/// Inputs of three parts.
const DATES: [&str; 3] = [
    "subject.date_of_birth",
    "grounds.offence_on",
    "tell_subject_delay.until",
];

/// `YYYY-MM-DD`, or as much of it as is known, in its parts.
fn date(name: &str, text: &str, said: &mut Vec<(String, String)>) {
    let (day, _) = text.split_once('T').unwrap_or((text, ""));
    let parts = ["year", "month", "day"].into_iter().zip(day.split('-'));
    said.extend(parts.map(|(part, digits)| (format!("{name}.{part}"), digits.to_owned())));
}

/// The gate's own faults, each at the input it is about.
fn faults(request: &Request) -> Vec<FieldError> {
    let mut faults = intake::faults(request);
    faults.extend(facts::terms(request).1);
    // The signature comes after everything else, from somebody else.
    faults.retain(|fault| fault.code != Code::NotCountersigned);
    let error = |fault: intake::Fault| {
        let name = input(&fault.field);
        FieldError::new(name, message(name, &fault))
    };
    faults.into_iter().map(error).collect()
}

/// The input that a fault's path is shown at.
fn input(path: &str) -> &str {
    match path {
        "subject" => "subject.surname",
        "justification.attempts" => "attempt1.what",
        other => other,
    }
}

/// What to do about a fault, in the words of the form.
fn message(name: &str, fault: &intake::Fault) -> String {
    let title = title(name);
    match (fault.field.as_str(), fault.problem.as_str()) {
        ("fields", "asks for nothing") => "Choose at least one item".to_owned(),
        ("subject", _) => {
            "Give a birth date, and either given name and surname or an NHS number".to_owned()
        }
        (_, "is empty") => format!("{title}: fill it in"),
        (_, problem) => format!("{title}: {}; {}", problem, fault.remedy),
    }
}

/// The label of an input, for messages.
fn title(name: &str) -> String {
    match name {
        "requester.rank" => "Your rank or grade".to_owned(),
        "fields" => "Data wanted".to_owned(),
        "subject.nhs_number" => "NHS number".to_owned(),
        "subject.date_of_birth" => "Birth date".to_owned(),
        name => words::label(name.rsplit('.').next().unwrap_or(name)),
    }
}

/// Beginnings of input names, in the order of the form.
const ORDER: [&str; 11] = [
    "agency_reference",
    "requester",
    "subject.",
    "subject_role",
    "purpose",
    "grounds",
    "limb",
    "justification",
    "attempt",
    "fields",
    "priority",
];

fn place(error: &FieldError) -> usize {
    let found = ORDER
        .iter()
        .position(|start| error.field.starts_with(start));
    found.unwrap_or(ORDER.len())
}

fn requester(fields: &Fields, by: &Actor) -> Requester {
    Requester {
        organization: by.organization.clone(),
        unit: fields.given("requester.unit"),
        officer_id: by.id.clone(),
        name: by.name.clone(),
        role: fields.lines("requester.role"),
        rank: fields.lines("requester.rank"),
        secure_email: fields.lines("requester.secure_email"),
    }
}

fn subject(fields: &Fields, errors: &mut Vec<FieldError>) -> Subject {
    let previous = fields.lines("subject.previous_names");
    let previous = previous.lines().map(str::trim);
    Subject {
        surname: fields.lines("subject.surname"),
        given_name: fields.lines("subject.given_name"),
        middle_name: fields.lines("subject.middle_name"),
        previous_names: previous
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        date_of_birth: partial_date(fields, "subject.date_of_birth", errors),
        sex: fields.lines("subject.sex"),
        nhs_number: fields.lines("subject.nhs_number"),
        address: fields.lines("subject.address"),
        town: fields.lines("subject.town"),
        postcode: fields.lines("subject.postcode"),
    }
}

fn grounds(fields: &Fields, errors: &mut Vec<FieldError>) -> Grounds {
    let court_order = fields.given("grounds.court_order");
    // An order directs what the agency asks for under it; the court's own text is checked by people.
    let order_fields = if court_order.is_some() {
        fields.all("grounds.order_fields")
    } else {
        Vec::new()
    };
    Grounds {
        gateway: fields.given("grounds.gateway"),
        offence: fields.given("grounds.offence"),
        offence_on: whole_date(fields, "grounds.offence_on", errors),
        offence_max_months: months(fields, "grounds.offence_max_months", errors),
        power: fields.given("grounds.power"),
        conviction: fields.given("grounds.conviction"),
        sentence_months: months(fields, "grounds.sentence_months", errors),
        sentence_type: fields.given("grounds.sentence_type"),
        single_offence: fields.yes_or_no("grounds.single_offence"),
        deportation_considered: fields.yes_or_no("grounds.deportation_considered"),
        public_security_risk: fields.yes_or_no("grounds.public_security_risk"),
        prejudice_to_state: false,
        court_order,
        order_fields,
        warrant: fields.given("grounds.warrant"),
        case_reference: fields.given("grounds.case_reference"),
        contact_lost: fields.yes_or_no("grounds.contact_lost"),
        message_first: fields.given("grounds.message_first"),
        safeguarding_lead: fields.given("grounds.safeguarding_lead"),
        asks_for_act: false,
    }
}

fn justification(fields: &Fields, errors: &mut Vec<FieldError>) -> Justification {
    Justification {
        necessity: reasoned(fields, "necessity"),
        proportionality: reasoned(fields, "proportionality"),
        harm: fields.lines("justification.harm"),
        link: fields.lines("justification.link"),
        likelihood: reasoned(fields, "likelihood"),
        consent: fields.lines("justification.consent"),
        alternative_considered: fields.yes_or_no("justification.alternative_considered"),
        attempts: ATTEMPTS
            .iter()
            .filter_map(|row| attempt(fields, row, errors))
            .collect(),
    }
}

/// The reason chosen, in words, and what was written beside it.
fn reasoned(fields: &Fields, name: &str) -> String {
    let known = REASONS.iter().find(|(input, ..)| *input == name);
    let codes = known.map_or(&[][..], |(_, _, codes)| codes);
    let chosen = fields.text(&format!("why.{name}"));
    let chosen = codes.contains(&chosen).then(|| words::label(chosen));
    let written = fields.given(&format!("justification.{name}"));
    match (chosen, written) {
        (Some(chosen), Some(written)) => format!("{chosen}: {written}"),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => String::new(),
    }
}

/// One row of what was tried; `None` when the row is empty or not complete.
fn attempt(fields: &Fields, row: &str, errors: &mut Vec<FieldError>) -> Option<Attempt> {
    let name = |part: &str| format!("{row}.{part}");
    let what = fields.given(&name("what"));
    let result = fields.given(&name("result"));
    let day = name("on");
    let on = whole_date(fields, &day, errors);
    if what.is_none() && result.is_none() && on.is_none() {
        return None;
    }
    let missing = [
        (what.is_none(), "what", "Say what was tried"),
        (on.is_none(), "on", "Give the day on which it was tried"),
        (result.is_none(), "result", "Say what came of it"),
    ];
    for (_, part, message) in missing.into_iter().filter(|(missing, _, _)| *missing) {
        errors.push(FieldError::new(&name(part), message));
    }
    Some(Attempt {
        what: what?,
        on: on?,
        result: result?,
    })
}

fn months(fields: &Fields, name: &str, errors: &mut Vec<FieldError>) -> Option<i64> {
    let text = fields.given(name)?;
    let months = text
        .parse()
        .ok()
        .filter(|months| (0..=1200).contains(months));
    if months.is_none() {
        errors.push(FieldError::new(name, "Give whole months, from 0 to 1200"));
    }
    months
}

/// Day, month and year as typed.
fn date_parts(fields: &Fields, name: &str) -> [String; 3] {
    ["day", "month", "year"].map(|part| fields.lines(&format!("{name}.{part}")))
}

/// A whole day, in three parts; none when all are empty.
pub fn whole_date(fields: &Fields, name: &str, errors: &mut Vec<FieldError>) -> Option<Date> {
    let [day, month, year] = date_parts(fields, name);
    if [&day, &month, &year].iter().all(|part| part.is_empty()) {
        return None;
    }
    let date = match (year.parse(), month.parse(), day.parse()) {
        (Ok(year), Ok(month), Ok(day)) if (1900..2200).contains(&year) => {
            Date::new(year, month, day).ok()
        }
        _ => None,
    };
    if date.is_none() {
        let message = "Give a day that exists, such as 27 3 2026";
        errors.push(FieldError::new(name, message));
    }
    date
}

/// A date of which day, or day and month, may be unknown, as `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
/// Whether the day exists is for the gate's own reading of it.
fn partial_date(fields: &Fields, name: &str, errors: &mut Vec<FieldError>) -> String {
    let [day, month, year] = date_parts(fields, name);
    let digits = |part: &String| part.chars().all(|digit| digit.is_ascii_digit());
    let known = match (day.is_empty(), month.is_empty(), year.is_empty()) {
        (true, true, true) => return String::new(),
        (true, true, false) => year.clone(),
        (true, false, false) => format!("{year}-{month:0>2}"),
        (false, false, false) => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => String::new(),
    };
    if known.is_empty() || year.len() != 4 || ![day, month, year].iter().all(digits) {
        let message = "Give day, month and a year of four digits, or month and year, or the year";
        errors.push(FieldError::new(name, message));
        return String::new();
    }
    known
}

#[cfg(test)]
mod tests;
