//! Sessions: a random token in a cookie, its SHA-256 in a table.
//!
//! Whoever has signed in is in the store, so that a session outlives a restart, counts on every node,
//! and can be listed and ended. Whoever has not is in memory: a form needs a token before there is
//! somebody it belongs to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, HeaderValue, header};
use disclosure::Actor;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{Mark, SignedIn, StoreError};

use crate::gate::Gate;

/// A use is recorded when the last one recorded is older: one write a minute and person.
const RECORDED: SignedDuration = SignedDuration::from_secs(60);

/// Most visitors in memory who have not signed in; beyond it the oldest is forgotten.
const VISITORS_MAX: usize = 10_000;

/// A visitor's session.
#[derive(Clone, Debug)]
pub struct Session {
    pub mark: Mark,
    /// Goes into every form of the session and must come back with it.
    pub form_token: String,
    /// Who has signed in, and how.
    pub signed_in: Option<Kept>,
}

/// Somebody who has signed in, as the store keeps it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Kept {
    pub actor: Actor,
    /// What the provider says names them in the index, where they are asked about.
    #[serde(default)]
    pub person: Option<String>,
    /// Their rank or grade, as far as whoever knows them says it.
    #[serde(default)]
    pub rank: Option<String>,
    pub form_token: String,
    /// When they last proved who they are.
    pub proven_at: Timestamp,
    /// The browser, as far as it says.
    pub browser: String,
}

/// Somebody who has just proven who they are.
#[derive(Clone, Debug)]
pub struct Proven {
    pub actor: Actor,
    pub person: Option<String>,
    pub rank: Option<String>,
    pub at: Timestamp,
}

/// A visitor who has not signed in.
#[derive(Debug)]
struct Visiting {
    form_token: String,
    begun_at: Timestamp,
}

/// Every session.
pub struct Sessions {
    gate: Arc<Gate>,
    visiting: Mutex<HashMap<Mark, Visiting>>,
}

/// One line of the list of sessions.
pub struct Line {
    pub mark: Mark,
    pub actor: Actor,
    pub browser: String,
    pub begun_at: Timestamp,
    pub used_at: Timestamp,
}

impl Sessions {
    pub fn new(gate: Arc<Gate>) -> Sessions {
        Sessions {
            gate,
            visiting: Mutex::default(),
        }
    }

    /// A session for somebody who has not signed in, and the token for the cookie.
    pub fn visit(&self) -> (String, Session) {
        let (token, now) = (self.gate.chance.token(), self.gate.clock.now());
        let session = Session {
            mark: mark(&token),
            form_token: self.gate.chance.token(),
            signed_in: None,
        };
        let visiting = Visiting {
            form_token: session.form_token.clone(),
            begun_at: now,
        };
        let idle = self.gate.settings.sessions.idle();
        let mut table = self.visiting();
        table.retain(|_, visiting| now.duration_since(visiting.begun_at) < idle);
        if table.len() >= VISITORS_MAX {
            let oldest = table.iter().min_by_key(|(_, visiting)| visiting.begun_at);
            if let Some(mark) = oldest.map(|(mark, _)| *mark) {
                table.remove(&mark);
            }
        }
        table.insert(session.mark, visiting);
        (token, session)
    }

    /// A session for somebody who has just signed in: always a new one, so that no token known
    /// before opens anything. Returns the token for the cookie.
    pub async fn begin(
        &self,
        headers: &HeaderMap,
        proven: Proven,
    ) -> Result<(String, Session), StoreError> {
        self.end(headers).await?;
        let (token, now) = (self.gate.chance.token(), self.gate.clock.now());
        let (who, form_token) = (proven.actor.id.clone(), self.gate.chance.token());
        let kept = Kept {
            actor: proven.actor,
            person: proven.person,
            rank: proven.rank,
            form_token: form_token.clone(),
            proven_at: proven.at,
            browser: browser(headers),
        };
        let body = serde_json::to_string(&kept).unwrap_or_default();
        let times = self.gate.settings.sessions;
        let signed_in = SignedIn {
            mark: mark(&token),
            begun_at: now,
            used_at: now,
            ends_at: now.checked_add(times.longest()).unwrap_or(now),
            body,
        };
        let unused = now.checked_sub(times.idle()).unwrap_or(now);
        let begun = self.gate.store.session_begin(signed_in, &who, unused);
        begun.await?;
        let session = Session {
            mark: mark(&token),
            form_token,
            signed_in: Some(kept),
        };
        Ok((token, session))
    }

