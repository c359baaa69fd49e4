//! Messages to send after a write: at least once, in no promised order.
//!
//! A message stays until it is marked as done. Taking it leases it for a while; if whoever took it
//! dies, the lease runs out and it is taken again.

use disclosure::Message;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use crate::rows::{Lock, Row, Session, Value};
use crate::writer::Job;
use crate::{Store, StoreError};

/// How long a message is out of sight once it has been taken: longer than any step takes.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Pause after the first failure; it doubles with each further one.
const BACK_OFF_FIRST: SignedDuration = SignedDuration::from_secs(5);
/// Longest pause: a message is never given up.
const BACK_OFF_MAX: SignedDuration = SignedDuration::from_hours(1);

/// A message to act on. Then call [`Store::outbox_done`] or [`Store::outbox_retry`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Number of the message.
    pub id: i64,
    /// What to do or to send.
    pub message: Message,
    /// How often it has been taken, this time included.
    pub attempts: u64,
}

impl Store {
    /// Takes up to `limit` messages that are due. Nobody else gets them for a minute.
    pub async fn outbox_take(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Take { now, limit, reply }, answer).await
    }

    /// Marks a message as done; it is never taken again. Doing so twice does no harm.
    pub async fn outbox_done(&self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Done { id, now, reply }, answer).await
    }

    /// Gives a message back after a failure. It is due again after a pause that doubles each time,
    /// from 5 seconds to an hour.
    pub async fn outbox_retry(&self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Retry { id, now, reply }, answer).await
    }

    /// Ends every lease, so that work left behind by a process that died is taken up at once.
    /// For the one process that serves an SQLite file, when it starts; does nothing on PostgreSQL, where
    /// the leases may be those of a living node.
    pub async fn outbox_recover(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Recover { reply }, answer).await
    }

    /// The earliest instant at which a message will be due; `None` when none waits.
    pub async fn outbox_next(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut reader = self.reader().await?;
        let sql = "SELECT CASE WHEN leased_until > not_before THEN leased_until ELSE not_before END
                       AS due
                   FROM outbox WHERE done_at IS NULL ORDER BY due LIMIT 1";
        let row = reader.lend().row(sql, &[]).await?;
        row.map(|row| row.time("due")).transpose()
    }
}

pub(crate) async fn take(
    session: &mut Session<'_>,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Delivery>, StoreError> {
    let skip = session.dialect().lock(Lock::UpdateSkipLocked);
    let sql = [
        "UPDATE outbox SET attempts = attempts + 1, leased_until = $2 WHERE id IN (
             SELECT id FROM outbox
             WHERE done_at IS NULL AND not_before <= $1
                   AND (leased_until IS NULL OR leased_until <= $1)
             ORDER BY not_before, id LIMIT $3",
        skip,
        ") RETURNING id, body, attempts",
    ];
    let values = [
        Value::Int(now.as_microsecond()),
        Value::Int(later(now, LEASE).as_microsecond()),
        Value::Int(i64::from(limit)),
    ];
    let rows = session
        .rows(sqlx::AssertSqlSafe(sql.concat()), &values)
        .await?;
    let mut taken: Vec<Delivery> = rows.iter().map(delivery).collect::<Result<_, _>>()?;
    taken.sort_unstable_by_key(|delivery| delivery.id);
    Ok(taken)
}

fn delivery(row: &Row) -> Result<Delivery, StoreError> {
    let id = row.get("id")?;
    let body: String = row.get("body")?;
    let message = serde_json::from_str(&body)
        .map_err(|_| StoreError::damaged(format!("message {id} of the outbox is not readable")))?;
    Ok(Delivery {
        id,
        message,
        attempts: row.number("attempts")?,
    })
}

pub(crate) async fn done(
    session: &mut Session<'_>,
    id: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET done_at = $2, leased_until = NULL
               WHERE id = $1 AND done_at IS NULL";
    session
        .execute(sql, &[Value::Int(id), Value::Int(now.as_microsecond())])
        .await?;
    Ok(())
}

pub(crate) async fn retry(
    session: &mut Session<'_>,
    id: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let select = "SELECT attempts FROM outbox WHERE id = $1 AND done_at IS NULL";
    let Some(row) = session.row(select, &[Value::Int(id)]).await? else {
        return Ok(());
    };
    let due = later(now, back_off(row.number("attempts")?));
    let sql = "UPDATE outbox SET not_before = $2, leased_until = NULL WHERE id = $1";
    session
        .execute(sql, &[Value::Int(id), Value::Int(due.as_microsecond())])
        .await?;
    Ok(())
}

pub(crate) async fn recover(session: &mut Session<'_>) -> Result<(), StoreError> {
    match session {
        Session::Sqlite(_) => {
            let sql = "UPDATE outbox SET leased_until = NULL
                       WHERE done_at IS NULL AND leased_until IS NOT NULL";
            session.execute(sql, &[]).await?;
            let sql = "UPDATE webhooks SET leased_until = NULL WHERE leased_until IS NOT NULL";
            session.execute(sql, &[]).await?;
        }
        Session::Postgres(_) => {}
    }
    Ok(())
}

fn back_off(attempts: u64) -> SignedDuration {
    let doublings = u32::try_from(attempts.saturating_sub(1))
        .unwrap_or(u32::MAX)
        .min(20);
    BACK_OFF_FIRST
        .saturating_mul(1 << doublings)
        .min(BACK_OFF_MAX)
}

fn later(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}
