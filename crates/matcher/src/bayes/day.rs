//! Everybody born on the day asked for, gone through once: who agrees in something more, and how common
//! the names are that day.

use std::ops::Range;

use crate::index::{Row, View, within};

use super::frequency::NAMES_MAX;
use super::query::{NameQuery, Query, TermQuery};
use super::search::born_that_day;

/// People born on the day asked for; nobody when the day is not known in full.
#[derive(Default)]
pub(super) struct Day<'a> {
    /// First row of `rows`.
    first: u32,
    rows: &'a [Row],
    /// Places in `rows` of who agrees in a name, the postcode or the NHS number, to the letter; ascending.
    agreeing: Vec<u32>,
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
        let range = born_that_day(view, query);
        let rows = view.rows.get(range.start as usize..range.end as usize);
        let mut day = Self {
            first: range.start,
            rows: rows.unwrap_or_default(),
            ..Self::default()
        };
        let glance = Glance::new(query);
        let mut born = 0;
        for (place, row) in day.rows.iter().enumerate() {
            born += u32::from(!row.is_earlier());
            if glance.agrees(row) && !view.is_superseded(row.primary) {
                day.agreeing.push(place as u32);
                day.count(row, &glance);
            }
        }
        day.born = born.saturating_sub(within(view.superseded, &range));
        day
    }

    fn count(&mut self, row: &Row, glance: &Glance) {
        let current = u32::from(!row.is_earlier());
        for (asked, bearers) in glance.names().zip(&mut self.bearers) {
            bearers.given += current * u32::from(asked.given.has(row.given));
            bearers.surname += current * u32::from(asked.surname.has(row.surname));
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

    /// Rows that agree in something besides the day.
    pub(super) fn agreeing(&self) -> impl Iterator<Item = (u32, &'a Row)> {
        let row = |place: &u32| Some((self.first + place, self.rows.get(*place as usize)?));
        self.agreeing.iter().filter_map(row)
    }

    /// The other rows, but for those that are like the request in nothing at all.
    pub(super) fn others(&self, view: &View<'_>, query: &Query) -> Vec<(u32, &'a Row)> {
        let likely = Likely::new(view, query);
        let mut agreeing = self.agreeing.iter().peekable();
        let rows = self
            .rows
            .iter()
            .zip(0..)
            .filter(|(row, _)| likely.sees(row));
        let mut is_other = |place: u32| {
            while agreeing.next_if(|agreeing| **agreeing < place).is_some() {}
            agreeing.peek() != Some(&&place)
        };
        rows.filter(|(_, place)| is_other(*place))
            .map(|(row, place)| (self.first + place, row))
            .collect()
    }
}

/// Numbers in the index of what the request says: whatever a row says to the letter, seen at a glance.
struct Glance {
    name: NameGlance,
    other_names: Vec<NameGlance>,
    postcode: Span,
    nhs_stem: Span,
}

#[derive(Clone, Copy)]
struct NameGlance {
    given: Span,
    surname: Span,
}

impl Glance {
    fn new(query: &Query) -> Self {
        let mut names = query.names.iter().map(NameGlance::of);
        let postcode = query.postcode.as_ref();
        Self {
            name: names.next().unwrap_or(NameGlance::NONE),
            other_names: names.collect(),
            postcode: postcode.map_or(Span::NONE, |postcode| Span::of(&postcode.range)),
            nhs_stem: Span {
                first: query.nhs_stem,
                count: u32::from(query.nhs_stem != 0),
            },
        }
    }

    fn names(&self) -> impl Iterator<Item = &NameGlance> {
        std::iter::once(&self.name).chain(&self.other_names)
    }

    fn agrees(&self, row: &Row) -> bool {
        self.name.agrees(row) | self.postcode.has(row.postcode) | self.nhs_stem.has(row.nhs_stem)
            || self.other_names.iter().any(|name| name.agrees(row))
    }
}

impl NameGlance {
    const NONE: Self = Self {
        given: Span::NONE,
        surname: Span::NONE,
    };

    fn of(name: &NameQuery) -> Self {
        let span = |term: &Option<TermQuery>| {
            let term = term.as_ref();
            term.map_or(Span::NONE, |term| Span::of(&term.range))
        };
        Self {
            given: span(&name.given),
            surname: span(&name.surname),
        }
    }

    fn agrees(&self, row: &Row) -> bool {
        self.given.has(row.given) | self.surname.has(row.surname)
    }
}

/// What a row of the day must show to be compared: a house number, an initial, or a name in the other's
/// place.
struct Likely {
    number: Option<u16>,
    names: Vec<NameLikely>,
}

struct NameLikely {
    given: [Span; 2],
    surname: [Span; 2],
}

impl Likely {
    fn new(view: &View<'_>, query: &Query) -> Self {
        let spans = |own: &Option<TermQuery>, other: &Option<TermQuery>| {
            let initial = own.as_ref().map(|term| Span::of(&term.initial_range));
            let misplaced = other
                .as_ref()
                .map(|term| Span::of(&term.misplaced(view).range));
            [initial, misplaced].map(|span| span.unwrap_or(Span::NONE))
        };
        let names = query.names.iter().map(|name| NameLikely {
            given: spans(&name.given, &name.surname),
            surname: spans(&name.surname, &name.given),
        });
        Self {
            number: query.street.as_ref().map(|_| query.numbers.number),
            names: names.collect(),
        }
    }

    fn sees(&self, row: &Row) -> bool {
        self.number == Some(row.number) || self.names.iter().any(|name| name.sees(row))
    }
}

impl NameLikely {
    fn sees(&self, row: &Row) -> bool {
        let [initial, misplaced] = self.given;
        let [surname_initial, surname_misplaced] = self.surname;
        initial.has(row.given)
            | misplaced.has(row.given)
            | surname_initial.has(row.surname)
            | surname_misplaced.has(row.surname)
    }
}

/// Some numbers in a row.
#[derive(Clone, Copy)]
struct Span {
    first: u32,
    count: u32,
}

impl Span {
    const NONE: Self = Self { first: 0, count: 0 };

    fn of(range: &Range<u32>) -> Self {
        Self {
            first: range.start,
            count: range.end - range.start,
        }
    }

    fn has(self, number: u32) -> bool {
        number.wrapping_sub(self.first) < self.count
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
