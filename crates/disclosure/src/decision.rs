//! Decisions of people: the caseworker's draft and the second person's own view.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, Field};

/// What the caseworker proposes to do once one certain person has been found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposal {
    /// Release these fields.
    Release(Vec<Field>),
    /// Forward the agency's message to the person and tell the agency nothing.
    Forward,
}

/// The weighing that a decision must write down. Each is a short text and none may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Views {
    /// Why these items are necessary.
    pub necessity: String,
    /// Public interest in disclosure against public interest in confidentiality.
    pub public_interest: String,
    /// Harm to the person, including later avoidance of care.
    pub harm: String,
    /// Risk to public health.
    pub public_health: String,
}

impl Views {
    /// The first part that has been left empty.
    pub fn missing(&self) -> Option<&'static str> {
        [
            ("necessity", &self.necessity),
            ("public_interest", &self.public_interest),
            ("harm", &self.harm),
            ("public_health", &self.public_health),
        ]
        .into_iter()
        .find(|(_, text)| text.trim().is_empty())
        .map(|(name, _)| name)
    }
}

/// The caseworker's draft decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What is proposed.
    pub proposal: Proposal,
    /// The one legal gateway relied on, for example `L3`.
    pub gateway: String,
    /// The written weighing.
    pub views: Views,
    /// Who drafted.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// What a second person would do, written down before the draft is shown to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnView {
    /// What they would do, and why.
    pub text: String,
    /// Who wrote it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// The second person's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondReview {
    /// The reviewer's own view, recorded before agreeing or declining.
    pub own_view: String,
    /// Why the decision is another than the own view, where it is.
    #[serde(default)]
    pub changed: Option<String>,
    /// Who reviewed.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}
