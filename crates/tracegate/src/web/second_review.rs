//! The second person: writes an own view first, then sees the draft, then agrees or declines.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::decision::OwnView;
use disclosure::release::HeldRecord;
use disclosure::{Actor, Case};
use minijinja::context;

use super::access::Room;
use super::oops::Oops;
use super::visitor::{FieldError, Fields, Posted, Visitor};
use super::{Desk, cases, decision, page};
use crate::gate::Gate;
use crate::pipeline::release::{self, Verdict};
use crate::pipeline::{self, StepError, review};
use crate::reader::CaseView;

/// `GET /cases/{id}/second-review`: the first page until an own view is written, then the second.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::SecondReview)?;
    let opened = open(&desk.gate, by, &id).await?;
    let fields = Fields::default();
    match opened.own_view(by) {
        Some(own_view) => Ok(decide(
            &desk.gate,
            &visitor,
            &opened,
            own_view,
            (&fields, &[]),
        )),
        None => Ok(ask(&visitor, &opened, &fields, &[])),
    }
}

/// `POST /cases/{id}/second-review`: step `view` or `decide`.
pub async fn take(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::SecondReview)?;
    let opened = open(&desk.gate, by, &id).await?;
    let case = &opened.case;
    let back = |oops: Oops| oops.then(format!("/cases/{id}"), "Look at the case");
    let page = Redirect::to(&format!("/cases/{id}/second-review")).into_response();
    let own_view = match (fields.text("step") == "view", opened.own_view(by)) {
        (false, Some(own_view)) => own_view,
        // What has been written stands.
        (true, Some(_)) | (false, None) => return Ok(page),
        (true, None) => {
            let Some(own_view) = fields.given("own_view") else {
                let error = FieldError::new("own_view", "Write down your own view");
                return Ok(ask(visitor, &opened, fields, &[error]));
            };
            let seen = (id.as_str(), fields.seen()?);
            let written = review::write_own_view(&desk.gate, by, seen, &own_view).await;
            return written.map(|()| page).map_err(|error| back(error.into()));
        }
    };
    if fields.seen()? != case.version {
        return Err(back(Oops::changed()));
    }
    let verdict = match fields.text("verdict") {
        "agree" => Verdict::Agree,
        "decline" => Verdict::Decline,
        _ => {
            let error = [FieldError::new("verdict", "Choose whether you agree")];
            let said = (fields, &error[..]);
            return Ok(decide(&desk.gate, visitor, &opened, own_view, said));
        }
    };
    posted.proven()?;
    let seen = (id.as_str(), case.version);
    let reviewed =
        release::second_review(&desk.gate, by, seen, verdict, &fields.lines("changed")).await;
    reviewed.map_err(|error: StepError| back(error.into()))?;
    Ok(Redirect::to(&format!("/cases/{id}")).into_response())
}

/// A case that waits for a second person, and what is held of the person found.
struct Opened {
    view: CaseView,
    case: Case,
    held: Option<HeldRecord>,
    objection: Option<String>,
}

impl Opened {
    /// What this person has written down before they saw the draft.
    fn own_view(&self, by: &Actor) -> Option<&OwnView> {
        self.case.state.drafted()?.own_view(by)
    }
}

async fn open(gate: &Gate, by: &Actor, id: &str) -> Result<Opened, Oops> {
    let view = cases::open(gate, by, id, "second review").await?;
    let case = pipeline::load(gate, id).await?;
    if case.state.code() == "guardian_review" {
        return Ok(Opened {
            held: review::held(gate, &case).await?,
            objection: cases::objection(gate, &case).await?,
            view,
            case,
        });
    }
    let oops = Oops::not_now("The case does not wait for a second person.");
    Err(oops.then(format!("/cases/{id}"), "Look at the case"))
}

fn ask(visitor: &Visitor, opened: &Opened, fields: &Fields, errors: &[FieldError]) -> Response {
    let view = &opened.view;
    let content = context! {
        view => page::value(view),
        facts => cases::facts(view),
        trace => cases::trace_summary(view),
        objection => opened.objection.as_deref(),
        f => fields.shown(errors),
    };
    let title = format!("Second review of {}", view.case);
    let template = "second_review/own_view.html";
    if errors.is_empty() {
        visitor.page(template, &title, "cases", content)
    } else {
        visitor.page_again(template, &title, "cases", content)
    }
}

fn decide(
    gate: &Gate,
    visitor: &Visitor,
    opened: &Opened,
    own_view: &OwnView,
    (fields, errors): (&Fields, &[FieldError]),
) -> Response {
    let (view, case, held) = (&opened.view, &opened.case, opened.held.as_ref());
    let draft = view.draft.as_ref();
    let content = context! {
        view => page::value(view),
        facts => cases::facts(view),
        own_view => page::value(own_view),
        draft => page::value(draft),
        outgoing => draft.map(|draft| decision::outgoing(gate, (case, held), &draft.proposal)),
        f => fields.shown(errors),
    };
    let title = format!("Second review of {}", view.case);
    visitor.page("second_review/decide.html", &title, "cases", content)
}
