//! The toolkit: seven steps to answer for oneself, a certificate to put up, posters and leaflets in the
//! languages of the catalogue, with the practice's own name.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use minijinja::{Value, context};
use sheets::messages::{self, Language};
use sheets::{LEAFLET, POSTER, Sheet};

use super::{SECTION, practice};
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::page;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};

const TITLE: &str = "A safe practice in seven steps";

/// Field, question, what to do where the answer is no.
const STEPS: [(&str, &str, &str); 7] = [
    (
        "address",
        "Do you register people without proof of address?",
        "Stop asking for it. A statement of living in the area is enough, and a patient without a home is registered in care of the practice.",
    ),
    (
        "identity",
        "Do you register people without identity papers?",
        "Stop asking for them. There is no duty to check identity, and one rule holds for everybody.",
    ),
    (
        "status",
        "Do you never ask about visa or immigration status?",
        "Take the question off your forms, and tell the staff why.",
    ),
    (
        "confidence",
        "Do you tell patients who can be told of their address, and who cannot?",
        "Hand out the leaflet below, and offer protection when somebody registers.",
    ),
    (
        "interpreter",
        "Is an interpreter offered to everybody who needs one, at no cost?",
        "Ask for the language when somebody registers, and book with the first appointment.",
    ),
    (
        "posters",
        "Do posters at the entrance say so in the languages of your patients?",
        "Print them below.",
    ),
    (
        "training",
        "Do all the staff know this, and what to answer when an official asks?",
        "Walk through the page “An official asked me to …” together, and write the rule down.",
    ),
];

/// `GET /practice/toolkit`.
pub async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Practice)?;
    let practice = practice(&desk, by)?;
    let content = content(&practice.name, &Fields::default(), &[]);
    Ok(visitor.page("practice/toolkit.html", TITLE, SECTION, content))
}

/// `POST /practice/toolkit`: what is left to do, or the certificate. Nothing is kept.
pub async fn assess(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Practice)?;
    let practice = practice(&desk, by)?;
    let missing = STEPS
        .iter()
        .filter(|(field, ..)| fields.yes_or_no(field).is_none());
    let errors: Vec<_> = missing
        .map(|(field, ..)| FieldError::new(field, "Answer yes or no"))
        .collect();
    if !errors.is_empty() {
        let content = content(&practice.name, fields, &errors);
        return Ok(visitor.page_again("practice/toolkit.html", TITLE, SECTION, content));
    }
    let no = STEPS
        .iter()
        .filter(|(field, ..)| fields.yes_or_no(field) == Some(false));
    let left =
        no.map(|(_, question, remedy)| context! { question => *question, remedy => *remedy });
    let content = context! {
        practice => practice.name.clone(),
        at => page::value(desk.gate.clock.now()),
        steps => STEPS.map(|(_, question, _)| question).to_vec(),
        left => left.collect::<Vec<_>>(),
    };
    Ok(visitor.page(
        "practice/certificate.html",
        "Self-assessment",
        SECTION,
        content,
    ))
}

/// `GET /practice/posters/{language}`.
pub async fn poster(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(language): Path<String>,
) -> Result<Response, Oops> {
    sheet(&desk, &visitor, &language, &POSTER)
}

/// `GET /practice/leaflets/{language}`.
pub async fn leaflet(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(language): Path<String>,
) -> Result<Response, Oops> {
    sheet(&desk, &visitor, &language, &LEAFLET)
}

fn sheet(desk: &Desk, visitor: &Visitor, language: &str, sheet: &Sheet) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Practice)?;
    let practice = practice(desk, by)?;
    let language = messages::find(language).ok_or_else(Oops::not_found)?;
    let say = |key: &str| messages::say(language.code, key, &[("practice", &practice.name)]);
    let content = context! {
        language => described(language),
        heading => say(sheet.title),
        texts => sheet.texts.iter().map(|key| say(key)).collect::<Vec<_>>(),
        practice => practice.name.clone(),
        is_poster => *sheet == POSTER,
    };
    Ok(visitor.page("practice/sheet.html", "Sheet to print", SECTION, content))
}

fn content(practice: &str, fields: &Fields, errors: &[FieldError]) -> Value {
    let steps = STEPS.map(|(field, question, _)| context! { field, question });
    context! {
        practice,
        steps => steps.to_vec(),
        languages => messages::languages().iter().map(described).collect::<Vec<_>>(),
        f => fields.shown(errors),
    }
}

fn described(language: &Language) -> Value {
    context! {
        code => language.code,
        name => language.name.clone(),
        direction => language.direction.clone(),
        reviewed => language.reviewed,
        incomplete => language.incomplete,
    }
}
