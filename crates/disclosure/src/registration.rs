//! A patient's registration: what care and matching need, and nothing else.
//!
//! There is no place here for immigration status, passport, visa, nationality, proof of address or the
//! answers about charging. What is not asked cannot be told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Actor;
use crate::release::{AddressKind, says_no_home, squeezed};

/// A registration as the practice wrote it down, or a refusal to register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Random reference.
    pub id: String,
    /// Counts the changes, from 1.
    pub version: u64,
    /// Reference into the person index; empty where nobody was registered.
    pub person_ref: String,
    /// Organization code of the practice.
    pub practice: String,
    /// Who the patient is and how to reach them.
    pub patient: Patient,
    /// Whether the record is protected.
    pub protection: Protection,
    /// Addresses before this one: they may be searched for and never leave.
    pub earlier: Vec<Residence>,
    /// Why the practice did not register the patient, if it did not.
    pub refusal: Option<Refusal>,
    /// When the patient was registered, or refused.
    pub registered_at: Timestamp,
    /// When the record was written last.
    pub changed_at: Timestamp,
}

/// What the practice asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Patient {
    pub given_name: String,
    pub middle_name: String,
    pub family_name: String,
    /// Given name first.
    pub previous_names: Vec<String>,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub birth_date: String,
    /// The date is a guess, or only the year is known.
    pub birth_estimated: bool,
    /// `F`, `M`, `O` or empty.
    pub gender: String,
    /// Ten digits, or empty.
    pub nhs_number: String,
    /// Language for which an interpreter is wanted.
    pub interpreter: String,
    pub residence: Residence,
    pub contact: Contact,
    /// What the patient says against being looked for; shown to whoever reviews a request.
    pub objection: Option<String>,
}

/// Where letters go, and what that place is to the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residence {
    /// What the address is to the patient.
    pub kind: AddressKind,
    /// House and street.
    pub address: String,
    /// Town.
    pub town: String,
    /// Postcode.
    pub postcode: String,
    /// Who keeps the letters, where it is not the patient.
    pub mail: Option<MailArrangement>,
}

impl Default for Residence {
    fn default() -> Residence {
        Residence {
            kind: AddressKind::Unknown,
            address: String::new(),
            town: String::new(),
            postcode: String::new(),
            mail: None,
        }
    }
}

/// Who keeps a patient's letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailArrangement {
    /// Name of the person or desk.
    pub keeper: String,
    /// The patient agrees.
    pub consent: bool,
    /// Days for which a letter is kept.
    pub hold_days: u16,
}

/// How the practice may reach the patient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Telephone number.
    pub phone: String,
    /// Address for electronic mail.
    pub email: String,
    /// What is safe: `any`, `phone`, `text`, `email`, `in_person`.
    pub safe: String,
}

/// Whether a record is protected. A request for protection acts like protection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Protection {
    #[default]
    None,
    Requested,
    Active,
}

impl Protection {
    /// Whether anything that locates the patient is withheld.
    pub fn acts(self) -> bool {
        self != Protection::None
    }

    /// The text form.
    pub fn code(self) -> &'static str {
        match self {
            Protection::None => "none",
            Protection::Requested => "requested",
            Protection::Active => "active",
        }
    }
}

/// A practice did not register somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Why, in a code.
    pub reason: RefusalReason,
    /// Why, in words to the patient, where no code says it.
    pub words: String,
    /// When the letter was sent or handed over.
    pub told_in_writing_at: Option<Timestamp>,
}

/// Why a practice may say no. That somebody has no papers or no address is not among the reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum RefusalReason {
    OutsideArea,
    ListClosed,
    RemovedBefore,
    Other,
}

impl RefusalReason {
    /// Every reason.
    pub const ALL: [RefusalReason; 4] = [
        RefusalReason::OutsideArea,
        RefusalReason::ListClosed,
        RefusalReason::RemovedBefore,
        RefusalReason::Other,
    ];

    /// The text form.
    pub fn code(self) -> &'static str {
        match self {
            RefusalReason::OutsideArea => "outside_area",
            RefusalReason::ListClosed => "list_closed",
            RefusalReason::RemovedBefore => "removed_before",
            RefusalReason::Other => "other",
        }
    }

    /// The reason with this text form, if there is one.
    pub fn from_code(code: &str) -> Option<RefusalReason> {
        let mut all = RefusalReason::ALL.into_iter();
        all.find(|reason| reason.code() == code)
    }
}

/// Days within which a refused patient is told in writing.
pub const LETTER_DAYS: i64 = 14;

/// Longest text in any field of a registration, in characters.
pub const TEXT_CHARS_MAX: usize = 200;
/// Longest objection, in characters.
pub const OBJECTION_CHARS_MAX: usize = 2_000;
/// Most previous names and earlier addresses.
pub const LIST_MAX: usize = 20;
/// Longest time that letters are kept, in days.
pub const HOLD_DAYS_MAX: u16 = 90;

/// Something to correct: the field, and the key of the message that says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Name of the field.
    pub field: &'static str,
    /// Key of the message.
    pub message: &'static str,
}

