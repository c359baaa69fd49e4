//! `/api/v1/cases`: the controller's side.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use disclosure::arrows::Proposed;
use disclosure::check::CheckResult;
use disclosure::decision::{Proposal, Views};
use disclosure::{Actor, Code, Field, Role};
use serde::Deserialize;
use store::CaseFilter;

use super::{Paging, body, etag, next_page, paging};
use crate::gate::Gate;
use crate::http::Problem;
use crate::http::auth::{Caller, Seen};
use crate::pipeline::release::Verdict;
use crate::pipeline::{self, StepError, casework, emergency, judgement, release, review, trace};
use crate::reader::{self, CaseView, QueueLine};

/// `GET /cases`: the queue, oldest first, page by page. No personal data in lists.
pub async fn list(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    page: Result<Query<Paging>, QueryRejection>,
) -> Result<(HeaderMap, Json<Vec<QueueLine>>), Problem> {
    require(&by, by.role.is_staff() || by.role == Role::Overseer)?;
    let (after, limit) = paging(page)?;
    let open = CaseFilter {
        ended: Some(false),
        ..CaseFilter::default()
    };
    let (lines, next) = reader::queue(&gate, &open, after.as_ref(), limit).await?;
    Ok((next_page("cases", next, limit), Json(lines)))
}

/// `GET /cases/{id}`: a case, as far as the caller may see it. The view is recorded.
pub async fn show(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    seen_case(&gate, &by, &id).await
}

/// An answer to a clause that only a person can answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClauseAnswer {
    met: bool,
    reason: String,
}

/// `POST /cases/{id}/clauses/{clause}`.
pub async fn answer_clause(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path((id, clause)): Path<(String, String)>,
    Seen(seen): Seen,
    json: Result<Json<ClauseAnswer>, JsonRejection>,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    let answer = body(json)?;
    let result = if answer.met {
        CheckResult::Pass
    } else {
        CheckResult::Fail
    };
    judgement::answer_clause(&gate, &by, (&id, seen), &clause, result, &answer.reason).await?;
    seen_case(&gate, &by, &id).await
}

/// `POST /cases/{id}/trace`: a person starts a trace that the gate may not start by itself.
pub async fn trace(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    if pipeline::load(&gate, &id).await?.version != seen {
        return Err(StepError::Conflict.into());
    }
    trace::start(&gate, &id, &by).await?;
    seen_case(&gate, &by, &id).await
}

/// A draft decision: either fields to release, or `forward`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftBody {
    #[serde(default)]
    fields: Vec<Field>,
    #[serde(default)]
    forward: bool,
    gateway: String,
    views: Views,
}

impl DraftBody {
    fn proposed(self) -> Proposed {
        let proposal = if self.forward {
            Proposal::Forward
        } else {
            Proposal::Release(self.fields)
        };
        Proposed {
            proposal,
            gateway: self.gateway,
            views: self.views,
        }
    }
}

/// `POST /cases/{id}/draft`.
pub async fn draft(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
    json: Result<Json<DraftBody>, JsonRejection>,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    review::draft(&gate, &by, (&id, seen), body(json)?.proposed()).await?;
    seen_case(&gate, &by, &id).await
}

/// Why nothing is released about the person found; not needed where the trace found nobody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoResultBody {
    #[serde(default = "no_releasable_field")]
    code: Code,
}

fn no_releasable_field() -> Code {
    Code::NoReleasableField
}

/// `POST /cases/{id}/no-result`.
pub async fn end_without_result(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
    json: Result<Json<NoResultBody>, JsonRejection>,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    review::end_without_result(&gate, &by, (&id, seen), body(json)?.code).await?;
    seen_case(&gate, &by, &id).await
}

/// What the second person would do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnViewBody {
    own_view: String,
}

/// `POST /cases/{id}/own-view`: before it, a guardian is not shown the draft; the answer shows it.
pub async fn write_own_view(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
    json: Result<Json<OwnViewBody>, JsonRejection>,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    review::write_own_view(&gate, &by, (&id, seen), &body(json)?.own_view).await?;
    seen_case(&gate, &by, &id).await
}

/// The second person's decision, and why it is another than their own view, where it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondReviewBody {
    agree: bool,
    #[serde(default)]
    changed: String,
}

fn verdict(agree: bool) -> Verdict {
    match agree {
        true => Verdict::Agree,
        false => Verdict::Decline,
    }
}

/// `POST /cases/{id}/second-review`.
pub async fn second_review(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
    json: Result<Json<SecondReviewBody>, JsonRejection>,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    let review = body(json)?;
    release::second_review(
        &gate,
        &by,
        (&id, seen),
        verdict(review.agree),
        &review.changed,
    )
    .await?;
    seen_case(&gate, &by, &id).await
}

/// A question to the agency.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionBody {
    question: String,
}

/// `POST /cases/{id}/question`: asks the agency, before any trace.
pub async fn ask(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
    json: Result<Json<QuestionBody>, JsonRejection>,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    casework::ask(&gate, &by, (&id, seen), &body(json)?.question).await?;
    seen_case(&gate, &by, &id).await
}

/// Why a release is recalled: one of the coded reasons.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecallBody {
    reason: String,
}

/// `POST /cases/{id}/recall`.
pub async fn recall(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
    json: Result<Json<RecallBody>, JsonRejection>,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    casework::recall(&gate, &by, (&id, seen), &body(json)?.reason).await?;
    seen_case(&gate, &by, &id).await
}

/// `POST /cases/{id}/destruction`: there was never a copy of a recalled release.
pub async fn confirm_destroyed(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    require(&by, by.role.is_staff())?;
    casework::confirm_destroyed(&gate, &by, (&id, seen)).await?;
    seen_case(&gate, &by, &id).await
}

/// `POST /cases/{id}/emergency`: a caseworker declares an emergency and what to release.
pub async fn declare_emergency(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
    json: Result<Json<DraftBody>, JsonRejection>,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    emergency::declare(&gate, &by, (&id, seen), body(json)?.proposed()).await?;
    seen_case(&gate, &by, &id).await
}

/// `POST /cases/{id}/emergency/release`: the guardian on call. Where the trace finds no certain
/// person the case is in casework review afterwards, and nothing has left.
pub async fn release_in_emergency(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    emergency::release(&gate, &by, (&id, seen)).await?;
    seen_case(&gate, &by, &id).await
}

/// `POST /cases/{id}/emergency/review`: the full review, by a guardian new to the case, after their own view.
pub async fn review_emergency(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
    json: Result<Json<SecondReviewBody>, JsonRejection>,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    let review = body(json)?;
    emergency::review(
        &gate,
        &by,
        (&id, seen),
        verdict(review.agree),
        &review.changed,
    )
    .await?;
    seen_case(&gate, &by, &id).await
}

async fn seen_case(
    gate: &Gate,
    by: &Actor,
    id: &str,
) -> Result<(HeaderMap, Json<CaseView>), Problem> {
    require(by, by.role.is_staff() || by.role == Role::Overseer)?;
    let view = reader::open(gate, by, id, "interface").await?;
    Ok((etag(view.version), Json(view)))
}

fn require(by: &Actor, allowed: bool) -> Result<(), Problem> {
    let message = format!(
        "the role `{}` may not use this part of the interface",
        by.role.code()
    );
    if allowed {
        Ok(())
    } else {
        Err(Problem::forbidden(message))
    }
}
