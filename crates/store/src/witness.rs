//! What a witness must never forget: the last head of each log, and evidence against logs. An
//! SQLite file of its own, which has nothing to do with the database of a gate.
//!
//! The calls of [`WitnessStore`] wait for the disk: make them where waiting is allowed
//! (`spawn_blocking`), not on a thread that serves others.

use std::fs;
use std::path::Path;

use ledger::Note;
use ledger::witness::{AddCheckpoint, WitnessStore};
use sqlx::{Connection as _, SqliteConnection};
use tokio::runtime::Handle;

use crate::StoreError;
use crate::open::{beside, cannot_open, connect_sqlite, create_private, quick_check, sync_folder};
use crate::rows::{Session, Value};

/// Most contradictions kept: one is enough to convict a log, and nobody may fill the disk.
const EVIDENCE_MAX: i64 = 1_000;

const SCHEMA: &str = "
    CREATE TABLE heads (origin TEXT PRIMARY KEY, note TEXT NOT NULL) STRICT;
    CREATE TABLE evidence (
        id INTEGER PRIMARY KEY,
        origin TEXT NOT NULL,
        last TEXT NOT NULL,
        head TEXT NOT NULL,
        refused TEXT NOT NULL,
        UNIQUE (origin, last, head)
    ) STRICT;
    PRAGMA user_version = 1;";

/// Two heads signed by one log of which the later was not shown to continue the earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The log.
    pub origin: String,
    /// The head cosigned last, with the log's signature.
    pub last: String,
    /// The whole request that was refused, with the other head.
    pub refused: String,
}

/// An open witness file.
#[derive(Debug)]
pub struct WitnessFile {
    connection: SqliteConnection,
    runtime: Handle,
}

impl WitnessFile {
    /// Makes an empty file; an error when there is one already.
    pub async fn create(path: &Path) -> Result<(), StoreError> {
        let shown = path.display().to_string();
        let draft = beside(path, &format!("-new-{}", std::process::id()));
        let failed = |error| cannot_open(&shown, error);
        create_private(&draft).map_err(failed)?;
        let mut connection = connect_sqlite(&draft).await?;
        Session::Sqlite(&mut connection).script(SCHEMA).await?;
        connection.close().await?;
        // A link, unlike a rename, fails when there is a file already.
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft).map_err(failed)?;
        linked.and_then(|()| sync_folder(path)).map_err(failed)
    }

    /// Opens a file and checks that it is whole. Never makes one: a witness that has forgotten what
    /// it cosigned would cosign a rewritten log.
    pub async fn open(path: &Path) -> Result<WitnessFile, StoreError> {
        let mut connection = connect_sqlite(path).await?;
        let mut session = Session::Sqlite(&mut connection);
        quick_check(&mut session).await?;
        let row = session.row("PRAGMA user_version", &[]).await?;
        let version: Option<i64> = row.map(|row| row.get("user_version")).transpose()?;
        if version != Some(1) {
            return Err(StoreError::Foreign {
                location: path.display().to_string(),
            });
        }
        Ok(WitnessFile {
            connection,
            runtime: Handle::current(),
        })
    }

    /// The contradictions kept, oldest first.
    pub async fn evidence(&mut self) -> Result<Vec<Evidence>, StoreError> {
        let sql = "SELECT origin, last, refused FROM evidence ORDER BY id";
        let rows = Session::Sqlite(&mut self.connection).rows(sql, &[]).await?;
        let evidence = |row: &crate::rows::Row| {
            Ok(Evidence {
                origin: row.get("origin")?,
                last: row.get("last")?,
                refused: row.get("refused")?,
            })
        };
        rows.iter().map(evidence).collect()
    }

    async fn read(&mut self, origin: &str) -> Result<Option<Note>, StoreError> {
        let sql = "SELECT note FROM heads WHERE origin = $1";
        let mut session = Session::Sqlite(&mut self.connection);
        let Some(row) = session.row(sql, &[Value::Text(origin)]).await? else {
            return Ok(None);
        };
        let text: String = row.get("note")?;
        let note = Note::parse(text.as_bytes());
        let note = note
            .map_err(|error| StoreError::damaged(format!("the last head of `{origin}`: {error}")));
        note.map(Some)
    }

    async fn swap(
        &mut self,
        origin: &str,
        last: Option<&Note>,
        new: &Note,
    ) -> Result<bool, StoreError> {
        let new = new.to_string();
        let last = last.map(ToString::to_string);
        let mut session = Session::Sqlite(&mut self.connection);
        let changed = match &last {
            None => {
                let sql = "INSERT INTO heads (origin, note) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                let values = [Value::Text(origin), Value::Text(&new)];
                session.execute(sql, &values).await?
            }
            Some(last) => {
                let sql = "UPDATE heads SET note = $2 WHERE origin = $1 AND note = $3";
                let values = [Value::Text(origin), Value::Text(&new), Value::Text(last)];
                session.execute(sql, &values).await?
            }
        };
        Ok(changed == 1)
    }

    async fn keep(
        &mut self,
        origin: &str,
        last: &Note,
        refused: &AddCheckpoint,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO evidence (origin, last, head, refused)
                   SELECT $1, $2, $3, $4 WHERE (SELECT COUNT(*) FROM evidence) < $5
                   ON CONFLICT DO NOTHING";
        let last = last.to_string();
        let head = refused.note.text();
        let whole = refused.to_string();
        let values = [
            Value::Text(origin),
            Value::Text(&last),
            Value::Text(head),
            Value::Text(&whole),
            Value::Int(EVIDENCE_MAX),
        ];
        let mut session = Session::Sqlite(&mut self.connection);
        session.execute(sql, &values).await?;
        tracing::error!(origin, "evidence against a log has been kept");
        Ok(())
    }
}

impl WitnessStore for WitnessFile {
    type Error = StoreError;

    fn last(&mut self, origin: &str) -> Result<Option<Note>, StoreError> {
        let runtime = self.runtime.clone();
        runtime.block_on(self.read(origin))
    }

    fn replace(
        &mut self,
        origin: &str,
        last: Option<&Note>,
        new: &Note,
    ) -> Result<bool, StoreError> {
        let runtime = self.runtime.clone();
        runtime.block_on(self.swap(origin, last, new))
    }

    fn keep_evidence(
        &mut self,
        origin: &str,
        last: &Note,
        refused: &AddCheckpoint,
    ) -> Result<(), StoreError> {
        let runtime = self.runtime.clone();
        runtime.block_on(self.keep(origin, last, refused))
    }
}
