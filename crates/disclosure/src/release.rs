//! What leaves the gate: the record composed from what the index holds now.
//!
//! This is where the address rules live (I6, I11): an address leaves only when it is a current
//! home address with a real postcode. Everything else that tells where a person is follows it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Field;

/// What kind of address the index holds for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum AddressKind {
    Home,
    CareOfPractice,
    CareOfOrganisation,
    NoFixedAbode,
    Withheld,
    Unknown,
}

impl AddressKind {
    /// Every kind.
    pub const ALL: [AddressKind; 6] = [
        AddressKind::Home,
        AddressKind::CareOfPractice,
        AddressKind::CareOfOrganisation,
        AddressKind::NoFixedAbode,
        AddressKind::Withheld,
        AddressKind::Unknown,
    ];

    /// The text form.
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

    /// The kind with this text form, if there is one.
    pub fn from_code(code: &str) -> Option<AddressKind> {
        AddressKind::ALL
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// The values the index holds now for the one person found. Never part of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct HeldRecord {
    pub person_ref: String,
    pub name: String,
    pub previous_names: Vec<String>,
    pub birth_date: String,
    pub gender: String,
    pub address: String,
    pub postcode: String,
    pub address_kind: AddressKind,
    pub address_from: String,
    pub registration_date: String,
    pub area_code: String,
    pub gp_practice: String,
    pub restricted: bool,
    pub deceased: bool,
}

impl HeldRecord {
    /// Whether the current address may be told at all (I6). The kind decides; the texts are read
    /// as well, because an address that says what it is may still be filed as a home.
    fn has_releasable_address(&self) -> bool {
        self.address_kind == AddressKind::Home
            && !self.address.trim().is_empty()
            && !self.postcode.trim().is_empty()
            && ![&self.address, &self.postcode]
                .into_iter()
                .any(|text| says_no_home(text))
    }

    /// Whether the practice is a real one: V81998 stands for unregistered, V81999 for unknown.
    fn has_real_practice(&self) -> bool {
        !["V81998", "V81999"]
            .iter()
            .any(|pseudo| squeezed(&self.gp_practice).contains(pseudo))
    }

    fn value(&self, field: Field) -> String {
        match field {
            Field::Name => self.name.clone(),
            Field::PreviousNames => self.previous_names.join("; "),
            Field::BirthDate => self.birth_date.clone(),
            Field::Gender => self.gender.clone(),
            Field::LastKnownAddress => {
                [self.address.as_str(), self.postcode.as_str()].join(", ")
                    + &prefixed(" (since ", &self.address_from, ")")
            }
            Field::RegistrationDate => self.registration_date.clone(),
            Field::AreaCode => self.area_code.clone(),
            Field::GpPractice => self.gp_practice.clone(),
            _ => String::new(),
        }
    }
}

/// Pseudo postcodes (all of ZZ99), care-of lines and the words for no fixed abode.
pub(crate) fn says_no_home(text: &str) -> bool {
    const WORDS: [&str; 4] = ["C/O", "CARE OF", "NO FIXED ABODE", "NFA"];
    let words = text.to_uppercase();
    let words: Vec<&str> = words
        .split(|letter: char| letter.is_whitespace() || ",.;:()".contains(letter))
        .filter(|word| !word.is_empty())
        .collect();
    let line = format!(" {} ", words.join(" "));
    squeezed(text).contains("ZZ99") || WORDS.iter().any(|word| line.contains(&format!(" {word} ")))
}

/// Upper case, letters and digits only: `zz99 3vz` and `Z Z99-3VZ` are one postcode.
pub(crate) fn squeezed(text: &str) -> String {
    let kept = text.chars().filter(|letter| letter.is_alphanumeric());
    kept.flat_map(char::to_uppercase).collect()
}

fn prefixed(before: &str, text: &str, after: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{before}{text}{after}")
    }
}

/// The single token that stands for every address that cannot be told: missing, care of somebody,
/// no fixed abode, withheld, unknown, pseudo postcode. Equal for all of them.
pub const NOT_HELD: &str = "not_held";

/// One line of the record that leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which item.
    pub field: Field,
    /// Its value, or [`NOT_HELD`].
    pub value: String,
}

/// Composes the outgoing record for the approved fields.
///
/// Returns an empty record when nothing approved can be told; the caller answers `no_result`.
pub fn compose(approved: &[Field], held: &HeldRecord) -> Vec<Line> {
    if held.restricted || held.deceased {
        return Vec::new();
    }
    let lines: Vec<Line> = approved
        .iter()
        .copied()
        .filter(|field| field.is_releasable())
        .map(|field| Line {
            field,
            value: tell(field, held),
        })
        .collect();
    let tells_something = lines.iter().any(|line| line.value != NOT_HELD);
    if tells_something { lines } else { Vec::new() }
}

fn tell(field: Field, held: &HeldRecord) -> String {
    let told = held.value(field);
    let withheld = (field.locates() && !held.has_releasable_address())
        || (field == Field::GpPractice && !held.has_real_practice());
    if withheld || told.trim().is_empty() {
        return NOT_HELD.to_owned();
    }
    told
}

/// A release: what was put together for the agency, and whether it has been collected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Organization the release is for.
    pub recipient: String,
    /// Person reference; casework only.
    pub person_ref: String,
    /// The outgoing record. Emptied after the one-time download has expired.
    pub record: Vec<Line>,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// Until when the agency may keep the data.
    pub data_life_until: Timestamp,
    /// What the agency may do with them.
    pub onward_rule: String,
    /// When the outcome return is due.
    pub outcome_due_at: Timestamp,
    /// Collection, once it has happened.
    pub collected: Option<Collection>,
}

impl Release {
    /// The fields of the record that carry a value.
    pub fn fields_released(&self) -> Vec<Field> {
        self.record
            .iter()
            .filter(|line| line.value != NOT_HELD)
            .map(|line| line.field)
            .collect()
    }

    /// The part of the record that is about these fields.
    pub fn within(&self, fields: &[Field]) -> Vec<Line> {
        let lines = self.record.iter();
        let within = lines.filter(|line| fields.contains(&line.field));
        within.cloned().collect()
    }

    /// Whether `key` repeats the collecting call, which is answered with the same record again.
    pub fn repeats(&self, key: &str) -> bool {
        self.collected
            .as_ref()
            .is_some_and(|collected| collected.key == key)
    }

    /// When the download ends: `keep` after collection, or at the end of the data life.
    pub fn download_until(&self, keep: SignedDuration) -> Timestamp {
        let kept = self
            .collected
            .as_ref()
            .and_then(|collected| collected.at.checked_add(keep).ok());
        kept.map_or(self.data_life_until, |kept| kept.min(self.data_life_until))
    }
}

/// The one-time download. Asking again with the same key repeats the same answer, so that a lost
/// connection loses nothing; any other key is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// Who collected.
    pub by: String,
    /// `X-Request-ID` of the collecting call.
    pub key: String,
    /// When.
    pub at: Timestamp,
}

/// What became of a release, returned by the agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum OutcomeReturn {
    Located,
    Arrest,
    Removal,
    SafeAndWell,
    NoAction,
    NotUsed,
    WrongPerson,
}
