//! A file of requests. It is many requests: each line is recorded and judged alone, and nothing is asked of
//! the person index for the file as a whole.
//!
//! What a line said is kept in its case and nowhere else; the batch is the list of which line became which
//! case. A file that was not read to its end is sent again: lines that are recorded stay what they are.

pub mod answers;
mod columns;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use disclosure::{Actor, Request};
use futures::future::join_all;
use sha2::{Digest as _, Sha256};
use store::StoreError;
use store::batch::{Batch, BatchRow};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::intake::{self, Sender};
use super::{StepError, load};
use crate::gate::Gate;
pub use columns::Columns;

/// Lines recorded together: their writes share flushes of the disk, and whoever reads at a desk meanwhile does not
/// wait behind all of them.
const CHUNK: usize = 64;

/// How long a batch waits where the database is busy.
const BUSY_PAUSE: Duration = Duration::from_secs(2);

/// Longest file of requests, in bytes: 100,000 lines of six hundred letters.
pub const FILE_BYTES_MAX: usize = 64 << 20;

/// Batches that this process is reading.
pub struct Reading {
    batches: Mutex<HashSet<String>>,
    turns: Semaphore,
}

impl Default for Reading {
    fn default() -> Reading {
        Reading {
            batches: Mutex::default(),
            turns: Semaphore::new(1),
        }
    }
}

impl Reading {
    /// Whether this batch is being read.
    pub fn holds(&self, id: &str) -> bool {
        self.batches().contains(id)
    }

    /// The turn to send a file, where nobody else has it: one file is on its way into memory at once.
    pub fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.try_acquire().ok()
    }

    fn batches(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a batch stands, as a code.
pub fn status(gate: &Gate, batch: &Batch) -> &'static str {
    match batch.rows {
        Some(_) => "complete",
        None if gate.reading.holds(&batch.id) => "being_read",
        None => "broken_off",
    }
}

/// Takes a file. It is read in the background; the same file under the same key is read on where it broke off.
/// `None` where the key was used for another file. `rank` is what somebody vouches for as that of the officer;
/// without it, what the settings say.
pub async fn hand_in(
    gate: &Arc<Gate>,
    (sender, rank): (Sender<'_>, Option<&str>),
    key: &str,
    file: Bytes,
    columns: Columns,
) -> Result<Option<Batch>, StepError> {
    let (by, check) = sender;
    let id = reference(&[&by.organization, &by.id, key]);
    let batch = Batch {
        id: id.clone(),
        organization: by.organization.clone(),
        officer: by.id.clone(),
        digest: Sha256::digest(&file).into(),
        received_at: gate.clock.now(),
        rows: None,
        done: 0,
        faulty: 0,
        last: 0,
    };
    let digest = batch.digest;
    gate.store.batch_begin(batch).await?;
    let batch = gate.store.batch(&id).await?.ok_or(StepError::NotFound)?;
    if batch.digest != digest {
        return Ok(None);
    }
    if batch.rows.is_none() && gate.reading.batches().insert(id) {
        let rank = rank.or_else(|| known_rank(gate, by)).map(str::to_owned);
        let (gate, by, check, batch) = (Arc::clone(gate), by.clone(), check.clone(), batch.clone());
        tokio::spawn(async move {
            let sender = ((&by, &check), rank.as_deref());
            if let Err(error) = read_on(&gate, sender, batch.clone(), &file, &columns).await {
                tracing::error!(%error, batch = batch.id, "a batch broke off; it is to be sent again");
            }
            gate.reading.batches().remove(&batch.id);
        });
    }
    Ok(Some(batch))
}

/// The key under which the same file is the same batch, whoever of an agency's programs sends it again.
pub fn key_of(file: &[u8]) -> String {
    format!("batch-{}", hex::encode(Sha256::digest(file)))
}

fn known_rank<'g>(gate: &'g Gate, by: &Actor) -> Option<&'g str> {
    let agency = gate.settings.agency(&by.organization)?;
    let known = agency.officers.iter().find(|one| one.id == by.id)?;
    Some(&known.rank)
}

