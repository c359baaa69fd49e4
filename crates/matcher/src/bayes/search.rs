//! Finds the rows that could be the person asked about.

use std::ops::Range;

use crate::PartialDate;
use crate::compare::birth::{self, BirthLikeness};
use crate::index::{Key, Row, View, hash, name_hash, when_of};

use super::query::{Query, TermQuery};

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
        let text = |term: &Option<TermQuery>| {
            term.as_ref()
                .map(|term| term.side.text.clone())
                .unwrap_or_default()
        };
        let (given, surname) = (text(&name.given), text(&name.surname));
        for (given, surname) in [(&given, &surname), (&surname, &given)] {
            by_names(view, query, Key::Surname, (surname, given), rows);
            by_names(view, query, Key::GivenName, (given, surname), rows);
        }
    }
}

fn by_names(
    view: &View<'_>,
    query: &Query,
    key: Key,
    (whole, other): (&str, &str),
    rows: &mut Vec<u32>,
) {
    if whole.is_empty() {
        return;
    }
    let list = view.bucket(key, name_hash(whole, other));
    match query.birth {
        Some(birth) if list.len() > LIST_SHORT => born_about(view, list, birth, rows),
        _ => rows.extend(list.iter().take(LIST_MAX)),
    }
}

/// Whoever bears a common name and was born on quite another day is somebody else. Rows stand in order
/// of birth, so that the years of likely slips are a few short pieces of the list.
fn born_about(view: &View<'_>, list: &[u32], birth: PartialDate, rows: &mut Vec<u32>) {
    let year = birth.year();
    let undated = 0..view.derived.born_in(0, 0).start;
    let years = [
        (year - 10, year - 10),
        (year - 1, year + 1),
        (year + 10, year + 10),
    ];
    let years = years.map(|(first, last)| view.derived.born_in(first, last));
    for range in std::iter::once(undated).chain(years) {
        let from = list.partition_point(|row| *row < range.start);
        let to = list.partition_point(|row| *row < range.end);
        let piece = list.get(from..to).unwrap_or_default();
        rows.extend(piece.iter().filter(|row| {
            let held = view.row(**row).and_then(Row::date_of_birth);
            held.is_none_or(|held| birth::compare(birth, held) != BirthLikeness::Different)
        }));
    }
}

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
