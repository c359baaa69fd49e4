//! `/api/v1/requests/{id}/package` and what the gate signs beside it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::requests::own;
use crate::gate::Gate;
use crate::http::auth::{Caller, RequestId};
use crate::http::{Problem, under_lease};
use crate::package::{MEDIA_TYPE, Notice};
use crate::pipeline::package;

/// `POST /requests/{id}/package`: the one-time download, sealed to the agency's registered key.
pub async fn collect(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    RequestId(key): RequestId,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (sealed, lease) = package::collect(&gate, &by, &id, &key).await?;
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE)];
    Ok(under_lease((headers, sealed).into_response(), lease))
}

/// `GET /requests/{id}/receipt`: the signed receipt of the download.
pub async fn receipt(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let case = own(&gate, &by, &id).await?;
    signed(&gate, package::receipt(&case))
}

/// `GET /requests/{id}/recall`: the signed notice that the release is recalled.
pub async fn recall(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let case = own(&gate, &by, &id).await?;
    signed(&gate, package::recall(&case))
}

/// A signed note; nothing where there is nothing to sign.
fn signed(gate: &Gate, notice: Option<impl Notice>) -> Result<Response, Problem> {
    let (Some(notice), Some(signer)) = (notice, &gate.signer) else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((headers, notice.sign(signer).to_string()).into_response())
}
