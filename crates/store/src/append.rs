//! What a batch of transitions adds to the ledger: gathered one by one, written table by table.
//!
//! A statement costs more than the rows it carries, so a batch of hundreds writes each table in a
//! few statements.

use std::borrow::Cow;
use std::collections::HashMap;

use disclosure::{Mark, Telling};
use ledger::leaf::{self, Kind, LEAF_BYTES, Leaf, Opening, Part};
use ledger::{Share, Shares};

use crate::StoreError;
use crate::apply::{Write, is_alone};
use crate::commitment::Erasure;
use crate::keys::{Keys, Pseudonym};
use crate::record::{CASE_COLUMNS, CaseRecord, MessageRecord, SealedCase};
use crate::rows::{Dialect, Lock, Row, Session, Value, int};
use crate::seal::Vault;
use crate::slots::{Place, Slots};

/// Rows in one statement, greedily: few sizes, so that the databases know every statement already.
/// A full batch is one statement a table; its 256 rows of 20 values are 5,120 placeholders, and SQLite
/// takes 32,766.
const ROWS: [usize; 4] = [256, 64, 8, 1];

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
    opened: Vec<(&'w CaseRecord, SealedCase)>,
    marks: Vec<(&'w Mark, &'w str)>,
    pub(crate) slots: Slots,
    /// Slots whose keys are to be destroyed after the commit, with the entries that say so.
    destroyed: Vec<(u64, u64)>,
    /// Slots of drafts that are gone: nothing of them is in the ledger.
    forgotten: Vec<u64>,
}

struct Entry<'w> {
    write: &'w Write,
    index: u64,
    leaf: [u8; LEAF_BYTES],
    audit: Sealed,
    personal: Sealed,
    shares: Vec<SealedShare>,
}

/// What opens one part of an entry, sealed with the key in a slot.
struct Sealed {
    slot: u64,
    bytes: Vec<u8>,
}

/// One person's share of an entry, sealed.
struct SealedShare {
    index: u64,
    person: Pseudonym,
    sealed: Sealed,
}

/// The personal bytes of an entry, the key they are sealed with, and who has which share of them.
struct Personal {
    slot: u64,
    bytes: Vec<u8>,
    shares: Vec<(Pseudonym, u64, Share)>,
}

