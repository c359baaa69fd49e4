//! Which slot of the key file belongs to which case, person and epoch, for one transaction.

use std::collections::HashMap;

use disclosure::Telling;
use ledger::{Link, Moved};

use crate::StoreError;
use crate::keys::Pseudonym;
use crate::portions::{in_portions, insert};
use crate::rows::{Row, Session, Value, int};
use crate::seal::Vault;

/// An audit key serves this long: thirty days, in microseconds.
const EPOCH_MICROS: i64 = 30 * 24 * 3_600_000_000;

/// The epoch of an instant.
pub(crate) fn epoch_of(at: i64) -> i64 {
    at.div_euclid(EPOCH_MICROS)
}

/// The slots in use, as far as they have been asked for, and the next free one.
pub(crate) struct Slots {
    next: u64,
    /// By reference, as far as it is taken: no slot once the case is erased.
    cases: HashMap<String, Option<u64>>,
    subjects: HashMap<Pseudonym, Subject>,
    /// Chains of what people are told of later, by case.
    deferred: HashMap<(String, Pseudonym), Deferred>,
    epochs: HashMap<i64, u64>,
    new_epochs: Vec<(i64, u64)>,
}

/// A person's key and where their chain ends.
#[derive(Clone, Copy)]
struct Subject {
    slot: Option<u64>,
    next: Link,
    changed: bool,
}

/// Where a deferred chain ends.
#[derive(Clone, Copy)]
struct Deferred {
    next: Link,
    is_over: bool,
}

/// For whom, in which case and with which entry a link is asked.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) person: Pseudonym,
    pub(crate) case: Option<&'p str>,
    pub(crate) index: u64,
}

impl Default for Subject {
    fn default() -> Subject {
        Subject {
            slot: None,
            next: Link::FIRST,
            changed: false,
        }
    }
}

impl Slots {
    /// Whoever calls holds the head of the ledger, or is alone.
    pub(crate) async fn begin(session: &mut Session<'_>) -> Result<Slots, StoreError> {
        let sql = "SELECT key_slots FROM ledger_head WHERE id = 1";
        let row = session.row(sql, &[]).await?;
        let row = row.ok_or_else(|| StoreError::damaged("the head of the ledger is missing"))?;
        Ok(Slots::new(row.number("key_slots")?))
    }

    pub(crate) fn new(next: u64) -> Slots {
        Slots {
            next,
            cases: HashMap::new(),
            subjects: HashMap::new(),
            deferred: HashMap::new(),
            epochs: HashMap::new(),
            new_epochs: Vec::new(),
        }
    }

    /// Reads what is held of these cases and people.
    pub(crate) async fn load(
        &mut self,
        session: &mut Session<'_>,
        cases: &[&str],
        people: &[Pseudonym],
    ) -> Result<(), StoreError> {
        let ids: Vec<Value<'_>> = cases.iter().map(|id| Value::Text(id)).collect();
        let sql = "SELECT id, key_slot, erased_at IS NOT NULL AS erased FROM cases WHERE id IN";
        for row in in_portions(session, sql, &ids).await? {
            let slot = row.number("key_slot")?;
            let slot = (!row.get::<bool>("erased")?).then_some(slot);
            self.cases.insert(row.get("id")?, slot);
        }
        let pseudonyms: Vec<Value<'_>> = people.iter().map(|one| Value::Bytes(one)).collect();
        let sql = "SELECT pseudonym, key_slot, entries, newest FROM subjects WHERE pseudonym IN";
        for row in in_portions(session, sql, &pseudonyms).await? {
            let pseudonym: Vec<u8> = row.get("pseudonym")?;
            let slot: Option<i64> = row.get("key_slot")?;
            let subject = Subject {
                slot: slot.and_then(|slot| u64::try_from(slot).ok()),
                next: next_link(&row)?,
                changed: false,
            };
            self.subjects.entry(whole(pseudonym)?).or_insert(subject);
        }
        Ok(())
    }

