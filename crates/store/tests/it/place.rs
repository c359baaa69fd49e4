//! Where a story takes place: a fresh SQLite file, then a fresh PostgreSQL database.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use store::{Chance, Store, StoreError};
use tempfile::TempDir;

/// Names the server on which each test makes its own database.
const VARIABLE: &str = "TRACEGATE_TEST_POSTGRES";

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A database of a test's own.
pub struct Place {
    /// What `Store::open` takes.
    pub location: String,
    admin: Option<String>,
    folder: TempDir,
}

/// Tells a story on each database that is there.
pub async fn each(story: impl AsyncFn(&Place)) {
    story(&Place::sqlite()).await;
    if let Some(place) = Place::postgres().await {
        story(&place).await;
        place.drop_database().await;
    }
}

impl Place {
    pub fn sqlite() -> Place {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let location = folder.path().join("gate.sqlite").display().to_string();
        Place {
            location,
            admin: None,
            folder,
        }
    }

    pub async fn postgres() -> Option<Place> {
        let Ok(admin) = std::env::var(VARIABLE) else {
            eprintln!(
                "left out PostgreSQL: run `cargo xtask with-postgres -- cargo test -p store`, or \
                 set {VARIABLE}"
            );
            return None;
        };
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("store_{}_{count}", std::process::id());
        script_postgres(&admin, &format!("CREATE DATABASE {name}"))
            .await
            .expect("runs");
        let (server, _) = admin
            .rsplit_once('/')
            .expect("the address ends with a database");
        Some(Place {
            location: format!("{server}/{name}"),
            admin: Some(admin),
            folder: tempfile::tempdir().expect("a temporary folder"),
        })
    }

    /// The key file that belongs to the database.
    pub fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    pub fn is_postgres(&self) -> bool {
        self.admin.is_some()
    }

    pub async fn open(&self) -> Store {
        self.try_open().await.expect("the store opens")
    }

    pub async fn try_open(&self) -> Result<Store, StoreError> {
        Store::open(&self.location, &self.keys(), chance()).await
    }

    /// A folder of this place's own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs statements behind the store's back.
    pub async fn tamper(&self, sql: &str) {
        self.try_tamper(sql).await.expect("runs");
    }

    /// As `tamper`, where the database may refuse.
    pub async fn try_tamper(&self, sql: &str) -> Result<(), sqlx::Error> {
        if self.is_postgres() {
            return script_postgres(&self.location, sql).await;
        }
        let options = SqliteConnectOptions::new()
            .filename(&self.location)
            .create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await?;
        connection.close().await
    }

    /// The byte strings of the column `part` of an SQLite file.
    pub async fn blobs(&self, sql: &'static str) -> Vec<Vec<u8>> {
        let rows = self.rows(sql).await;
        rows.iter().map(|row| sqlx::Row::get(row, "part")).collect()
    }

    /// The numbers in the first column of an SQLite file.
    pub async fn numbers(&self, sql: &'static str) -> Vec<i64> {
        let rows = self.rows(sql).await;
        rows.iter().map(|row| sqlx::Row::get(row, 0)).collect()
    }

    async fn rows(&self, sql: &'static str) -> Vec<sqlx::sqlite::SqliteRow> {
        let options = SqliteConnectOptions::new().filename(&self.location);
        let mut connection = SqliteConnection::connect_with(&options)
            .await
            .expect("opens");
        let rows = sqlx::query(sql).fetch_all(&mut connection).await;
        rows.expect("reads")
    }

    /// The one text that a PostgreSQL database answers with.
    pub async fn answer(&self, sql: &'static str) -> String {
        let options = PgConnectOptions::from_str(&self.location).expect("an address");
        let mut connection = PgConnection::connect_with(&options).await.expect("opens");
        let row = sqlx::query(sql).fetch_one(&mut connection).await;
        sqlx::Row::get(&row.expect("reads"), 0)
    }

    pub async fn drop_database(self) {
        if let Some(admin) = self.admin {
            let (_, name) = self
                .location
                .rsplit_once('/')
                .expect("the address has a database");
            let sql = format!("DROP DATABASE {name} WITH (FORCE)");
            script_postgres(&admin, &sql).await.expect("runs");
        }
    }
}

async fn script_postgres(url: &str, sql: &str) -> Result<(), sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?;
    let mut connection = PgConnection::connect_with(&options).await?;
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await?;
    connection.close().await
}

/// Salts that never repeat, in this process or any other.
pub fn chance() -> Chance {
    let start = COUNTER.fetch_add(1, Ordering::Relaxed);
    let mut drawn = 0_u64;
    Box::new(move |salt| {
        drawn += 1;
        let seed = format!("{}/{start}/{drawn}", std::process::id());
        *salt = Sha256::digest(seed).into();
    })
}

/// Numbers drawn from a seed: splitmix64 (Steele, Lea and Flood, 2014).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.draw() % limit.max(1) as u64).expect("it is below a usize")
    }
}

/// Where the dice begin: `cargo xtask soak` names ever other ones.
pub fn seed() -> u64 {
    let seed = std::env::var("TRACEGATE_SOAK_SEED");
    seed.map_or(1, |seed| seed.parse().expect("a number"))
}
