//! Everything that happened to a case and everybody who saw it: every entry about it, opened.

use std::collections::HashMap;

use disclosure::{Case, EventKind};
use jiff::Timestamp;
use serde::Serialize;
use store::Entry;

use crate::gate::Gate;
use crate::pipeline::StepError;

/// One entry about a case.
#[derive(Debug, Serialize)]
pub struct TimelineLine {
    /// Its place in the public log.
    pub index: u64,
    pub at: Timestamp,
    pub what: &'static str,
    /// Whether somebody only looked.
    pub is_look: bool,
    /// Who: by name where the case knows it, otherwise the identity; empty once erased.
    pub who: String,
    pub role: String,
    /// Why it was looked at, or what the step was.
    pub note: String,
}

/// Every entry about a case, oldest first. For those who may see its history.
pub async fn timeline(gate: &Gate, case: &Case) -> Result<Vec<TimelineLine>, StepError> {
    let names: HashMap<&str, &str> = case
        .history
        .iter()
        .map(|step| (step.actor.id.as_str(), step.actor.name.as_str()))
        .collect();
    let entries = gate.store.opened_of_case(&case.id).await?;
    Ok(entries.iter().map(|entry| line(entry, &names)).collect())
}

fn line(entry: &Entry, names: &HashMap<&str, &str>) -> TimelineLine {
    let fact = |name: &str| entry.fact(name).unwrap_or_default();
    let actor = fact("actor");
    let known = names.get(actor.as_str()).map(|name| (*name).to_owned());
    let is_look = matches!(
        entry.row.kind,
        EventKind::CaseViewed | EventKind::AccessRefused
    );
    TimelineLine {
        index: entry.row.index,
        at: entry.row.at,
        what: entry.row.kind.label(),
        is_look,
        who: known
            .or_else(|| Some(crate::personas::find(&actor)?.name))
            .unwrap_or(actor),
        role: fact("role"),
        note: if is_look { fact("what") } else { fact("note") },
    }
}
