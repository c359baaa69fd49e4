//! Opening a store: SQLite by path, PostgreSQL by URL.

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection as _, PgPool, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot, watch};

use crate::StoreError;
use crate::delivery::Deliveries;
use crate::keys::Keys;
use crate::migrate::{self, Upgrade};
use crate::rows::{Connection, Session, Tx, Value};
use crate::writer::{self, Job, WriteEnd};

/// Fills a salt with fresh random bytes.
pub type Chance = Box<dyn FnMut(&mut [u8; 32]) + Send>;

/// Connections for reading. Reads are short; more would only queue for the disk.
const READERS_MAX: u32 = 8;
/// How long a statement waits for another process that writes to the same file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a read waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// A file up to this size is read through once when it is opened: 256 MiB at 500 MB/s is half a
/// second. Larger ones are left to [`Store::check`].
const CHECK_BYTES_MAX: u64 = 256 << 20;

/// The one place where cases, ledger entries and messages are kept. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    readers: Readers,
    pub(crate) keys: Arc<Keys>,
    pub(crate) deliveries: Deliveries,
    pub(crate) jobs: mpsc::Sender<Job>,
    size: watch::Receiver<u64>,
}

/// The closed pair of databases.
#[derive(Clone)]
enum Readers {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Store {
    /// Opens the database at `location`, or makes a new one: a `postgres://` URL, or the path of an
    /// SQLite file. `keys` is the file of keys that belongs to it, made with a new database; no backup
    /// of the database may hold it. `chance` fills salts and keys.
    ///
    /// A schema that is older, newer or altered is refused; so is a damaged file, which is left
    /// as it is.
    pub async fn open(location: &str, keys: &Path, chance: Chance) -> Result<Store, StoreError> {
        Store::open_with(location, keys, chance, Upgrade::OnlyIfEmpty).await
    }

    /// As [`Store::open`], and brings an older schema up to date first.
    pub async fn migrate(location: &str, keys: &Path, chance: Chance) -> Result<Store, StoreError> {
        Store::open_with(location, keys, chance, Upgrade::All).await
    }

    async fn open_with(
        location: &str,
        keys: &Path,
        mut chance: Chance,
        upgrade: Upgrade,
    ) -> Result<Store, StoreError> {
        let mut setup = Setup {
            upgrade,
            keys,
            chance: &mut chance,
        };
        let (readers, write_end, deliveries, keys) = if is_postgres(location) {
            let (pool, keys) = open_postgres(location, &mut setup).await?;
            let leases = Deliveries::postgres(&pool);
            let write_end = WriteEnd::Postgres(pool.clone());
            (Readers::Postgres(pool), write_end, leases, keys)
        } else {
            let path = PathBuf::from(location.strip_prefix("sqlite:").unwrap_or(location));
            let (readers, writer, keys) = open_sqlite(&path, &mut setup).await?;
            let write_end = WriteEnd::Sqlite(Box::new(writer));
            let readers = Readers::Sqlite(readers);
            (readers, write_end, Deliveries::sqlite(), keys)
        };
        let keys = Arc::new(keys);
        let (jobs, size) = writer::start(write_end, Arc::clone(&keys), chance);
        let store = Store {
            readers,
            keys,
            deliveries,
            jobs,
            size,
        };
        store.check_head().await?;
        store.destroy_erased().await?;
        Ok(store)
    }

    /// Tells when entries have been written: the value is the size of the ledger.
    /// It starts at 0 and sees this process's writes only; wake up by a timer as well.
    pub fn written(&self) -> watch::Receiver<u64> {
        self.size.clone()
    }

    /// Finishes every write that waits and closes the database. Reads fail from now on.
    pub async fn close(&self) -> Result<(), StoreError> {
        // The last to leave an SQLite file tidies it up, and a reader may not.
        if let Readers::Sqlite(pool) = &self.readers {
            pool.close().await;
        }
        let (reply, closed) = oneshot::channel();
        let outcome = match self.jobs.send(Job::Close { reply }).await {
            Ok(()) => closed.await.unwrap_or(Ok(())),
            Err(_) => Ok(()),
        };
        self.deliveries.close().await;
        if let Readers::Postgres(pool) = &self.readers {
            pool.close().await;
        }
        outcome
    }

