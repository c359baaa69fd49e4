//! The trace itself: one set of terms in, one answer out.

use crate::{Answer, Engine, Index, MatchRule, Model, Terms, bayes, mps};

/// Answers `terms` with one person or nobody, and says why.
pub fn trace(index: &Index, model: &Model, rule: &MatchRule, terms: &Terms) -> Answer {
    answer(index, model, rule, terms, true)
}

/// The same answer; `details` adds the candidates and their evidence.
pub(crate) fn answer(
    index: &Index,
    model: &Model,
    rule: &MatchRule,
    terms: &Terms,
    details: bool,
) -> Answer {
    match rule.engine {
        Engine::Bayes => bayes::trace(index, model, rule, terms, details),
        Engine::Mps => mps::trace(index, rule, terms, details),
    }
}

#[cfg(test)]
mod tests;
