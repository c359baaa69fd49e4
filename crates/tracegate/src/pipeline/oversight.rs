//! The overseer's tools: open a sample or a period, recompute what is published from the log, count
//! what is deferred. Each is an entry before it is done.

pub mod events;
pub mod people;

use std::collections::BTreeMap;

use disclosure::statistics::Row;
use disclosure::{Actor, Ending, EventKind, Role, arrows};
use jiff::Timestamp;
use ledger::hash::leaf_hash;
use ledger::tree::Frontier;
use ledger::{Checkpoint, Hash};
use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use store::{DeferredCount, Entry, Statistics, Store, StoreError};

use super::StepError;

/// Most entries opened at once: what a person can still look through.
pub const SAMPLE_MAX: usize = 1_000;

/// Who oversees, when, and what makes the record unique.
#[derive(Clone, Copy)]
pub struct Overseeing<'a> {
    pub by: &'a Actor,
    pub now: Timestamp,
    pub key: &'a str,
}

/// What to open: all of a period, or a sample of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// How many at most.
    pub count: usize,
    /// What the sample is drawn from; without it everything in the period, oldest first.
    pub seed: Option<String>,
    /// Entries recorded at this instant or later.
    pub from: Option<Timestamp>,
    /// Entries recorded before this instant.
    pub until: Option<Timestamp>,
}

/// Entries with their audit facts, and how they were chosen, so that anybody chooses the same.
#[derive(Debug, Serialize)]
pub struct Sample {
    /// Entries in the log when it was drawn.
    pub size: u64,
    /// Entries in the period.
    pub within: usize,
    pub seed: Option<String>,
    pub entries: Vec<Opened>,
}

/// One entry and what opens its audit part.
#[derive(Debug, Serialize)]
pub struct Opened {
    pub index: u64,
    pub kind: &'static str,
    pub at: Timestamp,
    /// The public bytes, in hexadecimal.
    pub leaf: String,
    /// In hexadecimal.
    pub salt: String,
    /// What is committed to.
    pub audit: String,
}

/// Opens the audit commitments of a sample or a period.
pub async fn sample(
    store: &Store,
    overseeing: Overseeing<'_>,
    asked: &Asked,
) -> Result<Sample, StepError> {
    let size = store.ledger_size().await?;
    note(store, overseeing, &words(asked, size)).await?;
    let mut within = Vec::new();
    let mut from = 0;
    while from < size {
        let rows = store.entries(from, store::read::PAGE_MAX).await?;
        from = rows.last().map_or(size, |row| row.index + 1);
        let rows = rows.into_iter().filter(|row| row.index < size);
        let rows = rows.filter(|row| asked.from.is_none_or(|from| row.at >= from));
        let rows = rows.filter(|row| asked.until.is_none_or(|until| row.at < until));
        within.extend(rows.map(|row| row.index));
    }
    let chosen = choose(&within, asked);
    let mut entries = Vec::with_capacity(chosen.len());
    for index in chosen {
        let entry = store.entry(index).await?.ok_or_else(|| missing(index))?;
        entries.extend(opened(&entry));
    }
    Ok(Sample {
        size,
        within: within.len(),
        seed: asked.seed.clone(),
        entries,
    })
}

/// The entries to open, in order. A sample is those whose SHA-256 of seed and index is smallest, so
/// that nobody can choose it and everybody can draw it again.
fn choose(within: &[u64], asked: &Asked) -> Vec<u64> {
    let count = asked.count.min(SAMPLE_MAX);
    let Some(seed) = &asked.seed else {
        return within.iter().take(count).copied().collect();
    };
    let rank = |index: u64| Sha256::digest(format!("tracegate sample v1\n{seed}\n{index}"));
    let mut ranked: Vec<_> = within.iter().map(|index| (rank(*index), *index)).collect();
    ranked.sort_unstable();
    let mut chosen: Vec<u64> = ranked.iter().take(count).map(|(_, index)| *index).collect();
    chosen.sort_unstable();
    chosen
}

