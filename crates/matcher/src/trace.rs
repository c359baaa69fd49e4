//! The trace itself: one set of terms in, one answer out.

use crate::index::Parts;
use crate::{Answer, Engine, MatchRule, Model, Terms, bayes, mps};

/// Answers `terms` with one person or nobody of an [`Index`](crate::Index) or of
/// [`Current`](crate::index::Current) people, and says why.
pub fn trace<'a>(
    people: impl Into<Parts<'a>>,
    model: &Model,
    rule: &MatchRule,
    terms: &Terms,
) -> Answer {
    trace_one(&people.into(), model, rule, terms, true)
}

/// The same answer without candidates and evidence: whom, if anybody.
pub fn answer<'a>(
    people: impl Into<Parts<'a>>,
    model: &Model,
    rule: &MatchRule,
    terms: &Terms,
) -> Answer {
    trace_one(&people.into(), model, rule, terms, false)
}

fn trace_one(
    parts: &Parts<'_>,
    model: &Model,
    rule: &MatchRule,
    terms: &Terms,
    details: bool,
) -> Answer {
    match rule.engine {
        Engine::Bayes => bayes::trace(parts, model, rule, terms, details),
        Engine::Mps => mps::trace(parts, rule, terms, details),
    }
}

/// The same answers for a group of requests, without candidates and evidence.
pub(crate) fn trace_group(
    parts: &Parts<'_>,
    model: &Model,
    rule: &MatchRule,
    terms: &[&Terms],
) -> Vec<Answer> {
    let by_mps = |terms: &&Terms| mps::trace(parts, rule, terms, false);
    match rule.engine {
        Engine::Bayes => bayes::trace_group(parts, model, rule, terms),
        Engine::Mps => terms.iter().map(by_mps).collect(),
    }
}

#[cfg(test)]
mod tests;
