//! Who is signed in: sessions by the hash of their token, sealed with a key of the key file, so that
//! nobody signs in by writing a row.
//!
//! This crate does not know who may do what: a session is a text of the desk's own, with a beginning
//! and an end.

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::rows::{Row, Session, Value};
use crate::seal::Vault;
use crate::writer::Job;
use crate::{Store, StoreError};

/// SHA-256 of a session's token.
pub type Mark = [u8; 32];

/// Most sessions in one list: more people than work at a desk.
const LISTED_MAX: i64 = 500;

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// SHA-256 of the token.
    pub mark: Mark,
    /// When they signed in.
    pub begun_at: Timestamp,
    /// When the session was last used, as far as recorded.
    pub used_at: Timestamp,
    /// When it ends, used or not.
    pub ends_at: Timestamp,
    /// What the desk keeps of it.
    pub body: String,
}

/// What is written of sessions.
pub(crate) enum Change {
    Begin {
        session: SignedIn,
        who: String,
        unused_since: Timestamp,
    },
    Used {
        mark: Mark,
        at: Timestamp,
    },
    End {
        mark: Mark,
    },
    EndAll {
        who: String,
    },
}

impl Store {
    /// Keeps a session of the identity `who`. Sessions that are over, or unused since then, go.
    pub async fn session_begin(
        &self,
        session: SignedIn,
        who: &str,
        unused_since: Timestamp,
    ) -> Result<(), StoreError> {
        let begin = Change::Begin {
            session,
            who: who.to_owned(),
            unused_since,
        };
        self.session_change(begin).await.map(drop)
    }

    /// Records that a session was used.
    pub async fn session_used(&self, mark: Mark, at: Timestamp) -> Result<(), StoreError> {
        let used = Change::Used { mark, at };
        self.session_change(used).await.map(drop)
    }

    /// Ends one session.
    pub async fn session_end(&self, mark: Mark) -> Result<(), StoreError> {
        self.session_change(Change::End { mark }).await.map(drop)
    }

    /// Ends every session of an identity; how many there were.
    pub async fn sessions_end(&self, who: &str) -> Result<u64, StoreError> {
        let who = who.to_owned();
        self.session_change(Change::EndAll { who }).await
    }

    /// The session with this mark.
    pub async fn session(&self, mark: &Mark) -> Result<Option<SignedIn>, StoreError> {
        let sql = "SELECT mark, begun_at, used_at, ends_at, sealed FROM sessions WHERE mark = $1";
        let mut reader = self.reader().await?;
        let row = reader.lend().row(sql, &[Value::Bytes(mark)]).await?;
        Ok(row.map(|row| self.signed_in(&row)).transpose()?.flatten())
    }

    /// The sessions of an identity, or of everybody; the one used last comes first.
    pub async fn sessions(&self, who: Option<&str>) -> Result<Vec<SignedIn>, StoreError> {
        let sql = "SELECT mark, begun_at, used_at, ends_at, sealed FROM sessions
                   WHERE who = $1 OR $1 IS NULL ORDER BY used_at DESC, mark LIMIT $2";
        let who = who.map(|who| self.keys.identity(who));
        let who = Value::OptBytes(who.as_ref().map(<[u8; 16]>::as_slice));
        let mut reader = self.reader().await?;
        let values = [who, Value::Int(LISTED_MAX)];
        let rows = reader.lend().rows(sql, &values).await?;
        let sessions = rows.iter().map(|row| self.signed_in(row));
        sessions.filter_map(Result::transpose).collect()
    }

    /// A row that this program has sealed; any other is nobody's session.
    fn signed_in(&self, row: &Row) -> Result<Option<SignedIn>, StoreError> {
        let mark: Vec<u8> = row.get("mark")?;
        let sealed: Vec<u8> = row.get("sealed")?;
        let (begun_at, ends_at) = (row.time("begun_at")?, row.time("ends_at")?);
        let Ok(mark) = Mark::try_from(mark) else {
            return Ok(None);
        };
        let place = place(&mark, begun_at, ends_at);
        let opened = self.keys.of_sessions().open(&place, &sealed);
        let body = opened.and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(body) = body else {
            tracing::warn!("a row among the sessions is not of this program's making; left out");
            return Ok(None);
        };
        Ok(Some(SignedIn {
            mark,
            begun_at,
            used_at: row.time("used_at")?,
            ends_at,
            body,
        }))
    }

    async fn session_change(&self, change: Change) -> Result<u64, StoreError> {
        let (reply, answer) = oneshot::channel();
        let change = Box::new(change);
        self.submit(Job::Session { change, reply }, answer).await
    }
}

/// What binds the sealed text to its row: a session cannot be given another token or a later end.
fn place(mark: &Mark, begun_at: Timestamp, ends_at: Timestamp) -> String {
    let (begun, ends) = (begun_at.as_microsecond(), ends_at.as_microsecond());
    format!("session/{}/{begun}/{ends}", hex::encode(mark))
}

/// Writes a change; how many sessions it is about.
pub(crate) async fn change(
    session: &mut Session<'_>,
    change: &Change,
    vault: &mut Vault<'_>,
) -> Result<u64, StoreError> {
    match change {
        Change::Begin {
            session: begun,
            who,
            unused_since,
        } => {
            let sql = "DELETE FROM sessions WHERE ends_at <= $1 OR used_at <= $2";
            let now = Value::Int(begun.begun_at.as_microsecond());
            let unused = Value::Int(unused_since.as_microsecond());
            session.execute(sql, &[now, unused]).await?;
            insert(session, begun, who, vault).await
        }
        Change::Used { mark, at } => {
            let sql = "UPDATE sessions SET used_at = $2 WHERE mark = $1 AND used_at < $2";
            let values = [Value::Bytes(mark), Value::Int(at.as_microsecond())];
            session.execute(sql, &values).await
        }
        Change::End { mark } => {
            let sql = "DELETE FROM sessions WHERE mark = $1";
            session.execute(sql, &[Value::Bytes(mark)]).await
        }
        Change::EndAll { who } => {
            let sql = "DELETE FROM sessions WHERE who = $1";
            let who = vault.keys.identity(who);
            session.execute(sql, &[Value::Bytes(&who)]).await
        }
    }
}

async fn insert(
    session: &mut Session<'_>,
    begun: &SignedIn,
    who: &str,
    vault: &mut Vault<'_>,
) -> Result<u64, StoreError> {
    let who = vault.keys.identity(who);
    let place = place(&begun.mark, begun.begun_at, begun.ends_at);
    let key = vault.keys.of_sessions();
    let sealed = key.seal(&place, begun.body.as_bytes(), vault.chance)?;
    let sql = "INSERT INTO sessions (mark, who, begun_at, used_at, ends_at, sealed)
               VALUES ($1, $2, $3, $4, $5, $6)";
    let values = [
        Value::Bytes(&begun.mark),
        Value::Bytes(&who),
        Value::Int(begun.begun_at.as_microsecond()),
        Value::Int(begun.used_at.as_microsecond()),
        Value::Int(begun.ends_at.as_microsecond()),
        Value::Bytes(&sealed),
    ];
    session.execute(sql, &values).await
}
