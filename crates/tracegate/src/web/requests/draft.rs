//! A draft as a list of tasks: each part of the request is a page of its own.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::outward::answer;
use disclosure::{Actor, Request};
use minijinja::{Value, context};

use super::sections::{self, SECTIONS, Section};
use super::{answers, form, options, own};
use crate::gate::Gate;
use crate::pipeline::drafts::{self, Draft, Kept};
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};
use crate::web::{Desk, page, words};

const TITLE: &str = "Your request";

/// `GET /requests/drafts/{id}`: the tasks, and how far each is.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let kept = drafts::find(&desk.gate, by, &id).await?;
    if !kept.draft.officer.is(by) {
        return Ok(Redirect::to(&format!("{}/signature", path(&id))).into_response());
    }
    let (_, errors) = read(&kept.draft);
    let content = context! {
        id => id.as_str(),
        seen => kept.version,
        tasks => tasks(&kept, &errors),
        waits => kept.draft.request.is_some(),
        returned => page::value(&kept.draft.returned),
        revises => kept.draft.revises.clone(),
        question => question(&desk.gate, by, &kept.draft).await?,
        kept_until => page::value(kept.kept_until()),
        options => options::options(&desk.gate, by, purpose(&kept.draft)),
    };
    Ok(visitor.page("requests/tasks.html", TITLE, "new-request", content))
}

/// The tasks as the task list takes them: the parts, then checking, then the signature.
fn tasks(kept: &Kept, errors: &[FieldError]) -> Vec<Value> {
    let (draft, path) = (&kept.draft, path(&kept.id));
    let parts = SECTIONS.iter().map(|section| {
        let address = format!("{path}/{}", section.code);
        task(section.title, Some(address), status(draft, section, errors))
    });
    let (check, signature) = match (is_complete(draft), draft.request.is_some()) {
        (_, true) => ("completed", "waits_for_signature"),
        (true, false) => ("not_started", "cannot_start_yet"),
        (false, false) => ("cannot_start_yet", "cannot_start_yet"),
    };
    let address = (check == "not_started").then(|| format!("{path}/check"));
    let last = [
        task("Check your answers", address, check),
        task("Signature of a second person", None, signature),
    ];
    parts.chain(last).collect()
}

/// One task. What is done has no color, so that what is left stands out.
fn task(heading: &str, href: Option<String>, status: &str) -> Value {
    let text = words::label(status);
    let status = match status {
        "completed" | "cannot_start_yet" => context! { text },
        "not_started" => context! { tag => context! { text, colour => "blue" } },
        _ => context! { tag => context! { text, colour => "yellow" } },
    };
    context! { heading, href, status }
}

/// `POST /requests/drafts/{id}`: throws the draft away.
pub async fn discard(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Requests)?;
    let seen = (id.as_str(), posted.fields.seen()?);
    drafts::discard(&desk.gate, by, seen).await?;
    Ok(Redirect::to("/requests").into_response())
}

/// `GET /requests/drafts/{id}/{section}`.
pub async fn section(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((id, code)): Path<(String, String)>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Requests)?;
    let section = sections::find(&code).ok_or_else(Oops::not_found)?;
    let kept = written_by(&desk.gate, by, &id).await?;
    let fields = Fields(kept.draft.said.clone());
    let content = section_page(&desk.gate, by, &kept, section, (&fields, &[]));
    Ok(visitor.page(
        "requests/section.html",
        section.title,
        "new-request",
        content,
    ))
}

/// `POST /requests/drafts/{id}/{section}`: step `continue`, or `later` to keep it unfinished.
///
/// What was typed is kept in either case: an error costs nobody a word.
pub async fn keep(
    State(desk): State<Arc<Desk>>,
    Path((id, code)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Requests)?;
    let section = sections::find(&code).ok_or_else(Oops::not_found)?;
    let kept = written_by(&desk.gate, by, &id).await?;
    if fields.seen()? != kept.version {
        return Err(Oops::changed().then(path(&id), "Look at the request"));
    }
    let mut draft = kept.draft.clone();
    say(&mut draft, section, fields);
    let mut errors = read(&draft).1;
    errors.retain(|error| section.has(&error.field));
    let finished = fields.text("step") != "later";
    if finished && errors.is_empty() {
        draft.done.insert(section.code.to_owned());
    }
    let said = Fields(draft.said.clone());
    drafts::write(&desk.gate, by, (&id, kept.version), draft).await?;
    if finished && !errors.is_empty() {
        let kept = written_by(&desk.gate, by, &id).await?;
        let content = section_page(&desk.gate, by, &kept, section, (&said, &errors));
        return Ok(visitor.page_again(
            "requests/section.html",
            section.title,
            "new-request",
            content,
        ));
    }
    let next = section.next().filter(|_| finished);
    let to = match next {
        Some(next) if !kept.draft.done.contains(next.code) => {
            format!("{}/{}", path(&id), next.code)
        }
        _ => path(&id),
    };
    Ok(Redirect::to(&to).into_response())
}

