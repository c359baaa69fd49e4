//! What an arrow produces: the change, one event for the ledger, and the messages to send.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::agreement_status::Standing;
use crate::concern::{Concern, Telling};
use crate::registration::Registration;
use crate::requester::RequesterCheck;
use crate::{Actor, AgreementRef, Case, Wishes};

/// What happened. The number is the `kind` of the ledger leaf and never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u16)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum EventKind {
    Received = 1,
    Invalidated = 2,
    Judged = 3,
    ClauseAnswered = 4,
    Refused = 5,
    Held = 6,
    Resumed = 7,
    Asked = 8,
    Clarified = 9,
    TraceStarted = 10,
    Traced = 11,
    Drafted = 12,
    Ended = 13,
    Released = 14,
    Forwarded = 15,
    Declined = 16,
    Collected = 17,
    OutcomeReturned = 18,
    Recalled = 19,
    Withdrawn = 20,
    Expired = 21,
    EmergencyReleased = 22,
    EmergencyUpheld = 23,
    DestructionConfirmed = 24,
    CollectedAgain = 25,
    DownloadEnded = 26,
    EmergencyDeclared = 27,
    Assigned = 28,
    OwnViewWritten = 29,
    CaseViewed = 30,
    LogRead = 31,
    AccessRefused = 32,
    SessionsEnded = 33,
    AccountChanged = 34,
    AccountLocked = 35,
    AgreementChanged = 40,
    ReopeningProposed = 41,
    PublicationProposed = 42,
    AgreementPublished = 43,
    InterestTestProposed = 44,
    InterestTestConfirmed = 45,
    ErasureProposed = 50,
    Erased = 51,
    Deferred = 60,
    DeferralRenewed = 61,
    DeferralEnded = 62,
    LogKeyAnnounced = 70,
    LogKeyTookOver = 71,
    LogContinued = 72,
    Registered = 80,
    RegistrationChanged = 81,
    RegistrationRefused = 82,
    RefusalTold = 83,
    RegistrationViewed = 84,
    Approached = 85,
    WishRecorded = 90,
    CorrectionAnswered = 91,
    OwnRecordRead = 92,
}

impl EventKind {
    /// Every kind, in order of its number.
    pub const ALL: [EventKind; 58] = [
        EventKind::Received,
        EventKind::Invalidated,
        EventKind::Judged,
        EventKind::ClauseAnswered,
        EventKind::Refused,
        EventKind::Held,
        EventKind::Resumed,
        EventKind::Asked,
        EventKind::Clarified,
        EventKind::TraceStarted,
        EventKind::Traced,
        EventKind::Drafted,
        EventKind::Ended,
        EventKind::Released,
        EventKind::Forwarded,
        EventKind::Declined,
        EventKind::Collected,
        EventKind::OutcomeReturned,
        EventKind::Recalled,
        EventKind::Withdrawn,
        EventKind::Expired,
        EventKind::EmergencyReleased,
        EventKind::EmergencyUpheld,
        EventKind::DestructionConfirmed,
        EventKind::CollectedAgain,
        EventKind::DownloadEnded,
        EventKind::EmergencyDeclared,
        EventKind::Assigned,
        EventKind::OwnViewWritten,
        EventKind::CaseViewed,
        EventKind::LogRead,
        EventKind::AccessRefused,
        EventKind::SessionsEnded,
        EventKind::AccountChanged,
        EventKind::AccountLocked,
        EventKind::AgreementChanged,
        EventKind::ReopeningProposed,
        EventKind::PublicationProposed,
        EventKind::AgreementPublished,
        EventKind::InterestTestProposed,
        EventKind::InterestTestConfirmed,
        EventKind::ErasureProposed,
        EventKind::Erased,
        EventKind::Deferred,
        EventKind::DeferralRenewed,
        EventKind::DeferralEnded,
        EventKind::LogKeyAnnounced,
        EventKind::LogKeyTookOver,
        EventKind::LogContinued,
        EventKind::Registered,
        EventKind::RegistrationChanged,
        EventKind::RegistrationRefused,
        EventKind::RefusalTold,
        EventKind::RegistrationViewed,
        EventKind::Approached,
        EventKind::WishRecorded,
        EventKind::CorrectionAnswered,
        EventKind::OwnRecordRead,
    ];

