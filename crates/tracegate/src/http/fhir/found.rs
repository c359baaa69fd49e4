//! What the controller's own staff and systems read: the one person of a case, and their objection.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::Response;

use super::resource;
use crate::fhir::{asked, found};
use crate::gate::Gate;
use crate::http::Problem;
use crate::http::api::body;
use crate::http::auth::{Caller, RequestId};
use crate::pipeline::{self, trace, wishes};
use crate::reader;

/// `POST /Patient/$match`: whom the one trace of an open case has found. Where there was none yet it is made now,
/// under the same conditions and with the caller as the one who traced.
pub async fn find(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    _: RequestId,
    json: Result<Json<asked::Parameters>, JsonRejection>,
) -> Result<Response, Problem> {
    let asked = body(json)?.read().map_err(Problem::unreadable)?;
    let what = format!("Patient/$match, {}", asked.reason);
    reader::open(&gate, &by, &asked.case, &what).await?;
    let case = pipeline::load(&gate, &asked.case).await?;
    asked
        .is_about(&case.request.subject)
        .map_err(Problem::unreadable)?;
    let traced = trace::made(&gate, &asked.case, &by).await?;
    let found = traced.single().and_then(|candidate| {
        let person = wishes::person(&gate, &candidate.person_ref)?;
        Some((candidate, person))
    });
    let found = found
        .as_ref()
        .map(|(candidate, person)| (*candidate, person));
    Ok(resource(&found::matched(found, &traced)))
}

/// `GET /Consent/{case}`: the objection of whom the case has found.
pub async fn objection(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    reader::open(&gate, &by, &id, "the objection, as FHIR").await?;
    let case = pipeline::load(&gate, &id).await?;
    let person = case.concerned().found.ok_or_else(Problem::not_found)?;
    let objection = wishes::objection(&gate, &person).await?;
    let objection = objection.ok_or_else(Problem::not_found)?;
    Ok(resource(&found::objection(&case, &person, &objection)))
}
