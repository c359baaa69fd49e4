//! The cases of a period, each with what is counted of it and nothing else.

use std::collections::BTreeMap;

use disclosure::{Code, Ending, EventKind, State};
use jiff::Timestamp;

use crate::read::ending_from_code;
use crate::rows::{Row, Value};
use crate::{Store, StoreError};

/// What is counted of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedCase {
    /// `AGREEMENT/VERSION`; `None` where no agreement applied.
    pub agreement: Option<String>,
    /// Organization code.
    pub agency: String,
    /// Purpose code.
    pub purpose: String,
    /// How it ended, once the answer is out.
    pub ending: Option<Ending>,
    /// Waits while its agreement is suspended.
    pub held: bool,
    /// Why it was refused, or ended without a result; `None` for other endings, and where the case has been erased.
    pub code: Option<Code>,
    /// What has happened to it, each kind once, in the order of its last time.
    pub events: Vec<EventKind>,
    /// Whole days until the answer, those begun with it; `None` while there is none.
    pub days: Option<u64>,
    /// Recalled because it was about somebody else.
    pub wrong_person: bool,
    /// Keyed hashes of the identifiers asked with: cases that share one are about one person.
    pub marks: Vec<Vec<u8>>,
}

const CASES: &str = "SELECT id, agreement, agency, purpose,
        CASE WHEN answer_at IS NULL OR answer_at <= $3 THEN ending END AS told,
        CASE WHEN answer_at <= $3 THEN answer_at - received_at END AS waited
    FROM cases WHERE received_at >= $1 AND received_at < $2 ORDER BY received_at, id";

const MARKS: &str = "SELECT case_id, mark FROM subject_marks JOIN cases ON cases.id = case_id
    WHERE received_at >= $1 AND received_at < $2";

const EVENTS: &str = "SELECT case_id, kind FROM ledger_entries JOIN cases ON cases.id = case_id
    WHERE received_at >= $1 AND received_at < $2 AND at < $3
    GROUP BY case_id, kind ORDER BY case_id, MAX(idx)";

impl Store {
    /// The cases received from `from` up to, not including, `until`, as a requester may know them at
    /// `as_of`; see [`Store::statistics`]. What has happened since then changes nothing, but for erasures and
    /// the agreement, which is the one that a case was last judged under.
    pub async fn counted_cases(
        &self,
        from: Timestamp,
        until: Timestamp,
        as_of: Timestamp,
    ) -> Result<Vec<CountedCase>, StoreError> {
        let [from, until, as_of] = [from, until, as_of].map(Timestamp::as_microsecond);
        let period = [Value::Int(from), Value::Int(until)];
        let values = [Value::Int(from), Value::Int(until), Value::Int(as_of)];
        let (rows, marks, events) = {
            let mut reader = self.reader().await?;
            let mut session = reader.lend();
            let rows = session.rows(CASES, &values).await?;
            let marks = session.rows(MARKS, &period).await?;
            (rows, marks, session.rows(EVENTS, &values).await?)
        };
        let mut marks = by_case(&marks, |row| row.get("mark"))?;
        let mut events = by_case(&events, kind)?;
        let mut cases = Vec::with_capacity(rows.len());
        for row in &rows {
            let id: String = row.get("id")?;
            let told: Option<String> = row.get("told")?;
            let ending = told.as_deref().map(ending_from_code).transpose()?;
            let code = match ending {
                Some(Ending::Refused | Ending::NoResult) => self.ended_for(&id).await?,
                _ => None,
            };
            let events: Vec<EventKind> = events.remove(&id).unwrap_or_default();
            let wrong_person =
                events.contains(&EventKind::Recalled) && self.was_wrong_person(&id).await?;
            let waited: Option<i64> = row.get("waited")?;
            cases.push(CountedCase {
                agreement: row.get("agreement")?,
                agency: row.get("agency")?,
                purpose: row.get("purpose")?,
                ending,
                held: is_held(&events),
                code,
                events,
                days: waited
                    .and_then(|waited| u64::try_from(waited).ok())
                    .map(days),
                wrong_person,
                marks: marks.remove(&id).unwrap_or_default(),
            });
        }
        Ok(cases)
    }

    /// How many entries the log had when `until` began: from its first entries the counts before then follow.
    pub async fn log_entries_before(&self, until: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT COALESCE(
                (SELECT MIN(idx) FROM ledger_entries WHERE at >= $1),
                (SELECT MAX(idx) + 1 FROM ledger_entries), 0) AS entries";
        let values = [Value::Int(until.as_microsecond())];
        let mut reader = self.reader().await?;
        let rows = reader.lend().rows(sql, &values).await?;
        rows.first().map_or(Ok(0), |row| row.number("entries"))
    }

    async fn was_wrong_person(&self, id: &str) -> Result<bool, StoreError> {
        let case = self.case(id).await?;
        Ok(case.is_some_and(|case| case.was_wrong_person()))
    }

    /// The code stands in the sealed case alone.
    async fn ended_for(&self, id: &str) -> Result<Option<Code>, StoreError> {
        Ok(self.case(id).await?.and_then(|case| match case.state {
            State::Refused(refusal) => Some(refusal.code),
            State::NoResult(ended) => Some(ended.code),
            _ => None,
        }))
    }
}

/// Of microseconds.
fn days(waited: u64) -> u64 {
    waited.div_ceil(24 * 60 * 60 * 1_000_000)
}

/// Was it held and not taken up again?
fn is_held(events: &[EventKind]) -> bool {
    let mut pauses = events.iter().rev();
    pauses.find(|kind| matches!(kind, EventKind::Held | EventKind::Resumed))
        == Some(&EventKind::Held)
}

fn by_case<T>(
    rows: &[Row],
    of: impl Fn(&Row) -> Result<T, StoreError>,
) -> Result<BTreeMap<String, Vec<T>>, StoreError> {
    let mut found: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for row in rows {
        found.entry(row.get("case_id")?).or_default().push(of(row)?);
    }
    Ok(found)
}

fn kind(row: &Row) -> Result<EventKind, StoreError> {
    let number = row.number("kind")?;
    let kind = u16::try_from(number).ok().and_then(EventKind::from_number);
    kind.ok_or_else(|| StoreError::damaged(format!("no kind of entry has the number {number}")))
}
