//! What an index is like: dates that say little, and people who can never be told apart.

use std::collections::HashMap;

use crate::Index;
use crate::index::{Key, Row, View, hash};

/// Facts about an index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// People.
    pub people: u64,
    /// Without a date of birth.
    pub undated: u64,
    /// Born on 1 January, or with an estimated date.
    pub first_of_january: u64,
    /// Groups of people with the same names, date of birth, sex and address.
    pub indistinct_groups: u64,
    /// People in those groups.
    pub indistinct_people: u64,
    /// Identifiers of the first groups.
    pub indistinct: Vec<Vec<String>>,
}

/// Groups whose identifiers are listed.
const LISTED_MAX: usize = 50;

impl Facts {
    /// Looks at every row once, day of birth by day of birth.
    pub(super) fn of(index: &Index) -> Self {
        let view = index.view();
        let mut facts = Self::default();
        for day in view.rows.chunk_by(|a, b| a.date_bits() == b.date_bits()) {
            let current = || day.iter().filter(|row| !row.is_earlier());
            let count = current().count() as u64;
            facts.people += count;
            facts.first_of_january += current().filter(|row| row.jan1()).count() as u64;
            if day.first().is_some_and(|row| row.date_of_birth().is_none()) {
                facts.undated += count;
            } else {
                facts.add_day(&view, day);
            }
        }
        facts
    }

    fn add_day(&mut self, view: &View<'_>, day: &[Row]) {
        let mut alike: HashMap<u64, Vec<u32>> = HashMap::new();
        for row in day.iter().filter(|row| !row.is_earlier()) {
            alike.entry(looks(view, row)).or_default().push(row.primary);
        }
        let mut groups: Vec<Vec<u32>> = alike
            .into_values()
            .filter(|group| group.len() > 1)
            .collect();
        groups.sort_unstable();
        for group in groups {
            self.indistinct_groups += 1;
            self.indistinct_people += group.len() as u64;
            if self.indistinct.len() < LISTED_MAX {
                let ids = group.iter().map(|row| view.person_id(*row).to_owned());
                let mut ids: Vec<String> = ids.collect();
                ids.sort_unstable();
                self.indistinct.push(ids);
            }
        }
    }
}

/// Everything that a request can say of a person, besides the date of birth and the NHS number.
fn looks(view: &View<'_>, row: &Row) -> u64 {
    hash(&[
        view.given.comparable(row.given).as_bytes(),
        view.given.comparable(row.middle).as_bytes(),
        view.surnames.comparable(row.surname).as_bytes(),
        row.sex().as_str().as_bytes(),
        view.streets.comparable(row.street).as_bytes(),
        view.postcodes.comparable(row.postcode).as_bytes(),
        &row.flat.to_le_bytes(),
        &row.number.to_le_bytes(),
    ])
}

impl Index {
    /// Row of the person whose identifier has this hash.
    pub(super) fn find_key(&self, identifier: u64) -> Option<u32> {
        let view = self.view();
        let bucket = view.bucket(Key::PersonId, identifier);
        let is_it = |row: &u32| crate::evaluate::key(view.person_id(*row)) == identifier;
        bucket.iter().copied().find(is_it)
    }
}
