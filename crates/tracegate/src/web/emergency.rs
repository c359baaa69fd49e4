//! The emergency at the desk: a caseworker declares it, a guardian releases, another reviews.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::arrows::Proposed;
use disclosure::decision::Proposal;
use disclosure::{Actor, Case, Field, Role};
use minijinja::{Value, context};

use super::access::Room;
use super::agreements::gateways;
use super::decision::{chosen, questions, unanswered, views};
use super::oops::Oops;
use super::visitor::{FieldError, Fields, Posted, Visitor};
use super::{Desk, cases, page};
use crate::gate::Gate;
use crate::pipeline::release::Verdict;
use crate::pipeline::{self, emergency, judgement, review};
use crate::reader::CaseView;

/// What somebody may do about an emergency now.
pub fn step(by: &Actor, case: &Case) -> Option<&'static str> {
    let urgent = case.request.priority == disclosure::request::Priority::Emergency;
    match (case.state.code(), by.role) {
        ("checked", Role::Caseworker) if urgent && case.emergency.is_none() => Some("declare"),
        ("checked", Role::Guardian) if case.emergency.is_some() => Some("release"),
        ("emergency_pending", Role::Guardian) if !has_released(by, case) => Some("review"),
        _ => None,
    }
}

fn has_released(by: &Actor, case: &Case) -> bool {
    let disclosed = case.state.disclosed();
    disclosed.is_some_and(|disclosed| disclosed.review.by.is(by))
}

/// `GET /cases/{id}/emergency`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Staff)?;
    let (view, case) = open(&desk.gate, by, &id).await?;
    let content = content(&desk.gate, by, &view, &case, &Fields::default(), &[]);
    Ok(visitor.page("emergency.html", &title(&id), "cases", content))
}

/// `POST /cases/{id}/emergency`: step `declare`, `release`, `view` or `review`.
pub async fn take(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let room = match fields.text("step") {
        "declare" => Room::Casework,
        "release" | "view" | "review" => Room::SecondReview,
        _ => return Err(Oops::unreadable("Take the step on its page.")),
    };
    let by = visitor.enter(room)?;
    let gate = &desk.gate;
    let (view, case) = open(gate, by, &id).await?;
    let back = |oops: Oops| oops.then(format!("/cases/{id}"), "Look at the case");
    let seen = (id.as_str(), fields.seen()?);
    let errors = errors(fields);
    if !errors.is_empty() {
        let content = content(gate, by, &view, &case, fields, &errors);
        return Ok(visitor.page_again("emergency.html", &title(&id), "cases", content));
    }
    if fields.text("step") == "view" {
        let written = review::write_own_view(gate, by, seen, fields.text("own_view")).await;
        written.map_err(|error| back(error.into()))?;
        return Ok(Redirect::to(&format!("/cases/{id}/emergency")).into_response());
    }
    posted.proven()?;
    let done = match fields.text("step") {
        "declare" => emergency::declare(gate, by, seen, proposed(fields)).await,
        "release" => emergency::release(gate, by, seen).await.map(|_| ()),
        _ => {
            let verdict = match fields.text("verdict") {
                "uphold" => Verdict::Agree,
                _ => Verdict::Decline,
            };
            emergency::review(gate, by, seen, verdict, &fields.lines("changed")).await
        }
    };
    done.map_err(|error| back(error.into()))?;
    Ok(Redirect::to(&format!("/cases/{id}")).into_response())
}

fn title(id: &str) -> String {
    format!("Emergency {id}")
}

async fn open(gate: &Gate, by: &Actor, id: &str) -> Result<(CaseView, Case), Oops> {
    let view = cases::open(gate, by, id, "emergency").await?;
    let case = pipeline::load(gate, id).await?;
    if step(by, &case).is_some() {
        return Ok((view, case));
    }
    let oops = Oops::not_now("The case has no step of an emergency for you.");
    Err(oops.then(format!("/cases/{id}"), "Look at the case"))
}

fn errors(fields: &Fields) -> Vec<FieldError> {
    let missing = |name: &str, message: &str| vec![FieldError::new(name, message)];
    match fields.text("step") {
        "declare" => {
            let mut errors = Vec::new();
            if fields.all("fields").is_empty() {
                errors.extend(missing("fields", "Choose at least one item"));
            }
            if fields.text("gateway").is_empty() {
                errors.extend(missing("gateway", "Choose the one gateway relied on"));
            }
            errors.extend(unanswered(fields));
            errors
        }
        "view" if fields.text("own_view").is_empty() => {
            missing("own_view", "Write down your own view")
        }
        "review" if !["uphold", "recall"].contains(&fields.text("verdict")) => {
            missing("verdict", "Choose whether the release stands")
        }
        _ => Vec::new(),
    }
}

fn proposed(fields: &Fields) -> Proposed {
    Proposed {
        proposal: Proposal::Release(chosen(fields)),
        gateway: fields.lines("gateway"),
        views: views(fields),
    }
}

fn content(
    gate: &Gate,
    by: &Actor,
    view: &CaseView,
    case: &Case,
    fields: &Fields,
    errors: &[FieldError],
) -> Value {
    let (agreements, now) = (gate.agreements(), gate.clock.now());
    let agreed = judgement::agreed_fields(&agreements, case, now);
    let may = |field: &Field| agreed.contains(field) && field.is_releasable();
    let option = |field: Field| context! { code => field.code(), words => field.label() };
    let known = case.request.known_fields().into_iter();
    let version = judgement::version_of(&agreements, case, now);
    let draft = case.emergency.as_ref();
    let asked = draft.map(|draft| match &draft.proposal {
        Proposal::Release(fields) => fields.iter().map(|field| field.label()).collect(),
        Proposal::Forward => Vec::new(),
    });
    context! {
        step => step(by, case),
        own_view => page::value(case.state.drafted().and_then(|drafted| drafted.own_view(by))),
        view => page::value(view),
        facts => cases::facts(view),
        fields => known.filter(may).map(option).collect::<Vec<_>>(),
        gateways => version.map(gateways).unwrap_or_default(),
        views => questions(),
        draft => page::value(draft),
        asked,
        released => case.state.disclosed().map(|disclosed| {
            let fields = disclosed.release.fields_released();
            fields.iter().map(|field| field.label()).collect::<Vec<_>>()
        }),
        review_due => page::value(case.emergency_review_due()),
        f => fields.shown(errors),
    }
}
