//! The agency's desk: its own requests and what it may know of them.
//!
//! What the agency sees and sends here depends on the outward answer alone. A case's version counts
//! steps inside, so it is never shown to the agency: forms carry the outward status instead (I10).

pub mod answers;
pub mod draft;
pub mod form;
mod options;
mod sections;
pub mod signature;
pub mod start;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::Actor;
use disclosure::outward::answer;
use disclosure::release::OutcomeReturn;
use disclosure::{Case, EventKind};
use minijinja::{Value, context};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error as Unknown;

use super::access::Room;
use super::cases::print::letter_page;
use super::oops::Oops;
use super::search::{self, Reference};
use super::visitor::{Posted, Visitor};
use super::{Desk, page};
use crate::gate::Gate;
use crate::http::under_lease;
use crate::pipeline::drafts::{self, Kept};
use crate::pipeline::{self, StepError, casework, release};
use crate::reader;

/// What an agency can say became of a release.
const OUTCOMES: [&str; 7] = [
    "located",
    "arrest",
    "removal",
    "safe_and_well",
    "no_action",
    "not_used",
    "wrong_person",
];

/// `GET /requests`: drafts, what waits for a signature, and the agency's requests, newest first. None
/// of the lists shows personal data. With a reference, straight to that request.
pub async fn list(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Query(asked): Query<Reference>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let gate = &desk.gate;
    if let Some(reference) = asked.given() {
        if gate
            .store
            .case(&reference)
            .await
            .map_err(StepError::from)?
            .is_none()
        {
            search::missed(gate, by).await?;
        }
        let case = own(gate, by, &reference).await;
        let case = case.map_err(|oops| oops.then("/requests", "Your requests"))?;
        return Ok(Redirect::to(&format!("/requests/{}", case.id)).into_response());
    }
    let drafts: Vec<Value> = drafts::all(gate, by)
        .await?
        .iter()
        .map(|kept| draft_line(by, kept))
        .collect();
    let after = asked.after();
    let (lines, next) = reader::own_lines(gate, by, after.as_ref()).await?;
    let content = context! {
        now => page::value(gate.clock.now()),
        drafts,
        lines => page::value(lines),
        begins => after.is_none(),
        next => next.map(|next| next.to_string()),
    };
    Ok(visitor.page("requests/list.html", "Your requests", "requests", content))
}

/// A draft in a list: never about whom it is.
fn draft_line(by: &Actor, kept: &Kept) -> Value {
    let own = kept.draft.officer.is(by);
    let state = match kept.status() {
        "waits_for_signature" if !own => "waits_for_your_signature",
        status => status,
    };
    context! {
        id => kept.id.clone(),
        purpose => draft::purpose(&kept.draft),
        revises => kept.draft.revises.clone(),
        officer => kept.draft.officer.name.clone(),
        state,
        changed_at => page::value(kept.changed_at),
        kept_until => page::value(kept.kept_until()),
    }
}

/// `GET /requests/{id}`: what was asked, and the answer as far as it is out.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let gate = &desk.gate;
    let case = own(gate, by, &id).await?;
    let answer = answer(&case, gate.clock.now());
    let at_the_desk = gate.settings.reads_at_the_desk(&by.organization);
    let actions = actions(answer.status, at_the_desk);
    let content = context! {
        answer => page::value(&answer),
        received_at => page::value(case.received_at),
        agreement => case.agreement.as_ref().map(|agreement| agreement.name.clone()),
        complaints => complaints(gate, &case),
        request => page::value(&case.request),
        rows => answers::rows(&case.request),
        actions,
        outcomes => OUTCOMES.to_vec(),
        outcome => page::value(case.state.outcome()),
        collection_key => gate.chance.token(),
    };
    let title = format!("Request {id}");
    Ok(visitor.page("requests/show.html", &title, "requests", content))
}

/// What the agency can do next, from the outward status alone.
fn actions(status: &str, at_the_desk: bool) -> Value {
    context! {
        collect => status == "released" && at_the_desk,
        sealed => status == "released" && !at_the_desk,
        outcome => status == "collected",
        answer => status == "question",
        destroy => status == "recalled",
        withdraw => matches!(status, "received" | "held" | "question"),
    }
}

/// Where a challenge goes under the case's agreement.
pub fn complaints(gate: &Gate, case: &Case) -> Option<String> {
    let agreements = gate.agreements();
    let version = pipeline::judgement::version_of(&agreements, case, gate.clock.now())?;
    Some(version.terms.complaints.clone())
}

