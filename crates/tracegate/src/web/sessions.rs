//! Who is signed in: everybody sees their own sessions and ends them; a guardian ends anybody's.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::EventKind;
use minijinja::{Value, context};

use super::access::Room;
use super::oops::Oops;
use super::session::Line;
use super::sign_in::with_cookie;
use super::visitor::{Posted, Visitor};
use super::{Desk, page, words};
use crate::pipeline::StepError;
use crate::reader;

const TITLE: &str = "Your sessions";
const PATH: &str = "/sessions";

/// `GET /sessions`.
pub async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let by = visitor.actor().ok_or_else(Oops::signed_out)?;
    let own = desk.sessions.list(Some(&by.id)).await;
    let own = own.map_err(StepError::from)?;
    let mut others = Vec::new();
    if Room::Sessions.admits(by.role) {
        let all = desk.sessions.list(None).await.map_err(StepError::from)?;
        others = all.into_iter().filter(|one| !one.actor.is(by)).collect();
    }
    let here = visitor.session().map(|session| session.mark);
    let settings = &desk.gate.settings;
    let content = context! {
        own => own.iter().map(|one| line(one, here == Some(one.mark))).collect::<Vec<_>>(),
        may_end_others => Room::Sessions.admits(by.role),
        others => others.iter().map(|one| line(one, false)).collect::<Vec<_>>(),
        idle_minutes => settings.sessions.idle_minutes,
        longest_hours => settings.sessions.longest_hours,
        decide_minutes => settings.sessions.decide_minutes,
        demonstration => settings.demonstration,
    };
    Ok(visitor.page("sessions.html", TITLE, "sessions", content))
}

fn line(one: &Line, here: bool) -> Value {
    context! {
        mark => hex::encode(one.mark),
        id => one.actor.id.clone(),
        name => one.actor.name.clone(),
        role => words::role(one.actor.role),
        organization => words::organization(&one.actor.organization),
        browser => one.browser.clone(),
        begun_at => page::value(one.begun_at),
        used_at => page::value(one.used_at),
        here,
    }
}

/// `POST /sessions`: ends one of the visitor's own sessions, or all of them.
pub async fn end(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let by = posted.visitor.actor().ok_or_else(Oops::signed_out)?;
    let store = &desk.gate.store;
    let one = posted.fields.text("session");
    if one.is_empty() {
        store.sessions_end(&by.id).await.map_err(StepError::from)?;
        desk.unsent.forget(by);
        return Ok(with_cookie(&desk, Redirect::to("/").into_response(), None));
    }
    let own = desk.sessions.list(Some(&by.id)).await;
    let own = own.map_err(StepError::from)?;
    let found = own.iter().find(|line| hex::encode(line.mark) == one);
    let Some(line) = found else {
        let oops = Oops::not_now("The session has ended already.");
        return Err(oops.then(PATH, TITLE));
    };
    store
        .session_end(line.mark)
        .await
        .map_err(StepError::from)?;
    Ok(Redirect::to(PATH).into_response())
}

/// `POST /sessions/others`: ends every session of somebody else; on record.
pub async fn end_others(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Sessions)?;
    let all = desk.sessions.list(None).await.map_err(StepError::from)?;
    let id = posted.fields.text("who");
    let Some(line) = all.iter().find(|line| line.actor.id == id) else {
        let oops = Oops::not_now("Nobody is signed in under this identity any more.");
        return Err(oops.then(PATH, TITLE));
    };
    let what = format!("sessions of {}", line.actor.id);
    reader::note(&desk.gate, EventKind::SessionsEnded, None, &what, by).await?;
    let ended = desk.gate.store.sessions_end(&line.actor.id).await;
    ended.map_err(StepError::from)?;
    desk.unsent.forget(&line.actor);
    Ok(Redirect::to(PATH).into_response())
}
