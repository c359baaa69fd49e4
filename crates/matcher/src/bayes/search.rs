//! Finds the rows that could be the person asked about.

use std::ops::Range;

use crate::PartialDate;
use crate::compare::birth::{self, BirthLikeness};
use crate::index::{Key, Row, View, hash, when_of};

use super::query::Query;

/// Rows of one search list that are looked at. The longest lists are of common names without a
/// date of birth, which cannot single out anybody.
const LIST_MAX: usize = 20_000;

/// A list of this length is looked at as a whole, even where the day of birth is quite another.
const LIST_SHORT: usize = 24;

/// Rows that share enough with the request to be compared, ascending and without repeats.
pub(super) struct Found<'a> {
    pub rows: Vec<u32>,
    /// Everybody born on the day asked for.
    pub day: &'a [Row],
}

pub(super) fn search<'a>(view: &View<'a>, query: &mut Query) -> Found<'a> {
    let mut rows = Vec::with_capacity(256);
    let day = query
        .birth
        .filter(|birth| birth.is_full())
        .map_or(0..0, |birth| day(view, birth));
    rows.extend(day.clone());
    by_number(view, query, &mut rows);
    by_name(view, query, &mut rows);
    by_place(view, query, &mut rows);
    rows.sort_unstable();
    rows.dedup();
    let day = view
        .rows
        .get(day.start as usize..day.end as usize)
        .unwrap_or_default();
    Found { rows, day }
}

fn day(view: &View<'_>, birth: PartialDate) -> Range<u32> {
    let when = when_of(Some(birth));
    view.born(when..when + (1 << 12))
}

fn by_number(view: &View<'_>, query: &mut Query, rows: &mut Vec<u32>) {
    if query.nhs_stem == 0 {
        return;
    }
    let bucket = view.bucket(Key::NhsNumber, hash(&[&query.nhs_stem.to_le_bytes()]));
    let holds = |row: &&u32| {
        view.row(**row)
            .is_some_and(|row| row.nhs_stem == query.nhs_stem)
    };
    let before = rows.len();
    rows.extend(bucket.iter().filter(holds));
    query.nhs_known = rows.len() > before;
}

fn by_name(view: &View<'_>, query: &Query, rows: &mut Vec<u32>) {
    for name in &query.names {
        let (Some(given), Some(surname)) = (&name.given, &name.surname) else {
            continue;
        };
        for (first, last) in [(given, surname), (surname, given)] {
            let key = hash(&[last.side.text.as_bytes(), first.side.text.as_bytes()]);
            let list = view.bucket(Key::Name, key).iter().take(LIST_MAX);
            match list.len() > LIST_SHORT {
                true => rows.extend(list.filter(|row| may_be_born(view, query, **row))),
                false => rows.extend(list),
            }
        }
    }
}

/// Whoever bears the name and was born on quite another day is somebody else. Rows stand in order of
/// birth, so that most are told by their number.
fn may_be_born(view: &View<'_>, query: &Query, row: u32) -> bool {
    let Some(asked) = query.birth else {
        return true;
    };
    let undated = view.derived.born_in(0, 0).start;
    let years = view
        .derived
        .born_in(asked.year() - YEARS_AROUND, asked.year() + YEARS_AROUND);
    if row >= undated && !years.contains(&row) {
        return false;
    }
    let held = view.row(row).and_then(Row::date_of_birth);
    held.is_none_or(|held| birth::compare(asked, held) != BirthLikeness::Different)
}

/// A wrong decade is the farthest slip that still says something.
const YEARS_AROUND: u16 = 10;

fn by_place(view: &View<'_>, query: &Query, rows: &mut Vec<u32>) {
    if let Some(postcode) = &query.postcode {
        let list = view.bucket(Key::Postcode, hash(&[postcode.text.as_bytes()]));
        rows.extend(list.iter().take(LIST_MAX));
    }
    if let Some(street) = &query.street
        && query.numbers.number != 0
    {
        let number = query.numbers.number.to_le_bytes();
        let list = view.bucket(
            Key::Premises,
            hash(&[&number, street.side.compact.as_bytes()]),
        );
        rows.extend(list.iter().take(LIST_MAX));
    }
}
