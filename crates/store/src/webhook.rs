//! What agencies' machines, and people by e-mail, are told: that there is something to look at, and of which case. At
//! least once each.
//!
//! As in the [outbox](crate::outbox), taking a message leases it; if whoever took it dies, it is taken again.

use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use crate::record::code;
use crate::rows::{Lock, Row, Session, Value};
use crate::session::Mark;
use crate::writer::Job;
use crate::{Store, StoreError};

/// How long a message is out of sight once it has been taken: longer than any attempt takes.
const LEASE: SignedDuration = SignedDuration::from_secs(120);
/// Most messages in a list.
const LISTED_MAX: i64 = 200;

/// Whether a message has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is to be sent, or sent again.
    Waiting,
    /// The endpoint has taken it.
    Delivered,
    /// It is not tried any more.
    Dead,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 3] = [Status::Waiting, Status::Delivered, Status::Dead];

    /// The status as a code.
    pub fn code(self) -> &'static str {
        match self {
            Status::Waiting => "waiting",
            Status::Delivered => "delivered",
            Status::Dead => "dead",
        }
    }

    /// The status with this code.
    pub fn from_code(code: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// How a message is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// To the machine of an agency.
    Webhook,
    /// To a person, by e-mail.
    Email,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 2] = [Channel::Webhook, Channel::Email];

    /// The channel as a code.
    pub fn code(self) -> &'static str {
        match self {
            Channel::Webhook => "webhook",
            Channel::Email => "email",
        }
    }

    /// The channel with this code.
    pub fn from_code(code: &str) -> Option<Channel> {
        let mut all = Channel::ALL.into_iter();
        all.find(|channel| channel.code() == code)
    }
}

/// A message to an agency's machine, or an e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// By which the receiver tells repeats.
    pub id: String,
    /// How it is told.
    pub channel: Channel,
    /// Organization code of whoever is told.
    pub organization: String,
    /// The case there is something to look at of.
    pub case_id: String,
    /// Since when.
    pub noticed_at: Timestamp,
    /// Whether it has arrived.
    pub status: Status,
    /// Attempts since it was last sent anew, the one that is being made included.
    pub attempts: u64,
    /// When it is to be tried next, while it waits.
    pub due_at: Timestamp,
    /// When it was last tried.
    pub tried_at: Option<Timestamp>,
    /// What came of that, as a code.
    pub outcome: Option<String>,
}

/// What is written of messages.
pub(crate) enum Change {
    Add(Webhook),
    Settle(Webhook),
    Again {
        organization: String,
        id: String,
        now: Timestamp,
    },
    Verify {
        organization: String,
        mark: Mark,
        now: Timestamp,
    },
    Forget {
        before: Timestamp,
    },
}

impl Store {
    /// A message is to be sent at once. Saying so again changes nothing.
    pub async fn webhook_add(
        &self,
        (channel, id): (Channel, String),
        (organization, case_id): (&str, &str),
        noticed_at: Timestamp,
    ) -> Result<(), StoreError> {
        code("webhook", &id)?;
        let webhook = Webhook {
            id,
            channel,
            organization: organization.to_owned(),
            case_id: case_id.to_owned(),
            noticed_at,
            status: Status::Waiting,
            attempts: 0,
            due_at: noticed_at,
            tried_at: None,
            outcome: None,
        };
        self.webhook_change(Change::Add(webhook)).await.map(drop)
    }

