//! A new request: form, check answers, send. Nothing is kept between the pages; each carries what
//! has been said so far.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::{Actor, Request};
use minijinja::{Value, context};

use super::{answers, form, options};
use crate::pipeline::intake;
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};

const TITLE: &str = "New request";
const PATH: &str = "/requests/new";

/// `GET /requests/new`.
pub async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    // A key made with the form: however often it is sent, it is one request.
    let key = ("key".to_owned(), desk.gate.chance.token());
    let usual = ("priority".to_owned(), "routine".to_owned());
    let content = filled(&desk, by, &Fields(vec![key, usual]), &[], PATH);
    Ok(visitor.page("requests/form.html", TITLE, "new-request", content))
}

/// `POST /requests/new`: step `check`, `change` or `send`.
pub async fn take(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Requests)?;
    let (request, errors) = form::read(fields, by, desk.gate.clock.now());
    if fields.text("step") == "change" {
        let content = filled(&desk, by, fields, &[], PATH);
        return Ok(visitor.page("requests/form.html", TITLE, "new-request", content));
    }
    if !errors.is_empty() {
        let content = filled(&desk, by, fields, &errors, PATH);
        return Ok(visitor.page_again("requests/form.html", TITLE, "new-request", content));
    }
    if fields.text("step") != "send" {
        let content = checked(&request, fields, PATH);
        return Ok(visitor.page("requests/check.html", TITLE, "new-request", content));
    }
    send(&desk, by, fields.text("key"), request).await
}

async fn send(desk: &Desk, by: &Actor, key: &str, request: Request) -> Result<Response, Oops> {
    if key.len() < 8 || key.len() > 100 {
        return Err(Oops::unreadable("The page is incomplete. Open it again."));
    }
    let id = intake::submit(&desk.gate, by, key, request).await?;
    Ok(Redirect::to(&format!("/requests/{id}")).into_response())
}

/// The form, which is sent to `action`.
pub fn filled(
    desk: &Desk,
    by: &Actor,
    fields: &Fields,
    errors: &[FieldError],
    action: &str,
) -> Value {
    context! {
        action,
        revises => (),
        f => fields.shown(errors),
        options => options::options(&desk.gate, by),
        key => fields.text("key"),
    }
}

/// What was said, before it is sent to `action`.
pub fn checked(request: &Request, fields: &Fields, action: &str) -> Value {
    context! {
        action,
        revises => (),
        rows => answers::rows(request),
        carried => fields.carried(),
        agency => request.requester.organization.clone(),
        purpose => request.purpose.clone(),
        needs_person => request.manual_information.is_some(),
    }
}
