//! The practice desk: register a patient in a few questions, say no with a reason and a letter, and know
//! what to answer when an official asks.

pub mod approaches;
mod form;
pub mod refusals;
pub mod registrations;
pub mod toolkit;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use disclosure::registration::LETTER_DAYS;
use disclosure::{Actor, Registration};
use jiff::{SignedDuration, Timestamp};
use minijinja::{Value, context};
use sheets::messages;

use super::access::Room;
use super::oops::Oops;
use super::visitor::{FieldError, Fields, Visitor};
use super::{Desk, page, words};
use crate::pipeline::StepError;
use crate::settings::Practice;

const SECTION: &str = "practice";
const PATH: &str = "/practice";

/// `GET /practice`: the way to every task, and what was written last. Lists carry no names.
pub async fn start(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Practice)?;
    let all = desk.gate.store.registrations(&by.organization).await;
    let all = all.map_err(StepError::from)?;
    let now = desk.gate.clock.now();
    let content = context! {
        practice => practice(&desk, by)?.name.clone(),
        registered => all.iter().filter(|one| one.refusal.is_none()).map(line).collect::<Vec<_>>(),
        refused => all.iter().filter_map(|one| refused(one, now)).collect::<Vec<_>>(),
    };
    Ok(visitor.page("practice/start.html", "Practice desk", SECTION, content))
}

/// The practice of whoever acts.
fn practice<'d>(desk: &'d Desk, by: &Actor) -> Result<&'d Practice, Oops> {
    let practice = desk.gate.settings.practice(&by.organization);
    practice.ok_or_else(|| Oops::not_now("Your practice is not among the settings of this gate."))
}

fn line(one: &Registration) -> Value {
    context! {
        id => one.id.clone(),
        at => one.registered_at.to_string(),
        kind => one.patient.residence.kind.code(),
        protection => one.protection.acts(),
    }
}

fn refused(one: &Registration, now: Timestamp) -> Option<Value> {
    let refusal = one.refusal.as_ref()?;
    let due = one.registered_at + SignedDuration::from_hours(24 * LETTER_DAYS);
    let told = refusal.told_in_writing_at;
    let status = match told {
        Some(_) => "completed",
        None if now > due => "overdue",
        None => "soon",
    };
    Some(context! {
        id => one.id.clone(),
        at => one.registered_at.to_string(),
        due => due.to_string(),
        told => told.map(|at| at.to_string()),
        reason => words::label(refusal.reason.code()),
        status,
    })
}

/// A form with a key of its own: however often it is sent, it is taken once.
fn keyed(desk: &Desk) -> Fields {
    Fields(vec![("key".to_owned(), desk.gate.chance.token())])
}

/// The key of the page that a form came from.
fn key(fields: &Fields) -> Result<&str, Oops> {
    let key = fields.text("key");
    match (8..=100).contains(&key.len()) {
        true => Ok(key),
        false => Err(Oops::unreadable("The page is incomplete. Open it again.")),
    }
}

/// Languages to choose from, by their own names.
fn languages() -> Vec<Value> {
    let all = messages::languages().iter();
    all.map(|one| context! { code => one.code, words => one.name.clone() })
        .collect()
}

/// What there is to correct, said to the patient in their language; nothing where that is English.
fn in_language(code: &str, wrong: &[FieldError], keys: &[&str]) -> Value {
    let language = messages::find(code).filter(|one| one.code != messages::ENGLISH);
    let Some(language) = language.filter(|_| !wrong.is_empty()) else {
        return Value::from(());
    };
    let most = disclosure::registration::TEXT_CHARS_MAX.to_string();
    let mut said: Vec<String> = Vec::new();
    for key in keys {
        let text = messages::say(code, key, &[("most", &most)]);
        if !said.contains(&text) {
            said.push(text);
        }
    }
    context! {
        code,
        name => language.name.clone(),
        direction => language.direction.clone(),
        said,
    }
}

fn codes(codes: impl IntoIterator<Item = &'static str>) -> Vec<Value> {
    let options = codes.into_iter();
    options
        .map(|code| context! { code, words => words::label(code) })
        .collect()
}

fn shown(of: &Registration) -> Value {
    context! { registration => page::value(of) }
}
