//! What budgets count: the requests of an agency that came before one of its requests.

use disclosure::Case;
use jiff::{SignedDuration, Timestamp};

use crate::record::officer;
use crate::rows::{Value, int};
use crate::{Store, StoreError};

/// A budget counts over this long a time before the request.
const DAY: SignedDuration = SignedDuration::from_hours(24);
const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);
const YEAR: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Requests of the same agency, for the same purpose, that came before one, each counted up to a limit.
/// Those returned or refused without a trace are left out.
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
    /// Counts the requests before this one, each sort up to `limit`: an agency that has asked very often is
    /// not counted to the end for each further request. The count of a request never changes because of a
    /// later one, so the tenth of ten is within a budget of ten whoever counts, and when.
    pub async fn earlier(&self, case: &Case, limit: u64) -> Result<Earlier, StoreError> {
        let since = |time: SignedDuration| {
            let since = case.received_at.checked_sub(time);
            Value::Int(since.unwrap_or(Timestamp::MIN).as_microsecond())
        };
        let requester = &case.request.requester;
        let officer = officer(&case.request);
        let common = [
            Value::Text(&requester.organization),
            Value::Text(&case.request.purpose),
            Value::Int(case.received_at.as_microsecond()),
            Value::Text(&case.id),
            Value::Int(int(limit)),
        ];
        let mut reader = self.reader().await?;
        let mut session = reader.lend();
        let of_officer = [since(DAY), Value::Text(&officer)];
        let asked = [&common[..], &of_officer].concat();
        let asked = session.row(ASKED, &asked).await?;
        let about = [&common[..], &[since(YEAR), since(MONTH)]].concat();
        let about = session.row(ABOUT, &about).await?;
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

/// The index `cases_counted` answers both.
const ASKED: &str = "
    SELECT (SELECT COUNT(*) FROM (
                SELECT 1 AS one FROM cases
                WHERE agency = $1 AND purpose = $2 AND (received_at, id) < ($3, $4) AND received_at > $6
                      AND (ending IS NULL OR ending NOT IN ('invalid', 'refused'))
                LIMIT $5) AS counted) AS agency,
           (SELECT COUNT(*) FROM (
                SELECT 1 AS one FROM cases
                WHERE agency = $1 AND purpose = $2 AND (received_at, id) < ($3, $4) AND received_at > $6
                      AND (ending IS NULL OR ending NOT IN ('invalid', 'refused')) AND officer = $7
                LIMIT $5) AS counted) AS officer";

/// `CROSS JOIN` keeps SQLite to this order. It would rather begin with everything that the agency has asked.
const ABOUT: &str = "
    SELECT (SELECT COUNT(*) FROM (
                SELECT DISTINCT cases.id FROM subject_marks mine
                CROSS JOIN subject_marks other CROSS JOIN cases
                WHERE mine.case_id = $4 AND other.mark = mine.mark AND cases.id = other.case_id
                      AND agency = $1 AND purpose = $2 AND (received_at, cases.id) < ($3, $4)
                      AND received_at > $6
                      AND (ending IS NULL OR ending NOT IN ('invalid', 'refused'))
                LIMIT $5) AS counted) AS subject,
           (SELECT COUNT(*) FROM (
                SELECT DISTINCT cases.id FROM subject_marks mine
                CROSS JOIN subject_marks other CROSS JOIN cases
                WHERE mine.case_id = $4 AND other.mark = mine.mark AND cases.id = other.case_id
                      AND agency = $1 AND purpose = $2 AND (received_at, cases.id) < ($3, $4)
                      AND received_at > $7
                      AND (ending IS NULL OR ending NOT IN ('invalid', 'refused'))
                LIMIT $5) AS counted) AS attempts";