impl<'w> Batch<'w> {
    /// Holds the end of the ledger until the transaction ends and looks up every key at once. Nobody
    /// else can append meanwhile: the order of commits is the order of the log, and no index is skipped.
    pub(crate) async fn begin(
        session: &mut Session<'_>,
        writes: &[&'w Write],
        keys: &Keys,
    ) -> Result<Batch<'w>, StoreError> {
        let select = "SELECT size, key_slots FROM ledger_head WHERE id = 1";
        let sql = sqlx::AssertSqlSafe([select, session.dialect().lock(Lock::Update)].concat());
        let head = session.row(sql, &[]).await?;
        let head = head.ok_or_else(|| StoreError::damaged("the head of the ledger is missing"))?;
        let mut slots = Slots::new(head.number("key_slots")?);
        let cases: Vec<&str> = writes.iter().filter_map(|w| w.case_id.as_deref()).collect();
        let people: Vec<Pseudonym> = writes.iter().flat_map(|write| write.people(keys)).collect();
        slots.load(session, &cases, &people).await?;
        let deferring = writes.iter().filter(|write| write.telling != Telling::Now);
        let deferring: Vec<&str> = deferring.filter_map(|w| w.case_id.as_deref()).collect();
        slots.load_deferred(session, &deferring).await?;
        let used = writes.iter().map(|write| Value::Text(&write.key));
        let used: Vec<Value<'_>> = used.collect();
        Ok(Batch {
            first: head.number("size")?,
            seen: look_up(session, &used).await?,
            entries: Vec::new(),
            messages: Vec::new(),
            opened: Vec::new(),
            marks: Vec::new(),
            slots,
            destroyed: Vec::new(),
            forgotten: Vec::new(),
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

    /// Slots whose keys are to be destroyed once the batch is committed.
    pub(crate) fn destroyed(&self) -> Vec<u64> {
        let erased = self.destroyed.iter().map(|(slot, _)| *slot);
        erased.chain(self.forgotten.iter().copied()).collect()
    }

    /// Has the key in a slot destroyed once the batch is committed.
    pub(crate) fn forget(&mut self, slot: u64) {
        self.forgotten.push(slot);
    }

    /// Adds a new case, whose reference is free.
    pub(crate) fn open(&mut self, case: &'w CaseRecord, sealed: SealedCase) {
        self.opened.push((case, sealed));
    }

    /// Adds marks of whom a case asks about, beside what it asked before.
    pub(crate) fn mark(&mut self, case: &'w str, marks: &'w [Mark]) {
        self.marks.extend(marks.iter().map(|mark| (mark, case)));
    }

    /// Writes new cases and marks, so that what follows in the batch finds them.
    pub(crate) async fn flush_cases(
        &mut self,
        session: &mut Session<'_>,
    ) -> Result<(), StoreError> {
        let into = format!("INSERT INTO cases ({CASE_COLUMNS}) VALUES ");
        insert(session, (&into, ""), &self.opened, |(case, sealed)| {
            case.row(sealed)
        })
        .await?;
        self.opened.clear();
        let into = "INSERT INTO subject_marks (mark, case_id) VALUES ";
        let again = " ON CONFLICT (mark, case_id) DO NOTHING";
        insert(session, (into, again), &self.marks, |(mark, case)| {
            [Value::Bytes(mark.as_slice()), Value::Text(case)]
        })
        .await?;
        self.marks.clear();
        Ok(())
    }

    /// Adds the entry of a transition, after which the keys of what is `erased` are to be destroyed,
    /// and returns its index.
    pub(crate) async fn add(
        &mut self,
        session: &mut Session<'_>,
        write: &'w Write,
        erased: Option<Erasure>,
        vault: &mut Vault<'_>,
    ) -> Result<u64, StoreError> {
        let index = self.size();
        let audit_slot = self.slots.of_epoch(session, write.at, vault).await?;
        let personal = self.personal(write, index, audit_slot, vault)?;
        let audit_facts = match &erased {
            Some(erased) => Cow::Owned(erased.added_to(&write.audit)?),
            None => Cow::Borrowed(&write.audit),
        };
        let (audit_salt, personal_salt) = (vault.salt(), vault.salt());
        let leaf = Leaf {
            kind: Kind(write.kind),
            hour: write.hour,
            audit: leaf::commit(Part::Audit, &audit_salt, &audit_facts),
            personal: leaf::commit(Part::Personal, &personal_salt, &personal.bytes),
        };
        let mut shares = Vec::with_capacity(personal.shares.len());
        for (person, slot, share) in &personal.shares {
            let bytes = vault.seal_share(*slot, (index, person), &personal_salt, share)?;
            shares.push(SealedShare {
                index,
                person: *person,
                sealed: Sealed { slot: *slot, bytes },
            });
        }
        let mut seal = |part, slot, salt, bytes: &[u8]| {
            let bytes = vault.seal_opening(slot, (part, index), salt, bytes)?;
            Ok::<_, StoreError>(Sealed { slot, bytes })
        };
        let audit = seal(Part::Audit, audit_slot, &audit_salt, &audit_facts)?;
        let slot = personal.slot;
        let personal = seal(Part::Personal, slot, &personal_salt, &personal.bytes)?;
        let body_hash = write.body_hash().map(str::to_owned);
        self.seen
            .insert(write.key.clone(), Seen { index, body_hash });
        self.messages.extend(&write.messages);
        let slots = erased.into_iter().flat_map(|erased| erased.slots);
        self.destroyed.extend(slots.map(|slot| (slot, index)));
        self.entries.push(Entry {
            write,
            index,
            leaf: leaf.encode(),
            audit,
            personal,
            shares,
        });
        Ok(index)
    }

    /// The personal bytes. What is about the one person found alone is sealed with that person's key;
    /// of what is about several each has a share, sealed with theirs, and what binds the shares
    /// together is sealed with the case's key.
    fn personal(
        &mut self,
        write: &Write,
        index: u64,
        otherwise: u64,
        vault: &mut Vault<'_>,
    ) -> Result<Personal, StoreError> {
        let case = write.case_id.as_deref();
        let mut told = Vec::with_capacity(write.concerns.len());
        for concern in &write.concerns {
            let person = vault.keys.pseudonym(&concern.person);
            let place = Place {
                person,
                case,
                index,
            };
            let (slot, link) = self.slots.link(write.telling, place, vault)?;
            told.push((person, slot, link.encode(&concern.facts)));
        }
        if let ([(_, slot, bytes)], true) = (told.as_mut_slice(), is_alone(&write.concerns)) {
            return Ok(Personal {
                slot: *slot,
                bytes: std::mem::take(bytes),
                shares: Vec::new(),
            });
        }
        let slot = case.and_then(|case| self.slots.of_case(case));
        let slot = slot.unwrap_or(otherwise);
        if told.is_empty() {
            return Ok(Personal {
                slot,
                bytes: write.personal.clone(),
                shares: Vec::new(),
            });
        }
        share_out(told, slot, vault)
    }

    /// Writes everything gathered.
    pub(crate) async fn flush(&mut self, session: &mut Session<'_>) -> Result<(), StoreError> {
        if !self.has_grown() {
            return self.slots.flush(session, &[]).await;
        }
        self.flush_cases(session).await?;
        let into = "INSERT INTO ledger_entries (idx, kind, leaf, case_id, at) VALUES ";
        insert(session, (into, ""), &self.entries, |entry| {
            [
                Value::Int(int(entry.index)),
                Value::Int(i64::from(entry.write.kind)),
                Value::Bytes(&entry.leaf),
                Value::OptText(entry.write.case_id.as_deref()),
                Value::Int(entry.write.at),
            ]
        })
        .await?;
        let into = "INSERT INTO sealed_openings
                        (idx, audit_slot, audit, personal_slot, personal) VALUES ";
        insert(session, (into, ""), &self.entries, |entry| {
            [
                Value::Int(int(entry.index)),
                Value::Int(int(entry.audit.slot)),
                Value::Bytes(&entry.audit.bytes),
                Value::Int(int(entry.personal.slot)),
                Value::Bytes(&entry.personal.bytes),
            ]
        })
        .await?;
        let shares: Vec<_> = self
            .entries
            .iter()
            .flat_map(|entry| &entry.shares)
            .collect();
        let into = "INSERT INTO shares (idx, pseudonym, key_slot, sealed) VALUES ";
        insert(session, (into, ""), &shares, |share| {
            [
                Value::Int(int(share.index)),
                Value::Bytes(&share.person),
                Value::Int(int(share.sealed.slot)),
                Value::Bytes(&share.sealed.bytes),
            ]
        })
        .await?;
        let into = "INSERT INTO transitions (key, idx, body_hash) VALUES ";
        insert(session, (into, ""), &self.entries, |entry| {
            let body_hash = Value::OptText(entry.write.body_hash());
            [
                Value::Text(&entry.write.key),
                Value::Int(int(entry.index)),
                body_hash,
            ]
        })
        .await?;
        let into = "INSERT INTO outbox (topic, case_id, body, not_before) VALUES ";
        insert(session, (into, ""), &self.messages, |message| {
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
        self.slots.flush(session, &self.destroyed).await
    }
}

fn share_out(
    told: Vec<(Pseudonym, u64, Vec<u8>)>,
    slot: u64,
    vault: &mut Vault<'_>,
) -> Result<Personal, StoreError> {
    let (mut people, mut openings) = (Vec::new(), Vec::new());
    for (person, slot, bytes) in told {
        people.push((person, slot));
        let salt = vault.salt();
        openings.push(Opening { salt, bytes });
    }
    let shared = Shares::new(openings, || vault.salt());
    let unstorable = |_| StoreError::Unstorable {
        what: "list of people",
    };
    let (shares, given) = shared.map_err(unstorable)?;
    let people = people.into_iter().zip(given);
    Ok(Personal {
        slot,
        bytes: shares.personal(),
        shares: people
            .map(|((person, slot), share)| (person, slot, share))
            .collect(),
    })
}

async fn look_up(
    session: &mut Session<'_>,
    keys: &[Value<'_>],
) -> Result<HashMap<String, Seen>, StoreError> {
    let mut seen = HashMap::new();
    let sql = "SELECT key, idx, body_hash FROM transitions WHERE key IN";
    for row in in_portions(session, sql, keys).await? {
        let (index, body_hash) = (row.number("idx")?, row.get("body_hash")?);
        seen.insert(row.get("key")?, Seen { index, body_hash });
    }
    Ok(seen)
}

/// The rows for which one of the values is in the list that the statement ends with.
pub(crate) async fn in_portions(
    session: &mut Session<'_>,
    select: &str,
    values: &[Value<'_>],
) -> Result<Vec<Row>, StoreError> {
    let mut found = Vec::new();
    for values in portions(values) {
        let mut sql = select.to_owned();
        add_places(&mut sql, session.dialect(), 1, values.len());
        found.extend(session.rows(sqlx::AssertSqlSafe(sql), values).await?);
    }
    Ok(found)
}

/// Inserts rows; `before` and `after` the rows are the statement's two ends.
pub(crate) async fn insert<'r, T, const COLUMNS: usize>(
    session: &mut Session<'_>,
    (before, after): (&str, &str),
    rows: &'r [T],
    values: impl Fn(&'r T) -> [Value<'r>; COLUMNS],
) -> Result<(), StoreError> {
    let dialect = session.dialect();
    for rows in portions(rows) {
        let mut sql = before.to_owned();
        for row in 0..rows.len() {
            sql += if row > 0 { "," } else { "" };
            add_places(&mut sql, dialect, row * COLUMNS + 1, COLUMNS);
        }
        sql += after;
        let values: Vec<Value<'_>> = rows.iter().flat_map(&values).collect();
        session.execute(sqlx::AssertSqlSafe(sql), &values).await?;
    }
    Ok(())
}

/// `($first,$first + 1,...)`; on SQLite `(?,?,...)`, because it looks through all names for each value that
/// is bound by one, and through a thousand for the last of a thousand.
fn add_places(sql: &mut String, dialect: Dialect, first: usize, count: usize) {
    for place in first..first + count {
        sql.push(if place == first { '(' } else { ',' });
        match dialect {
            Dialect::Sqlite => sql.push('?'),
            Dialect::Postgres => {
                sql.push('$');
                sql.push_str(&place.to_string());
            }
        }
    }
    sql.push(')');
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
