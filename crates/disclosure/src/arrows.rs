//! One function per arrow: `(&Case, finding, now) -> Transition`.
//!
//! An arrow checks its guards, builds the next state and describes the write; it never performs
//! it. An arrow that may not be taken returns an [`ArrowError`] that says why.

mod agreement;
mod assignment;
mod deferral;
mod delivery;
mod emergency;
mod ending;
mod erasure;
mod guard;
mod intake;
mod interest;
mod judgement;
mod log_key;
mod look;
mod publication;
mod registration;
mod release;
mod review;
mod trace;
mod wishes;

use jiff::Timestamp;
use thiserror::Error;

use crate::case::Step;
use crate::concern::Happening;
use crate::event::Facts;
use crate::request::Priority;
use crate::{Actor, Case, Change, Event, EventKind, Field, Message, State, Telling, Transition};

pub use agreement::{propose_reopening, record_agreement, reopen, suspend};
pub use assignment::{hand_over, put_back, take_case};
pub use deferral::{defer, end_deferral, renew_deferral};
pub use delivery::{
    collect, collect_again, confirm_destroyed, end_download, recall, return_outcome,
};
pub use emergency::{
    declare_emergency, lapse_emergency, not_uphold, release_in_emergency, require_emergency, uphold,
};
pub use ending::{expire, hold, refuse_suspended, resume, withdraw};
pub use erasure::{ErasureGround, erase, erasure_proposal_key, propose_erasure};
pub use intake::{invalidate, receive};
pub use interest::{
    confirm_interest_test, interest_confirmation_key, interest_proposal_key, propose_interest_test,
};
pub use judgement::{answer_clause, ask, clarify, judge, refuse};
pub use log_key::{announce_log_key, announcement_key, continue_log, record_takeover};
pub use look::{note_log_not_found, note_log_read, note_look};
pub use publication::{proposal_key, propose_publication, publication_key, publish_agreement};
pub use registration::{
    change_registration, note_approach, note_registration_view, refuse_registration, register,
    tell_refusal,
};
pub use release::{Recheck, ReleaseTerms, agree, decline};
pub use review::{Proposed, draft, end_without_result, write_own_view};
pub use trace::{TraceGate, record_trace, start_trace};
pub use wishes::{
    Acting, Wish, accept_delegation, answer_correction, note_details_read, show_again, wish,
};

/// Why an arrow may not be taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArrowError {
    /// The case is in a state the arrow does not start from.
    #[error("a case that is `{state}` cannot take the step `{arrow}`; reload the case")]
    WrongState {
        /// The arrow tried.
        arrow: &'static str,
        /// Where the case stands.
        state: &'static str,
    },
    /// Two steps that need two people were tried by one (I4).
    #[error("{rule}; another person must take this step")]
    SamePerson {
        /// The rule in words.
        rule: &'static str,
    },
    /// The role may not take the step.
    #[error("the role `{role}` may not take this step; it takes {needs}")]
    Role {
        /// Role that tried.
        role: &'static str,
        /// Who may.
        needs: &'static str,
    },
    /// Something that must be written down is empty.
    #[error("`{0}` is empty; write down the reason")]
    Missing(&'static str),
    /// The second person has not said what they would do.
    #[error("no own view of yours is on record; write it down before you see the draft")]
    NoOwnView,
    /// A field outside what was requested and agreed (I5).
    #[error("the field `{0}` was not asked for or is not permitted by the agreement")]
    Field(Field),
    /// The trace did not find one certain person (I8).
    #[error("the trace did not find one certain person; nothing can be released")]
    NotCertain,
    /// The public-interest test is not valid.
    #[error("the public-interest test has expired; renew it first")]
    TestExpired,
    /// The agreement is not open (I7).
    #[error("the agreement is not in force; nothing can be traced or released under it")]
    AgreementNotOpen,
    /// The agreed number of requests is used up.
    #[error("the agreed number of requests is used up; a person must decide")]
    BudgetUsed,
    /// Free text or an open clause needs a person (I20).
    #[error("this request needs a person to look at it before it is traced")]
    NeedsPerson,
    /// There is no such clause waiting.
    #[error("no clause `{0}` waits for an answer")]
    NoSuchClause(String),
    /// Somebody still waits for something.
    #[error("case `{0}` is not finished; it can be erased once it is closed and answered")]
    Unfinished(String),
    /// The agreement has been narrowed since the decision, and nothing of the release is left (I5).
    #[error("what may leave has been narrowed since; nothing of this release may leave any more")]
    NothingAgreed,
    /// A deferral that ends too late, or not later than it does now.
    #[error("a deferral ends within {days} days, and later than it does now")]
    DeferralTerm {
        /// Longest term, in days.
        days: i64,
    },
    /// A deferral on a ground that the agreement does not have.
    #[error("the agreement does not let people be told later on this ground")]
    DeferralGround,
    /// There is no room for another.
    #[error("there are {most} already, and no more are kept")]
    Full {
        /// How many there may be.
        most: usize,
    },
    /// The one-time download has been used.
    #[error("this release has already been collected")]
    AlreadyCollected,
}