    /// A connection for reading.
    pub(crate) async fn reader(&self) -> Result<Connection, StoreError> {
        match &self.readers {
            Readers::Sqlite(pool) => Ok(Connection::Sqlite(pool.acquire().await?)),
            Readers::Postgres(pool) => Ok(Connection::Postgres(pool.acquire().await?)),
        }
    }

    /// A transaction that reads what is committed now, whatever is written meanwhile.
    pub(crate) async fn snapshot(&self) -> Result<Tx<'static>, StoreError> {
        Ok(match &self.readers {
            Readers::Sqlite(pool) => Tx::Sqlite(pool.begin_with("BEGIN").await?),
            Readers::Postgres(pool) => Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        })
    }

    /// Hands a job to the writer and waits for its answer.
    pub(crate) async fn submit<T>(
        &self,
        job: Job,
        answer: oneshot::Receiver<Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// What opening needs besides the place.
struct Setup<'s> {
    upgrade: Upgrade,
    keys: &'s Path,
    chance: &'s mut Chance,
}

impl Setup<'_> {
    async fn prepare(
        &mut self,
        session: &mut Session<'_>,
        shown: &str,
    ) -> Result<Keys, StoreError> {
        migrate::prepare(session, shown, self.upgrade, self.keys, self.chance).await
    }
}

fn is_postgres(location: &str) -> bool {
    location.starts_with("postgres://") || location.starts_with("postgresql://")
}

pub(crate) fn cannot_open(location: &str, reason: impl Display) -> StoreError {
    StoreError::Open {
        location: location.to_owned(),
        reason: reason.to_string(),
    }
}

async fn open_postgres(url: &str, setup: &mut Setup<'_>) -> Result<(PgPool, Keys), StoreError> {
    let options =
        PgConnectOptions::from_str(url).map_err(|error| cannot_open("postgres", error))?;
    // The URL may hold a password, so messages name host and database only.
    let shown = format!(
        "{}/{}",
        options.get_host(),
        options.get_database().unwrap_or_default()
    );
    let pool = PgPoolOptions::new()
        .max_connections(READERS_MAX + 1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.application_name("tracegate"))
        .await
        .map_err(|error| cannot_open(&shown, error))?;
    let mut tx = pool.begin().await?;
    let mut session = Session::Postgres(&mut tx);
    durable(&mut session, &shown).await?;
    let keys = setup.prepare(&mut session, &shown).await?;
    tx.commit().await?;
    Ok((pool, keys))
}

/// A server that acknowledges before it has written would lose acknowledged events.
async fn durable(session: &mut Session<'_>, shown: &str) -> Result<(), StoreError> {
    let sql = "SELECT setting FROM pg_settings WHERE name = $1";
    let row = session
        .row(sql, &[Value::Text("synchronous_commit")])
        .await?;
    let setting: Option<String> = row.map(|row| row.get("setting")).transpose()?;
    if setting.as_deref() == Some("off") {
        let reason = "`synchronous_commit` is off, acknowledged events could be lost; turn it on";
        return Err(cannot_open(shown, reason));
    }
    Ok(())
}

/// Opens in four moves: make the file, set it up, bring up its schema, open the readers.
async fn open_sqlite(
    path: &Path,
    setup: &mut Setup<'_>,
) -> Result<(SqlitePool, SqliteConnection, Keys), StoreError> {
    let shown = path.display().to_string();
    if !path.exists() {
        create_sqlite(path, setup).await?;
    }
    let size = fs::metadata(path)
        .map_err(|error| cannot_open(&shown, error))?
        .len();
    if size == 0 {
        return Err(StoreError::damaged(format!("`{shown}` is empty")));
    }
    let mut writer = connect_sqlite(path).await?;
    if size <= CHECK_BYTES_MAX {
        quick_check(&mut Session::Sqlite(&mut writer)).await?;
    }
    let keys = prepare_sqlite(&mut writer, &shown, setup).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(sqlite_options(path).read_only(true))
        .await?;
    Ok((readers, writer, keys))
}

