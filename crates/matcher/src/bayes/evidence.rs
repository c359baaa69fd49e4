//! The evidence of one row: for every field a level, and how much more often a true match shows it
//! than a stranger does.

mod counts;
mod held;
mod home;
mod middle;
mod names;
mod worth;

pub(super) use self::held::Held;
use self::home::Near;
use crate::Sex;
use crate::compare::birth::BirthLikeness;
use crate::compare::name::Likeness;
use crate::compare::place::StreetLikeness;
use crate::index::{Row, View};

use super::frequency::Frequencies;
use super::level::Level;
use super::memo::Memo;
use super::model::{CLASSES, Model};
use super::query::Query;

/// What one field shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Piece {
    /// `None` when one side is missing.
    pub level: Option<Level>,
    /// How much rarer the value is among strangers than the level among true matches, before the share of
    /// the level; `None` when the field speaks for nobody.
    scale: Option<f64>,
}

impl Piece {
    pub(super) const MISSING: Self = Self {
        level: None,
        scale: None,
    };

    /// Likelihood ratios, by class of request quality.
    pub(super) fn ratios(&self, model: &Model) -> [f64; CLASSES] {
        match (self.level, self.scale) {
            (Some(level), Some(scale)) => model.shares(level).map(|share| share * scale),
            _ => [1.0; CLASSES],
        }
    }
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
    pub view: &'a View<'a>,
    pub model: &'a Model,
    pub query: &'a Query,
    pub frequencies: Frequencies,
    /// The other file that is searched, whose people count as well.
    other: Option<&'a View<'a>>,
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

impl<'a> Comparison<'a> {
    pub(super) fn new(
        view: &'a View<'a>,
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
            other: None,
            memos,
        }
    }

    /// Counts the people of another file, too.
    pub(super) fn beside(self, other: &'a View<'a>) -> Self {
        Self {
            other: Some(other),
            ..self
        }
    }

    /// Compares the request with one row.
    pub(super) fn evidence(&self, held: &Held) -> Evidence {
        let row = &held.row;
        let (name, [given, middle, surname]) = self.best_name(held);
        let sex = self.sex(row, &given);
        Evidence {
            given,
            middle,
            surname,
            birth: self.birth(held),
            sex,
            place: self.place(row),
            number: self.number(row),
            name,
        }
    }

    /// What [`Self::is_housemate`] leaves to tell.
    pub(super) fn evidence_of_housemate(&self, held: &Held) -> Evidence {
        let row = &held.row;
        let given = self.piece(Level::GivenDifferent, 1.0, 1.0);
        Evidence {
            given,
            middle: Piece::MISSING,
            surname: self.different_surname(row),
            birth: self.piece(Level::BirthDifferent, 1.0, 1.0),
            sex: self.sex(row, &given),
            place: self.place(row),
            number: Piece::MISSING,
            name: 0,
        }
    }

    /// `level` when a true match shows this value in one of `values` equally likely ways, and a
    /// stranger shows the value with probability `chance`.
    fn piece(&self, level: Level, values: f64, chance: f64) -> Piece {
        Piece {
            level: Some(level),
            scale: Some(1.0 / (values * chance)),
        }
    }

    /// A value that could be a slip of the held one, or a value of its own: the stranger shows it by
    /// bearing it, or by the same slip.
    fn slip(&self, level: Level, values: f64, own: f64, held_share: f64) -> Piece {
        let by_slip = self.model.average_share(level) / values * held_share;
        self.piece(level, values, own + by_slip)
    }

    fn birth(&self, held: &Held) -> Piece {
        let dates = self.query.birth.zip(held.row.date_of_birth());
        let (Some((asked, born)), Some(likeness)) = (dates, held.birth) else {
            return Piece::MISSING;
        };
        let chance = self.frequencies.birth;
        match likeness {
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
                let months = if asked.month() != 0 && born.month() != 0 {
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
                scale: None,
            },
            false => self.piece(Level::NumberDifferent, 1.0, 1.0),
        }
    }
}
