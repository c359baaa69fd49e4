//! How a model fares on requests: what it expects beside what they show.

use rayon::prelude::*;

use super::asked::Asked;
use super::day::Day;
use super::evidence::Comparison;
use super::frequency::Frequencies;
use super::level::Level;
use super::model::{CLASSES, Model};
use super::query::Query;
use super::train::Counts;
use crate::{Index, Terms};

/// What a set of requests shows of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Requests read.
    pub requests: usize,
    /// Share of them that are about somebody in the index, as the model has it.
    pub in_index: f64,
    /// Mean bits by which the model explains a request better than chance does.
    pub bits: f64,
    /// Shares of the classes of requests among those about somebody in the
    /// index.
    pub classes: [f64; CLASSES],
    /// Random pairs of a request and a row that were compared.
    pub pairs: u64,
    /// By level, in the order of [`Level::ALL`].
    pub levels: Vec<LevelMeasure>,
}

/// What a set of requests shows of one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelMeasure {
    /// Which level.
    pub level: Level,
    /// How often the model expects a true match to show it (m).
    pub expected: f64,
    /// How often the likely matches show it, where the field can be compared.
    pub seen: f64,
    /// How many likely matches show it.
    pub count: f64,
    /// How often a random row shows it, where the field can be compared (u); `None` if no pair could.
    pub strangers: Option<f64>,
    /// Mean evidence of the likely matches that show it, in bits; `None` if there is none.
    pub bits: Option<f64>,
}

/// Random pairs to compare: enough to see what one pair in a hundred thousand shows.
const PAIRS: usize = 2_000_000;
/// Likely matches below which nothing is said of a level.
const COUNT_LEAST: f64 = 0.5;

impl Model {
    /// Measures the model on `requests`. `progress` gets the number of requests read so far.
    pub fn measure(
        &self,
        index: &Index,
        requests: &[Terms],
        progress: &mut dyn FnMut(usize),
    ) -> Measure {
        let counts = Counts::of_all(index, self, requests, progress);
        let strangers = strangers(index, self, requests);
        let all: f64 = counts.classes.iter().sum();
        Measure {
            requests: requests.len(),
            in_index: counts.per_request(counts.in_index),
            bits: counts.per_request(counts.bits),
            classes: counts
                .classes
                .map(|class| class / all.max(f64::MIN_POSITIVE)),
            pairs: strangers.pairs,
            levels: Level::ALL
                .iter()
                .map(|level| self.level_measure(*level, &counts, &strangers))
                .collect(),
        }
    }

    fn level_measure(&self, level: Level, counts: &Counts, strangers: &Strangers) -> LevelMeasure {
        let place = level as usize;
        let by_class = counts.levels.get(place).copied().unwrap_or_default();
        let count: f64 = by_class.iter().sum();
        let comparable: f64 = (0..CLASSES)
            .map(|class| counts.total_beside(level, class))
            .sum();
        let bits = counts.level_bits.get(place).copied().unwrap_or_default();
        let enough = count >= COUNT_LEAST;
        LevelMeasure {
            level,
            expected: self.average_share(level),
            seen: count / comparable.max(f64::MIN_POSITIVE),
            count,
            strangers: strangers.share(level),
            bits: enough.then(|| bits / count),
        }
    }
}

/// Levels shown by random pairs.
struct Strangers {
    pairs: u64,
    levels: [u64; Level::COUNT],
}

impl Strangers {
    /// Among the pairs that show any level of the field.
    fn share(&self, level: Level) -> Option<f64> {
        let count = |one: Level| self.levels.get(one as usize).copied().unwrap_or_default();
        // A name in the wrong place is one way for a given name to compare.
        let field = |one: Level| match one.field() {
            "names" => "given_name",
            field => field,
        };
        let same_field = Level::ALL.iter().filter(|one| field(**one) == field(level));
        let all: u64 = same_field.map(|one| count(*one)).sum();
        (all > 0).then(|| count(level) as f64 / all as f64)
    }

    fn add(mut self, other: &Self) -> Self {
        self.pairs += other.pairs;
        let both = self.levels.iter_mut().zip(&other.levels);
        both.for_each(|(mine, theirs)| *mine += theirs);
        self
    }

    fn none() -> Self {
        Self {
            pairs: 0,
            levels: [0; Level::COUNT],
        }
    }
}

/// Compares each request with rows all over the index.
fn strangers(index: &Index, model: &Model, requests: &[Terms]) -> Strangers {
    let each = PAIRS.div_ceil(requests.len().max(1));
    let with_rows = requests
        .par_iter()
        .enumerate()
        .map(|(place, terms)| strangers_of(index, model, terms, place * each..(place + 1) * each));
    with_rows.reduce(Strangers::none, |all, one| all.add(&one))
}

/// Distance between two rows that are looked at: a prime, so that all rows have their turn.
const STRIDE: usize = 1_000_003;

fn strangers_of(
    index: &Index,
    model: &Model,
    terms: &Terms,
    turns: std::ops::Range<usize>,
) -> Strangers {
    let view = index.view();
    let query = Query::new(&view, Asked::new(terms));
    let day = Day::new(&view, &query);
    let frequencies = Frequencies::new(&[(&view, &query, &day)]);
    let comparison = Comparison::new(&view, model, &query, frequencies);
    let rows = view.rows.len().max(1);
    let mut strangers = Strangers::none();
    for turn in turns {
        let number = turn.wrapping_mul(STRIDE) % rows;
        let row = view.rows.get(number);
        let Some(row) = row.filter(|row| !row.is_earlier()) else {
            continue;
        };
        strangers.pairs += 1;
        for level in comparison
            .evidence(&comparison.held(number as u32, row))
            .pieces()
            .iter()
            .filter_map(|piece| piece.level)
        {
            if let Some(count) = strangers.levels.get_mut(level as usize) {
                *count += 1;
            }
        }
    }
    strangers
}

#[cfg(test)]
mod tests;
