//! Subject access: the clerk answers a person who asks what is on record about them.
//!
//! References to people are sent in forms and never stand in an address.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use disclosure::Actor;
use ledger::Folder;
use minijinja::{Value, context};
use store::{SubjectEntry, SubjectLog};

use super::oops::Oops;
use super::visitor::{FieldError, Fields, Posted, Visitor};
use super::{Desk, page};
use crate::gate::Gate;
use crate::pipeline::StepError;
use crate::pipeline::subject::{self, Reading};
use crate::told;
use crate::web::access::Room;

const TEMPLATE: &str = "subject_access.html";
const TITLE: &str = "Who asked about one person";
const SECTION: &str = "subject-access";

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
    match find(&desk.gate, fields).await? {
        Err(errors) => {
            let again = form(fields, &errors);
            Ok(visitor.page_again(TEMPLATE, TITLE, SECTION, again))
        }
        Ok(person) => {
            let log = recorded(&desk.gate, by, &person, fields).await?;
            let content =
                context! { ..told(&log, &person, desk.gate.log.published()), ..form(fields, &[]) };
            Ok(visitor.page(TEMPLATE, TITLE, SECTION, content))
        }
    }
}

/// `POST /subject-access/bundle`: the same as a file that verifies offline.
pub async fn bundle(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::SubjectAccess)?;
    let gate = &desk.gate;
    let Ok(person) = find(gate, &posted.fields).await? else {
        return Err(Oops::unreadable("The page is incomplete. Open it again."));
    };
    let log = recorded(gate, by, &person, &posted.fields).await?;
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
        return Err(oops.then("/subject-access", "Back"));
    };
    // The name of the file says nothing about whom it is about.
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    let name = HeaderValue::from_static("attachment; filename=\"who-asked.bundle\"");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, text).into_response())
}

/// The person named in the form, or what is wrong with it.
async fn find(gate: &Gate, fields: &Fields) -> Result<Result<String, Vec<FieldError>>, StepError> {
    let mut errors = Vec::new();
    let code = fields.text("person");
    let person = subject::person_of(&gate.store, &gate.index, code).await?;
    if person.is_none() {
        let message = "Nobody is known under this reference or NHS number";
        errors.push(FieldError::new("person", message));
    }
    if fields.text("why").is_empty() {
        errors.push(FieldError::new("why", "Write down why the log is read"));
    }
    Ok(person.filter(|_| errors.is_empty()).ok_or(errors))
}

async fn recorded(
    gate: &Gate,
    by: &Actor,
    person: &str,
    fields: &Fields,
) -> Result<SubjectLog, StepError> {
    let reading = Reading {
        person,
        reader: None,
        why: &fields.lines("why"),
        by,
        now: gate.clock.now(),
        key: &gate.chance.token(),
    };
    subject::read(&gate.store, &reading).await
}

fn form(fields: &Fields, errors: &[FieldError]) -> Value {
    context! { f => fields.shown(errors) }
}

fn told(log: &SubjectLog, person: &str, published: u64) -> Value {
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
