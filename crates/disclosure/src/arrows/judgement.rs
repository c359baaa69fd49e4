use jiff::Timestamp;

use super::guard::{require_agency, require_controller, require_staff, require_text};
use super::{Draw, end, facts, if_open, notify, step, wrong, wrong_outward};
use crate::case::{Exchange, Question, Refusal};
use crate::check::{Check, CheckResult, Checks, REQUESTER};
use crate::intake::Fault;
use crate::requester::SecondChannel;
use crate::{
    Actor, AgreementRef, ArrowError, Case, Code, CodeGroup, Ending, EventKind, Request, State,
    Transition,
};

/// Records the judgement of every clause.
///
/// A failing clause refuses the request (or returns it, where the clause is procedural), clauses
/// that want a person keep it `submitted`, and otherwise it is `checked`. A judgement that answers
/// no clause permits nothing and is refused, as is one of a request without a second signature.
pub fn judge(
    case: &Case,
    agreement: AgreementRef,
    checks: Checks,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_controller(case, by)?;
    let State::Submitted(_) = &case.state else {
        return Err(wrong(case, "judge"));
    };
    require_countersigned(&case.request)?;
    if checks.answers.is_empty() {
        return Err(ArrowError::Missing("clauses"));
    }
    let mut judged = case.clone();
    judged.agreement = Some(agreement);
    settle(
        step(&judged, EventKind::Judged, by, now),
        before_trace(checks),
    )
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
    require_staff(case, by)?;
    let State::Submitted(checks) = &case.state else {
        return Err(wrong(case, "answer_clause"));
    };
    require_text("reason", reason)?;
    if result == CheckResult::NeedsHuman {
        return Err(ArrowError::Missing("answer"));
    }
    let mut checks = checks.clone();
    let waiting = |check: &&mut Check| {
        check.blocking && check.clause == clause && check.result == CheckResult::NeedsHuman
    };
    let Some(check) = checks.answers.iter_mut().find(waiting) else {
        return Err(ArrowError::NoSuchClause(clause.to_owned()));
    };
    check.result = result;
    check.answered_by = Some(by.clone());
    check.reason = Some(reason.to_owned());
    let mut called = case.clone();
    if let Some(check) = called
        .requester_check
        .as_mut()
        .filter(|_| clause == REQUESTER)
    {
        check.second_channel = Some(SecondChannel {
            by: by.clone(),
            at: now,
            confirmed: result == CheckResult::Pass,
        });
    }
    let answered = step(&called, EventKind::ClauseAnswered, by, now);
    let mut transition = settle(
        answered.detail(&format!("{clause} {}", result.code())),
        checks,
    )?;
    let said = facts([("clause", clause), ("answer", result.code())]);
    transition.event.audit.extend(said);
    Ok(transition)
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
    require_controller(case, by)?;
    let State::Submitted(checks) = &case.state else {
        return Err(wrong(case, "refuse"));
    };
    if code.group() != CodeGroup::BeforeTrace {
        return Err(ArrowError::Missing("before-trace code"));
    }
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
    require_staff(case, by)?;
    let State::Checked(checks) = &case.state else {
        return Err(wrong(case, "ask"));
    };
    require_text("question", text)?;
    let question = Question {
        checks: checks.clone(),
        text: text.to_owned(),
    };
    let step = step(case, EventKind::Asked, by, now);
    let mut asked = step.to(State::Clarification(question), "");
    asked.outbox.push(notify(case, now));
    Ok(asked)
}

/// The agency answers. A change of substance (`revised` is given) is judged again as a new
/// version of the request; a minor fix goes on where it was. The clock stood still meanwhile. The
/// agency and its requester stay the same: anybody else sends a request of their own.
///
/// `answer` is free text: from then on a person must look before a trace (I20).
pub fn clarify(
    case: &Case,
    answer: &str,
    revised: Option<Request>,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_agency(case, by)?;
    let State::Clarification(question) = &case.state else {
        return Err(wrong_outward(case, "clarify", now));
    };
    let mut changed = case.clone();
    changed.expires_at = case.deadline_after_pause(EventKind::Asked, now);
    if revised.is_none() {
        require_text("answer", answer)?;
    }
    changed.exchanges.push(Exchange {
        question: question.text.clone(),
        answer: answer.to_owned(),
    });
    let Some(request) = revised else {
        let next = State::Checked(question.checks.clone());
        let fixed = step(&changed, EventKind::Clarified, by, now).detail("minor");
        return Ok(fixed.to(next, "minor"));
    };
    let (before, after) = (&case.request.requester, &request.requester);
    if (&before.organization, &before.officer_id) != (&after.organization, &after.officer_id) {
        return Err(ArrowError::Missing("requester"));
    }
    changed.request = request;
    changed.agreement = None;
    let next = State::Submitted(Checks::default());
    let revised = step(&changed, EventKind::Clarified, by, now).detail("substance");
    Ok(revised.to(next, "substance"))
}

/// I4: two people of the agency have signed.
fn require_countersigned(request: &Request) -> Result<(), ArrowError> {
    if request.authoriser.is_none() {
        return Err(ArrowError::Missing("authoriser"));
    }
    if request.is_signed_by_two() {
        Ok(())
    } else {
        Err(ArrowError::SamePerson {
            rule: "who asks may not countersign",
        })
    }
}

/// Nothing has been traced yet, so no clause can rest on a trace. A policy that names an
/// after-trace code would have the requester told what only a trace can tell.
fn before_trace(mut checks: Checks) -> Checks {
    for check in &mut checks.answers {
        if check.code.group() == CodeGroup::AfterTrace {
            check.code = Code::NoLegalBasis;
        }
    }
    checks
}

/// The state that follows from the answers: one place, whoever answered last.
fn settle(step: Draw, checks: Checks) -> Result<Transition, ArrowError> {
    let Some(first) = checks.failed().next() else {
        if checks.waiting().next().is_some() {
            return Ok(step.to(State::Submitted(checks), "waits for a person"));
        }
        // A case becomes `checked` only while its agreement is open at the instant of the write.
        return if_open(step.to(State::Checked(checks), "every clause met"));
    };
    Ok(fail(step, first.clone(), checks))
}

/// A clause is not met: a procedural one returns the request, any other refuses it.
fn fail(step: Draw, first: Check, checks: Checks) -> Transition {
    let (code, now) = (first.code, step.now);
    if code.group() == CodeGroup::Intake {
        let faults = checks.failed().map(procedural).collect();
        let returned = step.kind(EventKind::Invalidated);
        let returned = returned.to(State::Invalid(faults), code.code());
        return end(returned, Ending::Invalid, now);
    }
    let refusal = Refusal {
        code,
        checks,
        reason: first.text,
        cure: first.cure,
    };
    let refused = step.kind(EventKind::Refused);
    let refused = refused.to(State::Refused(refusal), code.code());
    end(refused, Ending::Refused, now)
}

fn procedural(check: &Check) -> Fault {
    Fault::new(
        check.code,
        &format!("clause {}", check.clause),
        &check.text,
        &check.cure,
    )
}
