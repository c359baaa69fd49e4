//! What budgets count: the requests of an agency that came before one of its requests.

use disclosure::Case;
use jiff::{SignedDuration, Timestamp};

use crate::record::officer;
use crate::rows::Value;
use crate::{Store, StoreError};

/// A budget counts over this long a time before the request.
const DAY: SignedDuration = SignedDuration::from_hours(24);
const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);
const YEAR: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Requests of the same agency, for the same purpose, that came before one. Those returned or
/// refused without a trace are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// Of the agency, within a day.
    pub agency: u64,
    /// Of the officer, within a day.
    pub officer: u64,
    /// About the same person, within a year.
    pub subject: u64,
    /// About the same person, within 30 days: attempts at one answer.
    pub attempts: u64,
}

impl Store {
    /// Counts the requests before this one. The count of a request never changes because of a
    /// later one, so the tenth of ten is within a budget of ten whoever counts, and when.
    pub async fn earlier(&self, case: &Case) -> Result<Earlier, StoreError> {
        let mut reader = self.reader().await?;
        let mut session = reader.lend();
        let before = |time: SignedDuration| {
            let since = case.received_at.checked_sub(time);
            Value::Int(since.unwrap_or(Timestamp::MIN).as_microsecond())
        };
        let requester = &case.request.requester;
        let common = [
            Value::Text(&requester.organization),
            Value::Text(&case.request.purpose),
            Value::Int(case.received_at.as_microsecond()),
            Value::Text(&case.id),
        ];
        let [agency, purpose, at, id] = common;
        let sql = "SELECT COUNT(*) AS agency, COUNT(CASE WHEN officer = $6 THEN 1 END) AS officer
                   FROM cases
                   WHERE agency = $1 AND purpose = $2 AND (received_at, id) < ($3, $4)
                         AND received_at > $5
                         AND (ending IS NULL OR ending NOT IN ('invalid', 'refused'))";
        let officer = officer(&case.request);
        let values = [agency, purpose, at, id, before(DAY), Value::Text(&officer)];
        let asked = session.row(sql, &values).await?;
        let sql = "SELECT COUNT(DISTINCT cases.id) AS subject,
                       COUNT(DISTINCT CASE WHEN received_at > $6 THEN cases.id END) AS attempts
                   FROM subject_marks mine
                   JOIN subject_marks other ON other.mark = mine.mark
                   JOIN cases ON cases.id = other.case_id
                   WHERE mine.case_id = $4
                         AND agency = $1 AND purpose = $2 AND (received_at, cases.id) < ($3, $4)
                         AND received_at > $5
                         AND (ending IS NULL OR ending NOT IN ('invalid', 'refused'))";
        let values = [agency, purpose, at, id, before(YEAR), before(MONTH)];
        let about = session.row(sql, &values).await?;
        let (Some(asked), Some(about)) = (asked, about) else {
            return Err(StoreError::damaged("a count has no answer"));
        };
        Ok(Earlier {
            agency: asked.number("agency")?,
            officer: asked.number("officer")?,
            subject: about.number("subject")?,
            attempts: about.number("attempts")?,
        })
    }
}
