//! Erasure: one person proposes, a guardian who is somebody else has it done.

use disclosure::arrows::{self, ErasureGround};
use disclosure::{Actor, Case};
use jiff::Timestamp;
use store::{Applied, Entry, Store};

use super::StepError;

/// What a step of an erasure is about.
pub struct Erasure<'a> {
    /// A case of the person.
    pub case: &'a str,
    /// Why.
    pub ground: ErasureGround,
    /// Who acts.
    pub by: &'a Actor,
    /// When.
    pub now: Timestamp,
}

/// Proposes to erase everything about the person of a case. Returns the entry and the number of cases.
pub async fn propose(store: &Store, step: &Erasure<'_>) -> Result<(Applied, usize), StepError> {
    let cases = cases(store, step).await?;
    let proposal = arrows::propose_erasure(&cases, step.ground, step.by, step.now)?;
    Ok((store.apply(proposal).await?, cases.len()))
}

/// Erases what was proposed, as it was proposed: a case that has come or changed since needs a new
/// proposal.
pub async fn confirm(store: &Store, step: &Erasure<'_>) -> Result<(Applied, usize), StepError> {
    let cases = cases(store, step).await?;
    let key = arrows::erasure_proposal_key(&cases);
    let proposal = match store.applied(&key).await? {
        Some(row) => store.entry(row.index).await?,
        None => None,
    };
    let same_ground = |entry: &Entry| entry.fact("ground").as_deref() == Some(step.ground.code());
    let proposed_by = proposal
        .filter(same_ground)
        .and_then(|entry| entry.fact("actor"))
        .ok_or(StepError::NotProposed)?;
    let erased = arrows::erase(&cases, step.ground, &proposed_by, step.by, step.now)?;
    Ok((store.apply(erased).await?, cases.len()))
}

async fn cases(store: &Store, step: &Erasure<'_>) -> Result<Vec<Case>, StepError> {
    let cases = store.cases_about(step.case).await?;
    if cases.is_empty() {
        return Err(StepError::NotFound);
    }
    Ok(cases)
}
