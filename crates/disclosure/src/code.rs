//! Why a request ended without a release: the published codes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// When a code can be given, which decides what the requester is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeGroup {
    /// A procedural fault found at intake: the request is `invalid`.
    Intake,
    /// A clause of the agreement is not met: the request is `refused`, with reasons.
    BeforeTrace,
    /// Something the trace brought to light: always the one answer `no_result`.
    AfterTrace,
}

/// A published code. See [`CodeGroup`] for what the requester learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "`meaning` says each in words")]
pub enum Code {
    FormIncomplete,
    NotCountersigned,
    RankTooLow,
    RequesterUnverified,
    InsufficientIdentifiers,
    SpeculativeOrBulk,
    Duplicate,
    NoAgreement,
    AgreementSuspended,
    NoLegalBasis,
    OutOfScopeOffence,
    BelowSeriousness,
    NotLostContact,
    AlternativesNotTried,
    NecessityNotShown,
    FieldNotPermitted,
    ActNotData,
    BudgetExceeded,
    OutcomesOverdue,
    PitExpired,
    PitNotMet,
    NoTrace,
    Ambiguous,
    NeedsIdentifiers,
    RestrictedWithheld,
    Deceased,
    PitNotMetAfterTrace,
    NoReleasableField,
}

/// Code, its text form, its meaning in plain words.
const TABLE: [(Code, &str, &str); 28] = [
    (
        Code::FormIncomplete,
        "form_incomplete",
        "A required part of the request is missing.",
    ),
    (
        Code::NotCountersigned,
        "not_countersigned",
        "Nobody but the requester has signed.",
    ),
    (
        Code::RankTooLow,
        "rank_too_low",
        "The authoriser's rank is below the agreement's minimum.",
    ),
    (
        Code::RequesterUnverified,
        "requester_unverified",
        "The requester could not be verified.",
    ),
    (
        Code::InsufficientIdentifiers,
        "insufficient_identifiers",
        "Too little is given to tell one person from another.",
    ),
    (
        Code::SpeculativeOrBulk,
        "speculative_or_bulk",
        "A request is about one named person; this one is not.",
    ),
    (
        Code::Duplicate,
        "duplicate",
        "The same request is already being dealt with.",
    ),
    (
        Code::NoAgreement,
        "no_agreement",
        "No agreement permits this agency to ask for this purpose.",
    ),
    (
        Code::AgreementSuspended,
        "agreement_suspended",
        "The agreement is suspended.",
    ),
    (
        Code::NoLegalBasis,
        "no_legal_basis",
        "No legal basis in the agreement is met.",
    ),
    (
        Code::OutOfScopeOffence,
        "out_of_scope_offence",
        "The offence is outside the agreement.",
    ),
    (
        Code::BelowSeriousness,
        "below_seriousness",
        "The offence is below the agreed seriousness.",
    ),
    (
        Code::NotLostContact,
        "not_lost_contact",
        "Contact with the person has not been lost.",
    ),
    (
        Code::AlternativesNotTried,
        "alternatives_not_tried",
        "Other reasonable means come first.",
    ),
    (
        Code::NecessityNotShown,
        "necessity_not_shown",
        "Why this is necessary has not been shown.",
    ),
    (
        Code::FieldNotPermitted,
        "field_not_permitted",
        "An item asked for may not be released.",
    ),
    (
        Code::ActNotData,
        "act_not_data",
        "The request asks for an act, not for data.",
    ),
    (
        Code::BudgetExceeded,
        "budget_exceeded",
        "The agreed number of requests is used up.",
    ),
    (
        Code::OutcomesOverdue,
        "outcomes_overdue",
        "Outcome returns for earlier releases are overdue.",
    ),
    (
        Code::PitExpired,
        "pit_expired",
        "The public-interest test has expired.",
    ),
    (
        Code::PitNotMet,
        "pit_not_met",
        "Release would not be in the public interest.",
    ),
    (Code::NoTrace, "no_trace", "Nobody in the index matches."),
    (
        Code::Ambiguous,
        "ambiguous",
        "More than one person may match.",
    ),
    (
        Code::NeedsIdentifiers,
        "needs_identifiers",
        "One person may match, not certainly enough.",
    ),
    (
        Code::RestrictedWithheld,
        "restricted_withheld",
        "The person's record is protected.",
    ),
    (Code::Deceased, "deceased", "The person has died."),
    (
        Code::PitNotMetAfterTrace,
        "pit_not_met_after_trace",
        "With the trace known, release is not in the public interest.",
    ),
    (
        Code::NoReleasableField,
        "no_releasable_field",
        "No item asked for can be released.",
    ),
];

impl Code {
    /// Every code, in the order of the published list.
    pub fn all() -> impl Iterator<Item = Code> {
        TABLE.into_iter().map(|(code, _, _)| code)
    }

    /// The text form, for example `no_agreement`.
    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// What it means in plain words.
    pub fn meaning(self) -> &'static str {
        self.row().2
    }

    /// The code with this text form, if there is one.
    pub fn from_code(text: &str) -> Option<Code> {
        Code::all().find(|code| code.code() == text)
    }

    /// When the code can be given.
    pub fn group(self) -> CodeGroup {
        if self <= Code::Duplicate {
            CodeGroup::Intake
        } else if self <= Code::PitNotMet {
            CodeGroup::BeforeTrace
        } else {
            CodeGroup::AfterTrace
        }
    }

    fn row(self) -> (Code, &'static str, &'static str) {
        // The discriminants count from zero in table order; a test checks every row.
        TABLE[self as usize]
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}
