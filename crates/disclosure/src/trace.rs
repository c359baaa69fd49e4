//! What a trace brought to light, as the case keeps it: enough to review and to replay, salted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, Code};

/// The five ways a trace can end without one certain person, and the one way with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the codes of the same names say what they mean"
)]
pub enum TraceOutcome {
    Single,
    NoTrace,
    Ambiguous,
    NeedsIdentifiers,
    RestrictedWithheld,
    Deceased,
}

impl TraceOutcome {
    /// The after-trace code the outcome leads to; `None` for the one certain person.
    pub fn code(self) -> Option<Code> {
        match self {
            TraceOutcome::Single => None,
            TraceOutcome::NoTrace => Some(Code::NoTrace),
            TraceOutcome::Ambiguous => Some(Code::Ambiguous),
            TraceOutcome::NeedsIdentifiers => Some(Code::NeedsIdentifiers),
            TraceOutcome::RestrictedWithheld => Some(Code::RestrictedWithheld),
            TraceOutcome::Deceased => Some(Code::Deceased),
        }
    }
}

/// One line of a candidate's evidence: a step of the waterfall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvidenceLine {
    /// What was compared, for example `birth date`.
    pub field: String,
    /// What the comparison found, in words.
    pub finding: String,
    /// Evidence for (positive) or against (negative), in bits.
    pub bits: f64,
    /// Sum so far, in bits.
    pub total: f64,
}

/// One person examined. Every one is recorded, not only the best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Reference into the person index; never shown outside casework.
    pub person_ref: String,
    /// Total evidence in bits (or the published 0-100 score for the `mps` engine).
    pub score: f64,
    /// Posterior probability that this is the person asked about, 0 to 1.
    pub probability: f64,
    /// Whether a past value had to be used to match.
    pub on_history: bool,
    /// Whether the record is protected.
    pub restricted: bool,
    /// Whether the birth date is a first of January or marked estimated.
    pub jan1: bool,
    /// The waterfall.
    pub evidence: Vec<EvidenceLine>,
}

/// A recorded trace. Replay reads this; it never searches again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceResult {
    /// Who started the trace.
    pub tracer: Actor,
    /// When.
    pub at: Timestamp,
    /// Which engine answered: `bayes` or `mps`.
    pub engine: String,
    /// Checksum of the index file that was searched.
    pub index_version: String,
    /// How it ended.
    pub outcome: TraceOutcome,
    /// How many people were examined in all.
    pub examined: u32,
    /// The best of them, best first.
    pub candidates: Vec<Candidate>,
    /// Evidence between the best and the next, where there are two.
    pub gap: Option<f64>,
}

impl Candidate {
    fn is_finite(&self) -> bool {
        let lines = self.evidence.iter();
        let lines = lines.flat_map(|line| [line.bits, line.total]);
        let own = [self.score, self.probability];
        own.into_iter().chain(lines).all(f64::is_finite)
    }
}

impl TraceResult {
    /// Whether every number in it is one. JSON has no other: they would be written as nothing and could
    /// not be read again.
    pub fn is_finite(&self) -> bool {
        self.gap.is_none_or(f64::is_finite) && self.candidates.iter().all(Candidate::is_finite)
    }

    /// The one certain person, if the trace found one (I8).
    pub fn single(&self) -> Option<&Candidate> {
        match self.outcome {
            TraceOutcome::Single => self.candidates.first(),
            _ => None,
        }
    }
}
