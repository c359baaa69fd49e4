//! What one request teaches about the model: its plausible candidates, and how probable each is.

use crate::index::Index;
use crate::{Sex, Terms};

use super::{Asked, Found, Person, Weighed};
use crate::bayes::level::Level;
use crate::bayes::model::{CLASSES, Model};

/// What a request shows.
pub(in crate::bayes) struct Reading {
    pub plausible: Vec<Plausible>,
    /// How much more probable the request is than if it were about a random stranger, in bits.
    pub bits: f64,
}

/// A candidate that may be the person.
pub(in crate::bayes) struct Plausible {
    pub probability: f64,
    /// How probable each class of request quality is, if it is the person.
    pub classes: [f64; CLASSES],
    /// Levels shown, and the evidence of each in bits.
    pub levels: Vec<(Level, f64)>,
    /// A woman with a surname to compare.
    pub is_woman: bool,
}

/// Below this probability a candidate teaches nothing.
const PLAUSIBLE_LEAST: f64 = 1e-3;

/// What `terms` show against `index`.
pub(in crate::bayes) fn read(index: &Index, model: &Model, terms: &Terms) -> Reading {
    let parts = index.into();
    let found = Found::first(&parts, Asked::new(terms));
    found.compared(&parts, model, terms, |sides| {
        Weighed::of(model, sides).reading()
    })
}

impl Weighed<'_> {
    fn reading(&self) -> Reading {
        let known: f64 = self.people.iter().map(|person| person.weight).sum();
        let total = known + self.relatives + self.model.unrelated();
        let people = self.people.iter();
        let likely = people.filter(|person| person.weight / total >= PLAUSIBLE_LEAST);
        Reading {
            plausible: likely.map(|person| self.plausible(person, total)).collect(),
            bits: total.log2(),
        }
    }

    fn plausible(&self, person: &Person<'_>, total: f64) -> Plausible {
        let prior = self.model.classes;
        let mut classes = prior;
        for piece in person.evidence.pieces() {
            classes
                .iter_mut()
                .zip(piece.ratios(self.model))
                .for_each(|(class, ratio)| *class *= ratio);
        }
        let sum: f64 = classes.iter().sum();
        let row = person.row().copied().unwrap_or_default();
        let pieces = person.evidence.pieces();
        let levels = pieces.iter().filter_map(|piece| {
            let ratios = piece.ratios(self.model).into_iter().zip(prior);
            let ratio: f64 = ratios.map(|(ratio, class)| ratio * class).sum();
            Some((piece.level?, ratio.log2()))
        });
        Plausible {
            probability: person.weight / total,
            classes: classes.map(|class| class / sum),
            levels: levels.collect(),
            is_woman: row.sex() == Sex::Female && person.evidence.surname.level.is_some(),
        }
    }
}
