//! Reads of the ledger: for the publisher, for timelines, for auditors.

use disclosure::EventKind;
use jiff::Timestamp;
use ledger::hash::{Hash, leaf_hash};
use ledger::leaf::{Hour, LEAF_BYTES, Leaf, Opening, Part, SALT_BYTES};
use ledger::tree::Frontier;

use crate::keys::{KeyRing, Keys};
use crate::read::PAGE_MAX;
use crate::rows::{Row, Session, Value, int};
use crate::seal::opening_place;
use crate::{Store, StoreError};

/// Leaves read at once for a root: 16,384 of 71 bytes are a megabyte.
const ROOT_PAGE: u64 = 1 << 14;

/// Entries with what opens them.
const SELECT_OPENED: &str = "
    SELECT idx, kind, at, case_id, leaf, audit, audit_slot, personal, personal_slot,
        EXISTS (SELECT 1 FROM erased_keys WHERE key_slot = audit_slot) AS audit_erased,
        EXISTS (SELECT 1 FROM erased_keys WHERE key_slot = personal_slot) AS personal_erased
    FROM ledger_entries JOIN sealed_openings USING (idx)";

/// An entry of the ledger in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    /// Place in the log.
    pub index: u64,
    /// What happened.
    pub kind: EventKind,
    /// When, exactly.
    pub at: Timestamp,
    /// The case it is about, if any.
    pub case_id: Option<String>,
}

/// An entry of the ledger with what opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the list shows.
    pub row: EntryRow,
    /// The public entry.
    pub leaf: Leaf,
    /// Opens the audit facts; `None` once erased.
    pub audit: Option<Opening>,
    /// Opens the personal facts; `None` once erased.
    pub personal: Option<Opening>,
}

impl Entry {
    /// One of the audit facts; `None` as well once they are erased.
    pub fn fact(&self, name: &str) -> Option<String> {
        let opening = self.audit.as_ref()?;
        let audit: serde_json::Value = serde_json::from_slice(&opening.bytes).ok()?;
        Some(audit.get("facts")?.get(name)?.as_str()?.to_owned())
    }
}

impl Store {
    /// The ledger index and the case that a key was used for, if it has been used.
    pub async fn applied(&self, key: &str) -> Result<Option<EntryRow>, StoreError> {
        let sql = "SELECT idx, kind, at, case_id FROM transitions
                   JOIN ledger_entries USING (idx) WHERE key = $1";
        self.row(sql, key)
            .await?
            .map(|row| entry_row(&row))
            .transpose()
    }

    /// Number of entries in the ledger.
    pub async fn ledger_size(&self) -> Result<u64, StoreError> {
        let mut reader = self.reader().await?;
        let row = reader
            .lend()
            .row("SELECT size FROM ledger_head WHERE id = 1", &[])
            .await?;
        row.ok_or_else(|| StoreError::damaged("the head of the ledger is missing"))?
            .number("size")
    }

    /// Public bytes of up to `limit` entries from index `from`, in order and without gaps.
    pub async fn leaves(&self, from: u64, limit: u32) -> Result<Vec<[u8; LEAF_BYTES]>, StoreError> {
        let sql = "SELECT idx, leaf FROM ledger_entries WHERE idx >= $1 ORDER BY idx LIMIT $2";
        let mut reader = self.reader().await?;
        let values = [Value::Int(int(from)), Value::Int(i64::from(limit))];
        let rows = reader.lend().rows(sql, &values).await?;
        (from..)
            .zip(&rows)
            .map(|(index, row)| leaf_bytes(row, index))
            .collect()
    }

    /// Root of the first `size` entries (RFC 6962), to compare with a head that was signed. A database
    /// with fewer entries is a damage.
    pub async fn root(&self, size: u64) -> Result<Hash, StoreError> {
        let mut frontier = Frontier::default();
        while frontier.size() < size {
            let limit = (size - frontier.size()).min(ROOT_PAGE);
            let limit = u32::try_from(limit).unwrap_or(u32::MAX);
            let leaves = self.leaves(frontier.size(), limit).await?;
            if leaves.is_empty() {
                return Err(not_there(frontier.size()));
            }
            for leaf in &leaves {
                frontier.push(leaf_hash(leaf));
            }
        }
        Ok(frontier.root())
    }

