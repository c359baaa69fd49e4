//! "An official asked me to...": what to say on the spot, and that it is counted.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use disclosure::approach::{Act, Routed};
use minijinja::{Value, context};

use super::{SECTION, codes, key, keyed};
use crate::pipeline::registration;
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};

const TITLE: &str = "An official asked me to …";

/// Who asks. A name would be one more thing to protect, and the counts do not need it.
const AGENCIES: [&str; 5] = [
    "home-office",
    "police",
    "council",
    "another-department",
    "not-said",
];

/// `GET /practice/approaches`.
pub async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    visitor.enter(Room::Practice)?;
    let content = content(&keyed(&desk), &[], Value::from(()));
    Ok(visitor.page("practice/approaches.html", TITLE, SECTION, content))
}

/// `POST /practice/approaches`: recorded, and answered with what to say.
pub async fn record(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Practice)?;
    let key = key(fields)?;
    let act = Act::from_code(fields.text("act"));
    let agency = AGENCIES
        .into_iter()
        .find(|known| *known == fields.text("agency"));
    let (Some(act), Some(agency)) = (act, agency) else {
        let missing = [(act.is_none(), "act"), (agency.is_none(), "agency")];
        let missing = missing.into_iter().filter(|(is, _)| *is);
        let errors: Vec<_> = missing
            .map(|(_, field)| FieldError::new(field, "Choose one of the answers"))
            .collect();
        let content = content(fields, &errors, Value::from(()));
        return Ok(visitor.page_again("practice/approaches.html", TITLE, SECTION, content));
    };
    registration::approached(&desk.gate, by, key, (act, agency)).await?;
    let content = content(&keyed(&desk), &[], advice(act));
    Ok(visitor.page("practice/approaches.html", TITLE, SECTION, content))
}

fn content(fields: &Fields, errors: &[FieldError], advice: Value) -> Value {
    let agencies = AGENCIES.map(|code| {
        let words = crate::web::words::organization(code);
        context! { code, words }
    });
    context! {
        key => fields.text("key"),
        f => fields.shown(errors),
        acts => codes(Act::ALL.map(Act::code)),
        agencies => agencies.to_vec(),
        advice,
    }
}

/// What to do, what to say, and the rule that says so.
fn advice(act: Act) -> Value {
    let (answer, say, rule) = match act.routed() {
        Routed::ActNotData => (
            "You need not do this. It is an act, not a question for data, and no agreement covers it.",
            "“We treat patients. We do not act for other agencies. Please write to the practice manager.”",
            "Published code act_not_data: an agreement lets an agency ask for named items of data about one \
             person. It never lets anybody have a doctor or a receptionist do something for them.",
        ),
        Routed::Gate => (
            "Do not answer, and do not say whether you know the person. The agency asks at the gate.",
            "“We cannot say anything about anybody. Please send a request through the tracing gate, where \
             two people decide about each one.”",
            "The rules of the published agreements: one person at a time, a named offense or purpose, two \
             signatures at the agency, two people at the controller. An address that is supplied is never \
             confirmed or denied.",
        ),
        Routed::Bulk => (
            "Do not hand over anything. There is no channel that takes a list.",
            "“No. Requests are about one named person each, and they go to the tracing gate.”",
            "Published code speculative_or_bulk: a request that names more than one person, or a group, is \
             returned unread by anybody.",
        ),
    };
    context! { act => act.code(), code => act.routed().code(), answer, say, rule, bulk_or_data => act.is_about_data() }
}
