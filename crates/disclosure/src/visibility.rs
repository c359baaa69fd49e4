//! Who may see what: the one table, asked on every path (page, API, export, file name, sort,
//! filter, error).

use crate::{Actor, Case, Role, State};

/// For whom something is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Audience {
    Public,
    Subject,
    Requester,
    Casework,
    Overseer,
}

/// A group of record fields that are always shown to the same people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Item {
    AgreementText,
    Statistics,
    References,
    Channel,
    Requester,
    RequesterCheck,
    Justification,
    SubjectTerms,
    FieldsRequested,
    OutwardStatus,
    InternalStatus,
    Checks,
    CheckEngine,
    Trace,
    DecisionOutcome,
    LawfulBasis,
    InternalCode,
    Weighing,
    Deciders,
    ReleaseRecipient,
    ReleaseFields,
    ReleaseValues,
    OutcomeReturn,
    Deferral,
    History,
}

impl Item {
    /// Every item, for tests and for the published table.
    pub const ALL: [Item; 25] = [
        Item::AgreementText,
        Item::Statistics,
        Item::References,
        Item::Channel,
        Item::Requester,
        Item::RequesterCheck,
        Item::Justification,
        Item::SubjectTerms,
        Item::FieldsRequested,
        Item::OutwardStatus,
        Item::InternalStatus,
        Item::Checks,
        Item::CheckEngine,
        Item::Trace,
        Item::DecisionOutcome,
        Item::LawfulBasis,
        Item::InternalCode,
        Item::Weighing,
        Item::Deciders,
        Item::ReleaseRecipient,
        Item::ReleaseFields,
        Item::ReleaseValues,
        Item::OutcomeReturn,
        Item::Deferral,
        Item::History,
    ];

    /// Public, subject, requester, casework; overseers see whatever casework sees, and the rows
    /// that are theirs alone.
    fn row(self) -> [bool; 4] {
        match self {
            Item::AgreementText | Item::Statistics => [true, true, true, true],
            Item::ReleaseRecipient | Item::ReleaseFields | Item::LawfulBasis => {
                [false, true, true, true]
            }
            Item::References
            | Item::Requester
            | Item::SubjectTerms
            | Item::FieldsRequested
            | Item::OutwardStatus
            | Item::DecisionOutcome
            | Item::ReleaseValues
            | Item::OutcomeReturn => [false, false, true, true],
            Item::Justification
            | Item::InternalStatus
            | Item::Checks
            | Item::Trace
            | Item::InternalCode
            | Item::Weighing
            // Staff decide on it; the person learns of it by its end.
            | Item::Deferral
            | Item::History => [false, false, false, true],
            Item::Channel | Item::RequesterCheck | Item::CheckEngine | Item::Deciders => {
                [false, false, false, false]
            }
        }
    }
}

/// Whether `audience` may see `item`.
pub fn may_see(audience: Audience, item: Item) -> bool {
    let [public, subject, requester, casework] = item.row();
    match audience {
        Audience::Public => public,
        Audience::Subject => subject,
        Audience::Requester => requester,
        Audience::Casework => casework,
        Audience::Overseer => true,
    }
}

/// Whether a caseworker's proposal may be shown to `actor` by now: to a guardian, while it waits for
/// one, only once they have written down an own view of it; whoever has released it in an emergency has
/// seen it.
pub fn may_see_draft(actor: &Actor, case: &Case) -> bool {
    let (drafted, released) = match &case.state {
        State::GuardianReview(drafted) => (drafted, false),
        State::EmergencyPending(disclosed) => (&disclosed.drafted, disclosed.review.by.is(actor)),
        _ => return true,
    };
    actor.role != Role::Guardian || released || drafted.own_view(actor).is_some()
}

/// The audience an actor belongs to for one case; `None` when the case is none of their business.
/// Whoever belongs to the asking agency sees what the agency sees, whatever the role.
pub fn audience(actor: &Actor, case: &Case) -> Option<Audience> {
    let asks = actor.organization == case.request.requester.organization;
    match actor.role {
        Role::Gate => Some(Audience::Casework),
        Role::Practice => None,
        Role::Officer | Role::Authoriser => asks.then_some(Audience::Requester),
        _ if asks => Some(Audience::Requester),
        Role::Caseworker | Role::Guardian => Some(Audience::Casework),
        Role::Overseer => Some(Audience::Overseer),
        Role::SubjectAccess | Role::Subject => None,
    }
}
