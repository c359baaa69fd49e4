//! Evidence of the address and the postcode: one piece, because those who share one share the other.

use super::{Comparison, Piece};
use crate::bayes::level::Level;
use crate::compare::place::{self, PremisesLikeness, StreetLikeness};
use crate::index::Row;

/// Postcodes that are one slip from a given one.
const CLOSE_POSTCODES: f64 = 60.0;

impl Comparison<'_> {
    pub(super) fn place(&self, row: &Row) -> Piece {
        let postcode = self.postcode_likeness(row);
        let premises = self.premises_likeness(row, postcode);
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
        let town = self.query.town(self.view).people / self.frequencies.people;
        town.max(self.model.chance.same_district)
    }

    fn same_town(&self, row: &Row) -> bool {
        self.query.town(self.view).range.contains(&row.town)
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
                () if asked.is_close(held) => Some(Near::Close),
                () if asked.is_near(held) => Some(Near::District),
                () => Some(Near::Far),
            }
        })
    }

    fn premises_likeness(&self, row: &Row, postcode: Option<Near>) -> Option<PremisesLikeness> {
        let asked = self.query.street.as_ref()?;
        if row.street == 0 {
            return None;
        }
        let numbers = row.numbers();
        // Elsewhere it does not matter whether another number stands in a street of the same name.
        let elsewhere = matches!(postcode, Some(Near::Close | Near::District | Near::Far));
        let street = match asked.range.contains(&row.street) {
            true => StreetLikeness::Same,
            false if elsewhere && !place::may_be_same(self.query.numbers, numbers) => {
                StreetLikeness::Different
            }
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

/// How near two postcodes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Near {
    Same,
    Close,
    District,
    Far,
}
