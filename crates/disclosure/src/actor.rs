//! Who acts: every arrow names a person (or the gate itself) and the two-person rules compare them.

use serde::{Deserialize, Serialize};

/// A person or machine that acts on a case. Two actors are the same person when `id` is equal,
/// whatever session or role they act in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Stable identity, for example the subject claim of the identity provider.
    pub id: String,
    /// Name to show to colleagues.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Organization code, for example `police-northmoor`.
    pub organization: String,
}

/// What an actor may do at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Agency officer: asks.
    Officer,
    /// Agency authoriser: countersigns.
    Authoriser,
    /// Controller's caseworker: traces, drafts.
    Caseworker,
    /// Caldicott Guardian: second decision, suspension.
    Guardian,
    /// Regulator or committee: reads everything, changes nothing.
    Overseer,
    /// Answers people who ask what is on record about them; sees nothing else.
    SubjectAccess,
    /// Somebody in the index, or who acts for one of them; sees what is theirs and nothing else.
    Subject,
    /// Staff of a practice: registers patients; sees no case.
    Practice,
    /// The gate's own worker.
    Gate,
}

impl Role {
    /// Every role that a person may have.
    pub const ALL: [Role; 6] = [
        Role::Officer,
        Role::Authoriser,
        Role::Caseworker,
        Role::Guardian,
        Role::Overseer,
        Role::SubjectAccess,
    ];

    /// The code used in configuration, records and pages.
    pub fn code(self) -> &'static str {
        match self {
            Role::Officer => "officer",
            Role::Authoriser => "authoriser",
            Role::Caseworker => "caseworker",
            Role::Guardian => "guardian",
            Role::Overseer => "overseer",
            Role::SubjectAccess => "subject_access",
            Role::Subject => "subject",
            Role::Practice => "practice",
            Role::Gate => "gate",
        }
    }

    /// Whether the role belongs to the controller's staff rather than to an agency.
    pub fn is_staff(self) -> bool {
        matches!(self, Role::Caseworker | Role::Guardian)
    }
}

impl Actor {
    /// The gate itself, for the steps no person takes.
    pub fn gate() -> Actor {
        Actor {
            id: "gate".to_owned(),
            name: "Tracegate".to_owned(),
            role: Role::Gate,
            organization: "controller".to_owned(),
        }
    }

    /// Whether both are the same natural person.
    pub fn is(&self, other: &Actor) -> bool {
        self.id == other.id
    }
}