    /// Up to `limit` entries from index `from`, in order.
    pub async fn entries(&self, from: u64, limit: u32) -> Result<Vec<EntryRow>, StoreError> {
        let sql = "SELECT idx, kind, at, case_id FROM ledger_entries
                   WHERE idx >= $1 ORDER BY idx LIMIT $2";
        let mut reader = self.reader().await?;
        let values = [
            Value::Int(int(from)),
            Value::Int(i64::from(limit.min(PAGE_MAX))),
        ];
        reader
            .lend()
            .rows(sql, &values)
            .await?
            .iter()
            .map(entry_row)
            .collect()
    }

    /// The newest `limit` proposals to erase, newest first.
    pub async fn erasures_proposed(&self, limit: u32) -> Result<Vec<EntryRow>, StoreError> {
        // The number stands in the text, as in the index of these entries.
        let sql = "SELECT idx, kind, at, case_id FROM ledger_entries
                   WHERE kind = 50 ORDER BY idx DESC LIMIT $1";
        let mut reader = self.reader().await?;
        let values = [Value::Int(i64::from(limit.min(PAGE_MAX)))];
        let rows = reader.lend().rows(sql, &values).await?;
        rows.iter().map(entry_row).collect()
    }

    /// The newest `limit` refusals of access, newest first.
    pub async fn refusals(&self, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let sql = format!("{SELECT_OPENED} WHERE kind = 32 ORDER BY idx DESC LIMIT $1");
        let limit = Value::Int(i64::from(limit.min(PAGE_MAX)));
        self.opened_entries(sql, &[limit]).await
    }

    /// Every entry about a case, oldest first.
    pub async fn entries_of_case(&self, id: &str) -> Result<Vec<EntryRow>, StoreError> {
        let sql = "SELECT idx, kind, at, case_id FROM ledger_entries
                   WHERE case_id = $1 ORDER BY idx";
        let mut reader = self.reader().await?;
        reader
            .lend()
            .rows(sql, &[Value::Text(id)])
            .await?
            .iter()
            .map(entry_row)
            .collect()
    }

    /// Every entry about a case with what opens it, oldest first. An opening that does not open its leaf
    /// is a damage.
    pub async fn opened_of_case(&self, id: &str) -> Result<Vec<Entry>, StoreError> {
        let sql = format!("{SELECT_OPENED} WHERE case_id = $1 ORDER BY idx");
        self.opened_entries(sql, &[Value::Text(id)]).await
    }

