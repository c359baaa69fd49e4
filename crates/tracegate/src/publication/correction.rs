//! Corrections of a published quarter: two more files beside those there are, and why.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Store;

use super::held::Held;
use super::{Edition, PublicationError, Quarter, count, editions, file, write};
use crate::pipeline::StepError;
use crate::pipeline::oversight::{Overseeing, note};

/// Who corrected an edition, when and why: the note in its description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The file it takes the place of.
    pub corrects: String,
    /// For readers.
    pub reason: String,
    /// When the counts are of.
    pub as_at: Timestamp,
    /// When they were counted again.
    pub corrected_at: Timestamp,
    /// Role of whoever had it done.
    pub by: String,
}

/// Counts a quarter again and publishes what has changed beside what is there, for an overseer.
///
/// The cut-off is the same, the end of the quarter. All editions together tell no small count, and not that a
/// fine one has changed by 1 to 7.
pub async fn correct(
    store: &Store,
    folder: &Path,
    overseeing: Overseeing<'_>,
    (quarter, reason): (Quarter, &str),
) -> Result<Edition, StepError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(PublicationError::NoReason.into());
    }
    let corrected_at = overseeing.now;
    let by = overseeing.by.role.code().to_owned();
    note(store, overseeing, "a published quarter counted again").await?;
    let editions = editions(folder, quarter);
    let held: Result<Vec<_>, _> = editions
        .iter()
        .map(|one| Held::read(folder, *one))
        .collect();
    let held: Vec<Held> = held?.into_iter().flatten().collect();
    let newest = editions.last().zip(held.last());
    let (last, newest) = newest.ok_or(PublicationError::NotPublished(quarter))?;
    let (table, details) = count(store, quarter, &held).await?;
    if !Held::of(&table, Some(&details)).says_more_than(newest) {
        return Err(PublicationError::NothingToCorrect(quarter).into());
    }
    let correction = Correction {
        corrects: format!("{last}.csv"),
        reason: reason.to_owned(),
        as_at: quarter.end(),
        corrected_at,
        by,
    };
    let edition = last.after();
    describe(folder, edition, &correction)?;
    write(folder, edition, &table, &details)?;
    Ok(edition)
}

/// Writes the description beside the file that is about to be written.
fn describe(
    folder: &Path,
    edition: Edition,
    correction: &Correction,
) -> Result<(), PublicationError> {
    let mut metadata = file::metadata(edition);
    metadata["notes"] = json!([correction]);
    let text = format!("{metadata:#}\n");
    file::write_new(&path(folder, edition), text.as_bytes())
}

/// The description of an edition's file, with the note of who corrected it and why.
pub fn metadata(folder: &Path, edition: Edition) -> Result<Value, PublicationError> {
    let path = path(folder, edition);
    let Some(bytes) = file::bytes_of(&path)? else {
        return Ok(file::metadata(edition));
    };
    serde_json::from_slice(&bytes).map_err(|error| PublicationError::Damaged {
        path: path.display().to_string(),
        line: error.line(),
        problem: "the description is not as it was written".to_owned(),
    })
}

/// Why an edition was made; `None` for the first.
pub fn of(folder: &Path, edition: Edition) -> Result<Option<Correction>, PublicationError> {
    let metadata = metadata(folder, edition)?;
    Ok(Correction::deserialize(&metadata["notes"][0]).ok())
}

fn path(folder: &Path, edition: Edition) -> PathBuf {
    folder.join(format!("{edition}.csv-metadata.json"))
}
