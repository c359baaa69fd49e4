//! `/api/v1/webhooks`: what the agency's machine was told, and telling it anew.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::webhook::{Status, Webhook};

use crate::gate::Gate;
use crate::http::Problem;
use crate::http::auth::{Caller, RequestId};
use crate::pipeline::StepError;
use crate::webhooks;

/// A message, and whether it has arrived.
#[derive(Debug, Serialize)]
pub struct WebhookView {
    id: String,
    case: String,
    /// Since when there is something to look at.
    timestamp: Timestamp,
    status: &'static str,
    attempts: u64,
    /// When it is tried next.
    due_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
    outcome: Option<String>,
}

fn view(webhook: Webhook) -> WebhookView {
    WebhookView {
        status: webhook.status.code(),
        due_at: (webhook.status == Status::Waiting).then_some(webhook.due_at),
        id: webhook.id,
        case: webhook.case_id,
        timestamp: webhook.noticed_at,
        attempts: webhook.attempts,
        tried_at: webhook.tried_at,
        outcome: webhook.outcome,
    }
}

/// Which messages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    status: Option<String>,
}

/// `GET /webhooks`: the agency's messages, the newest first.
pub async fn list(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Vec<WebhookView>>, Problem> {
    let unreadable = || Problem::unreadable("`status` is `waiting`, `delivered` or `dead`");
    let Query(which) = which.map_err(|_| unreadable())?;
    let status = which.status.map(|code| Status::from_code(&code));
    let status = match status {
        Some(status) => Some(status.ok_or_else(unreadable)?),
        None => None,
    };
    let found = gate.store.webhooks(&by.organization, status).await;
    let found = found.map_err(StepError::from)?;
    Ok(Json(found.into_iter().map(view).collect()))
}

/// `POST /webhooks/{id}/replay`: sends a message anew, whatever came of it before.
pub async fn replay(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    _: RequestId,
) -> Result<Json<WebhookView>, Problem> {
    let sent = webhooks::send_anew(&gate, &by.organization, &id).await?;
    sent.map(view).map(Json).ok_or_else(Problem::not_found)
}
