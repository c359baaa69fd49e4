//! Is a model sane? Rules that a useful model keeps, whatever it was learned from.

use super::level::Level;
use super::measure::{LevelMeasure, Measure};
use super::model::{CLASSES, Model};

/// Something a check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The model should not be used as it is.
    pub fault: bool,
    /// What was found, in plain words.
    pub what: String,
}

/// A level that two models see differently.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Which level.
    pub level: Level,
    /// How often a true match shows it, in this model and in the other.
    pub shares: [f64; 2],
    /// How much more evidence it is in this model, in bits.
    pub bits: f64,
}

/// Distance from 1 at which shares that must add up to 1 do not.
const SUM_TOLERANCE: f64 = 0.01;
/// Shares of the levels of one field may not exceed 1 by more than this.
const FIELD_SUM_MOST: f64 = 1.05;
/// Two weights closer than this are alike, in bits.
const BITS_TOLERANCE: f64 = 0.5;
/// Likely matches from which on a mean weight is trusted.
const COUNT_TRUSTED: f64 = 20.0;

impl Model {
    /// Checks the numbers of the model alone.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut fault = |what: String| findings.push(Finding { fault: true, what });
        let classes: f64 = self.classes.iter().sum();
        if (classes - 1.0).abs() > SUM_TOLERANCE {
            fault(format!(
                "the shares of the classes add up to {classes:.3}, not 1"
            ));
        }
        let prior = self.prior;
        let known = prior.in_index + prior.twin + prior.namesake + prior.household;
        if known > 1.0 - 1e-6 {
            fault(format!(
                "the prior shares add up to {known:.3}; nothing is left for people unrelated to anybody"
            ));
        }
        for field in Level::fields() {
            let levels = Level::of_field(field);
            let Some(strongest) = levels.first() else {
                continue;
            };
            let most = self.average_share(*strongest);
            for other in levels.iter().skip(1) {
                if self.average_share(*other) > most && !other.is_conditional() {
                    fault(format!(
                        "`{field}`: a true match shows `{}` more often than `{}`",
                        other.name(),
                        strongest.name()
                    ));
                }
            }
            for class in 0..CLASSES {
                let share = |level: &Level| self.shares(*level).get(class).copied().unwrap_or(0.0);
                let plain = levels.iter().filter(|level| !level.is_conditional());
                let sum: f64 = plain.map(share).sum();
                if sum > FIELD_SUM_MOST {
                    fault(format!(
                        "`{field}`: the shares of class {} add up to {sum:.3}, more than 1",
                        class + 1
                    ));
                }
            }
        }
        findings
    }

    /// Levels that this model and `other` weigh differently, the largest difference first.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let mut all: Vec<Difference> = Level::ALL
            .iter()
            .map(|level| {
                let shares = [self.average_share(*level), other.average_share(*level)];
                Difference {
                    level: *level,
                    shares,
                    bits: (shares[0] / shares[1]).log2(),
                }
            })
            .filter(|difference| difference.bits.abs() > 0.01)
            .collect();
        all.sort_by(|a, b| b.bits.abs().total_cmp(&a.bits.abs()));
        all
    }
}

impl Measure {
    /// Checks that evidence grows with agreement: the strongest level of a field never weighs less
    /// than another one.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for field in Level::fields() {
            let of_field = |one: &&LevelMeasure| one.level.field() == field;
            let levels: Vec<&LevelMeasure> = self.levels.iter().filter(of_field).collect();
            let trusted = |one: &&LevelMeasure| one.count >= COUNT_TRUSTED;
            let Some((strongest, most)) = levels
                .first()
                .filter(|one| trusted(one))
                .and_then(|one| Some((one.level, one.bits?)))
            else {
                continue;
            };
            for other in levels.iter().skip(1).filter(|one| trusted(one)) {
                if let Some(bits) = other.bits.filter(|bits| *bits > most + BITS_TOLERANCE) {
                    findings.push(Finding {
                        fault: true,
                        what: format!(
                            "`{field}`: `{}` weighs {bits:+.1} bits, more than `{}` with {most:+.1}",
                            other.level.name(),
                            strongest.name(),
                        ),
                    });
                }
            }
        }
        findings
    }

    /// Levels that likely matches show much more or less often than the model expects, as notes, the
    /// worst first.
    pub fn misfits(&self) -> Vec<Finding> {
        let misfit = |one: &LevelMeasure| {
            let expected = one.expected * (one.count / one.seen.max(f64::MIN_POSITIVE));
            // Ten matches of trust on both sides, so that rare levels are no news.
            ((one.count + 10.0) / (expected + 10.0)).log2()
        };
        let mut worst: Vec<&LevelMeasure> = self
            .levels
            .iter()
            .filter(|one| misfit(one).abs() > 1.0)
            .collect();
        worst.sort_by(|a, b| misfit(b).abs().total_cmp(&misfit(a).abs()));
        worst
            .iter()
            .map(|one| Finding {
                fault: false,
                what: format!(
                    "`{}`: likely matches show `{}` in {:.2} %, the model expects {:.2} %",
                    one.level.field(),
                    one.level.name(),
                    100.0 * one.seen,
                    100.0 * one.expected,
                ),
            })
            .collect()
    }
}

impl Level {
    /// All fields, in order.
    pub fn fields() -> impl Iterator<Item = &'static str> {
        let places = Self::ALL.iter().enumerate();
        places.filter_map(|(place, level)| {
            let before = place.checked_sub(1).and_then(|place| Self::ALL.get(place));
            (before.map(|one| one.field()) != Some(level.field())).then(|| level.field())
        })
    }

    /// The levels of `field`, strongest agreement first.
    pub fn of_field(field: &str) -> Vec<Self> {
        let levels = Self::ALL.iter().copied();
        levels.filter(|level| level.field() == field).collect()
    }

    /// Is its share one among special cases only (partial dates, women), so that it does not add up
    /// with the others of its field?
    fn is_conditional(self) -> bool {
        matches!(self, Self::BirthPartial | Self::SurnameDifferentWoman)
    }
}

#[cfg(test)]
mod tests;
