//! Publication: what has been recorded becomes part of the public log, at fixed ticks.

use std::sync::Arc;

use anyhow::Context as _;
use ledger::leaf::LEAF_BYTES;
use store::StoreError;

use crate::gate::Gate;
use crate::public_log::LogError;

/// Leaves read from the store at once: 512, each with some 1,500 bytes that open it, are less than a MB
/// and take 10 ms, for which a tick may have to wait.
const READ_AT_ONCE: u64 = 512;

/// Leaves that come under one new head: 65,536 of 71 bytes are 5 MB.
const SIGNED_AT_ONCE: u64 = 1 << 16;

/// Leaves published before that are compared with the database each time: the one before the new
/// ones, so that a database that was exchanged is noticed before anything is signed on top.
const COMPARED: u64 = 1;

/// Publishes every entry recorded so far under one new signed head; returns the size of the log.
/// When that fails, the gate remembers since when and why.
pub async fn publish(gate: &Gate) -> anyhow::Result<u64> {
    Ahead::default().publish(gate).await
}

/// What has been read and opened for the next head, so that a tick has little left to read: the newest
/// entry published, and those after it.
#[derive(Default)]
pub struct Ahead {
    first: u64,
    leaves: Vec<[u8; LEAF_BYTES]>,
}

impl Ahead {
    /// Reads a few entries more, if there are; whether there may be others. A fault is left for the tick
    /// to meet.
    pub async fn read_on(&mut self, gate: &Gate) -> bool {
        if gate.log.is_refused() {
            return false;
        }
        let Ok(recorded) = gate.store.ledger_size().await else {
            return false;
        };
        self.begin(gate);
        let wanted = recorded.min(self.first + SIGNED_AT_ONCE);
        let until = wanted.min(self.end() + READ_AT_ONCE);
        self.read(gate, until).await.is_ok() && until < wanted
    }

    /// As [`publish`], from where reading ahead has got to.
    pub async fn publish(&mut self, gate: &Gate) -> anyhow::Result<u64> {
        loop {
            let recorded = gate.store.ledger_size().await?;
            let outcome = self.advance(gate, recorded).await;
            let seen = self.end();
            gate.log.note_outcome(&outcome, gate.clock.now());
            outcome.context("publishing the log")?;
            // A head that had to wait holds fewer entries than were offered: go on from there.
            let size = gate.log.published();
            if gate.log.is_refused() || size >= seen && seen >= recorded {
                return Ok(size);
            }
        }
    }

    /// Signs what is recorded. Every entry is opened first: one that was edited before it was signed
    /// must not come under a head.
    async fn advance(&mut self, gate: &Gate, recorded: u64) -> Result<(), LogError> {
        if gate.log.is_refused() {
            return Ok(());
        }
        self.begin(gate);
        if !self.is_current(gate).await {
            self.leaves.clear();
        }
        let seen = recorded.min(self.first + SIGNED_AT_ONCE);
        self.read(gate, seen).await?;
        let (log, first, leaves) = (Arc::clone(&gate.log), self.first, self.leaves.clone());
        let advanced = tokio::task::spawn_blocking(move || log.advance(recorded, first, &leaves));
        advanced.await.unwrap_or(Err(LogError::Interrupted))
    }

    /// Leaves behind what has been published meanwhile.
    fn begin(&mut self, gate: &Gate) {
        let first = gate.log.size().saturating_sub(COMPARED);
        if (self.first..self.end()).contains(&first) {
            self.leaves.drain(..(first - self.first) as usize);
        } else {
            self.leaves.clear();
        }
        self.first = first;
    }

    /// Whether the newest entry read is still there as it was: the database may have been exchanged.
    async fn is_current(&self, gate: &Gate) -> bool {
        let Some(newest) = self.leaves.last() else {
            return true;
        };
        let again = gate.store.opened_leaves(self.end() - 1, self.end()).await;
        again.is_ok_and(|again| again == [*newest])
    }

    async fn read(&mut self, gate: &Gate, until: u64) -> Result<(), StoreError> {
        while self.end() < until {
            let page = until.min(self.end() + READ_AT_ONCE);
            let leaves = gate.store.opened_leaves(self.end(), page).await?;
            self.leaves.extend(leaves);
        }
        Ok(())
    }

    fn end(&self) -> u64 {
        self.first + self.leaves.len() as u64
    }
}
