//! A person with everything held, current and past.

use crate::index::{Row, View};

/// All rows of one person; the current one is among them.
pub(super) struct Held<'a> {
    pub primary: u32,
    pub view: View<'a>,
    pub rows: Vec<&'a Row>,
}

impl<'a> Held<'a> {
    /// Everybody with a row in `rows`, in order of their rows.
    pub(super) fn group(view: View<'a>, rows: &'a [Row]) -> Vec<Self> {
        let mut sorted: Vec<&Row> = rows.iter().collect();
        sorted.sort_by_key(|row| (row.primary, row.is_earlier()));
        sorted
            .chunk_by(|a, b| a.primary == b.primary)
            .filter_map(|rows| {
                let primary = rows.first()?.primary;
                Some(Self {
                    primary,
                    view,
                    rows: rows.to_vec(),
                })
            })
            .collect()
    }

    /// The person at `primary`.
    pub(super) fn one(view: View<'a>, primary: u32) -> Option<Self> {
        let date = view.row(primary)?.date_bits();
        let range = view.born(date..date.saturating_add(1 << 12));
        let rows = view.rows.get(range.start as usize..range.end as usize)?;
        let mut rows: Vec<&Row> = rows.iter().filter(|row| row.primary == primary).collect();
        rows.sort_by_key(|row| row.is_earlier());
        Some(Self {
            primary,
            view,
            rows,
        })
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
        super::clean::name(self.view.surnames.written(row.surname))
    }

    pub(super) fn given(&self, row: &Row) -> String {
        super::clean::name(self.view.given.written(row.given))
    }

    pub(super) fn other(&self, row: &Row) -> String {
        super::clean::name(self.view.given.written(row.middle))
    }

    /// Empty for pseudo postcodes, which never match.
    pub(super) fn postcode(&self, row: &Row) -> String {
        let postcode = self.view.postcodes.comparable(row.postcode);
        match crate::normalize::is_pseudo_postcode(postcode) {
            true => String::new(),
            false => super::clean::postcode(postcode),
        }
    }
}
