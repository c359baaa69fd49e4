//! Pages for everybody: what this is, the statistics, the log.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use minijinja::{Value, context};

use super::oops::Oops;
use super::visitor::Visitor;
use super::{Desk, page};
use crate::gate::Gate;
use crate::pipeline::StepError;
use crate::public_log::Limit;

/// Entries of the log that its page shows: one screen.
const ENTRIES_SHOWN: u64 = 20;

/// `GET /`.
pub async fn start(visitor: Visitor) -> Response {
    let title = "Who may ask about you, and what they get";
    visitor.page("public/start.html", title, "start", context! {})
}

/// `GET /challenge`: how to object, without any form.
pub async fn challenge(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Response {
    let library = desk.gate.agreements();
    let now = desk.gate.clock.now();
    let agreed = library
        .versions()
        .filter(|version| library.status_at(&version.id, now) != agreement::Status::Draft);
    let addresses = agreed.map(|version| {
        context! {
            name => version.id.to_string(),
            title => version.terms.title.clone(),
            complaints => version.terms.complaints.clone(),
        }
    });
    let content = context! { addresses => addresses.collect::<Vec<Value>>() };
    visitor.page(
        "public/challenge.html",
        "How to challenge",
        "challenge",
        content,
    )
}

/// `GET /log`.
pub async fn log(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let gate = &desk.gate;
    let recorded = gate.store.ledger_size().await.map_err(StepError::from)?;
    let published = gate.log.published();
    let (keys, standing) = (gate.log.keys(), gate.log.standing(gate.clock.now()));
    let content = context! {
        recorded,
        published,
        head => gate.log.head().map(|head| head.to_string()),
        key => keys.first().map(ToString::to_string),
        standing => standing.level.word(),
        stopped_by => standing.level.stopped_by().map(Limit::word),
        behind_seconds => standing.behind_seconds,
        stop_seconds => gate.settings.log.stop_seconds,
        why => standing.why,
        entries => latest(gate, published).await?,
    };
    Ok(visitor.page("public/log.html", "The public log", "log", content))
}

/// The newest published entries: what their public bytes tell, and no more.
async fn latest(gate: &Gate, published: u64) -> Result<Vec<Value>, StepError> {
    let first = published.saturating_sub(ENTRIES_SHOWN);
    let entries = gate.store.entries(first, ENTRIES_SHOWN as u32).await?;
    let public = entries.iter().filter(|entry| entry.index < published);
    Ok(public
        .rev()
        .map(|entry| {
            context! {
                index => entry.index,
                kind => entry.kind.label(),
                at => page::value(entry.at),
            }
        })
        .collect())
}