    /// Reads the deferred chains of these cases.
    pub(crate) async fn load_deferred(
        &mut self,
        session: &mut Session<'_>,
        cases: &[&str],
    ) -> Result<(), StoreError> {
        let ids: Vec<Value<'_>> = cases.iter().map(|id| Value::Text(id)).collect();
        let sql = "SELECT case_id, pseudonym, entries, newest FROM deferred
                   WHERE case_id IN";
        for row in in_portions(session, sql, &ids).await? {
            let key = (row.get("case_id")?, whole(row.get("pseudonym")?)?);
            let (next, is_over) = (next_link(&row)?, false);
            let chain = Deferred { next, is_over };
            self.deferred.entry(key).or_insert(chain);
        }
        Ok(())
    }

    /// The key of a case that is there.
    pub(crate) fn of_case(&self, id: &str) -> Option<u64> {
        self.cases.get(id).copied().flatten()
    }

    /// A key for a new case; `None` where its reference is taken.
    pub(crate) fn of_new_case(
        &mut self,
        id: &str,
        vault: &mut Vault<'_>,
    ) -> Result<Option<u64>, StoreError> {
        if self.cases.contains_key(id) {
            return Ok(None);
        }
        let slot = vault.allot(&mut self.next)?;
        self.cases.insert(id.to_owned(), Some(slot));
        Ok(Some(slot))
    }

    /// A key for something new.
    pub(crate) fn allot(&mut self, vault: &mut Vault<'_>) -> Result<u64, StoreError> {
        vault.allot(&mut self.next)
    }

    /// The key of the audit facts of that time.
    pub(crate) async fn of_epoch(
        &mut self,
        session: &mut Session<'_>,
        at: i64,
        vault: &mut Vault<'_>,
    ) -> Result<u64, StoreError> {
        let epoch = epoch_of(at);
        if let Some(slot) = self.epochs.get(&epoch) {
            return Ok(*slot);
        }
        let sql = "SELECT key_slot FROM audit_keys WHERE epoch = $1";
        let slot = match session.row(sql, &[Value::Int(epoch)]).await? {
            Some(row) => row.number("key_slot")?,
            None => {
                let slot = vault.allot(&mut self.next)?;
                self.new_epochs.push((epoch, slot));
                slot
            }
        };
        self.epochs.insert(epoch, slot);
        Ok(slot)
    }

    /// The key of a person and the link of their next entry, in the chain it belongs to.
    pub(crate) fn link(
        &mut self,
        telling: Telling,
        place: Place<'_>,
        vault: &mut Vault<'_>,
    ) -> Result<(u64, Link), StoreError> {
        let slot = self.key_of(place.person, vault)?;
        let deferred = place.case.map(|case| (case.to_owned(), place.person));
        if let (Telling::Later, Some(key)) = (telling, deferred.clone()) {
            let chain = self.deferred.entry(key).or_insert(Deferred {
                next: Link::FIRST,
                is_over: false,
            });
            let link = chain.next;
            chain.next = link.next(place.index);
            return Ok((slot, link));
        }
        let subject = self.subjects.entry(place.person).or_default();
        let mut link = subject.next;
        subject.next = link.next(place.index);
        let chain = deferred.and_then(|key| self.deferred.get_mut(&key));
        if let (Telling::AtLast, Some(chain)) = (telling, chain) {
            chain.is_over = true;
            link.moved = chain.next.previous.map(|newest| Moved {
                entries: chain.next.counter,
                newest,
            });
        }
        Ok((slot, link))
    }

    fn key_of(&mut self, person: Pseudonym, vault: &mut Vault<'_>) -> Result<u64, StoreError> {
        let subject = self.subjects.entry(person).or_default();
        let slot = match subject.slot {
            Some(slot) => slot,
            None => vault.allot(&mut self.next)?,
        };
        subject.slot = Some(slot);
        subject.changed = true;
        Ok(slot)
    }

