//! What can go wrong with the store. A refused write is here too: it is the database that refuses.

use std::sync::Arc;

use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;
use thiserror::Error;

/// Why a read or a write did not happen. Nothing has been written when one is returned, with one
/// exception: after [`StoreError::Database`] the outcome of an `apply` may be unknown, and writing
/// the same transition again is safe.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// Somebody else changed it first, or its reference is taken. Reload and decide again.
    #[error("`{what}` has been changed by somebody else; reload it and decide again")]
    Conflict {
        /// The case or the agreement.
        what: String,
    },
    /// The agreement was not open at the instant of the write (I7).
    #[error("agreement `{agreement}` is not in force; nothing was written")]
    AgreementNotOpen {
        /// `AGREEMENT/VERSION`.
        agreement: String,
    },
    /// A version that has been recorded before now has another content.
    #[error(
        "agreement `{agreement}` is recorded with another hash; a published version never changes, publish a new one"
    )]
    AgreementAltered {
        /// `AGREEMENT/VERSION`.
        agreement: String,
    },
    /// Something has outgrown its limit.
    #[error("the {what} has {bytes} bytes, the limit is {limit}; shorten it")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The most there may be.
        limit: usize,
    },
    /// The database could not give this back as it was.
    #[error("the {what} cannot be stored and read back unchanged")]
    Unstorable {
        /// What cannot be stored.
        what: &'static str,
    },
    /// The database is damaged. The program stops and leaves it as it is.
    #[error(
        "the database is damaged ({what}); restore it from a backup, the file has been left as it is"
    )]
    Damaged {
        /// What was found.
        what: String,
    },
    /// Not a database of this program.
    #[error("`{location}` holds other tables; name an empty or new database")]
    Foreign {
        /// Where.
        location: String,
    },
    /// Written by a newer program.
    #[error(
        "the database has schema version {found}, this program knows {supported:?}; use a newer program"
    )]
    SchemaUnknown {
        /// Version found.
        found: i64,
        /// Versions this program works with.
        supported: &'static [i64],
    },
    /// Written by an older program.
    #[error(
        "the database has schema version {found}, this program needs one of {supported:?}; back it up and run `tracegate migrate`"
    )]
    SchemaOld {
        /// Version found.
        found: i64,
        /// Versions this program works with.
        supported: &'static [i64],
    },
    /// A migration was recorded with another text.
    #[error(
        "schema version {version} of the database was made by another text of the migration; restore the program or the database it belongs to"
    )]
    SchemaAltered {
        /// Version whose text differs.
        version: i64,
    },
    /// The key file cannot be used.
    #[error("the key file `{path}`: {reason}")]
    Keys {
        /// Where.
        path: String,
        /// Why.
        reason: String,
    },
    /// Cannot be opened at all.
    #[error("cannot open the database `{location}`: {reason}")]
    Open {
        /// Where, without password.
        location: String,
        /// Why.
        reason: String,
    },
    /// No connection was free in time; nothing was tried.
    #[error("the database is busy; nothing was changed, try again in a few seconds")]
    Busy,
    /// The database reported an error.
    #[error("the database failed: {0}")]
    Database(Arc<sqlx::Error>),
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// A damage, described.
    pub(crate) fn damaged(what: impl Into<String>) -> StoreError {
        StoreError::Damaged { what: what.into() }
    }

    /// Whether memory and disk may disagree from here on: no further write may be tried.
    pub fn is_fatal(&self) -> bool {
        match self {
            StoreError::Damaged { .. } | StoreError::Keys { .. } => true,
            StoreError::Database(error) => sqlite_code(error) == Some(SQLITE_IOERR),
            _ => false,
        }
    }

    /// Whether the database took offense at what was written, rather than being out of reach: then
    /// another write may well succeed.
    pub(crate) fn is_about_the_data(&self) -> bool {
        match self {
            StoreError::Database(error) => !self.is_fatal() && error.as_database_error().is_some(),
            _ => false,
        }
    }

    /// Whether the same transaction may succeed if tried again at once.
    pub(crate) fn is_transient(&self) -> bool {
        let StoreError::Database(error) = self else {
            return false;
        };
        let state = error.as_database_error().and_then(DatabaseError::code);
        let serialization = matches!(state.as_deref(), Some("40001" | "40P01"));
        serialization || sqlite_code(error) == Some(SQLITE_BUSY)
    }
}

const SQLITE_BUSY: i32 = 5;
const SQLITE_IOERR: i32 = 10;
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_NOTADB: i32 = 26;

/// The primary result code, where the error comes from SQLite.
fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    let error = error.as_database_error()?;
    let error = error.try_downcast_ref::<SqliteError>()?;
    let extended: i32 = DatabaseError::code(error)?.parse().ok()?;
    Some(extended & 0xff)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return StoreError::Busy;
        }
        match sqlite_code(&error) {
            Some(SQLITE_CORRUPT | SQLITE_NOTADB) => StoreError::damaged(error.to_string()),
            _ => StoreError::Database(Arc::new(error)),
        }
    }
}
