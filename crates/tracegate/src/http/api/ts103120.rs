//! `/api/v1/ts103120`: a request as an HI-1 message of ETSI TS 103 120, answered with one.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use interchange::{Refused, recorded, refused};
use serde_json::{Value, json};

use crate::gate::Gate;
use crate::http::Problem;
use crate::http::auth::{Caller, Checked, RequestId};
use crate::pipeline::intake;

/// Its path, below the interface.
pub const PATH: &str = "/ts103120";

/// `POST /ts103120`: records the request of a message. What is wrong with a message is told in the answer's own
/// words: 200 says that there is an answer.
pub async fn receive(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Checked(check): Checked,
    RequestId(key): RequestId,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !["application/xml", "text/xml"].contains(&kind) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "/problems/unreadable",
            "the request cannot be read",
            "send `Content-Type: application/xml`",
        ));
    }
    let now = gate.clock.now();
    let told = match interchange::read(&body) {
        Ok(message) => {
            let id = intake::submit(&gate, (&by, &check), &key, message.request.clone()).await?;
            recorded(&message, &id, now)
        }
        Err(Refused { header, fault }) => refused(header.as_deref(), &fault, now),
    };
    Ok(([(header::CONTENT_TYPE, "application/xml")], told).into_response())
}

/// Whom a message names as the one who asks, in the form of the interface's own requests.
pub fn requester(body: &[u8]) -> Value {
    let message = interchange::read(body);
    message.map_or(
        Value::Null,
        |message| json!({ "requester": message.request.requester }),
    )
}
