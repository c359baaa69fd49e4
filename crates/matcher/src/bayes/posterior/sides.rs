//! What one request finds in an index, and beside it in the people of a delta: all of them compete.
//!
//! Both are searched alike, and how common a value is, both tell together.

use crate::Terms;
use crate::index::{Part, Parts};

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
struct Found<'a> {
    part: &'a Part<'a>,
    query: Query,
    day: Day<'a>,
}

impl<'a> Found<'a> {
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

/// Compares a request with the people of all `parts`, and hands what there is to `weigh`.
pub(super) fn compared<T>(
    parts: &Parts<'_>,
    model: &Model,
    asked: Asked<'_>,
    weigh: impl FnOnce(&[Side<'_>]) -> T,
) -> T {
    let terms = asked.terms;
    let mut base = Found::new(&parts.base, asked);
    let later = parts.later.as_ref();
    let later = later.map(|part| Found::beside(part, terms, &mut base));
    let Some(later) = &later else {
        let frequencies = Frequencies::new(&[base.file()]);
        let comparison = Comparison::new(&base.part.view, model, &base.query, frequencies);
        return weigh(&[base.side(&comparison)]);
    };
    let frequencies = Frequencies::new(&[base.file(), later.file()]);
    let (one, two) = (&base.part.view, &later.part.view);
    let of_base = Comparison::new(one, model, &base.query, frequencies).beside(two);
    let of_later = Comparison::new(two, model, &later.query, frequencies).beside(one);
    weigh(&[base.side(&of_base), later.side(&of_later)])
}
