//! The standing of agreement versions: written, read, and asked for at the instant of a write.

use std::collections::HashMap;

use disclosure::agreement_status::Suspension;
use disclosure::{AgreementRef, AgreementState, Standing};

use crate::commitment::digest;
use crate::record::code;
use crate::rows::{Lock, Row, Session, Value, int};
use crate::{Store, StoreError};

/// The row of an agreement version.
#[derive(Debug)]
pub(crate) struct StandingRecord {
    pub(crate) name: String,
    hash: String,
    state: &'static str,
    version: i64,
    suspension: Option<String>,
}

/// What became of the write of a standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    Done,
    /// Somebody else changed it first.
    Lost,
    /// The version's content is not the one recorded first.
    Altered,
}

impl StandingRecord {
    pub(crate) fn new(standing: &Standing) -> Result<StandingRecord, StoreError> {
        code("agreement", &standing.agreement.name)?;
        code("agreement hash", &standing.agreement.hash)?;
        let suspension = standing.suspension.as_ref().map(serde_json::to_string);
        let unstorable = |_| StoreError::Unstorable { what: "suspension" };
        Ok(StandingRecord {
            name: standing.agreement.name.clone(),
            hash: standing.agreement.hash.clone(),
            state: standing.state.code(),
            version: int(standing.version),
            suspension: suspension.transpose().map_err(unstorable)?,
        })
    }

    /// Hash of the row as it is once this is written.
    pub(crate) fn hash(&self, at: i64) -> String {
        row_hash(
            [&self.name, &self.hash, self.state],
            [self.version, at],
            self.suspension.as_deref(),
        )
    }

    pub(crate) async fn write(
        &self,
        session: &mut Session<'_>,
        at: i64,
    ) -> Result<Recorded, StoreError> {
        // The first version makes the row, every other moves it on from the version before.
        let sql = if self.version == 1 {
            "INSERT INTO agreements (name, hash, state, changed_at, version, suspension)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING"
        } else {
            "UPDATE agreements SET state = $3, changed_at = $4, version = $5, suspension = $6
             WHERE name = $1 AND hash = $2 AND version = $5 - 1"
        };
        let values = [
            Value::Text(&self.name),
            Value::Text(&self.hash),
            Value::Text(self.state),
            Value::Int(at),
            Value::Int(self.version),
            Value::OptText(self.suspension.as_deref()),
        ];
        if session.execute(sql, &values).await? == 1 {
            return Ok(Recorded::Done);
        }
        let recorded = read(session, &self.name, None).await?;
        let altered = recorded.is_some_and(|recorded| recorded.agreement.hash != self.hash);
        Ok(if altered {
            Recorded::Altered
        } else {
            Recorded::Lost
        })
    }
}

fn row_hash(texts: [&str; 3], numbers: [i64; 2], suspension: Option<&str>) -> String {
    let numbers = numbers.map(|number| number.to_string());
    let texts = texts
        .into_iter()
        .chain(numbers.iter().map(String::as_str))
        .chain(suspension);
    digest(texts)
}

/// Every row, by its name, with its hash.
pub(crate) async fn hashes(
    session: &mut Session<'_>,
) -> Result<HashMap<String, String>, StoreError> {
    let sql = "SELECT name, hash, state, version, changed_at, suspension FROM agreements";
    let rows = session.rows(sql, &[]).await?;
    let hashes = rows.iter().map(|row| {
        let text = |column| row.get::<String>(column);
        let (name, hash, state) = (text("name")?, text("hash")?, text("state")?);
        let numbers = [row.get("version")?, row.get("changed_at")?];
        let suspension: Option<String> = row.get("suspension")?;
        let hash = row_hash([&name, &hash, &state], numbers, suspension.as_deref());
        Ok((name, hash))
    });
    hashes.collect()
}

/// Whether the agreement is open, and stays so until this transaction ends (I7).
pub(crate) async fn is_open(
    session: &mut Session<'_>,
    wanted: &AgreementRef,
) -> Result<bool, StoreError> {
    let recorded = read(session, &wanted.name, Some(Lock::Share)).await?;
    Ok(recorded
        .is_some_and(|recorded| recorded.agreement.hash == wanted.hash && recorded.state.is_open()))
}

async fn read(
    session: &mut Session<'_>,
    name: &str,
    lock: Option<Lock>,
) -> Result<Option<Standing>, StoreError> {
    let select = "SELECT name, hash, state, version, suspension FROM agreements WHERE name = $1";
    let lock = lock.map_or("", |lock| session.dialect().lock(lock));
    let sql = sqlx::AssertSqlSafe([select, lock].concat());
    let row = session.row(sql, &[Value::Text(name)]).await?;
    row.map(|row| standing(&row)).transpose()
}

fn standing(row: &Row) -> Result<Standing, StoreError> {
    let name: String = row.get("name")?;
    let suspension: Option<String> = row.get("suspension")?;
    let suspension: Option<Suspension> = suspension
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|_| StoreError::damaged(format!("the suspension of `{name}` is not readable")))?;
    Ok(Standing {
        agreement: AgreementRef {
            name,
            hash: row.get("hash")?,
        },
        state: row.code("state", AgreementState::from_code)?,
        version: row.number("version")?,
        suspension,
    })
}

impl Store {
    /// What is recorded of every agreement version, in the order of their names.
    pub async fn standings(&self) -> Result<Vec<Standing>, StoreError> {
        let sql = "SELECT name, hash, state, version, suspension FROM agreements ORDER BY name";
        let mut reader = self.reader().await?;
        let rows = reader.lend().rows(sql, &[]).await?;
        rows.iter().map(standing).collect()
    }

    /// What is recorded of an agreement version. `None` if nothing ever was.
    pub async fn standing(&self, name: &str) -> Result<Option<Standing>, StoreError> {
        // PostgreSQL refuses a zero byte with an error; as a name it is simply not there.
        if name.contains('\0') {
            return Ok(None);
        }
        let mut reader = self.reader().await?;
        read(&mut reader.lend(), name, None).await
    }
}
