//! What the index holds about one person.

use serde::Serialize;

use crate::{NhsNumber, PartialDate};

/// One person: the input of an index build, and what [`crate::Index::person`] gives back.
///
/// Texts are as the source wrote them; an empty text means "not held".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Identifier in the source, unique in the index.
    pub person_id: String,
    /// Current NHS number.
    pub nhs_number: Option<NhsNumber>,
    /// Numbers this person had before; a search by one of them finds this record.
    pub superseded_nhs_numbers: Vec<NhsNumber>,
    /// Current name.
    pub name: Name,
    /// Earlier names.
    pub previous_names: Vec<Name>,
    /// Date of birth, possibly partial.
    pub date_of_birth: Option<PartialDate>,
    /// The source marks the date of birth as estimated.
    pub dob_estimated: bool,
    /// Sex or gender as recorded.
    pub sex: Sex,
    /// Current address.
    pub address: Address,
    /// Earlier addresses.
    pub previous_addresses: Vec<Address>,
    /// Code of the practice the person is registered with.
    pub gp_practice_code: Option<String>,
    /// Date of that registration.
    pub registration_date: Option<PartialDate>,
    /// The record is restricted: nothing that locates the person may leave.
    pub restricted: bool,
    /// The person has died, whether or not the day is known.
    pub deceased: bool,
    /// Date of death, possibly partial.
    pub death_date: Option<PartialDate>,
}

impl Person {
    /// The date of birth is estimated or 1 January: it may stand for a known year alone.
    pub fn jan1(&self) -> bool {
        self.dob_estimated
            || self
                .date_of_birth
                .is_some_and(PartialDate::is_first_of_january)
    }
}

/// A name in three parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Name {
    /// First given name.
    pub given: String,
    /// Other given names, separated by spaces.
    pub middle: String,
    /// Family name.
    pub surname: String,
}

impl Name {
    /// Are all parts empty?
    pub fn is_empty(&self) -> bool {
        self.given.is_empty() && self.middle.is_empty() && self.surname.is_empty()
    }
}

/// An address and how it came to be one.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Address {
    /// Premises and street, one line.
    pub address: String,
    /// Town.
    pub town: String,
    /// Postcode as written.
    pub postcode: String,
    /// What the address is to the person.
    pub kind: AddressKind,
    /// First day at the address.
    pub from: Option<PartialDate>,
    /// Last day at the address; `None` while current.
    pub to: Option<PartialDate>,
}

impl Address {
    /// Is nothing held?
    pub fn is_empty(&self) -> bool {
        self.address.is_empty() && self.town.is_empty() && self.postcode.is_empty()
    }
}

/// What an address is to the person it is held for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// The person lives there.
    #[default]
    Home,
    /// The address of the practice, which keeps the mail.
    CareOfPractice,
    /// The address of another organization, which keeps the mail.
    CareOfOrganisation,
    /// The person has no fixed abode.
    NoFixedAbode,
    /// The person does not wish it held.
    Withheld,
    /// Not known.
    Unknown,
}

impl AddressKind {
    /// All kinds, in the order of their codes.
    pub const ALL: [Self; 6] = [
        Self::Home,
        Self::CareOfPractice,
        Self::CareOfOrganisation,
        Self::NoFixedAbode,
        Self::Withheld,
        Self::Unknown,
    ];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::CareOfPractice => "care_of_practice",
            Self::CareOfOrganisation => "care_of_organisation",
            Self::NoFixedAbode => "no_fixed_abode",
            Self::Withheld => "withheld",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the word used in files; empty is `home`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text.is_empty() {
            return Some(Self::Home);
        }
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Sex or gender as recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Not recorded.
    #[default]
    Unknown,
    /// Male.
    Male,
    /// Female.
    Female,
    /// Recorded as neither.
    Other,
}

impl Sex {
    /// Reads a letter, a word, or the NHS code (0 and 9 unknown, 1 male, 2 female); empty is unknown.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_uppercase().as_str() {
            "" | "0" | "9" | "U" | "X" | "UNKNOWN" | "NOT KNOWN" | "NOT SPECIFIED" => {
                Some(Self::Unknown)
            }
            "1" | "M" | "MALE" => Some(Self::Male),
            "2" | "F" | "FEMALE" => Some(Self::Female),
            "3" | "O" | "I" | "OTHER" | "INDETERMINATE" => Some(Self::Other),
            _ => None,
        }
    }

    /// The letter used in files; empty when unknown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Male => "M",
            Self::Female => "F",
            Self::Other => "O",
        }
    }
}
