//! The schema: embedded migrations, and the versions this program works with.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::StoreError;
use crate::keys::Keys;
use crate::open::Chance;
use crate::rows::{Dialect, Session, Value};
use crate::seal::{self, Vault};

/// Schema versions this program reads and writes.
pub(crate) const SUPPORTED: &[i64] = &[18];

/// The version after which the program seals what lay open before.
const SEALED: i64 = 4;

/// One step of the schema, in both dialects under one number.
struct Migration {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "initial",
        sqlite: include_str!("../migrations/sqlite/0001_initial.sql"),
        postgres: include_str!("../migrations/postgres/0001_initial.sql"),
    },
    Migration {
        version: 2,
        name: "standing",
        sqlite: include_str!("../migrations/sqlite/0002_standing.sql"),
        postgres: include_str!("../migrations/postgres/0002_standing.sql"),
    },
    Migration {
        version: 3,
        name: "budgets",
        sqlite: include_str!("../migrations/sqlite/0003_budgets.sql"),
        postgres: include_str!("../migrations/postgres/0003_budgets.sql"),
    },
    Migration {
        version: SEALED,
        name: "sealed",
        sqlite: include_str!("../migrations/sqlite/0004_sealed.sql"),
        postgres: include_str!("../migrations/postgres/0004_sealed.sql"),
    },
    Migration {
        version: 5,
        name: "sealed_only",
        sqlite: include_str!("../migrations/sqlite/0005_sealed_only.sql"),
        postgres: include_str!("../migrations/postgres/0005_sealed_only.sql"),
    },
    Migration {
        version: 6,
        name: "outcomes",
        sqlite: include_str!("../migrations/sqlite/0006_outcomes.sql"),
        postgres: include_str!("../migrations/postgres/0006_outcomes.sql"),
    },
    Migration {
        version: 7,
        name: "concerned",
        sqlite: include_str!("../migrations/sqlite/0007_concerned.sql"),
        postgres: include_str!("../migrations/postgres/0007_concerned.sql"),
    },
    Migration {
        version: 8,
        name: "sessions",
        sqlite: include_str!("../migrations/sqlite/0008_sessions.sql"),
        postgres: include_str!("../migrations/postgres/0008_sessions.sql"),
    },
    Migration {
        version: 9,
        name: "desk",
        sqlite: include_str!("../migrations/sqlite/0009_desk.sql"),
        postgres: include_str!("../migrations/postgres/0009_desk.sql"),
    },
    Migration {
        version: 10,
        name: "once",
        sqlite: include_str!("../migrations/sqlite/0010_once.sql"),
        postgres: include_str!("../migrations/postgres/0010_once.sql"),
    },
    Migration {
        version: 11,
        name: "accounts",
        sqlite: include_str!("../migrations/sqlite/0011_accounts.sql"),
        postgres: include_str!("../migrations/postgres/0011_accounts.sql"),
    },
    Migration {
        version: 12,
        name: "wishes",
        sqlite: include_str!("../migrations/sqlite/0012_wishes.sql"),
        postgres: include_str!("../migrations/postgres/0012_wishes.sql"),
    },
    Migration {
        version: 13,
        name: "practice",
        sqlite: include_str!("../migrations/sqlite/0013_practice.sql"),
        postgres: include_str!("../migrations/postgres/0013_practice.sql"),
    },
    Migration {
        version: 14,
        name: "batches",
        sqlite: include_str!("../migrations/sqlite/0014_batches.sql"),
        postgres: include_str!("../migrations/postgres/0014_batches.sql"),
    },
    Migration {
        version: 15,
        name: "webhooks",
        sqlite: include_str!("../migrations/sqlite/0015_webhooks.sql"),
        postgres: include_str!("../migrations/postgres/0015_webhooks.sql"),
    },
    Migration {
        version: 16,
        name: "counted",
        sqlite: include_str!("../migrations/sqlite/0016_counted.sql"),
        postgres: include_str!("../migrations/postgres/0016_counted.sql"),
    },
    Migration {
        version: 17,
        name: "channels",
        sqlite: include_str!("../migrations/sqlite/0017_channels.sql"),
        postgres: include_str!("../migrations/postgres/0017_channels.sql"),
    },
    Migration {
        version: 18,
        name: "open",
        sqlite: include_str!("../migrations/sqlite/0018_open.sql"),
        postgres: include_str!("../migrations/postgres/0018_open.sql"),
    },
];

impl Migration {
    fn text(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }

    fn hash(&self, dialect: Dialect) -> String {
        hex::encode(Sha256::digest(self.text(dialect)))
    }
}

/// Which migrations may be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upgrade {
    /// All of them on an empty database, none on any other.
    OnlyIfEmpty,
    /// All that are missing.
    All,
}

