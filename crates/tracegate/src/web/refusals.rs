//! Who was turned away: at doors that are not theirs, or because a call did not prove for whom it was made.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use minijinja::{Value, context};
use store::Entry;

use super::access::Room;
use super::oops::Oops;
use super::visitor::Visitor;
use super::{Desk, page};
use crate::gate::Gate;
use crate::machines::Refusal;
use crate::pipeline::StepError;

/// Lines of the page.
const SHOWN: u32 = 100;

/// `GET /refusals`: the newest first.
pub async fn list(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    visitor.enter(Room::Cases)?;
    let gate = &desk.gate;
    let refusals = gate.store.refusals(SHOWN).await.map_err(StepError::from)?;
    let content = context! {
        lines => refusals.iter().map(|entry| line(gate, entry)).collect::<Vec<_>>(),
        most => SHOWN,
    };
    Ok(visitor.page("refusals.html", "Who was turned away", "refusals", content))
}

fn line(gate: &Gate, entry: &Entry) -> Value {
    let fact = |name| entry.fact(name).unwrap_or_default();
    let (who, what) = (fact("actor"), fact("what"));
    let known = gate.settings.actor(&who);
    let place = what.strip_prefix("interface: ").unwrap_or(&what);
    let (place, why) = match place.rsplit_once(": ") {
        Some((place, code)) => (place, Refusal::words(code)),
        None => (place, "not allowed there"),
    };
    context! {
        at => page::value(entry.row.at),
        organization => known.as_ref().map(|actor| actor.organization.clone()),
        who => known.map_or(who, |actor| actor.name),
        place,
        why,
    }
}
