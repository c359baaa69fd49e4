//! A report on a model: what it weighs, whom it finds, whom it misses, and who can never be told apart.
//!
//! Requests are read once, in pieces; 40 bytes a request are kept, and only if the truth is known.

mod facts;
mod groups;
mod page;
mod tally;

use std::io::Read;

use rayon::prelude::*;

pub use facts::Facts;
pub use groups::{Group, Share};
pub use page::page;
pub use tally::{KeyTally, NoiseTally, Tally};

use crate::bayes::{self, Measure};
use crate::csv_input::{CsvError, RequestRow, read_requests};
use crate::evaluate::{Scored, Truth, Truths, key};
use crate::{Index, IndexInfo, MatchRule, Model, Name, Terms, trace};

/// What a report is made from.
pub struct Source<'a> {
    /// The people.
    pub index: &'a Index,
    /// The model.
    pub model: &'a Model,
    /// The rule that decides.
    pub rule: &'a MatchRule,
    /// Who the requests are really about, if known.
    pub truths: Option<&'a Truths>,
    /// Group of a name, for the report by group.
    pub group: &'a (dyn Fn(&Name) -> String + Sync),
}

/// Everything that a report says.
#[derive(Debug)]
pub struct Report {
    /// Where the model comes from.
    pub description: String,
    /// The index.
    pub index: IndexInfo,
    /// The rule that decided.
    pub rule: MatchRule,
    /// What the answers were.
    pub tally: Tally,
    /// What the model expects and the requests show.
    pub measure: Measure,
    /// What the index is like.
    pub facts: Facts,
}

/// Requests held in memory at a time.
const CHUNK: usize = 8192;
/// Requests that the levels are measured on.
const MEASURED_MAX: usize = 20_000;

/// Makes a report. `progress` gets the number of requests answered so far.
///
/// # Errors
/// Refuses a file of requests with a wrong header.
pub fn report<R: Read>(
    source: &Source<'_>,
    requests: R,
    progress: &mut dyn FnMut(u64),
) -> Result<Report, CsvError> {
    let mut rows = read_requests(requests)?;
    let mut tally = Tally::new(source.truths);
    let mut sample: Vec<Terms> = Vec::new();
    loop {
        let chunk: Vec<RequestRow> = rows.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            break;
        }
        let seen: Vec<Seen> = chunk.par_iter().map(|row| see(source, row)).collect();
        seen.iter().for_each(|one| tally.add(one));
        let room = MEASURED_MAX.saturating_sub(sample.len());
        sample.extend(chunk.into_iter().filter_map(|row| row.terms).take(room));
        progress(tally.requests);
    }
    Ok(Report {
        description: source.model.description.clone(),
        index: source.index.info(),
        rule: source.rule.clone(),
        measure: source.model.measure(source.index, &sample, &mut |_| {}),
        facts: Facts::of(source.index),
        tally,
    })
}

/// One request and its answer.
pub(crate) struct Seen {
    /// The word for the outcome.
    pub outcome: &'static str,
    pub scored: Scored,
    pub truth: Option<Truth>,
    /// What the keys found, and whether a person was looked for.
    pub found: Option<(bayes::Found, bool)>,
    /// Dimension and group.
    pub groups: Vec<(&'static str, String)>,
}

fn see(source: &Source<'_>, row: &RequestRow) -> Seen {
    let truth = source.truths.and_then(|truths| truths.of(&row.request_id));
    let in_index = truth.is_some_and(|truth| truth.person.is_some());
    let answered = row.terms.as_ref().and_then(|terms| {
        let group = trace::trace_group(&source.index.into(), source.model, source.rule, &[terms]);
        Some((terms, group.into_iter().next()?))
    });
    let Some((terms, answer)) = answered else {
        return Seen {
            outcome: "invalid",
            scored: Scored {
                score: None,
                second: None,
                probability: 0.0,
                single: false,
                right: false,
                in_index,
            },
            truth,
            found: None,
            groups: Vec::new(),
        };
    };
    let best = answer.person_id.as_deref().map(key);
    let person = match truth {
        Some(truth) => truth
            .person
            .and_then(|person| source.index.find_key(person)),
        None => answer.person,
    };
    let found = bayes::blocking(source.index, terms, person);
    Seen {
        outcome: answer.outcome.as_str(),
        scored: Scored {
            score: answer.score,
            second: answer.second_score,
            probability: answer.probability,
            single: answer.outcome == crate::Outcome::Single,
            right: best.is_some() && truth.is_some_and(|truth| truth.person == best),
            in_index,
        },
        truth,
        found: Some((found, person.is_some())),
        groups: groups::of(terms, source.group),
    }
}

#[cfg(test)]
mod tests;
