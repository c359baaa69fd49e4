//! What the requester is told: the one mapping from the inside to the outside.
//!
//! Every after-trace ending is one answer, equal to the byte (I10): no trace, ambiguous, restricted
//! and the rest cannot be told apart, and nothing supplied is ever confirmed (I11).

use jiff::Timestamp;
use serde::Serialize;

use crate::case::Disclosed;
use crate::check::Check;
use crate::{Case, Code, EventKind, State};

/// The requester's view of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Public reference.
    pub case: String,
    /// One of: `received`, `question`, `held`, `invalid`, `refused`, `no_result`, `forwarded`,
    /// `released`, `collected`, `recalled`, `withdrawn`, `expired`, `closed`.
    pub status: &'static str,
    /// In plain words.
    pub message: String,
    /// Published code, for answers given before any trace.
    pub code: Option<&'static str>,
    /// Faults or failing clauses, for answers given before any trace.
    pub reasons: Vec<Reason>,
    /// What can be done next.
    pub next: &'static str,
}

/// One reason of an answer given before any trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Reason {
    pub code: &'static str,
    pub clause: String,
    pub text: String,
    pub cure: String,
}

const WAIT: &str = "You will be told when there is an answer; answers leave at fixed times.";
const CHALLENGE: &str = "You may correct and send it again, or challenge this answer with the controller's address in the agreement.";
const MORE: &str =
    "More identifiers may be sent in a new request, within the agreement's number of attempts.";

/// Maps a case to what its requester may know at `now`.
pub fn answer(case: &Case, now: Timestamp) -> Answer {
    let waiting = case.answer_at.is_some_and(|at| now < at);
    if waiting {
        return told(case, "received", "The request is being dealt with.", WAIT);
    }
    if recalled_unseen(case) {
        return no_result(case);
    }
    match &case.state {
        State::Invalid(faults) => Answer {
            code: faults.first().map(|fault| fault.code.code()),
            reasons: faults
                .iter()
                .map(|fault| Reason {
                    code: fault.code.code(),
                    clause: fault.field.clone(),
                    text: format!("{} {}", fault.field, fault.problem),
                    cure: fault.remedy.clone(),
                })
                .collect(),
            ..told(
                case,
                "invalid",
                "The request was returned for a procedural fault.",
                CHALLENGE,
            )
        },
        State::Refused(refusal) => Answer {
            code: Some(refusal.code.code()),
            reasons: reasons(refusal.code, refusal),
            ..told(case, "refused", "The request was refused.", CHALLENGE)
        },
        State::NoResult(_) => no_result(case),
        State::Forwarded(_) => forwarded(case),
        State::Released(disclosed)
        | State::ReleasedPart(disclosed)
        | State::EmergencyPending(disclosed)
        | State::OutcomeDue(disclosed) => released(case, disclosed),
        State::Recalled(_) => told(
            case,
            "recalled",
            "The answer has been recalled. Do not use it.",
            "Destroy every copy and confirm that you have.",
        ),
        State::Closed(_) => told(case, "closed", "The request is closed.", ""),
        State::Withdrawn => told(case, "withdrawn", "You withdrew the request.", ""),
        State::Expired => told(case, "expired", "The request expired.", "Send it again."),
        State::HeldSuspension => told(
            case,
            "held",
            "The agreement is suspended; the request waits and nothing is traced.",
            "It is taken up again, and checked anew, if the agreement is reopened.",
        ),
        State::Clarification(question) => told(
            case,
            "question",
            &question.text,
            "Answer the question; the clock stands still.",
        ),
        State::Submitted(_)
        | State::Checked(_)
        | State::Tracing(_)
        | State::CaseworkReview(_)
        | State::GuardianReview(_) => {
            told(case, "received", "The request is being dealt with.", WAIT)
        }
    }
}

/// The one answer of every after-trace ending. Where only forwarding was asked for, that is the
/// answer of a forwarding: any other would tell whether there was somebody to forward to.
fn no_result(case: &Case) -> Answer {
    if case.request.asks_only_to_forward() {
        return forwarded(case);
    }
    told(case, "no_result", "Nothing can be given.", MORE)
}

fn forwarded(case: &Case) -> Answer {
    told(
        case,
        "forwarded",
        "The message was accepted and will be forwarded if that is possible.",
        "You will not be told whether it was delivered.",
    )
}

/// Whether a release was recalled before its answer time. The agency has not been told that
/// anything was found, and a recall must not be what tells it.
fn recalled_unseen(case: &Case) -> bool {
    case.answer_at.is_some_and(|at| {
        case.history
            .iter()
            .any(|step| step.kind == EventKind::Recalled && step.at < at)
    })
}

fn released(case: &Case, disclosed: &Disclosed) -> Answer {
    if disclosed.release.collected.is_some() {
        return told(
            case,
            "collected",
            "The answer was collected.",
            "Return the outcome when due.",
        );
    }
    if disclosed.release.record.is_empty() {
        return told(
            case,
            "expired",
            "The answer was not collected in time and has been destroyed.",
            "Send the request again if it is still needed.",
        );
    }
    told(
        case,
        "released",
        "An answer is ready to collect.",
        "Collect it once; an outcome return will be due.",
    )
}

fn told(case: &Case, status: &'static str, message: &str, next: &'static str) -> Answer {
    Answer {
        case: case.id.clone(),
        status,
        message: message.to_owned(),
        code: None,
        reasons: Vec::new(),
        next,
    }
}

fn reasons(code: Code, refusal: &crate::case::Refusal) -> Vec<Reason> {
    let failed: Vec<Reason> = refusal.checks.failed().map(clause_reason).collect();
    if !failed.is_empty() {
        return failed;
    }
    vec![Reason {
        code: code.code(),
        clause: String::new(),
        text: refusal.reason.clone(),
        cure: refusal.cure.clone(),
    }]
}

fn clause_reason(check: &Check) -> Reason {
    Reason {
        code: check.code.code(),
        clause: check.clause.clone(),
        text: check.text.clone(),
        cure: check.cure.clone(),
    }
}
