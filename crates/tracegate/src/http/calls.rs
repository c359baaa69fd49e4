//! What every call of the interface keeps to, whatever it asks for: one `X-Request-ID` is one change,
//! `X-Correlation-ID` comes back, no client asks faster than its share, and every error is a problem.

pub mod officer;
mod rate;
mod repeats;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::auth::{RequestId, client_of};
use super::{BODY_BYTES_MAX, Problem};
use crate::clock::stopwatch;
use crate::gate::Gate;
use crate::pipeline::batch::FILE_BYTES_MAX;
use rate::Rates;
use repeats::{Fingerprint, Repeats, Turn};

const CORRELATION: HeaderName = HeaderName::from_static("x-correlation-id");

/// Longest `X-Correlation-ID` that comes back.
const CORRELATION_CHARS_MAX: usize = 100;

/// What is kept between calls.
pub struct Calls {
    gate: Arc<Gate>,
    rates: Rates,
    repeats: Repeats,
}

impl Calls {
    /// Nothing is known of anybody's calls yet.
    pub fn new(gate: Arc<Gate>) -> Arc<Calls> {
        let rates = Rates::new(gate.settings.calls_per_second);
        Arc::new(Calls {
            gate,
            rates,
            repeats: Repeats::default(),
        })
    }
}

/// Gives an answer the form that every answer has.
pub async fn answer(request: Request, next: Next) -> Response {
    let correlation = request.headers().get(&CORRELATION).cloned();
    let correlation = correlation.filter(is_correlation);
    let case = case_of(request.uri().path());
    let mut response = next.run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        let allowed = response.headers().get(header::ALLOW).cloned();
        response = Problem::of(response).about(case).into_response();
        if let Some(allowed) = allowed {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
    }
    // None is drawn: two answers that must be equal to the byte would differ in it.
    if let Some(correlation) = correlation {
        response.headers_mut().insert(CORRELATION, correlation);
    }
    response
}

fn is_correlation(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    (1..=CORRELATION_CHARS_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

/// The reference in a path, where it has the form of one: nothing else that a caller wrote is repeated.
fn case_of(path: &str) -> Option<String> {
    let mut parts = path.split('/').filter(|part| part.starts_with("TG-"));
    let case = parts.next()?;
    let letters = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let lengths: Vec<usize> = case.split('-').map(str::len).collect();
    (lengths == [2, 4, 4, 2] && case.split('-').all(letters)).then(|| case.to_owned())
}

/// Lets a call through that there is something for: as often as the client may ask, and a change once.
pub async fn once(
    State(calls): State<Arc<Calls>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let Some((client, Ok(()))) = client_of(&calls.gate, &parts) else {
        // Who is not known changes nothing: the handler says so.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    if let Err(wait) = calls.rates.take(&client.id, stopwatch()) {
        return Err(Problem::too_many(wait));
    }
    let takes_files = parts.uri.path() == FILES && parts.method == Method::POST;
    // One file is in memory at once, whoever sends it; the next one waits its turn outside.
    let _turn = match takes_files {
        true => Some(calls.gate.reading.turn().ok_or_else(busy)?),
        false => None,
    };
    let most = if takes_files {
        FILE_BYTES_MAX
    } else {
        BODY_BYTES_MAX
    };
    let body = to_bytes(body, most).await;
    let body = body.map_err(|_| Problem::unreadable("the body is too long or broke off"))?;
    let signed = officer::of(&calls.gate, client, &parts, &body).await?;
    let who = signed.as_ref().map_or(&client.id, |one| &one.officer.id);
    let who = format!("{}\n{who}", client.id);
    if let Some(signed) = signed {
        parts.extensions.insert(signed);
    }
    let again = |parts: Parts| Request::from_parts(parts, Body::from(body.clone()));
    if parts.method != Method::POST {
        return Ok(next.run(again(parts)).await);
    }
    let RequestId(key) = RequestId::of(&parts.headers)?;
    if takes_files || hands_over(parts.uri.path()) {
        // The record of a release keeps the key itself, and what is handed over stays nowhere else.
        return Ok(next.run(again(parts)).await);
    }
    let fingerprint = Fingerprint::of(&parts, &body);
    match calls.repeats.begin((&who, &key), fingerprint)? {
        Turn::Again(answer) => Ok(*answer),
        Turn::First(turn) => Ok(turn.keep(next.run(again(parts)).await).await),
    }
}

/// Where files of requests are handed in.
const FILES: &str = "/batches";

fn busy() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "/problems/busy",
        "another file is being taken",
        "send it again in a few seconds, with the same `X-Request-ID`",
    )
}

fn hands_over(path: &str) -> bool {
    path.ends_with("/collection") || path.ends_with("/package")
}

/// Where the interface has no such path or method.
pub async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "/problems/method",
        "this cannot be done here",
        "`Allow` names what can",
    )
}
