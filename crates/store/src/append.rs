//! What a batch of transitions adds to the ledger: gathered one by one, written table by table.
//!
//! A statement costs more than the rows it carries, so a batch of hundreds writes each table in a
//! few statements.

use std::collections::HashMap;

use ledger::leaf::{self, Kind, LEAF_BYTES, Leaf, Part, Salt};

use crate::StoreError;
use crate::apply::Write;
use crate::open::Chance;
use crate::record::MessageRecord;
use crate::rows::{Lock, Session, Value, int};

/// Rows in one statement, greedily: few sizes, so that the databases know every statement already.
/// 64 rows of 5 values are 320 placeholders; SQLite takes 32,766.
const ROWS: [usize; 3] = [64, 8, 1];

/// The entry that a key was used for.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) index: u64,
    pub(crate) body_hash: Option<String>,
}

/// The additions of one transaction, so far.
pub(crate) struct Batch<'w> {
    first: u64,
    seen: HashMap<String, Seen>,
    entries: Vec<Entry<'w>>,
    messages: Vec<&'w MessageRecord>,
}

struct Entry<'w> {
    write: &'w Write,
    index: u64,
    leaf: [u8; LEAF_BYTES],
    audit_salt: Salt,
    personal_salt: Salt,
}

impl<'w> Batch<'w> {
    /// Holds the end of the ledger until the transaction ends and looks up every key at once. Nobody
    /// else can append meanwhile: the order of commits is the order of the log, and no index is skipped.
    pub(crate) async fn begin(
        session: &mut Session<'_>,
        writes: &[&'w Write],
    ) -> Result<Batch<'w>, StoreError> {
        let select = "SELECT size FROM ledger_head WHERE id = 1";
        let sql = sqlx::AssertSqlSafe([select, session.dialect().lock(Lock::Update)].concat());
        let head = session.row(sql, &[]).await?;
        let head = head.ok_or_else(|| StoreError::damaged("the head of the ledger is missing"))?;
        let keys: Vec<Value<'_>> = writes.iter().map(|write| Value::Text(&write.key)).collect();
        Ok(Batch {
            first: head.number("size")?,
            seen: look_up(session, &keys).await?,
            entries: Vec::new(),
            messages: Vec::new(),
        })
    }

    /// Entries in the ledger, those of the batch included.
    pub(crate) fn size(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// Whether anything has been added.
    pub(crate) fn has_grown(&self) -> bool {
        !self.entries.is_empty()
    }

    /// The entry that this key was used for, before or within the batch.
    pub(crate) fn seen(&self, key: &str) -> Option<&Seen> {
        self.seen.get(key)
    }

    /// Adds the entry of a transition and returns its index.
    pub(crate) fn add(&mut self, write: &'w Write, chance: &mut Chance) -> u64 {
        let index = self.size();
        let (mut audit_salt, mut personal_salt) = ([0; 32], [0; 32]);
        chance(&mut audit_salt);
        chance(&mut personal_salt);
        let leaf = Leaf {
            kind: Kind(write.kind),
            hour: write.hour,
            audit: leaf::commit(Part::Audit, &audit_salt, &write.audit),
            personal: leaf::commit(Part::Personal, &personal_salt, &write.personal),
        };
        let body_hash = write.body_hash().map(str::to_owned);
        self.seen
            .insert(write.key.clone(), Seen { index, body_hash });
        self.messages.extend(&write.messages);
        self.entries.push(Entry {
            write,
            index,
            leaf: leaf.encode(),
            audit_salt,
            personal_salt,
        });
        index
    }

    /// Writes everything gathered.
    pub(crate) async fn flush(&self, session: &mut Session<'_>) -> Result<(), StoreError> {
        if !self.has_grown() {
            return Ok(());
        }
        let into = "INSERT INTO ledger_entries (idx, kind, leaf, case_id, at) VALUES ";
        insert(session, into, &self.entries, |entry| {
            [
                Value::Int(int(entry.index)),
                Value::Int(i64::from(entry.write.kind)),
                Value::Bytes(&entry.leaf),
                Value::OptText(entry.write.case_id.as_deref()),
                Value::Int(entry.write.at),
            ]
        })
        .await?;
        let into = "INSERT INTO openings
                        (idx, audit_bytes, audit_salt, personal_bytes, personal_salt) VALUES ";
        insert(session, into, &self.entries, |entry| {
            [
                Value::Int(int(entry.index)),
                Value::Bytes(&entry.write.audit),
                Value::Bytes(&entry.audit_salt),
                Value::Bytes(&entry.write.personal),
                Value::Bytes(&entry.personal_salt),
            ]
        })
        .await?;
        let into = "INSERT INTO transitions (key, idx, body_hash) VALUES ";
        insert(session, into, &self.entries, |entry| {
            let body_hash = Value::OptText(entry.write.body_hash());
            [
                Value::Text(&entry.write.key),
                Value::Int(int(entry.index)),
                body_hash,
            ]
        })
        .await?;
        let into = "INSERT INTO outbox (topic, case_id, body, not_before) VALUES ";
        insert(session, into, &self.messages, |message| {
            [
                Value::Text(message.topic),
                Value::Text(&message.case_id),
                Value::Text(&message.body),
                Value::Int(message.not_before),
            ]
        })
        .await?;
        let sql = "UPDATE ledger_head SET size = $1 WHERE id = 1";
        session
            .execute(sql, &[Value::Int(int(self.size()))])
            .await?;
        Ok(())
    }
}

async fn look_up(
    session: &mut Session<'_>,
    keys: &[Value<'_>],
) -> Result<HashMap<String, Seen>, StoreError> {
    let mut seen = HashMap::new();
    for keys in portions(keys) {
        let places = places(1, keys.len());
        let sql = format!("SELECT key, idx, body_hash FROM transitions WHERE key IN ({places})");
        for row in session.rows(sqlx::AssertSqlSafe(sql), keys).await? {
            let (index, body_hash) = (row.number("idx")?, row.get("body_hash")?);
            seen.insert(row.get("key")?, Seen { index, body_hash });
        }
    }
    Ok(seen)
}

async fn insert<'r, T, const COLUMNS: usize>(
    session: &mut Session<'_>,
    into: &str,
    rows: &'r [T],
    values: impl Fn(&'r T) -> [Value<'r>; COLUMNS],
) -> Result<(), StoreError> {
    for rows in portions(rows) {
        let places: Vec<String> = (0..rows.len())
            .map(|row| format!("({})", places(row * COLUMNS + 1, COLUMNS)))
            .collect();
        let sql = format!("{into}{}", places.join(", "));
        let values: Vec<Value<'_>> = rows.iter().flat_map(&values).collect();
        session.execute(sqlx::AssertSqlSafe(sql), &values).await?;
    }
    Ok(())
}

/// `$first, $first + 1, ...`.
fn places(first: usize, count: usize) -> String {
    let places: Vec<String> = (first..first + count)
        .map(|place| format!("${place}"))
        .collect();
    places.join(", ")
}

/// The rows in portions of the known sizes, largest first.
fn portions<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = ROWS.into_iter().find(|size| *size <= rest.len())?;
        let (portion, after) = rest.split_at(size);
        rest = after;
        Some(portion)
    })
}