    /// Takes up to `limit` messages to an organization that are due on a channel. Nobody else gets them for two minutes.
    pub async fn webhooks_take(
        &self,
        (channel, organization): (Channel, &str),
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Webhook>, StoreError> {
        let sql = "SELECT id FROM webhooks WHERE organization = $1 AND status = 'waiting'
                   AND channel = $3 AND due_at <= $2
                   AND (leased_until IS NULL OR leased_until <= $2) LIMIT 1";
        let values = [
            Value::Text(organization),
            Value::Int(now.as_microsecond()),
            Value::Text(channel.code()),
        ];
        let mut reader = self.reader().await?;
        let any = reader.lend().row(sql, &values).await?;
        drop(reader);
        // An idle turn costs no write.
        if any.is_none() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        let due = Due {
            channel,
            organization: organization.to_owned(),
            now,
            limit,
        };
        self.submit(Job::Webhooks { due, reply }, answer).await
    }

    /// What came of an attempt: `status`, `due_at`, `tried_at` and `outcome` of the message are kept.
    pub async fn webhook_settle(&self, webhook: Webhook) -> Result<(), StoreError> {
        let settled = self.webhook_change(Change::Settle(webhook)).await;
        settled.map(drop)
    }

    /// Sends a message to this agency's machine anew, whatever came of it before. Whether there is one.
    pub async fn webhook_again(
        &self,
        organization: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if id.contains('\0') {
            return Ok(false);
        }
        let (organization, id) = (organization.to_owned(), id.to_owned());
        let again = Change::Again {
            organization,
            id,
            now,
        };
        Ok(self.webhook_change(again).await? == 1)
    }

    /// The messages to an agency's machine, the newest first; of one status, or all.
    pub async fn webhooks(
        &self,
        organization: &str,
        status: Option<Status>,
    ) -> Result<Vec<Webhook>, StoreError> {
        let sql = "SELECT * FROM webhooks WHERE organization = $1 AND channel = 'webhook' AND ($2 = '' OR status = $2)
                   ORDER BY noticed_at DESC, id LIMIT $3";
        let values = [
            Value::Text(organization),
            Value::Text(status.map_or("", Status::code)),
            Value::Int(LISTED_MAX),
        ];
        let rows = self.reader().await?.lend().rows(sql, &values).await?;
        rows.iter().map(webhook).collect()
    }

    /// How many messages there are of each channel and status, agencies together.
    pub async fn webhook_counts(&self) -> Result<Vec<(Channel, Status, u64)>, StoreError> {
        let sql =
            "SELECT channel, status, COUNT(*) AS messages FROM webhooks GROUP BY channel, status";
        let rows = self.reader().await?.lend().rows(sql, &[]).await?;
        let count = |row: &Row| {
            let status = row.code("status", Status::from_code)?;
            let channel = row.code("channel", Channel::from_code)?;
            Ok((channel, status, row.number("messages")?))
        };
        rows.iter().map(count).collect()
    }

    /// The message to this agency's machine with this reference.
    pub async fn webhook(
        &self,
        organization: &str,
        id: &str,
    ) -> Result<Option<Webhook>, StoreError> {
        let sql = "SELECT * FROM webhooks WHERE id = $1 AND channel = 'webhook'";
        let found = self.row(sql, id).await?;
        let found = found.map(|row| webhook(&row)).transpose()?;
        Ok(found.filter(|found| found.organization == organization))
    }

    /// Whether the endpoint with this mark has answered the challenge.
    pub async fn webhook_verified(
        &self,
        organization: &str,
        mark: &Mark,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT mark FROM webhook_endpoints WHERE organization = $1";
        let row = self.row(sql, organization).await?;
        let known: Option<Vec<u8>> = row.map(|row| row.get("mark")).transpose()?;
        Ok(known.is_some_and(|known| known == mark))
    }

    /// The endpoint with this mark has answered the challenge; any other of the agency has to answer one again.
    pub async fn webhook_verify(
        &self,
        organization: &str,
        mark: Mark,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let organization = organization.to_owned();
        let verify = Change::Verify {
            organization,
            mark,
            now,
        };
        self.webhook_change(verify).await.map(drop)
    }

    /// Forgets the messages from before an instant that do not wait.
    pub async fn webhooks_forget(&self, before: Timestamp) -> Result<(), StoreError> {
        let forget = self.webhook_change(Change::Forget { before }).await;
        forget.map(drop)
    }

    async fn webhook_change(&self, change: Change) -> Result<u64, StoreError> {
        let (reply, answer) = oneshot::channel();
        let change = Box::new(change);
        self.submit(Job::Webhook { change, reply }, answer).await
    }
}

/// Which messages are taken.
pub(crate) struct Due {
    channel: Channel,
    organization: String,
    now: Timestamp,
    limit: u32,
}

fn webhook(row: &Row) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        id: row.get("id")?,
        channel: row.code("channel", Channel::from_code)?,
        organization: row.get("organization")?,
        case_id: row.get("case_id")?,
        noticed_at: row.time("noticed_at")?,
        status: row.code("status", Status::from_code)?,
        attempts: row.number("attempts")?,
        due_at: row.time("due_at")?,
        tried_at: row.opt_time("tried_at")?,
        outcome: row.get("outcome")?,
    })
}

