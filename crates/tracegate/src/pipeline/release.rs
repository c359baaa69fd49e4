//! Release: the second person decides, the agency collects, the outcome comes back.

use disclosure::arrows::{self, Recheck, ReleaseTerms};
use disclosure::release::{Line, OutcomeReturn};
use disclosure::{Actor, Case, EventKind};
use jiff::Timestamp;

use super::{StepError, apply, facts, judgement, load, step};
use crate::gate::Gate;

/// The second person's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Agree with the draft.
    Agree,
    /// Decline it.
    Decline,
}

/// Records the second person's own view and decision. Everything is looked up again at this
/// instant: the agreement, the public-interest test, what the index holds.
pub async fn second_review(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    verdict: Verdict,
    own_view: &str,
) -> Result<(), StepError> {
    let window = gate.settings.answers.window();
    if verdict == Verdict::Decline {
        return step(gate, id, seen, |case, now| {
            Ok(arrows::decline(case, own_view, window, by, now)?)
        })
        .await;
    }
    let case = load(gate, id).await?;
    if case.version != seen {
        return Err(StepError::Conflict);
    }
    let now = gate.clock.now();
    let (recheck, terms) = recheck(gate, &case, now).await?;
    apply(
        gate,
        arrows::agree(&case, own_view, &recheck, &terms, by, now)?,
    )
    .await
    .map(|_| ())
}

async fn recheck(
    gate: &Gate,
    case: &Case,
    now: Timestamp,
) -> Result<(Recheck, ReleaseTerms), StepError> {
    let Some(version) = judgement::version_of(gate, case) else {
        return Err(StepError::AgreementNotOpen);
    };
    let found = case.state.traced().and_then(|traced| traced.trace.single());
    let row = found.and_then(|found| gate.index.find(&found.person_ref));
    let person = row.and_then(|row| gate.index.person(row));
    let handling = &version.terms.handling;
    let recheck = Recheck {
        agreement_open: judgement::open_state(gate, version, now).await?.is_open(),
        test_valid: gate.library.pit_valid_at(&version.id.agreement, now),
        agreed: judgement::agreed_fields(gate, case),
        held: person.as_ref().map(facts::held_record),
    };
    let terms = ReleaseTerms {
        data_life_days: i64::from(handling.data_life_days),
        outcome_due_days: i64::from(handling.outcome_due_days),
        onward_rule: handling.onward_rule.clone(),
        window: gate.settings.answers.window(),
    };
    Ok((recheck, terms))
}

/// The agency collects the release, once. The same key repeats the same answer.
///
/// Nothing leaves before its entry is under a signed checkpoint, nor before its answer time.
pub async fn collect(gate: &Gate, by: &Actor, id: &str, key: &str) -> Result<Vec<Line>, StepError> {
    let case = load(gate, id).await?;
    if case.request.requester.organization != by.organization {
        return Err(StepError::NotFound);
    }
    let now = gate.clock.now();
    let record = case
        .state
        .disclosed()
        .map(|disclosed| disclosed.release.record.clone());
    if let Some(collected) = case
        .state
        .disclosed()
        .and_then(|d| d.release.collected.as_ref())
    {
        let same = collected.key == key;
        return if same {
            Ok(record.unwrap_or_default())
        } else {
            used()
        };
    }
    if case.answer_at.is_some_and(|at| now < at) {
        return Err(StepError::NotFound);
    }
    let transition = arrows::collect(&case, key, by, now)?;
    require_published(gate, id).await?;
    apply(gate, transition).await?;
    Ok(record.unwrap_or_default())
}

fn used() -> Result<Vec<Line>, StepError> {
    Err(disclosure::ArrowError::AlreadyCollected.into())
}

async fn require_published(gate: &Gate, id: &str) -> Result<(), StepError> {
    let entries = gate.store.entries_of_case(id).await?;
    let released = entries.iter().rev().find(|entry| {
        entry.kind == EventKind::Released || entry.kind == EventKind::EmergencyReleased
    });
    match released {
        Some(entry) if entry.index < gate.published() => Ok(()),
        _ => Err(StepError::NotYetPublished),
    }
}

/// The agency says what became of a release.
pub async fn return_outcome(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    outcome: OutcomeReturn,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::return_outcome(case, outcome, by, now)?)
    })
    .await
}

/// The agency takes a request back.
pub async fn withdraw(gate: &Gate, by: &Actor, (id, seen): (&str, u64)) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::withdraw(case, by, now)?)
    })
    .await
}
