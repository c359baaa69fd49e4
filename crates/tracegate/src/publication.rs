//! The public statistics: two files a quarter, written once, in which no small count can be worked out. What was wrong in
//! them is corrected by two more beside them.
//!
//! A quarter is counted as agencies may know it when it ends, so that the file never tells sooner
//! than an answer does; what is still open then is `pending`. Overseers see the exact counts
//! (`tracegate oversee recompute`).

pub mod approaches;
pub mod correction;
mod days;
pub mod details;
mod edition;
mod file;
mod held;
mod quarter;
mod table;
pub mod watch;

pub use edition::Edition;
pub use quarter::Quarter;
pub use table::{Line, PublishedTable};

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use statistics::Unprotectable;
use store::{CaseFilter, Store};
use thiserror::Error;

use self::details::Detail;
use self::held::Held;
use crate::gate::Gate;
use crate::pipeline::StepError;

/// Why statistics could not be written or read.
#[derive(Debug, Error)]
pub enum PublicationError {
    /// The disk failed.
    #[error("cannot use `{path}`; see that the service may write to the folder of statistics")]
    File {
        /// The file or its folder.
        path: String,
        /// What the disk said.
        #[source]
        error: std::io::Error,
    },
    /// The file is not as it was written.
    #[error("`{path}`, line {line}: {problem}; restore the file as it was published")]
    Damaged {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// The counts of a month cannot be shown at all.
    #[error("the registrations of {month} cannot be published")]
    UnprotectableMonth {
        /// Of this month.
        month: String,
        /// Which count gives itself away.
        #[source]
        error: Unprotectable,
    },
    /// A correction of what was never published.
    #[error("the statistics of {0} have not been published; name a quarter that has")]
    NotPublished(Quarter),
    /// A correction that says no more than what it corrects.
    #[error(
        "no count of {0} that may be shown differs from what was published; there is nothing to correct"
    )]
    NothingToCorrect(Quarter),
    /// A correction that does not say why.
    #[error("readers are owed the reason of a correction; give it in a sentence")]
    NoReason,
    /// The counts cannot be shown at all.
    #[error("the statistics of {quarter} cannot be published")]
    Unprotectable {
        /// Of this quarter.
        quarter: Quarter,
        /// Which count gives itself away.
        #[source]
        error: Unprotectable,
    },
}

/// Writes the files of every quarter that has ended since the first request, unless they are there.
pub async fn publish_due(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    watch::publish_due(gate, now).await?;
    approaches::publish_due(gate, now).await?;
    let last = Quarter::of(now).before();
    let folder = &gate.settings.statistics;
    if path(folder, last.into()).exists() {
        return Ok(());
    }
    let first = gate.store.cases(&CaseFilter::default(), None, 1).await?;
    let Some(first) = first.rows.first() else {
        return Ok(());
    };
    let mut quarter = Quarter::of(first.received_at);
    while quarter <= last {
        if !path(folder, quarter.into()).exists() {
            let (table, details) = count(&gate.store, quarter, &[]).await?;
            write(folder, quarter.into(), &table, &details)?;
            tracing::info!(quarter = %quarter, "statistics published");
        }
        quarter = quarter.after();
    }
    Ok(())
}

/// What may be shown of a quarter to readers who hold those editions of it already.
async fn count(
    store: &Store,
    quarter: Quarter,
    editions: &[Held],
) -> Result<(PublishedTable, Vec<Detail>), StepError> {
    let (from, until) = (quarter.start(), quarter.end());
    let cases = store.counted_cases(from, until, until).await?;
    let (table, mut details) = PublishedTable::of(quarter, &cases, editions)?;
    details.push(Detail {
        count: Some(store.log_entries_before(until).await?),
        ..Detail::of_everything("log", "entries")
    });
    Ok((table, details))
}

/// Writes both files of an edition. The table comes last: while it is missing, both are yet to be written.
fn write(
    folder: &Path,
    edition: Edition,
    table: &PublishedTable,
    details: &[Detail],
) -> Result<(), PublicationError> {
    let path_of_details = details_path(folder, edition);
    let bytes = details::csv(edition.quarter, details).map_err(|error| PublicationError::File {
        path: path_of_details.display().to_string(),
        error: std::io::Error::other(error),
    })?;
    file::write_new(&path_of_details, &bytes)?;
    file::write(&path(folder, edition), table)
}

/// The quarters published, newest first.
pub fn quarters(folder: &Path) -> Result<Vec<Quarter>, PublicationError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let failed = |error| PublicationError::File {
        path: folder.display().to_string(),
        error,
    };
    let mut quarters = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        quarters.extend(
            name.strip_suffix(".csv")
                .and_then(|name| name.parse::<Quarter>().ok()),
        );
    }
    quarters.sort_unstable_by(|one, other| other.cmp(one));
    Ok(quarters)
}

/// The editions of a quarter, in the order in which they were published.
pub fn editions(folder: &Path, quarter: Quarter) -> Vec<Edition> {
    let all = std::iter::successors(Some(Edition::from(quarter)), |one| Some(one.after()));
    all.take_while(|one| path(folder, *one).exists()).collect()
}

/// An edition as it was published: the bytes of its file, and the same as a table.
pub fn read(
    folder: &Path,
    edition: Edition,
) -> Result<Option<(Vec<u8>, PublishedTable)>, PublicationError> {
    let path = path(folder, edition);
    let Some(bytes) = file::bytes_of(&path)? else {
        return Ok(None);
    };
    let table = file::read(edition.quarter, &bytes, &path)?;
    Ok(Some((bytes, table)))
}

/// The details of an edition as they were published; quarters published before there were any have none.
pub fn read_details(folder: &Path, edition: Edition) -> Result<Option<Vec<u8>>, PublicationError> {
    file::bytes_of(&details_path(folder, edition))
}

fn details_path(folder: &Path, edition: Edition) -> PathBuf {
    folder.join(format!("{edition}.details.csv"))
}

fn path(folder: &Path, edition: Edition) -> PathBuf {
    folder.join(format!("{edition}.csv"))
}

#[cfg(test)]
mod tests;
