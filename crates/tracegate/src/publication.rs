//! The public statistics: one file a quarter, written once, in which no small count can be worked out.
//!
//! A quarter is counted as agencies may know it when it ends, so that the file never tells sooner
//! than an answer does; what is still open then is `pending`. Overseers see the exact counts
//! (`tracegate oversee recompute`).

pub mod approaches;
mod file;
mod quarter;
mod table;
pub mod watch;

pub use file::metadata;
pub use quarter::Quarter;
pub use table::{Line, PublishedTable};

use std::path::PathBuf;

use jiff::Timestamp;
use statistics::Unprotectable;
use store::CaseFilter;
use thiserror::Error;

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

/// Writes the file of every quarter that has ended since the first request, unless it is there.
pub async fn publish_due(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    watch::publish_due(gate, now).await?;
    approaches::publish_due(gate, now).await?;
    let last = Quarter::of(now).before();
    if path(gate, last).exists() {
        return Ok(());
    }
    let first = gate.store.cases(&CaseFilter::default(), None, 1).await?;
    let Some(first) = first.rows.first() else {
        return Ok(());
    };
    let mut quarter = Quarter::of(first.received_at);
    while quarter <= last {
        if !path(gate, quarter).exists() {
            publish(gate, quarter).await?;
        }
        quarter = quarter.after();
    }
    Ok(())
}

async fn publish(gate: &Gate, quarter: Quarter) -> Result<(), StepError> {
    let (from, until) = (quarter.start(), quarter.end());
    let counted = gate.store.statistics(from, until, until).await?;
    let table = PublishedTable::of(quarter, &counted)?;
    file::write(&path(gate, quarter), &table)?;
    tracing::info!(quarter = %quarter, "statistics published");
    Ok(())
}

/// The quarters published, newest first.
pub fn quarters(gate: &Gate) -> Result<Vec<Quarter>, PublicationError> {
    let folder = &gate.settings.statistics;
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

/// What was published of a quarter: the bytes of its file, and the same as a table.
pub fn read(
    gate: &Gate,
    quarter: Quarter,
) -> Result<Option<(Vec<u8>, PublishedTable)>, PublicationError> {
    let path = path(gate, quarter);
    if !path.exists() {
        return Ok(None);
    }
    let failed = |error| PublicationError::File {
        path: path.display().to_string(),
        error,
    };
    let bytes = std::fs::read(&path).map_err(failed)?;
    let table = file::read(quarter, &bytes, &path)?;
    Ok(Some((bytes, table)))
}

fn path(gate: &Gate, quarter: Quarter) -> PathBuf {
    gate.settings.statistics.join(format!("{quarter}.csv"))
}

#[cfg(test)]
mod tests;
