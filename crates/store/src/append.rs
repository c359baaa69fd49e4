//! What a batch of transitions adds to the ledger: gathered one by one, written table by table.
//!
//! A statement costs more than the rows it carries, so a batch of hundreds writes each table in a
//! few statements.

use std::borrow::Cow;
use std::collections::HashMap;

use disclosure::{Mark, Telling};
use ledger::leaf::{self, Kind, LEAF_BYTES, Leaf, Opening, Part, Salt};
use ledger::{Share, Shares};

use crate::StoreError;
use crate::apply::{Write, is_alone};
use crate::commitment::Erasure;
use crate::keys::{Keys, Pseudonym};
use crate::portions::{in_portions, insert};
use crate::record::{CASE_COLUMNS, CaseRecord, MessageRecord, SealedCase};
use crate::rows::{Lock, Session, Value, int};
use crate::seal::Vault;
use crate::slots::{Place, Slots};

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
    /// New cases and the slots of their keys.
    opened: Vec<(&'w CaseRecord, u64)>,
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
    audit: Half<'w>,
    personal: Half<'w>,
    shares: Vec<(Pseudonym, u64, Share)>,
}

/// What opens one part of an entry, and the slot of the key it is to be sealed with.
struct Half<'w> {
    slot: u64,
    salt: Salt,
    bytes: Cow<'w, [u8]>,
}

/// An entry's openings, sealed: of both parts, and of each share.
struct Sealed {
    audit: Vec<u8>,
    personal: Vec<u8>,
    shares: Vec<Vec<u8>>,
}

