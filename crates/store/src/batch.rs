//! Batches: which line of a file became which case, or why it became none.
//!
//! A batch is many requests, each recorded and judged alone; this is only the list of them. It holds
//! nothing that a line said.

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::record::code;
use crate::rows::{Row, Session, Value, int};
use crate::session::Mark;
use crate::writer::Job;
use crate::{Store, StoreError};

/// Most rows written or read at once.
pub const ROWS_MAX: u32 = 500;
/// Most batches in a list.
const LISTED_MAX: i64 = 200;

/// A file that an agency has handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its reference.
    pub id: String,
    /// Organization code of the agency.
    pub organization: String,
    /// Identity of who handed it in.
    pub officer: String,
    /// SHA-256 of the file.
    pub digest: Mark,
    /// When.
    pub received_at: Timestamp,
    /// Rows in the file, once all of them have been read.
    pub rows: Option<u64>,
    /// Rows recorded or refused so far.
    pub done: u64,
    /// Rows of them that became no case.
    pub faulty: u64,
    /// Line up to which every row is recorded or refused.
    pub last: u64,
}

/// What a line became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRow {
    /// Line of the file, from 1.
    pub line: u64,
    /// The case; an earlier one where the same was sent before.
    pub case_id: Option<String>,
    /// Why it became none: what is wrong with which column, and never what stands there.
    pub fault: Option<String>,
}

/// A row as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredRow {
    /// What the line became.
    pub row: BatchRow,
    /// Batch and line that the same case was recorded for first, where that is another.
    pub first: Option<(String, u64)>,
}

/// What is written of batches.
pub(crate) enum Change {
    Begin(Batch),
    Rows { id: String, rows: Vec<BatchRow> },
    End { id: String, rows: u64 },
}

impl Store {
    /// Begins a batch. Doing so again changes nothing.
    pub async fn batch_begin(&self, batch: Batch) -> Result<(), StoreError> {
        code("batch", &batch.id)?;
        code("organization", &batch.organization)?;
        self.batch_change(Change::Begin(batch)).await
    }

    /// Notes what lines became, at most [`ROWS_MAX`]. A line keeps what was noted first.
    pub async fn batch_rows(&self, id: &str, rows: Vec<BatchRow>) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.batch_change(Change::Rows { id, rows }).await
    }

    /// Every row has been read: there were so many.
    pub async fn batch_end(&self, id: &str, rows: u64) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.batch_change(Change::End { id, rows }).await
    }

    /// The batch with this reference.
    pub async fn batch(&self, id: &str) -> Result<Option<Batch>, StoreError> {
        let sql = "SELECT id, organization, officer, digest, received_at, row_count, done, faulty, last_line
                   FROM batches WHERE id = $1";
        self.row(sql, id).await?.map(|row| batch(&row)).transpose()
    }

    /// An agency's batches, the newest first.
    pub async fn batches(&self, organization: &str) -> Result<Vec<Batch>, StoreError> {
        if organization.contains('\0') {
            return Ok(Vec::new());
        }
        let sql = "SELECT id, organization, officer, digest, received_at, row_count, done, faulty, last_line
                   FROM batches WHERE organization = $1 ORDER BY received_at DESC, id LIMIT $2";
        let values = [Value::Text(organization), Value::Int(LISTED_MAX)];
        let rows = self.reader().await?.lend().rows(sql, &values).await?;
        rows.iter().map(batch).collect()
    }

    /// The rows of a batch after a line, in order, at most `limit` and [`ROWS_MAX`].
    pub async fn batch_answers(
        &self,
        id: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AnsweredRow>, StoreError> {
        let sql = "SELECT line, case_id, fault,
                       (SELECT other.batch FROM batch_rows other
                        JOIN batches ON batches.id = other.batch
                        WHERE other.case_id = mine.case_id
                        ORDER BY batches.received_at, other.batch, other.line LIMIT 1) AS first_batch,
                       (SELECT other.line FROM batch_rows other
                        JOIN batches ON batches.id = other.batch
                        WHERE other.case_id = mine.case_id
                        ORDER BY batches.received_at, other.batch, other.line LIMIT 1) AS first_line
                   FROM batch_rows mine WHERE batch = $1 AND line > $2 ORDER BY line LIMIT $3";
        let limit = i64::from(limit.min(ROWS_MAX));
        let values = [Value::Text(id), Value::Int(int(after)), Value::Int(limit)];
        let rows = self.reader().await?.lend().rows(sql, &values).await?;
        rows.iter().map(|row| answered(id, row)).collect()
    }

    /// The rows of a batch after a line that became no case, in order, at most `limit` and [`ROWS_MAX`].
    pub async fn batch_faults(
        &self,
        id: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<BatchRow>, StoreError> {
        let sql = "SELECT line, case_id, fault FROM batch_rows
                   WHERE batch = $1 AND line > $2 AND case_id IS NULL ORDER BY line LIMIT $3";
        let limit = i64::from(limit.min(ROWS_MAX));
        let values = [Value::Text(id), Value::Int(int(after)), Value::Int(limit)];
        let rows = self.reader().await?.lend().rows(sql, &values).await?;
        rows.iter().map(noted).collect()
    }

    async fn batch_change(&self, change: Change) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Batch { change, reply }, answer).await
    }
}

