//! What staff and agency do beside the straight way: questions, recall, destruction.

use disclosure::{Actor, Request, arrows};

use super::intake::Sender;
use super::{StepError, apply, facts, load, requester, step};
use crate::gate::Gate;

/// Why a release is recalled: coded, because the reason stands in the log.
pub const RECALL_REASONS: [&str; 3] = ["wrong_person", "wrong_data", "should_not_have_left"];

/// Staff ask the agency a question before any trace. The agency's clock stands still.
pub async fn ask(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    question: &str,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::ask(case, question, by, now)?)
    })
    .await
}

/// The agency answers; with a revised request every clause is judged anew.
pub async fn clarify(
    gate: &Gate,
    (by, check): Sender<'_>,
    (id, seen): (&str, u64),
    answer: &str,
    revised: Option<Request>,
) -> Result<(), StepError> {
    let case = load(gate, id).await?;
    if case.version != seen {
        return Err(StepError::Conflict);
    }
    let now = gate.clock.now();
    let clarified = arrows::clarify(&case, answer, revised.clone(), by, now)?;
    let clarified = match &revised {
        Some(request) => {
            let check = requester::compared(gate, check.clone(), request).await?;
            let marks = facts::marks(&gate.marks_key, request);
            clarified.marked(marks).checked(check)
        }
        None => clarified,
    };
    apply(gate, clarified).await.map(|_| ())
}

/// Staff recall a release; the agency is told to destroy its copy.
pub async fn recall(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    reason: &str,
) -> Result<(), StepError> {
    let reason = RECALL_REASONS.into_iter().find(|known| *known == reason);
    let reason = reason.ok_or(StepError::NotAllowed(
        "choose a coded reason for the recall",
    ))?;
    step(gate, id, seen, |case, now| {
        Ok(arrows::recall(case, reason, by, now)?)
    })
    .await
}

/// The agency confirms that every copy of a recalled release is destroyed, or staff that there
/// never was one.
pub async fn confirm_destroyed(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::confirm_destroyed(case, by, now)?)
    })
    .await
}
