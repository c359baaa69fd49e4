//! Deferral: the people of a case are told later, until a day, unless somebody else renews it.

use agreement::{Resolution, Version};
use disclosure::deferral::{DeferralGround, DeferralTerms};
use disclosure::intake::Fault;
use disclosure::{Actor, ArrowError, Case, Code, arrows};
use jiff::Timestamp;
use store::CaseFilter;

use super::suspension::{all, take};
use super::{StepError, facts, judgement, load, step};
use crate::gate::Gate;

/// Staff defer telling the people of a case nobody has been looked at for.
pub async fn defer(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    (ground, until): (DeferralGround, Timestamp),
    reason: &str,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        let (terms, term) = (terms(gate, case, now), (ground, until));
        Ok(arrows::defer(case, &terms, term, reason, by, now)?)
    })
    .await
}

/// What the agreement allows that the case is judged under, or would be now.
pub fn terms(gate: &Gate, case: &Case, now: Timestamp) -> DeferralTerms {
    let agreements = gate.agreements();
    let version =
        judgement::version_of(&agreements, case, now).or_else(|| {
            match judgement::resolve(&agreements, &case.request, now) {
                Resolution::Judge(version) => Some(version),
                Resolution::Held(_) | Resolution::Refused(_) => None,
            }
        });
    version.map_or_else(DeferralTerms::default, facts::deferral_terms)
}

/// What is wrong with an agency's wish under this version. Where the version says nothing of deferrals, a
/// wish for too long is cut.
pub fn fault(version: &Version, case: &Case) -> Option<Fault> {
    let asked = case.request.tell_subject_delay.as_ref()?;
    version.terms.deferral.as_ref()?;
    let terms = facts::deferral_terms(version);
    let refused = terms.allow(asked.ground, asked.until, case.received_at);
    let (field, problem) = match refused.err()? {
        ArrowError::DeferralGround => ("ground", "is no ground of the agreement"),
        _ => ("until", "is later than the agreement allows"),
    };
    let field = format!("tell_subject_delay.{field}");
    let remedy = "leave it out, or ask for what the agreement's page says";
    Some(Fault::new(Code::FormIncomplete, &field, problem, remedy))
}

/// Another guardian renews.
pub async fn renew(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    until: Timestamp,
    reason: &str,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        let terms = terms(gate, case, now);
        Ok(arrows::renew_deferral(
            case, &terms, until, reason, by, now,
        )?)
    })
    .await
}

/// A guardian has the people told now.
pub async fn end(gate: &Gate, by: &Actor, (id, seen): (&str, u64)) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::end_deferral(case, by, now)?)
    })
    .await
}

/// Tells the people of every case whose deferral nobody has renewed.
pub async fn end_due(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    let due = CaseFilter {
        deferred_by: Some(now),
        ..CaseFilter::default()
    };
    for row in all(gate, &due).await? {
        let case = load(gate, &row.id).await?;
        if let Ok(transition) = arrows::end_deferral(&case, &Actor::gate(), now) {
            take(gate, transition).await?;
        }
    }
    Ok(())
}
