//! Signing in as one of the demonstration's people. Elsewhere there is no way in yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::{Actor, Role};
use minijinja::{Value, context};

use super::access::Room;
use super::oops::Oops;
use super::session::{self, Session};
use super::visitor::{Posted, Visitor};
use super::{Desk, words};
use crate::personas;

const TITLE: &str = "Sign in";

/// `GET /sign-in`: the people by desk.
pub async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Response {
    if !desk.gate.settings.demonstration {
        return visitor.page("sign_in.html", TITLE, "sign-in", context! { desks => () });
    }
    // A form needs a token, and a token a session: begin one that nobody has signed in to.
    if visitor.form_token().is_none() {
        let (token, session) = begin(&desk, None);
        return with_cookie(people(&Visitor::new(desk, session)), &token);
    }
    people(&visitor)
}

fn people(visitor: &Visitor) -> Response {
    visitor.page(
        "sign_in.html",
        TITLE,
        "sign-in",
        context! { desks => desks() },
    )
}

fn desks() -> Vec<Value> {
    let mut desks = BTreeMap::<(u8, String), Vec<Value>>::new();
    for actor in personas::all() {
        let desk = desks.entry(desk_of(&actor)).or_default();
        let role = words::role(actor.role);
        desk.push(context! { id => actor.id, name => actor.name, role });
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
        Role::Overseer | Role::Gate => (2, "Oversight".to_owned()),
    }
}

/// `POST /sign-in`: a fresh session under a fresh token.
pub async fn sign_in(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let person = personas::find(posted.fields.text("person"));
    let allowed = desk.gate.settings.demonstration;
    let Some(actor) = person.filter(|_| allowed) else {
        return Err(Oops::unreadable("Choose one of the people listed.").then("/sign-in", TITLE));
    };
    let home = home(actor.role);
    desk.sessions.end(&posted.headers);
    let (token, _) = begin(&desk, Some(actor));
    Ok(with_cookie(Redirect::to(home).into_response(), &token))
}

fn home(role: Role) -> &'static str {
    if Room::Requests.admits(role) {
        "/requests"
    } else if role == Role::SubjectAccess {
        "/subject-access"
    } else {
        "/cases"
    }
}

/// `POST /sign-out`.
pub async fn sign_out(State(desk): State<Arc<Desk>>, posted: Posted) -> Response {
    desk.sessions.end(&posted.headers);
    let mut response = Redirect::to("/").into_response();
    if let Some(cleared) = session::clear_cookie() {
        response.headers_mut().insert(header::SET_COOKIE, cleared);
    }
    response
}

fn begin(desk: &Desk, actor: Option<Actor>) -> (String, Session) {
    let gate = &desk.gate;
    let (token, form_token) = (gate.chance.token(), gate.chance.token());
    let now = gate.clock.now();
    let session = desk.sessions.begin(&token, form_token, actor, now);
    (token, session)
}

fn with_cookie(mut response: Response, token: &str) -> Response {
    if let Some(cookie) = session::set_cookie(token) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
