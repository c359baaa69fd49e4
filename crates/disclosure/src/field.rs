//! The items that an agreement can make releasable, and those that it never can.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An item of a person's record that an agency may ask for.
///
/// The first eight may be releasable where an agreement names them; `GpPractice` and `AreaCode`
/// locate a person and follow every rule of the address. The others are here so that asking for
/// them is answered with a reason instead of a parse error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Field {
    Name,
    PreviousNames,
    BirthDate,
    Gender,
    LastKnownAddress,
    RegistrationDate,
    AreaCode,
    GpPractice,
    Clinical,
    NhsNumber,
    Phone,
    Email,
    EmergencyContact,
    RelatedPersons,
    Pharmacy,
    PastAddress,
    TemporaryAddress,
    Birthplace,
    DeathData,
    RemovalReason,
    ImmigrationStatus,
    ChargingStatus,
}

impl Field {
    /// Every field, in the order of a release record.
    pub const ALL: [Field; 22] = [
        Field::Name,
        Field::PreviousNames,
        Field::BirthDate,
        Field::Gender,
        Field::LastKnownAddress,
        Field::RegistrationDate,
        Field::AreaCode,
        Field::GpPractice,
        Field::Clinical,
        Field::NhsNumber,
        Field::Phone,
        Field::Email,
        Field::EmergencyContact,
        Field::RelatedPersons,
        Field::Pharmacy,
        Field::PastAddress,
        Field::TemporaryAddress,
        Field::Birthplace,
        Field::DeathData,
        Field::RemovalReason,
        Field::ImmigrationStatus,
        Field::ChargingStatus,
    ];

    /// The code used in agreements, requests and releases.
    pub fn code(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::PreviousNames => "previous_names",
            Field::BirthDate => "birth_date",
            Field::Gender => "gender",
            Field::LastKnownAddress => "last_known_address",
            Field::RegistrationDate => "registration_date",
            Field::AreaCode => "area_code",
            Field::GpPractice => "gp_practice",
            Field::Clinical => "clinical",
            Field::NhsNumber => "nhs_number",
            Field::Phone => "phone",
            Field::Email => "email",
            Field::EmergencyContact => "emergency_contact",
            Field::RelatedPersons => "related_persons",
            Field::Pharmacy => "pharmacy",
            Field::PastAddress => "past_address",
            Field::TemporaryAddress => "temporary_address",
            Field::Birthplace => "birthplace",
            Field::DeathData => "death_data",
            Field::RemovalReason => "removal_reason",
            Field::ImmigrationStatus => "immigration_status",
            Field::ChargingStatus => "charging_status",
        }
    }

    /// The field with this code, if there is one.
    pub fn from_code(code: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.code() == code)
    }

    /// Words for a page.
    pub fn label(self) -> String {
        let words = self.code().replace('_', " ");
        let words = words.replace("gp ", "GP ").replace("nhs ", "NHS ");
        let mut letters = words.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().collect::<String>() + letters.as_str()
        })
    }

    /// Whether the field can be part of a release at all.
    pub fn is_releasable(self) -> bool {
        self <= Field::GpPractice
    }

    /// Whether the field tells where the person is.
    pub fn locates(self) -> bool {
        matches!(
            self,
            Field::LastKnownAddress | Field::AreaCode | Field::GpPractice
        )
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}
