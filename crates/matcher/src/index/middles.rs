//! How common each middle name is. The dictionary counts first given names only, and a name such as
//! Singh, Kaur or Marie stands almost always in the middle.

use std::ops::Range;

use super::dictionary::Dictionary;
use super::row::Row;

/// People by middle name, counted when an index is opened.
#[derive(Debug, Default)]
pub(crate) struct Middles {
    /// By place in the dictionary of given names.
    counts: Vec<u32>,
    /// People who have a middle name.
    pub people: f64,
}

impl Middles {
    pub(super) fn new(rows: &[Row], given: &Dictionary<'_>) -> Self {
        let mut middles = Self {
            counts: vec![0; given.len() as usize],
            people: 0.0,
        };
        let held = rows
            .iter()
            .filter(|row| row.middle != 0 && !row.is_earlier());
        for row in held {
            if let Some(count) = middles.counts.get_mut(row.middle as usize) {
                *count += 1;
                middles.people += 1.0;
            }
        }
        middles
    }

    /// People whose middle name is one of `names`.
    pub(crate) fn count(&self, names: &Range<u32>) -> f64 {
        let names = names.start as usize..(names.end as usize).min(self.counts.len());
        let counts = self.counts.get(names).unwrap_or_default();
        counts.iter().map(|count| f64::from(*count)).sum()
    }
}