/// The personal bytes of an entry, the key they are sealed with, and who has which share of them.
struct Personal<'w> {
    slot: u64,
    bytes: Cow<'w, [u8]>,
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

    /// Adds a new case, whose reference is free, to be sealed with the key in a slot.
    pub(crate) fn open(&mut self, case: &'w CaseRecord, slot: u64) {
        self.opened.push((case, slot));
    }

    /// Adds marks of whom a case asks about, beside what it asked before.
    pub(crate) fn mark(&mut self, case: &'w str, marks: &'w [Mark]) {
        self.marks.extend(marks.iter().map(|mark| (mark, case)));
    }

    /// Writes new cases and marks, so that what follows in the batch finds them.
    pub(crate) async fn flush_cases(
        &mut self,
        session: &mut Session<'_>,
        vault: &mut Vault<'_>,
    ) -> Result<(), StoreError> {
        let sealed = seal_cases(&self.opened, vault)?;
        self.insert_cases(session, &sealed).await?;
        self.opened.clear();
        self.marks.clear();
        Ok(())
    }

    async fn insert_cases(
        &self,
        session: &mut Session<'_>,
        sealed: &[SealedCase],
    ) -> Result<(), StoreError> {
        let cases: Vec<_> = self.opened.iter().zip(sealed).collect();
        let into = format!("INSERT INTO cases ({CASE_COLUMNS}) VALUES ");
        insert(session, (&into, ""), &cases, |((case, _), sealed)| {
            case.row(sealed)
        })
        .await?;
        let into = "INSERT INTO subject_marks (mark, case_id) VALUES ";
        let again = " ON CONFLICT (mark, case_id) DO NOTHING";
        insert(session, (into, again), &self.marks, |(mark, case)| {
            [Value::Bytes(mark.as_slice()), Value::Text(case)]
        })
        .await
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
            None => Cow::Borrowed(write.audit.as_slice()),
        };
        let (audit_salt, personal_salt) = (vault.salt(), vault.salt());
        let leaf = Leaf {
            kind: Kind(write.kind),
            hour: write.hour,
            audit: leaf::commit(Part::Audit, &audit_salt, &audit_facts),
            personal: leaf::commit(Part::Personal, &personal_salt, &personal.bytes),
        };
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
            audit: Half {
                slot: audit_slot,
                salt: audit_salt,
                bytes: audit_facts,
            },
            personal: Half {
                slot: personal.slot,
                salt: personal_salt,
                bytes: personal.bytes,
            },
            shares: personal.shares,
        });
        Ok(index)
    }

    /// The personal bytes. What is about the one person found alone is sealed with that person's key;
    /// of what is about several each has a share, sealed with theirs, and what binds the shares
    /// together is sealed with the case's key.
    fn personal(
        &mut self,
        write: &'w Write,
        index: u64,
        otherwise: u64,
        vault: &mut Vault<'_>,
    ) -> Result<Personal<'w>, StoreError> {
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
                bytes: Cow::Owned(std::mem::take(bytes)),
                shares: Vec::new(),
            });
        }
        let slot = case.and_then(|case| self.slots.of_case(case));
        let slot = slot.unwrap_or(otherwise);
        if told.is_empty() {
            return Ok(Personal {
                slot,
                bytes: Cow::Borrowed(&write.personal),
                shares: Vec::new(),
            });
        }
        share_out(told, slot, vault)
    }

    /// Writes everything gathered. While the database is at one part, the next is being sealed.
    pub(crate) async fn flush(
        &mut self,
        session: &mut Session<'_>,
        vault: &mut Vault<'_>,
    ) -> Result<(), StoreError> {
        if !self.has_grown() {
            return self.slots.flush(session, &[]).await;
        }
        let sealing = async { seal_cases(&self.opened, vault) };
        let (written, cases) = tokio::join!(biased; self.insert_entries(session), sealing);
        written?;
        let cases = cases?;
        let sealing = async { self.seal_entries(vault) };
        let (written, openings) = tokio::join!(biased; self.insert_cases(session, &cases), sealing);
        written?;
        let openings = openings?;
        self.insert_openings(session, &openings).await?;
        let sql = "UPDATE ledger_head SET size = $1 WHERE id = 1";
        session
            .execute(sql, &[Value::Int(int(self.size()))])
            .await?;
        self.slots.flush(session, &self.destroyed).await
    }

    fn seal_entries(&self, vault: &mut Vault<'_>) -> Result<Vec<Sealed>, StoreError> {
        self.entries.iter().map(|entry| entry.seal(vault)).collect()
    }

    /// Everything that nothing sealed belongs to.
    async fn insert_entries(&self, session: &mut Session<'_>) -> Result<(), StoreError> {
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
        .await
    }

    async fn insert_openings(
        &self,
        session: &mut Session<'_>,
        sealed: &[Sealed],
    ) -> Result<(), StoreError> {
        let openings: Vec<_> = self.entries.iter().zip(sealed).collect();
        let into = "INSERT INTO sealed_openings
                        (idx, audit_slot, audit, personal_slot, personal) VALUES ";
        insert(session, (into, ""), &openings, |(entry, sealed)| {
            [
                Value::Int(int(entry.index)),
                Value::Int(int(entry.audit.slot)),
                Value::Bytes(&sealed.audit),
                Value::Int(int(entry.personal.slot)),
                Value::Bytes(&sealed.personal),
            ]
        })
        .await?;
        let shares = openings.iter().flat_map(|(entry, sealed)| {
            let shares = entry.shares.iter().zip(&sealed.shares);
            shares.map(|((person, slot, _), bytes)| (entry.index, person, *slot, bytes))
        });
        let shares: Vec<_> = shares.collect();
        let into = "INSERT INTO shares (idx, pseudonym, key_slot, sealed) VALUES ";
        insert(
            session,
            (into, ""),
            &shares,
            |(index, person, slot, bytes)| {
                [
                    Value::Int(int(*index)),
                    Value::Bytes(person.as_slice()),
                    Value::Int(int(*slot)),
                    Value::Bytes(bytes),
                ]
            },
        )
        .await
    }
}

impl Entry<'_> {
    fn seal(&self, vault: &mut Vault<'_>) -> Result<Sealed, StoreError> {
        let mut half = |part, half: &Half<'_>| {
            vault.seal_opening(half.slot, (part, self.index), &half.salt, &half.bytes)
        };
        let audit = half(Part::Audit, &self.audit)?;
        let personal = half(Part::Personal, &self.personal)?;
        let mut shares = Vec::with_capacity(self.shares.len());
        for (person, slot, share) in &self.shares {
            let place = (self.index, person);
            shares.push(vault.seal_share(*slot, place, &self.personal.salt, share)?);
        }
        Ok(Sealed {
            audit,
            personal,
            shares,
        })
    }
}

fn seal_cases(
    opened: &[(&CaseRecord, u64)],
    vault: &mut Vault<'_>,
) -> Result<Vec<SealedCase>, StoreError> {
    let seal = |(case, slot): &(&CaseRecord, u64)| case.seal(*slot, vault);
    opened.iter().map(seal).collect()
}

fn share_out(
    told: Vec<(Pseudonym, u64, Vec<u8>)>,
    slot: u64,
    vault: &mut Vault<'_>,
) -> Result<Personal<'static>, StoreError> {
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
        bytes: Cow::Owned(shares.personal()),
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
