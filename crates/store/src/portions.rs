//! Statements over many rows, in portions of a few sizes.

use crate::StoreError;
use crate::rows::{Dialect, Row, Session, Value};

/// Rows in one statement, greedily: few sizes, so that the databases know every statement already.
/// A full batch is one statement a table; its 256 rows of 20 values are 5,120 placeholders, and SQLite
/// takes 32,766.
const ROWS: [usize; 4] = [256, 64, 8, 1];

/// The rows for which one of the values is in the list that the statement ends with.
pub(crate) async fn in_portions(
    session: &mut Session<'_>,
    select: &str,
    values: &[Value<'_>],
) -> Result<Vec<Row>, StoreError> {
    let mut found = Vec::new();
    for values in portions(values) {
        let mut sql = select.to_owned();
        add_places(&mut sql, session.dialect(), 1, values.len());
        found.extend(session.rows(sqlx::AssertSqlSafe(sql), values).await?);
    }
    Ok(found)
}

/// Inserts rows; `before` and `after` the rows are the statement's two ends.
pub(crate) async fn insert<'r, T, const COLUMNS: usize>(
    session: &mut Session<'_>,
    (before, after): (&str, &str),
    rows: &'r [T],
    values: impl Fn(&'r T) -> [Value<'r>; COLUMNS],
) -> Result<(), StoreError> {
    let dialect = session.dialect();
    for rows in portions(rows) {
        let mut sql = before.to_owned();
        for row in 0..rows.len() {
            sql += if row > 0 { "," } else { "" };
            add_places(&mut sql, dialect, row * COLUMNS + 1, COLUMNS);
        }
        sql += after;
        let values: Vec<Value<'_>> = rows.iter().flat_map(&values).collect();
        session.execute(sqlx::AssertSqlSafe(sql), &values).await?;
    }
    Ok(())
}

/// `($first,$first + 1,...)`; on SQLite `(?,?,...)`, because it looks through all names for each value that
/// is bound by one, and through a thousand for the last of a thousand.
fn add_places(sql: &mut String, dialect: Dialect, first: usize, count: usize) {
    for place in first..first + count {
        sql.push(if place == first { '(' } else { ',' });
        match dialect {
            Dialect::Sqlite => sql.push('?'),
            Dialect::Postgres => {
                sql.push('$');
                sql.push_str(&place.to_string());
            }
        }
    }
    sql.push(')');
}

/// The rows in portions of the known sizes, largest first.
fn portions<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = ROWS.into_iter().find(|size| *size <= rest.len())?;
        let (portion, after) = rest.split_at(size);
        rest = after;
        Some(portion)
    })
}
