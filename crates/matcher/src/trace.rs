//! The trace itself: one set of terms in, one answer out.

use crate::{Answer, Engine, Index, MatchRule, Model, Terms, bayes, mps};

/// Answers `terms` with one person or nobody, and says why.
pub fn trace(index: &Index, model: &Model, rule: &MatchRule, terms: &Terms) -> Answer {
    match rule.engine {
        Engine::Bayes => bayes::trace(index, model, rule, terms, true),
        Engine::Mps => mps::trace(index, rule, terms, true),
    }
}

/// The same answer without candidates and evidence: whom, if anybody.
pub fn answer(index: &Index, model: &Model, rule: &MatchRule, terms: &Terms) -> Answer {
    match rule.engine {
        Engine::Bayes => bayes::trace(index, model, rule, terms, false),
        Engine::Mps => mps::trace(index, rule, terms, false),
    }
}

/// The same answers for a group of requests, without candidates and evidence.
pub(crate) fn trace_group(
    index: &Index,
    model: &Model,
    rule: &MatchRule,
    terms: &[&Terms],
) -> Vec<Answer> {
    let by_mps = |terms: &&Terms| mps::trace(index, rule, terms, false);
    match rule.engine {
        Engine::Bayes => bayes::trace_group(index, model, rule, terms),
        Engine::Mps => terms.iter().map(by_mps).collect(),
    }
}

#[cfg(test)]
mod tests;
