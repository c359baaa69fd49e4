//! Erasure: one person proposes, a guardian who is somebody else has it done.

use disclosure::arrows::{self, ErasureGround};
use disclosure::{Actor, Case};
use jiff::Timestamp;
use serde::Serialize;
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

/// How a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A guardian who is somebody else may confirm it.
    Waits,
    /// Something has happened since: it needs a new proposal.
    Overtaken,
    /// Done.
    Erased,
}

/// A proposal to erase.
#[derive(Debug, Serialize)]
pub struct Proposal {
    /// Entry of the log.
    pub index: u64,
    /// The case named by the proposer.
    pub case: String,
    /// Every case about the same person, that one among them.
    pub cases: Vec<String>,
    /// Code of the ground.
    pub ground: String,
    /// Identity of the proposer.
    pub by: String,
    /// When.
    pub at: Timestamp,
    pub standing: Standing,
}

/// The newest proposals, newest first.
pub async fn proposals(store: &Store) -> Result<Vec<Proposal>, StepError> {
    let mut proposals = Vec::new();
    for row in store.erasures_proposed(PROPOSALS_SHOWN).await? {
        let entry = store.entry(row.index).await?;
        let Some((entry, case)) = entry.zip(row.case_id) else {
            continue;
        };
        let fact = |name| entry.fact(name).unwrap_or_default();
        let held = store.cases_about(&case).await?;
        let stands = store.applied(&arrows::erasure_proposal_key(&held)).await?;
        let standing = match stands {
            _ if held.is_empty() => Standing::Erased,
            Some(stands) if stands.index == row.index => Standing::Waits,
            _ => Standing::Overtaken,
        };
        proposals.push(Proposal {
            index: row.index,
            cases: fact("cases").split(' ').map(str::to_owned).collect(),
            ground: fact("ground"),
            by: fact("actor"),
            at: row.at,
            case,
            standing,
        });
    }
    Ok(proposals)
}

/// Proposals in one list.
const PROPOSALS_SHOWN: u32 = 100;

async fn cases(store: &Store, step: &Erasure<'_>) -> Result<Vec<Case>, StepError> {
    let cases = store.cases_about(step.case).await?;
    if cases.is_empty() {
        return Err(StepError::NotFound);
    }
    Ok(cases)
}
