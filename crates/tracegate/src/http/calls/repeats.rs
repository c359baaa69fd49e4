//! One `X-Request-ID` is one change: sent again, it is answered as it was the first time.
//!
//! Answers are kept in memory for ten minutes, which is for as long as a client tries again. After that,
//! or after a restart, the store and `If-Match` still see to it that nothing is done twice.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use sha2::{Digest as _, Sha256};

use crate::clock::stopwatch;
use crate::http::Problem;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(600);
/// Most answers kept; the oldest goes first.
const ANSWERS_MAX: usize = 4096;
/// Longest answer kept: the view of one case.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Client and `X-Request-ID`.
type Key = (String, String);

/// What a call asks for: method and path, the version it was made from, and the body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of this call.
    pub fn of(parts: &Parts, body: &Bytes) -> Fingerprint {
        let seen = parts.headers.get(header::IF_MATCH);
        let hash = Sha256::new()
            .chain_update(parts.uri.path())
            .chain_update([0])
            .chain_update(seen.map_or(&b""[..], |seen| seen.as_bytes()))
            .chain_update([0])
            .chain_update(body);
        Fingerprint(hash.finalize().into())
    }
}

#[derive(Clone)]
struct Kept {
    fingerprint: Fingerprint,
    at: Instant,
    /// `None` while the first call is under way.
    answer: Option<(StatusCode, HeaderMap, Bytes)>,
}

#[derive(Default)]
struct Memory {
    kept: HashMap<Key, Kept>,
    order: VecDeque<(Instant, Key)>,
}

/// The answers of the last minutes.
#[derive(Clone, Default)]
pub struct Repeats(Arc<Mutex<Memory>>);

/// Whose turn it is.
pub enum Turn {
    /// The call was made before, and answered so.
    Again(Box<Response>),
    /// It is the first: make it, and keep the answer.
    First(First),
}

/// A call that is made for the first time. Forgotten when dropped without an answer worth keeping.
pub struct First {
    repeats: Repeats,
    key: Key,
    done: bool,
}

impl Repeats {
    /// Looks whether a call was made before.
    pub fn begin(
        &self,
        (client, id): (&str, &str),
        fingerprint: Fingerprint,
    ) -> Result<Turn, Problem> {
        let now = stopwatch();
        let key = (client.to_owned(), id.to_owned());
        let mut memory = self.memory();
        memory.forget_before(now);
        match memory.kept.get(&key) {
            Some(kept) if kept.fingerprint != fingerprint => Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "/problems/request-id-used",
                "this `X-Request-ID` was sent with something else",
                "send a new `X-Request-ID` with each new call",
            )),
            Some(Kept { answer: None, .. }) => Err(Problem::new(
                StatusCode::CONFLICT,
                "/problems/under-way",
                "the same call is under way",
                "wait for its answer, or send it again in a second",
            )),
            Some(Kept {
                answer: Some((status, headers, body)),
                ..
            }) => {
                let mut response = Response::new(Body::from(body.clone()));
                *response.status_mut() = *status;
                *response.headers_mut() = headers.clone();
                Ok(Turn::Again(Box::new(response)))
            }
            None => {
                let kept = Kept {
                    fingerprint,
                    at: now,
                    answer: None,
                };
                memory.kept.insert(key.clone(), kept);
                memory.order.push_back((now, key.clone()));
                Ok(Turn::First(First {
                    repeats: self.clone(),
                    key,
                    done: false,
                }))
            }
        }
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn forget_before(&mut self, now: Instant) {
        while let Some((at, key)) = self.order.front() {
            let old = now.duration_since(*at) >= KEPT || self.order.len() > ANSWERS_MAX;
            if !old {
                return;
            }
            if self.kept.get(key).is_some_and(|kept| kept.at == *at) {
                self.kept.remove(key);
            }
            self.order.pop_front();
        }
    }
}

impl First {
    /// Keeps the answer of a change that was made; any other may be tried again.
    pub async fn keep(mut self, response: Response) -> Response {
        if !response.status().is_success() {
            return response;
        }
        let (parts, body) = response.into_parts();
        let Ok(body) = to_bytes(body, usize::MAX).await else {
            return Response::from_parts(parts, Body::empty());
        };
        if body.len() <= ANSWER_BYTES_MAX {
            if let Some(kept) = self.repeats.memory().kept.get_mut(&self.key) {
                kept.answer = Some((parts.status, parts.headers.clone(), body.clone()));
            }
            self.done = true;
        }
        Response::from_parts(parts, Body::from(body))
    }
}

impl Drop for First {
    fn drop(&mut self) {
        if !self.done {
            self.repeats.memory().kept.remove(&self.key);
        }
    }
}
