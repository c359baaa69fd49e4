//! Assignment: who of the staff has a case in hand. It moves nothing else, and binds nobody: the rules
//! about who may take which step are the other arrows'.

use jiff::Timestamp;

use super::guard::{refused, require_staff};
use super::{step, wrong};
use crate::{Actor, ArrowError, Case, EventKind, Role, State, Transition};

/// Staff take a case in hand, from whoever had it.
pub fn take_case(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    require_staff(case, by)?;
    let note = match &case.assignee {
        Some(holder) if holder.is(by) => return Err(wrong(case, "take_case")),
        Some(_) => "taken_over",
        None => "taken",
    };
    set(case, Some(by), note, by, now)
}

/// Whoever has a case in hand gives it to a colleague, who may have no part in the asking agency.
pub fn hand_over(
    case: &Case,
    to: &Actor,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_staff(case, by)?;
    require_staff(case, to)?;
    if !holds(case, by) || to.is(by) {
        return Err(wrong(case, "hand_over"));
    }
    set(case, Some(to), "handed_over", by, now)
}

/// Whoever has a case in hand puts it back, or a guardian does.
pub fn put_back(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    require_staff(case, by)?;
    if case.assignee.is_none() {
        return Err(wrong(case, "put_back"));
    }
    if !holds(case, by) && by.role != Role::Guardian {
        return Err(refused(by, "whoever has the case, or a guardian"));
    }
    set(case, None, "put_back", by, now)
}

fn holds(case: &Case, by: &Actor) -> bool {
    case.assignee.as_ref().is_some_and(|holder| holder.is(by))
}

fn set(
    case: &Case,
    to: Option<&Actor>,
    note: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let waits = case.state.is_open() || matches!(case.state, State::EmergencyPending(_));
    if !waits {
        return Err(wrong(case, "assign"));
    }
    let assigned = Case {
        assignee: to.cloned(),
        ..case.clone()
    };
    let detail = to.map_or("", |to| &to.id);
    let step = step(&assigned, EventKind::Assigned, by, now).detail(detail);
    let mut transition = step.to(case.state.clone(), note);
    // Nothing has become due that was not before.
    transition.outbox.clear();
    if let Some(to) = to {
        let audit = &mut transition.event.audit;
        audit.insert("assignee".to_owned(), to.id.clone());
    }
    Ok(transition)
}