    /// The leaf's kind number.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The kind with this number, if there is one.
    pub fn from_number(number: u16) -> Option<EventKind> {
        EventKind::ALL
            .into_iter()
            .find(|kind| kind.number() == number)
    }

    /// Words for a timeline.
    pub fn label(self) -> &'static str {
        match self {
            EventKind::Received => "Request received",
            EventKind::Invalidated => "Returned: procedural fault",
            EventKind::Judged => "Judged against the agreement",
            EventKind::ClauseAnswered => "Clause answered by a person",
            EventKind::Refused => "Refused",
            EventKind::Held => "Held: agreement suspended",
            EventKind::Resumed => "Taken up again",
            EventKind::Asked => "Question sent to the agency",
            EventKind::Clarified => "Agency answered",
            EventKind::TraceStarted => "Trace started",
            EventKind::Traced => "Traced",
            EventKind::Drafted => "Decision drafted",
            EventKind::Ended => "Ended without result",
            EventKind::Released => "Released",
            EventKind::Forwarded => "Message forwarded",
            EventKind::Declined => "Second person declined",
            EventKind::Collected => "Release collected",
            EventKind::OutcomeReturned => "Outcome returned",
            EventKind::Recalled => "Recalled",
            EventKind::Withdrawn => "Withdrawn by the agency",
            EventKind::Expired => "Expired",
            EventKind::EmergencyReleased => "Emergency release",
            EventKind::EmergencyUpheld => "Emergency release upheld",
            EventKind::DestructionConfirmed => "Destruction confirmed",
            EventKind::CollectedAgain => "Release collected again",
            EventKind::DownloadEnded => "Download ended, record emptied",
            EventKind::EmergencyDeclared => "Emergency declared",
            EventKind::Assigned => "Case in other hands",
            EventKind::OwnViewWritten => "Own view of a second person",
            EventKind::CaseViewed => "Case viewed",
            EventKind::LogRead => "Log read",
            EventKind::AccessRefused => "Access refused",
            EventKind::SessionsEnded => "Somebody's sessions ended",
            EventKind::AccountChanged => "Account to sign in with changed",
            EventKind::AccountLocked => "Account locked after wrong attempts",
            EventKind::AgreementChanged => "Agreement status changed",
            EventKind::ReopeningProposed => "Reopening of an agreement proposed",
            EventKind::PublicationProposed => "Publication of an agreement proposed",
            EventKind::AgreementPublished => "Agreement published",
            EventKind::InterestTestProposed => "Public-interest test proposed",
            EventKind::InterestTestConfirmed => "Public-interest test confirmed",
            EventKind::ErasureProposed => "Erasure proposed",
            EventKind::Erased => "Record erased",
            EventKind::Deferred => "Telling the person deferred",
            EventKind::DeferralRenewed => "Deferral renewed",
            EventKind::DeferralEnded => "Deferral ended, people told",
            EventKind::LogKeyAnnounced => "Next key of the log announced",
            EventKind::LogKeyTookOver => "Next key of the log took over",
            EventKind::LogContinued => "Log continued under another name",
            EventKind::Registered => "Patient registered",
            EventKind::RegistrationChanged => "Registration changed",
            EventKind::RegistrationRefused => "Registration refused",
            EventKind::RefusalTold => "Refused patient told in writing",
            EventKind::RegistrationViewed => "Registration viewed",
            EventKind::Approached => "Approach outside the channel",
            EventKind::WishRecorded => "A person asked something about themselves",
            EventKind::CorrectionAnswered => "A correction answered",
            EventKind::OwnRecordRead => "What a person may see was read",
        }
    }

    /// Whether entries of this kind may be about a person and no case.
    pub fn is_about_a_person(self) -> bool {
        matches!(
            self,
            EventKind::LogRead
                | EventKind::Erased
                | EventKind::WishRecorded
                | EventKind::CorrectionAnswered
                | EventKind::OwnRecordRead
                | EventKind::Registered
                | EventKind::RegistrationChanged
                | EventKind::RegistrationViewed
        )
    }
}

