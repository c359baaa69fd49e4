//! The case: a request on its way through the gate.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::check::Checks;
use crate::concern::Concerned;
use crate::decision::{Draft, OwnView, SecondReview};
use crate::deferral::Deferral;
use crate::intake::Fault;
use crate::release::{OutcomeReturn, Release};
use crate::requester::RequesterCheck;
use crate::trace::TraceResult;
use crate::{Actor, Code, EventKind, Request};

/// An agreement version, by name and by the hash of its canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementRef {
    /// `AGREEMENT/VERSION`, for example `police-serious-crime/2026-01-01`.
    pub name: String,
    /// Hex SHA-256 of the version's canonical bytes.
    pub hash: String,
}

/// A request and everything that has happened to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Public reference, random, for example `TG-7F3K-92QD`.
    pub id: String,
    /// Counts the changes; every write names the version it was made from (I21).
    pub version: u64,
    /// What was asked.
    pub request: Request,
    /// The agreement the request is judged under, once one applies.
    pub agreement: Option<AgreementRef>,
    /// Where it stands.
    pub state: State,
    /// When it arrived. The requester's clock starts here.
    pub received_at: Timestamp,
    /// When it ends by itself if nobody acts.
    pub expires_at: Timestamp,
    /// When the requester may learn of an after-trace answer.
    pub answer_at: Option<Timestamp>,
    /// How it was counted when it ended; kept when it moves on to `closed`.
    pub ending: Option<Ending>,
    /// What happened, oldest first.
    pub history: Vec<Step>,
    /// Who of the staff has it in hand. Binds nobody: anybody who may take a step still may.
    #[serde(default)]
    pub assignee: Option<Actor>,
    /// What a caseworker proposes to release in an emergency, while it waits for a guardian.
    #[serde(default)]
    pub emergency: Option<Draft>,
    /// Questions the agency has answered, oldest first.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// Whom it has come to be about.
    #[serde(default)]
    pub concerned: Concerned,
    /// Why they are told later.
    #[serde(default)]
    pub deferral: Option<Deferral>,
    /// How the gate made sure who asks.
    #[serde(default)]
    pub requester_check: Option<RequesterCheck>,
}

/// A question to the agency and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Exchange {
    pub question: String,
    pub answer: String,
}

impl Case {
    /// Whether the agency has written free text, so that a person must look before a trace (I20).
    pub fn has_free_text(&self) -> bool {
        self.request.manual_information.is_some() || !self.exchanges.is_empty()
    }

    /// When the full review of an emergency release is due at the latest.
    pub fn emergency_review_due(&self) -> Option<Timestamp> {
        let State::EmergencyPending(disclosed) = &self.state else {
            return None;
        };
        let decided = disclosed.release.decided_at;
        Some(decided.checked_add(EMERGENCY_REVIEW).unwrap_or(decided))
    }

    /// The deadline, moved by as long as the case has stood still since the step `paused`.
    pub(crate) fn deadline_after_pause(&self, paused: EventKind, now: Timestamp) -> Timestamp {
        let since = self.history.iter().rfind(|step| step.kind == paused);
        let pause = since.map_or(SignedDuration::ZERO, |step| now.duration_since(step.at));
        self.expires_at
            .checked_add(pause.max(SignedDuration::ZERO))
            .unwrap_or(self.expires_at)
    }

    /// When the agency is to have said what became of what it collected, while it has not.
    pub fn outcome_due_at(&self) -> Option<Timestamp> {
        let State::OutcomeDue(disclosed) = &self.state else {
            return None;
        };
        let release = &disclosed.release;
        release.collected.as_ref().map(|_| release.outcome_due_at)
    }

    /// When the record of the release is to be emptied, while it holds one: [`DOWNLOAD_KEPT`] after
    /// collection, so that a lost connection can be repeated, or at the end of the data life.
    pub fn download_until(&self) -> Option<Timestamp> {
        let release = &self.state.disclosed()?.release;
        (!release.record.is_empty()).then(|| release.download_until(DOWNLOAD_KEPT))
    }
}

/// How long after an emergency release its full review may take: three days bridge a weekend.
pub const EMERGENCY_REVIEW: SignedDuration = SignedDuration::from_hours(72);

/// How long a collected record can be collected again with the same key.
pub const DOWNLOAD_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// One line of a case's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// Which arrow.
    pub kind: EventKind,
    /// Who.
    pub actor: Actor,
    /// Short note in plain words, without personal data.
    pub note: String,
}

