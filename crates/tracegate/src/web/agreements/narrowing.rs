//! A guardian takes fields, purposes or offences away: choose, look at the proof and what it catches, confirm.

use std::collections::BTreeSet;
use std::sync::Arc;

use agreement::{Comparison, Library, TakenAway, Version};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::Actor;
use minijinja::{Value, context};

use super::find;
use crate::gate::Gate;
use crate::pipeline::StepError;
use crate::pipeline::narrowing::{self, Caught, Narrowing, NarrowingError};
use crate::reader::LIST_LINES_MAX;
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};
use crate::web::{page, words};

const FORM: &str = "agreements/narrow.html";
const CHECK: &str = "agreements/narrow_check.html";

/// `GET /agreements/{agreement}/{version}/narrowing`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((agreement, version)): Path<(String, String)>,
) -> Result<Response, Oops> {
    visitor.enter(Room::Suspension)?;
    let library = desk.gate.agreements();
    let version = find(&library, &agreement, &version)?;
    let content = content(&desk.gate, &library, version, &Fields::default(), &[]).await?;
    Ok(visitor.page(FORM, &title(version), "agreements", content))
}

/// `POST /agreements/{agreement}/{version}/narrowing`: step `check`, `change` or `confirm`.
pub async fn take(
    State(desk): State<Arc<Desk>>,
    Path((agreement, version)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Suspension)?;
    let gate = &desk.gate;
    let library = gate.agreements();
    let version = find(&library, &agreement, &version)?;
    let again = async |errors: &[FieldError]| {
        let form = content(gate, &library, version, fields, errors).await?;
        Ok(visitor.page_again(FORM, &title(version), "agreements", form))
    };
    let errors = missing(fields);
    if !errors.is_empty() || fields.text("step") == "change" {
        return again(&errors).await;
    }
    let checked = match check(gate, &library, version, fields, by).await? {
        Ok(checked) => checked,
        Err(problem) => return again(&[FieldError::new("fields", problem)]).await,
    };
    if fields.text("step") != "confirm" {
        let content = checked_content(version, fields, &checked);
        return Ok(visitor.page(CHECK, &title(version), "agreements", content));
    }
    posted.proven()?;
    let shelf = (&gate.store, gate.settings.agreements.as_path(), &*library);
    let entered = narrowing::narrow(shelf, &checked.narrowing(version), by, gate.clock.now()).await;
    entered.map_err(|error| oops(error, version))?;
    Ok(Redirect::to(&format!("/agreements/{}", version.id)).into_response())
}

/// What is about to be entered, proved, with the open cases that it catches.
struct Checked {
    rules: String,
    reason: String,
    proof: Comparison,
    caught: Vec<Caught>,
}

impl Checked {
    fn narrowing<'a>(&'a self, version: &'a Version) -> Narrowing<'a> {
        Narrowing {
            id: &version.id,
            rules: self.rules.clone(),
            reason: &self.reason,
            source: "entered at the desk",
        }
    }
}

/// The proof, or why there is none in words for the guardian.
async fn check(
    gate: &Gate,
    library: &Library,
    version: &Version,
    fields: &Fields,
    by: &Actor,
) -> Result<Result<Checked, String>, StepError> {
    let now = gate.clock.now();
    let bound = library.version_at(&version.id, now).unwrap_or(version);
    let rules = match taken_away(fields).rules(bound) {
        Ok(rules) => rules,
        Err(problem) => return Ok(Err(problem)),
    };
    let reason = fields.lines("reason");
    let narrowing = Narrowing {
        id: &version.id,
        rules: rules.clone(),
        reason: &reason,
        source: "",
    };
    let (after, _, proof) = match narrowing::proved(library, &narrowing, by, now) {
        Ok(proved) => proved,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let narrowed = after.version_at(&version.id, now).unwrap_or(version);
    let caught = narrowing::caught(gate, bound, narrowed).await?;
    Ok(Ok(Checked {
        rules,
        reason,
        proof,
        caught,
    }))
}

fn taken_away(fields: &Fields) -> TakenAway {
    let chosen = |name| fields.all(name).into_iter().collect::<BTreeSet<String>>();
    TakenAway {
        fields: chosen("fields"),
        purposes: chosen("purposes"),
        offences: chosen("offences"),
    }
}

fn missing(fields: &Fields) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if taken_away(fields) == TakenAway::default() {
        let message = "Choose what is taken away; to stop everything, suspend the version";
        errors.push(FieldError::new("fields", message));
    }
    if fields.text("reason").is_empty() {
        errors.push(FieldError::new("reason", "Write down the reason"));
    }
    errors
}

fn oops(error: NarrowingError, version: &Version) -> Oops {
    let oops = match error {
        NarrowingError::Arrow(error) => StepError::from(error).into(),
        NarrowingError::Store(error) => StepError::from(error).into(),
        NarrowingError::NotGuardian | NarrowingError::Refused(_) | NarrowingError::Changed => {
            Oops::changed()
        }
        NarrowingError::Log(error) => {
            tracing::error!(%error, agreement = %version.id, "a narrowing was not entered");
            Oops::not_now(
                "The status log cannot be written. Nothing was changed; tell whoever runs the service.",
            )
        }
    };
    oops.then(
        format!("/agreements/{}", version.id),
        "Look at the agreement",
    )
}

fn title(version: &Version) -> String {
    format!("Narrow {}", version.id)
}

/// The form: what the version lists, as it binds now.
async fn content(
    gate: &Gate,
    library: &Library,
    version: &Version,
    fields: &Fields,
    errors: &[FieldError],
) -> Result<Value, StepError> {
    let bound = library.version_at(&version.id, gate.clock.now());
    let every = TakenAway::everything(bound.unwrap_or(version));
    let options = |codes: &BTreeSet<String>, say: fn(&str) -> String| {
        let options = codes
            .iter()
            .map(|code| context! { code, words => say(code) });
        options.collect::<Vec<Value>>()
    };
    Ok(context! {
        name => version.id.to_string(),
        agreement_title => version.terms.title.clone(),
        state => super::state(gate, library, version).await?.code(),
        fields => options(&every.fields, words::field),
        purposes => options(&every.purposes, words::label),
        offences => options(&every.offences, words::label),
        f => fields.shown(errors),
    })
}

fn checked_content(version: &Version, fields: &Fields, checked: &Checked) -> Value {
    context! {
        name => version.id.to_string(),
        agreement_title => version.terms.title.clone(),
        clauses => page::value(&checked.proof.narrowings),
        rules => checked.rules.as_str(),
        reason => checked.reason.as_str(),
        caught => checked.caught.iter().map(page::value).collect::<Vec<_>>(),
        longest => LIST_LINES_MAX,
        carried => fields.carried(),
    }
}
