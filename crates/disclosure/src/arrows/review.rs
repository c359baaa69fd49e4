use jiff::Timestamp;

use super::guard::{
    require_caseworker, require_not_releaser, require_not_tracer, require_second, require_text,
    require_weighed, require_within,
};
use super::{end, step, wrong};
use crate::case::{AnswerWindow, Drafted, NoResult};
use crate::decision::{Draft, OwnView, Proposal, Views};
use crate::{
    Actor, ArrowError, Case, Code, CodeGroup, Ending, EventKind, Field, State, Transition,
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

impl Proposed {
    /// The draft that `by` makes of it.
    pub(super) fn drafted(self, by: &Actor, now: Timestamp) -> Draft {
        Draft {
            proposal: self.proposal,
            gateway: self.gateway,
            views: self.views,
            by: by.clone(),
            at: now,
        }
    }
}

/// Drafts a decision. `agreed` are the fields the judgement allows.
///
/// A release is about the one certain person. Forwarding may be drafted whatever the trace found:
/// were it drafted only for a person found, its answer would confirm the find (I10). Whoever sends
/// the message sends it only where [`crate::trace::TraceResult::single`] names somebody.
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
    require_caseworker(case, by)?;
    require_not_tracer(case, &traced.trace.tracer, by)?;
    require_weighed(&proposed.gateway, &proposed.views)?;
    let mut draft = proposed.drafted(by, now);
    if let Proposal::Release(fields) = &mut draft.proposal {
        if traced.trace.single().is_none() {
            return Err(ArrowError::NotCertain);
        }
        *fields = require_within(fields, &case.request, agreed)?;
    }
    let next = State::GuardianReview(Drafted {
        traced: traced.clone(),
        draft,
        own_views: Vec::new(),
    });
    Ok(step(case, EventKind::Drafted, by, now).to(next, ""))
}

/// Whoever may decide as the second person writes down what they would do, before they see the
/// draft. It stands: nobody writes twice of one draft. The entry says that it was written; the text
/// stays in the case.
pub fn write_own_view(
    case: &Case,
    text: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let mut viewed = case.state.clone();
    let drafted = match &mut viewed {
        State::GuardianReview(drafted) => drafted,
        State::EmergencyPending(disclosed) => {
            require_not_releaser(disclosed, by)?;
            &mut disclosed.drafted
        }
        _ => return Err(wrong(case, "write_own_view")),
    };
    require_second(case, &drafted.traced.trace.tracer, &drafted.draft, by)?;
    require_text("own_view", text)?;
    if drafted.own_view(by).is_some() {
        return Err(wrong(case, "write_own_view"));
    }
    drafted.own_views.push(OwnView {
        text: text.to_owned(),
        by: by.clone(),
        at: now,
    });
    Ok(step(case, EventKind::OwnViewWritten, by, now).to(viewed, ""))
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
    require_caseworker(case, by)?;
    let code = traced.trace.outcome.code().unwrap_or(code);
    if code.group() != CodeGroup::AfterTrace {
        return Err(ArrowError::Missing("after-trace code"));
    }
    let ended = NoResult {
        code,
        traced: traced.clone(),
        by: by.clone(),
        declined: None,
    };
    let transition = step(case, EventKind::Ended, by, now).to(State::NoResult(ended), code.code());
    Ok(end(
        transition,
        Ending::NoResult,
        window.answer_at(case.received_at, now),
    ))
}
