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

/// One way of finding rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchKey {
    /// The date of birth asked for.
    Birth,
    /// The NHS number.
    Number,
    /// The surname, and the initial of the given name.
    Surname,
    /// The given name, and the initial of the surname.
    GivenName,
    /// The postcode.
    Postcode,
    /// Street and number.
    Premises,
}

impl SearchKey {
    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Birth => "date of birth",
            Self::Number => "NHS number",
            Self::Surname => "surname and initial of the given name",
            Self::GivenName => "given name and initial of the surname",
            Self::Postcode => "postcode",
            Self::Premises => "street and number",
        }
    }

    /// In the order in which a search uses them; the date of birth comes first.
    pub const ALL: [Self; 6] = [
        Self::Birth,
        Self::Number,
        Self::Surname,
        Self::GivenName,
        Self::Postcode,
        Self::Premises,
    ];

    /// Adds the rows that share this key with the request.
    pub(super) fn find(self, view: &View<'_>, query: &Query, rows: &mut Vec<u32>) {
        match self {
            Self::Birth => rows.extend(day(view, query)),
            Self::Number => by_number(view, query, rows),
            Self::Surname => by_name(view, query, Key::Surname, rows),
            Self::GivenName => by_name(view, query, Key::GivenName, rows),
            Self::Postcode => by_postcode(view, query, rows),
            Self::Premises => by_premises(view, query, rows),
        }
    }
}

pub(super) fn search<'a>(view: &View<'a>, query: &mut Query) -> Found<'a> {
    let mut rows = Vec::with_capacity(256);
    let [_, others @ ..] = SearchKey::ALL;
    let day = day(view, query);
    rows.extend(day.clone());
    for key in others {
        let before = rows.len();
        key.find(view, query, &mut rows);
        query.nhs_known |= key == SearchKey::Number && rows.len() > before;
    }
    rows.sort_unstable();
    rows.dedup();
    let day = view
        .rows
        .get(day.start as usize..day.end as usize)
        .unwrap_or_default();
    Found { rows, day }
}

fn day(view: &View<'_>, query: &Query) -> Range<u32> {
    let Some(birth) = query.birth.filter(|birth| birth.is_full()) else {
        return 0..0;
    };
    let when = when_of(Some(birth));
    view.born(when..when + (1 << 12))
}

fn by_number(view: &View<'_>, query: &Query, rows: &mut Vec<u32>) {
    if query.nhs_stem == 0 {
        return;
    }
    let bucket = view.bucket(Key::NhsNumber, hash(&[&query.nhs_stem.to_le_bytes()]));
    let holds = |row: &&u32| {
        view.row(**row)
            .is_some_and(|row| row.nhs_stem == query.nhs_stem)
    };
    rows.extend(bucket.iter().filter(holds));
}

/// Rows with one whole name of the request in its own place, or in the other's.
fn by_name(view: &View<'_>, query: &Query, key: Key, rows: &mut Vec<u32>) {
    for name in &query.names {
        let text = |term: &Option<TermQuery>| {
            term.as_ref()
                .map(|term| term.side.text.clone())
                .unwrap_or_default()
        };
        let (given, surname) = (text(&name.given), text(&name.surname));
        by_names(view, query, key, (&surname, &given), rows);
        by_names(view, query, key, (&given, &surname), rows);
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

fn by_postcode(view: &View<'_>, query: &Query, rows: &mut Vec<u32>) {
    if let Some(postcode) = &query.postcode {
        let list = view.bucket(Key::Postcode, hash(&[postcode.text.as_bytes()]));
        rows.extend(list.iter().take(LIST_MAX));
    }
}

fn by_premises(view: &View<'_>, query: &Query, rows: &mut Vec<u32>) {
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