/// `POST /requests/{id}/revision`: a draft that corrects a request, in answer to a question. Every
/// clause is judged anew, and somebody else signs again.
pub async fn revise(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Requests)?;
    let gate = &desk.gate;
    let case = own(gate, by, &id).await?;
    let back = |oops: Oops| oops.then(format!("/requests/{id}"), "Look at the request");
    if answer(&case, gate.clock.now()).status != "question" {
        return Err(back(Oops::changed()));
    }
    if case.request.requester.officer_id != by.id {
        let problem = "Only the officer who asked can correct the request. Answer in words, or \
                       withdraw it and send a new one.";
        return Err(back(Oops::not_now(problem)));
    }
    let draft = Draft {
        revises: Some(id.clone()),
        ..saying(by, &case.request)
    };
    // One draft for each question, however often the button is pressed.
    let key = format!("revision-{id}-{}", case.exchanges.len());
    let draft = drafts::begin(gate, by, &key, draft).await?;
    Ok(Redirect::to(&path(&draft)).into_response())
}

/// A draft whose form says what a request says, with every part finished.
pub fn saying(by: &Actor, request: &Request) -> Draft {
    Draft {
        said: form::said(request).0,
        done: SECTIONS
            .iter()
            .map(|section| section.code.to_owned())
            .collect(),
        ..Draft::of(by)
    }
}

/// The address of a draft.
pub fn path(id: &str) -> String {
    format!("/requests/drafts/{id}")
}

/// What a draft says so far, and what is wrong or missing.
pub fn read(draft: &Draft) -> (Request, Vec<FieldError>) {
    form::read(&Fields(draft.said.clone()), &draft.officer)
}

/// Whether every part is finished and nothing is wrong.
pub fn is_complete(draft: &Draft) -> bool {
    let finished = |section: &Section| draft.done.contains(section.code);
    SECTIONS.iter().all(finished) && read(draft).1.is_empty()
}

/// The question that a draft answers.
pub async fn question(gate: &Gate, by: &Actor, draft: &Draft) -> Result<Option<String>, Oops> {
    let Some(case) = &draft.revises else {
        return Ok(None);
    };
    let case = own(gate, by, case).await?;
    Ok(Some(answer(&case, gate.clock.now()).message))
}

/// What is for a purpose.
pub fn purpose(draft: &Draft) -> &str {
    let said = draft.said.iter().find(|(name, _)| name == "purpose");
    said.map_or("", |(_, code)| code)
}

/// A draft as rows to read.
pub fn rows(request: &Request) -> Vec<Value> {
    answers::rows(request)
}

/// The draft, for its writer. A colleague who may sign it does not change it.
pub async fn written_by(gate: &Gate, by: &Actor, id: &str) -> Result<Kept, Oops> {
    let kept = drafts::find(gate, by, id).await?;
    if kept.draft.officer.is(by) {
        return Ok(kept);
    }
    Err(Oops::not_found())
}

/// Replaces what the draft says in one part; the purpose was chosen before and stays.
fn say(draft: &mut Draft, section: &Section, fields: &Fields) {
    let belongs = |name: &str| section.has(name) && name != "purpose";
    draft.said.retain(|(name, _)| !belongs(name));
    let typed = fields
        .0
        .iter()
        .filter(|(name, text)| belongs(name) && !text.is_empty());
    draft.said.extend(typed.cloned());
    draft
        .said
        .retain(|(name, _)| name != "answer" || section.code != "you");
    let answer = fields.given("answer").filter(|_| section.code == "you");
    draft
        .said
        .extend(answer.map(|text| ("answer".to_owned(), text)));
}

fn status(draft: &Draft, section: &Section, errors: &[FieldError]) -> &'static str {
    let wrong = errors.iter().any(|error| section.has(&error.field));
    let begun = |(name, text): &(String, String)| {
        section.has(name) && name != "purpose" && !text.trim().is_empty() && text != "routine"
    };
    match (draft.done.contains(section.code), wrong) {
        (true, false) => "completed",
        (true, true) => "incomplete",
        (false, _) if draft.said.iter().any(begun) => "incomplete",
        (false, _) => "not_started",
    }
}

fn section_page(
    gate: &Gate,
    by: &Actor,
    kept: &Kept,
    section: &Section,
    (fields, errors): (&Fields, &[FieldError]),
) -> Value {
    context! {
        id => kept.id.as_str(),
        seen => kept.version,
        code => section.code,
        title => section.title,
        revises => kept.draft.revises.clone(),
        reasons => reasons(),
        options => options::options(gate, by, purpose(&kept.draft)),
        f => fields.shown(errors),
    }
}

/// The reasons that are chosen first, with their words.
fn reasons() -> Value {
    let option = |code: &&str| context! { code => *code, words => words::label(code) };
    let asked = sections::REASONS.iter().map(|(input, question, codes)| {
        let options: Vec<Value> = codes.iter().map(option).collect();
        context! { input => *input, question => *question, options }
    });
    asked.collect()
}
