//! Which key finds whom: how many rows each way of searching brings, and who would be lost without it.

use super::asked::Asked;
use super::query::Query;
use super::search::SearchKey;
use crate::{Index, Terms};

/// What the keys of one request found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Rows by key, in the order of [`SearchKey::ALL`].
    pub rows: [u32; SearchKey::ALL.len()],
    /// Whether the key found the person looked for.
    pub person: [bool; SearchKey::ALL.len()],
    /// Different rows of all keys together.
    pub together: u32,
}

/// Searches for `terms` key by key, and tells which keys find the person at row `person`.
pub fn blocking(index: &Index, terms: &Terms, person: Option<u32>) -> Found {
    let view = index.view();
    let query = Query::new(&view, Asked::new(terms));
    let is_person = |row: &u32| view.row(*row).map(|row| row.primary) == person;
    let mut found = Found::default();
    let mut all = Vec::new();
    for (place, key) in SearchKey::ALL.into_iter().enumerate() {
        let before = all.len();
        key.find(&view, &query, &mut all);
        let mut rows = all.split_off(before);
        rows.sort_unstable();
        rows.dedup();
        if let (Some(count), Some(hit)) = (found.rows.get_mut(place), found.person.get_mut(place)) {
            *count = rows.len() as u32;
            *hit = person.is_some() && rows.iter().any(is_person);
        }
        all.append(&mut rows);
    }
    all.sort_unstable();
    all.dedup();
    found.together = all.len() as u32;
    found
}

#[cfg(test)]
mod tests;
