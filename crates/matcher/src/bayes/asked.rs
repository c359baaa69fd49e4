//! A request in comparable form, and reading ahead what it will need.
//!
//! The index is far larger than a processor's caches, and waiting for memory is most of the time of a
//! trace. Reads that do not depend on each other travel together: what a group of requests will need is
//! read once, round by round, before each is answered.

use std::hint::black_box;

use crate::index::{Hash, Key, Lookup, View, hash, name_hash, premises_hash};
use crate::{Name, PartialDate, Terms, normalize};

/// The texts of a request in comparable form.
pub(super) struct Asked<'a> {
    pub terms: &'a Terms,
    pub name: NameTexts,
    pub flat: u16,
    pub number: u16,
    pub street: Text,
    /// Hash of house number and street.
    pub premises: u64,
    pub town: String,
    pub postcode: Text,
    pub nhs_stem: u32,
}

/// A name in comparable form.
pub(super) struct NameTexts {
    pub given: Text,
    pub middle: String,
    pub surname: Text,
}

/// A text in comparable form, and its hash.
pub(super) struct Text {
    pub text: String,
    pub hash: Hash,
}

impl Text {
    fn new(text: String) -> Self {
        Self {
            hash: Hash::of(&text),
            text,
        }
    }
}

impl NameTexts {
    pub(super) fn new(name: &Name) -> Self {
        Self {
            given: Text::new(normalize::fold(&name.given)),
            middle: normalize::fold(&name.middle),
            surname: Text::new(normalize::fold(&name.surname)),
        }
    }
}

impl<'a> Asked<'a> {
    /// All of `terms`: their texts were read long ago, and are fetched together.
    pub(super) fn group(terms: &[&'a Terms]) -> Vec<Self> {
        for terms in terms {
            let name = &terms.name;
            let names = [&name.given, &name.middle, &name.surname];
            let home = [&terms.address, &terms.town, &terms.postcode];
            for text in names.into_iter().chain(home) {
                black_box(text.as_bytes().first().copied());
            }
        }
        terms.iter().map(|terms| Self::new(terms)).collect()
    }

    pub(super) fn new(terms: &'a Terms) -> Self {
        let premises = normalize::premises_asked(&terms.address);
        Self {
            terms,
            name: NameTexts::new(&terms.name),
            flat: premises.flat,
            number: premises.number,
            premises: premises_hash(premises.number, &premises.street),
            street: Text::new(premises.street),
            town: normalize::fold(&terms.town),
            postcode: Text::new(normalize::postcode(&terms.postcode)),
            nhs_stem: terms.nhs_number.map_or(0, crate::NhsNumber::stem),
        }
    }

    /// The day asked for, when it is known in full.
    pub(super) fn day(&self) -> Option<PartialDate> {
        self.terms.date_of_birth.filter(|birth| birth.is_full())
    }
}

/// Reads ahead for all of `asked`. Changes no answer.
pub(super) fn read_ahead(view: &View<'_>, asked: &[Asked<'_>]) {
    let derived = view.derived;
    let texts = asked.iter().flat_map(|asked| {
        [
            (&derived.given, &view.given, asked.name.given.hash),
            (&derived.surnames, &view.surnames, asked.name.surname.hash),
            (&derived.streets, &view.streets, asked.street.hash),
            (&derived.postcodes, &view.postcodes, asked.postcode.hash),
        ]
    });
    Lookup::read_ahead(&texts.collect::<Vec<_>>());
    let days = asked.iter().filter_map(Asked::day);
    view.read_ahead_days(days);
    let buckets = asked.iter().flat_map(|asked| {
        let (given, surname) = (&asked.name.given, &asked.name.surname);
        let number = (Key::NhsNumber, number_hash(asked.nhs_stem));
        [
            (Key::Premises, asked.premises),
            (Key::Postcode, asked.postcode.hash.finish()),
            (Key::Surname, name_hash(surname.hash, &given.text)),
        ]
        .into_iter()
        .chain((asked.nhs_stem != 0).then_some(number))
    });
    view.read_ahead(&buckets.collect::<Vec<_>>());
}

pub(super) fn number_hash(nhs_stem: u32) -> u64 {
    hash(&[&nhs_stem.to_le_bytes()])
}