fn words(asked: &Asked, size: u64) -> String {
    let time = |at: Option<Timestamp>| at.map_or("-".to_owned(), |at| at.to_string());
    let period = format!("from {} until {}", time(asked.from), time(asked.until));
    match &asked.seed {
        Some(seed) => format!(
            "sample of {} of {size} entries, seed {seed}, {period}",
            asked.count
        ),
        None => format!("up to {} of {size} entries, {period}", asked.count),
    }
}

fn opened(entry: &Entry) -> Option<Opened> {
    let opening = entry.audit.as_ref()?;
    Some(Opened {
        index: entry.row.index,
        kind: entry.row.kind.label(),
        at: entry.row.at,
        leaf: hex::encode(entry.leaf.encode()),
        salt: hex::encode(opening.salt),
        audit: String::from_utf8_lossy(&opening.bytes).into_owned(),
    })
}

/// What is published, recomputed from the log alone (I2).
#[derive(Debug, Serialize)]
pub struct Recomputed {
    /// Entries read.
    pub entries: u64,
    /// Cases they tell of.
    pub cases: u64,
    pub total: Row,
    /// Where what is published differs; empty when it does not.
    pub differences: Vec<Difference>,
    /// Whether the entries read are those under the signed head.
    pub under_head: bool,
}

/// A published number that the log does not bear out.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    pub agreement: Option<String>,
    pub agency: String,
    pub column: String,
    pub published: u64,
    pub recomputed: u64,
}

/// Recomputes every published statistic as it stands now from the log and says where it differs.
/// `head` is the public signed head.
pub async fn recompute(
    store: &Store,
    overseeing: Overseeing<'_>,
    head: &Checkpoint,
    mut progress: impl FnMut(u64),
) -> Result<Recomputed, StepError> {
    note(store, overseeing, "every published statistic recomputed").await?;
    let as_of = overseeing.now;
    let (published, deferred, size) = published(store, as_of).await?;
    let mut told = Told::default();
    let mut tree = Frontier::default();
    let mut root = (head.size == 0).then(|| tree.root());
    for index in 0..size {
        let entry = store.entry(index).await?.ok_or_else(|| missing(index))?;
        tree.push(leaf_hash(&entry.leaf.encode()));
        if index + 1 == head.size {
            root = Some(tree.root());
        }
        told.take(&entry);
        progress(index + 1);
    }
    let mut ours = Table::new();
    for row in &published.rows {
        let agency = arrows::coded(&row.agency).to_owned();
        let counts = ours.entry((row.agreement.clone(), agency)).or_default();
        add(counts, &row.counts);
    }
    let (theirs, total) = told.table(as_of);
    let mut differences = differences(&ours, &theirs);
    if deferred.entries != told.deferred() {
        differences.push(Difference {
            agreement: None,
            agency: String::new(),
            column: "deferred_entries".to_owned(),
            published: deferred.entries,
            recomputed: told.deferred(),
        });
    }
    Ok(Recomputed {
        entries: size,
        cases: told.0.len() as u64,
        total,
        differences,
        under_head: root == Some(Hash(head.root.0)),
    })
}

/// What is published, and the size of the log that it must agree with: every change is an entry, so
/// nothing has changed between two equal sizes.
async fn published(
    store: &Store,
    as_of: Timestamp,
) -> Result<(Statistics, DeferredCount, u64), StepError> {
    let (from, until) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
    let mut before = store.ledger_size().await?;
    loop {
        let statistics = store.statistics(from, until, as_of).await?;
        let deferred = store.deferred().await?;
        let after = store.ledger_size().await?;
        if before == after {
            return Ok((statistics, deferred, after));
        }
        before = after;
    }
}

type Table = BTreeMap<(Option<String>, String), Row>;

/// What the audit facts tell of each case.
#[derive(Default)]
struct Told(BTreeMap<String, Case>);

#[derive(Default)]
struct Case {
    agency: String,
    agreement: Option<String>,
    held: bool,
    ending: Option<Ending>,
    answer_at: Option<Timestamp>,
    deferred: u64,
}

