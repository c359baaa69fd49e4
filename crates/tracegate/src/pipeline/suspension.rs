//! Suspension: an agreement stops at once, by one person; its cases wait, are refused or recalled.
//! It takes two people to reopen.

use agreement::{Resolution, VersionId};
use disclosure::{Actor, AgreementState, Case, Standing, State, Transition, arrows};
use jiff::Timestamp;
use serde::Serialize;
use store::read::PAGE_MAX;
use store::{CaseFilter, CaseRow};

use super::{StepError, apply, facts, judgement, load};
use crate::gate::Gate;

/// How often a suspension is tried again when somebody else changes the agreement at that instant.
const TRIES_MAX: usize = 20;
/// How often cases that move while they are being stopped are looked for again.
const ROUNDS_MAX: usize = 10;

/// Records the state of every agreement version whose record is missing or no longer true, each as
/// an entry of the ledger. A suspension by a person stands until two people take it back, or the
/// published status log ends the version.
pub async fn record_states(gate: &Gate) -> Result<(), StepError> {
    let now = gate.clock.now();
    let agreements = gate.agreements();
    for version in agreements.versions() {
        let agreement = facts::reference(version);
        let before = gate.store.standing(&agreement.name).await?;
        let state = judgement::narrower(gate, &agreements, version, before.as_ref(), now);
        let stands = before.as_ref().is_some_and(|before| {
            let known = before.agreement == agreement;
            let suspended = before.suspension.is_some() && state != AgreementState::Ended;
            // A narrowing is never forgotten, not even while its overlay is not here.
            let narrowed = before.state == AgreementState::Narrowed && state.is_suspended();
            known && (before.state == state || suspended || narrowed)
        });
        if stands {
            continue;
        }
        let reason = "as its published status log says";
        let change = arrows::record_agreement(before.as_ref(), agreement, state, reason, now)?;
        match apply(gate, change).await {
            // Somebody else has just recorded it; the next round looks again.
            Ok(_) | Err(StepError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What a suspension makes of one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// An open case waits, and is checked anew when the agreement is reopened.
    Held,
    /// An open case is refused.
    Refused,
    /// A release nobody has collected is recalled.
    Recalled,
    /// A release nobody has collected cannot be collected while the suspension lasts.
    NotCollectable,
}

impl Fate {
    /// What becomes of a case in this state under an agreement that is no longer open.
    fn of(state: &str, stopped: AgreementState) -> Option<Fate> {
        let holds = stopped == AgreementState::SuspendedHold;
        match (state, holds) {
            // Whether an emergency release stands is for its own review to say.
            ("released" | "released_part", true) | ("emergency_pending", _) => {
                Some(Fate::NotCollectable)
            }
            ("released" | "released_part", false) => Some(Fate::Recalled),
            ("held_suspension", true) => None,
            _ if holds => Some(Fate::Held),
            _ => Some(Fate::Refused),
        }
    }

    fn transition(self, case: &Case, by: &Actor, now: Timestamp) -> Option<Transition> {
        let arrow = match self {
            Fate::Held => arrows::hold(case, by, now),
            Fate::Refused => arrows::refuse_suspended(case, by, now),
            Fate::Recalled => arrows::recall(case, "agreement_suspended", by, now),
            Fate::NotCollectable => return None,
        };
        arrow.ok()
    }
}

/// A case and what a suspension makes of it. No personal data.
#[derive(Debug, Serialize)]
pub struct Caught {
    pub case: String,
    pub agency: String,
    pub state: String,
    pub fate: Fate,
}

/// Every case that a suspension with this effect catches, and what becomes of it. Changes nothing.
pub async fn caught(
    gate: &Gate,
    name: &str,
    effect: AgreementState,
) -> Result<Vec<Caught>, StepError> {
    let rows = rows(gate, name).await?;
    let caught = |row: CaseRow| {
        Some(Caught {
            fate: Fate::of(&row.state, effect)?,
            case: row.id,
            agency: row.agency,
            state: row.state,
        })
    };
    Ok(rows.into_iter().filter_map(caught).collect())
}

/// A guardian suspends an agreement version, alone. It bites in this very write; when this returns,
/// nothing sent under the agreement is on its way any more, and every case has met its fate.
pub async fn suspend(
    gate: &Gate,
    by: &Actor,
    name: &str,
    effect: AgreementState,
    reason: &str,
) -> Result<(), StepError> {
    for _ in 0..TRIES_MAX {
        let before = standing(gate, name).await?;
        let change = arrows::suspend(&before, effect, reason, by, gate.clock.now())?;
        match apply(gate, change).await {
            Err(StepError::Conflict) => {}
            Err(error) => return Err(error),
            Ok(_) => return stop(gate, name, effect).await,
        }
    }
    Err(StepError::Conflict)
}

/// The first of two people proposes to reopen; `seen` is the version of the standing they saw.
pub async fn propose_reopening(
    gate: &Gate,
    by: &Actor,
    (name, seen): (&str, u64),
    reason: &str,
) -> Result<(), StepError> {
    let before = unchanged(gate, name, seen).await?;
    let change = arrows::propose_reopening(&before, reason, by, gate.clock.now())?;
    apply(gate, change).await.map(|_| ())
}

/// The second person reopens. Held cases are taken up again at once.
pub async fn reopen(gate: &Gate, by: &Actor, (name, seen): (&str, u64)) -> Result<(), StepError> {
    let before = unchanged(gate, name, seen).await?;
    let now = gate.clock.now();
    let id = name.parse().map_err(|_| StepError::NotFound)?;
    if !facts::state(gate.agreements().status_at(&id, now)).is_open() {
        return Err(StepError::AgreementNotOpen);
    }
    apply(gate, arrows::reopen(&before, by, now)?).await?;
    resume(gate).await
}

/// What is recorded of the version with this name.
pub async fn standing(gate: &Gate, name: &str) -> Result<Standing, StepError> {
    let id: VersionId = name.parse().map_err(|_| StepError::NotFound)?;
    if gate.agreements().version(&id).is_none() {
        return Err(StepError::NotFound);
    }
    let standing = gate.store.standing(name).await?;
    standing.ok_or(StepError::NotFound)
}

async fn unchanged(gate: &Gate, name: &str, seen: u64) -> Result<Standing, StepError> {
    let standing = standing(gate, name).await?;
    if standing.version == seen {
        Ok(standing)
    } else {
        Err(StepError::Conflict)
    }
}

/// Stops the cases of every agreement that is not open, as far as they have not met their fate.
pub async fn stop_all(gate: &Gate) -> Result<(), StepError> {
    for standing in gate.store.standings().await? {
        if !standing.state.is_open() {
            stop(gate, &standing.agreement.name, standing.state).await?;
        }
    }
    Ok(())
}

/// Lets every case caught meet its fate; a case that moves meanwhile is looked at again.
async fn stop(gate: &Gate, name: &str, stopped: AgreementState) -> Result<(), StepError> {
    let by = Actor::gate();
    for _ in 0..ROUNDS_MAX {
        let mut moved = false;
        for row in rows(gate, name).await? {
            let Some(fate) = Fate::of(&row.state, stopped) else {
                continue;
            };
            if fate == Fate::NotCollectable {
                continue;
            }
            let case = load(gate, &row.id).await?;
            if let Some(transition) = fate.transition(&case, &by, gate.clock.now()) {
                take(gate, transition).await?;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    Ok(())
}

/// Takes up every held case that falls under an open agreement again, and refuses those whose
/// agreement now refuses.
pub async fn resume(gate: &Gate) -> Result<(), StepError> {
    let held = CaseFilter {
        state: Some(State::HeldSuspension.code().to_owned()),
        ..CaseFilter::default()
    };
    let (by, now) = (Actor::gate(), gate.clock.now());
    let agreements = gate.agreements();
    for row in all(gate, &held).await? {
        let case = load(gate, &row.id).await?;
        let transition = match judgement::resolve(&agreements, &case.request, now) {
            Resolution::Held(_) => continue,
            Resolution::Refused(_) => arrows::refuse_suspended(&case, &by, now),
            Resolution::Judge(version) => {
                match judgement::open_state(gate, &agreements, version, now).await? {
                    AgreementState::SuspendedHold => continue,
                    state if state.is_open() => arrows::resume(&case, &by, now),
                    _ => arrows::refuse_suspended(&case, &by, now),
                }
            }
        };
        if let Ok(transition) = transition {
            take(gate, transition).await?;
        }
    }
    Ok(())
}

/// The cases under an agreement that a suspension bears on.
async fn rows(gate: &Gate, name: &str) -> Result<Vec<CaseRow>, StepError> {
    let under = |filter: CaseFilter| CaseFilter {
        agreement: Some(name.to_owned()),
        ..filter
    };
    let open = under(CaseFilter {
        ended: Some(false),
        ..CaseFilter::default()
    });
    let mut rows = all(gate, &open).await?;
    for state in ["released", "released_part", "emergency_pending"] {
        let uncollected = under(CaseFilter {
            state: Some(state.to_owned()),
            ..CaseFilter::default()
        });
        rows.extend(all(gate, &uncollected).await?);
    }
    Ok(rows)
}

/// Every case that passes a filter, page by page.
pub async fn all(gate: &Gate, filter: &CaseFilter) -> Result<Vec<CaseRow>, StepError> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = gate.store.cases(filter, after.as_ref(), PAGE_MAX).await?;
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return Ok(rows);
        }
    }
}

/// Takes a step where it can be taken. A case that moved meanwhile is for the next round.
pub async fn take(gate: &Gate, transition: Transition) -> Result<(), StepError> {
    match apply(gate, transition).await {
        Ok(_) | Err(StepError::Conflict) => Ok(()),
        Err(error) => Err(error),
    }
}
