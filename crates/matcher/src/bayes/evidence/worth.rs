//! Which rows are worth comparing in full: most that a search finds are of strangers.

use super::{Comparison, Held};
use crate::bayes::query::{NameQuery, StreetQuery, TermQuery};
use crate::compare::birth::BirthLikeness;
use crate::compare::name::Likeness;
use crate::compare::place;
use crate::index::Row;

impl Comparison<'_> {
    /// Does the row agree with the request in two things or more? Who agrees in one thing only is a
    /// stranger, and most rows that a search finds are.
    pub(in crate::bayes) fn is_worth_comparing(&self, held: &Held) -> bool {
        let (query, row) = (self.query, &held.row);
        let agreeing = self.agreeing(row, held.birth);
        agreeing >= 2
            || query.names.iter().any(|name| {
                // Where nothing more than one thing agrees, the names are hardly both that wrong.
                if !shares_initial(row, name) {
                    return self.may_be_swapped(row, name);
                }
                let given = || self.given_is_alike(held, name);
                let surname = || self.surname_is_alike(held, name);
                match agreeing {
                    0 => (given() && surname()) || self.may_be_swapped(row, name),
                    _ => given() || surname() || self.may_be_swapped(row, name),
                }
            })
    }

    /// `false` where a look at the row alone tells that it is not worth comparing.
    pub(super) fn may_be_worth_comparing(&self, row: &Row, birth: Option<BirthLikeness>) -> bool {
        let hints = |name| shares_initial(row, name) || self.may_be_swapped(row, name);
        self.query.names.iter().any(hints) || self.agreeing(row, birth) >= 2
    }

    /// Is a row that is worth comparing like the request in its home alone? Names and dates of birth are
    /// there on both sides, and all of them differ.
    pub(in crate::bayes) fn is_housemate(&self, held: &Held) -> bool {
        held.birth == Some(BirthLikeness::Different)
            && !self.query.has_number_of(&held.row)
            && self
                .query
                .names
                .iter()
                .all(|name| self.names_differ(held, name))
    }

    /// Do given name and surname differ, and from each other too?
    fn names_differ(&self, held: &Held, name: &NameQuery) -> bool {
        let row = &held.row;
        let Some((given, _)) = name.both() else {
            return false;
        };
        row.given != 0
            && row.surname != 0
            && !self.given_may_be_alike(held, name)
            && !self.surname_may_be_alike(held, name)
            && !self.may_be_alike_swapped(held, name)
            && !self.is_middle_name(row, given)
    }

    /// In how many things besides the names the row agrees; the NHS number counts for two.
    fn agreeing(&self, row: &Row, birth: Option<BirthLikeness>) -> u8 {
        let query = self.query;
        if query.has_number_of(row) {
            return 2;
        }
        let mut agreeing = u8::from(birth.is_some_and(|one| one != BirthLikeness::Different));
        agreeing += u8::from(query.has_postcode_of(row));
        let street_is_same = |street: &StreetQuery| street.range.contains(&row.street);
        let same_street = query.street.as_ref().is_some_and(street_is_same);
        let same_number = row.number == query.numbers.number;
        // Of people born on one day few live at the same number: look at their streets.
        let that_day = birth == Some(BirthLikeness::Same) && row.number != 0;
        let same_home = match that_day {
            true => query.street.is_some(),
            // Another flat is another home.
            false => same_street && place::may_be_same(query.numbers, row.numbers()),
        };
        agreeing += u8::from(same_number && same_home);
        agreeing
    }

    fn given_is_alike(&self, held: &Held, name: &NameQuery) -> bool {
        name.given.as_ref().is_some_and(|given| {
            given.range.contains(&held.row.given)
                || (self.given_may_be_alike(held, name)
                    && self.given_likeness(&held.row, name, given) != Likeness::Different)
        })
    }

    fn surname_is_alike(&self, held: &Held, name: &NameQuery) -> bool {
        name.surname.as_ref().is_some_and(|surname| {
            surname.range.contains(&held.row.surname)
                || (self.surname_may_be_alike(held, name)
                    && self.surname_likeness(&held.row, name, surname) != Likeness::Different)
        })
    }

    pub(super) fn given_may_be_alike(&self, held: &Held, name: &NameQuery) -> bool {
        let Some(given) = &name.given else {
            return false;
        };
        given.range.contains(&held.row.given)
            || held
                .given_signature()
                .is_some_and(|held| given.side.given_signature().may_be_alike(held))
    }

    pub(super) fn surname_may_be_alike(&self, held: &Held, name: &NameQuery) -> bool {
        let Some(surname) = &name.surname else {
            return false;
        };
        surname.range.contains(&held.row.surname)
            || held
                .surname_signature()
                .is_some_and(|held| surname.side.signature.may_be_alike(held))
    }

    fn may_be_swapped(&self, row: &Row, name: &NameQuery) -> bool {
        let fits = |term: &Option<TermQuery>, number: u32| {
            term.as_ref()
                .is_some_and(|term| term.misplaced(self.view).range.contains(&number))
        };
        fits(&name.given, row.surname) || fits(&name.surname, row.given)
    }

    /// `false` when each name certainly differs from the one that stands in the other's place.
    pub(super) fn may_be_alike_swapped(&self, held: &Held, name: &NameQuery) -> bool {
        let given = name.given.as_ref().is_some_and(|given| {
            held.surname_signature()
                .is_some_and(|held| given.side.signature.may_be_alike(held))
        });
        given
            || name.surname.as_ref().is_some_and(|surname| {
                held.given_signature()
                    .is_some_and(|held| surname.side.given_signature().may_be_alike(held))
            })
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
