//! `/api/v1/requests/drafts`: requests that are sent once a second person has signed.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use disclosure::Request;
use disclosure::outward::Answer;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{body, etag, requests};
use crate::gate::Gate;
use crate::http::Problem;
use crate::http::auth::{Caller, Checked, RequestId, Seen};
use crate::pipeline::drafts::{self, Kept, Returned};
use crate::web::requests::draft::saying;

/// A request that is not sent yet.
#[derive(Debug, Serialize)]
pub struct DraftView {
    draft: String,
    officer_id: String,
    status: &'static str,
    kept_until: Timestamp,
    /// What is signed, once it waits for a signature. Lists never hold personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Request>,
    /// Why it came back unsigned; in no list.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<Returned>,
}

fn line(kept: &Kept) -> DraftView {
    DraftView {
        draft: kept.id.clone(),
        officer_id: kept.draft.officer.id.clone(),
        status: kept.status(),
        kept_until: kept.kept_until(),
        request: None,
        returned: None,
    }
}

/// `POST /requests/drafts`: a finished request, which waits for a signature from now on.
pub async fn begin(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Checked(check): Checked,
    RequestId(key): RequestId,
    json: Result<Json<Request>, JsonRejection>,
) -> Result<(StatusCode, HeaderMap, Json<DraftView>), Problem> {
    let request = body(json)?;
    let draft = saying(&by, &request);
    let id = drafts::begin_finished(&gate, (&by, &check), &key, draft, request).await?;
    let kept = drafts::find(&gate, &by, &id).await?;
    let mut headers = etag(kept.version);
    if let Ok(location) = format!("/api/v1/requests/drafts/{id}").parse() {
        headers.insert(header::LOCATION, location);
    }
    Ok((StatusCode::CREATED, headers, Json(line(&kept))))
}

/// `GET /requests/drafts`: the caller's own, and what the caller may sign, the latest changed first.
pub async fn list(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
) -> Result<Json<Vec<DraftView>>, Problem> {
    let kept = drafts::all(&gate, &by).await?;
    Ok(Json(kept.iter().map(line).collect()))
}

/// `GET /requests/drafts/{id}`: what is signed.
pub async fn show(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Json<DraftView>), Problem> {
    let kept = drafts::find(&gate, &by, &id).await?;
    let line = line(&kept);
    let view = DraftView {
        request: kept.draft.request,
        returned: kept.draft.returned,
        ..line
    };
    Ok((etag(kept.version), Json(view)))
}

/// The second person's signature.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    rank: String,
}

/// `POST /requests/drafts/{id}/signature`: a second person signs, and with that the request is sent.
pub async fn sign(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
    json: Result<Json<Signature>, JsonRejection>,
) -> Result<(StatusCode, HeaderMap, Json<Answer>), Problem> {
    let rank = body(json)?.rank;
    let case = drafts::countersign(&gate, &by, (&id, seen), &rank).await?;
    requests::recorded(&gate, &by, &case).await
}