/// A batch of the caller's agency; any other is answered as if it did not exist.
pub async fn find(gate: &Gate, by: &Actor, id: &str) -> Result<Batch, StepError> {
    let batch = gate.store.batch(id).await?;
    let own = batch.filter(|batch| batch.organization == by.organization);
    own.ok_or(StepError::NotFound)
}

/// A line: the request it is, or what is wrong with it.
struct Line {
    number: u64,
    asked: Result<Request, String>,
}

/// Reads a file from where it stands to its end. Where the database is busy for long it waits, and goes on there.
async fn read_on(
    gate: &Gate,
    sender: (Sender<'_>, Option<&str>),
    mut batch: Batch,
    file: &[u8],
    columns: &Columns,
) -> Result<(), StepError> {
    loop {
        match read(gate, sender, &batch, file, columns).await {
            Err(StepError::Store(StoreError::Busy)) => tokio::time::sleep(BUSY_PAUSE).await,
            read => return read,
        }
        if let Ok(Some(stands)) = gate.store.batch(&batch.id).await {
            batch = stands;
        }
    }
}

async fn read(
    gate: &Gate,
    (sender, rank): (Sender<'_>, Option<&str>),
    batch: &Batch,
    file: &[u8],
    columns: &Columns,
) -> Result<(), StepError> {
    let mut rows = 0;
    let mut lines = Vec::with_capacity(CHUNK);
    for (number, row) in columns.rows(file) {
        rows += 1;
        if number > batch.last {
            let asked = row.and_then(|row| columns.request(&row, sender.0));
            let asked = asked.and_then(|asked| of_rank(asked, rank));
            lines.push(Line { number, asked });
        }
        if lines.len() == CHUNK {
            record(gate, sender, batch, std::mem::take(&mut lines)).await?;
        }
    }
    record(gate, sender, batch, lines).await?;
    Ok(gate.store.batch_end(&batch.id, rows).await?)
}

/// An officer whose rank is entered here asks with no other.
fn of_rank(asked: Request, rank: Option<&str>) -> Result<Request, String> {
    match rank.is_none_or(|rank| asked.requester.rank == rank) {
        true => Ok(asked),
        false => Err(
            "RANK: is another than that of the officer who hands the file in; write that"
                .to_owned(),
        ),
    }
}

/// Records some lines, and then what became of them. Of lines with one reference, the first is recorded first.
async fn record(
    gate: &Gate,
    sender: Sender<'_>,
    batch: &Batch,
    lines: Vec<Line>,
) -> Result<(), StepError> {
    let mut turns: BTreeMap<usize, Vec<Line>> = BTreeMap::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for line in lines {
        let reference = line
            .asked
            .as_ref()
            .ok()
            .map(|asked| asked.agency_reference.clone());
        let turn = reference.map_or(0, |reference| {
            let times = seen.entry(reference).or_default();
            *times += 1;
            *times
        });
        turns.entry(turn).or_default().push(line);
    }
    let mut rows = Vec::new();
    for turn in turns.into_values() {
        let recorded: Vec<_> = turn
            .into_iter()
            .map(|line| one(gate, sender, line))
            .collect();
        for row in join_all(recorded).await {
            rows.push(row?);
        }
    }
    rows.sort_unstable_by_key(|row| row.line);
    Ok(gate.store.batch_rows(&batch.id, rows).await?)
}

/// One line, as it would be sent alone. An agency's reference is one request for ever.
async fn one(gate: &Gate, sender: Sender<'_>, line: Line) -> Result<BatchRow, StepError> {
    let became = match line.asked {
        Err(fault) => Err(fault),
        Ok(asked) => {
            let key = reference(&[&sender.0.organization, &asked.agency_reference]);
            let (id, new) =
                intake::record(gate, sender, &format!("reference-{key}"), asked.clone()).await?;
            match new || load(gate, &id).await?.request == asked {
                true => Ok(id),
                false => Err(
                    "UNIQUE_REFERENCE: was used before for another request; write a new one"
                        .to_owned(),
                ),
            }
        }
    };
    Ok(BatchRow {
        line: line.number,
        case_id: became.as_ref().ok().cloned(),
        fault: became.err(),
    })
}

/// A name that the same parts always give.
fn reference(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n"));
    hex::encode(digest.get(..12).unwrap_or_default())
}
