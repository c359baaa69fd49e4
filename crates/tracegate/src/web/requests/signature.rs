//! The end of a draft: its writer looks at everything once more, and somebody else signs it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::{Actor, Request};
use minijinja::{Value, context};

use super::draft::{self, path};
use super::options;
use crate::gate::Gate;
use crate::pipeline::drafts::{self, Kept, RETURN_REASONS};
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};
use crate::web::{Desk, page, words};

/// `GET /requests/drafts/{id}/check`: everything said, what would be refused, what is recorded.
pub async fn check(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let kept = draft::written_by(&desk.gate, by, &id).await?;
    if !draft::is_complete(&kept.draft) {
        return Ok(Redirect::to(&path(&id)).into_response());
    }
    let (request, _) = draft::read(&kept.draft);
    let content = checked(&desk.gate, &kept, &request);
    Ok(visitor.page(
        "requests/check.html",
        "Check your answers",
        "new-request",
        content,
    ))
}

/// `POST /requests/drafts/{id}/check`: the request waits for a signature from now on.
pub async fn finish(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Requests)?;
    let kept = draft::written_by(&desk.gate, by, &id).await?;
    if draft::is_complete(&kept.draft) {
        let (request, _) = draft::read(&kept.draft);
        let seen = (id.as_str(), posted.fields.seen()?);
        let check = posted.visitor.check()?;
        drafts::ask_for_signature(&desk.gate, (by, &check), seen, request).await?;
    }
    Ok(Redirect::to(&path(&id)).into_response())
}

/// `GET /requests/drafts/{id}/signature`: what the second person signs.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let kept = drafts::find(&desk.gate, by, &id).await?;
    let content = to_sign(&visitor, by, &kept, (&Fields::default(), &[])).await?;
    Ok(visitor.page(
        "requests/signature.html",
        "Countersign",
        "requests",
        content,
    ))
}

/// `POST /requests/drafts/{id}/signature`: step `sign` or `return`.
pub async fn sign(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Requests)?;
    posted.proven()?;
    let gate = &desk.gate;
    let kept = drafts::find(gate, by, &id).await?;
    let seen = (id.as_str(), fields.seen()?);
    let error = match fields.text("step") {
        "sign" => (rank_of(visitor, fields).is_empty())
            .then(|| FieldError::new("rank", "Choose your rank or grade")),
        _ => (!RETURN_REASONS.contains(&fields.text("reason")))
            .then(|| FieldError::new("reason", "Choose why you do not sign")),
    };
    if let Some(error) = error {
        let content = to_sign(visitor, by, &kept, (fields, &[error])).await?;
        let template = "requests/signature.html";
        return Ok(visitor.page_again(template, "Countersign", "requests", content));
    }
    let back = |oops: Oops| oops.then("/requests", "Your requests");
    if fields.text("step") == "sign" {
        let rank = rank_of(visitor, fields);
        if visitor.rank().is_none() && needs_known_rank(gate, &kept) {
            return Err(back(Oops::not_now(NO_RANK)));
        }
        let case = drafts::countersign(gate, by, seen, rank).await;
        let case = case.map_err(|error| back(error.into()))?;
        return Ok(Redirect::to(&format!("/requests/{case}")).into_response());
    }
    let why = (fields.text("reason"), fields.text("text"));
    let returned = drafts::send_back(gate, by, seen, why).await;
    returned.map_err(|error| back(error.into()))?;
    Ok(Redirect::to("/requests").into_response())
}

const NO_RANK: &str = "The agreement asks for the signature of somebody of a certain rank, and your account \
     has none. Ask whoever manages the accounts of your organization.";

/// The rank that somebody signs with: the one that whoever knows them vouches for.
fn rank_of<'v>(visitor: &'v Visitor, fields: &'v Fields) -> &'v str {
    visitor.rank().unwrap_or_else(|| fields.text("rank"))
}

/// Whether a rank that somebody chooses for themselves is not enough. In a demonstration nobody knows
/// anybody.
fn needs_known_rank(gate: &Gate, kept: &Kept) -> bool {
    let (library, now) = (gate.agreements(), gate.clock.now());
    let purpose = kept.draft.request.as_ref().map(|request| &*request.purpose);
    let officer = &kept.draft.officer;
    let version = options::version_for(&library, officer, purpose.unwrap_or_default(), now);
    let min_rank = version.and_then(|version| version.terms.authority.min_rank.as_ref());
    min_rank.is_some() && !gate.settings.demonstration
}

/// What was said, what would not be met, and what is recorded of it.
fn checked(gate: &Gate, kept: &Kept, request: &Request) -> Value {
    context! {
        id => kept.id.as_str(),
        seen => kept.version,
        revises => kept.draft.revises.clone(),
        rows => draft::rows(request),
        failing => page::value(drafts::forecast(gate, request)),
        agency => request.requester.organization.clone(),
        purpose => request.purpose.clone(),
        needs_person => request.manual_information.is_some(),
    }
}

async fn to_sign(
    visitor: &Visitor,
    by: &Actor,
    kept: &Kept,
    (fields, errors): (&Fields, &[FieldError]),
) -> Result<Value, Oops> {
    let gate = &visitor.desk.gate;
    let request = kept.draft.request.as_ref().ok_or_else(Oops::changed)?;
    let (library, now) = (gate.agreements(), gate.clock.now());
    let version = options::version_for(&library, &kept.draft.officer, &request.purpose, now);
    let min_rank = version.and_then(|version| version.terms.authority.min_rank.clone());
    let reason = |code: &&str| context! { code => *code, words => words::label(code) };
    Ok(context! {
        officer => kept.draft.officer.name.clone(),
        is_own => kept.draft.officer.is(by),
        may_sign => by.role == disclosure::Role::Authoriser && !kept.draft.officer.is(by),
        question => draft::question(gate, by, &kept.draft).await?,
        ranks => options::signing_ranks(version),
        min_rank,
        own_rank => visitor.rank(),
        has_no_rank => visitor.rank().is_none() && needs_known_rank(gate, kept),
        agreement => version.map(|version| version.id.to_string()),
        reasons => RETURN_REASONS.iter().map(reason).collect::<Vec<_>>(),
        f => fields.shown(errors),
        ..checked(gate, kept, request)
    })
}
