use jiff::Timestamp;

use super::guard::{require_agency, require_controller};
use super::{end, step, wrong, wrong_outward};
use crate::case::Refusal;
use crate::check::Checks;
use crate::{Actor, ArrowError, Case, Code, Ending, EventKind, State, Transition};

/// Holds an open case because its agreement is suspended with effect `hold`.
pub fn hold(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    require_controller(case, by)?;
    if !case.state.is_open() || case.state == State::HeldSuspension {
        return Err(wrong(case, "hold"));
    }
    let code = Code::AgreementSuspended.code();
    Ok(step(case, EventKind::Held, by, now).to(State::HeldSuspension, code))
}

/// Refuses an open case because its agreement is suspended with effect `refuse` or has ended.
pub fn refuse_suspended(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    require_controller(case, by)?;
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

/// Takes a held case up again: every clause is checked anew under the current version. The time
/// it was held does not count against its deadline.
pub fn resume(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    require_controller(case, by)?;
    let State::HeldSuspension = &case.state else {
        return Err(wrong(case, "resume"));
    };
    let mut resumed = case.clone();
    resumed.agreement = None;
    resumed.expires_at = case.deadline_after_pause(EventKind::Held, now);
    let next = State::Submitted(Checks::default());
    Ok(step(&resumed, EventKind::Resumed, by, now).to(next, ""))
}

/// The agency takes its request back. It is told at once whatever stage the case had reached, so
/// that the answer's time tells nothing about a trace.
pub fn withdraw(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    require_agency(case, by)?;
    if !case.state.is_open() {
        return Err(wrong_outward(case, "withdraw", now));
    }
    let transition = step(case, EventKind::Withdrawn, by, now).to(State::Withdrawn, "");
    Ok(end(transition, Ending::Withdrawn, now))
}

/// The deadline passes with nobody having acted.
pub fn expire(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    require_controller(case, by)?;
    if !case.state.is_open() || now < case.expires_at {
        return Err(wrong(case, "expire"));
    }
    let transition = step(case, EventKind::Expired, by, now).to(State::Expired, "");
    Ok(end(transition, Ending::Expired, now))
}
