//! Assignment: who of the staff has a case in hand.

use disclosure::{Actor, arrows};

use super::{StepError, step};
use crate::gate::Gate;

/// Staff take a case in hand.
pub async fn take(gate: &Gate, by: &Actor, (id, seen): (&str, u64)) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::take_case(case, by, now)?)
    })
    .await
}

/// Whoever has it gives it to a colleague.
pub async fn hand_over(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    to: &Actor,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::hand_over(case, to, by, now)?)
    })
    .await
}

/// Whoever has it puts it back, or a guardian does.
pub async fn put_back(gate: &Gate, by: &Actor, (id, seen): (&str, u64)) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::put_back(case, by, now)?)
    })
    .await
}
