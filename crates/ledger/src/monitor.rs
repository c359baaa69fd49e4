//! The monitor: follows a log and alarms when a head does not continue the last one seen.

use std::fmt;

use thiserror::Error;

use crate::checkpoint::{Checkpoint, parse_number};
use crate::folder::Files;
use crate::key::VerifierKey;
use crate::note::Note;
use crate::policy::{DistrustError, Policy};
use crate::proof::{ProveError, prove_growth};
use crate::tiles::CHECKPOINT_PATH;
use crate::tree::{self, ProofError};
use crate::verify::{VerifyError, read_note};

/// What a monitor remembers between looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The newest head seen, with its signatures: evidence, should a later one contradict it.
    pub note: Note,
    /// When it was first seen, in seconds since the epoch.
    pub since: u64,
}

/// The content of a monitor's state file: `since SECONDS`, then the note.
impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "since {}\n{}", self.since, self.note)
    }
}

impl Watch {
    /// Reads a state file; `None` when it is not one.
    pub fn parse(bytes: &[u8]) -> Option<Watch> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let line = std::str::from_utf8(&bytes[..end]).ok()?;
        let since = parse_number(line.strip_prefix("since ")?)?;
        let note = Note::parse(&bytes[end + 1..]).ok()?;
        Some(Watch { note, since })
    }
}

/// What an alarm says.
#[derive(Debug, Error)]
pub enum Alarm {
    /// The log shows fewer entries than before.
    #[error("rolled back: {before} entries were signed before, now {now}")]
    RolledBack {
        /// Size seen before.
        before: u64,
        /// Size seen now.
        now: u64,
    },
    /// Two roots are signed for one size.
    #[error("split view: two roots are signed for {0} entries")]
    SplitView(u64),
    /// The new head does not continue the old one.
    #[error(
        "history rewritten: the head of {now} entries does not continue the one of {before}: \
         {source}"
    )]
    Rewritten {
        /// Size seen before.
        before: u64,
        /// Size seen now.
        now: u64,
        /// Why the proof does not hold.
        source: ProofError,
    },
    /// No new head for too long.
    #[error("stale: no new head for {0} seconds")]
    Stale(u64),
    /// The log's files are missing or malformed.
    #[error(transparent)]
    Files(#[from] VerifyError),
    /// The head does not satisfy the policy.
    #[error("`{CHECKPOINT_PATH}`: {0}")]
    Distrust(#[from] DistrustError),
}

/// Looks at the log at `now`, in seconds since the epoch, and compares it with the last look.
/// Returns what to remember; after an alarm, go on remembering what came before.
pub fn look(
    files: &impl Files,
    policy: &Policy,
    before: Option<&Watch>,
    now: u64,
    stale_after: u64,
) -> Result<Watch, Alarm> {
    let note = read_note(files)?;
    let head = policy.check(&note)?.checkpoint;
    if !head.extensions.is_empty() {
        return Err(VerifyError::Extension.into());
    }
    let Some(watch) = before else {
        return Ok(Watch { note, since: now });
    };
    let seen = policy.open(&watch.note)?;
    let (before, size) = (seen.size, head.size);
    if size < before {
        return Err(Alarm::RolledBack { before, now: size });
    }
    if size == before {
        let idle = now.saturating_sub(watch.since);
        return match () {
            () if head.root != seen.root => Err(Alarm::SplitView(before)),
            () if idle > stale_after => Err(Alarm::Stale(idle)),
            () => Ok(watch.clone()),
        };
    }
    let note = if before > 0 {
        let key = policy.log_of(&note).ok_or(DistrustError::Log)?;
        let note = continued(files, key, &seen, size)?;
        policy.check(&note)?;
        note
    } else {
        note
    };
    Ok(Watch { note, since: now })
}

/// Proves from the log's own tiles that its head continues `seen`; returns that head, which may be
/// newer than the `size` just read.
fn continued(
    files: &impl Files,
    key: &VerifierKey,
    seen: &Checkpoint,
    size: u64,
) -> Result<Note, Alarm> {
    let rewritten = |source| Alarm::Rewritten {
        before: seen.size,
        now: size,
        source,
    };
    let (proof, note) = prove_growth(files, key, seen.size).map_err(|error| match error {
        ProveError::Files(error) => Alarm::Files(error),
        ProveError::Proof(source) => rewritten(source),
    })?;
    let head = Checkpoint::open(&note, key).map_err(VerifyError::Checkpoint)?;
    let (old, new) = ((seen.size, seen.root), (head.size, head.root));
    tree::verify_consistency(old, new, &proof).map_err(rewritten)?;
    Ok(note)
}

#[cfg(test)]
mod tests;
