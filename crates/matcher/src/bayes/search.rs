//! Finds the rows that could be the person asked about.

use std::ops::Range;

use crate::PartialDate;
use crate::index::{Key, View};

use super::ascending::{add_in, add_in_both};
use super::query::Query;

/// Rows of one search list that are looked at. The longest lists are of common names without a
/// date of birth, which cannot single out anybody.
const LIST_MAX: usize = 20_000;

/// A list of this length is looked at as a whole, even where the day of birth is quite another.
const LIST_SHORT: usize = 24;

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

    /// All of them.
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
            Self::Birth => rows.extend(born_that_day(view, query)),
            Self::Number => by_number(view, query, rows),
            Self::Surname => by_name(view, query, Key::Surname, rows),
            Self::GivenName => by_name(view, query, Key::GivenName, rows),
            Self::Postcode => rows.extend(by_postcode(view, query).iter().take(LIST_MAX)),
            Self::Premises => rows.extend(by_premises(view, query).iter().take(LIST_MAX)),
        }
    }
}

/// Rows of people born on the day asked for; none when it is not known in full.
pub(super) fn born_that_day(view: &View<'_>, query: &Query) -> Range<u32> {
    let birth = query.birth.filter(|birth| birth.is_full());
    birth.map_or(0..0, |birth| view.derived.born_on(birth))
}

/// Another look: rows of people who share a name or a postcode with the request.
pub(super) type Look = fn(&View<'_>, &Query, &mut Vec<u32>);

/// The widest look, for a request that is wrong in more: who bears one of its names, or lives at its
/// postcode, and is of about that age.
pub(super) fn of_that_age(view: &View<'_>, query: &Query, rows: &mut Vec<u32>) {
    by_name(view, query, Key::Surname, rows);
    by_name(view, query, Key::GivenName, rows);
    add_of_that_age(view, query, by_postcode(view, query), rows);
}

/// Whoever has the number asked for.
pub(super) fn by_number(view: &View<'_>, query: &Query, rows: &mut Vec<u32>) {
    rows.extend(view.holders(query.nhs_stem).map(|(number, _)| number));
}

/// Rows with one whole name of the request.
fn by_name(view: &View<'_>, query: &Query, key: Key, rows: &mut Vec<u32>) {
    for name in &query.names {
        if let Some(hash) = name.list(key) {
            add_of_that_age(view, query, view.bucket(key, hash), rows);
        }
    }
}

/// Is a list longer than one that is looked at as a whole, not counting who is superseded?
fn is_long(view: &View<'_>, list: &[u32]) -> bool {
    let current = || list.iter().filter(|row| view.is_current(**row));
    list.len() > LIST_SHORT && (view.superseded.is_empty() || current().nth(LIST_SHORT).is_some())
}

/// Of a long list those of about that age: whoever bears a common name and was born on quite another day
/// is somebody else.
fn add_of_that_age(view: &View<'_>, query: &Query, list: &[u32], rows: &mut Vec<u32>) {
    match query.birth {
        Some(birth) if is_long(view, list) => {
            let about = query.born_about.get_or_init(|| born_about(view, birth));
            add_in(list, about, rows);
        }
        _ => rows.extend(list.iter().take(LIST_MAX)),
    }
}

/// Rows of nobody's date of birth, and of the likely slips of `birth`: rows stand in order of birth, so
/// that they are a few ranges, ascending.
fn born_about(view: &View<'_>, birth: PartialDate) -> Vec<Range<u32>> {
    let undated = 0..view.derived.born_in(0, 0).start;
    let slips = likely_slips(birth).into_iter();
    let rows = slips.map(|packed| view.derived.born_between(packed));
    std::iter::once(undated).chain(rows).collect()
}

/// Packed dates that compare as like `birth`, of its year, the years beside it and those ten years away;
/// ascending ranges. 1 January and a year alone are like the whole year.
fn likely_slips(birth: PartialDate) -> Vec<Range<u32>> {
    let (year, month, day) = (birth.year(), birth.month(), birth.day());
    let packed = |year, month: u8, day: u8| {
        PartialDate::first_packed(year) + u32::from(month) * 32 + u32::from(day)
    };
    let one = |packed: u32| packed..packed + 1;
    let other_years = |years: [u16; 2]| {
        let years = years.into_iter().filter(|_| birth.is_full());
        years.map(|year| one(packed(year, month, day)))
    };
    let mut slips: Vec<Range<u32>> = other_years([year - 10, year - 1]).collect();
    if month == 0 || birth.is_first_of_january() {
        slips.push(packed(year, 0, 0)..packed(year + 1, 0, 0));
    } else {
        slips.push(one(packed(year, 0, 0)));
        for other in 1..=12 {
            let mut days = [
                u8::from(other == 1 && birth.is_full()),
                day,
                if other == day { month } else { 0 },
            ];
            days.sort_unstable();
            match other == month {
                true => slips.push(packed(year, month, 0)..packed(year, month + 1, 0)),
                false => slips.extend(
                    days.iter()
                        .filter(|day| **day != 0)
                        .map(|day| one(packed(year, other, *day))),
                ),
            }
        }
    }
    slips.extend(other_years([year + 1, year + 10]));
    slips.dedup();
    slips
}

/// Rows that may have the postcode asked for.
fn by_postcode<'a>(view: &View<'a>, query: &Query) -> &'a [u32] {
    query
        .postcode
        .as_ref()
        .map_or(&[], |postcode| view.bucket(Key::Postcode, postcode.hash))
}

fn by_premises<'a>(view: &View<'a>, query: &Query) -> &'a [u32] {
    match &query.street {
        Some(street) if query.numbers.number != 0 => view.bucket(Key::Premises, street.premises),
        _ => &[],
    }
}

/// Who lives at the premises: those of the postcode asked for, or of any postcode if it has none such.
pub(super) fn at_home(view: &View<'_>, query: &Query, rows: &mut Vec<u32>) {
    let premises = by_premises(view, query);
    let before = rows.len();
    add_in_both(by_postcode(view, query), premises, rows);
    let mut found = rows.iter().skip(before);
    if !found.any(|row| view.is_current(*row)) {
        rows.extend(premises.iter().take(LIST_MAX));
    }
}

#[cfg(test)]
mod tests;
