//! The delivery lease: nothing sent under an agreement is still on its way once a change of that
//! agreement has been acknowledged (I7, for the bytes and not only for the rows).
//!
//! Whoever sends holds the lease of the agreement around *authorise and send*: the authorising write
//! rechecks the agreement inside its own transaction, and the lease outlives the sending. Whoever
//! changes an agreement writes first, which stops every later authorisation, and then waits here
//! until the leases taken before have ended. A lease ends by itself, so nobody can hold up a
//! suspension by reading slowly: from [`SEND_SECONDS_MAX`] on nothing more may be handed over, and
//! what was handed over has [`FLUSH_SECONDS_MAX`] to reach the network.
//!
//! PostgreSQL holds leases as shared advisory locks, so that they count across nodes; they need one
//! connection each. An SQLite file is served by one process, so a lock in memory is enough.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, Postgres, Transaction};
use tokio::sync::{OwnedRwLockReadGuard, RwLock, oneshot};
use tokio::time::timeout;

use crate::rows::{Session, Value};
use crate::{Store, StoreError};

/// Longest time between taking a lease and handing over the last byte: a record of one person is a
/// few kilobytes, and the write that authorises it takes milliseconds.
pub const SEND_SECONDS_MAX: u64 = 10;
/// Longest time that bytes handed over may take to leave this process.
pub const FLUSH_SECONDS_MAX: u64 = 5;
/// Deliveries at once on one node: at 20 ms each, 400 a second.
const AT_ONCE_MAX: u32 = 8;
/// A lease waits at most for the leases before a change, and that change.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '20s'";

/// The leases of a store.
#[derive(Clone)]
pub(crate) enum Deliveries {
    Sqlite(Arc<Mutex<HashMap<String, Arc<RwLock<()>>>>>),
    Postgres(PgPool),
}

/// What keeps a change of the agreement waiting.
enum Hold {
    Sqlite(OwnedRwLockReadGuard<()>),
    Postgres(Transaction<'static, Postgres>),
}

/// Leave to send under one agreement. Ends when dropped, or by itself.
#[derive(Debug)]
pub struct Lease {
    late: Arc<AtomicBool>,
    _release: oneshot::Sender<Infallible>,
}

impl Lease {
    /// Whether bytes may still be handed over.
    pub fn is_live(&self) -> bool {
        !self.late.load(Ordering::Acquire)
    }

    fn keep(hold: Hold) -> Lease {
        let late = Arc::new(AtomicBool::new(false));
        let (release, released) = oneshot::channel();
        tokio::spawn(expire(hold, released, Arc::clone(&late)));
        Lease {
            late,
            _release: release,
        }
    }
}

/// Keeps what is held until the lease is dropped or has run out.
async fn expire(hold: Hold, mut released: oneshot::Receiver<Infallible>, late: Arc<AtomicBool>) {
    let sending = Duration::from_secs(SEND_SECONDS_MAX);
    if timeout(sending, &mut released).await.is_err() {
        late.store(true, Ordering::Release);
        let flushing = Duration::from_secs(FLUSH_SECONDS_MAX);
        drop(timeout(flushing, released).await);
    }
    match hold {
        Hold::Sqlite(guard) => drop(guard),
        // A connection that breaks gives its locks back as well.
        Hold::Postgres(tx) => drop(tx.rollback().await),
    }
}

impl Store {
    /// Takes the lease to send under this agreement (`AGREEMENT/VERSION`). Take it before the write
    /// that authorises, and keep it until the last byte has been handed over.
    pub async fn deliver(&self, agreement: &str) -> Result<Lease, StoreError> {
        Ok(Lease::keep(self.deliveries.hold(agreement).await?))
    }
}

impl Deliveries {
    pub(crate) fn sqlite() -> Deliveries {
        Deliveries::Sqlite(Arc::default())
    }

    /// A pool of its own: a delivery that waits for a writing connection must never wait for
    /// another delivery.
    pub(crate) fn postgres(pool: &PgPool) -> Deliveries {
        let options = pool.connect_options().as_ref().clone();
        let leases = PgPoolOptions::new()
            .max_connections(AT_ONCE_MAX)
            .acquire_timeout(Duration::from_secs(SEND_SECONDS_MAX + FLUSH_SECONDS_MAX));
        Deliveries::Postgres(
            leases.connect_lazy_with(options.application_name("tracegate delivery")),
        )
    }

    async fn hold(&self, agreement: &str) -> Result<Hold, StoreError> {
        match self {
            Deliveries::Sqlite(locks) => {
                let lock = lock_of(locks, agreement);
                Ok(Hold::Sqlite(lock.read_owned().await))
            }
            Deliveries::Postgres(pool) => {
                let shared = "SELECT pg_advisory_xact_lock_shared($1)";
                Ok(Hold::Postgres(lock(pool, shared, agreement).await?))
            }
        }
    }

    /// Waits until every lease taken before now has ended.
    pub(crate) async fn settle(&self, agreement: &str) -> Result<(), StoreError> {
        match self {
            Deliveries::Sqlite(locks) => drop(lock_of(locks, agreement).write().await),
            Deliveries::Postgres(pool) => {
                let alone = "SELECT pg_advisory_xact_lock($1)";
                lock(pool, alone, agreement).await?.rollback().await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn close(&self) {
        if let Deliveries::Postgres(pool) = self {
            pool.close().await;
        }
    }
}

/// The lock of one agreement. There are as many as there are agreement versions.
fn lock_of(locks: &Mutex<HashMap<String, Arc<RwLock<()>>>>, agreement: &str) -> Arc<RwLock<()>> {
    let mut locks = locks.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(locks.entry(agreement.to_owned()).or_default())
}

async fn lock(
    pool: &PgPool,
    sql: &'static str,
    agreement: &str,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    let mut tx = pool.begin().await?;
    let mut session = Session::Postgres(&mut tx);
    session.script(LOCK_TIMEOUT).await?;
    session
        .rows(sql, &[Value::Int(lock_number(agreement))])
        .await?;
    Ok(tx)
}

/// Number of the advisory lock. Two agreements that share one only wait for each other.
fn lock_number(agreement: &str) -> i64 {
    let digest = Sha256::digest(["tracegate delivery ", agreement].concat());
    let first = digest.first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(first)
}