/// Where a case stands; each variant carries the facts of its stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for the clauses to be judged, or for a person to answer some of them.
    Submitted(Checks),
    /// Ended: a procedural fault.
    Invalid(Vec<Fault>),
    /// Every clause is met; ready to be traced.
    Checked(Checks),
    /// The agency has been asked a question; the clock stands still.
    Clarification(Question),
    /// Waits while the agreement is suspended.
    HeldSuspension,
    /// Being traced.
    Tracing(Tracing),
    /// A caseworker looks at what the trace found.
    CaseworkReview(Traced),
    /// A second person looks at the draft.
    GuardianReview(Drafted),
    /// Released in an emergency; a full review by somebody new is due.
    EmergencyPending(Disclosed),
    /// Ended the requester's wait: everything asked for.
    Released(Disclosed),
    /// Ended the requester's wait: part of it.
    ReleasedPart(Disclosed),
    /// Ended: the agency's message was forwarded, if that was possible.
    Forwarded(Drafted),
    /// Ended: a clause is not met.
    Refused(Refusal),
    /// Ended: nothing can be given; the reason stays inside.
    NoResult(NoResult),
    /// Ended by the requester.
    Withdrawn,
    /// Ended by its deadline.
    Expired,
    /// Collected; the agency owes an outcome return.
    OutcomeDue(Disclosed),
    /// The release was about the wrong person or was not upheld.
    Recalled(Disclosed),
    /// Done.
    Closed(Option<OutcomeReturn>),
}

/// A question to the agency, and the judgement to go back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Question {
    pub checks: Checks,
    pub text: String,
}

/// A trace under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Tracing {
    pub checks: Checks,
    pub tracer: Actor,
}

/// Judged and traced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Traced {
    pub checks: Checks,
    pub trace: TraceResult,
}

/// Judged, traced and drafted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Drafted {
    pub traced: Traced,
    pub draft: Draft,
    /// What second people would do, each written before they saw this draft.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_views: Vec<OwnView>,
}

impl Drafted {
    /// What this person wrote before they saw the draft, if they have.
    pub fn own_view(&self, by: &Actor) -> Option<&OwnView> {
        self.own_views.iter().find(|view| view.by.is(by))
    }
}

/// Decided by two people and released.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Disclosed {
    pub drafted: Drafted,
    pub review: SecondReview,
    pub release: Release,
    /// The full review of an emergency release, once it has been made.
    #[serde(default)]
    pub emergency_review: Option<SecondReview>,
}

/// Refused before any trace: the reasons are the requester's to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The first failing clause's code.
    pub code: Code,
    /// The judgement, where there was an agreement to judge under.
    pub checks: Checks,
    /// Why, where no clause says it.
    pub reason: String,
    /// What would change the answer.
    pub cure: String,
}

/// Ended without a result after a trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoResult {
    /// The true reason; overseers see it, the requester never does.
    pub code: Code,
    /// What was traced.
    pub traced: Traced,
    /// Who decided.
    pub by: Actor,
    /// What the second person declined, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declined: Option<Declined>,
}

/// A disagreement: the draft of the first person, and the view of the second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Declined {
    pub draft: Draft,
    pub review: SecondReview,
}

/// How a request is counted once the requester's wait has ended. See I1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Ending {
    Invalid,
    Refused,
    NoResult,
    ReleasedAll,
    ReleasedPart,
    Forwarded,
    Withdrawn,
    Expired,
}

impl Ending {
    /// Every ending.
    pub const ALL: [Ending; 8] = [
        Ending::Invalid,
        Ending::Refused,
        Ending::NoResult,
        Ending::ReleasedAll,
        Ending::ReleasedPart,
        Ending::Forwarded,
        Ending::Withdrawn,
        Ending::Expired,
    ];

    /// The ending with this column name, if there is one.
    pub fn from_code(code: &str) -> Option<Ending> {
        Ending::ALL.into_iter().find(|ending| ending.code() == code)
    }

    /// The column name in the statistics.
    pub fn code(self) -> &'static str {
        match self {
            Ending::Invalid => "invalid",
            Ending::Refused => "refused",
            Ending::NoResult => "no_result",
            Ending::ReleasedAll => "released_all",
            Ending::ReleasedPart => "released_part",
            Ending::Forwarded => "forwarded",
            Ending::Withdrawn => "withdrawn",
            Ending::Expired => "expired",
        }
    }
}

