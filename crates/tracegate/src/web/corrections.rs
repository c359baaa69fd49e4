//! What people say is wrong with their details, for the staff to answer.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::arrows::Acting;
use disclosure::wishes::{Correction, Item, Wishes};
use minijinja::{Value, context};

use super::access::Room;
use super::oops::Oops;
use super::visitor::{FieldError, Fields, Posted, Visitor};
use super::yours::word;
use super::{Desk, page};
use crate::gate::Gate;
use crate::pipeline::{StepError, wishes};

const SECTION: &str = "corrections";

/// `GET /corrections`: what waits, without a name.
pub async fn list(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    visitor.enter(Room::Staff)?;
    let lines = wishes::waiting(&desk.gate).await?.into_iter();
    let lines: Vec<Value> = lines
        .map(|(since, reference, count)| {
            context! { since => page::value(since), reference, count }
        })
        .collect();
    let content = context! { lines };
    Ok(visitor.page("corrections/list.html", "Corrections", SECTION, content))
}

/// `GET /corrections/{id}`: one person's. Opening it is an entry of their log.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Staff)?;
    let wishes = find(&desk.gate, &id).await?;
    wishes::look(&desk.gate, &wishes.person, Acting::ForThem, by).await?;
    let content = content(&desk.gate, &wishes, &Fields::default(), &[]);
    Ok(visitor.page("corrections/show.html", "A correction", SECTION, content))
}

/// `POST /corrections/{id}`: the answer to one of them.
pub async fn answer(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Staff)?;
    let back = |oops: Oops| oops.then(format!("/corrections/{id}"), "Back");
    let place: usize = fields
        .text("place")
        .parse()
        .map_err(|_| back(Oops::changed()))?;
    let (agreed, reason) = (fields.yes_or_no("agreed"), fields.lines("reason"));
    let mut errors = Vec::new();
    if agreed.is_none() {
        errors.push(FieldError::new("agreed", "Choose whether it is right"));
    }
    if reason.is_empty() {
        errors.push(FieldError::new(
            "reason",
            "Write down why; the person reads it",
        ));
    }
    let Some(agreed) = agreed.filter(|_| errors.is_empty()) else {
        let wishes = find(&desk.gate, &id).await?;
        wishes::look(&desk.gate, &wishes.person, Acting::ForThem, by).await?;
        let content = content(&desk.gate, &wishes, fields, &errors);
        return Ok(visitor.page_again("corrections/show.html", "A correction", SECTION, content));
    };
    let seen = (id.as_str(), fields.seen()?);
    wishes::answer(&desk.gate, by, seen, (place, agreed), &reason)
        .await
        .map_err(|error| back(error.into()))?;
    Ok(Redirect::to("/corrections").into_response())
}

async fn find(gate: &Gate, id: &str) -> Result<Wishes, Oops> {
    let wishes = gate.store.wishes(id).await.map_err(StepError::from)?;
    wishes
        .filter(|wishes| wishes.waiting().next().is_some())
        .ok_or_else(|| Oops::not_found().then("/corrections", "Corrections"))
}

fn content(gate: &Gate, wishes: &Wishes, fields: &Fields, errors: &[FieldError]) -> Value {
    let person = wishes::person(gate, &wishes.person);
    // One at a time: each has its own reason.
    let first = wishes.waiting().next();
    context! {
        reference => wishes.id.as_str(),
        version => wishes.version,
        person => wishes.person.as_str(),
        others => wishes.waiting().count().saturating_sub(1),
        asked => first.map(|(place, one)| {
            let now = person.as_ref().map(|person| wishes::value(one.item, person));
            asked(place, one, now)
        }),
        f => fields.shown(errors),
    }
}

fn asked(place: usize, correction: &Correction, held: Option<String>) -> Value {
    context! {
        place,
        what => word(correction.item),
        ends_protection => correction.item == Item::EndProtection,
        says => correction.says.as_str(),
        held,
        held_then => correction.held.as_str(),
        at => page::value(correction.at),
    }
}
