//! `/api/v1/batches`: files of requests.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::batch::Batch;

use crate::gate::Gate;
use crate::http::Problem;
use crate::http::auth::{Caller, Checked, RequestId};
use crate::pipeline::StepError;
use crate::pipeline::batch::answers::{self, LINES_AT_ONCE, List};
use crate::pipeline::batch::{self, Columns};

/// Where a batch stands.
#[derive(Debug, Serialize)]
pub struct BatchView {
    batch: String,
    status: &'static str,
    received_at: Timestamp,
    officer_id: String,
    /// Hex SHA-256 of the file.
    file_sha256: String,
    /// Rows in the file, once all have been read.
    rows: Option<u64>,
    /// Rows recorded or refused so far.
    done: u64,
    /// Rows of them that became no case.
    faulty: u64,
}

fn view(gate: &Gate, batch: &Batch) -> BatchView {
    BatchView {
        status: batch::status(gate, batch),
        batch: batch.id.clone(),
        received_at: batch.received_at,
        officer_id: batch.officer.clone(),
        file_sha256: hex::encode(batch.digest),
        rows: batch.rows,
        done: batch.done,
        faulty: batch.faulty,
    }
}

/// `POST /batches`: a CSV file, in which each line is a request of its own.
pub async fn hand_in(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Checked(check): Checked,
    RequestId(key): RequestId,
    headers: HeaderMap,
    file: Bytes,
) -> Result<(StatusCode, HeaderMap, Json<BatchView>), Problem> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    if kind.is_none_or(|kind| kind.split(';').next() != Some("text/csv")) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "/problems/unreadable",
            "the request cannot be read",
            "send the file as `text/csv`",
        ));
    }
    let columns = Columns::of(&file).map_err(|fault| Problem::unreadable(fault.to_string()))?;
    let taken = batch::hand_in(&gate, ((&by, &check), None), &key, file, columns).await?;
    let batch = taken.ok_or_else(|| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "/problems/request-id-used",
            "this `X-Request-ID` was sent with something else",
            "send a new `X-Request-ID` with each new file",
        )
    })?;
    let mut headers = HeaderMap::new();
    if let Ok(location) = format!("/api/v1/batches/{}", batch.id).parse() {
        headers.insert(header::LOCATION, location);
    }
    Ok((StatusCode::ACCEPTED, headers, Json(view(&gate, &batch))))
}

/// `GET /batches`: the agency's, the newest first.
pub async fn list(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
) -> Result<Json<Vec<BatchView>>, Problem> {
    let batches = gate.store.batches(&by.organization).await;
    let batches = batches.map_err(StepError::from)?;
    Ok(Json(
        batches.iter().map(|batch| view(&gate, batch)).collect(),
    ))
}

/// `GET /batches/{id}`: how far it has been read.
pub async fn show(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<BatchView>, Problem> {
    let batch = batch::find(&gate, &by, &id).await?;
    Ok(Json(view(&gate, &batch)))
}

/// Which rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    #[serde(default)]
    after: u64,
    limit: Option<u32>,
}

impl Rows {
    /// After which line, and how many.
    fn read(query: Result<Query<Rows>, QueryRejection>) -> Result<(u64, u32), Problem> {
        let unreadable = || {
            Problem::unreadable(format!(
                "`limit` is a number from 1 to {LINES_AT_ONCE}, `after` is taken from the `Link` of the page before"
            ))
        };
        let Query(rows) = query.map_err(|_| unreadable())?;
        let limit = rows.limit.unwrap_or(LINES_AT_ONCE);
        let fits = (1..=LINES_AT_ONCE).contains(&limit) && i64::try_from(rows.after).is_ok();
        fits.then_some((rows.after, limit)).ok_or_else(unreadable)
    }
}

/// `GET /batches/{id}/answers` and `/errors`: a list of its lines as CSV, page by page.
pub async fn lines(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    uri: Uri,
    rows: Result<Query<Rows>, QueryRejection>,
) -> Result<Response, Problem> {
    let (after, limit) = Rows::read(rows)?;
    let batch = batch::find(&gate, &by, &id).await?;
    let list = List::of(uri.path()).ok_or(StepError::NotFound)?;
    let page = answers::page(&gate, &batch, list, (after, limit)).await?;
    let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
    let mut response = (kind, page.csv).into_response();
    let link = page.next.and_then(|after| {
        let list = list.name();
        let next = format!("/api/v1/batches/{id}/{list}?limit={limit}&after={after}");
        HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).ok()
    });
    let headers = response.headers_mut();
    headers.extend(link.map(|link| (header::LINK, link)));
    Ok(response)
}