/// Brings the schema up to date as far as `upgrade` allows and checks that it is supported.
/// Runs inside the caller's transaction. Returns the keys that belong to the database.
pub(crate) async fn prepare(
    session: &mut Session<'_>,
    location: &str,
    upgrade: Upgrade,
    keys: &Path,
    chance: &mut Chance,
) -> Result<Keys, StoreError> {
    lock(session).await?;
    match recorded(session, location).await? {
        None => run(session, 0, keys, chance).await?,
        Some(found) if upgrade == Upgrade::All && is_known(found) => {
            run(session, found, keys, chance).await?;
        }
        Some(found) => supported(found)?,
    }
    let row = session
        .row("SELECT key_check FROM ledger_head WHERE id = 1", &[])
        .await?;
    let check: Option<Option<Vec<u8>>> = row.map(|row| row.get("key_check")).transpose()?;
    let keys = Keys::open(keys)?;
    match check.flatten() {
        Some(check) if check == keys.check() => Ok(keys),
        _ => Err(keys.foreign()),
    }
}

/// Every step of the schema is recorded, and with its own text.
pub(crate) async fn check(session: &mut Session<'_>) -> Result<(), StoreError> {
    let sql = "SELECT version, name, hash FROM schema_migrations ORDER BY version";
    let rows = session.rows(sql, &[]).await?;
    let dialect = session.dialect();
    for (row, known) in rows.iter().zip(MIGRATIONS) {
        let version: i64 = row.get("version")?;
        let (name, hash): (String, String) = (row.get("name")?, row.get("hash")?);
        if (version, &*name, hash) != (known.version, known.name, known.hash(dialect)) {
            return Err(StoreError::SchemaAltered { version });
        }
    }
    match rows.len() == MIGRATIONS.len() {
        true => Ok(()),
        false => Err(StoreError::damaged("a step of the schema is missing")),
    }
}

fn is_known(found: i64) -> bool {
    MIGRATIONS.iter().any(|known| known.version == found)
}

fn supported(found: i64) -> Result<(), StoreError> {
    let newest = SUPPORTED.iter().max().copied().unwrap_or_default();
    if SUPPORTED.contains(&found) {
        Ok(())
    } else if found > newest {
        Err(StoreError::SchemaUnknown {
            found,
            supported: SUPPORTED,
        })
    } else {
        Err(StoreError::SchemaOld {
            found,
            supported: SUPPORTED,
        })
    }
}

/// Number of the advisory lock that keeps two nodes from migrating at once.
const MIGRATION_LOCK: i64 = 0x7472_6163_6567;

async fn lock(session: &mut Session<'_>) -> Result<(), StoreError> {
    if session.dialect() == Dialect::Postgres {
        let sql = "SELECT pg_advisory_xact_lock($1)";
        session.rows(sql, &[Value::Int(MIGRATION_LOCK)]).await?;
    }
    Ok(())
}

/// The newest version recorded; `None` on an empty database.
async fn recorded(session: &mut Session<'_>, location: &str) -> Result<Option<i64>, StoreError> {
    let (ours, others) = match session.dialect() {
        Dialect::Sqlite => (
            "SELECT name FROM sqlite_master WHERE name = 'schema_migrations'",
            "SELECT name FROM sqlite_master LIMIT 1",
        ),
        Dialect::Postgres => (
            "SELECT tablename FROM pg_tables
             WHERE schemaname = current_schema() AND tablename = 'schema_migrations'",
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LIMIT 1",
        ),
    };
    if session.row(ours, &[]).await?.is_none() {
        let foreign = session.row(others, &[]).await?.is_some();
        let error = StoreError::Foreign {
            location: location.to_owned(),
        };
        return if foreign { Err(error) } else { Ok(None) };
    }
    let sql = "SELECT version, hash FROM schema_migrations ORDER BY version";
    let mut newest = 0;
    for row in session.rows(sql, &[]).await? {
        newest = row.get("version")?;
        let hash: String = row.get("hash")?;
        let known = MIGRATIONS.iter().find(|known| known.version == newest);
        if known.is_some_and(|known| known.hash(session.dialect()) != hash) {
            return Err(StoreError::SchemaAltered { version: newest });
        }
    }
    Ok(Some(newest))
}

/// Runs every migration after `from`.
async fn run(
    session: &mut Session<'_>,
    from: i64,
    keys: &Path,
    chance: &mut Chance,
) -> Result<(), StoreError> {
    let dialect = session.dialect();
    let create = "CREATE TABLE IF NOT EXISTS schema_migrations (
        version BIGINT NOT NULL PRIMARY KEY, -- immutable
        name    TEXT   NOT NULL,             -- immutable
        hash    TEXT   NOT NULL              -- immutable: hex SHA-256 of the migration's text
    )";
    session.execute(create, &[]).await?;
    for step in MIGRATIONS.iter().filter(|step| step.version > from) {
        session.script(step.text(dialect)).await?;
        if step.version == SEALED {
            let keys = &Keys::open_or_create(keys, chance)?;
            seal::all(session, &mut Vault::new(keys, chance)).await?;
        }
        let sql = "INSERT INTO schema_migrations (version, name, hash) VALUES ($1, $2, $3)";
        let hash = step.hash(dialect);
        let values = [
            Value::Int(step.version),
            Value::Text(step.name),
            Value::Text(&hash),
        ];
        session.execute(sql, &values).await?;
    }
    Ok(())
}
