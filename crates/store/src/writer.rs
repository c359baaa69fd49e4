//! The one writer: takes what waits, writes it in one transaction, answers after the commit.
//!
//! One commit costs one flush of the disk, whatever it holds; so the busier the gate, the more
//! transitions share each flush. Every transition is still checked on its own.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::{Connection as _, PgPool, SqliteConnection};
use tokio::sync::{mpsc, oneshot, watch};

use crate::StoreError;
use crate::account;
use crate::append::Batch;
use crate::apply::{Applied, Write};
use crate::batch;
use crate::draft::DraftChange;
use crate::keys::Keys;
use crate::once::Use;
use crate::open::Chance;
use crate::outbox::{self, Delivery};
use crate::rows::{Session, Tx};
use crate::seal::Vault;
use crate::session;
use crate::webhook::{self, Webhook};

/// Most jobs in one transaction: 256 writes, with two statements of 20 us each, keep whoever waits for
/// the first of them waiting for 10 ms.
const BATCH_MAX: usize = 256;
/// Jobs that may wait; callers beyond them wait at the door.
const QUEUE_MAX: usize = 4 * BATCH_MAX;
/// How often a transaction that lost against another node is tried again, with pauses of 5, 10, 20 ...
/// ms: 8 times are 1.3 s in all.
const RETRIES_MAX: u32 = 8;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to write.
pub(crate) enum Job {
    Apply {
        write: Box<Write>,
        reply: Reply<Applied>,
    },
    Draft {
        change: DraftChange,
        reply: Reply<()>,
    },
    Take {
        now: Timestamp,
        limit: u32,
        reply: Reply<Vec<Delivery>>,
    },
    Done {
        id: i64,
        now: Timestamp,
        reply: Reply<()>,
    },
    Retry {
        id: i64,
        now: Timestamp,
        reply: Reply<()>,
    },
    Recover {
        reply: Reply<()>,
    },
    Session {
        change: Box<session::Change>,
        reply: Reply<u64>,
    },
    Batch {
        change: batch::Change,
        reply: Reply<()>,
    },
    Webhook {
        change: Box<webhook::Change>,
        reply: Reply<u64>,
    },
    Webhooks {
        due: webhook::Due,
        reply: Reply<Vec<Webhook>>,
    },
    Once {
        used: Use,
        reply: Reply<u64>,
    },
    Account {
        keep: Box<account::Keep>,
        reply: Reply<u64>,
    },
    Close {
        reply: Reply<()>,
    },
}

/// What became of a job, before the commit.
enum Outcome {
    Applied(Result<Applied, StoreError>),
    Taken(Vec<Delivery>),
    Webhooks(Vec<Webhook>),
    Counted(u64),
    Drafted(Result<(), StoreError>),
    Finished,
}

/// Where is written to.
pub(crate) enum WriteEnd {
    Sqlite(Box<SqliteConnection>),
    Postgres(PgPool),
}

struct Writer {
    end: WriteEnd,
    keys: Arc<Keys>,
    chance: Chance,
    size: watch::Sender<u64>,
    /// Set once memory and disk may disagree; nothing is written from then on.
    stopped: Option<StoreError>,
}

/// Starts the writer. It ends when told to, or when every sender is gone.
pub(crate) fn start(
    end: WriteEnd,
    keys: Arc<Keys>,
    chance: Chance,
) -> (mpsc::Sender<Job>, watch::Receiver<u64>) {
    let (sender, queue) = mpsc::channel(QUEUE_MAX);
    let (size, written) = watch::channel(0);
    let writer = Writer {
        end,
        keys,
        chance,
        size,
        stopped: None,
    };
    tokio::spawn(writer.serve(queue));
    (sender, written)
}

impl Writer {
    async fn serve(mut self, mut queue: mpsc::Receiver<Job>) {
        let mut jobs = Vec::with_capacity(BATCH_MAX);
        let mut closing = None;
        while closing.is_none() && queue.recv_many(&mut jobs, BATCH_MAX).await > 0 {
            closing = take_close(&mut jobs);
            if closing.is_some() {
                // What had been sent before the closing is still written.
                queue.close();
            }
            self.write(std::mem::take(&mut jobs)).await;
        }
        while queue.recv_many(&mut jobs, BATCH_MAX).await > 0 {
            drop(take_close(&mut jobs));
            self.write(std::mem::take(&mut jobs)).await;
        }
        let closed = self.end.close().await;
        if let Some(reply) = closing {
            drop(reply.send(closed));
        }
    }

