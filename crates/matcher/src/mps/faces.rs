//! A person with everything held, current and past.

use std::ops::Range;

use crate::index::{Part, Row};

/// All rows of one person; the current one is among them.
pub(super) struct Held<'a> {
    pub primary: u32,
    /// Where the person is held.
    pub part: &'a Part<'a>,
    pub rows: Vec<&'a Row>,
}

impl<'a> Held<'a> {
    /// Everybody born in the range `when`, in order of their rows.
    pub(super) fn born(part: &'a Part<'a>, when: Range<u32>) -> Vec<Self> {
        let mut sorted: Vec<&Row> = rows(part, when).collect();
        sorted.sort_by_key(|row| (row.primary, row.is_earlier()));
        sorted
            .chunk_by(|a, b| a.primary == b.primary)
            .filter_map(|rows| {
                let primary = rows.first()?.primary;
                Some(Self {
                    primary,
                    part,
                    rows: rows.to_vec(),
                })
            })
            .collect()
    }

    /// The person at `primary`.
    pub(super) fn one(part: &'a Part<'a>, primary: u32) -> Option<Self> {
        let date = part.view.row(primary)?.date_bits();
        let same_day = rows(part, date..date.saturating_add(1 << 12));
        let mut rows: Vec<&Row> = same_day.filter(|row| row.primary == primary).collect();
        rows.sort_by_key(|row| row.is_earlier());
        Some(Self {
            primary,
            part,
            rows,
        })
    }

    /// Number of the current row among the rows of all parts.
    pub(super) fn number(&self) -> u32 {
        self.part.first + self.primary
    }

    /// Identifier in the source.
    pub(super) fn id(&self) -> String {
        self.part.view.person_id(self.primary).to_owned()
    }

    /// Current details.
    pub(super) fn current(&self) -> Row {
        let current = self
            .rows
            .iter()
            .find(|row| !row.is_earlier())
            .or_else(|| self.rows.first());
        current.map(|row| **row).unwrap_or_default()
    }

    pub(super) fn any(&self, fits: impl Fn(&Row) -> bool) -> bool {
        self.rows.iter().any(|row| fits(row))
    }

    pub(super) fn surname(&self, row: &Row) -> String {
        super::clean::name(self.part.view.surnames.written(row.surname))
    }

    pub(super) fn given(&self, row: &Row) -> String {
        super::clean::name(self.part.view.given.written(row.given))
    }

    pub(super) fn other(&self, row: &Row) -> String {
        super::clean::name(self.part.view.given.written(row.middle))
    }

    /// Empty for pseudo postcodes, which never match.
    pub(super) fn postcode(&self, row: &Row) -> String {
        let postcode = self.part.view.postcodes.comparable(row.postcode);
        match crate::normalize::is_pseudo_postcode(postcode) {
            true => String::new(),
            false => super::clean::postcode(postcode),
        }
    }
}

/// Rows of people born in the range `when` who are not held otherwise by now.
fn rows<'a>(part: &'a Part<'a>, when: Range<u32>) -> impl Iterator<Item = &'a Row> {
    let range = part.view.born(when);
    let rows = part.view.rows.get(range.start as usize..range.end as usize);
    let rows = rows.unwrap_or_default().iter();
    rows.filter(|row| !part.view.is_superseded(row.primary))
}
