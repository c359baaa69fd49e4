//! When the people of a case are told: what is deferred, renewing it, telling them now.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::deferral::{Deferral, DeferralGround, DeferralTerms};
use disclosure::{Actor, Case, Role};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::{Value, context};
use store::CaseFilter;

use super::access::Room;
use super::oops::Oops;
use super::requests::form::whole_date;
use super::visitor::{FieldError, Fields, Posted, Visitor};
use super::{Desk, page};
use crate::gate::Gate;
use crate::pipeline::suspension::all;
use crate::pipeline::{StepError, deferral, load};

const TEMPLATE: &str = "cases/deferral.html";
const SECTION: &str = "deferrals";

/// `GET /deferrals`: every case whose people are told later, the next to end first.
pub async fn list(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    visitor.enter(Room::Cases)?;
    let gate = &desk.gate;
    let open = CaseFilter {
        deferred_by: Some(Timestamp::MAX),
        ..CaseFilter::default()
    };
    let mut cases = Vec::new();
    for row in all(gate, &open).await? {
        cases.push(load(gate, &row.id).await?);
    }
    cases.sort_by_key(Case::deferred_until);
    let count = gate.store.deferred().await.map_err(StepError::from)?;
    let content = context! {
        lines => cases.iter().map(line).collect::<Vec<_>>(),
        entries => count.entries,
        people => count.people,
    };
    let title = "Entries people are told of later";
    Ok(visitor.page("deferrals.html", title, SECTION, content))
}

fn line(case: &Case) -> Value {
    context! {
        case => case.id.clone(),
        agency => case.request.requester.organization.clone(),
        deferral => page::value(&case.deferral),
    }
}

/// `GET /cases/{id}/deferral`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Cases)?;
    let case = load(&desk.gate, &id).await?;
    let terms = deferral::terms(&desk.gate, &case, desk.gate.clock.now());
    let content = content(&case, &terms, by, &Fields::default(), &[]);
    Ok(visitor.page(TEMPLATE, &title(&id), SECTION, content))
}

/// `POST /cases/{id}/deferral`: step `defer`, `renew` or `end`.
pub async fn take(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Staff)?;
    let seen = (id.as_str(), fields.seen()?);
    let here = format!("/cases/{id}/deferral");
    posted.proven()?;
    let done = match fields.text("step") {
        "end" => deferral::end(&desk.gate, by, seen).await,
        step => match read(fields, step == "renew") {
            Err(errors) => {
                let case = load(&desk.gate, &id).await?;
                let terms = deferral::terms(&desk.gate, &case, desk.gate.clock.now());
                let again = content(&case, &terms, by, fields, &errors);
                return Ok(visitor.page_again(TEMPLATE, &title(&id), SECTION, again));
            }
            Ok(said) => said.take(&desk.gate, by, seen).await,
        },
    };
    done.map_err(|error| Oops::from(error).then(here.clone(), "Back"))?;
    Ok(Redirect::to(&here).into_response())
}

/// A filled-in form.
struct Said {
    /// None: the ground stays as it is.
    ground: Option<DeferralGround>,
    until: Timestamp,
    reason: String,
}

impl Said {
    async fn take(self, gate: &Gate, by: &Actor, seen: (&str, u64)) -> Result<(), StepError> {
        match self.ground {
            None => deferral::renew(gate, by, seen, self.until, &self.reason).await,
            Some(ground) => {
                let term = (ground, self.until);
                deferral::defer(gate, by, seen, term, &self.reason).await
            }
        }
    }
}

fn read(fields: &Fields, renews: bool) -> Result<Said, Vec<FieldError>> {
    let mut errors = Vec::new();
    let ground = DeferralGround::from_code(fields.text("ground"));
    if ground.is_none() && !renews {
        errors.push(FieldError::new("ground", "Choose a ground"));
    }
    let day = whole_date(fields, "until", &mut errors);
    let until = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    if until.is_none() && errors.is_empty() {
        errors.push(FieldError::new("until", "Say until when"));
    }
    let reason = fields.lines("reason");
    if reason.is_empty() {
        errors.push(FieldError::new("reason", "Write down the reason"));
    }
    match until {
        Some(until) if errors.is_empty() => Ok(Said {
            ground: ground.filter(|_| !renews),
            until: until.timestamp(),
            reason,
        }),
        _ => Err(errors),
    }
}

fn title(id: &str) -> String {
    format!("When the people of {id} are told")
}

fn content(
    case: &Case,
    terms: &DeferralTerms,
    by: &Actor,
    fields: &Fields,
    errors: &[FieldError],
) -> Value {
    let deferral = case.deferral.as_ref();
    let open = deferral.is_some_and(Deferral::is_open);
    let rests_on = deferral.is_some_and(|deferral| deferral.rests_on(by));
    let guardian = by.role == Role::Guardian;
    let untold = case.concerned().compared.is_empty() && case.state.is_open();
    let may_defer = deferral.is_none() && untold && by.role.is_staff();
    let grounds = terms.grounds.iter().map(|ground| {
        let code = ground.code();
        context! { code, words => super::words::label(code) }
    });
    context! {
        id => case.id.clone(),
        seen => case.version,
        state => case.state.code(),
        deferral => page::value(deferral),
        open,
        may_defer => may_defer && !terms.grounds.is_empty(),
        never => may_defer && terms.grounds.is_empty(),
        may_renew => open && guardian && !rests_on,
        may_end => open && guardian,
        rests_on => open && guardian && rests_on,
        days => terms.days_max,
        grounds => grounds.collect::<Vec<_>>(),
        f => fields.shown(errors),
    }
}
