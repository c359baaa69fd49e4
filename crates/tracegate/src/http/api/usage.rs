//! `/api/v1/tracker`: who asked about one person, in the shape of Estonia's data tracker, version 2
//! (github.com/e-gov/AJ, `dumonitor-openapi-v2.yaml`). For a subjects' portal, which checks who a
//! person is and stores nothing.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use disclosure::{Actor, Role};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::SubjectEntry;

use crate::gate::Gate;
use crate::http::Problem;
use crate::http::auth::Caller;
use crate::pipeline::StepError;
use crate::pipeline::subject::{self, Reading};
use crate::told;
use crate::web::words;

/// Longest personal code taken from a header or an address.
const CODE_CHARS_MAX: usize = 64;

/// What is asked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Asked {
    user_code: String,
    period_start: Option<Timestamp>,
    period_end: Option<Timestamp>,
    #[serde(default)]
    offset: usize,
    #[serde(default = "thousand")]
    limit: usize,
}

fn thousand() -> usize {
    1000
}

/// Usages, newest first.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usages {
    total_usages: usize,
    usages: Vec<Usage>,
}

/// One processing of the person's data.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    logtime: Timestamp,
    action: String,
    receiver_code: String,
    receiver_name: String,
    receiver_system: &'static str,
}

/// Who asked the portal: the person, or somebody who may act for them.
pub struct PortalUser(String);

impl<S: Sync> FromRequestParts<S> for PortalUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<PortalUser, Problem> {
        let value = parts.headers.get("x-road-userid");
        let user = value.and_then(|value| value.to_str().ok()).map(str::trim);
        let user = user.filter(|user| !user.is_empty() && user.len() <= CODE_CHARS_MAX);
        user.map(|user| PortalUser(user.to_owned())).ok_or_else(|| {
            Problem::unreadable("send `X-Road-UserId` with the code of who asked the portal")
        })
    }
}

/// `GET /tracker/findUsage`: what is on record about one person. Asking is an entry of it, also when
/// somebody else asks for them.
pub async fn find(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
    PortalUser(user): PortalUser,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Usages>, Problem> {
    require(&by)?;
    // The rejection's own text would repeat the address, and the code in it.
    let unreadable = |_| Problem::unreadable("the parameters of `findUsage` cannot be read");
    let Query(asked) = query.map_err(unreadable)?;
    let reading = Reading {
        code: &asked.user_code,
        reader: Some(&user),
        why: "asked through a portal",
        by: &by,
        now: gate.clock.now(),
        key: &gate.chance.token(),
    };
    let Some((_, log)) = subject::read(&gate.store, &gate.people().index, &reading).await? else {
        return Ok(Json(Usages {
            total_usages: 0,
            usages: Vec::new(),
        }));
    };
    let within = |entry: &&SubjectEntry| {
        let at = entry.row.at;
        asked.period_start.is_none_or(|start| at >= start)
            && asked.period_end.is_none_or(|end| at <= end)
    };
    let entries = log.entries.iter().rev().filter(within);
    let mut usages: Vec<Usage> = entries.map(usage).collect();
    // What was told later comes where it happened.
    usages.sort_by_key(|usage| std::cmp::Reverse(usage.logtime));
    let total_usages = usages.len();
    let page = usages.into_iter().skip(asked.offset);
    Ok(Json(Usages {
        total_usages,
        usages: page.take(asked.limit).collect(),
    }))
}

fn usage(entry: &SubjectEntry) -> Usage {
    let receiver = told::receiver(&entry.facts);
    Usage {
        logtime: entry.row.at,
        action: told::sentence(entry.row.kind, &entry.facts),
        receiver_code: receiver.to_owned(),
        receiver_name: words::organization(receiver),
        receiver_system: "Tracegate",
    }
}

/// Since when there is anything to ask.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Period {
    period_start: Timestamp,
}

/// `GET /tracker/usagePeriod`: since the first entry of the log; until now.
pub async fn period(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
) -> Result<Json<Period>, Problem> {
    require(&by)?;
    let first = gate.store.entries(0, 1).await.map_err(StepError::from)?;
    let period_start = first
        .first()
        .map_or_else(|| gate.clock.now(), |entry| entry.at);
    Ok(Json(Period { period_start }))
}

/// Whether it can be asked.
#[derive(Serialize)]
pub struct Heartbeat {
    status: &'static str,
    message: String,
}

/// `GET /tracker/heartbeat`.
pub async fn heartbeat(
    State(gate): State<Arc<Gate>>,
    Caller(by): Caller,
) -> Result<Json<Heartbeat>, Problem> {
    require(&by)?;
    let (status, message) = match gate.store.ledger_size().await {
        Ok(size) => ("OK", format!("{size} entries in the log")),
        Err(_) => ("FAIL", "the log cannot be read".to_owned()),
    };
    Ok(Json(Heartbeat { status, message }))
}

fn require(by: &Actor) -> Result<(), Problem> {
    if by.role == Role::SubjectAccess {
        return Ok(());
    }
    let message = "only a portal of the role `subject_access` may ask what is on record of people";
    Err(Problem::forbidden(message))
}
