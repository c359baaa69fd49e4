//! The log of one person: the chain of every entry that is about them, walked back from the newest.

use std::collections::BTreeMap;

use ledger::chain::{Chain, Said};
use ledger::leaf::{Leaf, Opening, Part, Salt};
use ledger::{Kind, Link, Share};

use crate::keys::{Keys, Pseudonym};
use crate::log::EntryRow;
use crate::rows::{Row, Value, int};
use crate::seal::{share_place, unsealed_share};
use crate::{Store, StoreError};

/// One entry of a person's log. Holds what they are told, so it does not show itself.
pub struct SubjectEntry {
    /// What the list of the log shows.
    pub row: EntryRow,
    /// The public entry.
    pub leaf: Leaf,
    /// Whether the person was told of it later.
    pub chain: Chain,
    /// Its place in the chain.
    pub link: Link,
    /// What it tells the person.
    pub facts: BTreeMap<String, String>,
    /// Salt of the personal part.
    pub salt: Salt,
    /// What is behind it.
    pub said: Said,
}

/// A person's log, oldest first; what they were told of later stands before the entry that told them.
#[derive(Default)]
pub struct SubjectLog {
    /// The entries.
    pub entries: Vec<SubjectEntry>,
    /// How many came before them and were erased.
    pub erased: u64,
}

/// How many entries people have not been told of yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeferredCount {
    /// Cases with such entries.
    pub cases: u64,
    /// Entries, one for each person they are about.
    pub entries: u64,
    /// People, as far as the database can tell them apart.
    pub people: u64,
}

impl Store {
    /// Everything on record about the person with this reference into the index, except what they
    /// are told of later. Whoever calls records the reading first.
    pub async fn subject_log(&self, person: &str) -> Result<SubjectLog, StoreError> {
        let pseudonym = self.keys.pseudonym(person);
        let sql = "SELECT entries, newest FROM subjects WHERE pseudonym = $1";
        let mut reader = self.reader().await?;
        let row = reader.lend().row(sql, &[Value::Bytes(&pseudonym)]).await?;
        drop(reader);
        let Some(row) = row else {
            return Ok(SubjectLog::default());
        };
        let mut log = SubjectLog {
            entries: Vec::new(),
            erased: row.number("entries")?,
        };
        let newest = row.number("newest")?;
        let mut next = (log.erased > 0).then_some(newest);
        while let Some(index) = next {
            let Some(entry) = self.subject_entry(index, &pseudonym, Chain::Own).await? else {
                break;
            };
            (log.erased, next) = (entry.link.counter, before(&entry)?);
            let moved = entry.link.moved;
            log.entries.push(entry);
            if let Some(moved) = moved {
                self.moved(moved.newest, &pseudonym, &mut log.entries)
                    .await?;
            }
        }
        log.entries.reverse();
        Ok(log)
    }

    /// Whether the person has been told of anything, or can be: what is told later does not count, or
    /// asking would tell of it.
    pub async fn has_log(&self, person: &str) -> Result<bool, StoreError> {
        let pseudonym = self.keys.pseudonym(person);
        let sql = "SELECT 1 FROM subjects WHERE pseudonym = $1 AND entries > 0";
        let mut reader = self.reader().await?;
        let row = reader.lend().row(sql, &[Value::Bytes(&pseudonym)]).await?;
        Ok(row.is_some())
    }

    /// Adds a whole deferred chain, newest first.
    async fn moved(
        &self,
        newest: u64,
        person: &Pseudonym,
        entries: &mut Vec<SubjectEntry>,
    ) -> Result<(), StoreError> {
        let mut next = Some(newest);
        while let Some(index) = next {
            let entry = self.subject_entry(index, person, Chain::Deferred).await?;
            let entry = entry.ok_or_else(|| not_told(index))?;
            next = before(&entry)?;
            entries.push(entry);
        }
        Ok(())
    }

    /// The entry as the person is told of it; `None` once their key is destroyed.
    async fn subject_entry(
        &self,
        index: u64,
        person: &Pseudonym,
        chain: Chain,
    ) -> Result<Option<SubjectEntry>, StoreError> {
        let sql = "SELECT sealed, key_slot,
                       EXISTS (SELECT 1 FROM erased_keys WHERE erased_keys.key_slot = shares.key_slot)
                           AS erased
                   FROM shares WHERE idx = $1 AND pseudonym = $2";
        let mut reader = self.reader().await?;
        let values = [Value::Int(int(index)), Value::Bytes(person)];
        let share = reader.lend().row(sql, &values).await?;
        drop(reader);
        let entry = self.entry(index).await?.ok_or_else(|| not_told(index))?;
        let (salt, said) = match share {
            Some(row) if row.get("erased")? => return Ok(None),
            Some(row) => {
                let (salt, share) = open_share(&row, &self.keys, index, person)?;
                (salt, Said::Share(share))
            }
            None => match entry.personal {
                Some(Opening { salt, bytes }) => (salt, Said::Alone(bytes)),
                None => return Ok(None),
            },
        };
        let bytes = match &said {
            Said::Alone(bytes) => Some(bytes.clone()),
            Said::Share(share) => share.personal(),
        };
        let opens = bytes.is_some_and(|bytes| {
            let opening = Opening { salt, bytes };
            entry.leaf.opens(Part::Personal, &opening)
        });
        let (link, facts) = Link::decode(said.bytes()).ok_or_else(|| not_told(index))?;
        let facts = serde_json::from_slice(facts).map_err(|_| not_told(index))?;
        if !opens || entry.leaf.kind != Kind(entry.row.kind.number()) {
            return Err(not_told(index));
        }
        Ok(Some(SubjectEntry {
            row: entry.row,
            leaf: entry.leaf,
            chain,
            link,
            facts,
            salt,
            said,
        }))
    }

    /// How many entries people have not been told of yet.
    pub async fn deferred(&self) -> Result<DeferredCount, StoreError> {
        let sql = "SELECT COUNT(DISTINCT case_id) AS cases, COUNT(DISTINCT pseudonym) AS people,
                       CAST(COALESCE(SUM(entries), 0) AS BIGINT) AS entries
                   FROM deferred";
        let mut reader = self.reader().await?;
        let row = reader.lend().row(sql, &[]).await?;
        let row = row.ok_or_else(|| StoreError::damaged("a count has no answer"))?;
        Ok(DeferredCount {
            cases: row.number("cases")?,
            entries: row.number("entries")?,
            people: row.number("people")?,
        })
    }
}

/// The share in a row, which its key must open.
pub(crate) fn open_share(
    row: &Row,
    keys: &Keys,
    index: u64,
    person: &Pseudonym,
) -> Result<(Salt, Share), StoreError> {
    let sealed: Vec<u8> = row.get("sealed")?;
    let key = keys.get(row.number("key_slot")?)?;
    let opened = key.and_then(|key| key.open(&share_place(index, person), &sealed));
    let share = opened.and_then(|bytes| unsealed_share(&bytes));
    share.ok_or_else(|| not_told(index))
}

/// The entry before this one in its chain.
fn before(entry: &SubjectEntry) -> Result<Option<u64>, StoreError> {
    let index = entry.row.index;
    match entry.link.previous {
        // A previous entry has the lower index, or the walk would not end.
        Some(previous) if previous >= index => Err(not_told(index)),
        previous => Ok(previous),
    }
}

fn not_told(index: u64) -> StoreError {
    StoreError::damaged(format!(
        "ledger entry {index} is not what the person it is about is to be told"
    ))
}
