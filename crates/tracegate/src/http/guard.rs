//! The one way into the interface: who may go where, and every refusal on record.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use disclosure::{Actor, EventKind};

use super::auth::client_of;
use super::{FHIR, INTERFACE, Problem};
use crate::doors;
use crate::gate::Gate;
use crate::machines::Refusal;
use crate::reader;

/// Lets a caller through the door of the path.
pub async fn pass(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Some(path) = parts.extensions.get::<MatchedPath>().cloned() else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let (path, method) = (path.as_str(), parts.method.clone());
    let (rows, path) = match path.strip_prefix(FHIR) {
        Some(path) => (doors::FHIR, path),
        None => (
            doors::INTERFACE,
            path.strip_prefix(INTERFACE).unwrap_or(path),
        ),
    };
    let Some(door) = doors::find(rows, &method, path) else {
        return Problem::not_found().into_response();
    };
    let known = client_of(&gate, &parts).map(|(client, usable)| (client.actor(), usable));
    let by = match known {
        Some((by, Ok(()))) => Some(by),
        Some((by, Err(refusal))) => {
            record(&gate, &by, &method, path, Some(refusal)).await;
            return Problem::unauthenticated().into_response();
        }
        None => None,
    };
    let response = match &by {
        by if door.admits(by.as_ref()) => next.run(Request::from_parts(parts, body)).await,
        None => Problem::unauthenticated().into_response(),
        Some(by) => Problem::closed(by.role).into_response(),
    };
    let problem = response.extensions().get::<Problem>();
    let why = problem.and_then(Problem::refusal);
    if let Some(by) = by.filter(|_| response.status() == StatusCode::FORBIDDEN) {
        record(&gate, &by, &method, path, why).await;
    }
    response
}

async fn record(gate: &Gate, by: &Actor, method: &Method, path: &str, why: Option<Refusal>) {
    let why = why.map_or_else(String::new, |why| format!(": {}", why.code()));
    let what = format!("interface: {method} {path}{why}");
    if let Err(error) = reader::note(gate, EventKind::AccessRefused, None, &what, by).await {
        tracing::error!(%error, "a refusal could not be recorded");
    }
}
