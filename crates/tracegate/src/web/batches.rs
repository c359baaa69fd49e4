//! The agency's files of requests: handed in, how far each is, what became of its lines.
//!
//! The same code takes a file here and at the interface: each line is a request of its own.

mod upload;

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use futures::stream;
use minijinja::{Value, context};
use serde_json::json;
use store::batch::{Batch, BatchRow};

use super::access::Room;
use super::oops::Oops;
use super::visitor::{FieldError, Fields, Visitor};
use super::{Desk, page};
use crate::gate::Gate;
use crate::pipeline::StepError;
use crate::pipeline::batch::answers::{self, LINES_AT_ONCE, List};
use crate::pipeline::batch::{self, Columns, FILE_BYTES_MAX};
use crate::settings::Settings;
use upload::Upload;

const TITLE: &str = "Files of requests";

/// Most lines with faults that the page of a batch shows; the file has all of them.
const FAULTS_SHOWN: u32 = 20;

/// `GET /batches`: the agency's files, newest first, and the form for another.
pub async fn list(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let content = listed(&desk.gate, &visitor, &[]).await?;
    Ok(visitor.page("batches/list.html", TITLE, "batches", content))
}

/// One person's sign-in is enough to hand in a file that names another as authoriser: the controller has to want
/// that of an agency.
pub fn may_hand_in(settings: &Settings, organization: &str) -> bool {
    let agency = settings.agency(organization);
    settings.demonstration || agency.is_some_and(|agency| agency.files)
}

async fn listed(gate: &Gate, visitor: &Visitor, errors: &[FieldError]) -> Result<Value, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let batches = gate.store.batches(&by.organization).await;
    let batches = batches.map_err(StepError::from)?;
    Ok(context! {
        batches => batches.iter().map(|batch| line(gate, batch)).collect::<Vec<_>>(),
        open => may_hand_in(&gate.settings, &by.organization),
        most_mib => FILE_BYTES_MAX >> 20,
        f => Fields::default().shown(errors),
    })
}

fn line(gate: &Gate, batch: &Batch) -> Value {
    context! {
        id => batch.id.clone(),
        status => batch::status(gate, batch),
        received_at => page::value(batch.received_at),
        officer => batch.officer.clone(),
        rows => batch.rows,
        done => batch.done,
        recorded => batch.done.saturating_sub(batch.faulty),
        faulty => batch.faulty,
    }
}

/// `POST /batches`: takes a file. The same file again is the same batch, and is read on where it broke off.
pub async fn hand_in(State(desk): State<Arc<Desk>>, upload: Upload) -> Result<Response, Oops> {
    let (gate, visitor) = (&desk.gate, &upload.visitor);
    let by = visitor.enter(Room::Requests)?;
    if !may_hand_in(&gate.settings, &by.organization) {
        return Err(StepError::NotAllowed(
            "your organization hands in files through its machine only",
        )
        .into());
    }
    let file = upload.file;
    let columns = match file.is_empty() {
        true => Err("Choose a file".to_owned()),
        false => Columns::of(&file).map_err(|fault| format!("The file was not taken: {fault}")),
    };
    let columns = match columns {
        Ok(columns) => columns,
        Err(message) => {
            let content = listed(gate, visitor, &[FieldError::new("file", message)]).await?;
            return Ok(visitor.page_again("batches/list.html", TITLE, "batches", content));
        }
    };
    let key = batch::key_of(&file);
    let check = visitor.check()?;
    let sender = (by, &check);
    let taken = batch::hand_in(gate, (sender, visitor.rank()), &key, file, columns).await?;
    let batch = taken.ok_or_else(Oops::changed)?;
    Ok(Redirect::to(&format!("/batches/{}", batch.id)).into_response())
}

/// `GET /batches/{id}`: how far it is, and what is wrong with which line.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let gate = &desk.gate;
    let batch = batch::find(gate, by, &id).await?;
    let faults = gate.store.batch_faults(&batch.id, 0, FAULTS_SHOWN).await;
    let faults = faults.map_err(StepError::from)?;
    let content = context! {
        batch => line(gate, &batch),
        digest => hex::encode(batch.digest),
        signs => gate.signer.is_some(),
        faults => faults.iter().map(fault).collect::<Vec<_>>(),
    };
    Ok(visitor.page(
        "batches/show.html",
        "A file of requests",
        "batches",
        content,
    ))
}

fn fault(row: &BatchRow) -> Value {
    let [column, problem, remedy] = answers::parts(row.fault.as_deref().unwrap_or_default());
    context! { line => row.line, column, problem, remedy }
}

/// `GET /batches/{id}/counts`: the numbers of its page, for a page that stays open.
pub async fn counts(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let batch = batch::find(&desk.gate, by, &id).await?;
    let recorded = batch.done.saturating_sub(batch.faulty);
    let counts = json!({ "done": batch.done, "recorded": recorded, "faulty": batch.faulty });
    Ok(Json(counts).into_response())
}

/// `GET /batches/{id}/answers` and `/errors`: the whole list, as a file.
pub async fn lines(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let gate = Arc::clone(&desk.gate);
    let batch = batch::find(&gate, by, &id).await?;
    let list = List::of(uri.path()).ok_or_else(Oops::not_found)?;
    let name = format!(
        "attachment; filename=\"batch-{}-{}.csv\"",
        batch.id,
        list.name()
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, whole(gate, batch, list)).into_response())
}

/// A list from its beginning to its end, made while it is sent.
fn whole(gate: Arc<Gate>, batch: Batch, list: List) -> Body {
    let pages = stream::try_unfold(
        (gate, batch, Some(0)),
        move |(gate, batch, after)| async move {
            let Some(after) = after else {
                return Ok::<_, StepError>(None);
            };
            let page = answers::page(&gate, &batch, list, (after, LINES_AT_ONCE)).await?;
            let lines = Bytes::copy_from_slice(page.lines(after));
            Ok(Some((lines, (gate, batch, page.next))))
        },
    );
    Body::from_stream(pages)
}
