//! The state of an agreement version, as the case's life cycle needs to know it.

use serde::{Deserialize, Serialize};

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
