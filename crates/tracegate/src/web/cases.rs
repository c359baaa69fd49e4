//! The controller's desk: the queue, and a case with its checks, candidates and timeline.

pub mod compare;
pub mod print;
pub mod queue;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::check::CheckResult;
use disclosure::{Actor, Case, Role};
use minijinja::{Value, context};

use super::access::Room;
use super::oops::Oops;
use super::requests::answers;
use super::visitor::{Posted, Visitor};
use super::{Desk, casework, emergency, page};
use crate::gate::Gate;
use crate::pipeline::{self, StepError, casework as recalls, judgement, trace, wishes};
use crate::reader::{self, CaseView};

/// `GET /cases/{id}`: the whole case. Opening it is recorded, and the page says so.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Cases)?;
    let gate = &desk.gate;
    let view = open(gate, by, &id, "case page").await?;
    let case = pipeline::load(gate, &id).await?;
    let content = context! {
        opened_at => page::value(gate.clock.now()),
        seen_by => seen_by(gate, &case).await?,
        objection => objection(gate, &case).await?,
        steps => steps(by, &view, &case),
        hands => hands(by, &case),
        recall_reasons => recalls::RECALL_REASONS.to_vec(),
        ..record(gate, &view)
    };
    let title = format!("Case {}", view.case);
    Ok(visitor.page("cases/case.html", &title, "cases", content))
}

/// What is on record of a case, as the view has it, on the screen and on paper.
fn record(gate: &Gate, view: &CaseView) -> Value {
    context! {
        facts => facts(view),
        checks => checks(gate, view),
        trace => trace_summary(view),
        // A protected person is looked at behind the warning, and not on paper.
        comparison => comparison(view, false),
        draft => page::value(&view.draft),
        view => page::value(view),
    }
}

/// What the person found says themselves, for whoever decides.
pub async fn objection(gate: &Gate, case: &Case) -> Result<Option<String>, StepError> {
    let Some(found) = case.concerned().found else {
        return Ok(None);
    };
    let objection = wishes::objection(gate, &found).await?;
    Ok(objection.map(|objection| objection.text))
}

/// Opens a case for the controller's desk. Staff of the agency that asked have no desk here.
pub async fn open(gate: &Gate, by: &Actor, id: &str, why: &str) -> Result<CaseView, Oops> {
    let view = reader::open(gate, by, id, why).await?;
    if view.state.is_some() {
        Ok(view)
    } else {
        Err(Oops::not_found())
    }
}

/// Who has looked at the case, each time an entry of the log.
async fn seen_by(gate: &Gate, case: &Case) -> Result<Vec<Value>, StepError> {
    let lines = reader::timeline(gate, case).await?;
    let looks = lines.iter().filter(|line| line.is_look);
    Ok(looks.rev().map(page::value).collect())
}

/// What was asked, and by whom, as rows to read.
pub fn facts(view: &CaseView) -> Vec<Value> {
    view.request.as_ref().map(answers::rows).unwrap_or_default()
}

fn is_second(by: &Actor, view: &CaseView) -> bool {
    by.role == Role::Guardian && view.state == Some("guardian_review")
}

/// Who has the case in hand, and what this person may do about it.
fn hands(by: &Actor, case: &Case) -> Value {
    let holder = case.assignee.as_ref();
    let holds = holder.is_some_and(|holder| holder.is(by));
    let waits = case.state.is_open() || case.state.code() == "emergency_pending";
    let staff = waits && Room::Staff.admits(by.role);
    let colleague = |other: Actor| context! { code => other.id, words => other.name };
    context! {
        holder => holder.map(|holder| holder.name.clone()),
        f => super::visitor::Fields::default().shown(&[]),
        holds,
        take => staff && !holds,
        back => staff && holder.is_some() && (holds || by.role == Role::Guardian),
        to => (staff && holds).then(|| casework::colleagues(by).map(colleague).collect::<Vec<_>>()),
    }
}

/// What this person can do next.
fn steps(by: &Actor, view: &CaseView, case: &Case) -> Value {
    let state = view.state.unwrap_or_default();
    let caseworker = Room::Casework.admits(by.role);
    let staff = Room::Staff.admits(by.role);
    let disclosed = case.state.disclosed();
    let copied = disclosed.is_some_and(|disclosed| disclosed.release.collected.is_some());
    context! {
        ask => caseworker && state == "checked",
        recall => staff && matches!(state, "released" | "released_part" | "outcome_due"),
        destruction => staff && state == "recalled" && !copied,
        emergency => emergency::step(by, case),
        answer => caseworker && state == "submitted",
        trace => caseworker && state == "checked",
        decide => caseworker && state == "casework_review",
        review => is_second(by, view),
    }
}

