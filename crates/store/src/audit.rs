//! The database against itself: every entry opens, and every row that anybody acts on is the one that
//! the log knows. What it leaves out is in `docs/adr/0016-what-the-audit-covers.md`.

mod chains;
mod told;

use std::collections::HashMap;

use disclosure::{Case, Registration};
use sha2::{Digest as _, Sha256};

use crate::agreement;
use crate::commitment::{LEFT, digest, left_hash};
use crate::keys::{Keys, Pseudonym};
use crate::log::{check_head, opened};
use crate::migrate;
use crate::record::{CaseRecord, message_hash};
use crate::registration::RegistrationRecord;
use crate::rows::{Row, Session, Value, int};
use crate::seal::{case_place, registration_place};
use crate::slots::whole;
use crate::subject::open_share;
use crate::wishes;
use crate::{Store, StoreError};
use chains::ShareRow;
use told::{Told, ToldCase};

/// Rows read at once.
const PAGE: u64 = 500;

impl Store {
    /// Reads every entry and every table, as they are at one instant, and names the first row that is
    /// not what was committed to. An edit behind the program's back is found by whoever does not hold
    /// the key file. Takes a second for some ten thousand entries.
    pub async fn audit(&self) -> Result<(), StoreError> {
        self.audit_telling(&mut |_| {}).await
    }

    /// As [`Store::audit`]; `read` is told again and again how many rows have been read.
    pub async fn audit_telling(
        &self,
        read: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), StoreError> {
        let mut tx = self.snapshot().await?;
        let mut audit = Audit {
            session: tx.lend(),
            keys: &self.keys,
            told: Told::default(),
            rows: 0,
            read,
        };
        migrate::check(&mut audit.session).await?;
        check_head(&mut audit.session).await?;
        audit.no_empty_names().await?;
        audit.transitions().await?;
        audit.entries().await?;
        audit.cases().await?;
        audit.registrations().await?;
        audit.marks().await?;
        audit.messages().await?;
        audit.people().await?;
        audit.wishes().await?;
        audit.slots().await?;
        let standings = agreement::hashes(&mut audit.session).await?;
        audit.told.agree_on_standings(&standings)?;
        audit.told.nothing_left()
    }
}

/// One pass over the tables, and what the log says of them.
struct Audit<'a> {
    session: Session<'a>,
    keys: &'a Keys,
    told: Told,
    rows: u64,
    /// Is told how many rows have been read.
    read: &'a mut (dyn FnMut(u64) + Send),
}

