//! What a trace says: one person or nobody, and why.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::AddressKind;

/// The answer to one set of terms.
///
/// Everything in it is internal: a requester never sees counts, scores or which value matched.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The decision.
    pub outcome: Outcome,
    /// Row of the person, for `single`, `deceased` and `restricted_withheld`.
    pub person: Option<u32>,
    /// Identifier of that person in the source.
    pub person_id: Option<String>,
    /// Probability that the best candidate is the person; 0 when there is no candidate. The `mps`
    /// engine gives its score divided by 100.
    pub probability: f64,
    /// Evidence for the best candidate: log-odds in bits (`bayes`) or 0 to 100 (`mps`).
    pub score: Option<f64>,
    /// The same for the next different person.
    pub second_score: Option<f64>,
    /// `score - second_score`.
    pub gap: Option<f64>,
    /// Published response code.
    pub code: Code,
    /// Last step run by the `mps` engine (1 to 3); `None` for `bayes`. Not proof of a match.
    pub step: Option<u8>,
    /// Number of different people examined.
    pub candidate_count: u32,
    /// The best candidates, best first (at most 50).
    pub candidates: Vec<Candidate>,
}

/// The decision about one set of terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Certainly this person.
    Single,
    /// Nobody in the index fits.
    NoTrace,
    /// Two or more people fit too well to tell them apart.
    Ambiguous,
    /// Somebody may fit; more identifiers are needed to be certain.
    NeedsIdentifiers,
    /// A person fits whose record is restricted.
    RestrictedWithheld,
    /// Certainly this person, who has died.
    Deceased,
}

impl Outcome {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::NoTrace => "no_trace",
            Self::Ambiguous => "ambiguous",
            Self::NeedsIdentifiers => "needs_identifiers",
            Self::RestrictedWithheld => "restricted_withheld",
            Self::Deceased => "deceased",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Response codes of the published service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// 00: one match.
    Success,
    /// 90: the number asked for has been superseded; the current record answers.
    Superseded,
    /// 92: the matched record is sensitive.
    Sensitive,
    /// 96: not enough data to search with.
    NotEnoughData,
    /// 97: several people are too close to each other.
    MultipleClose,
    /// 98: nobody found.
    NotFound,
}

impl Code {
    /// The two digits.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "00",
            Self::Superseded => "90",
            Self::Sensitive => "92",
            Self::NotEnoughData => "96",
            Self::MultipleClose => "97",
            Self::NotFound => "98",
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One person who was examined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Row in the index.
    pub row: u32,
    /// Identifier in the source.
    pub person_id: String,
    /// Probability that this is the person (`bayes`), or score divided by 100 (`mps`).
    pub probability: f64,
    /// Evidence: log-odds in bits (`bayes`) or 0 to 100 (`mps`).
    pub score: f64,
    /// Why, in order; the last running total explains `score`.
    pub evidence: Vec<EvidenceLine>,
    /// Number of agreeing items, as [`crate::MatchRule::min_items`] counts them.
    pub agreeing_items: u8,
    /// A previous name, address or number matched, not a current one.
    pub on_history: bool,
    /// Kind of the current address.
    pub address_kind: AddressKind,
    /// The date of birth is 1 January or estimated.
    pub jan1: bool,
    /// The record is restricted.
    pub restricted: bool,
    /// A date of death is held.
    pub deceased: bool,
}

/// One piece of evidence: a bar of the waterfall.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceLine {
    /// Field, or the name of a correction.
    pub field: &'static str,
    /// What the request said.
    pub asked: String,
    /// What the index holds.
    pub held: String,
    /// How they compare, in plain words.
    pub level: &'static str,
    /// Evidence of this line: bits (`bayes`) or points out of 100 (`mps`).
    pub bits: f64,
    /// Total after this line.
    pub running_total: f64,
}
