//! The evidence of one row: for every field a level, and how much more often a true match shows it
//! than a stranger does.

use crate::Sex;
use crate::compare::birth::{self, BirthLikeness};
use crate::compare::name::{Likeness, NameSide, Signature};
use crate::compare::place::{self, Numbers, PremisesLikeness, StreetLikeness};
use crate::index::{Row, View};

use super::frequency::{Frequencies, NameFrequencies};
use super::level::Level;
use super::memo::Memo;
use super::model::{CLASSES, Model};
use super::query::{NameQuery, Query, TermQuery};

/// Likelihood ratios of one field, by class of request quality.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Piece {
    /// `None` when one side is missing.
    pub level: Option<Level>,
    pub ratio: [f64; CLASSES],
}

impl Piece {
    pub(super) const MISSING: Self = Self {
        level: None,
        ratio: [1.0; CLASSES],
    };
}

/// All evidence of one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence {
    pub given: Piece,
    pub middle: Piece,
    pub surname: Piece,
    pub birth: Piece,
    pub sex: Piece,
    pub place: Piece,
    pub number: Piece,
    /// Which name of the request compared best.
    pub name: usize,
}

impl Evidence {
    /// Pieces in the order of an explanation.
    pub(crate) fn pieces(&self) -> [Piece; 7] {
        [
            self.number,
            self.given,
            self.middle,
            self.surname,
            self.birth,
            self.sex,
            self.place,
        ]
    }
}

/// Everything that stays the same while the rows of one request are compared.
pub(super) struct Comparison<'a> {
    pub view: View<'a>,
    pub model: &'a Model,
    pub query: &'a Query,
    pub frequencies: Frequencies,
    memos: Memos,
}

/// Texts compared so far; names of the request beyond the first are not remembered.
struct Memos {
    given: Memo<Likeness>,
    surname: Memo<Likeness>,
    street: Memo<StreetLikeness>,
    postcode: Memo<Option<Near>>,
}

/// Wrong dates that are one digit from a given one.
const DIGIT_NEIGHBORS: f64 = 45.0;
/// Names that are one edit from a given one, weighted by how likely the slip is.
const CLOSE_NAMES: f64 = 80.0;
/// The same for two edits.
const NEAR_NAMES: f64 = 400.0;
/// Forms that a name has.
const FORMS: f64 = 3.0;
/// Postcodes that are one slip from a given one.
const CLOSE_POSTCODES: f64 = 60.0;

impl<'a> Comparison<'a> {
    pub(super) fn new(
        view: View<'a>,
        model: &'a Model,
        query: &'a Query,
        frequencies: Frequencies,
    ) -> Self {
        let memos = Memos {
            given: Memo::new(),
            surname: Memo::new(),
            street: Memo::new(),
            postcode: Memo::new(),
        };
        Self {
            view,
            model,
            query,
            frequencies,
            memos,
        }
    }

    /// Does the row agree with the request in two things or more? Who agrees in one thing only is a
    /// stranger, and most rows that a search finds are.
    pub(super) fn is_worth_comparing(&self, row: &Row) -> bool {
        let query = self.query;
        if query.nhs_stem != 0 && row.nhs_stem == query.nhs_stem {
            return true;
        }
        let birth = query
            .birth
            .zip(row.date_of_birth())
            .map(|(a, b)| birth::compare(a, b));
        let mut agreeing = u8::from(birth.is_some_and(|one| one != BirthLikeness::Different));
        let postcode = query.postcode.as_ref();
        agreeing += u8::from(postcode.is_some_and(|one| one.range.contains(&row.postcode)));
        let street = query.street.as_ref();
        // Of people born on one day few live at the same number: look at their streets.
        let same_day = birth == Some(BirthLikeness::Same) && row.number != 0;
        agreeing += u8::from(
            row.number == query.numbers.number
                && street.is_some_and(|street| same_day || street.range.contains(&row.street)),
        );
        if agreeing >= 2 {
            return true;
        }
        for name in &query.names {
            let alike = u8::from(self.given_may_be_alike(row, name))
                + u8::from(self.surname_may_be_alike(row, name));
            if agreeing + alike >= 2 || self.may_be_swapped(row, name) {
                return true;
            }
        }
        false
    }

