//! A revised request, in answer to the controller's question: the form as it was sent, to correct.
//! Every clause is judged anew.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::outward::answer;
use disclosure::{Actor, Case};
use minijinja::{Value, context};

use super::{form, new, own};
use crate::pipeline::casework;
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};

const TITLE: &str = "Correct your request";

/// `GET /requests/{id}/revision`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let case = asked(&desk, by, &id).await?;
    let content = filled(&desk, by, &case, &form::said(&case.request), &[]);
    Ok(visitor.page("requests/form.html", TITLE, "requests", content))
}

/// `POST /requests/{id}/revision`: step `check`, `change` or `send`.
pub async fn take(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Requests)?;
    let case = asked(&desk, by, &id).await?;
    let (request, errors) = form::read(fields, by, desk.gate.clock.now());
    if fields.text("step") == "change" {
        let content = filled(&desk, by, &case, fields, &[]);
        return Ok(visitor.page("requests/form.html", TITLE, "requests", content));
    }
    if !errors.is_empty() {
        let content = filled(&desk, by, &case, fields, &errors);
        return Ok(visitor.page_again("requests/form.html", TITLE, "requests", content));
    }
    if fields.text("step") != "send" {
        let content = context! { revises => id, ..new::checked(&request, fields, &path(&case)) };
        return Ok(visitor.page("requests/check.html", TITLE, "requests", content));
    }
    let said = fields.given("answer");
    let said = said.unwrap_or_else(|| "The request has been corrected.".to_owned());
    casework::clarify(&desk.gate, by, (&id, case.version), &said, Some(request)).await?;
    Ok(Redirect::to(&format!("/requests/{id}")).into_response())
}

/// The case, while it waits for an answer of this very officer.
async fn asked(desk: &Desk, by: &Actor, id: &str) -> Result<Case, Oops> {
    let case = own(&desk.gate, by, id).await?;
    let back = |oops: Oops| oops.then(format!("/requests/{id}"), "Look at the request");
    if answer(&case, desk.gate.clock.now()).status != "question" {
        return Err(back(Oops::changed()));
    }
    if case.request.requester.officer_id != by.id {
        let problem = "Only the officer who asked can correct the request. Answer in words, or \
                       withdraw it and send a new one.";
        return Err(back(Oops::not_now(problem)));
    }
    Ok(case)
}

fn path(case: &Case) -> String {
    format!("/requests/{}/revision", case.id)
}

fn filled(desk: &Desk, by: &Actor, case: &Case, fields: &Fields, errors: &[FieldError]) -> Value {
    let told = answer(case, desk.gate.clock.now());
    context! {
        revises => case.id.clone(),
        question => told.message,
        ..new::filled(desk, by, fields, errors, &path(case))
    }
}
