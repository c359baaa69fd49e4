//! The desk's own files, embedded in the program.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::oops::Oops;

/// Name, type, bytes.
const FILES: [(&str, &str, &[u8]); 2] = [
    (
        "desk.css",
        "text/css; charset=utf-8",
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/static/desk.css")),
    ),
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