fn batch(row: &Row) -> Result<Batch, StoreError> {
    let digest: Vec<u8> = row.get("digest")?;
    let digest = Mark::try_from(digest);
    let rows: Option<i64> = row.get("row_count")?;
    Ok(Batch {
        id: row.get("id")?,
        organization: row.get("organization")?,
        officer: row.get("officer")?,
        digest: digest.map_err(|_| StoreError::damaged("the digest of a batch is cut"))?,
        received_at: row.time("received_at")?,
        rows: rows.map(i64::unsigned_abs),
        done: row.number("done")?,
        faulty: row.number("faulty")?,
        last: row.number("last_line")?,
    })
}

fn noted(row: &Row) -> Result<BatchRow, StoreError> {
    Ok(BatchRow {
        line: row.number("line")?,
        case_id: row.get("case_id")?,
        fault: row.get("fault")?,
    })
}

fn answered(id: &str, row: &Row) -> Result<AnsweredRow, StoreError> {
    let (batch, line): (Option<String>, Option<i64>) =
        (row.get("first_batch")?, row.get("first_line")?);
    let first = batch.zip(line.map(i64::unsigned_abs));
    let row = noted(row)?;
    let first = first.filter(|(batch, line)| batch != id || *line != row.line);
    Ok(AnsweredRow { row, first })
}

/// Writes a change.
pub(crate) async fn change(session: &mut Session<'_>, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Begin(batch) => {
            let sql = "INSERT INTO batches (id, organization, officer, digest, received_at)
                       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING";
            let values = [
                Value::Text(&batch.id),
                Value::Text(&batch.organization),
                Value::Text(&batch.officer),
                Value::Bytes(&batch.digest),
                Value::Int(batch.received_at.as_microsecond()),
            ];
            session.execute(sql, &values).await?;
        }
        Change::Rows { id, rows } => note(session, id, rows).await?,
        Change::End { id, rows } => {
            let sql = "UPDATE batches SET row_count = $2 WHERE id = $1";
            session
                .execute(sql, &[Value::Text(id), Value::Int(int(*rows))])
                .await?;
        }
    }
    Ok(())
}

/// Notes rows, and counts those that are new.
async fn note(session: &mut Session<'_>, id: &str, rows: &[BatchRow]) -> Result<(), StoreError> {
    let sql = "INSERT INTO batch_rows (batch, line, case_id, fault)
               VALUES ($1, $2, $3, $4) ON CONFLICT (batch, line) DO NOTHING";
    let (mut done, mut faulty, mut last) = (0, 0, 0);
    for row in rows {
        let values = [
            Value::Text(id),
            Value::Int(int(row.line)),
            Value::OptText(row.case_id.as_deref()),
            Value::OptText(row.fault.as_deref()),
        ];
        let new = session.execute(sql, &values).await?;
        done += new;
        faulty += if row.case_id.is_none() { new } else { 0 };
        last = last.max(row.line);
    }
    let sql = "UPDATE batches SET done = done + $2, faulty = faulty + $3,
                   last_line = CASE WHEN last_line < $4 THEN $4 ELSE last_line END
               WHERE id = $1";
    let counts = [done, faulty, last].map(|count| Value::Int(int(count)));
    let [done, faulty, last] = counts;
    session
        .execute(sql, &[Value::Text(id), done, faulty, last])
        .await?;
    Ok(())
}
