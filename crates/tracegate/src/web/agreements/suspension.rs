//! A guardian suspends an agreement version: choose, look at what it catches, confirm.

use std::sync::Arc;

use agreement::{Library, Version};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::AgreementState;
use minijinja::{Value, context};

use super::find;
use crate::gate::Gate;
use crate::pipeline::suspension::Fate;
use crate::pipeline::{self, StepError};
use crate::reader::LIST_LINES_MAX;
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::page;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};

/// `GET /agreements/{agreement}/{version}/suspension`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((agreement, version)): Path<(String, String)>,
) -> Result<Response, Oops> {
    visitor.enter(Room::Suspension)?;
    let library = desk.gate.agreements();
    let version = find(&library, &agreement, &version)?;
    let content = content(&desk.gate, &library, version, &Fields::default(), &[]).await?;
    Ok(visitor.page(
        "agreements/suspend.html",
        &title(version),
        "agreements",
        content,
    ))
}

/// `POST /agreements/{agreement}/{version}/suspension`: step `check`, `change` or `confirm`.
pub async fn take(
    State(desk): State<Arc<Desk>>,
    Path((agreement, version)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Suspension)?;
    let gate = &desk.gate;
    let library = gate.agreements();
    let version = find(&library, &agreement, &version)?;
    let (effect, errors) = read(fields);
    let form = content(gate, &library, version, fields, &errors).await?;
    let (template, title) = ("agreements/suspend.html", title(version));
    let (Some(effect), false) = (effect, fields.text("step") == "change") else {
        return Ok(visitor.page_again(template, &title, "agreements", form));
    };
    if !errors.is_empty() {
        return Ok(visitor.page_again(template, &title, "agreements", form));
    }
    if fields.text("step") != "confirm" {
        let template = "agreements/suspend_check.html";
        return Ok(visitor.page(template, &title, "agreements", form));
    }
    posted.proven()?;
    let name = version.id.to_string();
    let reason = fields.lines("reason");
    pipeline::suspension::suspend(gate, by, &name, effect, &reason).await?;
    Ok(Redirect::to(&format!("/agreements/{name}")).into_response())
}

fn title(version: &Version) -> String {
    format!("Suspend {}", version.id)
}

fn read(fields: &Fields) -> (Option<AgreementState>, Vec<FieldError>) {
    let mut errors = Vec::new();
    let effect = match fields.text("effect") {
        "hold" => Some(AgreementState::SuspendedHold),
        "refuse" => Some(AgreementState::SuspendedRefuse),
        _ => {
            let message = "Choose what happens to open requests";
            errors.push(FieldError::new("effect", message));
            None
        }
    };
    if fields.text("reason").is_empty() {
        errors.push(FieldError::new("reason", "Write down the reason"));
    }
    (effect, errors)
}

async fn content(
    gate: &Gate,
    library: &Library,
    version: &Version,
    fields: &Fields,
    errors: &[FieldError],
) -> Result<Value, StepError> {
    let name = version.id.to_string();
    let effect = read(fields).0.unwrap_or(AgreementState::SuspendedHold);
    let caught = pipeline::suspension::caught(gate, &name, effect).await?;
    let count = |fates: [Fate; 2]| {
        let with = caught.iter().filter(|caught| fates.contains(&caught.fate));
        with.count()
    };
    Ok(context! {
        name => name.as_str(),
        agreement_title => version.terms.title.clone(),
        state => super::state(gate, library, version).await?.code(),
        open_cases => count([Fate::Held, Fate::Refused]),
        uncollected => count([Fate::Recalled, Fate::NotCollectable]),
        longest => LIST_LINES_MAX,
        caught => caught.iter().take(LIST_LINES_MAX as usize).map(page::value).collect::<Vec<_>>(),
        f => fields.shown(errors),
        carried => fields.carried(),
    })
}
