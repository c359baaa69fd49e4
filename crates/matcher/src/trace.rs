//! The trace itself: one set of terms in, one answer out.

use crate::{Answer, Code, Index, MatchRule, Model, Outcome, Terms};

/// Answers `terms` with one person or nobody, and says why.
pub fn trace(index: &Index, model: &Model, rule: &MatchRule, terms: &Terms) -> Answer {
    let _ = (index, model, rule, terms);
    Answer {
        outcome: Outcome::NoTrace,
        person: None,
        person_id: None,
        probability: 0.0,
        score: None,
        second_score: None,
        gap: None,
        code: Code::NotFound,
        step: None,
        candidate_count: 0,
        candidates: Vec::new(),
    }
}
