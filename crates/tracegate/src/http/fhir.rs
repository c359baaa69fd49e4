//! `/fhir/R4`: what a case system that speaks FHIR may read. No path here returns a person, but to the
//! controller's own staff the one that their case has found.

mod found;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use disclosure::outward::answer;
use disclosure::{EventKind, Role};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Cursor;

use super::Problem;
use super::api::requests::{own, tag};
use super::auth::Caller;
use crate::fhir::{audit, capability, outcome, release, searchset, task};
use crate::gate::Gate;
use crate::pipeline::StepError;
use crate::reader;

/// Most resources in one answer.
const RESOURCES_MAX: u32 = 200;
/// Resources in an answer, unless it is said otherwise.
const RESOURCES: u32 = 50;

/// Every path of the FHIR interface, relative to its base.
pub fn router() -> Router<Arc<Gate>> {
    Router::new()
        .route("/metadata", get(metadata))
        .route("/Task", get(tasks))
        .route("/Task/{id}", get(one_task))
        .route("/Provenance/{id}", get(provenance))
        .route("/AuditEvent", get(audit_events))
        .route("/Patient/$match", post(found::find))
        .route("/Consent/{id}", get(found::objection))
        .fallback(super::api::not_found)
        .method_not_allowed_fallback(super::calls::method_not_allowed)
}

/// Every error as an OperationOutcome.
pub async fn in_fhir(response: Response) -> Response {
    if response.status().is_success() {
        return response;
    }
    let problem = Problem::of(response);
    let status = problem.status();
    let mut told = resource(&outcome::of(status, problem.title(), problem.detail()));
    *told.status_mut() = status;
    told
}

fn resource(resource: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/fhir+json")];
    (kind, resource.to_string()).into_response()
}

/// `GET /metadata`: what this interface can do. Public.
async fn metadata(State(gate): State<Arc<Gate>>) -> Response {
    resource(&capability::statement(gate.clock.now()))
}

/// Which part of a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    #[serde(rename = "_count")]
    count: Option<u32>,
    after: Option<String>,
}

impl Part {
    fn read(query: Result<Query<Part>, QueryRejection>) -> Result<(u32, Option<String>), Problem> {
        let unreadable = || {
            Problem::unreadable(format!(
                "`_count` is a number from 1 to {RESOURCES_MAX}, `after` is taken from the link `next`"
            ))
        };
        let Query(part) = query.map_err(|_| unreadable())?;
        let count = part.count.unwrap_or(RESOURCES);
        let fits = (1..=RESOURCES_MAX).contains(&count);
        fits.then_some((count, part.after)).ok_or_else(unreadable)
    }
}

/// `GET /Task`: the agency's own requests, oldest first.
async fn tasks(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    query: Result<Query<Part>, QueryRejection>,
) -> Result<Response, Problem> {
    let (count, after) = Part::read(query)?;
    let after = after.map(|after| after.parse::<Cursor>()).transpose();
    let after = after.map_err(|()| Problem::unreadable("`after` is taken from the link `next`"))?;
    let (told, next) = reader::own_page(&gate, &by, after.as_ref(), count).await?;
    let tasks = told.iter().map(|told| task::of(told, &by.organization));
    let next = next.map(|next| format!("Task?_count={count}&after={next}"));
    Ok(resource(&searchset(tasks.collect(), next)))
}

/// `GET /Task/{id}`: where one request stands.
async fn one_task(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let case = own(&gate, &by, &id).await?;
    let told = answer(&case, gate.clock.now());
    let mut response = resource(&task::of(&told, &by.organization));
    if let Ok(etag) = HeaderValue::try_from(format!("W/\"{}\"", tag(&told))) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

/// `GET /Provenance/{id}`: under what a release left, by the reference of its case.
async fn provenance(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let case = own(&gate, &by, &id).await?;
    let told = answer(&case, gate.clock.now());
    let disclosed = case.state.disclosed();
    let told_of = disclosed.filter(|_| matches!(told.status, "released" | "collected"));
    let (Some(disclosed), Some(agreement)) = (told_of, &case.agreement) else {
        return Err(Problem::not_found());
    };
    let released = release::Released {
        case: &case.id,
        agreement,
        purpose: &case.request.purpose,
        release: &disclosed.release,
        record: &[],
    };
    let mut provenance = release::provenance(&released, &format!("Task/{}", case.id));
    provenance["id"] = json!(case.id);
    Ok(resource(&provenance))
}

/// `GET /AuditEvent`: every disclosure, oldest first, for overseers and what watches for them. Reading it
/// is an entry of the log.
async fn audit_events(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    query: Result<Query<Part>, QueryRejection>,
) -> Result<Response, Problem> {
    if by.role != Role::Overseer {
        return Err(Problem::forbidden(
            "only an overseer reads the audit events",
        ));
    }
    let (count, after) = Part::read(query)?;
    let from = after.map(|after| after.parse()).transpose();
    let mut from: u64 = from
        .map_err(|_| Problem::unreadable("`after` is taken from the link `next`"))?
        .unwrap_or_default();
    reader::note(&gate, EventKind::LogRead, None, "audit events", &by).await?;
    let mut events = Vec::new();
    let entries = gate.store.entries(from, store::read::PAGE_MAX).await;
    for entry in entries.map_err(StepError::from)? {
        if events.len() >= count as usize {
            break;
        }
        from = entry.index + 1;
        let disclosed = matches!(entry.kind, EventKind::Collected | EventKind::CollectedAgain);
        let Some(id) = entry.case_id.as_deref().filter(|_| disclosed) else {
            continue;
        };
        // What was erased is told of no more.
        if let Some(case) = gate.store.case(id).await.map_err(StepError::from)? {
            events.push(audit::disclosure(&entry, &case, &gate.marks_key));
        }
    }
    let more = from < gate.store.ledger_size().await.map_err(StepError::from)?;
    let next = more.then(|| format!("AuditEvent?_count={count}&after={from}"));
    Ok(resource(&searchset(events, next)))
}
