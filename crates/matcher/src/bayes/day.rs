//! Everybody born on the day asked for, gone through once: who agrees in something more, and how common
//! the names are that day.

use std::ops::Range;

use crate::index::{Row, View};

use super::frequency::NAMES_MAX;
use super::query::{NameQuery, Query, TermQuery};

/// People born on the day asked for; nobody when the day is not known in full.
#[derive(Default)]
pub(super) struct Day<'a> {
    /// First row of `rows`.
    first: u32,
    rows: &'a [Row],
    /// Places in `rows` of those who agree in anything besides the day, to the letter; ascending.
    agreeing: Vec<usize>,
    /// People, each by the current details alone.
    pub born: u32,
    /// By name of the request.
    pub bearers: [Bearers; NAMES_MAX],
}

/// People of the day, each by the current details alone, who bear one of the names asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bearers {
    pub given: u32,
    pub surname: u32,
}

impl<'a> Day<'a> {
    pub(super) fn new(view: &View<'a>, query: &Query) -> Self {
        let birth = query.birth.filter(|birth| birth.is_full());
        let range = birth.map_or(0..0, |birth| view.derived.born_on(birth));
        let rows = view.rows.get(range.start as usize..range.end as usize);
        let mut day = Self {
            first: range.start,
            rows: rows.unwrap_or_default(),
            ..Self::default()
        };
        for (place, row) in day.rows.iter().enumerate() {
            day.count(place, row, query);
        }
        day
    }

    fn count(&mut self, place: usize, row: &Row, query: &Query) {
        let mut agrees = query.has_number_of(row) || query.has_postcode_of(row);
        let current = u32::from(!row.is_earlier());
        self.born += current;
        for (position, name) in query.names.iter().enumerate() {
            let (given, surname) = (name.has_given_of(row), name.has_surname_of(row));
            agrees |= given || surname;
            if let Some(bearers) = self.bearers.get_mut(position) {
                bearers.given += current * u32::from(given);
                bearers.surname += current * u32::from(surname);
            }
        }
        if agrees {
            self.agreeing.push(place);
        }
    }

    /// First row of the day, or the place where it would be.
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// Rows of the day.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn contains(&self, row: u32) -> bool {
        self.range().contains(&row)
    }

    fn range(&self) -> Range<u32> {
        self.first..self.first + self.rows.len() as u32
    }

    /// Rows that agree in anything besides the day.
    pub(super) fn agreeing(&self) -> impl Iterator<Item = (u32, &'a Row)> {
        let rows = self.agreeing.iter();
        rows.filter_map(|place| Some((self.first + *place as u32, self.rows.get(*place)?)))
    }

    /// The other rows.
    pub(super) fn others(&self) -> impl Iterator<Item = (u32, &'a Row)> {
        let mut agreeing = self.agreeing.iter().peekable();
        let rows = self.range().zip(self.rows).enumerate();
        rows.filter_map(move |(place, row)| match agreeing.next_if_eq(&&place) {
            Some(_) => None,
            None => Some(row),
        })
    }
}

impl Query {
    pub(super) fn has_number_of(&self, row: &Row) -> bool {
        self.nhs_stem != 0 && row.nhs_stem == self.nhs_stem
    }

    pub(super) fn has_postcode_of(&self, row: &Row) -> bool {
        let postcode = self.postcode.as_ref();
        postcode.is_some_and(|one| one.range.contains(&row.postcode))
    }
}

impl NameQuery {
    fn has_given_of(&self, row: &Row) -> bool {
        holds(&self.given, row.given)
    }

    fn has_surname_of(&self, row: &Row) -> bool {
        holds(&self.surname, row.surname)
    }
}

fn holds(term: &Option<TermQuery>, number: u32) -> bool {
    term.as_ref()
        .is_some_and(|term| term.range.contains(&number))
}