    /// Writes a batch and answers each job.
    async fn write(&mut self, jobs: Vec<Job>) {
        if let Some(stopped) = self.stopped.clone() {
            return jobs.into_iter().for_each(|job| job.fail(&stopped));
        }
        match self.transact(&jobs).await {
            Ok(outcomes) => answer(jobs, outcomes),
            Err(error) if jobs.len() > 1 && error.is_about_the_data() => {
                self.write_singly(jobs).await;
            }
            Err(error) => self.fail(jobs, &error),
        }
    }

    /// One job has made the whole batch fail: each gets a transaction of its own.
    async fn write_singly(&mut self, jobs: Vec<Job>) {
        for job in jobs {
            let job = vec![job];
            match self.transact(&job).await {
                Ok(outcomes) => answer(job, outcomes),
                Err(error) => self.fail(job, &error),
            }
        }
    }

    fn fail(&mut self, jobs: Vec<Job>, error: &StoreError) {
        if error.is_fatal() {
            tracing::error!(%error, "the store has stopped writing");
            self.stopped = Some(error.clone());
        }
        jobs.into_iter().for_each(|job| job.fail(error));
    }

    /// The one transaction function: begins, runs, commits, and tries again where another node won.
    async fn transact(&mut self, jobs: &[Job]) -> Result<Vec<Outcome>, StoreError> {
        if let Some(stopped) = self.stopped.clone() {
            return Err(stopped);
        }
        let mut attempt = 0;
        loop {
            match self.attempt(jobs).await {
                Err(error) if error.is_transient() && attempt < RETRIES_MAX => {
                    attempt += 1;
                    let pause = Duration::from_millis(5 << (attempt - 1));
                    tracing::debug!(transaction = name(jobs), attempt, "trying again");
                    tokio::time::sleep(pause).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt(&mut self, jobs: &[Job]) -> Result<Vec<Outcome>, StoreError> {
        let mut tx = self.end.begin(name(jobs)).await?;
        let mut session = tx.lend();
        let mut vault = Vault::new(&self.keys, &mut self.chance);
        let writes: Vec<&Write> = jobs.iter().filter_map(Job::write).collect();
        let mut batch = match jobs.iter().any(Job::needs_batch) {
            true => Some(Batch::begin(&mut session, &writes, &self.keys).await?),
            false => None,
        };
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in jobs {
            outcomes.push(job.run(&mut session, batch.as_mut(), &mut vault).await?);
        }
        if let Some(batch) = &mut batch {
            batch.flush(&mut session, &mut vault).await?;
        }
        tracing::trace!(transaction = name(jobs), "commits");
        tx.commit().await?;
        tracing::trace!(transaction = name(jobs), "has committed");
        if let Some(batch) = batch {
            // What the log says is erased is gone before anybody is told so.
            self.keys.destroy(&batch.destroyed())?;
            if batch.has_grown() {
                self.size.send_replace(batch.size());
            }
        }
        Ok(outcomes)
    }
}

/// The name of the transaction, for logs and for the server's list of sessions.
fn name(jobs: &[Job]) -> &'static str {
    if jobs.iter().any(Job::needs_batch) {
        "apply"
    } else {
        "outbox"
    }
}

/// Takes the first request to close out of the jobs.
fn take_close(jobs: &mut Vec<Job>) -> Option<Reply<()>> {
    let at = jobs
        .iter()
        .position(|job| matches!(job, Job::Close { .. }))?;
    match jobs.remove(at) {
        Job::Close { reply } => Some(reply),
        _ => None,
    }
}

fn answer(jobs: Vec<Job>, outcomes: Vec<Outcome>) {
    // Whoever no longer waits for an answer does not get one; the write stands.
    for (job, outcome) in jobs.into_iter().zip(outcomes) {
        match (job, outcome) {
            (Job::Apply { reply, .. }, Outcome::Applied(applied)) => drop(reply.send(applied)),
            (Job::Take { reply, .. }, Outcome::Taken(taken)) => drop(reply.send(Ok(taken))),
            (
                Job::Session { reply, .. }
                | Job::Once { reply, .. }
                | Job::Account { reply, .. }
                | Job::Webhook { reply, .. },
                Outcome::Counted(count),
            ) => {
                drop(reply.send(Ok(count)));
            }
            (Job::Webhooks { reply, .. }, Outcome::Webhooks(taken)) => drop(reply.send(Ok(taken))),
            (Job::Draft { reply, .. }, Outcome::Drafted(kept)) => drop(reply.send(kept)),
            (job, _) => job.finish(Ok(())),
        }
    }
}

impl Job {
    fn write(&self) -> Option<&Write> {
        match self {
            Job::Apply { write, .. } => Some(write),
            _ => None,
        }
    }

    /// Whether it needs the head of the ledger, where the next free key is noted.
    fn needs_batch(&self) -> bool {
        matches!(self, Job::Apply { .. } | Job::Draft { .. })
    }

    async fn run<'j>(
        &'j self,
        session: &mut Session<'_>,
        batch: Option<&mut Batch<'j>>,
        vault: &mut Vault<'_>,
    ) -> Result<Outcome, StoreError> {
        match self {
            Job::Apply { write, .. } => {
                // INVARIANT: whoever holds a write has begun a batch.
                let batch = batch.ok_or(StoreError::Closed)?;
                return Ok(Outcome::Applied(write.run(session, batch, vault).await?));
            }
            Job::Draft { change, .. } => {
                let batch = batch.ok_or(StoreError::Closed)?;
                return Ok(Outcome::Drafted(change.run(session, batch, vault).await?));
            }
            Job::Take { now, limit, .. } => {
                return Ok(Outcome::Taken(outbox::take(session, *now, *limit).await?));
            }
            Job::Done { id, now, .. } => outbox::done(session, *id, *now).await?,
            Job::Retry { id, now, .. } => outbox::retry(session, *id, *now).await?,
            Job::Recover { .. } => outbox::recover(session).await?,
            Job::Session { change, .. } => {
                let changed = session::change(session, change, vault).await?;
                return Ok(Outcome::Counted(changed));
            }
            Job::Batch { change, .. } => batch::change(session, change).await?,
            Job::Webhook { change, .. } => {
                return Ok(Outcome::Counted(webhook::change(session, change).await?));
            }
            Job::Webhooks { due, .. } => {
                return Ok(Outcome::Webhooks(webhook::take(session, due).await?));
            }
            Job::Once { used, .. } => return Ok(Outcome::Counted(used.run(session).await?)),
            Job::Account { keep, .. } => {
                let kept = account::keep(session, keep, vault).await?;
                return Ok(Outcome::Counted(kept));
            }
            Job::Close { .. } => {}
        }
        Ok(Outcome::Finished)
    }

    fn fail(self, error: &StoreError) {
        match self {
            Job::Apply { reply, .. } => drop(reply.send(Err(error.clone()))),
            Job::Take { reply, .. } => drop(reply.send(Err(error.clone()))),
            Job::Session { reply, .. }
            | Job::Once { reply, .. }
            | Job::Account { reply, .. }
            | Job::Webhook { reply, .. } => drop(reply.send(Err(error.clone()))),
            Job::Webhooks { reply, .. } => drop(reply.send(Err(error.clone()))),
            job => job.finish(Err(error.clone())),
        }
    }

    fn finish(self, outcome: Result<(), StoreError>) {
        match self {
            Job::Done { reply, .. }
            | Job::Retry { reply, .. }
            | Job::Draft { reply, .. }
            | Job::Recover { reply }
            | Job::Batch { reply, .. }
            | Job::Close { reply } => drop(reply.send(outcome)),
            Job::Apply { .. }
            | Job::Take { .. }
            | Job::Session { .. }
            | Job::Once { .. }
            | Job::Webhook { .. }
            | Job::Webhooks { .. }
            | Job::Account { .. } => {}
        }
    }
}

impl WriteEnd {
    async fn begin(&mut self, name: &'static str) -> Result<Tx<'_>, StoreError> {
        tracing::trace!(transaction = name, "begins");
        match self {
            WriteEnd::Sqlite(connection) => {
                Ok(Tx::Sqlite(connection.begin_with("BEGIN IMMEDIATE").await?))
            }
            WriteEnd::Postgres(pool) => {
                let begin = match name {
                    "apply" => "BEGIN; SET LOCAL application_name = 'tracegate apply'",
                    _ => "BEGIN; SET LOCAL application_name = 'tracegate outbox'",
                };
                Ok(Tx::Postgres(pool.begin_with(begin).await?))
            }
        }
    }

    async fn close(self) -> Result<(), StoreError> {
        match self {
            WriteEnd::Sqlite(connection) => Ok(connection.close().await?),
            WriteEnd::Postgres(_) => Ok(()),
        }
    }
}
