//! The entries of the log, one after the other, for what watches over the service.

use store::{Entry, Store};

use super::{Overseeing, missing, note};
use crate::pipeline::StepError;

/// On record before anything is read: the entries from `from` on, and those to come.
pub async fn begin(store: &Store, overseeing: Overseeing<'_>, from: u64) -> Result<(), StepError> {
    let what = format!("the audit events from entry {from} on");
    note(store, overseeing, &what).await
}

/// Hands every entry from an index on to `each`, oldest first; the index after the last.
pub async fn read(
    store: &Store,
    from: u64,
    mut each: impl FnMut(&Entry),
) -> Result<u64, StepError> {
    let size = store.ledger_size().await?;
    for index in from..size {
        let entry = store.entry(index).await?.ok_or_else(|| missing(index))?;
        each(&entry);
    }
    Ok(size.max(from))
}