    fn given_may_be_alike(&self, row: &Row, name: &NameQuery) -> bool {
        let Some(given) = &name.given else {
            return false;
        };
        given.range.contains(&row.given)
            || self
                .signature(&self.view.derived.given_signatures, row.given)
                .is_some_and(|held| given.side.given_signature.may_be_alike(held))
    }

    fn surname_may_be_alike(&self, row: &Row, name: &NameQuery) -> bool {
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
                .is_some_and(|term| term.other_range.contains(&number))
        };
        fits(&name.given, row.surname) || fits(&name.surname, row.given)
    }

    /// `None` for the empty name, which is like nothing.
    fn signature(&self, signatures: &[Signature], place: u32) -> Option<Signature> {
        if place == 0 {
            None
        } else {
            signatures.get(place as usize).copied()
        }
    }

    /// Compares the request with one row.
    pub(super) fn evidence(&self, row: &Row) -> Evidence {
        let (name, [given, middle, surname]) = self.best_name(row);
        let sex = self.sex(row, &given);
        Evidence {
            given,
            middle,
            surname,
            birth: self.birth(row),
            sex,
            place: self.place(row),
            number: self.number(row),
            name,
        }
    }

    /// `level` when a true match shows this value in one of `values` equally likely ways, and a
    /// stranger shows the value with probability `chance`.
    fn piece(&self, level: Level, values: f64, chance: f64) -> Piece {
        let shares = self.model.shares(level);
        Piece {
            level: Some(level),
            ratio: shares.map(|share| share / values / chance),
        }
    }

    fn best_name(&self, row: &Row) -> (usize, [Piece; 3]) {
        let mut best = (0, [Piece::MISSING; 3]);
        let mut best_weight = -1.0;
        for (position, name) in self.query.names.iter().enumerate().take(self.names_max()) {
            let frequencies = self.name_frequencies(position);
            let in_order = self.names_in_order(row, name, &frequencies);
            for pieces in [Some(in_order), self.names_swapped(row, name, &in_order)] {
                let Some(pieces) = pieces else { continue };
                let weight: f64 = pieces.iter().map(|piece| piece.ratio[1]).product();
                if weight > best_weight {
                    (best, best_weight) = ((position, pieces), weight);
                }
            }
        }
        best
    }

    fn names_max(&self) -> usize {
        super::frequency::NAMES_MAX
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
        row: &Row,
        name: &NameQuery,
        frequencies: &NameFrequencies,
    ) -> [Piece; 3] {
        let given = self.given(row, name, frequencies);
        let surname = self.surname(row, name, frequencies, &given);
        [given, self.middle(row, name, &given), surname]
    }

    fn given(&self, row: &Row, name: &NameQuery, frequencies: &NameFrequencies) -> Piece {
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
        let own = given.as_given / people;
        let held_share = self.share_of_given(row.given);
        let likeness = match self.given_may_be_alike(row, name) {
            true => self.given_likeness(row, name, given),
            false => Likeness::Different,
        };
        let (level, values) = match likeness {
            Likeness::Same => {
                return self.piece(Level::GivenExact, 1.0, frequencies.given.max(held_share));
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
        self.slip(level, values, own, held_share)
    }

    fn given_likeness(&self, row: &Row, name: &NameQuery, given: &TermQuery) -> Likeness {
        let compare = || given.side.given(self.view.given.comparable(row.given));
        match self.is_first(name) {
            true => self.memos.given.get(row.given, compare),
            false => compare(),
        }
    }

    fn surname_likeness(&self, row: &Row, name: &NameQuery, surname: &TermQuery) -> Likeness {
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
    fn is_middle_name(&self, row: &Row, given: &TermQuery) -> bool {
        row.middle != 0
            && (given.range.contains(&row.middle)
                || self
                    .view
                    .given
                    .comparable(row.middle)
                    .split_once(' ')
                    .is_some_and(|(one, two)| [one, two].contains(&given.side.text.as_str())))
    }

    /// A value that could be a slip of the held one, or a value of its own: the stranger shows it by
    /// bearing it, or by the same slip.
    fn slip(&self, level: Level, values: f64, own: f64, held_share: f64) -> Piece {
        let by_slip = self.model.average_share(level) / values * held_share;
        self.piece(level, values, own + by_slip)
    }

    fn share_of_given(&self, number: u32) -> f64 {
        (f64::from(self.view.given.count(&(number..number + 1)))).max(1.0) / self.frequencies.people
    }

    fn initial(&self, given: &TermQuery, own: f64) -> Piece {
        let with_initial = self.share_of_initial(given.initial());
        if given.side.given_signature.is_initial() {
            return self.slip(Level::GivenInitial, 1.0, own, with_initial);
        }
        self.piece(Level::GivenInitial, 1.0, with_initial)
    }

    /// Share of people with a given name of this initial.
    fn share_of_initial(&self, initial: char) -> f64 {
        let people = self
            .view
            .derived
            .initial(initial)
            .map_or(0.0, |(_, count)| f64::from(*count));
        (people + 0.5) / self.frequencies.people
    }

    fn middle(&self, row: &Row, name: &NameQuery, given: &Piece) -> Piece {
        let Some(first) = name.middle.first() else {
            return Piece::MISSING;
        };
        let held_number = match given.level {
            Some(Level::GivenIsMiddle) => row.given,
            _ => row.middle,
        };
        if held_number == 0 {
            return Piece::MISSING;
        }
        let own = (name.middle_people + 0.5) / self.frequencies.people;
        match self.middle_level(name, held_number) {
            Level::MiddleExact => self.piece(Level::MiddleExact, 1.0, own),
            Level::MiddleInitial => {
                let initial = first.text.chars().next().unwrap_or(' ');
                self.piece(Level::MiddleInitial, 1.0, self.share_of_initial(initial))
            }
            Level::MiddleClose => {
                let held_share = self.share_of_given(held_number);
                self.slip(Level::MiddleClose, CLOSE_NAMES, own, held_share)
            }
            level => self.piece(level, 1.0, 1.0),
        }
    }

    fn middle_level(&self, name: &NameQuery, held_number: u32) -> Level {
        if name.middle_range.contains(&held_number) {
            return Level::MiddleExact;
        }
        let held_signature = self.signature(&self.view.derived.given_signatures, held_number);
        let may_be_alike = |asked: &NameSide| {
            held_signature.is_some_and(|held| asked.given_signature.may_be_alike(held))
        };
        if !name.middle.iter().any(may_be_alike) {
            return Level::MiddleDifferent;
        }
        let held = self.view.given.comparable(held_number);
        let levels = name
            .middle
            .iter()
            .flat_map(|asked| held.split(' ').map(|word| middle_level(asked, word)));
        levels.min().unwrap_or(Level::MiddleDifferent)
    }

    fn surname(
        &self,
        row: &Row,
        name: &NameQuery,
        frequencies: &NameFrequencies,
        given: &Piece,
    ) -> Piece {
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
        let own = surname.as_surname / self.frequencies.people;
        let likeness = match self.surname_may_be_alike(row, name) {
            true => self.surname_likeness(row, name, surname),
            false => Likeness::Different,
        };
        let held_count = self.view.surnames.count(&(row.surname..row.surname + 1));
        let held_share = f64::from(held_count).max(1.0) / self.frequencies.people;
        match likeness {
            Likeness::Same => self.piece(Level::SurnameExact, 1.0, chance.max(held_share)),
            Likeness::Close => self.slip(Level::SurnameClose, CLOSE_NAMES, own, held_share),
            Likeness::Near => self.slip(Level::SurnameNear, NEAR_NAMES, own, held_share),
            Likeness::Part => self.slip(Level::SurnamePart, 100.0, own, held_share),
            _ if row.sex() == Sex::Female => self.piece(Level::SurnameDifferentWoman, 1.0, 1.0),
            _ => self.piece(Level::SurnameDifferent, 1.0, 1.0),
        }
    }

    /// Given name and surname in each other's place, when they do not fit in their own.
    fn names_swapped(
        &self,
        row: &Row,
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
            let bearers = self.view.surnames.count(&(row.surname..row.surname + 1));
            let as_surname = given.as_surname.max(f64::from(bearers));
            weigh(given.side.surname(held), given.as_given, as_surname);
        }
        if let Some(surname) = &name.surname
            && row.given != 0
        {
            let held = self.view.given.comparable(row.given);
            weigh(
                surname.side.given(held),
                surname.as_surname,
                surname.as_given,
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

    fn birth(&self, row: &Row) -> Piece {
        let (Some(asked), Some(held)) = (self.query.birth, row.date_of_birth()) else {
            return Piece::MISSING;
        };
        let chance = self.frequencies.birth;
        match birth::compare(asked, held) {
            BirthLikeness::Same => self.piece(Level::BirthExact, 1.0, chance),
            BirthLikeness::Swapped => self.piece(Level::BirthSwapped, 1.0, chance),
            BirthLikeness::Digit => self.piece(Level::BirthDigit, DIGIT_NEIGHBORS, chance),
            BirthLikeness::YearNear => self.piece(Level::BirthYearNear, 2.0, chance),
            BirthLikeness::FirstJanuary => {
                let slip =
                    self.model.average_share(Level::BirthFirstJanuary) * self.frequencies.year;
                let values = if asked.is_first_of_january() {
                    1.0
                } else {
                    365.0
                };
                self.piece(Level::BirthFirstJanuary, values, chance + slip)
            }
            BirthLikeness::KnownParts => {
                let months = if asked.month() != 0 && held.month() != 0 {
                    12.0
                } else {
                    1.0
                };
                self.piece(Level::BirthPartial, 1.0, self.frequencies.year / months)
            }
            BirthLikeness::TwoParts => self.piece(Level::BirthYear, 400.0, chance),
            BirthLikeness::Different => self.piece(Level::BirthDifferent, 1.0, 1.0),
        }
    }

    fn sex(&self, row: &Row, given: &Piece) -> Piece {
        let held = row.sex();
        if self.query.sex == Sex::Unknown || held == Sex::Unknown {
            return Piece::MISSING;
        }
        let by_name = given
            .level
            .is_some_and(|level| level != Level::GivenDifferent);
        let chance = &self.model.chance;
        let same = if by_name {
            chance.same_sex_by_name
        } else {
            chance.same_sex
        };
        match self.query.sex == held {
            true => self.piece(Level::SexSame, 1.0, same),
            false => self.piece(Level::SexDifferent, 1.0, 1.0 - same),
        }
    }

    fn number(&self, row: &Row) -> Piece {
        if self.query.nhs_stem == 0 || row.nhs_stem == 0 {
            return Piece::MISSING;
        }
        let shares = self.model.match_share.get(Level::NumberDifferent as usize);
        let wrong = shares.map_or(1.0, |shares| shares[1]);
        if row.nhs_stem == self.query.nhs_stem {
            return self.piece(Level::NumberSame, 1.0, wrong / self.frequencies.people);
        }
        // Somebody else's number is as likely a slip for anybody; a number of nobody here speaks for
        // somebody who is not here.
        match self.query.nhs_known {
            true => Piece {
                level: Some(Level::NumberDifferent),
                ratio: [1.0; CLASSES],
            },
            false => self.piece(Level::NumberDifferent, 1.0, 1.0),
        }
    }

    fn place(&self, row: &Row) -> Piece {
        let postcode = self.postcode_likeness(row);
        let premises = self.premises_likeness(row);
        let people = self.frequencies.people;
        let chance = &self.model.chance;
        let home = self.frequencies.share_of_home(chance.household_size);
        let of_postcode = self.frequencies.share(
            self.query
                .postcode
                .as_ref()
                .map_or(0.0, |one| one.people + 1.0),
        );
        match (postcode, premises) {
            (None, None) => Piece::MISSING,
            (Some(Near::Same), Some(PremisesLikeness::Same)) => {
                self.piece(Level::PlaceSame, 1.0, home)
            }
            (Some(Near::Same), Some(PremisesLikeness::Street)) => {
                self.piece(Level::PlaceNeighbor, 1.0, of_postcode)
            }
            (Some(Near::Same), Some(PremisesLikeness::Different)) => {
                self.piece(Level::PlacePostcode, 1.0, of_postcode)
            }
            (Some(Near::Close), Some(PremisesLikeness::Same)) => {
                self.piece(Level::PlacePostcodeClose, CLOSE_POSTCODES, home)
            }
            (Some(_), Some(PremisesLikeness::Same)) => {
                self.piece(Level::PlacePremises, 1.0, home * 20.0)
            }
            (Some(near), Some(_)) => match near == Near::District || self.same_town(row) {
                true => self.piece(Level::PlaceNearby, 1.0, self.district_share()),
                false => self.piece(Level::PlaceElsewhere, 1.0, 1.0),
            },
            (Some(Near::Same), None) => self.piece(Level::PostcodeSame, 1.0, of_postcode),
            (Some(Near::Close), None) => {
                self.piece(Level::PostcodeClose, CLOSE_POSTCODES, 20.0 / people)
            }
            (Some(near), None) => match near == Near::District || self.same_town(row) {
                true => self.piece(Level::PostcodeNearby, 1.0, self.district_share()),
                false => self.piece(Level::PostcodeElsewhere, 1.0, 1.0),
            },
            (None, Some(premises)) => self.premises_alone(row, premises),
        }
    }

    fn premises_alone(&self, row: &Row, premises: PremisesLikeness) -> Piece {
        let same_town = self.same_town(row);
        match premises {
            PremisesLikeness::Same => {
                let chance = self
                    .frequencies
                    .share_of_home(self.model.chance.household_size);
                let spread = if same_town { 2.0 } else { 20.0 };
                self.piece(Level::PremisesSame, 1.0, chance * spread)
            }
            PremisesLikeness::Street => {
                let spread: f64 = if same_town { 1.0 } else { 20.0 };
                self.piece(Level::PremisesStreet, 1.0, (0.0005 * spread).min(1.0))
            }
            PremisesLikeness::Different if same_town => {
                self.piece(Level::PremisesNearby, 1.0, self.district_share())
            }
            PremisesLikeness::Different => self.piece(Level::PremisesElsewhere, 1.0, 1.0),
        }
    }

    fn district_share(&self) -> f64 {
        let town = self
            .query
            .town
            .as_ref()
            .map_or(0.0, |town| town.people / self.frequencies.people);
        town.max(self.model.chance.same_district)
    }

    fn same_town(&self, row: &Row) -> bool {
        self.query
            .town
            .as_ref()
            .is_some_and(|town| town.range.contains(&row.town))
    }

    fn postcode_likeness(&self, row: &Row) -> Option<Near> {
        let asked = self.query.postcode.as_ref()?;
        if row.postcode == 0 {
            return None;
        }
        if asked.range.contains(&row.postcode) {
            return Some(Near::Same);
        }
        self.memos.postcode.get(row.postcode, || {
            let held = self.view.postcodes.comparable(row.postcode);
            match () {
                () if crate::normalize::is_pseudo_postcode(held) => None,
                () if asked.pattern.distance(held) == 1 => Some(Near::Close),
                () if asked.is_near(held) => Some(Near::District),
                () => Some(Near::Far),
            }
        })
    }

    fn premises_likeness(&self, row: &Row) -> Option<PremisesLikeness> {
        let asked = self.query.street.as_ref()?;
        if row.street == 0 {
            return None;
        }
        let numbers = Numbers {
            flat: row.flat,
            number: row.number,
        };
        let street = match asked.range.contains(&row.street) {
            true => StreetLikeness::Same,
            false => self.memos.street.get(row.street, || {
                asked.side.compare(self.view.streets.comparable(row.street))
            }),
        };
        if street == StreetLikeness::Different {
            return Some(PremisesLikeness::Different);
        }
        Some(place::premises(street, self.query.numbers, numbers))
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

/// Share of a person that an unseen value counts for.
const UNSEEN: f64 = 0.5;

fn middle_level(asked: &NameSide, held: &str) -> Level {
    match asked.given(held) {
        Likeness::Same => Level::MiddleExact,
        Likeness::Initial => Level::MiddleInitial,
        Likeness::Close | Likeness::Variant => Level::MiddleClose,
        _ => Level::MiddleDifferent,
    }
}

/// How near two postcodes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Near {
    Same,
    Close,
    District,
    Far,
}
