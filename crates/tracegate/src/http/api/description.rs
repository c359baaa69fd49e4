//! `/api/v1/openapi.json`: the interface described for programs (OpenAPI 3.1).

use axum::http::header;
use axum::response::{IntoResponse as _, Response};

/// The description, as it stands in the repository.
pub const TEXT: &str = include_str!("../openapi.json");

/// `GET /openapi.json`. Public.
pub async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TEXT).into_response()
}

#[cfg(test)]
mod tests;
