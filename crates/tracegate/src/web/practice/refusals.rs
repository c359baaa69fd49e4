//! A practice does not register somebody: the reason, and the letter that follows within fourteen days.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::registration::{Patient, Refusal, RefusalReason, TEXT_CHARS_MAX};
use disclosure::{Actor, Registration};
use minijinja::{Value, context};
use sheets::messages;

use super::{PATH, SECTION, codes, key, keyed, languages, practice};
use crate::pipeline::registration;
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};

const TITLE: &str = "Record a refusal";

/// `GET /practice/refusals/new`.
pub async fn blank(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Practice)?;
    let content = content(&desk, by, &keyed(&desk), &[])?;
    Ok(visitor.page("practice/refuse.html", TITLE, SECTION, content))
}

/// `POST /practice/refusals/new`.
pub async fn refuse(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Practice)?;
    let key = key(fields)?;
    match read(fields) {
        Ok((patient, refusal)) => {
            let id = registration::refuse(&desk.gate, by, key, (patient, refusal)).await?;
            Ok(Redirect::to(&format!("{PATH}/refusals/{id}")).into_response())
        }
        Err(errors) => {
            let content = content(&desk, by, fields, &errors)?;
            Ok(visitor.page_again("practice/refuse.html", TITLE, SECTION, content))
        }
    }
}

/// `GET /practice/refusals/{id}`: the letter, in the patient's language beside English.
pub async fn letter(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Practice)?;
    let one = registration::view(&desk.gate, by, &id).await?;
    let Some(refusal) = &one.refusal else {
        return Err(Oops::not_found());
    };
    let content = context! {
        letters => letters(&desk, by, &one, refusal)?,
        practice => practice(&desk, by)?.name.clone(),
        id,
        refused_at => one.registered_at.to_string(),
        told_at => refusal.told_in_writing_at.map(|at| at.to_string()),
    };
    Ok(visitor.page(
        "practice/refusal.html",
        "Letter to a patient",
        SECTION,
        content,
    ))
}

/// `POST /practice/refusals/{id}`: the letter went out.
pub async fn told(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Practice)?;
    registration::tell_refusal(&desk.gate, by, &id).await?;
    Ok(Redirect::to(PATH).into_response())
}

fn letters(
    desk: &Desk,
    by: &Actor,
    one: &Registration,
    refusal: &Refusal,
) -> Result<Vec<Value>, Oops> {
    let practice = practice(desk, by)?;
    let patient = &one.patient;
    let names = [patient.given_name.as_str(), &patient.family_name];
    let name = names.join(" ").trim().to_owned();
    let date = one.registered_at.strftime("%-d.%-m.%Y").to_string();
    let values = [
        ("name", name.as_str()),
        ("date", &date),
        ("practice", &practice.name),
        ("complaints", &practice.complaints),
    ];
    let mut wanted = vec![messages::ENGLISH];
    wanted.extend(Some(patient.interpreter.as_str()).filter(|code| *code != messages::ENGLISH));
    let languages = wanted.into_iter().filter_map(messages::find);
    let letter = |language: &messages::Language| {
        let say = |key: &str| messages::say(language.code, key, &values);
        let reason = match refusal.reason {
            RefusalReason::Other => refusal.words.clone(),
            reason => say(&format!("letter.{}", reason.code())),
        };
        context! {
            code => language.code,
            direction => language.direction.clone(),
            title => say("letter.title"),
            dear => say("letter.dear"),
            said => say("letter.said"),
            because => say("letter.reason"),
            reason,
            after => ["letter.papers", "letter.urgent", "letter.elsewhere"].map(say).to_vec(),
        }
    };
    Ok(languages.map(letter).collect())
}

/// Names to write to, and the reason. Nothing else is kept of somebody who is no patient.
fn read(fields: &Fields) -> Result<(Patient, Refusal), Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, text: String| errors.push(FieldError::new(field, text));
    let say = |key| {
        messages::say(
            messages::ENGLISH,
            key,
            &[("most", &TEXT_CHARS_MAX.to_string())],
        )
    };
    let patient = Patient {
        given_name: fields.lines("given_name"),
        family_name: fields.lines("family_name"),
        interpreter: fields.lines("language"),
        ..Patient::default()
    };
    if patient.given_name.is_empty() && patient.family_name.is_empty() {
        wrong("family_name", say("error.name"));
    }
    for field in ["given_name", "family_name", "words"] {
        if fields.text(field).chars().count() > TEXT_CHARS_MAX {
            wrong(field, say("error.too_long"));
        }
    }
    let reason = RefusalReason::from_code(fields.text("reason"));
    let words = fields.lines("words");
    if reason.is_none() {
        wrong("reason", say("error.choose"));
    }
    if reason == Some(RefusalReason::Other) && words.is_empty() {
        wrong(
            "words",
            "Write the reason as the patient is to read it".to_owned(),
        );
    }
    let refusal = reason.map(|reason| Refusal {
        reason,
        words,
        told_in_writing_at: None,
    });
    match refusal.filter(|_| errors.is_empty()) {
        Some(refusal) => Ok((patient, refusal)),
        None => Err(errors),
    }
}

fn content(desk: &Desk, by: &Actor, fields: &Fields, errors: &[FieldError]) -> Result<Value, Oops> {
    Ok(context! {
        practice => practice(desk, by)?.name.clone(),
        key => fields.text("key"),
        f => fields.shown(errors),
        languages => languages(),
        reasons => codes(RefusalReason::ALL.map(RefusalReason::code)),
    })
}
