//! What a made-up person is.

use std::fmt;

use jiff::civil::Date;

pub use crate::names::Origin;
pub use crate::nhs_number::NhsNumber;

/// A made-up person, with today's values and the past ones that the index would hold.
///
/// Text is upper case; empty text means missing. Names are at most 35 characters.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Place in the population, counted from 0. Not written to any file.
    pub number: u32,
    /// Household in the population; people who live together share it. Not written to any file.
    pub household: Household,
    /// Opaque id, unique in the population: `P` and nine digits.
    pub person_id: String,
    /// Current NHS number, if any.
    pub nhs_number: Option<NhsNumber>,
    /// Older numbers that now lead to this record.
    pub superseded_nhs_numbers: Vec<NhsNumber>,
    /// Current name.
    pub name: Name,
    /// Past names, newest first.
    pub previous_names: Vec<Name>,
    /// Birth date as recorded.
    pub date_of_birth: Date,
    /// True if only the year is known and the date stands for it.
    pub dob_estimated: bool,
    /// Sex as recorded, if recorded.
    pub sex: Option<Sex>,
    /// Current address.
    pub address: Address,
    /// Past addresses, newest first.
    pub previous_addresses: Vec<Address>,
    /// Code of the practice; begins with X, which no real practice code does.
    pub gp_practice_code: String,
    /// When the person joined the practice.
    pub registration_date: Date,
    /// True if the record is restricted: its address is never given out.
    pub restricted: bool,
    /// Date of death, if dead.
    pub death_date: Option<Date>,
    /// Naming culture, for reports by group. Not written to any file.
    pub origin: Origin,
    /// Whether somebody else is easily taken for this person. Not written to any file.
    pub kin: Kin,
}

impl Person {
    /// The person as a register of current details alone knows them.
    #[must_use]
    pub fn without_history(self) -> Person {
        Person {
            superseded_nhs_numbers: Vec::new(),
            previous_names: Vec::new(),
            previous_addresses: Vec::new(),
            ..self
        }
    }
}

/// A name as recorded.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Name {
    /// First given name.
    pub given: String,
    /// Other given names, separated by spaces; may be empty.
    pub middle: String,
    /// Family name, or what stands in its place.
    pub surname: String,
}

/// An address as recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    /// Premises and street; empty if withheld or unknown.
    pub line: String,
    /// Post town.
    pub town: String,
    /// Postcode, or a ZZ99 stand-in.
    pub postcode: String,
    /// Kind.
    pub kind: AddressKind,
    /// First day.
    pub from: Date,
    /// Last day; none for the current address.
    pub to: Option<Date>,
}

/// What an address is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "the names say it")]
pub enum AddressKind {
    Home,
    CareOfPractice,
    CareOfOrganisation,
    NoFixedAbode,
    Withheld,
    Unknown,
}

impl AddressKind {
    /// The code used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            AddressKind::Home => "home",
            AddressKind::CareOfPractice => "care_of_practice",
            AddressKind::CareOfOrganisation => "care_of_organisation",
            AddressKind::NoFixedAbode => "no_fixed_abode",
            AddressKind::Withheld => "withheld",
            AddressKind::Unknown => "unknown",
        }
    }
}

/// Sex as recorded.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Sex {
    Female,
    Male,
}

impl Sex {
    /// The code used in files: `F` or `M`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Sex::Female => "F",
            Sex::Male => "M",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Sex {
        match self {
            Sex::Female => Sex::Male,
            Sex::Male => Sex::Female,
        }
    }
}

/// Who in the same household is easily mistaken for the person.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kin {
    /// Nobody in particular.
    None,
    /// A twin: same birth date, address and mostly surname.
    Twin,
    /// A parent or child with the same given name, sex and surname.
    Namesake,
}

/// A household: its block, and its place in the block.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Household {
    pub(crate) block: u32,
    pub(crate) place: u32,
}

impl fmt::Display for Household {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "H{:07}-{:03}", self.block, self.place)
    }
}
