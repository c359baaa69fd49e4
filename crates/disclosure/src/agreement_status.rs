//! The state of an agreement version, as the case's life cycle needs to know it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, AgreementRef};

/// State of an agreement version at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementState {
    /// Not yet agreed or not yet effective.
    NotYet,
    /// In force.
    InForce,
    /// In force, with an overlay that only removes permissions.
    Narrowed,
    /// Suspended: open requests wait.
    SuspendedHold,
    /// Suspended: open requests are refused.
    SuspendedRefuse,
    /// Withdrawn or expired.
    Ended,
}

impl AgreementState {
    /// Whether requests may be traced and released under it (I7).
    pub fn is_open(self) -> bool {
        matches!(self, AgreementState::InForce | AgreementState::Narrowed)
    }

    /// Whether it is stopped for now, and two people could reopen it.
    pub fn is_suspended(self) -> bool {
        matches!(
            self,
            AgreementState::SuspendedHold | AgreementState::SuspendedRefuse
        )
    }

    /// The text form, as stored.
    pub fn code(self) -> &'static str {
        match self {
            AgreementState::NotYet => "not_yet",
            AgreementState::InForce => "in_force",
            AgreementState::Narrowed => "narrowed",
            AgreementState::SuspendedHold => "suspended_hold",
            AgreementState::SuspendedRefuse => "suspended_refuse",
            AgreementState::Ended => "ended",
        }
    }

    /// The state with this text form, if there is one.
    pub fn from_code(code: &str) -> Option<AgreementState> {
        [
            AgreementState::NotYet,
            AgreementState::InForce,
            AgreementState::Narrowed,
            AgreementState::SuspendedHold,
            AgreementState::SuspendedRefuse,
            AgreementState::Ended,
        ]
        .into_iter()
        .find(|state| state.code() == code)
    }
}

/// What is recorded of an agreement version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which version, and the hash it was recorded with.
    pub agreement: AgreementRef,
    /// Where it stands.
    pub state: AgreementState,
    /// Counts the changes; every write names the version it was made from (I21).
    pub version: u64,
    /// The suspension, while there is one.
    pub suspension: Option<Suspension>,
}

/// A suspension: one person's step, which it takes two to take back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Why, in the words of the person who suspended.
    pub reason: String,
    /// Who suspended.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The state it goes back to: a version that was narrowed stays narrowed.
    pub reopens_as: AgreementState,
    /// The first of the two people who reopen.
    pub proposed: Option<Reopening>,
}

/// A proposal to reopen, which waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopening {
    /// Why.
    pub reason: String,
    /// Who proposed.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}
