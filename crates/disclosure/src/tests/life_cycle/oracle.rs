//! The published table of arrows, written down a second time, and who may take each.

use crate::Role;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arrow {
    Invalidate,
    Judge,
    AnswerClause,
    Refuse,
    Ask,
    Clarify,
    StartTrace,
    RecordTrace,
    Draft,
    EndWithoutResult,
    WriteOwnView,
    Agree,
    Decline,
    Collect,
    ReturnOutcome,
    Recall,
    ConfirmDestroyed,
    ReleaseInEmergency,
    Uphold,
    NotUphold,
    Hold,
    RefuseSuspended,
    Resume,
    Withdraw,
    Expire,
    EndDownload,
    DeclareEmergency,
    LapseEmergency,
}

use Arrow::{
    Agree, AnswerClause, Ask, Clarify, Collect, ConfirmDestroyed, DeclareEmergency, Decline, Draft,
    EndDownload, EndWithoutResult, Expire, Hold, Invalidate, Judge, LapseEmergency, NotUphold,
    Recall, RecordTrace, Refuse, RefuseSuspended, ReleaseInEmergency, Resume, ReturnOutcome,
    StartTrace, Uphold, Withdraw, WriteOwnView,
};

/// From, arrow, to.
pub const TABLE: &[(&str, Arrow, &[&str])] = &[
    ("submitted", Invalidate, &["invalid"]),
    (
        "submitted",
        Judge,
        &["submitted", "checked", "refused", "invalid"],
    ),
    (
        "submitted",
        AnswerClause,
        &["submitted", "checked", "refused", "invalid"],
    ),
    ("submitted", Refuse, &["refused"]),
    ("clarification", Clarify, &["checked", "submitted"]),
    ("checked", StartTrace, &["tracing"]),
    ("checked", Ask, &["clarification"]),
    ("tracing", RecordTrace, &["casework_review"]),
    ("casework_review", Draft, &["guardian_review"]),
    ("casework_review", EndWithoutResult, &["no_result"]),
    (
        "guardian_review",
        Agree,
        &["released", "released_part", "forwarded", "no_result"],
    ),
    ("guardian_review", WriteOwnView, &["guardian_review"]),
    ("guardian_review", Decline, &["no_result"]),
    ("checked", DeclareEmergency, &["checked"]),
    ("emergency_pending", LapseEmergency, &["recalled"]),
    ("checked", ReleaseInEmergency, &["emergency_pending"]),
    ("emergency_pending", Collect, &["emergency_pending"]),
    ("emergency_pending", WriteOwnView, &["emergency_pending"]),
    ("emergency_pending", Uphold, &["outcome_due"]),
    ("emergency_pending", NotUphold, &["recalled"]),
    ("released", Collect, &["outcome_due"]),
    // Few stories get here: the rarer step comes first.
    ("released_part", EndDownload, &["released_part"]),
    ("released_part", Collect, &["outcome_due"]),
    ("outcome_due", Collect, &["outcome_due"]),
    ("outcome_due", ReturnOutcome, &["closed", "recalled"]),
    ("released", Recall, &["recalled"]),
    ("released_part", Recall, &["recalled"]),
    ("outcome_due", Recall, &["recalled"]),
    ("recalled", ConfirmDestroyed, &["closed"]),
    ("emergency_pending", EndDownload, &["emergency_pending"]),
    ("released", EndDownload, &["released"]),
    ("outcome_due", EndDownload, &["outcome_due"]),
    ("submitted", Hold, &["held_suspension"]),
    ("checked", Hold, &["held_suspension"]),
    ("clarification", Hold, &["held_suspension"]),
    ("tracing", Hold, &["held_suspension"]),
    ("casework_review", Hold, &["held_suspension"]),
    ("guardian_review", Hold, &["held_suspension"]),
    ("held_suspension", Resume, &["submitted"]),
    ("submitted", RefuseSuspended, &["refused"]),
    ("checked", RefuseSuspended, &["refused"]),
    ("clarification", RefuseSuspended, &["refused"]),
    ("tracing", RefuseSuspended, &["refused"]),
    ("casework_review", RefuseSuspended, &["refused"]),
    ("guardian_review", RefuseSuspended, &["refused"]),
    ("held_suspension", RefuseSuspended, &["refused"]),
    ("submitted", Withdraw, &["withdrawn"]),
    ("checked", Withdraw, &["withdrawn"]),
    ("clarification", Withdraw, &["withdrawn"]),
    ("tracing", Withdraw, &["withdrawn"]),
    ("casework_review", Withdraw, &["withdrawn"]),
    ("guardian_review", Withdraw, &["withdrawn"]),
    ("held_suspension", Withdraw, &["withdrawn"]),
    ("submitted", Expire, &["expired"]),
    ("checked", Expire, &["expired"]),
    ("clarification", Expire, &["expired"]),
    ("tracing", Expire, &["expired"]),
    ("casework_review", Expire, &["expired"]),
    ("guardian_review", Expire, &["expired"]),
    ("held_suspension", Expire, &["expired"]),
];

/// The arrows that start from a state.
pub fn from(state: &str) -> impl Iterator<Item = Arrow> {
    let rows = TABLE.iter().filter(move |(from, _, _)| *from == state);
    rows.map(|(_, arrow, _)| *arrow)
}

/// The row of the table that allows the step, as the table itself writes it.
pub fn row(from: &str, arrow: Arrow, to: &str) -> Option<(&'static str, Arrow, &'static str)> {
    TABLE
        .iter()
        .filter(|row| row.0 == from && row.1 == arrow)
        .find_map(|row| Some((row.0, arrow, *row.2.iter().find(|state| **state == to)?)))
}

impl Arrow {
    pub const ALL: [Arrow; 28] = [
        Invalidate,
        Judge,
        AnswerClause,
        Refuse,
        Ask,
        Clarify,
        StartTrace,
        RecordTrace,
        Draft,
        EndWithoutResult,
        WriteOwnView,
        Agree,
        Decline,
        Collect,
        ReturnOutcome,
        Recall,
        ConfirmDestroyed,
        ReleaseInEmergency,
        Uphold,
        NotUphold,
        Hold,
        RefuseSuspended,
        Resume,
        Withdraw,
        Expire,
        EndDownload,
        DeclareEmergency,
        LapseEmergency,
    ];

    /// Away from the straight way through: told apart so that stories get far.
    pub fn is_sideways(self) -> bool {
        matches!(
            self,
            Invalidate
                | Refuse
                | Hold
                | RefuseSuspended
                | Withdraw
                | Expire
                | EndDownload
                | LapseEmergency
        )
    }

    /// Who may take it.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Invalidate | Judge | Refuse | Hold | RefuseSuspended | Resume | Expire | Recall => {
                &[Role::Gate, Role::Caseworker, Role::Guardian]
            }
            AnswerClause | Ask => &[Role::Caseworker, Role::Guardian],
            EndDownload | LapseEmergency => &[Role::Gate],
            StartTrace | RecordTrace => &[Role::Gate, Role::Caseworker],
            Draft | EndWithoutResult | DeclareEmergency => &[Role::Caseworker],
            WriteOwnView | Agree | Decline | ReleaseInEmergency | Uphold | NotUphold => {
                &[Role::Guardian]
            }
            Clarify | Collect | ReturnOutcome | Withdraw => &[Role::Officer, Role::Authoriser],
            ConfirmDestroyed => &[
                Role::Officer,
                Role::Authoriser,
                Role::Gate,
                Role::Caseworker,
                Role::Guardian,
            ],
        }
    }
}
