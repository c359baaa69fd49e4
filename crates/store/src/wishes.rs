//! What people have asked about themselves: one sealed document for each, which an entry of the log
//! commits to. Its key is its own, so that protection outlives the erasure of a person's cases.

use disclosure::Wishes;
use sha2::{Digest as _, Sha256};

use crate::append::Batch;
use crate::keys::{Keys, Pseudonym};
use crate::record::{BODY_BYTES_MAX, code};
use crate::rows::{Row, Session, Value, int};
use crate::seal::{Vault, wishes_place};
use crate::{Store, StoreError};

/// Most documents in the list of those with a correction that waits.
const LISTED_MAX: i64 = 200;

const COLUMNS: &str = "SELECT id, version, pseudonym, key_slot, waiting, sealed FROM wishes ";

/// The row of a document. Holds the person's details, so it does not show itself.
pub(crate) struct WishesRecord {
    id: String,
    version: i64,
    person: String,
    /// Corrections that nobody has answered.
    waiting: i64,
    /// Identities of those who may act for the person.
    representatives: Vec<String>,
    body: String,
    body_hash: String,
}

impl WishesRecord {
    pub(crate) fn new(wishes: &Wishes) -> Result<WishesRecord, StoreError> {
        code("wishes", &wishes.id)?;
        let unstorable = |_| StoreError::Unstorable { what: "wishes" };
        let body = serde_json::to_string(wishes).map_err(unstorable)?;
        if body.len() > BODY_BYTES_MAX {
            return Err(StoreError::TooLarge {
                what: "wishes",
                bytes: body.len(),
                limit: BODY_BYTES_MAX,
            });
        }
        let representatives = wishes.representatives();
        Ok(WishesRecord {
            id: wishes.id.clone(),
            version: int(wishes.version),
            person: wishes.person.clone(),
            waiting: int(wishes.waiting().count() as u64),
            representatives: representatives.map(|one| one.identity.clone()).collect(),
            body_hash: hex::encode(Sha256::digest(&body)),
            body,
        })
    }

    /// Reference and hash, as the entry says them.
    pub(crate) fn told(&self) -> [&str; 2] {
        [&self.id, &self.body_hash]
    }

    /// Writes the document over the version before it; whether that one was there.
    pub(crate) async fn write(
        &self,
        session: &mut Session<'_>,
        batch: &mut Batch<'_>,
        vault: &mut Vault<'_>,
    ) -> Result<bool, StoreError> {
        let sql = sqlx::AssertSqlSafe([COLUMNS, "WHERE id = $1"].concat());
        let kept = session.row(sql, &[Value::Text(&self.id)]).await?;
        let slot = match &kept {
            None if self.version == 1 => batch.slots.allot(vault)?,
            Some(row) if row.get::<i64>("version")? + 1 == self.version => {
                // INVARIANT: nothing is sealed with a key that does not open what is there already.
                opened(row, vault.keys)?;
                row.number("key_slot")?
            }
            _ => return Ok(false),
        };
        let pseudonym = vault.keys.pseudonym(&self.person);
        let sealed = vault.seal_wishes(slot, &self.id, &self.body)?;
        let sql = if kept.is_none() {
            "INSERT INTO wishes (id, version, waiting, sealed, key_slot, pseudonym)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
        } else {
            "UPDATE wishes SET version = $2, waiting = $3, sealed = $4
             WHERE id = $1 AND version = $2 - 1 AND key_slot = $5 AND pseudonym = $6"
        };
        let values = [
            Value::Text(&self.id),
            Value::Int(self.version),
            Value::Int(self.waiting),
            Value::Bytes(&sealed),
            Value::Int(int(slot)),
            Value::Bytes(&pseudonym),
        ];
        if session.execute(sql, &values).await? != 1 {
            return Ok(false);
        }
        self.delegate(session, vault.keys).await?;
        Ok(true)
    }

    /// Who may act, so that they find the people they act for.
    async fn delegate(&self, session: &mut Session<'_>, keys: &Keys) -> Result<(), StoreError> {
        let sql = "DELETE FROM delegations WHERE wishes_id = $1";
        session.execute(sql, &[Value::Text(&self.id)]).await?;
        for identity in &self.representatives {
            let identity = keys.identity(identity);
            let sql = "INSERT INTO delegations (wishes_id, who) VALUES ($1, $2)";
            let values = [Value::Text(&self.id), Value::Bytes(&identity)];
            session.execute(sql, &values).await?;
        }
        Ok(())
    }
}

