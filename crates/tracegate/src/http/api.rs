//! `/api/v1`: JSON in and out. One file for each resource.

pub mod agreements;
pub mod cases;
pub mod requests;
pub mod statistics;
pub mod usage;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, HeaderValue, header};

use super::Problem;

/// Any other path.
pub async fn not_found() -> Problem {
    Problem::not_found()
}

/// A body, or a problem that names the line and the field.
fn body<T>(json: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    json.map(|Json(value)| value)
        .map_err(|error| Problem::unreadable(error.body_text()))
}

/// An `ETag`.
fn etag(tag: impl std::fmt::Display) -> HeaderMap {
    let value = HeaderValue::try_from(format!("\"{tag}\""));
    value
        .map(|value| HeaderMap::from_iter([(header::ETAG, value)]))
        .unwrap_or_default()
}
