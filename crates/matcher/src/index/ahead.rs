//! Reads ahead what many traces will need. Waiting for memory is most of the time of a trace, and reads that do
//! not depend on each other travel together. Changes no answer.

use std::hint::black_box;
use std::ops::Range;

use super::postings::Key;
use super::read::View;
use crate::PartialDate;

/// Rows that begin in a hundred bytes of memory, about the unit in which it is fetched.
const ROWS_A_LINE: usize = 2;
/// Lines of a day that are read ahead.
const LINES_OF_A_DAY: usize = 32;

impl View<'_> {
    /// Reads ahead where the lists of buckets begin.
    pub(crate) fn read_ahead(&self, wanted: &[(Key, u64)]) {
        let bucket = |(key, hash): &(Key, u64)| (*key, self.postings(*key).place(*hash));
        let buckets: Vec<(Key, Range<usize>)> = wanted.iter().map(bucket).collect();
        for (key, place) in buckets {
            black_box(self.postings(key).rows.get(place.start).copied());
        }
    }

    /// Reads ahead whole rows.
    pub(crate) fn read_ahead_rows(&self, rows: &[u32]) {
        for row in rows {
            black_box(self.row(*row).map(|row| (row.when, row.number)));
        }
    }

    /// Reads ahead the identifiers of people by their primary rows.
    pub(crate) fn read_ahead_ids(wanted: &[(&Self, u32)]) {
        let place = |(view, row): &(&Self, u32)| view.id_offsets.get(*row as usize).copied();
        let places: Vec<Option<u32>> = wanted.iter().map(place).collect();
        for ((view, _), place) in wanted.iter().zip(places) {
            black_box(place.and_then(|place| view.id_text.get(place as usize).copied()));
        }
    }

    /// Reads ahead the rows of days; of a long one only the first, after which a processor sees that
    /// rows are read in order.
    pub(crate) fn read_ahead_days(&self, days: impl Iterator<Item = PartialDate>) {
        let first = |day: Range<u32>| day.step_by(ROWS_A_LINE).take(LINES_OF_A_DAY);
        let days: Vec<Range<u32>> = days.map(|day| self.derived.born_on(day)).collect();
        for row in days.into_iter().flat_map(first) {
            black_box(self.row(row).map(|row| row.when));
        }
    }
}
