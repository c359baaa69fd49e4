//! Erasure: one of the staff proposes, a guardian who is somebody else looks at what goes and confirms.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::arrows::ErasureGround;
use disclosure::{Actor, Role};
use minijinja::{Value, context};

use super::access::Room;
use super::oops::Oops;
use super::visitor::{FieldError, Fields, Posted, Visitor};
use super::{Desk, page, words};
use crate::gate::Gate;
use crate::pipeline::StepError;
use crate::pipeline::erasure::{self, Erasure, Proposal, Standing};

const TITLE: &str = "Erasure";
const SECTION: &str = "erasure";
const PATH: &str = "/erasure";

/// `GET /erasure`: what is proposed and done, and the form to propose.
pub async fn list(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Staff)?;
    let content = content(&desk.gate, by, &Fields::default(), &[]).await?;
    Ok(visitor.page("erasure/list.html", TITLE, SECTION, content))
}

/// `POST /erasure`: step `propose`, `check` or `confirm`.
pub async fn take(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Staff)?;
    let gate = &desk.gate;
    let ground = match read(fields) {
        Ok(ground) => ground,
        Err(errors) => {
            let again = content(gate, by, fields, &errors).await?;
            return Ok(visitor.page_again("erasure/list.html", TITLE, SECTION, again));
        }
    };
    let case = fields.text("case");
    let erasure = Erasure {
        case,
        ground,
        by,
        now: gate.clock.now(),
    };
    if fields.text("step") == "check" {
        return check(gate, visitor, by, case).await;
    }
    posted.proven()?;
    let done = match fields.text("step") {
        "confirm" => erasure::confirm(&gate.store, &erasure).await,
        _ => erasure::propose(&gate.store, &erasure).await,
    };
    done.map_err(|error| Oops::from(error).then(PATH, "Back to erasure"))?;
    Ok(Redirect::to(PATH).into_response())
}

/// What goes, before it does.
async fn check(gate: &Gate, visitor: &Visitor, by: &Actor, case: &str) -> Result<Response, Oops> {
    let proposals = erasure::proposals(&gate.store).await?;
    let waits = |one: &&Proposal| one.case == case && one.standing == Standing::Waits;
    let Some(proposal) = proposals.iter().find(waits) else {
        let oops = Oops::not_now("Nothing is proposed for this case as it is now.");
        return Err(oops.then(PATH, "Back to erasure"));
    };
    let content = shown(gate, by, proposal);
    Ok(visitor.page("erasure/check.html", TITLE, SECTION, content))
}

fn read(fields: &Fields) -> Result<ErasureGround, Vec<FieldError>> {
    let mut errors = Vec::new();
    if fields.text("case").is_empty() {
        errors.push(FieldError::new("case", "Give the reference of a case"));
    }
    let ground = ErasureGround::from_code(fields.text("ground"));
    if ground.is_none() {
        errors.push(FieldError::new("ground", "Choose a ground"));
    }
    ground.filter(|_| errors.is_empty()).ok_or(errors)
}

async fn content(
    gate: &Gate,
    by: &Actor,
    fields: &Fields,
    errors: &[FieldError],
) -> Result<Value, StepError> {
    let proposals = erasure::proposals(&gate.store).await?;
    let proposals = proposals.iter().map(|proposal| shown(gate, by, proposal));
    let grounds = ErasureGround::ALL.map(|ground| {
        let code = ground.code();
        context! { code, words => words::label(code) }
    });
    Ok(context! {
        proposals => proposals.collect::<Vec<_>>(),
        grounds => grounds.to_vec(),
        f => fields.shown(errors),
    })
}

fn shown(gate: &Gate, by: &Actor, proposal: &Proposal) -> Value {
    let name = gate.settings.actor(&proposal.by).map(|actor| actor.name);
    let other = by.role == Role::Guardian && proposal.by != by.id;
    context! {
        proposal => page::value(proposal),
        proposer => name.unwrap_or_else(|| proposal.by.clone()),
        may_confirm => other && proposal.standing == Standing::Waits,
    }
}
