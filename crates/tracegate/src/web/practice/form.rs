//! The questions of a registration: read, checked, and shown again.

use disclosure::registration::{
    Contact, MailArrangement, Patient, Problem, Protection, Residence, TEXT_CHARS_MAX, problems,
};
use disclosure::release::AddressKind;
use jiff::Timestamp;
use matcher::{NhsNumber, PartialDate};
use sheets::messages::{self, ENGLISH};

use crate::web::visitor::{FieldError, Fields};

/// What was written, and what to correct of it.
pub struct Written {
    pub patient: Patient,
    pub protection: Protection,
    /// In English, next to the fields.
    pub errors: Vec<FieldError>,
    /// Keys of the same messages, for the patient's language.
    pub keys: Vec<&'static str>,
}

/// Reads the form. `practice` is where the practice keeps letters; `keepers` is every address that does.
pub fn read(
    fields: &Fields,
    practice: Option<&Residence>,
    keepers: &[Residence],
    now: Timestamp,
) -> Written {
    let mut wrong = Vec::new();
    let birth_date = birth_date(fields, now, &mut wrong);
    let patient = Patient {
        given_name: fields.lines("given_name"),
        middle_name: fields.lines("middle_name"),
        family_name: fields.lines("family_name"),
        previous_names: lines(&fields.lines("previous_names")),
        birth_estimated: fields.text("birth_estimated") == "yes"
            || (!birth_date.is_empty() && birth_date.len() < 10),
        birth_date,
        gender: fields.lines("gender"),
        nhs_number: nhs_number(fields, &mut wrong),
        interpreter: fields.lines("interpreter"),
        residence: residence(fields, practice),
        contact: Contact {
            phone: fields.lines("phone"),
            email: fields.lines("email"),
            safe: fields.lines("safe"),
        },
        objection: fields.given("objection"),
    };
    let more = problems(&patient, keepers);
    // Of a date that is wrong and therefore empty, the first word is enough.
    let more = more
        .into_iter()
        .filter(|one| wrong.iter().all(|known: &Problem| known.field != one.field));
    wrong.extend(more.collect::<Vec<_>>());
    let most = TEXT_CHARS_MAX.to_string();
    let error = |one: &Problem| {
        let message = messages::say(ENGLISH, one.message, &[("most", &most)]);
        FieldError::new(one.field, message)
    };
    Written {
        patient,
        protection: match fields.text("protection") {
            "yes" => Protection::Requested,
            _ => Protection::None,
        },
        errors: wrong.iter().map(error).collect(),
        keys: wrong.iter().map(|one| one.message).collect(),
    }
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A whole day, month and year, or the year; empty where it cannot be.
fn birth_date(fields: &Fields, now: Timestamp, wrong: &mut Vec<Problem>) -> String {
    let part = |name: &str| fields.lines(&format!("birth_date.{name}"));
    let (day, month, year) = (part("day"), part("month"), part("year"));
    let digits = |text: &String| text.chars().all(|digit| digit.is_ascii_digit());
    let date = match (day.is_empty(), month.is_empty(), year.is_empty()) {
        (true, true, true) => return String::new(),
        (true, true, false) => year.clone(),
        (true, false, false) => format!("{year}-{month:0>2}"),
        (false, false, false) => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => String::new(),
    };
    let today = now.strftime("%Y-%m-%d").to_string();
    let possible = [&day, &month, &year].into_iter().all(digits)
        && year.len() == 4
        && PartialDate::parse(&date).is_ok()
        && date.as_str() <= today.as_str()
        && year.parse().is_ok_and(|year: u16| year >= FIRST_YEAR);
    if possible {
        return date;
    }
    wrong.push(Problem {
        field: "birth_date",
        message: "error.birth_range",
    });
    String::new()
}

/// Nobody alive was born before.
const FIRST_YEAR: u16 = 1900;

/// Ten digits. Numbers that stand for nobody in particular are no numbers.
fn nhs_number(fields: &Fields, wrong: &mut Vec<Problem>) -> String {
    let text = fields.lines("nhs_number");
    match NhsNumber::parse(&text) {
        _ if text.is_empty() => String::new(),
        Ok(number) => number.compact(),
        Err(_) => {
            wrong.push(Problem {
                field: "nhs_number",
                message: "error.nhs_number",
            });
            text
        }
    }
}

/// The practice's own address need not be typed.
fn residence(fields: &Fields, practice: Option<&Residence>) -> Residence {
    let kind = AddressKind::from_code(fields.text("address_kind"));
    let kind = kind.unwrap_or(AddressKind::Unknown);
    let mail = MailArrangement {
        keeper: fields.lines("keeper"),
        consent: fields.text("mail_consent") == "yes",
        hold_days: fields.text("hold_days").parse().unwrap_or_default(),
    };
    let typed = Residence {
        kind,
        address: fields.lines("address"),
        town: fields.lines("town"),
        postcode: fields.lines("postcode").to_uppercase(),
        mail: Some(mail),
    };
    match practice.filter(|_| kind == AddressKind::CareOfPractice) {
        Some(practice) => Residence {
            mail: typed.mail,
            ..practice.clone()
        },
        None => typed.tidied(),
    }
}

/// The form as it was filled in, to change it.
pub fn said(patient: &Patient, protection: Protection) -> Vec<(String, String)> {
    let residence = &patient.residence;
    let mut date = patient.birth_date.split('-');
    let mut next = || date.next().unwrap_or_default().to_owned();
    let (year, month, day) = (next(), next(), next());
    let mail = residence.mail.as_ref();
    let yes = |is: bool| if is { "yes" } else { "" }.to_owned();
    let keeps_typed = residence.kind != AddressKind::CareOfPractice;
    let typed = |text: &String| {
        if keeps_typed {
            text.clone()
        } else {
            String::new()
        }
    };
    [
        ("given_name", patient.given_name.clone()),
        ("middle_name", patient.middle_name.clone()),
        ("family_name", patient.family_name.clone()),
        ("previous_names", patient.previous_names.join("\n")),
        ("birth_date.day", day),
        ("birth_date.month", month),
        ("birth_date.year", year),
        ("birth_estimated", yes(patient.birth_estimated)),
        ("gender", patient.gender.clone()),
        ("nhs_number", patient.nhs_number.clone()),
        ("interpreter", patient.interpreter.clone()),
        ("address_kind", residence.kind.code().to_owned()),
        ("address", typed(&residence.address)),
        ("town", typed(&residence.town)),
        ("postcode", typed(&residence.postcode)),
        (
            "keeper",
            mail.map(|mail| mail.keeper.clone()).unwrap_or_default(),
        ),
        (
            "hold_days",
            mail.map(|mail| mail.hold_days.to_string())
                .unwrap_or_default(),
        ),
        ("mail_consent", yes(mail.is_some_and(|mail| mail.consent))),
        ("phone", patient.contact.phone.clone()),
        ("email", patient.contact.email.clone()),
        ("safe", patient.contact.safe.clone()),
        ("protection", yes(protection.acts())),
        ("objection", patient.objection.clone().unwrap_or_default()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}
