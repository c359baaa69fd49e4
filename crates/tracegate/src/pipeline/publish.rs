//! Publication: what has been recorded becomes part of the public log, at fixed ticks.

use std::sync::Arc;

use anyhow::Context as _;

use crate::gate::Gate;
use crate::public_log::LogError;

/// Leaves read from the store at once: 4,096 of about 100 bytes, less than half a megabyte.
const LEAVES_AT_ONCE: u32 = 4_096;

/// Leaves published before that are compared with the database each time: the one before the new
/// ones, so that a database that was exchanged is noticed before anything is signed on top.
const COMPARED: u64 = 1;

/// Publishes every entry recorded so far under one new signed head; returns the size of the log.
/// When that fails, the gate remembers since when and why.
pub async fn publish(gate: &Gate) -> anyhow::Result<u64> {
    loop {
        let recorded = gate.store.ledger_size().await?;
        let first = gate.log.size().saturating_sub(COMPARED);
        let leaves = gate.store.leaves(first, LEAVES_AT_ONCE).await?;
        let (log, seen) = (Arc::clone(&gate.log), first + leaves.len() as u64);
        let outcome = tokio::task::spawn_blocking(move || {
            if log.is_refused() {
                return Ok(());
            }
            log.advance(recorded, first, &leaves)
        });
        let outcome: Result<(), LogError> = outcome.await.context("publishing the log")?;
        gate.log.note_outcome(&outcome, gate.clock.now());
        outcome.context("publishing the log")?;
        // A head that had to wait holds fewer entries than were offered: go on from there.
        let size = gate.log.published();
        if gate.log.is_refused() || size >= seen && seen >= recorded {
            return Ok(size);
        }
    }
}
