//! Where a request begins: which agreements name the agency, what each permits, and what it asks for.

use std::sync::Arc;

use agreement::Version;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::Actor;
use minijinja::{Value, context};

use super::options;
use crate::pipeline::drafts::{self, Draft};
use crate::pipeline::{StepError, judgement};
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};
use crate::web::words;

const TITLE: &str = "Start a request";

/// `GET /requests/new`.
pub async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    // A key made with the page: however often it is sent, it is one draft.
    let key = ("key".to_owned(), desk.gate.chance.token());
    let content = content(&desk, by, &Fields(vec![key]), &[]).await?;
    Ok(visitor.page("requests/start.html", TITLE, "new-request", content))
}

/// `POST /requests/new`: begins a draft for one purpose.
pub async fn begin(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Requests)?;
    let purpose = fields.text("purpose");
    let key = fields.text("key");
    if key.len() < 8 || key.len() > 100 {
        return Err(Oops::unreadable("The page is incomplete. Open it again."));
    }
    let library = desk.gate.agreements();
    if options::version_for(&library, by, purpose, desk.gate.clock.now()).is_none() {
        let error = FieldError::new("purpose", "Choose what the data are for");
        let content = content(&desk, by, fields, &[error]).await?;
        return Ok(visitor.page_again("requests/start.html", TITLE, "new-request", content));
    }
    let mut draft = Draft::of(by);
    let said = [("purpose", purpose), ("priority", "routine")];
    draft.said = said
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let id = drafts::begin(&desk.gate, by, key, draft).await?;
    Ok(Redirect::to(&format!("/requests/drafts/{id}")).into_response())
}

async fn content(
    desk: &Desk,
    by: &Actor,
    fields: &Fields,
    errors: &[FieldError],
) -> Result<Value, Oops> {
    let gate = &desk.gate;
    let (library, now) = (gate.agreements(), gate.clock.now());
    let (mut agreements, mut purposes) = (Vec::new(), Vec::new());
    for version in options::alive(&library, &by.organization, now) {
        let state = judgement::open_state(gate, &library, version, now).await;
        let state = state.map_err(|error: StepError| Oops::from(error))?.code();
        agreements.push(described(version, state));
        for code in &version.terms.purposes {
            let words = format!("{}: {}", words::label(code), version.terms.title);
            purposes.push(context! { code, words });
        }
    }
    Ok(context! { agreements, purposes, key => fields.text("key"), f => fields.shown(errors) })
}

fn described(version: &Version, state: &str) -> Value {
    let terms = &version.terms;
    let items = |purpose: &String| {
        context! {
            purpose,
            fields => terms.fields(purpose).iter().map(|code| words::field(code)).collect::<Vec<_>>(),
        }
    };
    context! {
        name => version.id.to_string(),
        title => terms.title.clone(),
        benefit => terms.benefit.clone(),
        state,
        permits => terms.purposes.iter().map(items).collect::<Vec<_>>(),
        conditions => conditions(version),
        min_rank => terms.authority.min_rank.clone(),
        units => terms.authority.units.clone(),
        day => terms.budgets.day,
        officer => terms.budgets.officer,
        data_life_days => terms.handling.data_life_days,
        outcome_due_days => terms.handling.outcome_due_days,
    }
}

/// What must be so before it is worth asking, in plain words.
fn conditions(version: &Version) -> Vec<&'static str> {
    let conditions = &version.terms.conditions;
    let asked = [
        (conditions.identifiable_offence, "You can name the offence."),
        (
            conditions.lost_contact,
            "Contact with the person has been lost.",
        ),
        (
            conditions.last_resort,
            "You have tried other ways first, and can say which and when.",
        ),
        (
            conditions.alternative_considered,
            "You have considered whether a forwarded message would do instead.",
        ),
        (
            true,
            "You can name one person. A request is never about a group.",
        ),
    ];
    let asked = asked.into_iter().filter(|(is_set, _)| *is_set);
    asked.map(|(_, words)| words).collect()
}
