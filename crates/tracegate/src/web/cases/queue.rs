//! The queue: which cases, by what may be known of them without a name. Nothing here sorts or filters by
//! protection, by the outcome of a trace or by anything else about the person.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::Actor;
use disclosure::request::Priority;
use jiff::{SignedDuration, Timestamp};
use minijinja::{Value, context};
use serde::Deserialize;
use store::CaseFilter;

use crate::gate::Gate;
use crate::personas;
use crate::pipeline::StepError;
use crate::reader::{self, QueueLine};
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::visitor::{Fields, Visitor};
use crate::web::{Desk, page, search};

/// States of cases whose requester waits, in the order of their way.
const OPEN_STATES: [&str; 7] = [
    "submitted",
    "checked",
    "tracing",
    "casework_review",
    "guardian_review",
    "clarification",
    "held_suspension",
];

/// States of cases whose requester's wait has ended.
const ENDED_STATES: [&str; 12] = [
    "emergency_pending",
    "released",
    "released_part",
    "outcome_due",
    "forwarded",
    "no_result",
    "refused",
    "invalid",
    "recalled",
    "withdrawn",
    "expired",
    "closed",
];

/// A deadline this near is soon: one working week.
const SOON: SignedDuration = SignedDuration::from_hours(24 * 7);

/// What the queue shows. Whatever is not among the known values is no filter.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Filter {
    state: String,
    agreement: String,
    hands: String,
    priority: String,
    deadline: String,
    reference: String,
    after: String,
}

/// `GET /cases`: the queue, or straight to the case with a reference.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Query(asked): Query<Filter>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Cases)?;
    let gate = &desk.gate;
    if let Some(reference) = search::given(&asked.reference) {
        return find(gate, by, &reference).await;
    }
    let now = gate.clock.now();
    let filter = asked.read(by, now);
    let counts = open_counts(gate).await?.into_iter();
    let counts: Vec<Value> = counts
        .map(|(code, count)| context! { code, count })
        .collect();
    let after = asked.after.parse().ok();
    let (lines, next) = reader::queue(gate, &filter, after.as_ref(), reader::PAGE_LINES).await?;
    let content = context! {
        lines => lines.into_iter().map(|line| line_of(by, line, now)).collect::<Vec<_>>(),
        begins => after.is_none(),
        next => next.map(|next| next.to_string()),
        state => filter.state.clone(),
        counts,
        ended_states => ENDED_STATES.to_vec(),
        agreements => agreements(gate, now),
        f => asked.said().shown(&[]),
    };
    Ok(visitor.page("cases/queue.html", "Cases", "cases", content))
}

/// `GET /cases/counts`: the numbers beside the states, by their codes, for a queue that stays open.
pub async fn counts(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    visitor.enter(Room::Cases)?;
    let counts: BTreeMap<_, _> = open_counts(&desk.gate).await?.into_iter().collect();
    Ok(Json(counts).into_response())
}

/// How many cases whose requester waits stand in each state, in the order of their way.
async fn open_counts(gate: &Gate) -> Result<Vec<(&'static str, u64)>, StepError> {
    let counted = gate.store.open_counts().await?;
    let count = |code: &str| counted.iter().find(|(state, _)| state == code);
    let counts = OPEN_STATES.map(|code| (code, count(code).map_or(0, |(_, count)| *count)));
    Ok(counts.to_vec())
}

/// The case with exactly this reference. Opening it is an entry, and so is a search for none.
async fn find(gate: &Gate, by: &Actor, reference: &str) -> Result<Response, Oops> {
    let found = gate.store.case(reference).await.map_err(StepError::from)?;
    if let Some(case) = found {
        return Ok(Redirect::to(&format!("/cases/{}", case.id)).into_response());
    }
    search::missed(gate, by).await?;
    Err(Oops::not_found().then("/cases", "Back to the queue"))
}

impl Filter {
    /// What the store is asked.
    fn read(&self, by: &Actor, now: Timestamp) -> CaseFilter {
        let mut states = OPEN_STATES.into_iter().chain(ENDED_STATES);
        let state = states.find(|known| *known == self.state);
        let mine = self.hands == "mine";
        let expires_by = match self.deadline.as_str() {
            "soon" => now.checked_add(SOON).ok(),
            _ => None,
        };
        CaseFilter {
            ended: state.is_none().then_some(false),
            state: state.map(str::to_owned),
            agreement: Some(self.agreement.clone()).filter(|name| !name.is_empty()),
            assignee: mine.then(|| by.id.clone()),
            assigned: (self.hands == "nobody").then_some(false),
            priority: match self.priority.as_str() {
                "routine" => Some(Priority::Routine),
                "priority" => Some(Priority::Priority),
                "emergency" => Some(Priority::Emergency),
                _ => None,
            },
            expires_by,
            ..CaseFilter::default()
        }
    }

    /// As the form shows it again.
    fn said(&self) -> Fields {
        let said = [
            ("state", &self.state),
            ("agreement", &self.agreement),
            ("hands", &self.hands),
            ("priority", &self.priority),
            ("deadline", &self.deadline),
        ];
        let said = said.into_iter().filter(|(_, value)| !value.is_empty());
        Fields(
            said.map(|(name, value)| (name.to_owned(), value.clone()))
                .collect(),
        )
    }
}

/// Names of the agreement versions there are.
fn agreements(gate: &Gate, now: Timestamp) -> Vec<Value> {
    let library = gate.agreements();
    let agreed = library
        .versions()
        .filter(|version| library.status_at(&version.id, now) != agreement::Status::Draft);
    let names = agreed.map(|version| version.id.to_string());
    names
        .map(|name| context! { code => name.as_str(), words => name.as_str() })
        .collect()
}

/// A line, with who has the case in hand by name and how near its end is.
fn line_of(by: &Actor, line: QueueLine, now: Timestamp) -> Value {
    let left = line.expires_at.duration_since(now);
    let mine = line.assignee.as_deref() == Some(by.id.as_str());
    let hands = line
        .assignee
        .as_deref()
        .map(|id| personas::find(id).map_or_else(|| id.to_owned(), |actor| actor.name));
    let deadline = match left {
        left if left <= SignedDuration::ZERO => "overdue",
        left if left <= SOON => "soon",
        _ => "",
    };
    let urgent = (line.priority != Priority::Routine).then(|| page::value(line.priority));
    context! { mine, hands, deadline, urgent, line => page::value(line) }
}
