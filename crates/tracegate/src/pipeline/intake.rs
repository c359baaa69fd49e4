//! Intake: a request is recorded before anybody judges it.

use disclosure::requester::RequesterCheck;
use disclosure::{Actor, Request, Role, arrows};
use store::Applied;

use super::{StepError, apply, facts, requester};
use crate::gate::Gate;

/// Who sends a request, and how the gate made sure who asks.
pub type Sender<'s> = (&'s Actor, &'s RequesterCheck);

/// Records a request and returns its public reference. Sending it again with the same key
/// (`X-Request-ID`) returns the same reference and records nothing.
pub async fn submit(
    gate: &Gate,
    sender: Sender<'_>,
    key: &str,
    request: Request,
) -> Result<String, StepError> {
    Ok(record(gate, sender, key, request).await?.0)
}

/// As [`submit`], and tells whether it is a new one.
pub async fn record(
    gate: &Gate,
    (by, check): Sender<'_>,
    key: &str,
    request: Request,
) -> Result<(String, bool), StepError> {
    if !matches!(by.role, Role::Officer | Role::Authoriser) {
        return Err(StepError::NotAllowed("only an agency sends requests"));
    }
    if by.organization != request.requester.organization {
        return Err(StepError::NotAllowed(
            "`requester.organization` is not your organization; an agency asks for itself",
        ));
    }
    let id = gate.chance.reference();
    let marks = facts::marks(&gate.marks_key, &request);
    let check = requester::compared(gate, check.clone(), &request).await?;
    let transition = arrows::receive(&id, key, request, by, gate.clock.now());
    match apply(gate, transition.marked(marks).checked(check)).await? {
        Applied::Done { .. } => Ok((id, true)),
        Applied::AlreadyDone { index } => {
            let entry = gate.store.entry(index).await?;
            let case = entry.and_then(|entry| entry.row.case_id);
            Ok((case.ok_or(StepError::NotFound)?, false))
        }
    }
}
