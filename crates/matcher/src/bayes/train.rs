//! Learns a model from requests, without being told any answer.
//!
//! Expectation maximization: trace every request with the model so far, count every level of every
//! plausible candidate by how probable the candidate is, and take the shares of the counts as the next
//! model. Chances of strangers come from the index itself and need no training. Shares are drawn
//! towards the starting model, so that a few requests cannot make a slip impossible.

use rayon::prelude::*;

use crate::{Index, Terms};

use super::level::Level;
use super::model::{CLASSES, Model};
use super::posterior::{Reading, read};

/// How a training went.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// The learned model.
    pub model: Model,
    /// Requests learned from.
    pub requests: usize,
    /// Rounds run, the last one last.
    pub rounds: Vec<Round>,
}

/// One round of training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Round {
    /// Counted from 1.
    pub number: usize,
    /// Largest change of a share.
    pub change: f64,
    /// Share of the requests that were about somebody in the index, as the model before this round
    /// had it.
    pub in_index: f64,
    /// Mean bits by which that model explained a request better than chance does.
    pub bits: f64,
}

/// A change below this is none.
const CHANGE_LEAST: f64 = 1e-4;
/// A gain below this, in bits a request, is none.
const GAIN_LEAST: f64 = 1e-4;

/// Requests' worth of trust that the starting model keeps.
const STARTING_TRUST: f64 = 50.0;
/// Requests between two reports of progress.
const BATCH: usize = 8192;
/// No share goes below this: nothing is impossible.
const SHARE_LEAST: f64 = 1e-6;

/// Seven digits are enough, read well, and come back from a file as they were.
fn rounded(share: f64) -> f64 {
    (share.clamp(SHARE_LEAST, 1.0) * 1e7).round() / 1e7
}

/// Expected counts.
#[derive(Clone)]
pub(super) struct Counts {
    pub levels: [[f64; CLASSES]; Level::COUNT],
    /// Evidence in bits that each level gave, summed over its counts.
    pub level_bits: [f64; Level::COUNT],
    pub classes: [f64; CLASSES],
    /// Of the women among the matches with a surname to compare.
    women: [f64; CLASSES],
    pub in_index: f64,
    pub requests: f64,
    /// Bits by which the model explains the requests better than chance does.
    pub bits: f64,
}

impl Counts {
    /// Traces every request with the model and counts what it shows. `progress` gets the number of
    /// requests read so far.
    pub(super) fn of_all(
        index: &Index,
        model: &Model,
        requests: &[Terms],
        progress: &mut dyn FnMut(usize),
    ) -> Self {
        let mut counts = Self::none();
        for (position, batch) in requests.chunks(BATCH).enumerate() {
            // Chunks of a fixed size, added in order: the same sums on any number of cores.
            let chunks: Vec<Self> = batch
                .par_chunks(256)
                .map(|chunk| {
                    let read = chunk.iter().map(|terms| read(index, model, terms));
                    read.fold(Self::none(), |counts, reading| {
                        counts.add(&Self::of(&reading))
                    })
                })
                .collect();
            counts = chunks.iter().fold(counts, Self::add);
            progress((position * BATCH + batch.len()).min(requests.len()));
        }
        counts
    }

    fn none() -> Self {
        Self {
            levels: [[0.0; CLASSES]; Level::COUNT],
            level_bits: [0.0; Level::COUNT],
            classes: [0.0; CLASSES],
            women: [0.0; CLASSES],
            in_index: 0.0,
            requests: 0.0,
            bits: 0.0,
        }
    }

    fn of(reading: &Reading) -> Self {
        let mut counts = Self::none();
        counts.requests = 1.0;
        counts.bits = reading.bits;
        for one in &reading.plausible {
            counts.in_index += one.probability;
            for (class, share) in one.classes.iter().enumerate() {
                let mass = one.probability * share;
                if let Some(count) = counts.classes.get_mut(class) {
                    *count += mass;
                }
                for (level, _) in &one.levels {
                    if let Some(count) = counts.level(*level, class) {
                        *count += mass;
                    }
                }
                if one.is_woman
                    && let Some(count) = counts.women.get_mut(class)
                {
                    *count += mass;
                }
            }
            for (level, bits) in &one.levels {
                if let Some(sum) = counts.level_bits.get_mut(*level as usize) {
                    *sum += one.probability * bits;
                }
            }
        }
        counts
    }

    fn level(&mut self, level: Level, class: usize) -> Option<&mut f64> {
        self.levels.get_mut(level as usize)?.get_mut(class)
    }

