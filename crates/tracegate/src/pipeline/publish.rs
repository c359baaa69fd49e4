//! Publication: what has been recorded becomes part of the public log, at fixed ticks.

use anyhow::Context as _;

use crate::gate::Gate;

/// Leaves read from the store at once: 4,096 of about 100 bytes, less than half a megabyte.
const LEAVES_AT_ONCE: u32 = 4_096;

/// Publishes every entry recorded so far under one new signed head; returns the size of the log.
pub async fn publish(gate: &Gate) -> anyhow::Result<u64> {
    loop {
        let first = gate.published();
        let leaves = gate.store.leaves(first, LEAVES_AT_ONCE).await?;
        let last_batch = leaves.len() < LEAVES_AT_ONCE as usize;
        if !leaves.is_empty() {
            gate.publish(first, &leaves).context("publishing the log")?;
        }
        if last_batch {
            return Ok(gate.published());
        }
    }
}
