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
        .map_err(|error| Problem::unreadable(readable(&error.body_text())))
}

/// What is wrong with a body: which field, and where, and never what stands there. Messages of the
/// parser repeat values, and a value may be a name.
fn readable(text: &str) -> String {
    if [
        "unknown field `",
        "missing field `",
        "Expected request with",
    ]
    .iter()
    .any(|harmless| text.contains(harmless))
    {
        return text.to_owned();
    }
    let place = text.rfind(" at line ").map_or("", |at| &text[at..]);
    let field = text.split_once("target type: ");
    let field = field.and_then(|(_, rest)| rest.split_once(": "));
    match field {
        Some((field, _)) if !field.contains(' ') => {
            format!("`{field}` is not of the kind that is expected{place}")
        }
        _ => format!("the body is not the JSON that is expected{place}"),
    }
}

/// An `ETag`.
fn etag(tag: impl std::fmt::Display) -> HeaderMap {
    let value = HeaderValue::try_from(format!("\"{tag}\""));
    value
        .map(|value| HeaderMap::from_iter([(header::ETAG, value)]))
        .unwrap_or_default()
}