impl Audit<'_> {
    /// Pages begin after the empty text, which names nothing.
    async fn no_empty_names(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT (SELECT COUNT(*) FROM cases WHERE id = '')
                       + (SELECT COUNT(*) FROM transitions WHERE key = '')
                       + (SELECT COUNT(*) FROM registrations WHERE id = '') AS nameless";
        let row = self.session.row(sql, &[]).await?;
        match row.map(|row| row.number("nameless")).transpose()? {
            Some(0) => Ok(()),
            _ => Err(StoreError::damaged("a case or a key without a name")),
        }
    }

    async fn transitions(&mut self) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let sql = "SELECT key, idx, body_hash FROM transitions WHERE key > $1
                       ORDER BY key LIMIT $2";
            let rows = self.page(sql, Value::Text(&after)).await?;
            for row in &rows {
                after = row.get("key")?;
                let index = row.number("idx")?;
                let written = (digest([after.as_str()]), row.get("body_hash")?);
                if self.told.transitions.insert(index, written).is_some() {
                    return Err(StoreError::damaged(format!("entry {index} has two keys")));
                }
            }
            if rows.is_empty() {
                return Ok(());
            }
        }
    }

    async fn entries(&mut self) -> Result<(), StoreError> {
        let (mut from, mut shared) = (0, 0);
        loop {
            let entries = opened(&mut self.session, self.keys, from, PAGE).await?;
            self.count(entries.len());
            let until = from + entries.len() as u64;
            let shares = self.shares(from, until).await?;
            shared += shares.len() as u64;
            for entry in &entries {
                let index = entry.entry.row.index;
                let first = shares.partition_point(|share| share.index < index);
                let last = shares.partition_point(|share| share.index <= index);
                let own = shares.get(first..last).unwrap_or_default();
                self.told.take(entry, own, self.keys)?;
            }
            from = until;
            if entries.is_empty() {
                let sql = "SELECT size, (SELECT COUNT(*) FROM ledger_entries) AS entries,
                               (SELECT COUNT(*) FROM sealed_openings) AS openings,
                               (SELECT COUNT(*) FROM shares) AS shares
                           FROM ledger_head WHERE id = 1";
                let head = self.session.row(sql, &[]).await?;
                let ends = head.map(|head| {
                    let ends = |column| Ok::<_, StoreError>(head.number(column)? == from);
                    let shares = head.number("shares")? == shared;
                    Ok::<_, StoreError>(
                        shares && ends("size")? && ends("entries")? && ends("openings")?,
                    )
                });
                return match ends.transpose()? == Some(true) {
                    true => Ok(()),
                    false => Err(StoreError::damaged(format!(
                        "the ledger or what opens it does not end at entry {from}"
                    ))),
                };
            }
        }
    }

    /// The shares of the entries `from` to `until`, in the order of the entries.
    async fn shares(&mut self, from: u64, until: u64) -> Result<Vec<ShareRow>, StoreError> {
        let sql = "SELECT idx, pseudonym, key_slot, sealed,
                       EXISTS (SELECT 1 FROM erased_keys WHERE erased_keys.key_slot = shares.key_slot)
                           AS erased
                   FROM shares WHERE idx >= $1 AND idx < $2 ORDER BY idx, pseudonym";
        let values = [Value::Int(int(from)), Value::Int(int(until))];
        let rows = self.session.rows(sql, &values).await?;
        let share = |row: &Row| {
            let (index, slot) = (row.number("idx")?, row.number("key_slot")?);
            let person = whole(row.get("pseudonym")?)?;
            let opened = match row.get("erased")? {
                true => None,
                false => Some(open_share(row, self.keys, index, &person)?),
            };
            Ok(ShareRow {
                index,
                person,
                slot,
                opened,
            })
        };
        rows.iter().map(share).collect()
    }

    async fn cases(&mut self) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let sql = sqlx::AssertSqlSafe([LEFT, " WHERE id > $1 ORDER BY id LIMIT $2"].concat());
            let rows = self.page(sql, Value::Text(&after)).await?;
            for row in &rows {
                after = row.get("id")?;
                self.case(&after, row)?;
            }
            if rows.is_empty() {
                return Ok(());
            }
        }
    }

    fn case(&mut self, id: &str, row: &Row) -> Result<(), StoreError> {
        let told = self.told.cases.remove(id);
        let slot = row.number("key_slot")?;
        self.told.use_slot(slot, || format!("case `{id}`"))?;
        let subject: Option<Vec<u8>> = row.get("subject")?;
        if row.get::<Option<i64>>("erased_at")?.is_some() {
            if row.get::<Option<i64>>("deferred_until")?.is_some() {
                return Err(StoreError::damaged(format!(
                    "case `{id}` is erased, and its people are told later"
                )));
            }
            if row.get::<Option<String>>("assignee")?.is_some() {
                return Err(StoreError::damaged(format!(
                    "case `{id}` is erased, and somebody has taken it"
                )));
            }
            return self.told.leave(id, left_hash(row)?, subject);
        }
        let sealed: Vec<u8> = row.get("sealed")?;
        let key = self.keys.get(slot)?;
        let body = key.and_then(|key| key.open(&case_place(id), &sealed));
        let body = body.unwrap_or_default();
        let agrees = |told: &ToldCase| {
            told.hash == hex::encode(Sha256::digest(&body)) && told.names(subject.as_deref())
        };
        if !told.as_ref().is_some_and(agrees) {
            return Err(StoreError::damaged(format!(
                "case `{id}` is not the one that the log knows"
            )));
        }
        self.told.marks.extend(told.and_then(|told| {
            let marks = told.marks?;
            Some((id.to_owned(), marks))
        }));
        let case: Option<Case> = serde_json::from_slice(&body).ok();
        let record = case.as_ref().map(CaseRecord::new).transpose()?;
        match record {
            Some(record) if record.agrees(row)? => Ok(()),
            _ => Err(StoreError::damaged(format!(
                "case `{id}` differs from its own columns"
            ))),
        }
    }

    /// Each registration is the one that its newest entry commits to.
    async fn registrations(&mut self) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let sql = "SELECT id, version, practice, registered_at, changed_at, key_slot, sealed
                       FROM registrations WHERE id > $1 ORDER BY id LIMIT $2";
            let rows = self.page(sql, Value::Text(&after)).await?;
            for row in &rows {
                after = row.get("id")?;
                self.registration(&after, row)?;
            }
            if rows.is_empty() {
                return Ok(());
            }
        }
    }

    fn registration(&mut self, id: &str, row: &Row) -> Result<(), StoreError> {
        let slot = row.number("key_slot")?;
        self.told
            .use_slot(slot, || format!("registration `{id}`"))?;
        let sealed: Vec<u8> = row.get("sealed")?;
        let key = self.keys.get(slot)?;
        let body = key.and_then(|key| key.open(&registration_place(id), &sealed));
        let body = body.unwrap_or_default();
        let told = self.told.registrations.remove(id);
        if told != Some(hex::encode(Sha256::digest(&body))) {
            return Err(StoreError::damaged(format!(
                "registration `{id}` is not the one that the log knows"
            )));
        }
        let registration: Option<Registration> = serde_json::from_slice(&body).ok();
        let record = registration.as_ref().map(RegistrationRecord::new);
        match record.transpose()? {
            Some(record) if record.agrees(row)? => Ok(()),
            _ => Err(StoreError::damaged(format!(
                "registration `{id}` differs from its own columns"
            ))),
        }
    }

    /// The marks of each case are those that its entries list.
    async fn marks(&mut self) -> Result<(), StoreError> {
        let mut found: HashMap<String, Vec<String>> = HashMap::new();
        let sql = "SELECT case_id, mark FROM subject_marks ORDER BY case_id, mark";
        for row in self.session.rows(sql, &[]).await? {
            let mark: Vec<u8> = row.get("mark")?;
            let case: String = row.get("case_id")?;
            found.entry(case).or_default().push(hex::encode(mark));
        }
        self.told.agree_on_marks(found)
    }

    /// The messages are those that the entries list, in their order.
    async fn messages(&mut self) -> Result<(), StoreError> {
        let (mut after, mut found) = (i64::MIN, Vec::new());
        loop {
            let sql = "SELECT id, topic, case_id, body FROM outbox WHERE id > $1
                       ORDER BY id LIMIT $2";
            let rows = self.page(sql, Value::Int(after)).await?;
            for row in &rows {
                after = row.get("id")?;
                let text = |column| row.get::<String>(column);
                found.push(message_hash(
                    &text("topic")?,
                    &text("case_id")?,
                    &text("body")?,
                ));
            }
            if rows.is_empty() {
                return self.told.agree_on_messages(&found);
            }
        }
    }

    async fn people(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT pseudonym, key_slot, entries, newest FROM subjects ORDER BY pseudonym";
        for row in self.session.rows(sql, &[]).await? {
            let pseudonym = whole(row.get("pseudonym")?)?;
            let chain = (row.number("entries")?, row.number("newest")?);
            let slot: Option<i64> = row.get("key_slot")?;
            self.told.agree_on_person(pseudonym, chain, slot)?;
        }
        let sql = "SELECT case_id, pseudonym, entries, newest FROM deferred";
        let mut deferred = HashMap::new();
        for row in self.session.rows(sql, &[]).await? {
            let key = (row.get("case_id")?, whole(row.get("pseudonym")?)?);
            deferred.insert(key, (row.number("entries")?, row.number("newest")?));
        }
        self.told.agree_on_deferred(&deferred)
    }

    /// What people have asked is what the log knows, and exactly those act for them whom they let.
    async fn wishes(&mut self) -> Result<(), StoreError> {
        let mut who: HashMap<String, Vec<Pseudonym>> = HashMap::new();
        let sql = "SELECT wishes_id, who FROM delegations ORDER BY wishes_id, who";
        for row in self.session.rows(sql, &[]).await? {
            let id: String = row.get("wishes_id")?;
            who.entry(id).or_default().push(whole(row.get("who")?)?);
        }
        let mut after = String::new();
        loop {
            let rows = self.page(wishes::AFTER, Value::Text(&after)).await?;
            for row in &rows {
                let found = wishes::found(row, self.keys)?;
                self.told.agree_on_wishes(&found)?;
                if who.remove(&found.id).unwrap_or_default() != found.who {
                    return Err(StoreError::damaged(format!(
                        "others act for a person than `{}` lets",
                        found.id
                    )));
                }
                after = found.id;
            }
            if rows.is_empty() {
                break;
            }
        }
        match who.into_keys().min() {
            None => Ok(()),
            Some(id) => Err(StoreError::damaged(format!(
                "somebody acts for a person, and `{id}` is not there"
            ))),
        }
    }

    /// Each key serves one case, person or epoch, and those destroyed are those that the log names.
    async fn slots(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT epoch, key_slot FROM audit_keys";
        for row in self.session.rows(sql, &[]).await? {
            self.told
                .agree_on_epoch(row.get("epoch")?, row.number("key_slot")?)?;
        }
        let sql = "SELECT key_slot, idx FROM erased_keys";
        for row in self.session.rows(sql, &[]).await? {
            self.told
                .agree_on_erased(row.number("key_slot")?, row.number("idx")?)?;
        }
        let sql = "SELECT key_slots FROM ledger_head WHERE id = 1";
        let head = self.session.row(sql, &[]).await?;
        let next = head.map_or(Ok(0), |head| head.number("key_slots"))?;
        self.told.agree_on_slots(next, self.keys.slots()?)
    }

    async fn page(
        &mut self,
        sql: impl sqlx::SqlSafeStr,
        after: Value<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let values = [after, Value::Int(int(PAGE))];
        let rows = self.session.rows(sql, &values).await?;
        self.count(rows.len());
        Ok(rows)
    }

    fn count(&mut self, rows: usize) {
        self.rows += rows as u64;
        (self.read)(self.rows);
    }
}
