//! Publication: what has been recorded becomes part of the public log, at fixed ticks.

use std::ops::Range;
use std::sync::Arc;

use anyhow::Context as _;

use crate::gate::Gate;
use crate::public_log::LogError;

/// Leaves read from the store at once: 4,096, each with some 1,500 bytes that open it, are 6 MB.
const LEAVES_AT_ONCE: u64 = 4_096;

/// Leaves published before that are compared with the database each time: the one before the new
/// ones, so that a database that was exchanged is noticed before anything is signed on top.
const COMPARED: u64 = 1;

/// Publishes every entry recorded so far under one new signed head; returns the size of the log.
/// When that fails, the gate remembers since when and why.
pub async fn publish(gate: &Gate) -> anyhow::Result<u64> {
    loop {
        let recorded = gate.store.ledger_size().await?;
        let first = gate.log.size().saturating_sub(COMPARED);
        let seen = recorded.min(first + LEAVES_AT_ONCE);
        let outcome = advance(gate, recorded, first..seen).await;
        gate.log.note_outcome(&outcome, gate.clock.now());
        outcome.context("publishing the log")?;
        // A head that had to wait holds fewer entries than were offered: go on from there.
        let size = gate.log.published();
        if gate.log.is_refused() || size >= seen && seen >= recorded {
            return Ok(size);
        }
    }
}

/// Signs what is recorded. Every entry is opened first: one that was edited before it was signed must
/// not come under a head.
async fn advance(gate: &Gate, recorded: u64, range: Range<u64>) -> Result<(), LogError> {
    if gate.log.is_refused() {
        return Ok(());
    }
    let leaves = gate.store.opened_leaves(range.start, range.end).await?;
    let log = Arc::clone(&gate.log);
    let first = range.start;
    let advanced = tokio::task::spawn_blocking(move || log.advance(recorded, first, &leaves));
    advanced.await.unwrap_or(Err(LogError::Interrupted))
}
