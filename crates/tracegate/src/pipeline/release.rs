//! Release: the second person decides, the agency collects, the outcome comes back.

use agreement::Library;
use disclosure::arrows::{self, Recheck, ReleaseTerms};
use disclosure::release::{Line, OutcomeReturn};
use disclosure::trace::Candidate;
use disclosure::{Actor, ArrowError, Case, EventKind, Field, Transition};
use jiff::Timestamp;
use store::{EntryRow, Lease};

use super::{StepError, apply, interest, judgement, load, step, wishes};
use crate::gate::Gate;

/// The second person's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Agree with the draft.
    Agree,
    /// Decline it.
    Decline,
}

/// Records the decision of a second person whose own view is on record; `changed` says why it is
/// another, where it is. Everything is looked up again at this instant: the agreement, the
/// public-interest test, what the index holds.
pub async fn second_review(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    verdict: Verdict,
    changed: &str,
) -> Result<(), StepError> {
    let window = gate.settings.answers.window();
    if verdict == Verdict::Decline {
        return step(gate, id, seen, |case, now| {
            Ok(arrows::decline(case, changed, window, by, now)?)
        })
        .await;
    }
    let case = load(gate, id).await?;
    if case.version != seen {
        return Err(StepError::Conflict);
    }
    let now = gate.clock.now();
    let found = case.state.traced().and_then(|traced| traced.trace.single());
    let (recheck, terms) = recheck(gate, &case, found, now).await?;
    apply(
        gate,
        arrows::agree(&case, changed, &recheck, &terms, by, now)?,
    )
    .await
    .map(|_| ())
}

/// Looks everything up again: agreement, test, and what the index holds of the person found.
pub async fn recheck(
    gate: &Gate,
    case: &Case,
    found: Option<&Candidate>,
    now: Timestamp,
) -> Result<(Recheck, ReleaseTerms), StepError> {
    let agreements = gate.agreements();
    let Some(version) = judgement::version_of(&agreements, case, now) else {
        return Err(StepError::AgreementNotOpen);
    };
    let state = judgement::open_state(gate, &agreements, version, now).await?;
    let handling = &version.terms.handling;
    let recheck = Recheck {
        agreement_open: state.is_open(),
        test_valid: interest::is_valid(gate, &agreements, &version.id.agreement, now).await?,
        agreed: judgement::agreed_fields(&agreements, case, now),
        held: wishes::held(gate, found).await?,
    };
    let terms = ReleaseTerms {
        data_life_days: i64::from(handling.data_life_days),
        outcome_due_days: i64::from(handling.outcome_due_days),
        onward_rule: handling.onward_rule.clone(),
        window: gate.settings.answers.window(),
    };
    Ok((recheck, terms))
}

/// A release on its way to the agency, and the leave to send it: whoever hands it over keeps the
/// lease until the last byte has left.
#[derive(Debug)]
pub struct Delivery {
    /// Public reference.
    pub case: String,
    /// What is told.
    pub record: Vec<Line>,
    /// Until when the agency may keep it.
    pub data_life_until: Timestamp,
    /// What the agency may do with it.
    pub onward_rule: String,
    /// When the outcome return is due.
    pub outcome_due_at: Timestamp,
    /// Ends by itself; nothing may be handed over once it is no longer live.
    pub lease: Lease,
}

/// The agency collects the release, once. The same key repeats the same answer.
///
/// Nothing leaves before its entry is under a signed checkpoint, nor before its answer time, nor
/// once a change of the agreement has been acknowledged: every delivery is authorised by a write
/// that rechecks the agreement, the fields it allows and what the person has asked, under a lease that such a change waits for
/// (I5, I7).
pub async fn collect(gate: &Gate, by: &Actor, id: &str, key: &str) -> Result<Delivery, StepError> {
    let agreement = own(gate, by, id).await?.agreement;
    let lease = match &agreement {
        Some(agreement) => Some(gate.store.deliver(&agreement.name).await?),
        None => None,
    };
    let case = own(gate, by, id).await?;
    let now = gate.clock.now();
    if case.answer_at.is_some_and(|at| now < at) {
        return Err(StepError::NotFound);
    }
    let agreements = gate.agreements();
    let agreed = judgement::agreed_fields(&agreements, &case, now);
    let (case, agreed) = wishes::let_leave(gate, case, agreed).await?;
    let transition = collecting(gate, &case, key, &agreed, by, now)?;
    require_open(gate, &agreements, &case, now).await?;
    require_published(gate, id).await?;
    apply(gate, transition).await?;
    // What is sent is what is held after the authorising write.
    let case = own(gate, by, id).await?;
    let disclosed = case
        .state
        .disclosed()
        .filter(|d| !d.release.record.is_empty());
    let (Some(disclosed), Some(lease)) = (disclosed, lease) else {
        return Err(ArrowError::AlreadyCollected.into());
    };
    let release = disclosed.release.clone();
    Ok(Delivery {
        case: case.id,
        record: release.within(&agreed),
        data_life_until: release.data_life_until,
        onward_rule: release.onward_rule,
        outcome_due_at: release.outcome_due_at,
        lease,
    })
}

/// The agency's own case; any other is answered as if it did not exist.
async fn own(gate: &Gate, by: &Actor, id: &str) -> Result<Case, StepError> {
    let case = load(gate, id).await?;
    if case.request.requester.organization == by.organization {
        Ok(case)
    } else {
        Err(StepError::NotFound)
    }
}

/// The collecting call, or its repeat.
fn collecting(
    gate: &Gate,
    case: &Case,
    key: &str,
    agreed: &[Field],
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let disclosed = case.state.disclosed();
    if disclosed.is_some_and(|disclosed| disclosed.release.repeats(key)) {
        let token = gate.chance.token();
        return arrows::collect_again(case, (key, &token), agreed, by, now);
    }
    arrows::collect(case, key, agreed, by, now)
}

/// The agreement has not ended by its published dates, which no row of the store need say yet.
async fn require_open(
    gate: &Gate,
    agreements: &Library,
    case: &Case,
    now: Timestamp,
) -> Result<(), StepError> {
    let version = judgement::version_of(agreements, case, now);
    let version = version.ok_or(StepError::AgreementNotOpen)?;
    let state = judgement::open_state(gate, agreements, version, now).await?;
    if state.is_open() {
        Ok(())
    } else {
        Err(StepError::AgreementNotOpen)
    }
}

/// The entry of the case's release, if there has been one.
pub async fn entry(gate: &Gate, id: &str) -> Result<Option<EntryRow>, StepError> {
    let entries = gate.store.entries_of_case(id).await?;
    Ok(entries.into_iter().rfind(|entry| {
        entry.kind == EventKind::Released || entry.kind == EventKind::EmergencyReleased
    }))
}

async fn require_published(gate: &Gate, id: &str) -> Result<(), StepError> {
    match entry(gate, id).await? {
        Some(entry) if entry.index < gate.log.published() => require_log(gate),
        _ => Err(StepError::NotYetPublished),
    }
}

/// The log is not so far behind, or so contradicted, that nothing may leave.
fn require_log(gate: &Gate) -> Result<(), StepError> {
    match gate.log.standing(gate.clock.now()).level.stopped_by() {
        None => Ok(()),
        Some(_) => Err(StepError::LogStopped),
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