impl State {
    /// The text form, as stored and shown to staff.
    pub fn code(&self) -> &'static str {
        match self {
            State::Submitted(_) => "submitted",
            State::Invalid(_) => "invalid",
            State::Checked(_) => "checked",
            State::Clarification(_) => "clarification",
            State::HeldSuspension => "held_suspension",
            State::Tracing(_) => "tracing",
            State::CaseworkReview(_) => "casework_review",
            State::GuardianReview(_) => "guardian_review",
            State::EmergencyPending(_) => "emergency_pending",
            State::Released(_) => "released",
            State::ReleasedPart(_) => "released_part",
            State::Forwarded(_) => "forwarded",
            State::Refused(_) => "refused",
            State::NoResult(_) => "no_result",
            State::Withdrawn => "withdrawn",
            State::Expired => "expired",
            State::OutcomeDue(_) => "outcome_due",
            State::Recalled(_) => "recalled",
            State::Closed(_) => "closed",
        }
    }

    /// Whether the requester is still waiting.
    pub fn is_open(&self) -> bool {
        matches!(
            self,
            State::Submitted(_)
                | State::Checked(_)
                | State::Clarification(_)
                | State::HeldSuspension
                | State::Tracing(_)
                | State::CaseworkReview(_)
                | State::GuardianReview(_)
        )
    }

    /// The judgement so far, where the state keeps one.
    pub fn checks(&self) -> Option<&Checks> {
        match self {
            State::Submitted(checks) | State::Checked(checks) => Some(checks),
            State::Clarification(question) => Some(&question.checks),
            State::Tracing(tracing) => Some(&tracing.checks),
            State::Refused(refusal) => Some(&refusal.checks),
            _ => self.traced().map(|traced| &traced.checks),
        }
    }

    /// The trace, where there has been one.
    pub fn traced(&self) -> Option<&Traced> {
        match self {
            State::CaseworkReview(traced) => Some(traced),
            State::NoResult(ended) => Some(&ended.traced),
            _ => self.drafted().map(|drafted| &drafted.traced),
        }
    }

    /// The draft decision, where there is one.
    pub fn drafted(&self) -> Option<&Drafted> {
        match self {
            State::GuardianReview(drafted) | State::Forwarded(drafted) => Some(drafted),
            _ => self.disclosed().map(|disclosed| &disclosed.drafted),
        }
    }

    /// The draft that a second person has declined, and their view.
    pub fn declined(&self) -> Option<&Declined> {
        match self {
            State::NoResult(ended) => ended.declined.as_ref(),
            _ => None,
        }
    }

    /// What the agency says became of the release, once it has.
    pub fn outcome(&self) -> Option<OutcomeReturn> {
        match self {
            State::Closed(outcome) => *outcome,
            _ => None,
        }
    }

    /// The release, where there is one.
    pub fn disclosed(&self) -> Option<&Disclosed> {
        match self {
            State::EmergencyPending(disclosed)
            | State::Released(disclosed)
            | State::ReleasedPart(disclosed)
            | State::OutcomeDue(disclosed)
            | State::Recalled(disclosed) => Some(disclosed),
            _ => None,
        }
    }
}

/// When after-trace answers leave: at fixed ticks, and never sooner than a fixed time after
/// receipt, so that neither the hour nor the wait tells which answer it is (I10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerWindow {
    /// Distance of the ticks, in seconds; at least 1.
    pub tick_seconds: i64,
    /// Earliest answer after receipt, in seconds.
    pub earliest_seconds: i64,
}

impl AnswerWindow {
    /// The tick at which an answer decided `now` leaves: always later than `now`, and the same for
    /// every `now` before the earliest answer. Beyond the end of time it never leaves.
    pub fn answer_at(self, received_at: Timestamp, now: Timestamp) -> Timestamp {
        let wait = SignedDuration::from_secs(self.earliest_seconds.max(0));
        let earliest = received_at
            .checked_add(wait)
            .unwrap_or(Timestamp::MAX)
            .max(now);
        let tick = self.tick_seconds.max(1);
        let next = (whole_second(earliest).div_euclid(tick) + 1).saturating_mul(tick);
        Timestamp::from_second(next).unwrap_or(Timestamp::MAX)
    }
}

/// The last whole second not after `time`, before 1970 too.
fn whole_second(time: Timestamp) -> i64 {
    time.as_second() - i64::from(time.subsec_nanosecond() < 0)
}