    fn add(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.levels.iter_mut().zip(&other.levels) {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine += theirs;
            }
        }
        for class in 0..CLASSES {
            for (mine, theirs) in [
                (&mut self.classes, &other.classes),
                (&mut self.women, &other.women),
            ] {
                if let (Some(mine), Some(theirs)) = (mine.get_mut(class), theirs.get(class)) {
                    *mine += theirs;
                }
            }
        }
        for (mine, theirs) in self.level_bits.iter_mut().zip(&other.level_bits) {
            *mine += theirs;
        }
        self.bits += other.bits;
        self.in_index += other.in_index;
        self.requests += other.requests;
        self
    }
}

impl Model {
    /// Learns from `requests` against `index`, starting from `self`, in at most `rounds_max` rounds.
    /// `progress` gets the rounds done and the requests read in the one that runs.
    pub fn train(
        &self,
        index: &Index,
        requests: &[Terms],
        rounds_max: usize,
        progress: &mut dyn FnMut(&[Round], usize),
    ) -> Training {
        let mut training = Training {
            model: self.clone(),
            requests: requests.len(),
            rounds: Vec::new(),
        };
        while training.rounds.len() < rounds_max {
            let rounds = &training.rounds;
            let counts = Counts::of_all(index, &training.model, requests, &mut |done| {
                progress(rounds, done);
            });
            let next = self.learned(&counts);
            let round = Round {
                number: training.rounds.len() + 1,
                change: next.farthest_from(&training.model),
                in_index: counts.per_request(counts.in_index),
                bits: counts.per_request(counts.bits),
            };
            let before = training
                .rounds
                .last()
                .map_or(f64::NEG_INFINITY, |one| one.bits);
            training.model = next;
            training.rounds.push(round);
            progress(&training.rounds, 0);
            if round.change < CHANGE_LEAST || round.bits - before < GAIN_LEAST {
                break;
            }
        }
        training
    }

    /// The next model: shares of the counts, drawn towards `self`.
    fn learned(&self, counts: &Counts) -> Self {
        let mut next = self.clone();
        for level in Level::ALL {
            for class in 0..CLASSES {
                let start = self.share(*level, class);
                let trust = STARTING_TRUST * self.classes.get(class).copied().unwrap_or(0.0);
                let of_level = counts
                    .levels
                    .get(*level as usize)
                    .and_then(|c| c.get(class));
                let total = counts.total_beside(*level, class);
                let learned = (of_level.copied().unwrap_or(0.0) + trust * start) / (total + trust);
                if let Some(share) = next
                    .match_share
                    .get_mut(*level as usize)
                    .and_then(|all| all.get_mut(class))
                {
                    *share = rounded(learned);
                }
            }
        }
        let all: f64 = counts.classes.iter().sum();
        for (share, (count, start)) in next
            .classes
            .iter_mut()
            .zip(counts.classes.iter().zip(&self.classes))
        {
            *share = rounded((count + STARTING_TRUST * start) / (all + STARTING_TRUST));
        }
        next.description = format!("Learned from {} requests.", counts.requests);
        next
    }

    fn share(&self, level: Level, class: usize) -> f64 {
        self.shares(level)
            .get(class)
            .copied()
            .unwrap_or(SHARE_LEAST)
    }

    fn farthest_from(&self, other: &Self) -> f64 {
        let pairs = self
            .match_share
            .iter()
            .flatten()
            .zip(other.match_share.iter().flatten());
        pairs
            .map(|(one, two)| (one - two).abs())
            .fold(0.0, f64::max)
    }
}

impl Counts {
    pub(super) fn per_request(&self, sum: f64) -> f64 {
        sum / self.requests.max(1.0)
    }

    /// Mass of everything that could have shown `level`.
    pub(super) fn total_beside(&self, level: Level, class: usize) -> f64 {
        let mass = |levels: &dyn Fn(Level) -> bool| {
            let counted = Level::ALL.iter().filter(|one| levels(**one));
            counted
                .filter_map(|one| self.levels.get(*one as usize)?.get(class))
                .sum::<f64>()
        };
        match level {
            Level::SurnameDifferentWoman => self.women.get(class).copied().unwrap_or(0.0),
            Level::NamesSwapped | Level::NamesHalfSwapped => {
                mass(&|one| matches!(one.field(), "given_name" | "names"))
            }
            // A partial date says nothing about slips in full ones.
            Level::BirthPartial => mass(&|one| matches!(one, Level::BirthPartial)),
            Level::GivenExact
            | Level::GivenVariant
            | Level::GivenClose
            | Level::GivenNear
            | Level::GivenInitial
            | Level::GivenIsMiddle
            | Level::GivenDifferent => mass(&|one| matches!(one.field(), "given_name" | "names")),
            other => mass(&|one| one.field() == other.field() && one != Level::BirthPartial),
        }
    }
}

#[cfg(test)]
pub(in crate::bayes) mod tests;
