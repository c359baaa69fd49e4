//! `/api/v1/agreements`: the standing of a version; suspended by one guardian, reopened by two.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use disclosure::AgreementState;
use disclosure::agreement_status::Suspension;
use serde::{Deserialize, Serialize};

use super::{body, etag};
use crate::gate::Gate;
use crate::http::Problem;
use crate::http::auth::{Caller, Seen};
use crate::pipeline::suspension;

type Name = Path<(String, String)>;
type Answer = Result<(HeaderMap, Json<StandingView>), Problem>;

/// Where an agreement version stands.
#[derive(Debug, Serialize)]
pub struct StandingView {
    agreement: String,
    hash: String,
    state: &'static str,
    suspension: Option<SuspensionView>,
}

/// A suspension, without the names of staff.
#[derive(Debug, Serialize)]
pub struct SuspensionView {
    reason: String,
    at: jiff::Timestamp,
    reopening_proposed: bool,
}

/// `GET /agreements/{agreement}/{version}`: public.
pub async fn show(State(gate): State<Arc<Gate>>, Path(name): Name) -> Answer {
    view(&gate, &joined(name)).await
}

/// A suspension: the effect on open requests, `hold` or `refuse`, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspensionBody {
    effect: Effect,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Effect {
    Hold,
    Refuse,
}

/// `POST /agreements/{agreement}/{version}/suspension`. When it is answered, nothing sent under the
/// agreement is on its way any more.
pub async fn suspend(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(name): Name,
    json: Result<Json<SuspensionBody>, JsonRejection>,
) -> Answer {
    let (name, asked) = (joined(name), body(json)?);
    let effect = match asked.effect {
        Effect::Hold => AgreementState::SuspendedHold,
        Effect::Refuse => AgreementState::SuspendedRefuse,
    };
    suspension::suspend(&gate, &by, &name, effect, &asked.reason).await?;
    view(&gate, &name).await
}

/// Why a version can be reopened.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopeningBody {
    reason: String,
}

/// `POST /agreements/{agreement}/{version}/reopening`: the first of two people.
pub async fn propose_reopening(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(name): Name,
    Seen(seen): Seen,
    json: Result<Json<ReopeningBody>, JsonRejection>,
) -> Answer {
    let name = joined(name);
    suspension::propose_reopening(&gate, &by, (&name, seen), &body(json)?.reason).await?;
    view(&gate, &name).await
}

/// `POST /agreements/{agreement}/{version}/reopening/confirmation`: the second person.
pub async fn reopen(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(name): Name,
    Seen(seen): Seen,
) -> Answer {
    let name = joined(name);
    suspension::reopen(&gate, &by, (&name, seen)).await?;
    view(&gate, &name).await
}

fn joined((agreement, version): (String, String)) -> String {
    format!("{agreement}/{version}")
}

async fn view(gate: &Gate, name: &str) -> Answer {
    let standing = suspension::standing(gate, name).await?;
    let shown = |suspension: Suspension| SuspensionView {
        reason: suspension.reason,
        at: suspension.at,
        reopening_proposed: suspension.proposed.is_some(),
    };
    let view = StandingView {
        agreement: standing.agreement.name,
        hash: standing.agreement.hash,
        state: standing.state.code(),
        suspension: standing.suspension.map(shown),
    };
    Ok((etag(standing.version), Json(view)))
}
