//! The answer to one clause of an agreement about one request.

use serde::{Deserialize, Serialize};

use crate::{Actor, Code};

/// In the place of a clause number: the agreement's budgets. Over budget, a person answers.
pub const BUDGETS: &str = "budgets";

/// In the place of a clause number: what became of the agency's earlier releases.
pub const OUTCOMES: &str = "outcomes";

/// In the place of a clause number: who asks. Where something is odd, a person calls the agency back.
pub const REQUESTER: &str = "requester";

/// How a clause was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    /// The clause is met.
    Pass,
    /// The clause is not met.
    Fail,
    /// Only a person can answer.
    NeedsHuman,
    /// The clause does not bear on this request.
    NotApplicable,
}

impl CheckResult {
    /// The text form.
    pub fn code(self) -> &'static str {
        match self {
            CheckResult::Pass => "pass",
            CheckResult::Fail => "fail",
            CheckResult::NeedsHuman => "needs_human",
            CheckResult::NotApplicable => "not_applicable",
        }
    }
}

/// One clause, answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Clause number, for example `4.2`.
    pub clause: String,
    /// The clause's text in plain words.
    pub text: String,
    /// How it was answered.
    pub result: CheckResult,
    /// The code a failure leads to.
    pub code: Code,
    /// What would cure a failure.
    pub cure: String,
    /// Whether the answer decides about the whole request before any trace: a failure refuses it,
    /// a waiting one keeps it. A clause that fails for some of the fields asked for only, or that
    /// the reviewers answer in their weighing, does not block.
    pub blocking: bool,
    /// Who answered, where a person did.
    pub answered_by: Option<Actor>,
    /// The person's reason, where a person answered.
    pub reason: Option<String>,
}

impl Check {
    /// Whether a clause of the agreement's text is answered, and not one of the conditions that rest on
    /// the agency's other requests.
    pub fn is_of_clause(&self) -> bool {
        ![BUDGETS, OUTCOMES, REQUESTER].contains(&self.clause.as_str())
    }
}

/// A judgement of a whole request: every clause answered, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checks {
    /// Every clause of the agreement version, in clause order.
    pub answers: Vec<Check>,
    /// Version of the judging engine.
    pub engine: String,
    /// Hash of the facts judged, so that the judgement can be replayed.
    pub inputs_hash: String,
}

impl Checks {
    /// The answer to the clause with this number.
    pub fn answer(&self, clause: &str) -> Option<&Check> {
        self.answers.iter().find(|check| check.clause == clause)
    }

    /// Blocking clauses that are not met.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.with(CheckResult::Fail)
    }

    /// Blocking clauses that wait for a person.
    pub fn waiting(&self) -> impl Iterator<Item = &Check> {
        self.with(CheckResult::NeedsHuman)
    }

    fn with(&self, result: CheckResult) -> impl Iterator<Item = &Check> {
        self.answers
            .iter()
            .filter(move |check| check.blocking && check.result == result)
    }
}
