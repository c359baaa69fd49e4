//! Counts over all requests.

use std::collections::BTreeMap;

use super::Seen;
use super::groups::{Group, Groups};
use crate::bayes::SearchKey;
use crate::evaluate::{Scored, Truths};

/// Counts over all requests.
#[derive(Debug)]
pub struct Tally {
    /// Requests read.
    pub requests: u64,
    /// By the word for the outcome.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Best candidates by score: right, wrong, and of people not in the index; all are in the first
    /// where the truth is not known.
    pub scores: [Vec<u64>; 3],
    /// Every request with a truth beside it.
    pub scored: Vec<Scored>,
    /// The same without the requests for absent people with a relative in the index.
    pub near: Vec<bool>,
    /// By kind of noise.
    pub noises: Vec<NoiseTally>,
    /// By group.
    pub groups: BTreeMap<&'static str, BTreeMap<String, Group>>,
    /// By search key, in the order of [`SearchKey::ALL`].
    pub keys: Vec<KeyTally>,
    /// Requests for which a person was looked for among the rows found.
    pub looked_for: u64,
    /// Of those, found by any key.
    pub found: u64,
    /// Rows found by all keys together, summed, and the most of one request.
    pub rows: u64,
    /// Most rows of one request.
    pub rows_max: u32,
    truth_known: bool,
}

/// Counts of one kind of noise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoiseTally {
    /// As the truth names it; empty for requests without any.
    pub noise: String,
    /// Its requests.
    pub group: Group,
}

/// Counts of one search key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyTally {
    /// Rows found, summed.
    pub rows: u64,
    /// Most rows of one request.
    pub rows_max: u32,
    /// People found.
    pub found: u64,
    /// People found by this key alone.
    pub alone: u64,
}

/// Least score of the second column; the first holds everything below.
pub(super) const SCORE_FIRST: f64 = -20.0;
/// Bits a column.
pub(super) const SCORE_STEP: f64 = 4.0;
/// Columns; the last holds everything above.
pub(super) const SCORE_COLUMNS: usize = 22;

impl Tally {
    pub(super) fn new(truths: Option<&Truths>) -> Self {
        let names = truths.map(Truths::noises).unwrap_or_default();
        let noises = std::iter::once("").chain(names.iter().map(String::as_str));
        Self {
            requests: 0,
            outcomes: BTreeMap::new(),
            scores: [const { Vec::new() }; 3].map(|_: Vec<u64>| vec![0; SCORE_COLUMNS]),
            scored: Vec::new(),
            near: Vec::new(),
            noises: noises
                .map(|noise| NoiseTally {
                    noise: noise.to_owned(),
                    group: Group::default(),
                })
                .collect(),
            groups: Groups::new(),
            keys: vec![KeyTally::default(); SearchKey::ALL.len()],
            looked_for: 0,
            found: 0,
            rows: 0,
            rows_max: 0,
            truth_known: truths.is_some(),
        }
    }

    /// Is it known whom the requests are about?
    pub fn truth_known(&self) -> bool {
        self.truth_known
    }

    pub(super) fn add(&mut self, seen: &Seen) {
        self.requests += 1;
        *self.outcomes.entry(seen.outcome).or_default() += 1;
        self.add_score(&seen.scored);
        self.add_found(seen);
        if let Some(truth) = seen.truth {
            self.scored.push(seen.scored);
            self.near.push(truth.near);
            for (place, tally) in self.noises.iter_mut().enumerate() {
                let shows = match place.checked_sub(1) {
                    None => truth.noises == 0,
                    Some(bit) => truth.noises >> bit & 1 == 1,
                };
                if shows {
                    tally.group.add(seen);
                }
            }
        }
        for (dimension, group) in &seen.groups {
            let groups = self.groups.entry(dimension).or_default();
            groups.entry(group.clone()).or_default().add(seen);
        }
    }

    fn add_score(&mut self, scored: &Scored) {
        let Some(score) = scored.score else { return };
        let place =
            ((score - SCORE_FIRST) / SCORE_STEP + 1.0).clamp(0.0, SCORE_COLUMNS as f64 - 1.0);
        let part = match (self.truth_known, scored.right, scored.in_index) {
            (false, ..) | (_, true, _) => 0,
            (_, _, true) => 1,
            _ => 2,
        };
        if let Some(count) = self
            .scores
            .get_mut(part)
            .and_then(|part| part.get_mut(place as usize))
        {
            *count += 1;
        }
    }

    fn add_found(&mut self, seen: &Seen) {
        let Some((found, looked_for)) = &seen.found else {
            return;
        };
        self.rows += u64::from(found.together);
        self.rows_max = self.rows_max.max(found.together);
        let hits = found.person.iter().filter(|hit| **hit).count();
        self.looked_for += u64::from(*looked_for);
        self.found += u64::from(hits > 0);
        for (tally, (rows, hit)) in self
            .keys
            .iter_mut()
            .zip(found.rows.iter().zip(found.person))
        {
            tally.rows += u64::from(*rows);
            tally.rows_max = tally.rows_max.max(*rows);
            tally.found += u64::from(hit);
            tally.alone += u64::from(hit && hits == 1);
        }
    }
}
