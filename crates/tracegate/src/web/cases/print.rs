//! A case on paper: everything on record of it for a court, and the letter of a refusal.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use disclosure::outward::answer;
use minijinja::{Value, context};

use super::{objection, open, record};
use crate::gate::Gate;
use crate::pipeline;
use crate::reader;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::requests::complaints;
use crate::web::visitor::Visitor;
use crate::web::{Desk, page, words};

/// `GET /cases/{id}/print`: the whole case on one page. That it was taken out is an entry first.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Cases)?;
    let gate = &desk.gate;
    let view = open(gate, by, &id, "print of the whole case").await?;
    let case = pipeline::load(gate, &id).await?;
    let content = context! {
        printed_at => page::value(gate.clock.now()),
        printed_by => by.name.clone(),
        objection => objection(gate, &case).await?,
        timeline => page::value(reader::timeline(gate, &case).await?),
        complaints => complaints(gate, &case),
        ..record(gate, &view)
    };
    let title = format!("Case {}", view.case);
    Ok(visitor.page("cases/print.html", &title, "cases", content))
}

/// `GET /cases/{id}/letter`: what the agency is told of a refusal, as a letter.
pub async fn letter(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Cases)?;
    open(&desk.gate, by, &id, "letter of refusal").await?;
    let case = pipeline::load(&desk.gate, &id).await?;
    letter_page(&desk.gate, &visitor, &case, &format!("/cases/{id}"))
}

/// The letter, made from the outward answer alone, so that the agency's copy and the controller's are one.
pub fn letter_page(
    gate: &Gate,
    visitor: &Visitor,
    case: &disclosure::Case,
    back: &str,
) -> Result<Response, Oops> {
    let told = answer(case, gate.clock.now());
    if !matches!(told.status, "refused" | "invalid") {
        let oops = Oops::not_now("There is a letter only where a request was refused or returned.");
        return Err(oops.then(back.to_owned(), "Back"));
    }
    let requester = &case.request.requester;
    let content: Value = context! {
        back,
        answer => page::value(&told),
        agency => words::organization(&requester.organization),
        agency_reference => case.request.agency_reference.clone(),
        to => requester.name.clone(),
        received_at => page::value(case.received_at),
        agreement => case.agreement.as_ref().map(|agreement| agreement.name.clone()),
        answered_at => page::value(case.answer_at),
        complaints => complaints(gate, case),
    };
    Ok(visitor.page("cases/letter.html", "Letter", "", content))
}
