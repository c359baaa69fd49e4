//! To the OpenID Connect provider and back.
//!
//! The session's cookie is `SameSite=Strict`, so a browser does not send it when the provider sends the
//! browser back. A second cookie, `Lax` and good for one trip, ties the answer to the browser that
//! asked; and the way on from there is a page of our own, from which the strict cookie is sent.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::{Actor, Role};
use jiff::Timestamp;
use minijinja::context;
use serde::Deserialize;

use super::trips::Trip;
use super::{SECTION, TITLE, after_proof, begin, home, with_cookie};
use crate::oidc::person::{self, Unplaced};
use crate::oidc::token::Claims;
use crate::oidc::{Provider, ProviderError, Question};
use crate::pipeline::StepError;
use crate::settings::SignIn;
use crate::web::Desk;
use crate::web::oops::Oops;
use crate::web::session::{Proven, cookie, mark, set_cookie};
use crate::web::visitor::Visitor;

const COOKIE: &str = "__Host-tracegate-sign-in";

/// What a sign-in begins with.
#[derive(Deserialize)]
pub struct Start {
    #[serde(default)]
    anew: String,
}

/// What the provider sends the browser back with (RFC 6749, section 4.1.2; RFC 9207).
#[derive(Deserialize)]
pub struct Answer {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    iss: Option<String>,
    error: Option<String>,
}

