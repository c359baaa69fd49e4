//! Which rows are worth comparing in full: most that a search finds are of strangers.

use super::Comparison;
use crate::bayes::query::{NameQuery, TermQuery};
use crate::compare::birth::{self, BirthLikeness};
use crate::compare::name::{Likeness, Signature};
use crate::index::Row;

impl Comparison<'_> {
    /// Does the row agree with the request in two things or more? Who agrees in one thing only is a
    /// stranger, and most rows that a search finds are.
    pub(in crate::bayes) fn is_worth_comparing(&self, row: &Row) -> bool {
        let dates = self.query.birth.zip(row.date_of_birth());
        self.is_worth(row, dates.map(|(asked, held)| birth::compare(asked, held)))
    }

    /// The same for a row of the day asked for.
    pub(in crate::bayes) fn is_worth_comparing_that_day(&self, row: &Row) -> bool {
        self.is_worth(row, Some(BirthLikeness::Same))
    }

    fn is_worth(&self, row: &Row, birth: Option<BirthLikeness>) -> bool {
        let query = self.query;
        if query.has_number_of(row) {
            return true;
        }
        let mut agreeing = u8::from(birth.is_some_and(|one| one != BirthLikeness::Different));
        agreeing += u8::from(query.has_postcode_of(row));
        let street = query.street.as_ref();
        // Of people born on one day few live at the same number: look at their streets.
        let same_day = birth == Some(BirthLikeness::Same) && row.number != 0;
        agreeing += u8::from(
            row.number == query.numbers.number
                && street.is_some_and(|street| same_day || street.range.contains(&row.street)),
        );
        agreeing >= 2
            || query.names.iter().any(|name| {
                // Where nothing more than one thing agrees, the names are hardly both that wrong.
                if agreeing < 2 && !shares_initial(row, name) {
                    return self.may_be_swapped(row, name);
                }
                let given = || self.given_is_alike(row, name);
                let surname = || self.surname_is_alike(row, name);
                match agreeing {
                    0 => (given() && surname()) || self.may_be_swapped(row, name),
                    _ => given() || surname() || self.may_be_swapped(row, name),
                }
            })
    }

    fn given_is_alike(&self, row: &Row, name: &NameQuery) -> bool {
        name.given.as_ref().is_some_and(|given| {
            given.range.contains(&row.given)
                || (self.given_may_be_alike(row, name)
                    && self.given_likeness(row, name, given) != Likeness::Different)
        })
    }

    fn surname_is_alike(&self, row: &Row, name: &NameQuery) -> bool {
        name.surname.as_ref().is_some_and(|surname| {
            surname.range.contains(&row.surname)
                || (self.surname_may_be_alike(row, name)
                    && self.surname_likeness(row, name, surname) != Likeness::Different)
        })
    }

    pub(super) fn given_may_be_alike(&self, row: &Row, name: &NameQuery) -> bool {
        let Some(given) = &name.given else {
            return false;
        };
        given.range.contains(&row.given)
            || self
                .signature(&self.view.derived.given_signatures, row.given)
                .is_some_and(|held| given.side.given_signature.may_be_alike(held))
    }

    pub(super) fn surname_may_be_alike(&self, row: &Row, name: &NameQuery) -> bool {
        let Some(surname) = &name.surname else {
            return false;
        };
        surname.range.contains(&row.surname)
            || self
                .signature(&self.view.derived.surname_signatures, row.surname)
                .is_some_and(|held| surname.side.surname_signature.may_be_alike(held))
    }

    fn may_be_swapped(&self, row: &Row, name: &NameQuery) -> bool {
        let fits = |term: &Option<TermQuery>, number: u32| {
            term.as_ref()
                .is_some_and(|term| term.misplaced(&self.view).range.contains(&number))
        };
        fits(&name.given, row.surname) || fits(&name.surname, row.given)
    }

    /// `false` when each name certainly differs from the one that stands in the other's place.
    pub(super) fn may_be_alike_swapped(&self, row: &Row, name: &NameQuery) -> bool {
        let derived = self.view.derived;
        let given = name.given.as_ref().is_some_and(|given| {
            self.signature(&derived.surname_signatures, row.surname)
                .is_some_and(|held| given.side.surname_signature.may_be_alike(held))
        });
        given
            || name.surname.as_ref().is_some_and(|surname| {
                self.signature(&derived.given_signatures, row.given)
                    .is_some_and(|held| surname.side.given_signature.may_be_alike(held))
            })
    }

    /// `None` for the empty name, which is like nothing.
    pub(super) fn signature(&self, signatures: &[Signature], place: u32) -> Option<Signature> {
        if place == 0 {
            None
        } else {
            signatures.get(place as usize).copied()
        }
    }
}

/// Does one of the names begin as asked? Few slips change the first letter of both.
fn shares_initial(row: &Row, name: &NameQuery) -> bool {
    let begins = |term: &Option<TermQuery>, held: u32| {
        term.as_ref()
            .is_some_and(|term| term.initial_range.contains(&held))
    };
    begins(&name.given, row.given) || begins(&name.surname, row.surname)
}
