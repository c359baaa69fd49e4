//! Two guardians reopen a suspended agreement version: one proposes, another confirms.

use std::sync::Arc;

use agreement::Version;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::{Actor, Standing};
use minijinja::{Value, context};

use super::find;
use crate::pipeline::suspension;
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::page;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};

/// `GET /agreements/{agreement}/{version}/reopening`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((agreement, version)): Path<(String, String)>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Suspension)?;
    let name = format!("{agreement}/{version}");
    let standing = suspension::standing(&desk.gate, &name).await?;
    let library = desk.gate.agreements();
    let version = find(&library, &agreement, &version)?;
    let content = content(by, version, &standing, &Fields::default(), &[])?;
    let template = "agreements/reopen.html";
    Ok(visitor.page(template, &title(&name), "agreements", content))
}

/// `POST /agreements/{agreement}/{version}/reopening`: step `propose` or `confirm`.
pub async fn take(
    State(desk): State<Arc<Desk>>,
    Path((agreement, version)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Suspension)?;
    let gate = &desk.gate;
    let name = format!("{agreement}/{version}");
    let page = format!("/agreements/{name}/reopening");
    let back = |oops: Oops| oops.then(page.clone(), "Look at the suspension");
    let standing = suspension::standing(gate, &name).await?;
    let seen = (name.as_str(), fields.seen()?);
    posted.proven()?;
    if fields.text("step") == "confirm" {
        let reopened = suspension::reopen(gate, by, seen).await;
        reopened.map_err(|error| back(error.into()))?;
        return Ok(Redirect::to(&format!("/agreements/{name}")).into_response());
    }
    let Some(reason) = fields.given("reason") else {
        let error = [FieldError::new("reason", "Write down the reason")];
        let library = gate.agreements();
        let version = find(&library, &agreement, &version)?;
        let content = content(by, version, &standing, fields, &error)?;
        let template = "agreements/reopen.html";
        return Ok(visitor.page_again(template, &title(&name), "agreements", content));
    };
    let proposed = suspension::propose_reopening(gate, by, seen, &reason).await;
    proposed.map_err(|error| back(error.into()))?;
    Ok(Redirect::to(&page).into_response())
}

fn title(name: &str) -> String {
    format!("Reopen {name}")
}

fn content(
    by: &Actor,
    version: &Version,
    standing: &Standing,
    fields: &Fields,
    errors: &[FieldError],
) -> Result<Value, Oops> {
    let name = version.id.to_string();
    let Some(suspension) = &standing.suspension else {
        let oops = Oops::not_now("The agreement is not suspended.");
        return Err(oops.then(format!("/agreements/{name}"), "Look at the agreement"));
    };
    let proposed = suspension.proposed.as_ref();
    Ok(context! {
        name,
        agreement_title => version.terms.title.clone(),
        state => standing.state.code(),
        reopens_as => suspension.reopens_as.code(),
        seen => standing.version,
        suspension => page::value(suspension),
        is_first => proposed.is_some_and(|proposed| proposed.by.is(by)),
        f => fields.shown(errors),
    })
}
