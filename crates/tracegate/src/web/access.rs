//! Which role may enter which room: one table for every page.

use disclosure::Role;

/// A part of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// An agency's own requests.
    Requests,
    /// The controller's cases, to read.
    Cases,
    /// The steps that any of the controller's staff may take.
    Staff,
    /// The caseworker's steps.
    Casework,
    /// The second person's steps.
    SecondReview,
    /// Suspending an agreement.
    Suspension,
    /// Looking over what the gate decided.
    Oversight,
    /// Answering people who ask what is on record about them.
    SubjectAccess,
    /// What a portal of subjects asks.
    Portal,
    /// What concerns oneself, or somebody one acts for.
    Own,
    /// Ending the sessions of others, and unlocking their accounts.
    Sessions,
    /// Who may do what.
    People,
    /// A practice's own patients.
    Practice,
}

impl Room {
    /// Whether the role may enter.
    pub fn admits(self, role: Role) -> bool {
        match self {
            Room::Requests => matches!(role, Role::Officer | Role::Authoriser),
            Room::Cases => role.is_staff() || role == Role::Overseer,
            Room::Staff => role.is_staff(),
            Room::Casework => role == Role::Caseworker,
            Room::SecondReview | Room::Suspension | Room::Sessions => role == Role::Guardian,
            Room::Oversight => role == Role::Overseer,
            Room::People => matches!(role, Role::Guardian | Role::Overseer),
            Room::Practice => role == Role::Practice,
            Room::Portal => role == Role::SubjectAccess,
            Room::Own => role == Role::Subject,
            Room::SubjectAccess => matches!(role, Role::SubjectAccess | Role::Guardian),
        }
    }

    /// Whom it is for, in plain words.
    pub fn for_whom(self) -> &'static str {
        match self {
            Room::Requests => "agencies that ask",
            Room::Cases => "caseworkers, guardians and overseers",
            Room::Staff => "caseworkers and guardians",
            Room::Casework => "caseworkers",
            Room::SecondReview | Room::Suspension | Room::Sessions => "the Caldicott Guardian",
            Room::Oversight => "overseers",
            Room::Own => "people who look at what concerns themselves",
            Room::People => "the Caldicott Guardian and overseers",
            Room::Practice => "the staff of practices",
            Room::Portal => "a portal in which people see who asked about them",
            Room::SubjectAccess => "the subject access clerk and the Caldicott Guardian",
        }
    }

    /// The code in the record of a refusal.
    pub fn code(self) -> &'static str {
        match self {
            Room::Requests => "page of requests",
            Room::Cases => "page of cases",
            Room::Staff => "step of staff",
            Room::Casework => "page of casework",
            Room::SecondReview => "page of second review",
            Room::Suspension => "page of suspension",
            Room::Oversight => "page of oversight",
            Room::SubjectAccess => "page of subject access",
            Room::Practice => "page of a practice",
            Room::Portal => "portal of subjects",
            Room::Own => "page of a person",
            Room::Sessions => "sessions of others",
            Room::People => "page of people",
        }
    }
}
