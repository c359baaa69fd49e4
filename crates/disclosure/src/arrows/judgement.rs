use jiff::Timestamp;

use super::{end, require_text, step, wrong};
use crate::case::{Question, Refusal};
use crate::check::{Check, CheckResult, Checks};
use crate::intake::Fault;
use crate::{
    Actor, AgreementRef, ArrowError, Case, Change, Code, CodeGroup, Ending, EventKind, State,
    Transition,
};

/// Records the judgement of every clause.
///
/// A failing clause refuses the request (or returns it, where the clause is procedural), clauses
/// that want a person keep it `submitted`, and otherwise it is `checked`.
pub fn judge(
    case: &Case,
    agreement: AgreementRef,
    checks: Checks,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::Submitted(_) = &case.state else {
        return Err(wrong(case, "judge"));
    };
    let mut judged = case.clone();
    judged.agreement = Some(agreement);
    Ok(settle(&judged, checks, EventKind::Judged, by, now))
}

/// A person answers a clause that only a person can answer.
pub fn answer_clause(
    case: &Case,
    clause: &str,
    result: CheckResult,
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::Submitted(checks) = &case.state else {
        return Err(wrong(case, "answer_clause"));
    };
    if !by.role.is_staff() {
        return Err(ArrowError::Role {
            role: by.role.code(),
            needs: "a caseworker or guardian",
        });
    }
    require_text("reason", reason)?;
    let mut checks = checks.clone();
    let waiting =
        |check: &&mut Check| check.clause == clause && check.result == CheckResult::NeedsHuman;
    let Some(check) = checks.answers.iter_mut().find(waiting) else {
        return Err(ArrowError::NoSuchClause(clause.to_owned()));
    };
    check.result = result;
    check.answered_by = Some(by.clone());
    check.reason = Some(reason.to_owned());
    Ok(settle(case, checks, EventKind::ClauseAnswered, by, now))
}

/// Refuses a request for which there is nothing to judge: no agreement, or a suspended one.
pub fn refuse(
    case: &Case,
    code: Code,
    reason: &str,
    cure: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::Submitted(checks) = &case.state else {
        return Err(wrong(case, "refuse"));
    };
    let refusal = Refusal {
        code,
        checks: checks.clone(),
        reason: reason.to_owned(),
        cure: cure.to_owned(),
    };
    let transition =
        step(case, EventKind::Refused, by, now).to(State::Refused(refusal), code.code());
    Ok(end(transition, Ending::Refused, now))
}

/// Asks the agency a question. Never after a trace, which would hint at a match.
pub fn ask(case: &Case, text: &str, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    let State::Checked(checks) = &case.state else {
        return Err(wrong(case, "ask"));
    };
    require_text("question", text)?;
    let question = Question {
        checks: checks.clone(),
        text: text.to_owned(),
    };
    Ok(step(case, EventKind::Asked, by, now).to(State::Clarification(question), ""))
}

/// The agency answers. A change of substance (`revised` is given) is judged again as a new
/// version of the request; a minor fix goes on where it was.
pub fn clarify(
    case: &Case,
    revised: Option<crate::Request>,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::Clarification(question) = &case.state else {
        return Err(wrong(case, "clarify"));
    };
    let Some(request) = revised else {
        let next = State::Checked(question.checks.clone());
        return Ok(step(case, EventKind::Clarified, by, now).to(next, "minor"));
    };
    let mut changed = case.clone();
    changed.request = request;
    changed.agreement = None;
    let next = State::Submitted(Checks::default());
    Ok(step(&changed, EventKind::Clarified, by, now).to(next, "substance"))
}

/// The state that follows from the answers: one place, whoever answered last.
fn settle(case: &Case, checks: Checks, kind: EventKind, by: &Actor, now: Timestamp) -> Transition {
    let Some(first) = checks.failed().next() else {
        let waits = checks.waiting().next().is_some();
        let next = if waits {
            State::Submitted(checks)
        } else {
            State::Checked(checks)
        };
        let note = if waits {
            "waits for a person"
        } else {
            "every clause met"
        };
        return hold_to_open(step(case, kind, by, now).to(next, note));
    };
    let (code, cure) = (first.code, first.cure.clone());
    if code.group() == CodeGroup::Intake {
        let faults = checks.failed().map(procedural).collect();
        let returned = step(case, EventKind::Invalidated, by, now);
        return end(
            returned.to(State::Invalid(faults), code.code()),
            Ending::Invalid,
            now,
        );
    }
    let refusal = Refusal {
        code,
        reason: first.text.clone(),
        checks,
        cure,
    };
    let refused = step(case, EventKind::Refused, by, now);
    end(
        refused.to(State::Refused(refusal), code.code()),
        Ending::Refused,
        now,
    )
}

/// A case becomes `checked` only while its agreement is open at the instant of the write.
fn hold_to_open(mut transition: Transition) -> Transition {
    let Some(case) = transition.case().cloned() else {
        return transition;
    };
    if let (State::Checked(_), Some(agreement)) = (&case.state, case.agreement.clone()) {
        transition.change = Change::MoveIfAgreementOpen(Box::new(case), agreement);
    }
    transition
}

fn procedural(check: &Check) -> Fault {
    Fault::new(
        check.code,
        &format!("clause {}", check.clause),
        &check.text,
        &check.cure,
    )
}
