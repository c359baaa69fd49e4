use jiff::Timestamp;

use super::{end, require_text, step, wrong};
use crate::case::{AnswerWindow, Drafted, NoResult};
use crate::decision::{Draft, Proposal, Views};
use crate::{
    Actor, ArrowError, Case, Code, CodeGroup, Ending, EventKind, Field, Role, State, Transition,
};

/// What a caseworker proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// Release or forward.
    pub proposal: Proposal,
    /// The one gateway relied on.
    pub gateway: String,
    /// The written weighing.
    pub views: Views,
}

/// Drafts a decision about the one certain person. `agreed` are the fields the judgement allows.
pub fn draft(
    case: &Case,
    proposed: Proposed,
    agreed: &[Field],
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::CaseworkReview(traced) = &case.state else {
        return Err(wrong(case, "draft"));
    };
    require_caseworker(by)?;
    if traced.trace.tracer.is(by) {
        return Err(ArrowError::SamePerson {
            rule: "who drafts may not have traced",
        });
    }
    if traced.trace.single().is_none() {
        return Err(ArrowError::NotCertain);
    }
    require_text("gateway", &proposed.gateway)?;
    if let Some(name) = proposed.views.missing() {
        return Err(ArrowError::Missing(name));
    }
    if let Proposal::Release(fields) = &proposed.proposal {
        within(fields, &case.request.known_fields(), agreed)?;
    }
    let draft = Draft {
        proposal: proposed.proposal,
        gateway: proposed.gateway,
        views: proposed.views,
        by: by.clone(),
        at: now,
    };
    let next = State::GuardianReview(Drafted {
        traced: traced.clone(),
        draft,
    });
    Ok(step(case, EventKind::Drafted, by, now).to(next, ""))
}

/// Ends the case without a result. Where the trace found nobody certain its own code stands;
/// otherwise `code` says why nothing is released about the person found.
pub fn end_without_result(
    case: &Case,
    code: Code,
    window: AnswerWindow,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::CaseworkReview(traced) = &case.state else {
        return Err(wrong(case, "end_without_result"));
    };
    require_caseworker(by)?;
    let code = traced.trace.outcome.code().unwrap_or(code);
    if code.group() != CodeGroup::AfterTrace {
        return Err(ArrowError::Missing("after-trace code"));
    }
    let ended = NoResult {
        code,
        traced: traced.clone(),
        by: by.clone(),
    };
    let transition = step(case, EventKind::Ended, by, now).to(State::NoResult(ended), code.code());
    Ok(end(
        transition,
        Ending::NoResult,
        window.answer_at(case.received_at, now),
    ))
}

fn require_caseworker(by: &Actor) -> Result<(), ArrowError> {
    if by.role == Role::Caseworker {
        return Ok(());
    }
    Err(ArrowError::Role {
        role: by.role.code(),
        needs: "a caseworker",
    })
}

/// I5: approved within requested within agreed, and never a never-field.
fn within(fields: &[Field], requested: &[Field], agreed: &[Field]) -> Result<(), ArrowError> {
    if fields.is_empty() {
        return Err(ArrowError::Missing("fields"));
    }
    let outside = fields.iter().find(|field| {
        !requested.contains(field) || !agreed.contains(field) || !field.is_releasable()
    });
    outside.map_or(Ok(()), |field| Err(ArrowError::Field(*field)))
}
