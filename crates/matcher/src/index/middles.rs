//! How common each middle name is. The dictionary counts first given names only, and a name such as
//! Singh, Kaur or Marie stands almost always in the middle.

use std::ops::Range;

use super::dictionary::{Dictionary, within};
use super::read::View;
use super::row::Row;

/// People by middle name, counted when an index is opened.
#[derive(Debug, Default)]
pub(crate) struct Middles {
    /// By place in the dictionary of given names.
    counts: Vec<u32>,
    /// People who have a middle name.
    people: u32,
}

impl Middles {
    pub(super) fn new(rows: &[Row], given: &Dictionary<'_>) -> Self {
        let mut middles = Self {
            counts: vec![0; given.len() as usize],
            people: 0,
        };
        let held = rows
            .iter()
            .filter(|row| row.middle != 0 && !row.is_earlier());
        for row in held {
            if let Some(count) = middles.counts.get_mut(row.middle as usize) {
                *count += 1;
                middles.people += 1;
            }
        }
        middles
    }

    /// People whose middle name is one of `names`.
    pub(super) fn count(&self, names: &Range<u32>) -> u32 {
        let names = names.start as usize..(names.end as usize).min(self.counts.len());
        let counts = self.counts.get(names).unwrap_or_default();
        counts.iter().sum()
    }
}

impl View<'_> {
    /// People who have a middle name.
    pub(crate) fn with_middle_name(&self) -> u32 {
        let gone = self.middles_gone.len() as u32;
        self.derived.middles.people.saturating_sub(gone)
    }

    /// People whose middle name is one of `names`.
    pub(crate) fn middle_names(&self, names: &Range<u32>) -> u32 {
        let count = self.derived.middles.count(names);
        count.saturating_sub(within(self.middles_gone, names))
    }

    /// Middle names of this initial, and the people who have one of them.
    pub(crate) fn middle_initial(&self, letter: char) -> (Range<u32>, u32) {
        let initial = self.derived.middle_initials.of(letter);
        let (names, people) = initial.cloned().unwrap_or_default();
        let gone = within(self.middles_gone, &names);
        (names, people.saturating_sub(gone))
    }

    /// People whose given name has this initial.
    pub(crate) fn given_initial(&self, letter: char) -> u32 {
        let initial = self.derived.given_initials.of(letter);
        initial.map_or(0, |(names, people)| {
            people.saturating_sub(within(self.given.gone, names))
        })
    }
}