    /// Takes the key of a case away.
    pub(crate) fn forget_case(&mut self, id: &str) {
        self.cases.insert(id.to_owned(), None);
    }

    /// Takes the person's key away; the chain stays. Its slot, and where the chain ends.
    pub(crate) fn forget(&mut self, pseudonym: &Pseudonym) -> Option<(Option<u64>, Link)> {
        self.deferred.retain(|(_, person), _| person != pseudonym);
        let subject = self.subjects.get_mut(pseudonym)?;
        subject.changed = true;
        Some((subject.slot.take(), subject.next))
    }

    /// Writes what has changed; `destroyed` are slots and the entries that say so.
    pub(crate) async fn flush(
        &self,
        session: &mut Session<'_>,
        destroyed: &[(u64, u64)],
    ) -> Result<(), StoreError> {
        let sql = "UPDATE ledger_head SET key_slots = $1 WHERE id = 1";
        session.execute(sql, &[Value::Int(int(self.next))]).await?;
        let into = "INSERT INTO audit_keys (epoch, key_slot) VALUES ";
        insert(session, (into, ""), &self.new_epochs, |(epoch, slot)| {
            [Value::Int(*epoch), Value::Int(int(*slot))]
        })
        .await?;
        let into = "INSERT INTO erased_keys (key_slot, idx) VALUES ";
        insert(session, (into, ""), destroyed, |(slot, index)| {
            [Value::Int(int(*slot)), Value::Int(int(*index))]
        })
        .await?;
        let changed: Vec<_> = self.subjects.iter().filter(|(_, s)| s.changed).collect();
        let into = "INSERT INTO subjects (pseudonym, key_slot, entries, newest) VALUES ";
        let again = " ON CONFLICT (pseudonym) DO UPDATE SET key_slot = excluded.key_slot,
                          entries = excluded.entries, newest = excluded.newest";
        insert(session, (into, again), &changed, |(pseudonym, subject)| {
            [
                Value::Bytes(pseudonym.as_slice()),
                Value::OptInt(subject.slot.map(int)),
                Value::Int(int(subject.next.counter)),
                Value::Int(int(subject.next.previous.unwrap_or_default())),
            ]
        })
        .await?;
        self.flush_deferred(session).await
    }

    /// Chains that were only read are written as they were; those that are over go.
    async fn flush_deferred(&self, session: &mut Session<'_>) -> Result<(), StoreError> {
        let (over, open): (Vec<_>, Vec<_>) =
            self.deferred.iter().partition(|(_, chain)| chain.is_over);
        let into = "INSERT INTO deferred (case_id, pseudonym, entries, newest) VALUES ";
        let again = " ON CONFLICT (case_id, pseudonym) DO UPDATE SET entries = excluded.entries,
                          newest = excluded.newest";
        insert(session, (into, again), &open, |((case, person), chain)| {
            [
                Value::Text(case),
                Value::Bytes(person.as_slice()),
                Value::Int(int(chain.next.counter)),
                Value::Int(int(chain.next.previous.unwrap_or_default())),
            ]
        })
        .await?;
        for ((case, person), _) in over {
            let sql = "DELETE FROM deferred WHERE case_id = $1 AND pseudonym = $2";
            let values = [Value::Text(case), Value::Bytes(person.as_slice())];
            session.execute(sql, &values).await?;
        }
        Ok(())
    }
}

/// The link that follows a stored chain, which may have no entry yet.
fn next_link(row: &Row) -> Result<Link, StoreError> {
    let counter = row.number("entries")?;
    let newest = row.number("newest")?;
    Ok(match counter {
        0 => Link::FIRST,
        counter => Link {
            counter,
            previous: Some(newest),
            moved: None,
        },
    })
}

pub(crate) fn whole(pseudonym: Vec<u8>) -> Result<Pseudonym, StoreError> {
    let damaged = |_| StoreError::damaged("a pseudonym is cut short");
    pseudonym.try_into().map_err(damaged)
}
