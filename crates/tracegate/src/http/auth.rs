//! Who calls the interface: whoever holds a token that this gate has given, or that a demonstration's
//! settings name by its hash.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use disclosure::Actor;
use disclosure::requester::{Method, RequesterCheck};
use sha2::{Digest as _, Sha256};

use super::Problem;
use super::calls::officer::SignedFor;
use super::certificate;
use crate::gate::Gate;
use crate::machines::{self, Refusal};
use crate::settings::Client;

/// The caller of the interface: the officer that a call is signed for, or else the client.
pub struct Caller(pub Actor);

impl FromRequestParts<Arc<Gate>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Arc<Gate>) -> Result<Caller, Problem> {
        if let Some(signed) = parts.extensions.get::<SignedFor>() {
            return Ok(Caller(signed.officer.clone()));
        }
        match client_of(gate, parts) {
            Some((client, Ok(()))) => Ok(Caller(client.actor())),
            _ => Err(Problem::unauthenticated()),
        }
    }
}

/// How a call shows who makes it.
pub struct Checked(pub RequesterCheck);

impl FromRequestParts<Arc<Gate>> for Checked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Arc<Gate>) -> Result<Checked, Problem> {
        let Some((client, Ok(()))) = client_of(gate, parts) else {
            return Err(Problem::unauthenticated());
        };
        let signed = parts.extensions.get::<SignedFor>();
        let method = signed.map_or(Method::Token, |_| Method::Signature);
        let mut check = client.check(method, gate.clock.now());
        check.key = signed.and_then(|signed| signed.key.clone());
        Ok(Checked(check))
    }
}

/// The client whose token a call carries, and whether it may be used so.
pub fn client_of<'g>(gate: &'g Gate, parts: &Parts) -> Option<(&'g Client, Result<(), Refusal>)> {
    let header = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = header.strip_prefix("Bearer ")?;
    let (settings, now) = (&gate.settings, gate.clock.now());
    let certificate = certificate_of(gate, parts);
    let certificate = certificate.as_deref();
    if let Some(held) = machines::holder(settings, &gate.tokens_key, token, certificate, now) {
        return Some(held);
    }
    // Hashes are compared, so that the time taken tells nothing of the token.
    let digest = Some(hex::encode(Sha256::digest(token)));
    let mut clients = settings.clients.iter();
    let client = clients.find(|client| client.token_sha256 == digest)?;
    Some((client, Ok(())))
}

/// Thumbprint of the certificate that the proxy says the client has shown.
pub fn certificate_of(gate: &Gate, parts: &Parts) -> Option<String> {
    let certificates = gate.settings.machines.as_ref()?.certificates.as_ref()?;
    let ConnectInfo(from) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    certificate::thumbprint(certificates, from.ip(), &parts.headers)
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
