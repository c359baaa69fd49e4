//! Reads. They see what is committed and change nothing.

use std::fmt;
use std::str::FromStr;

use disclosure::request::Priority;
use disclosure::{AgreementRef, Case, Ending, Request};
use jiff::Timestamp;

use crate::open::integrity_check;
use crate::record::{officer, priority_code};
use crate::rows::{Dialect, Row, Value};
use crate::seal::case_place;
use crate::{Store, StoreError};

/// Most rows in one answer; ask again from the cursor for more.
pub const PAGE_MAX: u32 = 1_000;

/// A case in a list: no personal data, so lists can be shown to whoever may see the case exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Public reference.
    pub id: String,
    /// Counts the changes.
    pub version: u64,
    /// Code of the state.
    pub state: String,
    /// How it is counted, once the requester's wait has ended.
    pub ending: Option<Ending>,
    /// The agreement version, once one applies.
    pub agreement: Option<AgreementRef>,
    /// Organization code of the requester.
    pub agency: String,
    /// Purpose code.
    pub purpose: String,
    /// How soon.
    pub priority: Priority,
    /// When it arrived.
    pub received_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When the requester may learn the answer.
    pub answer_at: Option<Timestamp>,
    /// Identity of the member of staff who has taken it.
    pub assignee: Option<String>,
}

/// Which cases; every part that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Code of the state.
    pub state: Option<String>,
    /// Organization code of the requester.
    pub agency: Option<String>,
    /// `AGREEMENT/VERSION`.
    pub agreement: Option<String>,
    /// How soon.
    pub priority: Option<Priority>,
    /// Identity of the member of staff who has taken it.
    pub assignee: Option<String>,
    /// `true`: somebody has taken it; `false`: nobody has.
    pub assigned: Option<bool>,
    /// `true`: the requester's wait has ended; `false`: it has not.
    pub ended: Option<bool>,
    /// Received at this instant or later.
    pub received_from: Option<Timestamp>,
    /// Received before this instant.
    pub received_until: Option<Timestamp>,
    /// Ends by itself at this instant or earlier.
    pub expires_by: Option<Timestamp>,
    /// Holds a record that is to be emptied at this instant or earlier.
    pub download_by: Option<Timestamp>,
    /// Whose people are told later, at this instant or earlier.
    pub deferred_by: Option<Timestamp>,
    /// Owes an outcome return that was due at this instant or earlier.
    pub outcome_by: Option<Timestamp>,
}

/// Where a list goes on. Its text form goes into addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    received_at: i64,
    id: String,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.received_at, self.id)
    }
}

impl FromStr for Cursor {
    type Err = ();

    /// Reads the text form; anything else is not a cursor.
    fn from_str(text: &str) -> Result<Cursor, ()> {
        let (received_at, id) = text.split_once('.').ok_or(())?;
        let received_at = received_at.parse().map_err(|_| ())?;
        if id.contains('\0') {
            return Err(());
        }
        Ok(Cursor {
            received_at,
            id: id.to_owned(),
        })
    }
}

/// Part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The cases.
    pub rows: Vec<CaseRow>,
    /// Where the list goes on; `None` at its end.
    pub next: Option<Cursor>,
}

/// How the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Entries in the ledger.
    pub ledger_size: u64,
    /// Cases whose requester waits.
    pub cases_open: u64,
    /// Messages not yet done.
    pub outbox_waiting: u64,
    /// When the oldest of them was due.
    pub outbox_oldest: Option<Timestamp>,
}

impl Store {
    /// The case with this reference; `None` where there is none, or none any more.
    pub async fn case(&self, id: &str) -> Result<Option<Case>, StoreError> {
        let row = self.case_row(id).await?;
        row.map(|row| self.read_case(&row)).transpose()
    }

    /// The exact text of a case, to compare with the `body_hash` of its newest entry.
    pub async fn case_body(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.case_row(id).await?;
        row.map(|row| self.body(&row)).transpose()
    }

    async fn case_row(&self, id: &str) -> Result<Option<Row>, StoreError> {
        let sql = "SELECT id, version, state, key_slot, sealed FROM cases
                   WHERE id = $1 AND erased_at IS NULL";
        self.row(sql, id).await
    }

    fn body(&self, row: &Row) -> Result<Vec<u8>, StoreError> {
        let (id, sealed): (String, Vec<u8>) = (row.get("id")?, row.get("sealed")?);
        let key = self.keys.get(row.number("key_slot")?)?;
        let body = key.and_then(|key| key.open(&case_place(&id), &sealed));
        body.ok_or_else(|| StoreError::damaged(format!("case `{id}` does not open with its key")))
    }

