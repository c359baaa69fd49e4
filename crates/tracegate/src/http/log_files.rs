//! The public log: static files, as C2SP's tlog-tiles lays them out.

use std::path::Path;
use std::sync::Arc;

use axum::extract::{self, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use ledger::tiles::{CHECKPOINT_PATH, KEY_PATH};

use super::Problem;
use crate::gate::Gate;

pub async fn checkpoint(State(gate): State<Arc<Gate>>) -> Response {
    file(
        &gate.settings.log.folder,
        CHECKPOINT_PATH,
        "text/plain; charset=utf-8",
    )
    .await
}

pub async fn keys(State(gate): State<Arc<Gate>>) -> Response {
    file(
        &gate.settings.log.folder,
        KEY_PATH,
        "text/plain; charset=utf-8",
    )
    .await
}

pub async fn tile(
    State(gate): State<Arc<Gate>>,
    extract::Path(path): extract::Path<String>,
) -> Response {
    // Tile paths are digits, `x`, `p` and `entries` between slashes: nothing that climbs out.
    let plain = path.split('/').all(|part| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric())
            || part
                .strip_suffix(".p")
                .is_some_and(|part| part.chars().all(|c| c.is_ascii_alphanumeric()))
    });
    if !plain {
        return Problem::not_found().into_response();
    }
    file(
        &gate.settings.log.folder.join("tile"),
        &path,
        "application/octet-stream",
    )
    .await
}

async fn file(folder: &Path, name: &str, kind: &'static str) -> Response {
    match tokio::fs::read(folder.join(name)).await {
        Ok(bytes) => (StatusCode::OK, [(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(_) => Problem::not_found().into_response(),
    }
}
