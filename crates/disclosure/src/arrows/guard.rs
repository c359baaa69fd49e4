//! The guards that several arrows share.

use super::wrong_outward;
use crate::case::Disclosed;
use crate::decision::Draft;
use crate::request::Authoriser;
use crate::{Actor, ArrowError, Case, EventKind, Field, Request, Role};
use jiff::Timestamp;

/// Something that must be written down is.
pub(super) fn require_text(name: &'static str, text: &str) -> Result<(), ArrowError> {
    if text.trim().is_empty() {
        Err(ArrowError::Missing(name))
    } else {
        Ok(())
    }
}

/// The step belongs to the gate's worker or to the controller's staff.
pub(super) fn require_controller(case: &Case, by: &Actor) -> Result<(), ArrowError> {
    if by.role == Role::Gate {
        return Ok(());
    }
    require_staff(case, by)
}

/// The step belongs to the controller's staff, and they have no part in the asking agency.
pub(super) fn require_staff(case: &Case, by: &Actor) -> Result<(), ArrowError> {
    require_any_staff(by)?;
    require_outsider(case, by)
}

/// The step belongs to the controller's staff, whatever the case.
pub(super) fn require_any_staff(by: &Actor) -> Result<(), ArrowError> {
    if by.role.is_staff() {
        return Ok(());
    }
    Err(refused(by, "a caseworker or guardian"))
}

/// The step belongs to a caseworker.
pub(super) fn require_caseworker(case: &Case, by: &Actor) -> Result<(), ArrowError> {
    if by.role != Role::Caseworker {
        return Err(refused(by, "a caseworker"));
    }
    require_outsider(case, by)
}

/// The step belongs to the agency that asked.
pub(super) fn require_agency(case: &Case, by: &Actor) -> Result<(), ArrowError> {
    let agency = matches!(by.role, Role::Officer | Role::Authoriser);
    if agency && by.organization == case.request.requester.organization {
        Ok(())
    } else {
        Err(refused(by, "the asking agency"))
    }
}

/// The agency may take steps on an answer only once the answer has left: a refusal before that
/// speaks of the outward state alone, so that trying tells nothing (I10).
pub(super) fn require_answered(
    case: &Case,
    arrow: &'static str,
    now: Timestamp,
) -> Result<(), ArrowError> {
    if case.answer_at.is_some_and(|at| now < at) {
        return Err(wrong_outward(case, arrow, now));
    }
    Ok(())
}

/// Nobody of the asking agency, and neither of the two who signed, decides about the request (I4).
fn require_outsider(case: &Case, by: &Actor) -> Result<(), ArrowError> {
    let requester = &case.request.requester;
    let signed = |authoriser: &Authoriser| authoriser.officer_id == by.id;
    let asks = by.organization == requester.organization
        || by.id == requester.officer_id
        || case.request.authoriser.as_ref().is_some_and(signed);
    if asks {
        return Err(ArrowError::SamePerson {
            rule: "who asks may not decide",
        });
    }
    Ok(())
}

/// Who drafts has not traced in this case, now or before it was held (I4).
pub(super) fn require_not_tracer(
    case: &Case,
    tracer: &Actor,
    by: &Actor,
) -> Result<(), ArrowError> {
    let traced = case
        .history
        .iter()
        .any(|step| step.kind == EventKind::TraceStarted && step.actor.is(by));
    if traced || tracer.is(by) {
        return Err(ArrowError::SamePerson {
            rule: "who drafts may not have traced",
        });
    }
    Ok(())
}

/// The second person is a guardian who has taken no step in this case before (I4), but to write an
/// own view of this very draft: that is the first half of the second review.
pub(super) fn require_second(
    case: &Case,
    tracer: &Actor,
    draft: &Draft,
    by: &Actor,
) -> Result<(), ArrowError> {
    if by.role != Role::Guardian {
        return Err(refused(by, "a guardian"));
    }
    require_outsider(case, by)?;
    let drafted = case.state.drafted();
    let begun = drafted.is_some_and(|drafted| drafted.own_view(by).is_some());
    let counts = |kind: EventKind| match kind {
        // To have had the case in hand is no step in it.
        EventKind::Assigned => false,
        EventKind::OwnViewWritten => !begun,
        _ => true,
    };
    let mut own = case.history.iter().filter(|step| step.actor.is(by));
    let acted = own.any(|step| counts(step.kind));
    if acted || draft.by.is(by) || tracer.is(by) {
        return Err(ArrowError::SamePerson {
            rule: "the second person must be new to the case",
        });
    }
    Ok(())
}

/// Whoever released in an emergency does not review it.
pub(super) fn require_not_releaser(disclosed: &Disclosed, by: &Actor) -> Result<(), ArrowError> {
    if disclosed.review.by.is(by) {
        return Err(ArrowError::SamePerson {
            rule: "who released in an emergency may not review",
        });
    }
    Ok(())
}

/// A draft says what it rests on: one gateway and every part of the weighing.
pub(super) fn require_weighed(
    gateway: &str,
    views: &crate::decision::Views,
) -> Result<(), ArrowError> {
    require_text("gateway", gateway)?;
    views
        .missing()
        .map_or(Ok(()), |name| Err(ArrowError::Missing(name)))
}

/// I5: approved within requested within agreed, and never a never-field. The fields in the order of
/// a release record, each once.
pub(super) fn require_within(
    fields: &[Field],
    request: &Request,
    agreed: &[Field],
) -> Result<Vec<Field>, ArrowError> {
    if fields.is_empty() {
        return Err(ArrowError::Missing("fields"));
    }
    let requested = request.known_fields();
    let outside = fields.iter().find(|field| {
        !requested.contains(field) || !agreed.contains(field) || !field.is_releasable()
    });
    if let Some(field) = outside {
        return Err(ArrowError::Field(*field));
    }
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    fields.dedup();
    Ok(fields)
}

pub(super) fn refused(by: &Actor, needs: &'static str) -> ArrowError {
    ArrowError::Role {
        role: by.role.code(),
        needs,
    }
}

/// A step of a guardian. Agency staff never can (I4).
pub(super) fn require_guardian(by: &Actor) -> Result<(), ArrowError> {
    if by.role == Role::Guardian {
        Ok(())
    } else {
        Err(refused(by, "a guardian"))
    }
}
