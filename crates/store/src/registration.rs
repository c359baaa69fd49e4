//! Registrations that practices made: each sealed with a key of its own, each version with its entry.

use disclosure::Registration;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::append::Batch;
use crate::record::{BODY_BYTES_MAX, code};
use crate::rows::{Row, Session, Value, int};
use crate::seal::{Vault, registration_place};
use crate::{Store, StoreError};

/// Most registrations of one practice in a list: more than a person looks through.
const LIST_MAX: i64 = 200;

/// How many registrations there are and how often they were written: two alike are of one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistrationsMark {
    /// Registrations.
    pub count: u64,
    /// Sum of their versions.
    pub writes: u64,
}

/// An approach outside the channel, as its entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approach {
    /// When it was written down.
    pub at: Timestamp,
    /// The practice, the agency, the act and the code.
    pub practice: String,
    /// Organization code of who asked.
    pub agency: String,
    /// What was asked.
    pub act: String,
    /// Published code.
    pub code: String,
}

impl Store {
    /// The registration with this reference.
    pub async fn registration(&self, id: &str) -> Result<Option<Registration>, StoreError> {
        let sql = "SELECT id, key_slot, sealed FROM registrations WHERE id = $1";
        let row = self.row(sql, id).await?;
        row.map(|row| self.unsealed(&row)).transpose()
    }

    /// A practice's registrations and refusals, the latest first, at most 200.
    pub async fn registrations(&self, practice: &str) -> Result<Vec<Registration>, StoreError> {
        let sql = "SELECT id, key_slot, sealed FROM registrations
                   WHERE practice = $1 ORDER BY registered_at DESC, id LIMIT $2";
        let values = [Value::Text(practice), Value::Int(LIST_MAX)];
        let rows = self.reader().await?.lend().rows(sql, &values).await?;
        rows.iter().map(|row| self.unsealed(row)).collect()
    }

    /// Every registration and refusal, in the order of their references.
    pub async fn every_registration(&self) -> Result<Vec<Registration>, StoreError> {
        let sql = "SELECT id, key_slot, sealed FROM registrations ORDER BY id";
        let rows = self.reader().await?.lend().rows(sql, &[]).await?;
        rows.iter().map(|row| self.unsealed(row)).collect()
    }

    /// The present state of all registrations.
    pub async fn registrations_mark(&self) -> Result<RegistrationsMark, StoreError> {
        let sql = "SELECT COUNT(*) AS count, CAST(COALESCE(SUM(version), 0) AS BIGINT) AS writes
                   FROM registrations";
        let row = self.reader().await?.lend().row(sql, &[]).await?;
        let row = row.ok_or_else(|| StoreError::damaged("a count without a row"))?;
        Ok(RegistrationsMark {
            count: row.number("count")?,
            writes: row.number("writes")?,
        })
    }

    /// Approaches outside the channel between two instants, the first of them included.
    pub async fn approaches(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Approach>, StoreError> {
        let sql = "SELECT idx FROM ledger_entries WHERE kind = 85 AND at >= $1 AND at < $2
                   ORDER BY at, idx";
        let values = [from, until].map(|at| Value::Int(at.as_microsecond()));
        let rows = self.reader().await?.lend().rows(sql, &values).await?;
        let mut approaches = Vec::with_capacity(rows.len());
        for row in &rows {
            let Some(entry) = self.entry(row.number("idx")?).await? else {
                continue;
            };
            let fact = |name| entry.fact(name).unwrap_or_default();
            approaches.push(Approach {
                at: entry.row.at,
                practice: fact("practice"),
                agency: fact("agency"),
                act: fact("act"),
                code: fact("code"),
            });
        }
        Ok(approaches)
    }

    fn unsealed(&self, row: &Row) -> Result<Registration, StoreError> {
        let id: String = row.get("id")?;
        let key = self.keys.get(row.number("key_slot")?)?;
        let sealed: Vec<u8> = row.get("sealed")?;
        let body = key.and_then(|key| key.open(&registration_place(&id), &sealed));
        let read = body.and_then(|body| serde_json::from_slice(&body).ok());
        read.ok_or_else(|| {
            StoreError::damaged(format!("registration `{id}` does not open with its key"))
        })
    }
}

/// The row of a registration. Holds the patient's details, so it does not show itself.
pub(crate) struct RegistrationRecord {
    pub(crate) id: String,
    version: u64,
    practice: String,
    registered_at: i64,
    changed_at: i64,
    body: String,
    pub(crate) body_hash: String,
}

impl RegistrationRecord {
    pub(crate) fn new(of: &Registration) -> Result<RegistrationRecord, StoreError> {
        code("registration", &of.id)?;
        code("practice", &of.practice)?;
        let what = "registration";
        let body = serde_json::to_string(of).map_err(|_| StoreError::Unstorable { what })?;
        if body.len() > BODY_BYTES_MAX {
            let (bytes, limit) = (body.len(), BODY_BYTES_MAX);
            return Err(StoreError::TooLarge { what, bytes, limit });
        }
        Ok(RegistrationRecord {
            id: of.id.clone(),
            version: of.version,
            practice: of.practice.clone(),
            registered_at: of.registered_at.as_microsecond(),
            changed_at: of.changed_at.as_microsecond(),
            body_hash: hex::encode(Sha256::digest(&body)),
            body,
        })
    }

    /// Writes the first version, or the one after that which is kept; `false` where another is.
    pub(crate) async fn write(
        &self,
        session: &mut Session<'_>,
        batch: &mut Batch<'_>,
        vault: &mut Vault<'_>,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT version, key_slot FROM registrations WHERE id = $1";
        let kept = session.row(sql, &[Value::Text(&self.id)]).await?;
        let slot = match &kept {
            None if self.version == 1 => batch.slots.allot(vault)?,
            Some(row) if row.number("version")? + 1 == self.version => row.number("key_slot")?,
            _ => return Ok(false),
        };
        let sealed = vault.seal_registration(slot, &self.id, &self.body)?;
        let sql = "INSERT INTO registrations
                       (id, version, practice, registered_at, changed_at, key_slot, sealed)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (id) DO UPDATE SET version = excluded.version,
                       changed_at = excluded.changed_at, sealed = excluded.sealed";
        let values = [
            Value::Text(&self.id),
            Value::Int(int(self.version)),
            Value::Text(&self.practice),
            Value::Int(self.registered_at),
            Value::Int(self.changed_at),
            Value::Int(int(slot)),
            Value::Bytes(&sealed),
        ];
        session.execute(sql, &values).await?;
        Ok(true)
    }

    /// Whether the columns that repeat parts of the registration still say what it says.
    pub(crate) fn agrees(&self, row: &Row) -> Result<bool, StoreError> {
        let text = |column| row.get::<String>(column);
        Ok(row.number("version")? == self.version
            && text("id")? == self.id
            && text("practice")? == self.practice
            && row.get::<i64>("registered_at")? == self.registered_at
            && row.get::<i64>("changed_at")? == self.changed_at)
    }
}