fn wrong(case: &Case, arrow: &'static str) -> ArrowError {
    ArrowError::WrongState {
        arrow,
        state: case.state.code(),
    }
}

/// As [`wrong`] for steps the agency tries: names only the state the agency may know of.
fn wrong_outward(case: &Case, arrow: &'static str, now: Timestamp) -> ArrowError {
    ArrowError::WrongState {
        arrow,
        state: crate::outward::answer(case, now).status,
    }
}

/// What is common to every step of an existing case.
struct Draw<'a> {
    case: &'a Case,
    kind: EventKind,
    actor: &'a Actor,
    now: Timestamp,
    detail: String,
}

/// Begins a step; finish it with [`Draw::to`].
fn step<'a>(case: &'a Case, kind: EventKind, actor: &'a Actor, now: Timestamp) -> Draw<'a> {
    Draw {
        case,
        kind,
        actor,
        now,
        detail: String::new(),
    }
}

impl Draw<'_> {
    /// Tells this step from another of the same kind, person and version, so that the second is a
    /// conflict and not taken for the first sent twice (I21).
    fn detail(mut self, detail: &str) -> Self {
        detail.clone_into(&mut self.detail);
        self
    }

    /// The same step, recorded as what it turned out to be.
    fn kind(self, kind: EventKind) -> Self {
        Draw { kind, ..self }
    }

    /// The transition to `state`; `note` must not hold personal data.
    fn to(self, state: State, note: &str) -> Transition {
        let mut case = self.case.clone();
        case.version += 1;
        case.state = state;
        case.concerned.add(&case.state);
        case.history.push(Step {
            at: self.now,
            kind: self.kind,
            actor: self.actor.clone(),
            note: note.to_owned(),
        });
        let event = self.event(&case, note);
        let outbox = work(&case);
        let who = discriminator([&self.actor.id, &self.detail]);
        let key = format!(
            "{}/{}/{}/{who:016x}",
            case.id,
            case.version,
            self.kind.number()
        );
        Transition {
            key,
            change: Change::Move(Box::new(case)),
            event,
            outbox,
            marks: Vec::new(),
        }
    }

    fn event(&self, after: &Case, note: &str) -> Event {
        let mut audit = facts([
            ("actor", self.actor.id.as_str()),
            ("role", self.actor.role.code()),
            ("from", self.case.state.code()),
            ("to", after.state.code()),
            ("note", note),
            ("agency", coded(&after.request.requester.organization)),
            ("purpose", coded(&after.request.purpose)),
        ]);
        if let Some(agreement) = &after.agreement {
            audit.insert("agreement".to_owned(), agreement.name.clone());
            audit.insert("agreement_hash".to_owned(), agreement.hash.clone());
        }
        let happening = Happening {
            before: self.case,
            after,
            kind: self.kind,
            by: self.actor,
            now: self.now,
            note,
        };
        let telling = match self.kind {
            EventKind::DeferralEnded => Telling::AtLast,
            _ => after.telling(),
        };
        let mut event = Event {
            kind: self.kind,
            at: self.now,
            case_id: Some(after.id.clone()),
            actor: self.actor.clone(),
            audit,
            concerns: happening.concerns(),
            telling,
        };
        count_deferred(&mut event);
        event
    }
}

