//! How good answers are, when the truth is known: at most one person a request, and nobody is a right
//! answer for somebody who is not in the index.
//!
//! Precision is right answers over answers; recall is right answers over requests whose person is in
//! the index. An answer for a person who is not in the index is wrong.

mod calibration;
mod truth;

use serde::Serialize;

pub use calibration::{Bin, Calibration, interval};
pub use truth::{Truth, TruthError, Truths, key};

/// One answered request beside the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Evidence for the best candidate; `None` when there is none.
    pub score: Option<f64>,
    /// Evidence for the next one.
    pub second: Option<f64>,
    /// Probability given to the best candidate.
    pub probability: f64,
    /// The tracer's own rule answers with this candidate.
    pub single: bool,
    /// The candidate is the person.
    pub right: bool,
    /// The person is in the index.
    pub in_index: bool,
}

/// Margins between the best and the next candidate that are tried; the least one leaves exact ties
/// unanswered.
pub const MARGINS: [f64; 6] = [1e-9, 1.0, 2.0, 3.0, 5.0, 8.0];

/// What a set of answers is worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Requests.
    pub requests: u64,
    /// Of those, about somebody in the index.
    pub in_index: u64,
    /// By the tracer's own rule.
    pub operating_point: Operating,
    /// The threshold with the most recall among those with a precision of 0.999 or more.
    pub recall_at_p999: Option<Threshold>,
    /// The same for 0.9999.
    pub recall_at_p9999: Option<Threshold>,
    /// How far probabilities can be taken at their word.
    pub calibration: Calibration,
}

/// Answers of the tracer's own rule.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Operating {
    /// Answers given.
    pub answered: u64,
    /// Wrong ones among them.
    pub wrong: u64,
    /// Share of right ones among them; 1 when there are none.
    pub precision: f64,
    /// Right answers over requests whose person is in the index.
    pub recall: f64,
}

/// What a threshold gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Threshold {
    /// Least score of an answer.
    pub score: f64,
    /// Least distance to the next candidate.
    pub margin: f64,
    /// Right answers.
    pub right: u64,
    /// Wrong answers.
    pub wrong: u64,
    /// Right answers over answers.
    pub precision: f64,
    /// Right answers over requests whose person is in the index.
    pub recall: f64,
}

impl Evaluation {
    /// Evaluates answers.
    pub fn of(answers: &[Scored]) -> Self {
        let mut best: [Option<Threshold>; 2] = [None; 2];
        for margin in MARGINS {
            for threshold in curve(answers, margin) {
                for (best, precision) in best.iter_mut().zip([0.999, 0.9999]) {
                    let better = best.is_none_or(|best| threshold.recall > best.recall);
                    if threshold.precision >= precision && better {
                        *best = Some(threshold);
                    }
                }
            }
        }
        let [recall_at_p999, recall_at_p9999] = best;
        Self {
            requests: answers.len() as u64,
            in_index: in_index(answers),
            operating_point: Operating::of(answers),
            recall_at_p999,
            recall_at_p9999,
            calibration: Calibration::of(answers),
        }
    }
}

impl Operating {
    /// Counts the answers of the tracer's own rule.
    pub fn of(answers: &[Scored]) -> Self {
        let answered = answers.iter().filter(|one| one.single);
        let wrong = answered.clone().filter(|one| !one.right).count() as u64;
        let answered = answered.count() as u64;
        Self {
            answered,
            wrong,
            precision: share(answered - wrong, answered, 1.0),
            recall: share(answered - wrong, in_index(answers), 0.0),
        }
    }
}

/// Every threshold that makes a difference at this margin, the strictest first.
pub fn curve(answers: &[Scored], margin: f64) -> Vec<Threshold> {
    let people = in_index(answers);
    let apart = |one: &Scored| {
        one.second
            .is_none_or(|second| one.score.is_some_and(|score| score - second >= margin))
    };
    let far = answers.iter().filter(|one| apart(one));
    let mut scored: Vec<(f64, bool)> = far
        .filter_map(|one| Some((one.score?, one.right)))
        .collect();
    scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut right, mut wrong) = (0, 0);
    let mut curve = Vec::new();
    for (place, (score, is_right)) in scored.iter().enumerate() {
        right += u64::from(*is_right);
        wrong += u64::from(!is_right);
        // Equal scores stand or fall together.
        if scored.get(place + 1).is_none_or(|(next, _)| next < score) {
            curve.push(Threshold {
                score: *score,
                margin,
                right,
                wrong,
                precision: share(right, right + wrong, 1.0),
                recall: share(right, people, 0.0),
            });
        }
    }
    curve
}

fn in_index(answers: &[Scored]) -> u64 {
    answers.iter().filter(|one| one.in_index).count() as u64
}

/// `part / whole`, or `otherwise` of nothing.
fn share(part: u64, whole: u64, otherwise: f64) -> f64 {
    if whole == 0 {
        return otherwise;
    }
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests;
