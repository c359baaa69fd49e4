//! What an open index knows beyond its file: lookups that are quick to make and would only enlarge it.

use std::ops::Range;

use super::cards::Card;
use super::compounds::Compounds;
use super::dictionary::Dictionary;
use super::kinship::Kinship;
use super::middles::Middles;
use super::postings::Hash;
use super::row::{Row, when_of_packed};
use crate::PartialDate;
use crate::compare::name::Signature;

/// Lookups made when an index is opened.
#[derive(Debug)]
pub(crate) struct Derived {
    pub given: Lookup,
    pub surnames: Lookup,
    pub streets: Lookup,
    pub towns: Lookup,
    pub postcodes: Lookup,
    pub given_cards: Vec<Card>,
    pub surname_cards: Vec<Card>,
    pub street_cards: Vec<Card>,
    pub postcode_cards: Vec<Card>,
    pub given_initials: Initials,
    /// People by initial of the middle name.
    pub middle_initials: Initials,
    pub middles: Middles,
    /// Given names of more than one word.
    pub compounds: Compounds,
    pub surname_initials: Initials,
    /// Relatives of people who are also in the index.
    pub kinship: Kinship,
    /// First row of each packed date, and the end.
    days: Vec<u32>,
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
        let start = Hash::of(text).finish() as usize & mask;
        for step in 0..self.slots.len() {
            if let Some(slot @ 0) = self.slots.get_mut((start + step) & mask) {
                *slot = place + 1;
                return;
            }
        }
    }

    /// First entry that may compare as the text of this hash.
    fn first(&self, hash: Hash) -> u32 {
        let mask = self.slots.len() - 1;
        let slot = self.slots.get(hash.finish() as usize & mask);
        slot.copied().unwrap_or_default().saturating_sub(1)
    }

    /// Reads ahead what [`Self::range`] will read for each text.
    pub(crate) fn read_ahead(wanted: &[(&Self, &Dictionary<'_>, Hash)]) {
        let place = |(lookup, _, hash): &(&Self, &Dictionary<'_>, Hash)| lookup.first(*hash);
        let places: Vec<u32> = wanted.iter().map(place).collect();
        for ((_, dictionary, _), place) in wanted.iter().zip(&places) {
            dictionary.read_ahead(*place);
        }
    }

    /// People in `dictionary` whose current details hold entry `number` of `other`, as it is written.
    pub(crate) fn count_of(
        &self,
        dictionary: &Dictionary<'_>,
        other: &Dictionary<'_>,
        number: u32,
    ) -> u32 {
        let mut alike = self.range(dictionary, other.comparable(number));
        let same = alike.find(|place| dictionary.written(*place) == other.written(number));
        same.map_or(0, |place| dictionary.count_of(place))
    }

    /// Numbers of all entries of `dictionary` that compare as `text`.
    pub(crate) fn range(&self, dictionary: &Dictionary<'_>, text: &str) -> Range<u32> {
        self.range_of(dictionary, (text, Hash::of(text)))
    }

    /// The same of a text whose hash is known.
    pub(crate) fn range_of(
        &self,
        dictionary: &Dictionary<'_>,
        (text, hash): (&str, Hash),
    ) -> Range<u32> {
        let mask = self.slots.len() - 1;
        let start = hash.finish() as usize & mask;
        for step in 0..self.slots.len() {
            let place = match self.slots.get((start + step) & mask) {
                None | Some(0) => break,
                Some(place) => place - 1,
            };
            if dictionary.compares_as(place, text) {
                let mut end = place + 1;
                while dictionary.compares_as(end, text) {
                    end += 1;
                }
                return place..end;
            }
        }
        0..0
    }
}

/// First row of each packed date, and the end; rows ascend by date.
fn first_rows(rows: &[Row]) -> Vec<u32> {
    let mut first = 0;
    let mut starts = Vec::with_capacity(PartialDate::PACKED_END as usize + 1);
    for packed in 0..=PartialDate::PACKED_END {
        let when = when_of_packed(packed);
        let rest = rows.get(first..).unwrap_or_default();
        // Days are short: the next one is near.
        let mut step = 1;
        while rest.get(step).is_some_and(|row| row.when < when) {
            step *= 2;
        }
        let near = rest.get(..step.min(rest.len())).unwrap_or_default();
        first += near.partition_point(|row| row.when < when);
        starts.push(first as u32);
    }
    starts
}

impl Derived {
    pub(super) fn new(
        rows: &[Row],
        [given, surnames, streets, towns, postcodes]: [&Dictionary<'_>; 5],
    ) -> Self {
        let middles = Middles::new(rows, given);
        Self {
            middle_initials: Initials::new(given, |names| middles.count(names)),
            middles,
            compounds: Compounds::new(given),
            given_cards: Card::all(given, Signature::of_given),
            surname_cards: Card::all(surnames, Signature::of_surname),
            street_cards: Card::all(streets, |_| Signature::EMPTY),
            postcode_cards: Card::all(postcodes, |_| Signature::EMPTY),
            given_initials: Initials::new(given, |names| given.count(names)),
            surname_initials: Initials::new(surnames, |names| surnames.count(names)),
            days: first_rows(rows),
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
        let first = PartialDate::first_packed(first);
        let end = PartialDate::first_packed(last.saturating_add(1));
        self.first_row(first)..self.first_row(end)
    }

    /// Rows of people born on `date`, as far as it is known.
    pub(crate) fn born_on(&self, date: PartialDate) -> Range<u32> {
        self.born_between(date.packed()..date.packed() + 1)
    }

    /// Rows of people born on one of these packed dates.
    pub(crate) fn born_between(&self, packed: Range<u32>) -> Range<u32> {
        self.first_row(packed.start)..self.first_row(packed.end)
    }

    fn first_row(&self, packed: u32) -> u32 {
        let last = self.days.last();
        let row = self.days.get(packed as usize).or(last);
        row.copied().unwrap_or_default()
    }
}

/// Names by initial, A to Z: places in the dictionary, and people.
#[derive(Debug)]
pub(crate) struct Initials(Vec<(Range<u32>, u32)>);

impl Initials {
    fn new(names: &Dictionary<'_>, people: impl Fn(&Range<u32>) -> u32) -> Self {
        let of = |letter: u8| {
            let range = names.prefix_range(char::from(letter).encode_utf8(&mut [0; 4]));
            let people = people(&range);
            (range, people)
        };
        Self((b'A'..=b'Z').map(of).collect())
    }

    /// Names with the initial `letter`; `None` outside A to Z.
    pub(crate) fn of(&self, letter: char) -> Option<&(Range<u32>, u32)> {
        let position = (letter as usize).checked_sub('A' as usize)?;
        self.0.get(position)
    }
}