    fn read_case(&self, row: &Row) -> Result<Case, StoreError> {
        let (id, state): (String, String) = (row.get("id")?, row.get("state")?);
        let case: Case = serde_json::from_slice(&self.body(row)?)
            .map_err(|_| StoreError::damaged(format!("case `{id}` is not readable")))?;
        let agrees =
            case.id == id && case.version == row.number("version")? && case.state.code() == state;
        if agrees {
            Ok(case)
        } else {
            Err(StoreError::damaged(format!(
                "case `{id}` differs from its own columns"
            )))
        }
    }

    /// References of the latest `limit` requests of the officer who makes this one, the newest first.
    pub async fn asked_before(
        &self,
        request: &Request,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id FROM cases WHERE agency = $1 AND officer = $2
                   ORDER BY received_at DESC, id DESC LIMIT $3";
        let officer = officer(request);
        let values = [
            Value::Text(&request.requester.organization),
            Value::Text(&officer),
            Value::Int(i64::from(limit)),
        ];
        let rows = self.reader().await?.lend().rows(sql, &values).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// Cases that pass the filter, whole, newest first: those of `limit` lines before the cursor that are
    /// not erased, and where the list goes on.
    pub async fn latest(
        &self,
        filter: &CaseFilter,
        before: Option<&Cursor>,
        limit: u32,
    ) -> Result<(Vec<Case>, Option<Cursor>), StoreError> {
        let query = filter.query(
            "SELECT id, received_at, version, state, key_slot, sealed, erased_at FROM cases WHERE ",
        );
        let (rows, next) = self.listed(query, before, limit, ("<", "DESC")).await?;
        let mut cases = Vec::with_capacity(rows.len());
        for row in &rows {
            if row.opt_time("erased_at")?.is_none() {
                cases.push(self.read_case(row)?);
            }
        }
        Ok((cases, next))
    }

    /// Cases that pass the filter, oldest first, `limit` of them after the cursor.
    pub async fn cases(
        &self,
        filter: &CaseFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let query = filter.query(
            "SELECT id, version, state, ending, agreement, agreement_hash, agency, purpose, priority,
                 received_at, expires_at, answer_at, assignee
             FROM cases WHERE ",
        );
        let (rows, next) = self.listed(query, after, limit, (">", "ASC")).await?;
        let rows = rows.iter().map(case_row).collect::<Result<_, _>>()?;
        Ok(Page { rows, next })
    }

    /// `limit` rows of the query beyond the cursor, and where the list goes on.
    async fn listed(
        &self,
        mut query: FilterQuery<'_>,
        beyond: Option<&Cursor>,
        limit: u32,
        (compared, order): (&str, &str),
    ) -> Result<(Vec<Row>, Option<Cursor>), StoreError> {
        let limit = usize::try_from(limit.clamp(1, PAGE_MAX)).unwrap_or(1);
        if let Some(beyond) = beyond {
            let at = query.place(Value::Int(beyond.received_at));
            let id = query.place(Value::Text(&beyond.id));
            query.sql += &format!(" AND (received_at, id) {compared} ({at}, {id})");
        }
        // One more than asked for tells whether the list goes on.
        let more = limit + 1;
        query.sql += &format!(" ORDER BY received_at {order}, id {order} LIMIT {more}");
        let mut rows = self.rows(query).await?;
        let goes_on = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| goes_on).map(cursor).transpose()?;
        Ok((rows, next))
    }

    /// How many cases whose requester waits stand in each state; nothing of a state with none.
    pub async fn open_counts(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = "SELECT state, COUNT(*) AS cases FROM cases WHERE ending IS NULL GROUP BY state";
        let rows = self.reader().await?.lend().rows(sql, &[]).await?;
        rows.iter()
            .map(|row| Ok((row.get("state")?, row.number("cases")?)))
            .collect()
    }

    /// How many cases pass the filter.
    pub async fn count(&self, filter: &CaseFilter) -> Result<u64, StoreError> {
        let query = filter.query("SELECT COUNT(*) AS cases FROM cases WHERE ");
        self.rows(query)
            .await?
            .first()
            .map_or(Ok(0), |row| row.number("cases"))
    }

    /// Reads a little of everything and says how the store is.
    pub async fn health(&self) -> Result<Health, StoreError> {
        let mut reader = self.reader().await?;
        let sql = "SELECT (SELECT size FROM ledger_head WHERE id = 1) AS size,
                       (SELECT COUNT(*) FROM cases WHERE ending IS NULL) AS open,
                       COUNT(*) AS waiting, MIN(not_before) AS oldest
                   FROM outbox WHERE done_at IS NULL";
        let row = reader.lend().row(sql, &[]).await?;
        let row = row.ok_or_else(|| StoreError::damaged("the health query has no answer"))?;
        Ok(Health {
            ledger_size: row.number("size")?,
            cases_open: row.number("open")?,
            outbox_waiting: row.number("waiting")?,
            outbox_oldest: row.opt_time("oldest")?,
        })
    }