    async fn opened_entries(
        &self,
        sql: String,
        values: &[Value<'_>],
    ) -> Result<Vec<Entry>, StoreError> {
        let sql = sqlx::AssertSqlSafe(sql);
        let rows = self.reader().await?.lend().rows(sql, values).await?;
        let mut ring = self.keys.ring();
        rows.iter()
            .map(|row| Ok(open(&mut ring, row, row.number("idx")?)?.entry))
            .collect()
    }

    /// The entry with this index and what opens it. An opening that does not open its leaf is
    /// a damage.
    pub async fn entry(&self, index: u64) -> Result<Option<Entry>, StoreError> {
        let mut reader = self.reader().await?;
        let opened = opened(&mut reader.lend(), &self.keys, index, 1).await?;
        let mut entries = opened.into_iter().map(|opened| opened.entry);
        Ok(entries.find(|entry| entry.row.index == index))
    }

    /// Public bytes of the entries `from` to `until`, each of them opened first, so that whoever signs
    /// them signs what was recorded. One that is missing, or that does not open though it was not
    /// erased, is a damage.
    pub async fn opened_leaves(
        &self,
        from: u64,
        until: u64,
    ) -> Result<Vec<[u8; LEAF_BYTES]>, StoreError> {
        let wanted = until.saturating_sub(from);
        let mut reader = self.reader().await?;
        let opened = opened(&mut reader.lend(), &self.keys, from, wanted).await?;
        let missing = from + opened.len() as u64;
        if missing < until {
            return Err(not_there(missing));
        }
        let leaves = opened.iter().map(|opened| opened.entry.leaf.encode());
        Ok(leaves.collect())
    }

    /// The ledger is as long as its head says.
    pub(crate) async fn check_head(&self) -> Result<(), StoreError> {
        check_head(&mut self.reader().await?.lend()).await
    }
}

/// The ledger is as long as its head says.
pub(crate) async fn check_head(session: &mut Session<'_>) -> Result<(), StoreError> {
    let sql = "SELECT size, (SELECT COALESCE(MAX(idx) + 1, 0) FROM ledger_entries) AS length
               FROM ledger_head WHERE id = 1";
    let row = session.row(sql, &[]).await?;
    let row = row.ok_or_else(|| StoreError::damaged("the head of the ledger is missing"))?;
    let (size, length) = (row.number("size")?, row.number("length")?);
    if size == length {
        return Ok(());
    }
    let what = format!("the ledger has {length} entries and its head says {size}");
    Err(StoreError::damaged(what))
}

/// An entry, and the slots of the keys that its two parts are sealed with.
pub(crate) struct Opened {
    pub(crate) entry: Entry,
    pub(crate) audit_slot: u64,
    pub(crate) personal_slot: u64,
}

/// Up to `limit` entries from index `from`, in order, without gaps, and opened.
pub(crate) async fn opened(
    session: &mut Session<'_>,
    keys: &Keys,
    from: u64,
    limit: u64,
) -> Result<Vec<Opened>, StoreError> {
    let sql = format!("{SELECT_OPENED} WHERE idx >= $1 ORDER BY idx LIMIT $2");
    let values = [Value::Int(int(from)), Value::Int(int(limit))];
    let rows = session.rows(sqlx::AssertSqlSafe(sql), &values).await?;
    let (rows, mut ring) = ((from..).zip(&rows), keys.ring());
    rows.map(|(index, row)| open(&mut ring, row, index))
        .collect()
}

fn open(keys: &mut KeyRing<'_>, row: &Row, index: u64) -> Result<Opened, StoreError> {
    let bytes = leaf_bytes(row, index)?;
    let leaf = Leaf::decode(&bytes)
        .map_err(|error| StoreError::damaged(format!("ledger entry {index}: {error}")))?;
    let (audit_slot, personal_slot) = (row.number("audit_slot")?, row.number("personal_slot")?);
    let audit = ["audit", "audit_erased"];
    let personal = ["personal", "personal_erased"];
    let entry = Entry {
        row: entry_row(row)?,
        leaf,
        audit: opening(keys, row, audit_slot, (Part::Audit, leaf), audit)?,
        personal: opening(keys, row, personal_slot, (Part::Personal, leaf), personal)?,
    };
    // No commitment covers kind and hour of the leaf: their columns do.
    let seconds = u64::try_from(entry.row.at.as_second()).unwrap_or_default();
    let (kind, hour) = (entry.row.kind.number(), Hour::from_unix_seconds(seconds));
    if (kind, hour) == (leaf.kind.0, leaf.hour) {
        Ok(Opened {
            entry,
            audit_slot,
            personal_slot,
        })
    } else {
        Err(not_committed(index))
    }
}

/// The opening of one part; `None` once it is erased.
fn opening(
    keys: &mut KeyRing<'_>,
    row: &Row,
    slot: u64,
    (part, leaf): (Part, Leaf),
    [sealed, erased]: [&'static str; 2],
) -> Result<Option<Opening>, StoreError> {
    if row.get(erased)? {
        return Ok(None);
    }
    let index = row.number("idx")?;
    let sealed: Vec<u8> = row.get(sealed)?;
    let key = keys.get(slot)?;
    let opened = key.and_then(|key| key.open(&opening_place(part, index), &sealed));
    let opened = opened.and_then(|opened| {
        let (salt, bytes) = opened.split_first_chunk::<SALT_BYTES>()?;
        Some(Opening {
            salt: *salt,
            bytes: bytes.to_vec(),
        })
    });
    match opened {
        Some(opening) if leaf.opens(part, &opening) => Ok(Some(opening)),
        _ => Err(not_committed(index)),
    }
}

fn entry_row(row: &Row) -> Result<EntryRow, StoreError> {
    let number = row.number("kind")?;
    let kind = u16::try_from(number).ok().and_then(EventKind::from_number);
    Ok(EntryRow {
        index: row.number("idx")?,
        kind: kind.ok_or_else(|| StoreError::damaged(format!("unknown event kind {number}")))?,
        at: row.time("at")?,
        case_id: row.get("case_id")?,
    })
}

fn leaf_bytes(row: &Row, index: u64) -> Result<[u8; LEAF_BYTES], StoreError> {
    if row.number("idx")? != index {
        return Err(not_there(index));
    }
    let bytes: Vec<u8> = row.get("leaf")?;
    bytes
        .try_into()
        .map_err(|_| StoreError::damaged(format!("ledger entry {index} is cut short")))
}

fn not_there(index: u64) -> StoreError {
    StoreError::damaged(format!("ledger entry {index} or what opens it is missing"))
}

fn not_committed(index: u64) -> StoreError {
    StoreError::damaged(format!("ledger entry {index} is not what was committed to"))
}
