//! Subject access: the clerk answers a person who asks what is on record about them.
//!
//! References to people are sent in forms and never stand in an address.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::Actor;
use ledger::Folder;
use minijinja::{Value, context};
use store::{SubjectEntry, SubjectLog};

use super::oops::Oops;
use super::visitor::{FieldError, Fields, Posted, Visitor};
use super::{Desk, page};
use crate::gate::Gate;
use crate::pipeline::subject::{self, Reading};
use crate::pipeline::{StepError, wishes};
use crate::told;
use crate::web::access::Room;

const TEMPLATE: &str = "subject_access.html";
const TITLE: &str = "Who asked about one person";
const SECTION: &str = "subject-access";
const UNKNOWN: &str = "Nobody is known under this reference or NHS number";

/// `GET /subject-access`.
pub async fn show(visitor: Visitor) -> Result<Response, Oops> {
    visitor.enter(Room::SubjectAccess)?;
    let content = form(&Fields::default(), &[]);
    Ok(visitor.page(TEMPLATE, TITLE, SECTION, content))
}

/// `POST /subject-access`: the log of one person. The reading is recorded before it is shown.
pub async fn read(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::SubjectAccess)?;
    match recorded(&desk.gate, by, fields).await? {
        Err(error) => {
            let again = form(fields, &[error]);
            Ok(visitor.page_again(TEMPLATE, TITLE, SECTION, again))
        }
        Ok((person, log)) => {
            let kept = desk.gate.store.wishes_of(&person).await;
            let kept = kept.map_err(StepError::from)?;
            let content = context! {
                hidden => kept.is_some_and(|wishes| wishes.hidden_since.is_some()),
                ..context! {
                    ..told(&log, &person, desk.gate.log.published()),
                    ..form(fields, &[])
                }
            };
            Ok(visitor.page(TEMPLATE, TITLE, SECTION, content))
        }
    }
}

/// `POST /subject-access/bundle`: the same as a file that verifies offline.
pub async fn bundle(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::SubjectAccess)?;
    let gate = &desk.gate;
    let Ok((_, log)) = recorded(gate, by, &posted.fields).await? else {
        return Err(Oops::unreadable("The page is incomplete. Open it again."));
    };
    download(gate, log, "who-asked.bundle", "/subject-access").await
}

/// `POST /subject-access/shown-again`: what a person had hidden online is shown there again.
pub async fn show_again(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::SubjectAccess)?;
    posted.proven()?;
    let back = |oops: Oops| oops.then("/subject-access", "Back");
    let shown = wishes::show_again(&desk.gate, by, posted.fields.text("person")).await;
    shown.map_err(|error| match error {
        StepError::NotFound => back(Oops::unreadable(UNKNOWN)),
        error => back(error.into()),
    })?;
    Ok(Redirect::to("/subject-access").into_response())
}

/// A person's log as a file that verifies offline. Its name says nothing about whom it is about.
pub async fn download(
    gate: &Gate,
    log: SubjectLog,
    name: &str,
    back: &'static str,
) -> Result<Response, Oops> {
    let key = gate.log.keys().first().cloned();
    let folder = Folder::new(&gate.settings.log.folder);
    let made = tokio::task::spawn_blocking(move || {
        let key = key?;
        match subject::bundle(&log, &folder, &key) {
            Ok(bundle) => Some(bundle.to_string()),
            Err(error) => {
                tracing::error!(%error, "a bundle could not be made");
                None
            }
        }
    });
    let Ok(Some(text)) = made.await else {
        let oops = Oops::not_now("The file could not be made: the public log is not up to date.");
        return Err(oops.then(back, "Back"));
    };
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, text).into_response())
}

/// Reads the log of the person named in the form, or says what is wrong with it. Without a reason
/// nobody is looked for.
async fn recorded(
    gate: &Gate,
    by: &Actor,
    fields: &Fields,
) -> Result<Result<(String, SubjectLog), FieldError>, StepError> {
    let why = fields.lines("why");
    if why.is_empty() {
        return Ok(Err(FieldError::new(
            "why",
            "Write down why the log is read",
        )));
    }
    let reading = Reading {
        code: fields.text("person"),
        reader: None,
        why: &why,
        by,
        now: gate.clock.now(),
        key: &gate.chance.token(),
    };
    let read = subject::read(&gate.store, &gate.people().index, &reading).await?;
    Ok(read.ok_or_else(|| FieldError::new("person", UNKNOWN)))
}

fn form(fields: &Fields, errors: &[FieldError]) -> Value {
    context! { f => fields.shown(errors) }
}

/// What the page shows of a log.
pub fn told(log: &SubjectLog, person: &str, published: u64) -> Value {
    let entries: Vec<Value> = log.entries.iter().rev().map(entry).collect();
    context! {
        log => context! {
            entries,
            erased => log.erased,
            in_file => subject::published(&log.entries, published).len(),
        },
        person,
    }
}

fn entry(entry: &SubjectEntry) -> Value {
    let facts = &entry.facts;
    context! {
        index => entry.row.index,
        at => page::value(entry.row.at),
        kind => told::kind(entry.row.kind, facts),
        text => told::sentence(entry.row.kind, facts),
        receiver => told::receiver(facts),
        case => facts.get("case"),
        agreement => facts.get("agreement"),
        basis => facts.get("basis").filter(|basis| !basis.is_empty()),
        was_deferred => entry.chain == ledger::chain::Chain::Deferred,
    }
}