/// `GET /sign-in/start`: off to the provider.
pub async fn start(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Query(start): Query<Start>,
) -> Result<Response, Oops> {
    let provider = desk.provider.clone().ok_or_else(Oops::not_found)?;
    let chance = &desk.gate.chance;
    let anew = start.anew == "yes";
    let question = Question {
        state: chance.token(),
        nonce: chance.token(),
        verifier: chance.token(),
        anew,
        asked_at: desk.gate.clock.now(),
    };
    let session = visitor.session().filter(|_| anew);
    let confirms = session.and_then(|session| {
        let signed_in = session.signed_in.as_ref()?;
        Some((session.mark, signed_in.actor.id.clone()))
    });
    let asked = question.clone();
    let address = ask(provider, move |provider| provider.address(&asked)).await?;
    let token = chance.token();
    desk.trips.begin(mark(&token), Trip { question, confirms });
    let plain = desk.gate.settings.demonstration;
    let cookie = set_cookie(COOKIE, Some(&token), "Lax", plain);
    let mut response = Redirect::to(&address).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /sign-in/return`: back from the provider.
pub async fn come_back(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, Oops> {
    let provider = desk.provider.clone().ok_or_else(Oops::not_found)?;
    let now = desk.gate.clock.now();
    let token = cookie(&headers, COOKIE);
    let trip = token.and_then(|token| desk.trips.end(&mark(token), now));
    let trip = trip.ok_or_else(not_asked)?;
    let provider_settings = provider.settings().clone();
    let issuer = &provider_settings.issuer;
    let is_ours = answer.iss.as_ref().is_none_or(|iss| iss == issuer);
    if trip.question.state != answer.state || !is_ours {
        return Err(not_asked());
    }
    if answer.error.is_some() || answer.code.is_empty() {
        let detail = "The provider did not confirm who you are. Nothing was changed.";
        return Err(Oops::not_signed_in("Not signed in", detail));
    }
    let question = trip.question.clone();
    let claims = ask(provider, move |provider| {
        provider.answer(&question, &answer.code, now)
    });
    let claims = claims.await?;
    let actor = placed(&desk, &claims)?;
    let actor = confirmed(&desk, &trip, actor).await?;
    // A number means something of people who are asked about, and of nobody else.
    let own = (actor.role == Role::Subject).then(|| person::own(&provider_settings, &claims));
    let proven = Proven {
        actor,
        person: own.flatten(),
        rank: person::rank(&provider_settings, &claims),
        at: proven_at(&claims, now),
    };
    arrive(&desk, &headers, proven, trip.question.anew).await
}

/// The page that goes on with the session: a question of the desk's own, so the cookie comes with it.
async fn arrive(
    desk: &Arc<Desk>,
    headers: &HeaderMap,
    proven: Proven,
    anew: bool,
) -> Result<Response, Oops> {
    let next = match anew {
        true => after_proof(desk, &proven.actor),
        false => home(proven.actor.role),
    };
    let (token, session) = begin(desk, headers, proven).await?;
    let visitor = Visitor::new(Arc::clone(desk), session);
    let content = context! { next };
    let page = visitor.page("sign_in/done.html", "Signed in", SECTION, content);
    let mut page = with_cookie(desk, page, Some(&token));
    let headers = page.headers_mut();
    if let Some(gone) = set_cookie(COOKIE, None, "Lax", false) {
        headers.append(header::SET_COOKIE, gone);
    }
    if let Ok(refresh) = HeaderValue::try_from(format!("0; url={next}")) {
        headers.insert(header::REFRESH, refresh);
    }
    Ok(page)
}

/// `GET /sign-in/unsent`: what was written before its writer had to prove who they are.
pub async fn unsent(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let by = visitor.actor().ok_or_else(Oops::signed_out)?;
    let Some(form) = desk.unsent.find(by, desk.gate.clock.now()) else {
        let detail = "Nothing that you wrote waits to be sent. It is kept for 15 minutes.";
        return Err(Oops::not_now(detail).then(home(by.role), "Go on"));
    };
    let content = context! { path => form.path, carried => form.fields.unsent() };
    let title = "Send what you wrote";
    Ok(visitor.page("sign_in/unsent.html", title, SECTION, content))
}

/// Asks the provider without keeping anybody else waiting.
async fn ask<T: Send + 'static>(
    provider: Arc<Provider>,
    question: impl FnOnce(&Provider) -> Result<T, ProviderError> + Send + 'static,
) -> Result<T, Oops> {
    let asked = tokio::task::spawn_blocking(move || question(&provider)).await;
    let answer = asked.unwrap_or(Err(ProviderError::BrokenOff));
    answer.map_err(|error| {
        tracing::warn!(%error, "signing in did not work");
        let detail = "The provider’s answer was not taken. Nothing was changed. If it happens again, tell \
             whoever runs this service; its log says why.";
        Oops::not_signed_in("Not signed in", detail)
    })
}

fn not_asked() -> Oops {
    let detail = "This is not the answer to a sign-in begun in this browser in the last ten minutes, or \
         it has been used already. Nothing was changed.";
    Oops::not_signed_in("Not signed in", detail)
}

fn provider_settings(desk: &Desk) -> Result<&SignIn, Oops> {
    let settings = desk.gate.settings.sign_in.as_ref();
    settings.ok_or_else(Oops::not_found)
}

/// Who acts here, or a page that says what their account lacks.
fn placed(desk: &Desk, claims: &Claims) -> Result<Actor, Oops> {
    person::actor(provider_settings(desk)?, claims).map_err(|lacks: Unplaced| {
        tracing::warn!(%lacks, "somebody whom the provider knows has no place here");
        let detail = format!(
            "The provider knows you, but your account has {lacks}. Ask whoever manages the accounts \
             of your organization to put that right, then sign in again."
        );
        Oops::not_signed_in("Your account has no place here", detail)
    })
}

/// Who confirms a session is its owner. The session before ends either way.
async fn confirmed(desk: &Desk, trip: &Trip, actor: Actor) -> Result<Actor, Oops> {
    let Some((mark, id)) = &trip.confirms else {
        return Ok(actor);
    };
    let ended = desk.gate.store.session_end(*mark).await;
    ended.map_err(|error| Oops::from(StepError::from(error)))?;
    if *id == actor.id {
        return Ok(actor);
    }
    let detail = "Somebody else has signed in than the person whose decision it was. That session has \
         ended, and nothing was decided.";
    Err(Oops::not_signed_in("Not the same person", detail).then("/sign-in", TITLE))
}

/// When the person proved who they are. A provider that does not say may have let them in by a session
/// of its own, however old.
fn proven_at(claims: &Claims, now: Timestamp) -> Timestamp {
    let at = claims.get("auth_time").and_then(serde_json::Value::as_i64);
    let at = at.and_then(|at| Timestamp::from_second(at).ok());
    at.unwrap_or(Timestamp::UNIX_EPOCH).min(now)
}
