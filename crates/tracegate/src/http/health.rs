//! `/health`: whether the gate can work, for whoever watches it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::gate::Gate;
use crate::public_log::Limit;

/// Why nothing is released where the database cannot be read.
pub const DATABASE: &str = "database";

pub async fn show(State(gate): State<Arc<Gate>>) -> (StatusCode, Json<Value>) {
    let health = gate.store.health().await.ok();
    let log = gate.log.standing(gate.clock.now());
    let stopped_by = match &health {
        Some(_) => log.level.stopped_by().map(Limit::word),
        None => Some(DATABASE),
    };
    let status = match stopped_by {
        None => StatusCode::OK,
        Some(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let body = json!({
        "recorded": health.map(|health| health.ledger_size),
        "published": gate.log.published(),
        "log": log.level.word(),
        "log_behind_seconds": log.behind_seconds,
        "log_why": log.why,
        "releases_stopped_by": stopped_by,
        "messages_waiting": health.map(|health| health.outbox_waiting),
    });
    (status, Json(body))
}
