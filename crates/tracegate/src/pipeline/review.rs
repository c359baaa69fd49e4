//! Review: a caseworker drafts, or ends the case without a result.

use disclosure::arrows::{self, Proposed};
use disclosure::decision::Proposal;
use disclosure::release::{HeldRecord, Line};
use disclosure::{Actor, Case, Code, Field, release};

use super::{StepError, judgement, step, wishes};
use crate::email;
use crate::gate::Gate;

/// Drafts a decision for the second person.
pub async fn draft(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    proposed: Proposed,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        let agreements = gate.agreements();
        let may_forward = judgement::may_forward(&agreements, case, now);
        if proposed.proposal == Proposal::Forward && !may_forward {
            return Err(StepError::NotAllowed(
                "the agreement does not provide for forwarding",
            ));
        }
        let agreed = judgement::agreed_fields(&agreements, case, now);
        Ok(arrows::draft(case, proposed, &agreed, by, now)?)
    })
    .await?;
    email::waits(gate).await
}

/// The second person writes down an own view: only then may they see the draft.
pub async fn write_own_view(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    text: &str,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::write_own_view(case, text, by, now)?)
    })
    .await
}

/// Ends the case without a result.
pub async fn end_without_result(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    code: Code,
) -> Result<(), StepError> {
    let window = gate.settings.answers.window();
    step(gate, id, seen, |case, now| {
        Ok(arrows::end_without_result(case, code, window, by, now)?)
    })
    .await
}

/// The exact record that would leave if these fields were released now, of what is held now.
pub fn preview(held: Option<&HeldRecord>, fields: &[Field]) -> Vec<Line> {
    held.map(|held| release::compose(fields, held))
        .unwrap_or_default()
}

/// What the index holds now of the person found, as far as they let it be told.
pub async fn held(gate: &Gate, case: &Case) -> Result<Option<HeldRecord>, StepError> {
    let found = case.state.traced().and_then(|traced| traced.trace.single());
    wishes::held(gate, found).await
}
