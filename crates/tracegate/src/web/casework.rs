//! Steps beside the straight way: who has a case in hand, a question to the agency, a recall, a copy that
//! never was.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::Actor;

use super::Desk;
use super::access::Room;
use super::oops::Oops;
use super::visitor::Posted;
use crate::personas;
use crate::pipeline::{StepError, assignment, casework};

/// `POST /cases/{id}/assignment`: step `take`, `over` or `back`.
pub async fn assign(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Staff)?;
    let (gate, fields) = (&desk.gate, &posted.fields);
    let seen = (id.as_str(), fields.seen()?);
    let assigned = match fields.text("step") {
        "take" => assignment::take(gate, by, seen).await,
        "back" => assignment::put_back(gate, by, seen).await,
        _ => match colleagues(by).find(|other| other.id == fields.text("to")) {
            Some(to) => assignment::hand_over(gate, by, seen, &to).await,
            None => Err(StepError::NotAllowed("choose a colleague")),
        },
    };
    back_to(&id, assigned)
}

/// Staff whom a case can be handed over to: who is known here by name. Anybody else takes it.
pub fn colleagues(by: &Actor) -> impl Iterator<Item = Actor> {
    personas::all().filter(|other| other.role.is_staff() && !other.is(by))
}

/// `POST /cases/{id}/question`.
pub async fn ask(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Casework)?;
    let seen = (id.as_str(), posted.fields.seen()?);
    let question = posted.fields.lines("question");
    let asked = casework::ask(&desk.gate, by, seen, &question).await;
    back_to(&id, asked)
}

/// `POST /cases/{id}/recall`.
pub async fn recall(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Staff)?;
    let seen = (id.as_str(), posted.fields.seen()?);
    let recalled = casework::recall(&desk.gate, by, seen, posted.fields.text("reason")).await;
    back_to(&id, recalled)
}

/// `POST /cases/{id}/destruction`: nobody collected what was recalled.
pub async fn confirm_destroyed(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Staff)?;
    let seen = (id.as_str(), posted.fields.seen()?);
    let confirmed = casework::confirm_destroyed(&desk.gate, by, seen).await;
    back_to(&id, confirmed)
}

fn back_to(id: &str, step: Result<(), StepError>) -> Result<Response, Oops> {
    let case = format!("/cases/{id}");
    step.map_err(|error| Oops::from(error).then(case.clone(), "Back to the case"))?;
    Ok(Redirect::to(&case).into_response())
}
