//! What an open index knows beyond its file: lookups that are quick to make and would only enlarge it.

use std::ops::Range;

use super::dictionary::Dictionary;
use super::kinship::Kinship;
use super::postings::hash;
use super::row::{Row, when_of};
use crate::PartialDate;
use crate::compare::name::Signature;

/// Years with a place in [`Derived::years`].
const FIRST_YEAR: u16 = 1850;
const LAST_YEAR: u16 = 2199;

/// Lookups made when an index is opened.
#[derive(Debug)]
pub(crate) struct Derived {
    pub given: Lookup,
    pub surnames: Lookup,
    pub streets: Lookup,
    pub towns: Lookup,
    pub postcodes: Lookup,
    pub given_signatures: Vec<Signature>,
    pub surname_signatures: Vec<Signature>,
    /// Given names by initial, A to Z: places in the dictionary, and people.
    pub initials: Vec<(Range<u32>, u32)>,
    /// Relatives of people who are also in the index.
    pub kinship: Kinship,
    /// First row of each year, and the end.
    years: Vec<u32>,
}

/// From a comparable text to its first place in a dictionary: open addressing, half empty.
#[derive(Debug)]
pub(crate) struct Lookup {
    /// Place + 1; 0 is free.
    slots: Vec<u32>,
}

impl Lookup {
    fn new(dictionary: &Dictionary<'_>) -> Self {
        let size = (dictionary.len() as usize * 2).next_power_of_two().max(2);
        let mut lookup = Self {
            slots: vec![0; size],
        };
        let mut before = None;
        for place in 0..dictionary.len() {
            let text = dictionary.comparable(place);
            if before != Some(text) {
                lookup.insert(text, place);
            }
            before = Some(text);
        }
        lookup
    }

    fn insert(&mut self, text: &str, place: u32) {
        let mask = self.slots.len() - 1;
        let start = hash(&[text.as_bytes()]) as usize & mask;
        for step in 0..self.slots.len() {
            if let Some(slot @ 0) = self.slots.get_mut((start + step) & mask) {
                *slot = place + 1;
                return;
            }
        }
    }

    /// Numbers of all entries of `dictionary` that compare as `text`.
    pub(crate) fn range(&self, dictionary: &Dictionary<'_>, text: &str) -> Range<u32> {
        let mask = self.slots.len() - 1;
        let start = hash(&[text.as_bytes()]) as usize & mask;
        for step in 0..self.slots.len() {
            let place = match self.slots.get((start + step) & mask) {
                None | Some(0) => break,
                Some(place) => place - 1,
            };
            if dictionary.comparable(place) == text {
                let mut end = place + 1;
                while end < dictionary.len() && dictionary.comparable(end) == text {
                    end += 1;
                }
                return place..end;
            }
        }
        0..0
    }
}

impl Derived {
    pub(super) fn new(
        rows: &[Row],
        [given, surnames, streets, towns, postcodes]: [&Dictionary<'_>; 5],
    ) -> Self {
        let signatures = |names: &Dictionary<'_>, kind: fn(&str) -> Signature| {
            (0..names.len())
                .map(|place| kind(names.comparable(place)))
                .collect()
        };
        let initial = |letter: u8| {
            let range = given.prefix_range(char::from(letter).encode_utf8(&mut [0; 4]));
            let people = given.count(&range);
            (range, people)
        };
        let first_row = |year: u16| {
            let when = PartialDate::new(year, 0, 0).map_or(u32::MAX, |date| when_of(Some(date)));
            rows.partition_point(|row| row.when < when) as u32
        };
        Self {
            given_signatures: signatures(given, Signature::of_given),
            surname_signatures: signatures(surnames, Signature::of_surname),
            initials: (b'A'..=b'Z').map(initial).collect(),
            years: (FIRST_YEAR..=LAST_YEAR + 1).map(first_row).collect(),
            given: Lookup::new(given),
            surnames: Lookup::new(surnames),
            streets: Lookup::new(streets),
            towns: Lookup::new(towns),
            postcodes: Lookup::new(postcodes),
            kinship: Kinship::default(),
        }
    }

    /// Rows of people born in the years from `first` to `last`.
    pub(crate) fn born_in(&self, first: u16, last: u16) -> Range<u32> {
        let place = |year: u16| {
            let position = usize::from(year.clamp(FIRST_YEAR, LAST_YEAR + 1) - FIRST_YEAR);
            self.years.get(position).copied().unwrap_or_default()
        };
        place(first)..place(last.saturating_add(1))
    }

    /// Given names with the initial `letter`: places, and people.
    pub(crate) fn initial(&self, letter: char) -> Option<&(Range<u32>, u32)> {
        let position = (letter as usize).checked_sub('A' as usize)?;
        self.initials.get(position)
    }
}
