//! A guardian writes another public-interest test for a standing agreement; it counts once a second
//! guardian has confirmed exactly that text. Both are entries of the log before anything rests on it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;

use agreement::{InterestTest, Library, Problem};
use disclosure::{Actor, ArrowError, arrows};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::StoreError;
use thiserror::Error;

use super::StepError;
use crate::gate::Gate;

/// Why a test was neither proposed nor confirmed.
#[derive(Debug, Error)]
pub enum InterestError {
    /// The test lacks something.
    #[error("the test is not complete")]
    Incomplete(Vec<Problem>),
    /// Nobody has proposed this text, or another has taken its place.
    #[error("what was proposed has changed since you looked; look at it again")]
    Changed,
    /// The folder of the agreements cannot be written.
    #[error("the folder of the agreements cannot be written: {0}")]
    Folder(#[from] io::Error),
    /// A guard said no, or the store failed.
    #[error(transparent)]
    Step(#[from] StepError),
}

impl From<ArrowError> for InterestError {
    fn from(error: ArrowError) -> InterestError {
        StepError::from(error).into()
    }
}

impl From<StoreError> for InterestError {
    fn from(error: StoreError) -> InterestError {
        StepError::from(error).into()
    }
}

/// Whether the test that counts for an agreement is met and has not expired. One that took another's place
/// counts with the entry of its confirmation: a line in a file, which one person alone can write, is not enough.
pub async fn is_valid(
    gate: &Gate,
    agreements: &Library,
    agreement: &str,
    now: Timestamp,
) -> Result<bool, StepError> {
    let Some(found) = agreements.agreement(agreement) else {
        return Ok(false);
    };
    let test = found.test_at(now).filter(|test| test.valid_at(now));
    let Some(renewed) = test.filter(|test| found.renewals.contains(test)) else {
        return Ok(test.is_some());
    };
    let proposed = InterestTest {
        guardian_signoff: String::new(),
        ..renewed.clone()
    };
    let key = arrows::interest_confirmation_key(agreement, &proposed.content_hash());
    Ok(gate.store.applied(&key).await?.is_some())
}

/// The day of decision, in UTC.
pub fn today(gate: &Gate) -> Date {
    gate.clock.now().to_zoned(TimeZone::UTC).date()
}

/// The test that waits for a second person, if one does.
pub fn proposed(gate: &Gate, agreement: &str) -> Result<Option<InterestTest>, InterestError> {
    let text = match fs::read_to_string(file(gate, agreement, "proposed.json")) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    Ok(Some(serde_json::from_str(&text).map_err(io::Error::from)?))
}

/// The first of two people proposes a test; it takes the place of one that still waits.
pub async fn propose(
    gate: &Gate,
    by: &Actor,
    agreement: &str,
    said: InterestTest,
) -> Result<(), InterestError> {
    let known = gate.agreements();
    let known = known.agreement(agreement).ok_or(StepError::NotFound)?;
    let before = known.tests().last();
    let test = InterestTest {
        id: before.map_or_else(|| format!("{agreement}-pit"), |test| test.id.clone()),
        version: (known.tests().count() + 1).to_string(),
        decided_by: by.id.clone(),
        guardian_signoff: String::new(),
        decided_at: today(gate),
        ..said
    };
    let problems = test.problems();
    if !problems.is_empty() {
        return Err(InterestError::Incomplete(problems));
    }
    let (hash, now) = (test.content_hash(), gate.clock.now());
    let proposal = arrows::propose_interest_test(agreement, &hash, by, now)?;
    gate.store.apply(proposal).await?;
    let (path, fresh) = (
        file(gate, agreement, "proposed.json"),
        file(gate, agreement, "proposed.json.new"),
    );
    fs::write(&fresh, test.canonical())?;
    Ok(fs::rename(fresh, path)?)
}

/// The second person confirms the text with the hash they have seen. From then on it counts.
pub async fn confirm(
    gate: &Gate,
    by: &Actor,
    agreement: &str,
    seen: &str,
) -> Result<(), InterestError> {
    let test = proposed(gate, agreement)?.ok_or(InterestError::Changed)?;
    let hash = test.content_hash();
    let row = gate
        .store
        .applied(&arrows::interest_proposal_key(agreement, &hash))
        .await?;
    let entry = match row {
        Some(row) if hash == seen => gate.store.entry(row.index).await?,
        _ => None,
    };
    let proposed_by = entry.and_then(|entry| entry.fact("actor"));
    let proposed_by = proposed_by.ok_or(InterestError::Changed)?;
    let now = gate.clock.now();
    let confirmed = arrows::confirm_interest_test(agreement, &hash, &proposed_by, by, now)?;
    gate.store.apply(confirmed).await?;
    let test = InterestTest {
        guardian_signoff: by.id.clone(),
        ..test
    };
    append(gate, agreement, &test.canonical())?;
    Ok(fs::remove_file(file(gate, agreement, "proposed.json"))?)
}

/// Adds a line to the tests of an agreement, unless it is the last one already: a step that was cut
/// off between entry and file is taken again.
fn append(gate: &Gate, agreement: &str, line: &str) -> io::Result<()> {
    let path = file(gate, agreement, "renewals.jsonl");
    let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
    file.lock()?;
    if fs::read_to_string(&path)?.lines().next_back() != Some(line) {
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_all()?;
    }
    Ok(())
}

fn file(gate: &Gate, agreement: &str, name: &str) -> PathBuf {
    gate.settings.agreements.join(agreement).join(name)
}
