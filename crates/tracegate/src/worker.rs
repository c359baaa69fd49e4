//! The worker moves cases on at its own pace: it takes messages from the outbox, does one step for
//! each, and marks them done. A message survives until its step is done; doing it twice is safe.

use std::time::Duration;

use disclosure::{Actor, Message, State};

use crate::gate::Gate;
use crate::pipeline::{self, StepError, judgement, maintenance, trace};
use crate::{email, webhooks};

/// Messages taken at once. They are worked side by side, so that their writes share a commit.
const AT_ONCE: u32 = 128;

/// Works until told to stop.
pub async fn run(gate: &Gate, mut stop: tokio::sync::watch::Receiver<bool>) {
    loop {
        let worked = match drain(gate).await {
            Ok(worked) => worked,
            Err(error) => {
                tracing::error!(%error, "the worker could not take messages");
                0
            }
        };
        let pause = if worked == 0 {
            Duration::from_millis(200)
        } else {
            Duration::ZERO
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Works everything that is due now, round by round, and returns how many messages that were.
pub async fn drain(gate: &Gate) -> Result<usize, StepError> {
    let mut worked = 0;
    loop {
        let now = gate.clock.now();
        let deliveries = gate.store.outbox_take(now, AT_ONCE).await?;
        if deliveries.is_empty() {
            maintenance::run(gate).await?;
            return Ok(worked);
        }
        worked += deliveries.len();
        let steps = deliveries.into_iter().map(|delivery| async move {
            let settled = settle(gate, &delivery.message).await;
            finish(gate, delivery.id, settled).await
        });
        for done in futures::future::join_all(steps).await {
            done?;
        }
    }
}

/// Does what a message asks for.
async fn settle(gate: &Gate, message: &Message) -> Result<(), StepError> {
    match message {
        Message::Work { case_id } => work(gate, case_id).await,
        Message::Notify {
            organization,
            case_id,
            at,
        } => {
            tracing::info!(%organization, case = %case_id, "an answer can be looked at");
            webhooks::notice(gate, (organization, case_id), *at).await?;
            email::notice(gate, (organization, case_id), *at).await
        }
    }
}

async fn work(gate: &Gate, id: &str) -> Result<(), StepError> {
    let case = pipeline::load(gate, id).await?;
    match &case.state {
        State::Submitted(checks) if checks.answers.is_empty() => judgement::judge(gate, id).await,
        State::Checked(_) => trace::start(gate, id, &Actor::gate()).await,
        State::Tracing(_) => trace::run(gate, id).await,
        _ => return Ok(()),
    }?;
    email::moved(gate, id).await
}

/// Marks a message done, or leaves it for later.
///
/// A conflict means that somebody else moved the case: their write left its own message. A guard
/// that says no waits for a person, who sees the case in the queue.
async fn finish(gate: &Gate, id: i64, settled: Result<(), StepError>) -> Result<(), StepError> {
    match settled {
        Ok(()) | Err(StepError::Conflict | StepError::Arrow(_) | StepError::NotFound) => {
            Ok(gate.store.outbox_done(id, gate.clock.now()).await?)
        }
        Err(error) => {
            tracing::warn!(message = id, %error, "a step failed and will be tried again");
            Ok(gate.store.outbox_retry(id, gate.clock.now()).await?)
        }
    }
}