/// `GET /requests/{id}/letter`: a refusal as a letter, with clause, reason, cure and way to challenge it.
pub async fn letter(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let case = own(&desk.gate, by, &id).await?;
    letter_page(&desk.gate, &visitor, &case, &format!("/requests/{id}"))
}

/// What an agency is told whose releases leave sealed and in no other way.
const SEALED: &str =
    "Your organization receives its answers sealed, through its own system. Collect it there.";

/// `POST /requests/{id}/collection`: the one-time download, on a page.
pub async fn collect(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Requests)?;
    let gate = &desk.gate;
    own(gate, by, &id).await?;
    let key = fields.text("key");
    if key.len() < 8 || key.len() > 100 {
        return Err(Oops::unreadable("The page is incomplete. Open it again."));
    }
    let back = |oops: Oops| oops.then(format!("/requests/{id}"), "Back to the request");
    if !gate.settings.reads_at_the_desk(&by.organization) {
        return Err(back(Oops::not_now(SEALED)));
    }
    let delivery = release::collect(gate, by, &id, key).await;
    let delivery = delivery.map_err(|error| back(error.into()))?;
    let content = context! {
        id => id.as_str(),
        record => page::value(&delivery.record),
        release => context! {
            data_life_until => page::value(delivery.data_life_until),
            outcome_due_at => page::value(delivery.outcome_due_at),
            onward_rule => delivery.onward_rule,
        },
    };
    let title = format!("Answer to {id}");
    let page = visitor.page("requests/record.html", &title, "requests", content);
    Ok(under_lease(page, delivery.lease))
}

/// `POST /requests/{id}/outcome`: the outcome return.
pub async fn return_outcome(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Requests)?;
    let case = unchanged(&desk.gate, by, &id, &posted).await?;
    let code = posted.fields.text("outcome").into_deserializer();
    let outcome: Result<OutcomeReturn, Unknown> = OutcomeReturn::deserialize(code);
    let back = format!("/requests/{id}");
    let outcome = outcome.map_err(|_| {
        let remedy = "Choose what became of the release.";
        Oops::unreadable(remedy).then(back.clone(), "Back to the request")
    })?;
    release::return_outcome(&desk.gate, by, (&id, case.version), outcome).await?;
    Ok(Redirect::to(&back).into_response())
}

/// `POST /requests/{id}/answer`: answers the controller's question.
pub async fn clarify(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Requests)?;
    let case = unchanged(&desk.gate, by, &id, &posted).await?;
    let answer = posted.fields.lines("answer");
    let check = posted.visitor.check()?;
    let sender = (by, &check);
    casework::clarify(&desk.gate, sender, (&id, case.version), &answer, None).await?;
    Ok(Redirect::to(&format!("/requests/{id}")).into_response())
}

/// `POST /requests/{id}/destruction`: every copy of a recalled release is destroyed.
pub async fn confirm_destroyed(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Requests)?;
    let case = unchanged(&desk.gate, by, &id, &posted).await?;
    casework::confirm_destroyed(&desk.gate, by, (&id, case.version)).await?;
    Ok(Redirect::to(&format!("/requests/{id}")).into_response())
}

/// `POST /requests/{id}/withdrawal`: takes the request back.
pub async fn withdraw(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Requests)?;
    let case = unchanged(&desk.gate, by, &id, &posted).await?;
    release::withdraw(&desk.gate, by, (&id, case.version)).await?;
    Ok(Redirect::to(&format!("/requests/{id}")).into_response())
}

/// The agency's own case. Any other is answered as if it did not exist, and the attempt recorded.
async fn own(gate: &Gate, by: &Actor, id: &str) -> Result<Case, Oops> {
    let case = pipeline::load(gate, id).await?;
    if case.request.requester.organization == by.organization {
        return Ok(case);
    }
    reader::note(
        gate,
        EventKind::AccessRefused,
        Some(&case),
        "page of a request",
        by,
    )
    .await?;
    Err(Oops::not_found())
}

/// The agency's own case, if its outward status is still the one the form was made from.
async fn unchanged(gate: &Gate, by: &Actor, id: &str, posted: &Posted) -> Result<Case, Oops> {
    let case = own(gate, by, id).await?;
    let status = answer(&case, gate.clock.now()).status;
    if posted.fields.text("seen") == status {
        return Ok(case);
    }
    Err(Oops::changed().then(format!("/requests/{id}"), "Look at the request"))
}
