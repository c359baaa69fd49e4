//! Registering a patient, looking at a registration, changing it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::Actor;
use disclosure::registration::Residence;
use minijinja::{Value, context};

use super::form::{self, Written};
use super::{PATH, SECTION, codes, in_language, key, keyed, languages, practice, shown};
use crate::pipeline::registration;
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::visitor::{Fields, Posted, Visitor};

const TITLE: &str = "Register a patient";
const CHANGE: &str = "Change a registration";

/// `GET /practice/registrations/new`.
pub async fn blank(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Practice)?;
    let content = content(&desk, by, &keyed(&desk), None, Value::from(()))?;
    Ok(visitor.page("practice/register.html", TITLE, SECTION, content))
}

/// `POST /practice/registrations/new`.
pub async fn register(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Practice)?;
    let key = key(fields)?;
    let written = written(&desk, by, fields, &[]);
    if !written.errors.is_empty() {
        let content = content(&desk, by, fields, Some(&written), Value::from(()))?;
        return Ok(visitor.page_again("practice/register.html", TITLE, SECTION, content));
    }
    let asked = (written.patient, written.protection);
    let id = registration::register(&desk.gate, by, key, asked).await?;
    Ok(Redirect::to(&format!("{PATH}/registrations/{id}")).into_response())
}

/// `GET /practice/registrations/{id}`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Practice)?;
    let one = registration::view(&desk.gate, by, &id).await?;
    if one.refusal.is_some() {
        return Ok(Redirect::to(&format!("{PATH}/refusals/{id}")).into_response());
    }
    let content = shown(&one);
    Ok(visitor.page(
        "practice/registration.html",
        "Registration",
        SECTION,
        content,
    ))
}

/// `GET /practice/registrations/{id}/change`.
pub async fn edit(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Practice)?;
    let one = registration::view(&desk.gate, by, &id).await?;
    let fields = Fields(form::said(&one.patient, one.protection));
    let changes = changes(&id, &one.version.to_string(), one.protection.acts());
    let content = content(&desk, by, &fields, None, changes)?;
    Ok(visitor.page("practice/register.html", CHANGE, SECTION, content))
}

/// `POST /practice/registrations/{id}`.
pub async fn change(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Practice)?;
    let before = registration::own(&desk.gate, by, &id).await?;
    let seen = fields.seen()?;
    let written = written(&desk, by, fields, &before.keepers());
    if !written.errors.is_empty() {
        let changes = changes(&id, fields.text("seen"), before.protection.acts());
        let content = content(&desk, by, fields, Some(&written), changes)?;
        return Ok(visitor.page_again("practice/register.html", CHANGE, SECTION, content));
    }
    let asked = (written.patient, written.protection);
    registration::change(&desk.gate, by, (&id, seen), asked).await?;
    Ok(Redirect::to(&format!("{PATH}/registrations/{id}")).into_response())
}

fn changes(id: &str, seen: &str, protected: bool) -> Value {
    context! { id, seen, protected }
}

fn written(desk: &Desk, by: &Actor, fields: &Fields, earlier: &[Residence]) -> Written {
    let gate = &desk.gate;
    let keepers = [registration::keepers(gate), earlier.to_vec()].concat();
    let own = registration::address_of(gate, by);
    form::read(fields, own.as_ref(), &keepers, gate.clock.now())
}

fn content(
    desk: &Desk,
    by: &Actor,
    fields: &Fields,
    written: Option<&Written>,
    changes: Value,
) -> Result<Value, Oops> {
    let (errors, keys) = written.map_or((&[][..], &[][..]), |one| (&one.errors, &one.keys));
    Ok(context! {
        practice => practice(desk, by)?.name.clone(),
        key => fields.text("key"),
        f => fields.shown(errors),
        languages => languages(),
        patient => in_language(fields.text("language"), errors, keys),
        kinds => codes(["home", "care_of_practice", "care_of_organisation", "no_fixed_abode", "withheld"]),
        changes,
    })
}