/// Tells auditors how many people an entry is kept from, so that the log itself says how many
/// entries are deferred.
fn count_deferred(event: &mut Event) {
    let people = event.concerns.len();
    if event.telling == Telling::Later && people > 0 {
        event
            .audit
            .insert("deferred".to_owned(), people.to_string());
    }
}

fn facts<const N: usize>(pairs: [(&str, &str); N]) -> Facts {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// A code as the entry records it. The agency wrote it, so anything that is not shaped like a code
/// stays out of the log.
pub fn coded(text: &str) -> &str {
    let shaped = text.len() <= CODE_CHARS_MAX
        && text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_./".contains(&byte)
        });
    if shaped { text } else { "not_a_code" }
}

/// A legal gateway as an entry names it: `L3`, or nothing.
pub(crate) fn coded_gateway(text: &str) -> &str {
    let mut letters = text.chars();
    let shaped = letters.next() == Some('L') && letters.as_str().parse::<u8>().is_ok();
    if shaped { text } else { "" }
}

/// Longest code recorded, in characters: the longest published one has 26.
const CODE_CHARS_MAX: usize = 64;

/// Tells steps apart within one version of a case; FNV-1a, 64 bits, so that no name is in the key.
fn discriminator(parts: [&str; 2]) -> u64 {
    let bytes = parts.into_iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Whether the worker, rather than a person, moves the case on from here. Free text wants a person
/// (I20), and so does an emergency: somebody must choose between the two routes from `checked`.
fn work(case: &Case) -> Vec<Message> {
    let automatic = !case.has_free_text() && case.request.priority != Priority::Emergency;
    let worker_moves = match &case.state {
        State::Submitted(checks) => checks.answers.is_empty(),
        State::Checked(_) => automatic,
        State::Tracing(_) => true,
        _ => false,
    };
    let message = Message::Work {
        case_id: case.id.clone(),
    };
    worker_moves.then_some(message).into_iter().collect()
}

/// Tells the agency, without content, that there is something to look at from `at` on.
fn notify(case: &Case, at: Timestamp) -> Message {
    Message::Notify {
        organization: case.request.requester.organization.clone(),
        case_id: case.id.clone(),
        at,
    }
}

/// Ends the requester's wait: counts the case, sets the answer's time and tells the agency.
fn end(mut transition: Transition, ending: crate::Ending, answer_at: Timestamp) -> Transition {
    match &mut transition.change {
        Change::Open(case) | Change::Move(case) | Change::MoveIfAgreementOpen(case, _) => {
            case.ending = Some(ending);
            case.answer_at = Some(answer_at);
            let message = notify(case, answer_at);
            transition.outbox.push(message);
        }
        Change::Agreement(_)
        | Change::Wishes(_)
        | Change::Erase(_)
        | Change::Register(_)
        | Change::Nothing
        | Change::NothingIfAgreementOpen(_) => {}
    }
    let audit = &mut transition.event.audit;
    audit.insert("ending".to_owned(), ending.code().to_owned());
    audit.insert("answer_at".to_owned(), answer_at.to_string());
    transition
}

/// Makes the write conditional on the agreement being open at that very instant (I7). A case
/// without an agreement has nothing that could be open.
fn if_open(transition: Transition) -> Result<Transition, ArrowError> {
    let (Change::Open(case) | Change::Move(case) | Change::MoveIfAgreementOpen(case, _)) =
        transition.change
    else {
        return Err(ArrowError::AgreementNotOpen);
    };
    let agreement = case.agreement.clone().ok_or(ArrowError::AgreementNotOpen)?;
    Ok(Transition {
        change: Change::MoveIfAgreementOpen(case, agreement),
        ..transition
    })
}
