//! The published counts of a period.

mod counted;

pub use counted::CountedCase;

use disclosure::Ending;
use disclosure::statistics::Row as Counts;
use jiff::Timestamp;

use crate::read::ending_from_code;
use crate::rows::{Row, Value};
use crate::{Store, StoreError};

/// Counts of a period, by agreement version and agency, and their total.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// One row for each agreement version and agency that has cases, in this order.
    pub rows: Vec<StatisticsRow>,
    /// Their sum.
    pub total: Counts,
}

/// Counts of one agreement version and agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsRow {
    /// `AGREEMENT/VERSION`; `None` for cases that no agreement applied to.
    pub agreement: Option<String>,
    /// Organization code.
    pub agency: String,
    /// The counts.
    pub counts: Counts,
}

/// How many cases are in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseCount {
    /// Code of the state they are in.
    pub state: String,
    /// How they ended, once their answer is out.
    pub told: Option<Ending>,
    /// How many.
    pub cases: u64,
}

impl Store {
    /// Counts every case by its state and by how it ended, which at `as_of` is only known where the answer
    /// is out.
    pub async fn case_counts(&self, as_of: Timestamp) -> Result<Vec<CaseCount>, StoreError> {
        let sql =
            "SELECT state, CASE WHEN answer_at IS NULL OR answer_at <= $1 THEN ending END AS told,
                       COUNT(*) AS cases
                   FROM cases GROUP BY 1, 2 ORDER BY 1, 2";
        let mut reader = self.reader().await?;
        let values = [Value::Int(as_of.as_microsecond())];
        let rows = reader.lend().rows(sql, &values).await?;
        let count = |row: &Row| {
            let told: Option<String> = row.get("told")?;
            Ok(CaseCount {
                state: row.get("state")?,
                told: told.as_deref().map(ending_from_code).transpose()?,
                cases: row.number("cases")?,
            })
        };
        rows.iter().map(count).collect()
    }

    /// Counts the cases received from `from` up to, not including, `until`, as a requester may know
    /// them at `as_of`: an ending whose answer is not out yet counts as pending, so that the counts never
    /// tell sooner than the answer does.
    pub async fn statistics(
        &self,
        from: Timestamp,
        until: Timestamp,
        as_of: Timestamp,
    ) -> Result<Statistics, StoreError> {
        let sql = "SELECT agreement, agency, state = 'held_suspension' AS held,
                       CASE WHEN answer_at IS NULL OR answer_at <= $3 THEN ending END AS told,
                       COUNT(*) AS cases
                   FROM cases WHERE received_at >= $1 AND received_at < $2
                   GROUP BY 1, 2, 3, 4 ORDER BY agreement, agency";
        let values = [from, until, as_of].map(|time| Value::Int(time.as_microsecond()));
        let mut reader = self.reader().await?;
        let mut statistics = Statistics::default();
        for row in reader.lend().rows(sql, &values).await? {
            statistics.add(&row)?;
        }
        Ok(statistics)
    }
}

impl Statistics {
    fn add(&mut self, row: &Row) -> Result<(), StoreError> {
        let agreement: Option<String> = row.get("agreement")?;
        let agency: String = row.get("agency")?;
        let ending: Option<String> = row.get("told")?;
        let ending = ending.as_deref().map(ending_from_code).transpose()?;
        let (held, cases) = (row.get("held")?, row.number("cases")?);
        self.total.add(ending, held, cases);
        let same = |last: &&mut StatisticsRow| last.agreement == agreement && last.agency == agency;
        match self.rows.last_mut().filter(same) {
            Some(last) => last.counts.add(ending, held, cases),
            None => {
                let mut counts = Counts::default();
                counts.add(ending, held, cases);
                self.rows.push(StatisticsRow {
                    agreement,
                    agency,
                    counts,
                });
            }
        }
        Ok(())
    }
}
