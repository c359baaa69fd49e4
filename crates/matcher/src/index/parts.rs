//! What a trace looks through: one index, or an index and the people of a delta beside it.

use super::{Current, Index, Key, Row, View, hash};
use crate::{NhsNumber, Person};

/// The people that a trace looks through, of an [`Index`] or of a [`Current`].
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    pub(crate) base: Part<'a>,
    pub(crate) later: Option<Part<'a>>,
}

/// One file of those that are looked through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub view: View<'a>,
    /// Number of its first row among the rows of all parts.
    pub first: u32,
}

impl<'a> From<&'a Index> for Parts<'a> {
    fn from(index: &'a Index) -> Self {
        let base = Part {
            view: index.view(),
            first: 0,
        };
        Self { base, later: None }
    }
}

impl<'a> From<&'a Current> for Parts<'a> {
    fn from(current: &'a Current) -> Self {
        current.parts()
    }
}

impl<'a> Parts<'a> {
    /// The files, in the order of their rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Part<'a>> {
        std::iter::once(&self.base).chain(&self.later)
    }

    /// The row that has or had this number: a current one before an earlier one, then the later.
    pub(crate) fn holder(&self, number: NhsNumber) -> Option<(&Part<'a>, &'a Row)> {
        let parts = self.later.iter().chain(std::iter::once(&self.base));
        let holders = parts.filter_map(|part| Some((part, part.holder(number)?)));
        holders.min_by_key(|(_, row)| row.is_earlier_number())
    }

    /// Everything held about the person at `row`.
    pub(super) fn person(&self, row: u32) -> Option<Person> {
        let later = self.later.as_ref().filter(|later| row >= later.first);
        let part = later.unwrap_or(&self.base);
        let person = part.view.person(row - part.first)?;
        let primary = part.view.row(row - part.first)?.primary;
        (!part.view.is_superseded(primary)).then_some(person)
    }

    /// Row of the person with this source identifier.
    pub(super) fn find(&self, person_id: &str) -> Option<u32> {
        let in_part = |part: &Part<'_>| Some(part.first + part.find(person_id)?);
        self.iter().find_map(in_part)
    }
}

impl<'a> Part<'a> {
    fn find(&self, person_id: &str) -> Option<u32> {
        let bucket = self
            .view
            .bucket(Key::PersonId, hash(&[person_id.as_bytes()]));
        let is_it =
            |row: &u32| self.view.person_id(*row) == person_id && !self.view.is_superseded(*row);
        bucket.iter().copied().find(is_it)
    }

    fn holder(&self, number: NhsNumber) -> Option<&'a Row> {
        let rows = self.view.holders(number.stem()).map(|(_, row)| row);
        rows.min_by_key(|row| row.is_earlier_number())
    }
}

impl<'a> View<'a> {
    /// Rows of whoever has or had the number of these nine digits; nobody has 0.
    pub(crate) fn holders(&self, nhs_stem: u32) -> impl Iterator<Item = (u32, &'a Row)> {
        let bucket = match nhs_stem {
            0 => &[],
            stem => self.bucket(Key::NhsNumber, hash(&[&stem.to_le_bytes()])),
        };
        let rows = bucket
            .iter()
            .filter_map(|row| Some((*row, self.row(*row)?)));
        rows.filter(move |(_, row)| row.nhs_stem == nhs_stem && !self.is_superseded(row.primary))
    }

    /// Is the person at this current row held otherwise by now, or no longer?
    pub(crate) fn is_superseded(&self, primary: u32) -> bool {
        self.superseded.binary_search(&primary).is_ok()
    }

    /// Is this a row of somebody who is still held as here?
    pub(crate) fn is_current(&self, row: u32) -> bool {
        let is_current = |row: &Row| !self.is_superseded(row.primary);
        self.superseded.is_empty() || self.row(row).is_some_and(is_current)
    }
}
