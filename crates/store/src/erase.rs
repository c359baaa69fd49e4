//! Erasure: the rows of a person's cases are emptied, and their keys destroyed once that is written.

use disclosure::{Case, EventKind};

use crate::commitment::{Erasure, LEFT, digest, left_hash};
use crate::rows::{Row, Session, Value};
use crate::slots::{Slots, whole};
use crate::{Store, StoreError};

/// The cases to erase, with the versions that the decision was made on.
pub(crate) type Cases = Vec<(String, i64)>;

impl Store {
    /// Every case about the person that this case is about, itself included, oldest first; the case
    /// alone where nobody was found. Those erased before are left out.
    pub async fn cases_about(&self, id: &str) -> Result<Vec<Case>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = about(&mut reader.lend(), id).await?;
        drop(reader);
        let mut cases = Vec::with_capacity(rows.len());
        for row in &rows {
            cases.extend(self.case(&row.get::<String>("id")?).await?);
        }
        Ok(cases)
    }

    /// Destroys the keys of what is recorded as erased: a process that died between the record and the
    /// deed has left them.
    pub(crate) async fn destroy_erased(&self) -> Result<(), StoreError> {
        let mut reader = self.reader().await?;
        let sql = "SELECT key_slot, idx FROM erased_keys";
        let rows = reader.lend().rows(sql, &[]).await?;
        drop(reader);
        let mut slots = Vec::new();
        for row in &rows {
            let (slot, index) = (row.number("key_slot")?, row.number("idx")?);
            // A row alone destroys nothing: whoever writes to the database does not hold the keys,
            // and only two people's entry of the log may take them away.
            if self.keys.get(slot)?.is_some() {
                self.require_erased(slot, index).await?;
                slots.push(slot);
            }
        }
        self.keys.destroy(&slots)
    }

    async fn require_erased(&self, slot: u64, index: u64) -> Result<(), StoreError> {
        let entry = self.entry(index).await?;
        let erases = entry.is_some_and(|entry| {
            let opening = entry.audit.as_ref();
            let said = opening.and_then(|opening| serde_json::from_slice(&opening.bytes).ok());
            let names_it = |said: serde_json::Value| {
                Erasure::read(&said).is_none_or(|erasure| erasure.slots.contains(&slot))
            };
            entry.row.kind == EventKind::Erased && said.is_some_and(names_it)
        });
        match erases {
            true => Ok(()),
            false => Err(StoreError::damaged(format!(
                "key {slot} is marked as erased and entry {index} does not say so"
            ))),
        }
    }
}

async fn about(session: &mut Session<'_>, id: &str) -> Result<Vec<Row>, StoreError> {
    let sql = "SELECT id, version, key_slot, subject FROM cases
               WHERE erased_at IS NULL
                     AND (id = $1 OR subject = (SELECT subject FROM cases WHERE id = $1))
               ORDER BY received_at, id";
    session.rows(sql, &[Value::Text(id)]).await
}

/// Empties the rows. What is erased, with the keys that are now to be destroyed; `None`, with nothing
/// written, unless exactly these cases are about the person.
pub(crate) async fn erase(
    session: &mut Session<'_>,
    cases: &Cases,
    slots: &mut Slots,
    at: i64,
) -> Result<Option<Erasure>, StoreError> {
    let Some((first, _)) = cases.first() else {
        return Ok(None);
    };
    let rows = about(session, first).await?;
    let found: Result<Cases, StoreError> = rows
        .iter()
        .map(|row| Ok((row.get("id")?, row.get("version")?)))
        .collect();
    if found? != *cases {
        return Ok(None);
    }
    let (mut gone, mut left) = (Vec::new(), Vec::new());
    for row in &rows {
        gone.push(row.number("key_slot")?);
        let id: String = row.get("id")?;
        slots.forget_case(&id);
        left.push(empty(session, &id, at).await?);
    }
    let person: Option<Option<Vec<u8>>> = rows.first().map(|row| row.get("subject")).transpose()?;
    let mut chain = None;
    if let Some(person) = person.flatten() {
        let person = whole(person)?;
        slots.load(session, &[], &[person]).await?;
        let sql = "DELETE FROM deferred WHERE pseudonym = $1";
        session.execute(sql, &[Value::Bytes(&person)]).await?;
        if let Some((slot, next)) = slots.forget(&person) {
            gone.extend(slot);
            chain = next.previous.map(|newest| (next.counter, newest));
        }
    }
    Ok(Some(Erasure {
        slots: gone,
        left: digest(left.iter().map(String::as_str)),
        chain,
    }))
}

/// Empties one case; the hash of what is left.
async fn empty(session: &mut Session<'_>, id: &str, at: i64) -> Result<String, StoreError> {
    let sql = "DELETE FROM subject_marks WHERE case_id = $1";
    session.execute(sql, &[Value::Text(id)]).await?;
    let sql = "UPDATE cases SET erased_at = $2, state = 'closed', sealed = $3,
                   download_until = NULL, assignee = NULL
               WHERE id = $1";
    let values = [Value::Text(id), Value::Int(at), Value::Bytes(&[])];
    session.execute(sql, &values).await?;
    let sql = sqlx::AssertSqlSafe([LEFT, " WHERE id = $1"].concat());
    let row = session.row(sql, &[Value::Text(id)]).await?;
    left_hash(&row.ok_or_else(|| StoreError::damaged(format!("case `{id}` is gone")))?)
}
