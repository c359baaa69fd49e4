//! The one way through the house. Every stage has the same shape: load the case, build plain
//! facts, ask an engine, take the arrow, apply. No stage calls another: the worker moves cases on,
//! and a person's review is an input that arrives.
//!
//! Reading order: [`drafts`], [`intake`], [`judgement`], [`trace`], [`review`], [`release`], [`package`], [`publish`];
//! beside it [`accounts`], [`assignment`], [`batch`], [`budget`], [`outcomes`], [`casework`], [`emergency`], [`erasure`], [`subject`], [`deferral`], [`oversight`], [`suspension`], [`narrowing`], [`interest`], [`registration`],
//! [`log_keys`] and [`maintenance`]. The translation between the engines' words is in [`facts`] and nowhere else.

pub mod accounts;
pub mod assignment;
pub mod batch;
pub mod budget;
pub mod casework;
pub mod deferral;
pub mod drafts;
pub mod emergency;
pub mod erasure;
pub mod facts;
pub mod intake;
pub mod interest;
pub mod judgement;
pub mod log_keys;
pub mod maintenance;
pub mod narrowing;
pub mod outcomes;
pub mod oversight;
pub mod package;
pub mod publication;
pub mod publish;
pub mod registration;
pub mod release;
pub mod replay;
pub mod requester;
pub mod review;
pub mod subject;
pub mod suspension;
pub mod trace;
pub mod wishes;

use disclosure::{ArrowError, Case, Transition};
use jiff::Timestamp;
use store::{Applied, StoreError};
use thiserror::Error;

use crate::gate::Gate;
use crate::gate::people::PeopleError;

/// Why a step was not taken.
#[derive(Debug, Error)]
pub enum StepError {
    /// There is no such case, or it is none of the caller's business: told alike.
    #[error("there is no such case")]
    NotFound,
    /// The case has moved on since the caller looked (I21).
    #[error("the case has changed since you looked; reload it and decide again")]
    Conflict,
    /// The agreement is suspended, withdrawn or expired at this very instant (I7).
    #[error("the agreement is not in force; nothing can be traced or released under it")]
    AgreementNotOpen,
    /// The entry is not yet under a signed checkpoint: nothing leaves before it is.
    #[error("the release is not yet in the public log; try again in a few seconds")]
    NotYetPublished,
    /// The log has been behind for too long, or is contradicted.
    #[error("the public log is not up to date; nothing is released until it is")]
    LogStopped,
    /// The caller may not do this.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// Nobody has proposed it, or not on these grounds.
    #[error("nobody has proposed to erase this on the same ground; propose it first")]
    NotProposed,
    /// A release was not made into a package.
    #[error("the package was not made; ask again with the same `X-Request-ID`: {0}")]
    Package(#[from] package::PackageError),
    /// A guard of the case said no.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
    /// The public statistics could not be written or read.
    #[error("the statistics failed")]
    Statistics(#[from] crate::publication::PublicationError),
    /// The registrations could not be taken into the index.
    #[error("the person index is not up to date; nobody is traced until it is")]
    People(#[source] PeopleError),
    /// The store failed.
    #[error("{}", of_store(.0))]
    Store(#[source] StoreError),
}

/// What is told of a failure; the operator's log has its source.
fn of_store(error: &StoreError) -> &'static str {
    match error {
        StoreError::Busy => "the gate is busy and nothing was changed; try again in a few seconds",
        _ => "the store failed",
    }
}

impl From<PeopleError> for StepError {
    fn from(error: PeopleError) -> StepError {
        match error {
            PeopleError::Store(error) => StepError::from(error),
            other => StepError::People(other),
        }
    }
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> StepError {
        match error {
            StoreError::Conflict { .. } => StepError::Conflict,
            StoreError::AgreementNotOpen { .. } => StepError::AgreementNotOpen,
            other => StepError::Store(other),
        }
    }
}

/// Loads a case that must be there.
pub async fn load(gate: &Gate, id: &str) -> Result<Case, StepError> {
    gate.store.case(id).await?.ok_or(StepError::NotFound)
}

/// Writes a transition; the case as it is afterwards comes back with it.
async fn apply(gate: &Gate, transition: Transition) -> Result<Applied, StepError> {
    Ok(gate.store.apply(transition).await?)
}

/// Takes one arrow of an existing case on behalf of a person who looked at version `seen`.
async fn step(
    gate: &Gate,
    id: &str,
    seen: u64,
    arrow: impl FnOnce(&Case, Timestamp) -> Result<Transition, StepError>,
) -> Result<(), StepError> {
    let case = load(gate, id).await?;
    if case.version != seen {
        return Err(StepError::Conflict);
    }
    let transition = arrow(&case, gate.clock.now())?;
    apply(gate, transition).await.map(|_| ())
}
