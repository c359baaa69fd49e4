//! Sessions: a random token in a cookie, its SHA-256 in a table in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderValue, header};
use disclosure::Actor;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

/// Name of the cookie. Local people exist on loopback only, over plain HTTP, where the `__Host-`
/// prefix cannot be used.
const COOKIE: &str = "tracegate-session";

/// Unused sessions end: what a caseworker's screen left alone may show.
const IDLE: SignedDuration = SignedDuration::from_mins(20);

/// Every session ends, used or not: one working day.
const LONGEST: SignedDuration = SignedDuration::from_hours(10);

/// Most sessions at once; beyond it the one unused for longest ends.
const SESSIONS_MAX: usize = 10_000;

/// A visitor's session. Before sign-in it has no actor, and exists so that the sign-in form too
/// carries a token.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who has signed in.
    pub actor: Option<Actor>,
    /// Goes into every form of the session and must come back with it.
    pub form_token: String,
    began_at: Timestamp,
    used_at: Timestamp,
}

/// SHA-256 of a session's token.
type Key = [u8; 32];

/// Every session.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<HashMap<Key, Session>>);

impl Sessions {
    /// Begins a session under fresh tokens.
    pub fn begin(
        &self,
        token: &str,
        form_token: String,
        actor: Option<Actor>,
        now: Timestamp,
    ) -> Session {
        let session = Session {
            actor,
            form_token,
            began_at: now,
            used_at: now,
        };
        let mut table = self.table();
        table.retain(|_, session| !session.is_over(now));
        if table.len() >= SESSIONS_MAX {
            let oldest = table.iter().min_by_key(|(_, session)| session.used_at);
            if let Some(key) = oldest.map(|(key, _)| *key) {
                table.remove(&key);
            }
        }
        table.insert(key(token), session.clone());
        session
    }

    /// The session that a request's cookie names, and marks it used.
    pub fn resume(&self, headers: &HeaderMap, now: Timestamp) -> Option<Session> {
        let key = key(cookie(headers)?);
        let mut table = self.table();
        let session = table.get_mut(&key)?;
        if session.is_over(now) {
            table.remove(&key);
            return None;
        }
        session.used_at = now;
        Some(session.clone())
    }

    /// Ends the session that a request's cookie names.
    pub fn end(&self, headers: &HeaderMap) {
        if let Some(token) = cookie(headers) {
            self.table().remove(&key(token));
        }
    }

    fn table(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.used_at) >= IDLE || now.duration_since(self.began_at) >= LONGEST
    }
}

fn key(token: &str) -> Key {
    Sha256::digest(token).into()
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
}

/// The header that hands out a session's token.
pub fn set_cookie(token: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!(
        "{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/"
    ))
    .ok()
}

/// The header that takes it away.
pub fn clear_cookie() -> Option<HeaderValue> {
    let gone = format!("{COOKIE}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
    HeaderValue::try_from(gone).ok()
}
