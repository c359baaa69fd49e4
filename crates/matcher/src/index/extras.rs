//! What few people have: earlier names, addresses and numbers, and a date of death, in words.

use super::row::{date_word, word_date};
use crate::{AddressKind, NhsNumber, PartialDate};

/// Earlier details of one person; texts are places in dictionaries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extras {
    pub names: Vec<NameRef>,
    pub addresses: Vec<AddressRef>,
    pub nhs_stems: Vec<u32>,
    pub death_date: Option<PartialDate>,
}

/// A name as places in dictionaries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct NameRef {
    pub given: u32,
    pub middle: u32,
    pub surname: u32,
}

/// An address as places in dictionaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AddressRef {
    pub street: u32,
    pub town: u32,
    pub postcode: u32,
    pub flat: u16,
    pub number: u16,
    pub kind: AddressKind,
    pub from: Option<PartialDate>,
    pub to: Option<PartialDate>,
}

impl Extras {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Number of words that [`Self::write`] appends.
    pub(super) fn words(&self) -> usize {
        4 + self.nhs_stems.len() + 3 * self.names.len() + 7 * self.addresses.len()
    }

    /// Appends the words: date of death, then three counted lists.
    pub(super) fn write(&self, words: &mut Vec<u32>) {
        words.push(date_word(self.death_date));
        words.push(self.nhs_stems.len() as u32);
        words.extend_from_slice(&self.nhs_stems);
        words.push(self.names.len() as u32);
        for name in &self.names {
            words.extend([name.given, name.middle, name.surname]);
        }
        words.push(self.addresses.len() as u32);
        for address in &self.addresses {
            let kind = AddressKind::ALL
                .iter()
                .position(|kind| *kind == address.kind);
            words.extend([
                address.street,
                address.town,
                address.postcode,
                u32::from(address.flat) << 16 | u32::from(address.number),
                kind.unwrap_or_default() as u32,
                date_word(address.from),
                date_word(address.to),
            ]);
        }
    }

    /// Inverse of [`Self::write`]; `None` for words that do not add up.
    pub(super) fn read(words: &[u32]) -> Option<Self> {
        let (death, rest) = words.split_first()?;
        let (stems, rest) = counted(rest, 1)?;
        let (names, rest) = counted(rest, 3)?;
        let (addresses, rest) = counted(rest, 7)?;
        if !rest.is_empty() {
            return None;
        }
        Some(Self {
            death_date: word_date(*death),
            nhs_stems: stems.to_vec(),
            names: names.as_chunks::<3>().0.iter().map(name_of).collect(),
            addresses: addresses
                .as_chunks::<7>()
                .0
                .iter()
                .map(address_of)
                .collect(),
        })
    }

    /// Valid earlier NHS numbers.
    pub(super) fn nhs_numbers(&self) -> Vec<NhsNumber> {
        self.nhs_stems
            .iter()
            .filter_map(|stem| NhsNumber::from_stem(*stem))
            .collect()
    }
}

/// A list of entries of `width` words behind their count, and what follows it.
fn counted(words: &[u32], width: usize) -> Option<(&[u32], &[u32])> {
    let (count, rest) = words.split_first()?;
    rest.split_at_checked((*count as usize).checked_mul(width)?)
}

fn name_of([given, middle, surname]: &[u32; 3]) -> NameRef {
    NameRef {
        given: *given,
        middle: *middle,
        surname: *surname,
    }
}

fn address_of([street, town, postcode, premises, kind, from, to]: &[u32; 7]) -> AddressRef {
    AddressRef {
        street: *street,
        town: *town,
        postcode: *postcode,
        flat: (premises >> 16) as u16,
        number: *premises as u16,
        kind: AddressKind::ALL
            .get(*kind as usize)
            .copied()
            .unwrap_or(AddressKind::Unknown),
        from: word_date(*from),
        to: word_date(*to),
    }
}
