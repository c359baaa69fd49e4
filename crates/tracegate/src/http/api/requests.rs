//! `/api/v1/requests`: the agency's side.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use disclosure::outward::{Answer, answer};
use disclosure::release::{Line, OutcomeReturn};
use disclosure::{Actor, Case, Request};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Paging, body, etag, next_page, paging};
use crate::gate::Gate;
use crate::http::auth::{Caller, Checked, RequestId, SeenAnswer};
use crate::http::{Problem, under_lease};
use crate::pipeline::{self, StepError, casework, intake, release};
use crate::reader;

/// `POST /requests`: records a request. 202, with the reference to ask after.
pub async fn submit(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Checked(check): Checked,
    RequestId(key): RequestId,
    json: Result<Json<Request>, JsonRejection>,
) -> Result<(StatusCode, HeaderMap, Json<Answer>), Problem> {
    let id = intake::submit(&gate, (&by, &check), &key, body(json)?).await?;
    recorded(&gate, &by, &id).await
}

/// What is answered to whoever sent a request: where to ask after it.
pub async fn recorded(
    gate: &Gate,
    by: &Actor,
    id: &str,
) -> Result<(StatusCode, HeaderMap, Json<Answer>), Problem> {
    let (mut headers, told) = tell(gate, &own(gate, by, id).await?);
    if let Ok(location) = format!("/api/v1/requests/{id}").parse() {
        headers.insert(header::LOCATION, location);
    }
    Ok((StatusCode::ACCEPTED, headers, told))
}

/// `GET /requests`: the agency's own requests, oldest first, page by page.
pub async fn list(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    page: Result<Query<Paging>, QueryRejection>,
) -> Result<(HeaderMap, Json<Vec<Answer>>), Problem> {
    let (after, limit) = paging(page)?;
    let (told, next) = reader::own_page(&gate, &by, after.as_ref(), limit).await?;
    Ok((next_page("requests", next, limit), Json(told)))
}

/// `GET /requests/{id}`: what the agency may know of its request now.
pub async fn show(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Json<Answer>), Problem> {
    Ok(tell(&gate, &own(&gate, &by, &id).await?))
}

/// `POST /requests/{id}/withdrawal`: takes the request back.
pub async fn withdraw(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    SeenAnswer(seen): SeenAnswer,
) -> Result<(HeaderMap, Json<Answer>), Problem> {
    let version = unchanged(&gate, &own(&gate, &by, &id).await?, &seen)?;
    release::withdraw(&gate, &by, (&id, version)).await?;
    Ok(tell(&gate, &own(&gate, &by, &id).await?))
}

/// A release, as it is handed over.
#[derive(Debug, Serialize)]
struct Collected {
    case: String,
    record: Vec<Line>,
    data_life_until: Timestamp,
    onward_rule: String,
    outcome_due_at: Timestamp,
}

/// `POST /requests/{id}/collection`: the one-time download.
pub async fn collect(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    RequestId(key): RequestId,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    if gate.settings.recipient(&by.organization).is_some() {
        return Err(StepError::NotAllowed(
            "a key is registered for your organization: collect the sealed package instead",
        )
        .into());
    }
    let delivery = release::collect(&gate, &by, &id, &key).await?;
    let body = Collected {
        case: delivery.case,
        record: delivery.record,
        data_life_until: delivery.data_life_until,
        onward_rule: delivery.onward_rule,
        outcome_due_at: delivery.outcome_due_at,
    };
    Ok(under_lease(Json(body).into_response(), delivery.lease))
}

/// What became of a release.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    result: OutcomeReturn,
}

/// `POST /requests/{id}/outcome`: the outcome return.
pub async fn return_outcome(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    SeenAnswer(seen): SeenAnswer,
    json: Result<Json<Outcome>, JsonRejection>,
) -> Result<(HeaderMap, Json<Answer>), Problem> {
    let version = unchanged(&gate, &own(&gate, &by, &id).await?, &seen)?;
    release::return_outcome(&gate, &by, (&id, version), body(json)?.result).await?;
    Ok(tell(&gate, &own(&gate, &by, &id).await?))
}

/// The answer to a question, and a revised request where the answer changes what is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clarification {
    #[serde(default)]
    answer: String,
    #[serde(default)]
    request: Option<Request>,
}

/// `POST /requests/{id}/answer`: answers the controller's question.
pub async fn clarify(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Checked(check): Checked,
    Path(id): Path<String>,
    SeenAnswer(seen): SeenAnswer,
    json: Result<Json<Clarification>, JsonRejection>,
) -> Result<(HeaderMap, Json<Answer>), Problem> {
    let version = unchanged(&gate, &own(&gate, &by, &id).await?, &seen)?;
    let said = body(json)?;
    let sender = (&by, &check);
    casework::clarify(&gate, sender, (&id, version), &said.answer, said.request).await?;
    Ok(tell(&gate, &own(&gate, &by, &id).await?))
}

/// `POST /requests/{id}/destruction`: every copy of a recalled release is destroyed.
pub async fn confirm_destroyed(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    SeenAnswer(seen): SeenAnswer,
) -> Result<(HeaderMap, Json<Answer>), Problem> {
    let version = unchanged(&gate, &own(&gate, &by, &id).await?, &seen)?;
    casework::confirm_destroyed(&gate, &by, (&id, version)).await?;
    Ok(tell(&gate, &own(&gate, &by, &id).await?))
}

/// The caller's own case; any other is answered as if it did not exist.
pub async fn own(gate: &Gate, by: &Actor, id: &str) -> Result<Case, Problem> {
    let case = pipeline::load(gate, id).await?;
    let mine = case.request.requester.organization == by.organization;
    if mine {
        Ok(case)
    } else {
        Err(Problem::not_found())
    }
}

/// The answer, and an `ETag` that depends on what is told alone: a version of the case would count
/// the steps inside, which differ from one ending to another (I10).
fn tell(gate: &Gate, case: &Case) -> (HeaderMap, Json<Answer>) {
    let told = answer(case, gate.clock.now());
    (etag(tag(&told)), Json(told))
}

/// What an `ETag` of the answer is made of.
pub fn tag(told: &Answer) -> String {
    let words = (told.status, &told.message, told.code, told.next);
    let digest = Sha256::digest(serde_json::to_vec(&words).unwrap_or_default());
    hex::encode(digest.get(..8).unwrap_or_default())
}

/// The version to write against, if the caller still sees what is told now.
fn unchanged(gate: &Gate, case: &Case, seen: &str) -> Result<u64, Problem> {
    if tag(&answer(case, gate.clock.now())) == seen {
        return Ok(case.version);
    }
    Err(StepError::Conflict.into())
}
