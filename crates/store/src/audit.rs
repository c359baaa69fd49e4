//! The database against itself: every entry opens, and every case is the one that the log knows.

use std::collections::{HashMap, HashSet};

use ledger::leaf::Hour;
use sha2::{Digest as _, Sha256};

use crate::record::CaseRecord;
use crate::rows::{Row, Value};
use crate::{Entry, Store, StoreError};

/// Cases read at once.
const PAGE: i64 = 500;

impl Store {
    /// Reads every entry and every case and names the first that is not what was committed to. An edit
    /// behind the program's back is found by whoever does not hold the key file. Takes a second for
    /// some ten thousand entries.
    pub async fn audit(&self) -> Result<(), StoreError> {
        let size = self.ledger_size().await?;
        let mut known = Known::default();
        for index in 0..size {
            let entry = self.entry(index).await?;
            let entry = entry.ok_or_else(|| {
                StoreError::damaged(format!("ledger entry {index} or its opening is missing"))
            })?;
            known.take(&entry)?;
        }
        self.check_head().await?;
        let mut after = String::new();
        loop {
            let sql = "SELECT id, ending, agreement, agreement_hash, agency, officer, purpose,
                           priority, received_at, expires_at, answer_at, download_until,
                           erased_at IS NOT NULL AS erased
                       FROM cases WHERE id > $1 ORDER BY id LIMIT $2";
            let values = [Value::Text(&after), Value::Int(PAGE)];
            let rows = self.reader().await?.lend().rows(sql, &values).await?;
            for row in &rows {
                after = row.get("id")?;
                self.audit_case(&after, row, &mut known).await?;
            }
            if rows.is_empty() {
                return known.nothing_left();
            }
        }
    }

    async fn audit_case(&self, id: &str, row: &Row, known: &mut Known) -> Result<(), StoreError> {
        let hash = known.cases.remove(id);
        if row.get("erased")? {
            return match known.erased.contains(id) {
                true => Ok(()),
                false => Err(StoreError::damaged(format!(
                    "case `{id}` is marked as erased and the log does not say so"
                ))),
            };
        }
        let body = self.case_body(id).await?.unwrap_or_default();
        if hash != Some(hex::encode(Sha256::digest(&body))) {
            return Err(StoreError::damaged(format!(
                "case `{id}` is not the one that the log knows"
            )));
        }
        let case = self.case(id).await?;
        let record = case.as_ref().map(CaseRecord::new).transpose()?;
        match record {
            Some(record) if record.agrees(row)? => Ok(()),
            _ => Err(StoreError::damaged(format!(
                "case `{id}` differs from its own columns"
            ))),
        }
    }
}

/// What the log says of cases.
#[derive(Default)]
struct Known {
    /// Hash of each case as its newest entry has it.
    cases: HashMap<String, String>,
    erased: HashSet<String>,
    /// Cases whose personal facts do not open any more, each with an entry of it.
    closed: HashMap<String, u64>,
}

impl Known {
    fn take(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let index = entry.row.index;
        let differs =
            || StoreError::damaged(format!("ledger entry {index} differs from its own columns"));
        let opening = entry.audit.as_ref().ok_or_else(differs)?;
        if entry.personal.is_none() {
            let case = entry.row.case_id.clone().ok_or_else(differs)?;
            self.closed.insert(case, index);
        }
        let facts: serde_json::Value =
            serde_json::from_slice(&opening.bytes).map_err(|_| differs())?;
        let case = facts["case_id"].as_str();
        let at = facts["at"].as_i64();
        let seconds = u64::try_from(entry.row.at.as_second()).unwrap_or_default();
        let agrees = case == entry.row.case_id.as_deref()
            && at == Some(entry.row.at.as_microsecond())
            && entry.leaf.hour == Hour::from_unix_seconds(seconds);
        if !agrees {
            return Err(differs());
        }
        if let (Some(case), Some(hash)) = (case, facts["body_hash"].as_str()) {
            self.cases.insert(case.to_owned(), hash.to_owned());
        }
        if entry.row.kind == disclosure::EventKind::Erased {
            let ids = entry.fact("cases").unwrap_or_default();
            self.erased.extend(ids.split(' ').map(str::to_owned));
        }
        Ok(())
    }

    fn nothing_left(self) -> Result<(), StoreError> {
        let unsaid = |(case, _): &(&String, &u64)| !self.erased.contains(*case);
        if let Some((_, index)) = self.closed.iter().find(unsaid) {
            return Err(StoreError::damaged(format!(
                "ledger entry {index} does not open and the log does not say why"
            )));
        }
        match self.cases.into_keys().min() {
            None => Ok(()),
            Some(id) => Err(StoreError::damaged(format!("case `{id}` is missing"))),
        }
    }
}