/// Makes the file complete under another name first, so that a file under its own name that is
/// empty or half made is always a damage and never a new database.
async fn create_sqlite(path: &Path, setup: &mut Setup<'_>) -> Result<(), StoreError> {
    let shown = path.display().to_string();
    if beside(path, "-wal").exists() {
        return Err(StoreError::damaged(format!(
            "`{shown}` is missing beside its `-wal` file"
        )));
    }
    let draft = beside(path, &format!("-new-{}", std::process::id()));
    for leftover in [
        draft.clone(),
        beside(&draft, "-wal"),
        beside(&draft, "-shm"),
    ] {
        // Nothing under this name has ever been a database in use.
        drop(fs::remove_file(leftover));
    }
    create_private(&draft).map_err(|error| cannot_open(&shown, error))?;
    let mut connection = connect_sqlite(&draft).await?;
    prepare_sqlite(&mut connection, &shown, setup).await?;
    connection.close().await?;
    // A link, unlike a rename, fails when another process has been quicker.
    let linked = fs::hard_link(&draft, path).and_then(|()| fs::remove_file(&draft));
    linked.map_err(|error| cannot_open(&shown, error))?;
    sync_folder(path).map_err(|error| cannot_open(&shown, error))
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The file holds personal data: only its owner may read it. SQLite gives its helper files the same mode.
pub(crate) fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.sync_all()
}

pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
}

/// The writer's connection. `EXTRA` holds while the journal mode changes, `FULL` from then on:
/// an acknowledged event must survive a power cut. The journal is folded into the file every 16 MiB, a
/// dozen full batches, and what they touch fits into 64 MiB of memory.
pub(crate) async fn connect_sqlite(path: &Path) -> Result<SqliteConnection, StoreError> {
    let shown = path.display().to_string();
    let mut connection = SqliteConnection::connect_with(&sqlite_options(path))
        .await
        .map_err(|error| match StoreError::from(error) {
            StoreError::Database(error) => cannot_open(&shown, error),
            damaged => damaged,
        })?;
    let pragmas = "PRAGMA synchronous = EXTRA; PRAGMA journal_mode = WAL; \
                   PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
                   PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4096;";
    Session::Sqlite(&mut connection).script(pragmas).await?;
    Ok(connection)
}

async fn prepare_sqlite(
    connection: &mut SqliteConnection,
    shown: &str,
    setup: &mut Setup<'_>,
) -> Result<Keys, StoreError> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    let keys = setup.prepare(&mut Session::Sqlite(&mut tx), shown).await?;
    tx.commit().await?;
    Ok(keys)
}

/// Reads the whole file and reports the first damage.
pub(crate) async fn quick_check(session: &mut Session<'_>) -> Result<(), StoreError> {
    let row = session.row("PRAGMA quick_check(1)", &[]).await?;
    let found: Option<String> = row.map(|row| row.get("quick_check")).transpose()?;
    must_be_ok(found.as_deref())
}

/// As `quick_check`, and compares every index with its table.
pub(crate) async fn integrity_check(session: &mut Session<'_>) -> Result<(), StoreError> {
    let row = session.row("PRAGMA integrity_check(1)", &[]).await?;
    let found: Option<String> = row.map(|row| row.get("integrity_check")).transpose()?;
    must_be_ok(found.as_deref())
}

fn must_be_ok(found: Option<&str>) -> Result<(), StoreError> {
    match found {
        Some("ok") => Ok(()),
        other => Err(StoreError::damaged(
            other.unwrap_or("no answer to the check"),
        )),
    }
}

#[cfg(test)]
mod tests;
