//! One row: 40 bytes that a trace compares.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::compare::place::Numbers;
use crate::{AddressKind, PartialDate, Sex};

#[cfg(target_endian = "big")]
compile_error!("an index file is little-endian and mapped as it is");

/// A person, or a person under an earlier name, address or number.
///
/// The order of the fields is the order of the rows in a file. Texts are places in dictionaries.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    FromBytes,
    IntoBytes,
    Immutable,
    KnownLayout,
)]
#[repr(C)]
pub(crate) struct Row {
    /// Date of birth (packed + 1; 0 when not held) above 12 bits of flags.
    pub when: u32,
    pub surname: u32,
    pub given: u32,
    pub middle: u32,
    pub postcode: u32,
    pub street: u32,
    pub town: u32,
    /// First nine digits of the NHS number; 0 when not held.
    pub nhs_stem: u32,
    /// Row of the person's current details: itself, or another row.
    pub primary: u32,
    pub flat: u16,
    pub number: u16,
}

const FLAG_BITS: u32 = 12;

/// Bits of [`Row::when`] below the date.
pub(crate) mod flag {
    pub const SEX_MASK: u32 = 0b11;
    pub const RESTRICTED: u32 = 1 << 2;
    pub const DECEASED: u32 = 1 << 3;
    pub const ESTIMATED: u32 = 1 << 4;
    pub const EARLIER_NAME: u32 = 1 << 5;
    pub const EARLIER_ADDRESS: u32 = 1 << 6;
    pub const EARLIER_NUMBER: u32 = 1 << 7;
    pub const EARLIER: u32 = EARLIER_NAME | EARLIER_ADDRESS | EARLIER_NUMBER;
    pub const KIND_SHIFT: u32 = 8;
    pub const KIND_MASK: u32 = 0b111;
    pub const EXTRAS: u32 = 1 << 11;
}

/// Bits of [`Row::when`] for rows born on `date`: the first of the range that ends with `date + 1`.
pub(crate) fn when_of(date: Option<PartialDate>) -> u32 {
    date.map_or(0, |date| when_of_packed(date.packed()))
}

/// The same for a packed date.
pub(super) fn when_of_packed(packed: u32) -> u32 {
    (packed + 1) << FLAG_BITS
}

pub(crate) fn flags_of(sex: Sex, kind: AddressKind) -> u32 {
    let sex = match sex {
        Sex::Unknown => 0,
        Sex::Male => 1,
        Sex::Female => 2,
        Sex::Other => 3,
    };
    let kind = AddressKind::ALL
        .iter()
        .position(|one| *one == kind)
        .unwrap_or_default() as u32;
    sex | kind << flag::KIND_SHIFT
}

impl Row {
    pub(crate) fn is(&self, flag: u32) -> bool {
        self.when & flag != 0
    }

    /// Not the person's current details?
    pub(crate) fn is_earlier(&self) -> bool {
        self.is(flag::EARLIER)
    }

    pub(crate) fn is_earlier_name(&self) -> bool {
        self.is(flag::EARLIER_NAME)
    }

    pub(crate) fn is_earlier_number(&self) -> bool {
        self.is(flag::EARLIER_NUMBER)
    }

    pub(crate) fn has_history(&self) -> bool {
        self.is(flag::EXTRAS)
    }

    pub(crate) fn is_restricted(&self) -> bool {
        self.is(flag::RESTRICTED)
    }

    pub(crate) fn is_deceased(&self) -> bool {
        self.is(flag::DECEASED)
    }

    pub(crate) fn sex(&self) -> Sex {
        match self.when & flag::SEX_MASK {
            0 => Sex::Unknown,
            1 => Sex::Male,
            2 => Sex::Female,
            _ => Sex::Other,
        }
    }

    pub(crate) fn address_kind(&self) -> AddressKind {
        let code = self.when >> flag::KIND_SHIFT & flag::KIND_MASK;
        AddressKind::ALL
            .get(code as usize)
            .copied()
            .unwrap_or(AddressKind::Unknown)
    }

    pub(crate) fn date_of_birth(&self) -> Option<PartialDate> {
        PartialDate::unpack((self.when >> FLAG_BITS).checked_sub(1)?)
    }

    /// Date bits alone: comparable with [`when_of`].
    pub(crate) fn date_bits(&self) -> u32 {
        self.when >> FLAG_BITS << FLAG_BITS
    }

    /// House number and flat.
    pub(crate) fn numbers(&self) -> Numbers {
        Numbers {
            flat: self.flat,
            number: self.number,
        }
    }

    pub(crate) fn jan1(&self) -> bool {
        self.is(flag::ESTIMATED)
            || self
                .date_of_birth()
                .is_some_and(PartialDate::is_first_of_january)
    }
}

/// Registration details of a row; empty when a file has none.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub(crate) struct Registration {
    /// Place in the dictionary of practices.
    pub practice: u32,
    /// Packed date + 1; 0 when not held.
    pub registered: u32,
    /// First day at the current address, packed + 1; 0 when not held.
    pub address_from: u32,
}

/// A date in a word of its own.
pub(crate) fn date_word(date: Option<PartialDate>) -> u32 {
    date.map_or(0, |date| date.packed() + 1)
}

/// Inverse of [`date_word`].
pub(crate) fn word_date(word: u32) -> Option<PartialDate> {
    PartialDate::unpack(word.checked_sub(1)?)
}