pub(crate) async fn take(session: &mut Session<'_>, due: &Due) -> Result<Vec<Webhook>, StoreError> {
    let skip = session.dialect().lock(Lock::UpdateSkipLocked);
    let sql = [
        "UPDATE webhooks SET attempts = attempts + 1, leased_until = $2 WHERE id IN (
             SELECT id FROM webhooks
             WHERE organization = $4 AND channel = $5 AND status = 'waiting' AND due_at <= $1
                   AND (leased_until IS NULL OR leased_until <= $1)
             ORDER BY due_at, id LIMIT $3",
        skip,
        ") RETURNING id, channel, organization, case_id, noticed_at, status, attempts, due_at, tried_at, outcome",
    ];
    let until = due.now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
    let values = [
        Value::Int(due.now.as_microsecond()),
        Value::Int(until.as_microsecond()),
        Value::Int(i64::from(due.limit)),
        Value::Text(&due.organization),
        Value::Text(due.channel.code()),
    ];
    let rows = session
        .rows(sqlx::AssertSqlSafe(sql.concat()), &values)
        .await?;
    let mut taken: Vec<Webhook> = rows.iter().map(webhook).collect::<Result<_, _>>()?;
    taken.sort_unstable_by(|a, b| (a.due_at, &a.id).cmp(&(b.due_at, &b.id)));
    Ok(taken)
}

/// Writes a change; the number of rows it changed.
pub(crate) async fn change(session: &mut Session<'_>, change: &Change) -> Result<u64, StoreError> {
    match change {
        Change::Add(new) => add(session, new).await,
        Change::Settle(settled) => settle(session, settled).await,
        Change::Again {
            organization,
            id,
            now,
        } => {
            let sql = "UPDATE webhooks
                       SET status = 'waiting', attempts = 0, due_at = $3, leased_until = NULL
                       WHERE organization = $1 AND id = $2 AND channel = 'webhook'";
            let values = [
                Value::Text(organization),
                Value::Text(id),
                Value::Int(now.as_microsecond()),
            ];
            session.execute(sql, &values).await
        }
        Change::Verify {
            organization,
            mark,
            now,
        } => {
            let sql = "INSERT INTO webhook_endpoints (organization, mark, verified_at)
                       VALUES ($1, $2, $3) ON CONFLICT (organization)
                       DO UPDATE SET mark = excluded.mark, verified_at = excluded.verified_at";
            let values = [
                Value::Text(organization),
                Value::Bytes(mark),
                Value::Int(now.as_microsecond()),
            ];
            session.execute(sql, &values).await
        }
        Change::Forget { before } => {
            let sql = "DELETE FROM webhooks WHERE status <> 'waiting' AND noticed_at < $1";
            let before = [Value::Int(before.as_microsecond())];
            session.execute(sql, &before).await
        }
    }
}

async fn add(session: &mut Session<'_>, new: &Webhook) -> Result<u64, StoreError> {
    let sql =
        "INSERT INTO webhooks (id, channel, organization, case_id, noticed_at, status, due_at)
               VALUES ($1, $7, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING";
    let values = [
        Value::Text(&new.id),
        Value::Text(&new.organization),
        Value::Text(&new.case_id),
        Value::Int(new.noticed_at.as_microsecond()),
        Value::Text(new.status.code()),
        Value::Int(new.due_at.as_microsecond()),
        Value::Text(new.channel.code()),
    ];
    session.execute(sql, &values).await
}

async fn settle(session: &mut Session<'_>, settled: &Webhook) -> Result<u64, StoreError> {
    let sql = "UPDATE webhooks
               SET status = $2, due_at = $3, tried_at = $4, outcome = $5, leased_until = NULL
               WHERE id = $1";
    let values = [
        Value::Text(&settled.id),
        Value::Text(settled.status.code()),
        Value::Int(settled.due_at.as_microsecond()),
        Value::OptInt(settled.tried_at.map(Timestamp::as_microsecond)),
        Value::OptText(settled.outcome.as_deref()),
    ];
    session.execute(sql, &values).await
}