/// Facts in a fixed order: their JSON is canonical.
pub type Facts = BTreeMap<String, String>;

/// One entry of the ledger, before it is salted and hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When, exactly. The leaf shows the hour only.
    pub at: Timestamp,
    /// The case it is about, if any.
    pub case_id: Option<String>,
    /// Who did it.
    pub actor: Actor,
    /// What an auditor may open: codes, versions, clauses. No personal data.
    pub audit: Facts,
    /// Whom it is about, and what each of them may open: their own part and nothing of the others.
    pub concerns: Vec<Concern>,
    /// When they are told.
    pub telling: Telling,
}

/// A message to send after the write, at least once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "topic")]
pub enum Message {
    /// The worker has something to do on the case.
    Work {
        /// Case to look at.
        case_id: String,
    },
    /// The agency may look at its answer from `at` on. Carries no content.
    Notify {
        /// Organization to tell.
        organization: String,
        /// Case it is about.
        case_id: String,
        /// Not before this instant.
        at: Timestamp,
    },
}

/// What the write changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A new case.
    Open(Box<Case>),
    /// A case moves from the version before to this one.
    Move(Box<Case>),
    /// As `Move`, and only if the case's agreement is open at the instant of the write (I7).
    MoveIfAgreementOpen(Box<Case>, AgreementRef),
    /// The standing of an agreement version moves from the version before to this one. Whoever is
    /// told that it is written knows that nothing sent under the old one is still on its way.
    Agreement(Box<Standing>),
    /// What a person has asked about themselves moves from the version before to this one.
    Wishes(Box<Wishes>),
    /// What is held about one person is destroyed: exactly these cases, at these versions, are all that
    /// are about them.
    Erase(Vec<(String, u64)>),
    /// A registration: a new one, or the version after the one that is kept.
    Register(Box<Registration>),
    /// Nothing: something was only looked at (I9).
    Nothing,
    /// As `Nothing`, and only if the agreement is open at the instant of the write (I7).
    NothingIfAgreementOpen(AgreementRef),
}

/// Everything one arrow writes, in one transaction or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// Idempotency key: a second write with the same key is answered as done and changes nothing.
    pub key: String,
    /// What changes.
    pub change: Change,
    /// The ledger entry.
    pub event: Event,
    /// What to send afterwards.
    pub outbox: Vec<Message>,
    /// Whom the case asks about, so that requests about one person can be counted.
    pub marks: Vec<Mark>,
}

/// A keyed hash of identifiers of the person asked about: equal where two requests give the same
/// ones, and without the key it tells nothing.
pub type Mark = [u8; 16];

impl Transition {
    /// The same write, which also records whom the case asks about.
    pub fn marked(self, marks: Vec<Mark>) -> Transition {
        Transition { marks, ..self }
    }

    /// The same write, which also records how the gate made sure who asks.
    pub fn checked(mut self, check: RequesterCheck) -> Transition {
        let (Change::Open(case) | Change::Move(case) | Change::MoveIfAgreementOpen(case, _)) =
            &mut self.change
        else {
            return self;
        };
        let odd: Vec<&str> = check.odd.iter().map(|odd| odd.code()).collect();
        let said = [
            ("requester_method", check.method.code().to_owned()),
            ("requester_credential", check.credential.clone()),
            ("requester_odd", odd.join(" ")),
        ];
        let said = said.map(|(name, value)| (name.to_owned(), value));
        self.event.audit.extend(said);
        case.requester_check = Some(check);
        self
    }

    /// The case as it will be after the write, where the write changes one.
    pub fn case(&self) -> Option<&Case> {
        match &self.change {
            Change::Open(case) | Change::Move(case) | Change::MoveIfAgreementOpen(case, _) => {
                Some(case)
            }
            Change::Agreement(_)
            | Change::Wishes(_)
            | Change::Erase(_)
            | Change::Register(_)
            | Change::Nothing
            | Change::NothingIfAgreementOpen(_) => None,
        }
    }
}