/// Everything to correct in what was written, given the addresses that keep letters for others; empty
/// where it can be kept. Dates and NHS numbers are checked by whoever can read them.
pub fn problems(patient: &Patient, keepers: &[Residence]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut wrong = |field, message| problems.push(Problem { field, message });
    if patient.given_name.is_empty() && patient.family_name.is_empty() {
        wrong("family_name", "error.name");
    }
    if patient.birth_date.is_empty() {
        wrong("birth_date", "error.birth");
    }
    if !["", "F", "M", "O"].contains(&patient.gender.as_str()) {
        wrong("gender", "error.choose");
    }
    let contact = &patient.contact;
    if !is_phone(&contact.phone) {
        wrong("phone", "error.contact");
    }
    if !is_email(&contact.email) {
        wrong("email", "error.contact");
    }
    if !["", "any", "phone", "text", "email", "in_person"].contains(&contact.safe.as_str()) {
        wrong("safe", "error.choose");
    }
    for (field, text) in texts(patient) {
        if text.chars().count() > TEXT_CHARS_MAX {
            wrong(field, "error.too_long");
        } else if text.chars().any(char::is_control) {
            wrong(field, "error.letters");
        }
    }
    let objection = patient.objection.as_deref().unwrap_or_default();
    if objection.chars().count() > OBJECTION_CHARS_MAX {
        wrong("objection", "error.too_long");
    }
    if patient.previous_names.len() > LIST_MAX {
        wrong("previous_names", "error.too_long");
    }
    problems.extend(of_residence(&patient.residence, keepers));
    problems
}

fn texts(patient: &Patient) -> impl Iterator<Item = (&'static str, &String)> {
    let residence = &patient.residence;
    let names = patient.previous_names.iter();
    let names = names.map(|name| ("previous_names", name));
    let keeper = residence.mail.iter().map(|mail| ("keeper", &mail.keeper));
    [
        ("given_name", &patient.given_name),
        ("middle_name", &patient.middle_name),
        ("family_name", &patient.family_name),
        ("interpreter", &patient.interpreter),
        ("address", &residence.address),
        ("town", &residence.town),
        ("postcode", &residence.postcode),
        ("phone", &patient.contact.phone),
        ("email", &patient.contact.email),
    ]
    .into_iter()
    .chain(names)
    .chain(keeper)
}

/// What must be so of each kind of address.
fn of_residence(residence: &Residence, keepers: &[Residence]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut wrong = |field, message| problems.push(Problem { field, message });
    let says = |text: &String| !text.trim().is_empty();
    let has_place = says(&residence.address) && says(&residence.postcode);
    match residence.kind {
        AddressKind::Home if !has_place => wrong("address", "error.address"),
        AddressKind::Home if is_no_home(residence) => wrong("postcode", "error.postcode"),
        AddressKind::Home if keepers.iter().any(|one| one.is_at(residence)) => {
            wrong("address", "error.keeper");
        }
        AddressKind::CareOfPractice | AddressKind::CareOfOrganisation => {
            if !has_place {
                wrong("address", "error.address");
            }
            let mail = residence.mail.as_ref();
            let agreed = mail.filter(|mail| mail.consent && says(&mail.keeper));
            if agreed.is_none_or(|mail| !(1..=HOLD_DAYS_MAX).contains(&mail.hold_days)) {
                wrong("keeper", "error.mail");
            }
        }
        AddressKind::Unknown => wrong("address_kind", "error.address_kind"),
        AddressKind::Home | AddressKind::NoFixedAbode | AddressKind::Withheld => {}
    }
    problems
}

fn is_no_home(residence: &Residence) -> bool {
    let texts = [&residence.address, &residence.town, &residence.postcode];
    texts.into_iter().any(|text| says_no_home(text))
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let known = |letter: char| letter.is_ascii_digit() || " +()-".contains(letter);
    text.is_empty() || ((6..=15).contains(&digits) && text.chars().all(known))
}

fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    let good = parts.is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.contains('@') && !host.ends_with('.')
    });
    text.is_empty() || (good && !text.contains(char::is_whitespace))
}

impl Residence {
    /// Whether both are the same place, however it is written. A pseudo postcode names no place: where one has it,
    /// the street decides.
    pub fn is_at(&self, other: &Residence) -> bool {
        let same = |one: &str, other: &str| squeezed(one) == squeezed(other);
        let unplaced = says_no_home(&self.postcode) || says_no_home(&other.postcode);
        same(&self.address, &other.address) && (unplaced || same(&self.postcode, &other.postcode))
    }

    /// Whether somebody else keeps letters here.
    pub fn is_keeper(&self) -> bool {
        let kinds = [AddressKind::CareOfPractice, AddressKind::CareOfOrganisation];
        kinds.contains(&self.kind)
    }

    /// The residence as it is kept: nothing stands where there is no address.
    #[must_use]
    pub fn tidied(self) -> Residence {
        let none = [AddressKind::NoFixedAbode, AddressKind::Withheld];
        match self.kind {
            kind if none.contains(&kind) => Residence {
                kind,
                ..Residence::default()
            },
            AddressKind::Home => Residence { mail: None, ..self },
            _ => self,
        }
    }
}

impl Registration {
    /// Addresses that keep letters for the patient, now or earlier: none of them can become the home.
    pub fn keepers(&self) -> Vec<Residence> {
        let all = self.earlier.iter().chain([&self.patient.residence]);
        all.filter(|one| one.is_keeper()).cloned().collect()
    }

    /// Whether the patient gave no home that could be told: what deterrence is counted by.
    pub fn declines_address(&self) -> bool {
        self.patient.residence.kind != AddressKind::Home
    }

    /// Whether somebody of this practice looks.
    pub fn is_of(&self, by: &Actor) -> bool {
        self.practice == by.organization
    }
}
