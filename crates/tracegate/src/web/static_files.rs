//! The desk's own files, embedded in the program.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::oops::Oops;

/// Styles of the design system, which the build took from npm.
pub const NHSUK: &str = include_str!(concat!(env!("OUT_DIR"), "/nhsuk.css"));

/// What the design system lacks.
pub const DESK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/static/desk.css"));

/// Name, type, bytes.
const FILES: [(&str, &str, &[u8]); 3] = [
    ("nhsuk.css", "text/css; charset=utf-8", NHSUK.as_bytes()),
    ("desk.css", "text/css; charset=utf-8", DESK.as_bytes()),
    (
        "gate.svg",
        "image/svg+xml",
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/static/gate.svg")),
    ),
];

/// `GET /static/{file}`.
pub async fn show(Path(name): Path<String>) -> Result<Response, Oops> {
    let file = FILES.iter().find(|(known, _, _)| *known == name);
    let (_, kind, bytes) = file.ok_or_else(Oops::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, *kind),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    Ok((headers, *bytes).into_response())
}