impl Told {
    fn take(&mut self, entry: &Entry) {
        let facts = entry.audit.as_ref();
        let facts = facts.and_then(|opening| serde_json::from_slice::<Json>(&opening.bytes).ok());
        let Some(facts) = facts else {
            return;
        };
        let Some(id) = facts["case_id"].as_str() else {
            return;
        };
        let said = &facts["facts"];
        let text = |name: &str| said[name].as_str();
        // An erasure names a case and does not move it.
        let kind = entry.row.kind;
        if matches!(kind, EventKind::Erased | EventKind::ErasureProposed) {
            return;
        }
        let case = self.0.entry(id.to_owned()).or_default();
        case.deferred += text("deferred").map_or(0, |count| count.parse().unwrap_or(0));
        if kind == EventKind::DeferralEnded {
            case.deferred = 0;
        }
        let Some(to) = text("to") else {
            return;
        };
        case.held = to == "held_suspension";
        case.agreement = text("agreement").map(str::to_owned);
        if let Some(agency) = text("agency") {
            agency.clone_into(&mut case.agency);
        }
        if let Some(ending) = text("ending").and_then(Ending::from_code) {
            case.ending = Some(ending);
            case.answer_at = text("answer_at").and_then(|at| at.parse().ok());
        }
    }

    /// The counts as a requester may know them at `as_of`, and their total.
    fn table(&self, as_of: Timestamp) -> (Table, Row) {
        let (mut table, mut total) = (Table::new(), Row::default());
        for case in self.0.values() {
            let told = case.answer_at.is_none_or(|at| at <= as_of);
            let ending = case.ending.filter(|_| told);
            let key = (case.agreement.clone(), case.agency.clone());
            table.entry(key).or_default().count(ending, case.held);
            total.count(ending, case.held);
        }
        (table, total)
    }

    fn deferred(&self) -> u64 {
        self.0.values().map(|case| case.deferred).sum()
    }
}

fn columns(row: &Row) -> impl Iterator<Item = (&'static str, u64)> {
    std::iter::once(("received", row.received)).chain(row.columns())
}

fn add(to: &mut Row, row: &Row) {
    to.received += row.received;
    to.invalid += row.invalid;
    to.refused += row.refused;
    to.no_result += row.no_result;
    to.released_all += row.released_all;
    to.released_part += row.released_part;
    to.forwarded += row.forwarded;
    to.withdrawn += row.withdrawn;
    to.expired += row.expired;
    to.held += row.held;
    to.pending += row.pending;
}

fn differences(published: &Table, recomputed: &Table) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut keys: Vec<_> = published.keys().chain(recomputed.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let row = |table: &Table| table.get(key).copied().unwrap_or_default();
        let (ours, theirs) = (row(published), row(recomputed));
        for ((column, published), (_, recomputed)) in columns(&ours).zip(columns(&theirs)) {
            if published != recomputed {
                differences.push(Difference {
                    agreement: key.0.clone(),
                    agency: key.1.clone(),
                    column: column.to_owned(),
                    published,
                    recomputed,
                });
            }
        }
    }
    differences
}

/// How many entries people have not been told of yet.
pub async fn deferred(
    store: &Store,
    overseeing: Overseeing<'_>,
) -> Result<DeferredCount, StepError> {
    note(store, overseeing, "deferred entries counted").await?;
    Ok(store.deferred().await?)
}

/// Records what an overseer is about to do.
pub async fn note(store: &Store, overseeing: Overseeing<'_>, what: &str) -> Result<(), StepError> {
    let Overseeing { by, now, key } = overseeing;
    if by.role != Role::Overseer {
        return Err(StepError::NotAllowed("this is for overseers"));
    }
    let look = arrows::note_look(key, EventKind::LogRead, None, what, by, now);
    store.apply(look).await?;
    Ok(())
}

fn missing(index: u64) -> StepError {
    let what = format!("ledger entry {index} is missing");
    StepError::Store(StoreError::Damaged { what })
}
