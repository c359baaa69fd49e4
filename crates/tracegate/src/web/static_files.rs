//! The desk's own files, embedded in the program.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use super::oops::Oops;

/// Styles of the design system, which the build took from npm.
pub const NHSUK: &str = include_str!(concat!(env!("OUT_DIR"), "/nhsuk.css"));

/// What the design system lacks.
pub const DESK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/static/desk.css"));

/// What makes pages more comfortable, and none needs.
const SCRIPT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/static/desk.js"));

/// The script's name, with a hash of what it says: a page never meets the script of another version.
pub static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| {
    let digest = hex::encode(Sha256::digest(SCRIPT));
    format!("desk.{}.js", digest.get(..16).unwrap_or_default())
});

/// Asked for again after five minutes, because the name says nothing of the content.
const NAMED: &str = "public, max-age=300";

/// Never asked for again: other content has another name.
const HASHED: &str = "public, max-age=31536000, immutable";

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
    if name == *SCRIPT_NAME {
        return Ok(file(
            "text/javascript; charset=utf-8",
            HASHED,
            SCRIPT.as_bytes(),
        ));
    }
    let found = FILES.iter().find(|(known, _, _)| *known == name);
    let (_, kind, bytes) = found.ok_or_else(Oops::not_found)?;
    Ok(file(kind, NAMED, bytes))
}

fn file(kind: &'static str, kept: &'static str, bytes: &'static [u8]) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)];
    (headers, bytes).into_response()
}
