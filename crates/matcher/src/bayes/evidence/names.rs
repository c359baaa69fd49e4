//! Evidence of the names.

use super::{Comparison, Held, Piece};
use crate::Sex;
use crate::bayes::frequency::{NAMES_MAX, NameFrequencies};
use crate::bayes::level::Level;
use crate::bayes::query::{NameQuery, TermQuery};
use crate::compare::name::Likeness;
use crate::index::Row;

/// Names that are one edit from a given one, weighted by how likely the slip is.
pub(super) const CLOSE_NAMES: f64 = 80.0;
/// The same for two edits.
const NEAR_NAMES: f64 = 400.0;
/// Forms that a name has.
const FORMS: f64 = 3.0;
/// Share of a person that an unseen value counts for.
const UNSEEN: f64 = 0.5;

impl Comparison<'_> {
    pub(super) fn best_name(&self, held: &Held) -> (usize, [Piece; 3]) {
        let mut best = (0, [Piece::MISSING; 3]);
        let mut best_weight = -1.0;
        for (position, name) in self.query.names.iter().enumerate().take(self.names_max()) {
            let frequencies = self.name_frequencies(position);
            let in_order = self.names_in_order(held, name, &frequencies);
            for pieces in [Some(in_order), self.names_swapped(held, name, &in_order)] {
                let Some(pieces) = pieces else { continue };
                let ratios = pieces.iter().map(|piece| piece.ratios(self.model)[1]);
                let weight: f64 = ratios.product();
                if weight > best_weight {
                    (best, best_weight) = ((position, pieces), weight);
                }
            }
        }
        best
    }

    fn names_max(&self) -> usize {
        NAMES_MAX
    }

    fn name_frequencies(&self, position: usize) -> NameFrequencies {
        self.frequencies
            .names
            .get(position)
            .copied()
            .unwrap_or_default()
    }

    fn names_in_order(
        &self,
        held: &Held,
        name: &NameQuery,
        frequencies: &NameFrequencies,
    ) -> [Piece; 3] {
        let given = self.given(held, name, frequencies);
        let surname = self.surname(held, name, frequencies, &given);
        [given, self.middle(&held.row, name, &given), surname]
    }

    fn given(&self, held: &Held, name: &NameQuery, frequencies: &NameFrequencies) -> Piece {
        let row = &held.row;
        let Some(given) = &name.given else {
            return Piece::MISSING;
        };
        if row.given == 0 {
            return Piece::MISSING;
        }
        if given.range.contains(&row.given) {
            return self.piece(Level::GivenExact, 1.0, frequencies.given);
        }
        let people = self.frequencies.people;
        let own = given.people / people;
        // Read only where it counts: most names differ.
        let held_share = || self.share_of_given(row.given);
        let likeness = match self.given_may_be_alike(held, name) {
            true => self.given_likeness(row, name, given),
            false => Likeness::Different,
        };
        let (level, values) = match likeness {
            Likeness::Same => {
                return self.piece(Level::GivenExact, 1.0, frequencies.given.max(held_share()));
            }
            Likeness::Variant => (Level::GivenVariant, FORMS),
            Likeness::Close => (Level::GivenClose, CLOSE_NAMES),
            Likeness::Near => (Level::GivenNear, NEAR_NAMES),
            Likeness::Initial => return self.initial(given, own),
            Likeness::Part => (Level::GivenVariant, FORMS),
            Likeness::Different if self.is_middle_name(row, given) => {
                return self.piece(Level::GivenIsMiddle, 1.0, own + 0.5 / people);
            }
            Likeness::Different => return self.piece(Level::GivenDifferent, 1.0, 1.0),
        };
        self.slip(level, values, own, held_share())
    }

    pub(super) fn given_likeness(
        &self,
        row: &Row,
        name: &NameQuery,
        given: &TermQuery,
    ) -> Likeness {
        let compare = || given.side.given(self.view.given.comparable(row.given));
        match self.is_first(name) {
            true => self.memos.given.get(row.given, compare),
            false => compare(),
        }
    }

    pub(super) fn surname_likeness(
        &self,
        row: &Row,
        name: &NameQuery,
        surname: &TermQuery,
    ) -> Likeness {
        let compare = || {
            surname
                .side
                .surname(self.view.surnames.comparable(row.surname))
        };
        match self.is_first(name) {
            true => self.memos.surname.get(row.surname, compare),
            false => compare(),
        }
    }

    fn is_first(&self, name: &NameQuery) -> bool {
        self.query
            .names
            .first()
            .is_some_and(|first| std::ptr::eq(first, name))
    }

    /// The given name asked for is one of the middle names held.
    pub(super) fn is_middle_name(&self, row: &Row, given: &TermQuery) -> bool {
        let is_of_two = || {
            let held = self.view.given.comparable(row.middle).split_once(' ');
            held.is_some_and(|(one, two)| [one, two].contains(&given.side.text.as_str()))
        };
        row.middle != 0
            && (given.range.contains(&row.middle)
                || (self.view.derived.compounds.has(row.middle) && is_of_two()))
    }

    pub(super) fn share_of_given(&self, number: u32) -> f64 {
        f64::from(self.bearers_of_given(number)).max(1.0) / self.frequencies.people
    }

    fn initial(&self, given: &TermQuery, own: f64) -> Piece {
        let with_initial = self.share_of_initial(given.initial());
        if given.side.signature.is_initial() {
            return self.slip(Level::GivenInitial, 1.0, own, with_initial);
        }
        self.piece(Level::GivenInitial, 1.0, with_initial)
    }

    /// Share of people with a given name of this initial.
    fn share_of_initial(&self, initial: char) -> f64 {
        (f64::from(self.with_initial(initial)) + 0.5) / self.frequencies.people
    }

    fn surname(
        &self,
        held: &Held,
        name: &NameQuery,
        frequencies: &NameFrequencies,
        given: &Piece,
    ) -> Piece {
        let row = &held.row;
        let Some(surname) = &name.surname else {
            return Piece::MISSING;
        };
        if row.surname == 0 {
            return Piece::MISSING;
        }
        let chance = match given.level {
            Some(Level::GivenExact) => frequencies.surname_with_given,
            _ => frequencies.surname,
        };
        if surname.range.contains(&row.surname) {
            return self.piece(Level::SurnameExact, 1.0, chance);
        }
        let own = surname.people / self.frequencies.people;
        let likeness = match self.surname_may_be_alike(held, name) {
            true => self.surname_likeness(row, name, surname),
            false => Likeness::Different,
        };
        let held_share = || {
            let held_count = self.bearers_of_surname(row.surname);
            f64::from(held_count).max(1.0) / self.frequencies.people
        };
        match likeness {
            Likeness::Same => self.piece(Level::SurnameExact, 1.0, chance.max(held_share())),
            Likeness::Close => self.slip(Level::SurnameClose, CLOSE_NAMES, own, held_share()),
            Likeness::Near => self.slip(Level::SurnameNear, NEAR_NAMES, own, held_share()),
            Likeness::Part => self.slip(Level::SurnamePart, 100.0, own, held_share()),
            _ => self.different_surname(row),
        }
    }

    pub(super) fn different_surname(&self, row: &Row) -> Piece {
        match row.sex() {
            Sex::Female => self.piece(Level::SurnameDifferentWoman, 1.0, 1.0),
            _ => self.piece(Level::SurnameDifferent, 1.0, 1.0),
        }
    }

    /// Given name and surname in each other's place, when they do not fit in their own.
    fn names_swapped(
        &self,
        held: &Held,
        name: &NameQuery,
        in_order: &[Piece; 3],
    ) -> Option<[Piece; 3]> {
        let [given, _, surname] = in_order;
        let fits = |piece: &Piece, apart: &[Level]| {
            piece.level.is_some_and(|level| !apart.contains(&level))
        };
        if fits(given, &[Level::GivenDifferent, Level::GivenInitial])
            || fits(
                surname,
                &[Level::SurnameDifferent, Level::SurnameDifferentWoman],
            )
        {
            return None;
        }
        if !self.may_be_alike_swapped(held, name) {
            return None;
        }
        let row = &held.row;
        let people = self.frequencies.people;
        let (mut values, mut as_given, mut as_swapped, mut agreeing, mut apart) =
            (1.0, 1.0, 1.0, 0, 0);
        let mut weigh = |likeness: Likeness, in_place: f64, out_of_place: f64| {
            values *= slips(likeness);
            if likeness != Likeness::Different {
                as_given *= (in_place + UNSEEN) / people;
                as_swapped *= (out_of_place + UNSEEN) / people;
                agreeing += 1;
            } else {
                apart += 1;
            }
        };
        if let Some(given) = &name.given
            && row.surname != 0
        {
            let held = self.view.surnames.comparable(row.surname);
            let bearers = self.bearers_of_surname(row.surname);
            let as_surname = given.misplaced(self.view).people.max(f64::from(bearers));
            weigh(given.side.surname(held), given.people, as_surname);
        }
        if let Some(surname) = &name.surname
            && row.given != 0
        {
            let held = self.view.given.comparable(row.given);
            weigh(
                surname.side.given(held),
                surname.people,
                surname.misplaced(self.view).people,
            );
        }
        if agreeing == 0 {
            return None;
        }
        let level = if apart == 0 {
            Level::NamesSwapped
        } else {
            Level::NamesHalfSwapped
        };
        let share = self.model.average_share(level);
        let given = self.piece(level, values, as_given + share * as_swapped);
        Some([given, self.middle(row, name, &given), Piece::MISSING])
    }
}

/// In how many ways a slip of this kind could have gone, the rarity of slips included.
fn slips(likeness: Likeness) -> f64 {
    match likeness {
        Likeness::Same => 1.0,
        Likeness::Variant | Likeness::Initial | Likeness::Part => 100.0,
        Likeness::Close => CLOSE_NAMES / 0.05,
        Likeness::Near => NEAR_NAMES / 0.02,
        Likeness::Different => 1.0,
    }
}
