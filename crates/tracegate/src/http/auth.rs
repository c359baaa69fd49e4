//! Who calls the interface: a bearer token of which only the hash is kept.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use disclosure::Actor;
use sha2::{Digest as _, Sha256};

use super::Problem;
use crate::gate::Gate;
use crate::settings::Client;

/// The caller of the interface.
pub struct Caller(pub Actor);

impl FromRequestParts<Arc<Gate>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Arc<Gate>) -> Result<Caller, Problem> {
        client_of(gate, &parts.headers)
            .map(|client| Caller(client.actor()))
            .ok_or_else(Problem::unauthenticated)
    }
}

/// The client whose token the headers carry.
pub fn client_of<'g>(gate: &'g Gate, headers: &HeaderMap) -> Option<&'g Client> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = header.strip_prefix("Bearer ")?;
    // Hashes are compared, so that the time taken tells nothing of the token.
    let digest = hex::encode(Sha256::digest(token));
    let mut clients = gate.settings.clients.iter();
    clients.find(|client| client.token_sha256 == digest)
}

/// The caller's `X-Request-ID`: required on every change, so that sending it again is safe.
pub struct RequestId(pub String);

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<RequestId, Problem> {
        RequestId::of(&parts.headers)
    }
}

impl RequestId {
    /// The `X-Request-ID` of a call.
    pub fn of(headers: &HeaderMap) -> Result<RequestId, Problem> {
        let id = headers.get("x-request-id");
        let id = id.and_then(|value| value.to_str().ok());
        let fits = |id: &&str| (8..=100).contains(&id.len());
        id.filter(fits)
            .map(|id| RequestId(id.to_owned()))
            .ok_or_else(|| {
                Problem::unreadable(
                    "send `X-Request-ID` with 8 to 100 characters, new for each request",
                )
            })
    }
}

/// The version of a case that a caller of the controller looked at, from `If-Match`.
pub struct Seen(pub u64);

impl<S: Sync> FromRequestParts<S> for Seen {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Seen, Problem> {
        let version = if_match(parts)?.parse();
        version.map(Seen).map_err(|_| unmatched())
    }
}

/// The answer that a caller of an agency looked at, from `If-Match`.
pub struct SeenAnswer(pub String);

impl<S: Sync> FromRequestParts<S> for SeenAnswer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<SeenAnswer, Problem> {
        if_match(parts).map(|tag| SeenAnswer(tag.to_owned()))
    }
}

fn if_match(parts: &Parts) -> Result<&str, Problem> {
    let value = parts
        .headers
        .get(header::IF_MATCH)
        .and_then(|value| value.to_str().ok());
    value
        .map(|value| value.trim_matches('"'))
        .ok_or_else(unmatched)
}

fn unmatched() -> Problem {
    Problem::unreadable("send `If-Match` with the `ETag` of what you looked at")
}
