//! Signing in: through the provider, with an account, or as one of the demonstration's people.

pub mod account;
pub mod provider;
mod trips;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::{Actor, Role};
use minijinja::{Value, context};
use store::CaseFilter;

use super::access::Room;
use super::oops::Oops;
use super::session::{Proven, Session};
use super::visitor::{Posted, Visitor};
use super::{Desk, words};
use crate::personas;
use crate::pipeline::StepError;

pub use trips::{Trips, Unsent};

const TITLE: &str = "Sign in";
const SECTION: &str = "sign-in";

/// `GET /sign-in`: the way to the provider, an account, or the people by desk.
pub async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Response {
    if desk.gate.settings.accounts {
        return account::show(&desk, &visitor);
    }
    let provider = desk.provider.as_ref();
    if let Some(provider) = provider {
        let issuer = provider.settings().issuer.as_str();
        let content = context! { desks => (), issuer };
        return visitor.page("sign_in.html", TITLE, SECTION, content);
    }
    if !desk.gate.settings.demonstration {
        let content = context! { desks => (), issuer => () };
        return visitor.page("sign_in.html", TITLE, SECTION, content);
    }
    with_form(&desk, &visitor, people)
}

/// A page with a form, which needs a token, and a token a session: begins one that nobody has signed
/// in to where there is none.
fn with_form(desk: &Arc<Desk>, visitor: &Visitor, page: impl Fn(&Visitor) -> Response) -> Response {
    if visitor.form_token().is_some() {
        return page(visitor);
    }
    let (token, session) = desk.sessions.visit();
    let page = page(&Visitor::new(Arc::clone(desk), session));
    with_cookie(desk, page, Some(&token))
}

fn people(visitor: &Visitor) -> Response {
    let content = context! { desks => desks(), issuer => () };
    visitor.page("sign_in.html", TITLE, SECTION, content)
}

fn desks() -> Vec<Value> {
    let mut desks = BTreeMap::<(u8, String), Vec<Value>>::new();
    for actor in personas::all() {
        let desk = desks.entry(desk_of(&actor)).or_default();
        let role = match actor.id.as_str() {
            personas::REPRESENTATIVE => "Acts for others".to_owned(),
            _ => words::role(actor.role),
        };
        let asks_number = actor.id == personas::ASKED_ABOUT;
        desk.push(context! { id => actor.id, name => actor.name, role, asks_number });
    }
    let desks = desks.into_iter();
    desks
        .map(|((_, name), people)| context! { name, people })
        .collect()
}

fn desk_of(actor: &Actor) -> (u8, String) {
    match actor.role {
        Role::Officer | Role::Authoriser => (0, words::organization(&actor.organization)),
        Role::Caseworker | Role::Guardian | Role::SubjectAccess => (1, "The controller".to_owned()),
        Role::Practice => (2, words::organization(&actor.organization)),
        Role::Overseer | Role::Gate => (3, "Oversight".to_owned()),
        Role::Subject => (4, "People asked about".to_owned()),
    }
}

/// `POST /sign-in`: with an account, or as one of the demonstration's people.
pub async fn sign_in(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    if desk.gate.settings.accounts {
        return account::sign_in(&desk, &posted).await;
    }
    let person = personas::find(posted.fields.text("person"));
    let allowed = desk.gate.settings.demonstration;
    let Some(actor) = person.filter(|_| allowed) else {
        return Err(Oops::unreadable("Choose one of the people listed.").then("/sign-in", TITLE));
    };
    let home = home(actor.role);
    let person = match actor.id == personas::ASKED_ABOUT {
        true => asked_about(&desk, posted.fields.text("number")).await?,
        false => None,
    };
    let proven = Proven {
        actor,
        person,
        rank: None,
        at: desk.gate.clock.now(),
    };
    let (token, _) = begin(&desk, &posted.headers, proven).await?;
    let response = Redirect::to(home).into_response();
    Ok(with_cookie(&desk, response, Some(&token)))
}

/// Whom the demonstration's person is: who was named, or else the one whom the newest ended case found.
async fn asked_about(desk: &Desk, number: &str) -> Result<Option<String>, Oops> {
    if !number.is_empty() {
        return Ok(Some(number.to_owned()));
    }
    let filter = CaseFilter {
        state: Some("closed".to_owned()),
        ..CaseFilter::default()
    };
    let store = &desk.gate.store;
    let page = store
        .cases(&filter, None, 1)
        .await
        .map_err(StepError::from)?;
    let mut found = None;
    if let Some(row) = page.rows.first() {
        let case = store.case(&row.id).await.map_err(StepError::from)?;
        found = case.and_then(|case| case.concerned().found);
    }
    let people = desk.gate.people();
    // Rows of people whom a practice has registered anew are nobody's.
    let mut everybody = (0..people.index.people()).filter_map(|row| people.index.person(row));
    Ok(found.or_else(|| Some(everybody.next()?.person_id)))
}

/// Where somebody goes on who has proven again who they are: to what they had written, if anything.
fn after_proof(desk: &Desk, actor: &Actor) -> &'static str {
    match desk.unsent.find(actor, desk.gate.clock.now()) {
        Some(_) => "/sign-in/unsent",
        None => home(actor.role),
    }
}

fn home(role: Role) -> &'static str {
    if Room::Requests.admits(role) {
        "/requests"
    } else if Room::Own.admits(role) {
        "/yours"
    } else if role == Role::SubjectAccess {
        "/subject-access"
    } else if role == Role::Practice {
        "/practice"
    } else {
        "/cases"
    }
}

/// `POST /sign-out`.
pub async fn sign_out(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    if let Some(actor) = posted.visitor.actor() {
        desk.unsent.forget(actor);
    }
    let ended = desk.sessions.end(&posted.headers).await;
    ended.map_err(|error| Oops::from(StepError::from(error)))?;
    let mut response = Redirect::to("/").into_response();
    // What was shown to whoever has signed out is in no cache of the browser.
    let headers = response.headers_mut();
    let gone = HeaderValue::from_static("\"cache\"");
    headers.insert("clear-site-data", gone);
    Ok(with_cookie(&desk, response, None))
}

async fn begin(
    desk: &Desk,
    headers: &HeaderMap,
    proven: Proven,
) -> Result<(String, Session), Oops> {
    let begun = desk.sessions.begin(headers, proven).await;
    begun.map_err(|error| Oops::from(StepError::from(error)))
}

/// Hands out the session's token, or takes it away.
pub fn with_cookie(desk: &Desk, mut response: Response, token: Option<&str>) -> Response {
    if let Some(cookie) = desk.sessions.set_cookie(token) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
