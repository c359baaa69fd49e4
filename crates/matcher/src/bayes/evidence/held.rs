//! A row beside what its names look like.

use super::Comparison;
use crate::compare::birth::{self, BirthLikeness};
use crate::compare::name::Signature;
use crate::index::Row;

/// A row to compare. Many are read at once: they lie far apart, and a processor fetches many pieces of
/// memory together if none depends on another.
#[derive(Debug, Clone, Copy)]
pub(in crate::bayes) struct Held {
    pub number: u32,
    pub row: Row,
    /// How the date of birth compares with the one asked for; `None` when one is missing.
    pub(super) birth: Option<BirthLikeness>,
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
        self.held_of(number, row, self.birth_likeness(row))
    }

    /// The same unless a look at the row alone tells that it is not worth comparing.
    pub(in crate::bayes) fn worth_holding(&self, number: u32, row: &Row) -> Option<Held> {
        let birth = self.birth_likeness(row);
        let may_be_worth = self.may_be_worth_comparing(row, birth);
        may_be_worth.then(|| self.held_of(number, row, birth))
    }

    fn held_of(&self, number: u32, row: &Row, birth: Option<BirthLikeness>) -> Held {
        Held {
            number,
            row: *row,
            birth,
            given: self.view.given.signature(row.given),
            surname: self.view.surnames.signature(row.surname),
        }
    }

    fn birth_likeness(&self, row: &Row) -> Option<BirthLikeness> {
        let dates = self.query.birth.zip(row.date_of_birth());
        dates.map(|(asked, held)| birth::compare(asked, held))
    }
}