/// A document as the audit finds it.
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) slot: u64,
    pub(crate) hash: String,
    /// Who may act, in order.
    pub(crate) who: Vec<Pseudonym>,
}

/// The document behind a row, if the columns say what it says.
pub(crate) fn found(row: &Row, keys: &Keys) -> Result<Found, StoreError> {
    let wishes = opened(row, keys)?;
    let record = WishesRecord::new(&wishes)?;
    let pseudonym: Vec<u8> = row.get("pseudonym")?;
    let agrees = row.get::<String>("id")? == record.id
        && row.get::<i64>("version")? == record.version
        && row.get::<i64>("waiting")? == record.waiting
        && pseudonym == keys.pseudonym(&record.person);
    if !agrees {
        let id = record.id;
        let what = format!("what a person has asked, `{id}`, differs from its own columns");
        return Err(StoreError::damaged(what));
    }
    let mut who: Vec<_> = record
        .representatives
        .iter()
        .map(|one| keys.identity(one))
        .collect();
    who.sort_unstable();
    Ok(Found {
        slot: row.number("key_slot")?,
        id: record.id,
        hash: record.body_hash,
        who,
    })
}

/// Every row from this reference on, for the audit.
pub(crate) const AFTER: &str =
    "SELECT id, version, pseudonym, key_slot, waiting, sealed FROM wishes
    WHERE id > $1 ORDER BY id LIMIT $2";

fn opened(row: &Row, keys: &Keys) -> Result<Wishes, StoreError> {
    let id: String = row.get("id")?;
    let sealed: Vec<u8> = row.get("sealed")?;
    let key = keys.get(row.number("key_slot")?)?;
    let body = key.and_then(|key| key.open(&wishes_place(&id), &sealed));
    let wishes = body.and_then(|body| serde_json::from_slice(&body).ok());
    wishes.ok_or_else(|| {
        StoreError::damaged(format!(
            "what a person has asked, `{id}`, does not open with its key"
        ))
    })
}

impl Store {
    /// What the person with this reference into the index has asked.
    pub async fn wishes_of(&self, person: &str) -> Result<Option<Wishes>, StoreError> {
        let pseudonym = self.keys.pseudonym(person);
        let of_person = [Value::Bytes(&pseudonym)];
        let found = self
            .wishes_where("WHERE pseudonym = $1", &of_person)
            .await?;
        let found = found.into_iter().next();
        match found {
            Some(wishes) if wishes.person != person => Err(StoreError::damaged(format!(
                "what a person has asked, `{}`, is filed under somebody else",
                wishes.id
            ))),
            found => Ok(found),
        }
    }

    /// The document with this reference.
    pub async fn wishes(&self, id: &str) -> Result<Option<Wishes>, StoreError> {
        if id.contains('\0') {
            return Ok(None);
        }
        let found = self
            .wishes_where("WHERE id = $1", &[Value::Text(id)])
            .await?;
        Ok(found.into_iter().next())
    }

    /// The documents of everybody for whom this identity may act.
    pub async fn wishes_delegated_to(&self, identity: &str) -> Result<Vec<Wishes>, StoreError> {
        let who = self.keys.identity(identity);
        let chosen = "WHERE id IN (SELECT wishes_id FROM delegations WHERE who = $1) ORDER BY id";
        self.wishes_where(chosen, &[Value::Bytes(&who)]).await
    }

    /// The documents in which a correction waits for an answer, at most 200.
    pub async fn wishes_waiting(&self) -> Result<Vec<Wishes>, StoreError> {
        let chosen = "WHERE waiting > 0 ORDER BY id LIMIT $1";
        self.wishes_where(chosen, &[Value::Int(LISTED_MAX)]).await
    }

    async fn wishes_where(
        &self,
        chosen: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Wishes>, StoreError> {
        let sql = sqlx::AssertSqlSafe([COLUMNS, chosen].concat());
        let rows = self.reader().await?.lend().rows(sql, values).await?;
        rows.iter().map(|row| opened(row, &self.keys)).collect()
    }
}