/// Every clause with its title, its answer, and whether it waits for a person.
pub fn checks(gate: &Gate, view: &CaseView) -> Vec<Value> {
    let Some(checks) = &view.checks else {
        return Vec::new();
    };
    let id = view.agreement.as_ref().and_then(|name| name.parse().ok());
    let library = gate.agreements();
    let version = id.and_then(|id| library.version_at(&id, gate.clock.now()));
    let title = |number: &str| {
        let clauses = version.map_or(&[][..], |version| &version.clauses);
        let clause = clauses.iter().find(|clause| clause.number == number);
        clause
            .map(|clause| clause.title.clone())
            .unwrap_or_default()
    };
    let answers = checks.answers.iter();
    answers
        .map(|check| {
            context! {
                title => title(&check.clause),
                waits => check.blocking && check.result == CheckResult::NeedsHuman,
                weighed => !check.blocking && check.result == CheckResult::NeedsHuman,
                check => page::value(check),
            }
        })
        .collect()
}

/// How the trace ended, without a word on the people examined.
pub fn trace_summary(view: &CaseView) -> Option<Value> {
    let trace = view.trace.as_ref()?;
    Some(context! {
        outcome => page::value(trace.outcome),
        engine => trace.engine.clone(),
        examined => trace.examined,
        tracer => trace.tracer.name.clone(),
        at => page::value(trace.at),
        index_version => trace.index_version.clone(),
        protected => trace.candidates.iter().any(|candidate| candidate.restricted),
        candidates => trace.candidates.len(),
    })
}

/// The candidates side by side. With a protected record among them only after the interruption.
pub fn comparison(view: &CaseView, warned: bool) -> Option<Value> {
    let trace = view
        .trace
        .as_ref()
        .filter(|trace| !trace.candidates.is_empty())?;
    let protected = trace
        .candidates
        .iter()
        .any(|candidate| candidate.restricted);
    (warned || !protected).then(|| compare::table(trace))
}

/// `POST /cases/{id}/clauses`: a person answers a clause.
pub async fn answer_clause(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Casework)?;
    let fields = &posted.fields;
    let back = |oops: Oops| oops.then(format!("/cases/{id}"), "Back to the case");
    let result = match fields.text("answer") {
        "met" => CheckResult::Pass,
        "not_met" => CheckResult::Fail,
        _ => return Err(back(Oops::unreadable("Choose whether the clause is met."))),
    };
    let clause = fields.text("clause");
    let reason = fields.lines("reason");
    let seen = (id.as_str(), fields.seen()?);
    judgement::answer_clause(&desk.gate, by, seen, clause, result, &reason)
        .await
        .map_err(|error| back(error.into()))?;
    Ok(Redirect::to(&format!("/cases/{id}")).into_response())
}

/// `POST /cases/{id}/trace`: a person starts the trace that the gate may not start by itself.
pub async fn start_trace(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Casework)?;
    let back = |oops: Oops| oops.then(format!("/cases/{id}"), "Back to the case");
    let case = pipeline::load(&desk.gate, &id).await?;
    if case.version != posted.fields.seen()? {
        return Err(back(Oops::changed()));
    }
    trace::start(&desk.gate, &id, by)
        .await
        .map_err(|error| back(error.into()))?;
    Ok(Redirect::to(&format!("/cases/{id}")).into_response())
}

/// `GET /cases/{id}/candidates`: the interruption before a protected record is shown.
pub async fn candidates(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Cases)?;
    let view = open(&desk.gate, by, &id, "candidates, before the warning").await?;
    if comparison(&view, false).is_some() || comparison(&view, true).is_none() {
        return Ok(Redirect::to(&format!("/cases/{id}")).into_response());
    }
    let content =
        context! { id => id.as_str(), state => view.state, comparison => (), summary => () };
    let title = format!("Protected record in case {id}");
    Ok(visitor.page("cases/protected.html", &title, "cases", content))
}

/// `POST /cases/{id}/candidates`: past the interruption, with a coded reason on record.
pub async fn protected_candidates(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let visitor = &posted.visitor;
    let by = visitor.enter(Room::Cases)?;
    let why = match posted.fields.text("why") {
        "deciding" => "protected record, to decide the case",
        "checking" => "protected record, to check the trace",
        "oversight" => "protected record, for oversight",
        _ => {
            let address = format!("/cases/{id}/candidates");
            let oops = Oops::unreadable("Choose why you need to see the record.");
            return Err(oops.then(address, "Back"));
        }
    };
    let view = open(&desk.gate, by, &id, why).await?;
    let content = context! {
        id => id.as_str(),
        state => view.state,
        comparison => comparison(&view, true),
        summary => trace_summary(&view),
    };
    let title = format!("Candidates of case {id}");
    Ok(visitor.page("cases/protected.html", &title, "cases", content))
}
