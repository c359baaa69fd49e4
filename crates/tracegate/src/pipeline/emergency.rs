//! The emergency: a caseworker declares it, a guardian releases at once, somebody new reviews it.

use disclosure::arrows::{self, Proposed};
use disclosure::{Actor, ArrowError};

use super::release::Verdict;
use super::{StepError, apply, judgement, load, release, step, trace};
use crate::email;
use crate::gate::Gate;

/// What became of an emergency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Released; the full review is due.
    Released,
    /// The trace found no certain person with anything to tell: the case goes the ordinary way.
    NotCertain,
}

/// A caseworker declares an emergency and says what to release. The guardian is told at once.
pub async fn declare(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    proposed: Proposed,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        let agreed = judgement::agreed_fields(&gate.agreements(), case, now);
        Ok(arrows::declare_emergency(case, proposed, &agreed, by, now)?)
    })
    .await
}

/// The guardian on call releases what was declared. The trace is still run and must find one
/// certain person; whatever it finds is on record, with a release or without.
pub async fn release(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
) -> Result<Outcome, StepError> {
    let case = load(gate, id).await?;
    if case.version != seen {
        return Err(StepError::Conflict);
    }
    let draft = case.emergency.clone();
    let draft = draft.ok_or(ArrowError::Missing("declaration of the emergency"))?;
    let (tracer, now) = (Actor::gate(), gate.clock.now());
    let agreements = gate.agreements();
    let version = judgement::version_of(&agreements, &case, now);
    let version = version.ok_or(StepError::AgreementNotOpen)?;
    let conditions = trace::conditions(gate, &case, now).await?;
    let started = arrows::start_trace(&case, conditions, &tracer, now)?;
    let agreed = judgement::agreed_fields(&agreements, &case, now);
    arrows::require_emergency(&case, &tracer, &draft, &agreed, by)?;
    let found = trace::search(gate, &case, version, &tracer, now).await?;
    let (recheck, terms) = release::recheck(gate, &case, found.single(), now).await?;
    let released =
        arrows::release_in_emergency(&case, found.clone(), draft, &recheck, &terms, by, now);
    match released {
        Ok(transition) => {
            apply(gate, transition).await?;
            email::waits(gate).await?;
            Ok(Outcome::Released)
        }
        Err(ArrowError::NotCertain) => {
            let tracing = started.case().cloned();
            apply(gate, started).await?;
            if let Some(tracing) = tracing {
                apply(gate, arrows::record_trace(&tracing, found, now)?).await?;
            }
            Ok(Outcome::NotCertain)
        }
        Err(error) => Err(error.into()),
    }
}

/// A guardian new to the case, who has written an own view, reviews the emergency release: it stands, or it is
/// recalled. `changed` says why that is another than their view, where it is.
pub async fn review(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    verdict: Verdict,
    changed: &str,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(match verdict {
            Verdict::Agree => arrows::uphold(case, changed, by, now)?,
            Verdict::Decline => arrows::not_uphold(case, changed, by, now)?,
        })
    })
    .await
}
