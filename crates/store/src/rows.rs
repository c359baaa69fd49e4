//! The closed pair of databases: one SQL text, one list of values, two drivers.
//!
//! Everything above this file is written once. Placeholders are `$1`, times are microseconds,
//! and the one difference between the dialects is [`Dialect::lock`].

use jiff::Timestamp;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::query::Query;
use sqlx::sqlite::SqliteRow;
use sqlx::{
    Database, Decode, Encode, PgConnection, Postgres, SqlSafeStr, Sqlite, SqliteConnection,
    Transaction, Type,
};

use crate::StoreError;

/// Which SQL is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A lock on the rows that a `SELECT` reads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lock {
    /// Nobody else may lock or change them.
    Update,
    /// Nobody else may change them.
    Share,
    /// As `Update`, leaving out the rows that somebody else holds.
    UpdateSkipLocked,
}

impl Dialect {
    /// The clause for the end of a `SELECT`. SQLite has one writer, who holds everything.
    pub(crate) fn lock(self, lock: Lock) -> &'static str {
        match (self, lock) {
            (Dialect::Sqlite, _) => "",
            (Dialect::Postgres, Lock::Update) => " FOR UPDATE",
            (Dialect::Postgres, Lock::Share) => " FOR SHARE",
            (Dialect::Postgres, Lock::UpdateSkipLocked) => " FOR UPDATE SKIP LOCKED",
        }
    }
}

/// A value for a placeholder.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Int(i64),
    OptInt(Option<i64>),
    Text(&'a str),
    OptText(Option<&'a str>),
    Bytes(&'a [u8]),
    OptBytes(Option<&'a [u8]>),
}

/// A connection on loan, with or without an open transaction.
pub(crate) enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Connection {
    pub(crate) fn lend(&mut self) -> Session<'_> {
        match self {
            Connection::Sqlite(connection) => Session::Sqlite(connection),
            Connection::Postgres(connection) => Session::Postgres(connection),
        }
    }
}

/// An open transaction; rolled back unless committed.
pub(crate) enum Tx<'c> {
    Sqlite(Transaction<'c, Sqlite>),
    Postgres(Transaction<'c, Postgres>),
}

impl Tx<'_> {
    pub(crate) fn lend(&mut self) -> Session<'_> {
        match self {
            Tx::Sqlite(tx) => Session::Sqlite(tx),
            Tx::Postgres(tx) => Session::Postgres(tx),
        }
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(tx) => Ok(tx.commit().await?),
            Tx::Postgres(tx) => Ok(tx.commit().await?),
        }
    }
}

/// What statements are run on.
pub(crate) enum Session<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Session<'_> {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Session::Sqlite(_) => Dialect::Sqlite,
            Session::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement; the number of rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        match self {
            Session::Sqlite(connection) => {
                let query = bind(sqlx::query(sql), values);
                Ok(query.execute(&mut **connection).await?.rows_affected())
            }
            Session::Postgres(connection) => {
                let query = bind(sqlx::query(sql), values);
                Ok(query.execute(&mut **connection).await?.rows_affected())
            }
        }
    }

    /// Runs a script of several statements without values.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        match self {
            Session::Sqlite(connection) => {
                sqlx::raw_sql(sql).execute(&mut **connection).await?;
            }
            Session::Postgres(connection) => {
                sqlx::raw_sql(sql).execute(&mut **connection).await?;
            }
        }
        Ok(())
    }

    /// All rows a query answers with. Callers limit their number.
    pub(crate) async fn rows(
        &mut self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Session::Sqlite(connection) => {
                let query = bind(sqlx::query(sql), values);
                let rows = query.fetch_all(&mut **connection).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Session::Postgres(connection) => {
                let query = bind(sqlx::query(sql), values);
                let rows = query.fetch_all(&mut **connection).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// The first row, if there is any.
    pub(crate) async fn row(
        &mut self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }
}

fn bind<'q, DB>(
    query: Query<'q, DB, <DB as Database>::Arguments>,
    values: &[Value<'_>],
) -> Query<'q, DB, <DB as Database>::Arguments>
where
    DB: Database,
    i64: for<'t> Encode<'t, DB> + Type<DB>,
    Option<i64>: for<'t> Encode<'t, DB> + Type<DB>,
    for<'v> &'v str: Encode<'v, DB> + Type<DB>,
    for<'v> Option<&'v str>: Encode<'v, DB> + Type<DB>,
    for<'v> &'v [u8]: Encode<'v, DB> + Type<DB>,
    for<'v> Option<&'v [u8]>: Encode<'v, DB> + Type<DB>,
{
    values.iter().fold(query, |query, value| match *value {
        Value::Int(value) => query.bind(value),
        Value::OptInt(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::OptText(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
        Value::OptBytes(value) => query.bind(value),
    })
}

/// One row of an answer.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The value of a column.
    pub(crate) fn get<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        for<'r> T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>,
    {
        match self {
            Row::Sqlite(row) => Ok(sqlx::Row::try_get(row, column)?),
            Row::Postgres(row) => Ok(sqlx::Row::try_get(row, column)?),
        }
    }

    /// A count, version or index.
    pub(crate) fn number(&self, column: &'static str) -> Result<u64, StoreError> {
        let value: i64 = self.get(column)?;
        u64::try_from(value)
            .map_err(|_| StoreError::damaged(format!("`{column}` is negative: {value}")))
    }

    /// An instant.
    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        time(column, self.get(column)?)
    }

    /// An instant, where there is one.
    pub(crate) fn opt_time(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        let value: Option<i64> = self.get(column)?;
        value.map(|value| time(column, value)).transpose()
    }

    /// A code, read back into the value it stands for.
    pub(crate) fn code<T>(
        &self,
        column: &'static str,
        from_code: impl Fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let code: String = self.get(column)?;
        from_code(&code)
            .ok_or_else(|| StoreError::damaged(format!("`{column}` holds the unknown `{code}`")))
    }
}

fn time(column: &'static str, microseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(microseconds)
        .map_err(|_| StoreError::damaged(format!("`{column}` is not a time: {microseconds}")))
}

/// A count, version or index as the databases hold it.
pub(crate) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
