//! What people decided against the ordinary course, counted from the log: overrides, recalls, refusals
//! of access. Each count is of entries, and names nobody.

use std::collections::BTreeMap;

use disclosure::EventKind;
use serde::Serialize;
use store::{Entry, Store};

use super::{Overseeing, missing, note};
use crate::pipeline::StepError;

/// How often something was decided.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    pub what: &'static str,
    /// Coded note of the entries, where they have one.
    pub note: String,
    pub entries: u64,
    /// The newest of them, to open.
    pub newest: u64,
}

/// What is counted.
const KINDS: [EventKind; 10] = [
    EventKind::ClauseAnswered,
    EventKind::Declined,
    EventKind::EmergencyDeclared,
    EventKind::EmergencyReleased,
    EventKind::EmergencyUpheld,
    EventKind::Recalled,
    EventKind::Deferred,
    EventKind::DeferralRenewed,
    EventKind::AccessRefused,
    EventKind::Erased,
];

/// Counts the steps that people took beside the ordinary course. Wrong-person reports are recalls with
/// that reason.
pub async fn counts(store: &Store, overseeing: Overseeing<'_>) -> Result<Vec<Count>, StepError> {
    note(store, overseeing, "overrides, recalls and refusals counted").await?;
    let size = store.ledger_size().await?;
    let mut counted = BTreeMap::new();
    for index in 0..size {
        let entry = store.entry(index).await?.ok_or_else(|| missing(index))?;
        let kind = entry.row.kind;
        if let Some(place) = KINDS.iter().position(|counted| *counted == kind) {
            let (entries, newest) = counted.entry((place, coded(&entry))).or_insert((0, 0));
            *entries += 1;
            *newest = index;
        }
    }
    let count = |((place, note), (entries, newest)): ((usize, String), (u64, u64))| Count {
        what: KINDS.get(place).map_or("", |kind| kind.label()),
        note,
        entries,
        newest,
    };
    Ok(counted.into_iter().map(count).collect())
}

/// The note of an entry, where it is a code: what somebody wrote is not counted.
fn coded(entry: &Entry) -> String {
    let note = entry.fact("note").unwrap_or_default();
    match disclosure::arrows::coded(&note) {
        "not_a_code" => String::new(),
        code => code.to_owned(),
    }
}
