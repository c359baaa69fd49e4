use jiff::Timestamp;

use super::{end, step, wrong};
use crate::case::Refusal;
use crate::check::Checks;
use crate::{Actor, ArrowError, Case, Code, Ending, EventKind, State, Transition};

/// Holds an open case because its agreement is suspended with effect `hold`.
pub fn hold(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    if !case.state.is_open() || case.state == State::HeldSuspension {
        return Err(wrong(case, "hold"));
    }
    let code = Code::AgreementSuspended.code();
    Ok(step(case, EventKind::Held, by, now).to(State::HeldSuspension, code))
}

/// Refuses an open case because its agreement is suspended with effect `refuse` or has ended.
pub fn refuse_suspended(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    if !case.state.is_open() {
        return Err(wrong(case, "refuse_suspended"));
    }
    let code = Code::AgreementSuspended;
    let refusal = Refusal {
        code,
        checks: Checks::default(),
        reason: code.meaning().to_owned(),
        cure: "ask again once an agreement is in force".to_owned(),
    };
    let transition =
        step(case, EventKind::Refused, by, now).to(State::Refused(refusal), code.code());
    Ok(end(transition, Ending::Refused, now))
}

/// Takes a held case up again: every clause is checked anew under the current version.
pub fn resume(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    let State::HeldSuspension = &case.state else {
        return Err(wrong(case, "resume"));
    };
    let next = State::Submitted(Checks::default());
    Ok(step(case, EventKind::Resumed, by, now).to(next, ""))
}

/// The agency takes its request back.
pub fn withdraw(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    if !case.state.is_open() {
        return Err(wrong(case, "withdraw"));
    }
    if by.organization != case.request.requester.organization {
        return Err(ArrowError::Role {
            role: by.role.code(),
            needs: "the asking agency",
        });
    }
    let transition = step(case, EventKind::Withdrawn, by, now).to(State::Withdrawn, "");
    Ok(end(transition, Ending::Withdrawn, now))
}

/// The deadline passes with nobody having acted.
pub fn expire(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    if !case.state.is_open() || now < case.expires_at {
        return Err(wrong(case, "expire"));
    }
    let transition = step(case, EventKind::Expired, by, now).to(State::Expired, "");
    Ok(end(transition, Ending::Expired, now))
}
