//! What one request finds in an index, and beside it in the people of a delta: all of them compete.
//!
//! Both are searched alike, and how common a value is, both tell together.

use crate::Terms;
use crate::index::{Part, Parts, View};

use super::super::asked::Asked;
use super::super::day::Day;
use super::super::evidence::Comparison;
use super::super::frequency::{File, Frequencies};
use super::super::model::Model;
use super::super::query::Query;

/// One file, compared with one request.
pub(super) struct Side<'a> {
    pub part: &'a Part<'a>,
    pub comparison: &'a Comparison<'a>,
    pub day: &'a Day<'a>,
}

/// What the first look into one file finds.
pub(super) struct Found<'a> {
    part: &'a Part<'a>,
    query: Query,
    day: Day<'a>,
}

impl<'a> Found<'a> {
    /// In the index itself.
    pub(super) fn first(parts: &'a Parts<'a>, asked: Asked<'_>) -> Self {
        Self::new(&parts.base, asked)
    }

    fn new(part: &'a Part<'a>, asked: Asked<'_>) -> Self {
        let query = Query::new(&part.view, asked);
        Self {
            day: Day::new(&part.view, &query),
            query,
            part,
        }
    }

    /// The people of a delta, to be weighed beside those of its index.
    fn beside(part: &'a Part<'a>, terms: &Terms, base: &mut Self) -> Self {
        let mut later = Self::new(part, Asked::new(terms));
        later
            .query
            .count_together(&later.part.view, (&mut base.query, &base.part.view));
        let known = base.query.nhs_known || later.query.nhs_known;
        (base.query.nhs_known, later.query.nhs_known) = (known, known);
        later
    }

    fn file(&self) -> File<'_> {
        (&self.part.view, &self.query, &self.day)
    }

    fn side(&'a self, comparison: &'a Comparison<'a>) -> Side<'a> {
        Side {
            part: self.part,
            comparison,
            day: &self.day,
        }
    }
}

impl<'a> Found<'a> {
    /// Reads ahead what weighing the nearest of all of `found` needs. Changes no answer.
    pub(super) fn read_ahead(found: &[Self]) {
        for one in found {
            let view = &one.part.view;
            view.read_ahead_rows(one.query.sample_of_pairs(view, 0, one.day.first()).0);
        }
        let nearest = found.iter().flat_map(|one| {
            let rows = one.day.agreeing();
            rows.map(|(_, row)| (&one.part.view, row.primary))
        });
        View::read_ahead_ids(&nearest.collect::<Vec<_>>());
    }

    /// Compares a request with the people of all `parts`, of which this found the first, and hands what
    /// there is to `weigh`.
    pub(super) fn compared<T>(
        mut self,
        parts: &'a Parts<'a>,
        model: &Model,
        terms: &Terms,
        weigh: impl FnOnce(&[Side<'_>]) -> T,
    ) -> T {
        let later = parts.later.as_ref();
        let later = later.map(|part| Found::beside(part, terms, &mut self));
        let Some(later) = &later else {
            let frequencies = Frequencies::new(&[self.file()]);
            let comparison = Comparison::new(&self.part.view, model, &self.query, frequencies);
            return weigh(&[self.side(&comparison)]);
        };
        let frequencies = Frequencies::new(&[self.file(), later.file()]);
        let (one, two) = (&self.part.view, &later.part.view);
        let of_base = Comparison::new(one, model, &self.query, frequencies).beside(two);
        let of_later = Comparison::new(two, model, &later.query, frequencies).beside(one);
        weigh(&[self.side(&of_base), later.side(&of_later)])
    }
}
