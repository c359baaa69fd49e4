//! Erasure: the rows of a person's cases are emptied, and their keys destroyed once that is written.

use disclosure::Case;

use crate::keys::Pseudonym;
use crate::rows::{Row, Session, Value};
use crate::slots::Slots;
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
        let sql = "SELECT key_slot FROM erased_keys";
        let rows = reader.lend().rows(sql, &[]).await?;
        let slots: Result<Vec<u64>, _> = rows.iter().map(|row| row.number("key_slot")).collect();
        self.keys.destroy(&slots?)
    }
}

async fn about(session: &mut Session<'_>, id: &str) -> Result<Vec<Row>, StoreError> {
    let sql = "SELECT id, version, key_slot, subject FROM cases
               WHERE erased_at IS NULL
                     AND (id = $1 OR subject = (SELECT subject FROM cases WHERE id = $1))
               ORDER BY received_at, id";
    session.rows(sql, &[Value::Text(id)]).await
}

/// Empties the rows. The slots whose keys are now to be destroyed; `None`, with nothing written, unless
/// exactly these cases are about the person.
pub(crate) async fn erase(
    session: &mut Session<'_>,
    cases: &Cases,
    slots: &mut Slots,
    at: i64,
) -> Result<Option<Vec<u64>>, StoreError> {
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
    let mut gone = Vec::new();
    for row in &rows {
        gone.push(row.number("key_slot")?);
        let id: String = row.get("id")?;
        slots.forget_case(&id);
        let sql = "DELETE FROM subject_marks WHERE case_id = $1";
        session.execute(sql, &[Value::Text(&id)]).await?;
        let sql = "UPDATE cases SET erased_at = $2, state = 'closed', sealed = $3,
                       download_until = NULL
                   WHERE id = $1";
        let values = [Value::Text(&id), Value::Int(at), Value::Bytes(&[])];
        session.execute(sql, &values).await?;
    }
    let person: Option<Option<Vec<u8>>> = rows.first().map(|row| row.get("subject")).transpose()?;
    if let Some(person) = person.flatten() {
        let person: Pseudonym = person
            .try_into()
            .map_err(|_| StoreError::damaged("a pseudonym is cut short"))?;
        slots.load(session, &[], &[person]).await?;
        gone.extend(slots.forget(&person));
    }
    Ok(Some(gone))
}