    /// Reads the whole database, its indexes too, and reports the first damage. Takes some ten seconds
    /// for each gigabyte.
    pub async fn check(&self) -> Result<(), StoreError> {
        let mut reader = self.reader().await?;
        let mut session = reader.lend();
        if session.dialect() == Dialect::Sqlite {
            integrity_check(&mut session).await?;
        }
        drop(reader);
        self.check_head().await
    }

    pub(crate) async fn row(
        &self,
        sql: &'static str,
        text: &str,
    ) -> Result<Option<Row>, StoreError> {
        // PostgreSQL refuses a zero byte with an error; as a name it is simply not there.
        if text.contains('\0') {
            return Ok(None);
        }
        let mut reader = self.reader().await?;
        reader.lend().row(sql, &[Value::Text(text)]).await
    }

    async fn rows(&self, query: FilterQuery<'_>) -> Result<Vec<Row>, StoreError> {
        let zero = |value: &Value| matches!(value, Value::Text(text) if text.contains('\0'));
        if query.values.iter().any(zero) {
            return Ok(Vec::new());
        }
        let mut reader = self.reader().await?;
        let sql = sqlx::AssertSqlSafe(query.sql);
        reader.lend().rows(sql, &query.values).await
    }
}

/// SQL put together from fixed pieces, and the values for its placeholders.
struct FilterQuery<'f> {
    sql: String,
    values: Vec<Value<'f>>,
}

impl<'f> FilterQuery<'f> {
    /// The placeholder for a value.
    fn place(&mut self, value: Value<'f>) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn also(&mut self, condition: &str, value: Option<Value<'f>>) {
        if let Some(value) = value {
            let place = self.place(value);
            self.sql += &format!(" AND {condition} {place}");
        }
    }
}

impl CaseFilter {
    fn query(&self, select: &str) -> FilterQuery<'_> {
        let mut query = FilterQuery {
            sql: format!("{select}1 = 1"),
            values: Vec::new(),
        };
        let time = |time: Option<Timestamp>| time.map(|time| Value::Int(time.as_microsecond()));
        query.also("state =", self.state.as_deref().map(Value::Text));
        query.also("agency =", self.agency.as_deref().map(Value::Text));
        query.also("agreement =", self.agreement.as_deref().map(Value::Text));
        query.also(
            "priority =",
            self.priority.map(|p| Value::Text(priority_code(p))),
        );
        query.also("assignee =", self.assignee.as_deref().map(Value::Text));
        query.also("received_at >=", time(self.received_from));
        query.also("received_at <", time(self.received_until));
        query.also("expires_at <=", time(self.expires_by));
        query.also("download_until <=", time(self.download_by));
        query.also("deferred_until <=", time(self.deferred_by));
        query.also("outcome_due_at <=", time(self.outcome_by));
        query.sql += match self.ended {
            Some(true) => " AND ending IS NOT NULL",
            Some(false) => " AND ending IS NULL",
            None => "",
        };
        query.sql += match self.assigned {
            Some(true) => " AND assignee IS NOT NULL",
            Some(false) => " AND assignee IS NULL",
            None => "",
        };
        query
    }
}

fn cursor(row: &Row) -> Result<Cursor, StoreError> {
    Ok(Cursor {
        received_at: row.time("received_at")?.as_microsecond(),
        id: row.get("id")?,
    })
}

fn case_row(row: &Row) -> Result<CaseRow, StoreError> {
    let ending: Option<String> = row.get("ending")?;
    let name: Option<String> = row.get("agreement")?;
    let hash: Option<String> = row.get("agreement_hash")?;
    Ok(CaseRow {
        id: row.get("id")?,
        version: row.number("version")?,
        state: row.get("state")?,
        ending: ending.as_deref().map(ending_from_code).transpose()?,
        agreement: name
            .zip(hash)
            .map(|(name, hash)| AgreementRef { name, hash }),
        agency: row.get("agency")?,
        purpose: row.get("purpose")?,
        priority: row.code("priority", priority_from_code)?,
        received_at: row.time("received_at")?,
        expires_at: row.time("expires_at")?,
        answer_at: row.opt_time("answer_at")?,
        assignee: row.get("assignee")?,
    })
}

fn priority_from_code(code: &str) -> Option<Priority> {
    [Priority::Routine, Priority::Priority, Priority::Emergency]
        .into_iter()
        .find(|priority| priority_code(*priority) == code)
}

pub(crate) fn ending_from_code(code: &str) -> Result<Ending, StoreError> {
    Ending::from_code(code)
        .ok_or_else(|| StoreError::damaged(format!("`ending` holds the unknown `{code}`")))
}
