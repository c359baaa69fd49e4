//! The overseer's desk: open a sample, recompute what is published, count what is deferred. Every look
//! is recorded before it is shown.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use disclosure::Actor;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ledger::Checkpoint;
use minijinja::{Value, context};

use super::access::Room;
use super::oops::Oops;
use super::requests::form::whole_date;
use super::visitor::{FieldError, Fields, Posted, Visitor};
use super::{Desk, page};
use crate::gate::Gate;
use crate::pipeline::StepError;
use crate::pipeline::oversight::{self, Asked, Overseeing};

const TEMPLATE: &str = "oversight.html";
const TITLE: &str = "Oversight";
const SECTION: &str = "oversight";

/// Entries opened on one page.
const COUNT_MAX: usize = 100;

/// `GET /oversight`.
pub async fn show(visitor: Visitor) -> Result<Response, Oops> {
    visitor.enter(Room::Oversight)?;
    Ok(visitor.page(TEMPLATE, TITLE, SECTION, form(&Fields::default(), &[])))
}

/// `POST /oversight`: step `sample`, `recompute`, `deferred`, `verify` or `people`.
pub async fn take(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Oversight)?;
    let gate = &desk.gate;
    let found = match fields.text("step") {
        "recompute" => recompute(gate, by).await?,
        "deferred" => deferred(gate, by).await?,
        "verify" => verify(gate, by).await?,
        "people" => people(gate, by).await?,
        _ => match asked(fields, gate) {
            Ok(asked) => sample(gate, by, &asked).await?,
            Err(errors) => {
                let again = form(fields, &errors);
                return Ok(visitor.page_again(TEMPLATE, TITLE, SECTION, again));
            }
        },
    };
    let content = context! { ..found, ..form(fields, &[]) };
    Ok(visitor.page(TEMPLATE, TITLE, SECTION, content))
}

fn form(fields: &Fields, errors: &[FieldError]) -> Value {
    context! { f => fields.shown(errors), count_max => COUNT_MAX }
}

fn asked(fields: &Fields, gate: &Gate) -> Result<Asked, Vec<FieldError>> {
    let mut errors = Vec::new();
    let count = fields.text("count").parse().unwrap_or(0);
    if !(1..=COUNT_MAX).contains(&count) {
        let message = format!("Give a number from 1 to {COUNT_MAX}");
        errors.push(FieldError::new("count", message));
    }
    let mut instant = |name: &str| -> Option<Timestamp> {
        let day = whole_date(fields, name, &mut errors)?;
        Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let (from, until) = (instant("from"), instant("until"));
    let drawn = || fields.given("seed").unwrap_or_else(|| gate.chance.token());
    let seed = (fields.text("which") != "all").then(drawn);
    match errors.is_empty() {
        true => Ok(Asked {
            count,
            seed,
            from,
            until,
        }),
        false => Err(errors),
    }
}

fn overseeing<'a>(gate: &Gate, by: &'a Actor, key: &'a str) -> Overseeing<'a> {
    let now = gate.clock.now();
    Overseeing { by, now, key }
}

async fn sample(gate: &Gate, by: &Actor, asked: &Asked) -> Result<Value, StepError> {
    let key = gate.chance.token();
    let sample = oversight::sample(&gate.store, overseeing(gate, by, &key), asked).await?;
    Ok(context! { sample => page::value(&sample) })
}

async fn recompute(gate: &Gate, by: &Actor) -> Result<Value, Oops> {
    let key = gate.chance.token();
    let head = gate.log.head();
    let head = head.and_then(|head| head.text().parse::<Checkpoint>().ok());
    let head = head.ok_or_else(|| Oops::not_now("The log has not been published yet."))?;
    let overseeing = overseeing(gate, by, &key);
    let recomputed = oversight::recompute(&gate.store, overseeing, &head, |_| {}).await?;
    Ok(context! { recomputed => page::value(&recomputed) })
}

/// Rebuilds the public files' tree from their entries and compares it with the signed head, as a
/// stranger would.
async fn verify(gate: &Gate, by: &Actor) -> Result<Value, Oops> {
    let key = gate.chance.token();
    let what = "the public log verified";
    oversight::note(&gate.store, overseeing(gate, by, &key), what).await?;
    let folder = gate.settings.log.folder.clone();
    let keys = gate.log.keys().first().cloned();
    let keys = keys.ok_or_else(|| Oops::not_now("The log has no key yet."))?;
    let verified = tokio::task::spawn_blocking(move || ledger::verify(&folder, &keys));
    let verified = match verified.await {
        Ok(Ok(report)) => context! {
            entries => report.checkpoint.size,
            root => report.checkpoint.root.to_string(),
            tiles => report.tiles,
            fault => (),
        },
        Ok(Err(error)) => context! { fault => error.to_string() },
        Err(_) => return Err(Oops::not_now("The check was cut off. Try again.")),
    };
    Ok(context! { verified })
}

async fn people(gate: &Gate, by: &Actor) -> Result<Value, StepError> {
    let key = gate.chance.token();
    let counts = oversight::people::counts(&gate.store, overseeing(gate, by, &key)).await?;
    Ok(context! { people => page::value(counts) })
}

async fn deferred(gate: &Gate, by: &Actor) -> Result<Value, StepError> {
    let key = gate.chance.token();
    let count = oversight::deferred(&gate.store, overseeing(gate, by, &key)).await?;
    Ok(context! { deferred => context! {
        cases => count.cases, entries => count.entries, people => count.people,
    } })
}
