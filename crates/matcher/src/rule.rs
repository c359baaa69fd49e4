//! When an answer is certain enough: the match rule that an agreement carries.

use serde::{Deserialize, Serialize};

/// The engine and its thresholds. A rule is part of an agreement; the crate only applies it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchRule {
    /// Which engine decides.
    pub engine: Engine,
    /// Least certainty of a `single` answer: a probability from 0 to 1 for `bayes`, a score from 0 to
    /// 100 for `mps`.
    pub floor: f64,
    /// Least distance to the next person: bits for `bayes`; for `mps` the distance must be *greater*
    /// than this many points.
    pub min_gap: f64,
    /// Least number of agreeing items (given name, surname, date of birth, postcode or address, NHS
    /// number, previous name).
    pub min_items: u8,
    /// Agreeing items needed on top of `min_items` when the date of birth is 1 January or estimated.
    pub jan1_extra: u8,
}

impl MatchRule {
    /// The default rule: posterior probability from all evidence.
    pub fn bayes() -> Self {
        Self {
            engine: Engine::Bayes,
            floor: 0.99,
            min_gap: 3.0,
            min_items: 3,
            jan1_extra: 1,
        }
    }

    /// The published three-step rules, with the release floor put on top of them.
    pub fn mps() -> Self {
        Self {
            engine: Engine::Mps,
            floor: 95.0,
            min_gap: 5.0,
            min_items: 4,
            jan1_extra: 1,
        }
    }
}

impl Default for MatchRule {
    fn default() -> Self {
        Self::bayes()
    }
}

/// The two engines over one index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// The three steps of the Master Person Service, as its handbook publishes them.
    Mps,
    /// Evidence in bits and a posterior over all candidates plus "not in the index".
    Bayes,
}