    /// The session that a request's cookie names. A page that is looked at counts as use; what a page
    /// asks for by itself does not, or a screen left alone would never lock.
    pub async fn resume(&self, headers: &HeaderMap) -> Result<Option<Session>, StoreError> {
        let Some(mark) = self.mark(headers) else {
            return Ok(None);
        };
        if let Some(visiting) = self.visiting().get(&mark) {
            let now = self.gate.clock.now();
            let over = now.duration_since(visiting.begun_at) >= self.gate.settings.sessions.idle();
            let form_token = visiting.form_token.clone();
            return Ok((!over).then_some(Session {
                mark,
                form_token,
                signed_in: None,
            }));
        }
        let Some(found) = self.gate.store.session(&mark).await? else {
            return Ok(None);
        };
        let now = self.gate.clock.now();
        if self.is_over(&found, now) {
            self.gate.store.session_end(mark).await?;
            return Ok(None);
        }
        let by_hand = headers
            .get("sec-fetch-dest")
            .is_none_or(|for_what| for_what != "empty");
        if by_hand && now.duration_since(found.used_at) >= RECORDED {
            self.gate.store.session_used(mark, now).await?;
        }
        let kept: Option<Kept> = serde_json::from_str(&found.body).ok();
        Ok(kept.map(|kept| Session {
            mark,
            form_token: kept.form_token.clone(),
            signed_in: Some(kept),
        }))
    }

    /// Ends the session that a request's cookie names.
    pub async fn end(&self, headers: &HeaderMap) -> Result<(), StoreError> {
        let Some(mark) = self.mark(headers) else {
            return Ok(());
        };
        if self.visiting().remove(&mark).is_none() {
            self.gate.store.session_end(mark).await?;
        }
        Ok(())
    }

    /// The sessions of one identity, or of everybody.
    pub async fn list(&self, who: Option<&str>) -> Result<Vec<Line>, StoreError> {
        let now = self.gate.clock.now();
        let sessions = self.gate.store.sessions(who).await?.into_iter();
        let lines = sessions.filter(|session| !self.is_over(session, now));
        let lines = lines.filter_map(|session| {
            let kept: Kept = serde_json::from_str(&session.body).ok()?;
            Some(Line {
                mark: session.mark,
                actor: kept.actor,
                browser: kept.browser,
                begun_at: session.begun_at,
                used_at: session.used_at,
            })
        });
        Ok(lines.collect())
    }

    fn is_over(&self, session: &SignedIn, now: Timestamp) -> bool {
        let idle = self.gate.settings.sessions.idle();
        now.duration_since(session.used_at) >= idle || now >= session.ends_at
    }

    fn visiting(&self) -> MutexGuard<'_, HashMap<Mark, Visiting>> {
        self.visiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mark(&self, headers: &HeaderMap) -> Option<Mark> {
        cookie(headers, self.cookie_name()).map(mark)
    }

    /// Over plain HTTP, as the demonstration is on its own machine, a browser takes no `__Host-`
    /// cookie.
    fn cookie_name(&self) -> &'static str {
        match self.gate.settings.demonstration {
            true => "tracegate-session",
            false => "__Host-tracegate-session",
        }
    }

    /// The header that hands out a session's token; without a token, the one that takes it away.
    pub fn set_cookie(&self, token: Option<&str>) -> Option<HeaderValue> {
        let demonstration = self.gate.settings.demonstration;
        set_cookie(self.cookie_name(), token, "Strict", demonstration)
    }
}

/// A `Set-Cookie` header; without a token, the one that takes the cookie away.
pub fn set_cookie(
    name: &str,
    token: Option<&str>,
    same_site: &str,
    plain: bool,
) -> Option<HeaderValue> {
    let gone = if token.is_none() { "; Max-Age=0" } else { "" };
    let secure = if plain { "" } else { "; Secure" };
    let token = token.unwrap_or_default();
    HeaderValue::try_from(format!(
        "{name}={token}; HttpOnly; SameSite={same_site}; Path=/{secure}{gone}"
    ))
    .ok()
}

/// SHA-256 of a token: what is kept of it.
pub fn mark(token: &str) -> Mark {
    Sha256::digest(token).into()
}

/// The value of a cookie.
pub fn cookie<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted).then_some(value))
}

/// Browser and system in a word each, so that a person knows their own sessions again.
fn browser(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok()).unwrap_or("");
    let known = |words: &[(&str, &'static str)], other| {
        let found = words.iter().find(|(sign, _)| agent.contains(sign));
        found.map_or(other, |(_, word)| *word)
    };
    // Every browser claims to be some of the others: the order counts.
    let browsers = [
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrom", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let browser = known(&browsers, "Another browser");
    format!("{browser} on {}", known(&systems, "another system"))
}
