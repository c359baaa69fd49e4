//! A row beside what its names look like.

use super::Comparison;
use crate::compare::name::Signature;
use crate::index::Row;

/// A row to compare. Many are read at once: they lie far apart, and a processor fetches many pieces of
/// memory together if none depends on another.
#[derive(Debug, Clone, Copy)]
pub(in crate::bayes) struct Held {
    pub number: u32,
    pub row: Row,
    given: Signature,
    surname: Signature,
}

impl Held {
    /// `None` for the empty name, which is like nothing.
    pub(super) fn given_signature(&self) -> Option<Signature> {
        (self.row.given != 0).then_some(self.given)
    }

    /// `None` for the empty name, which is like nothing.
    pub(super) fn surname_signature(&self) -> Option<Signature> {
        (self.row.surname != 0).then_some(self.surname)
    }
}

impl Comparison<'_> {
    pub(in crate::bayes) fn held(&self, number: u32, row: &Row) -> Held {
        Held {
            number,
            row: *row,
            given: self.view.given.signature(row.given),
            surname: self.view.surnames.signature(row.surname),
        }
    }
}
