//! Who may do what: which role may enter which part of the desk, and who is known to have which role.
//! A guardian unlocks accounts here.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::Role;
use minijinja::{Value, context};

use super::access::Room;
use super::oops::Oops;
use super::sign_in::account::book;
use super::visitor::{Posted, Visitor};
use super::{Desk, words};
use crate::accounts::{Account, Standing};
use crate::personas;
use crate::pipeline::StepError;

const TITLE: &str = "Who may do what";
const PATH: &str = "/people";

/// Rooms that pages lead to, and what one does there.
const ROOMS: [(Room, &str); 10] = [
    (Room::Requests, "Ask, and read the own agency’s answers"),
    (Room::Cases, "Read cases"),
    (Room::Staff, "Take a case in hand, recall, erase, defer"),
    (Room::Casework, "Answer clauses, trace, draft a decision"),
    (Room::SecondReview, "Decide as the second person"),
    (Room::Suspension, "Suspend and reopen an agreement"),
    (Room::Sessions, "End sessions of others, unlock accounts"),
    (
        Room::SubjectAccess,
        "Answer people who ask what is on record",
    ),
    (Room::Oversight, "Sample, recompute, replay"),
    (Room::People, "See this page"),
];

/// `GET /people`.
pub async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let by = visitor.enter(Room::People)?;
    let settings = &desk.gate.settings;
    let unlocks = Room::Sessions.admits(by.role);
    let people: Vec<Value> = match settings.accounts {
        true => {
            let (book, accounts) = (book(&desk), book(&desk).all().await?);
            let line = |account: &Account| {
                let standing = account.standing(book.now);
                line(account, standing, unlocks && account.id != by.id)
            };
            accounts.iter().map(line).collect()
        }
        false if settings.demonstration => personas::all()
            .map(|one| {
                let organization = words::organization(&one.organization);
                let role = words::role(one.role);
                context! { id => one.id, name => one.name, role, organization, rank => (), standing => "None: anybody sits in for them" }
            })
            .collect(),
        false => Vec::new(),
    };
    let issuer = settings.sign_in.as_ref().map(|one| one.issuer.clone());
    let content = context! { rooms => rooms(), people, issuer, accounts => settings.accounts };
    Ok(visitor.page("people.html", TITLE, "people", content))
}

fn line(account: &Account, standing: Standing, unlocks: bool) -> Value {
    context! {
        id => account.id.clone(),
        name => account.name.clone(),
        role => words::role(account.role),
        organization => words::organization(&account.organization),
        rank => account.rank.clone(),
        standing => said(standing),
        unlocks => unlocks && standing == Standing::Locked,
    }
}

fn said(standing: Standing) -> &'static str {
    match standing {
        Standing::Waiting => "Waits to be set up",
        Standing::RunOut => "Enrolment code has run out",
        Standing::Open => "Open",
        Standing::Locked => "Locked after wrong attempts",
        Standing::Disabled => "Out of use",
    }
}

fn rooms() -> Vec<Value> {
    let roles = |room: Room| {
        let admitted = Role::ALL.into_iter().filter(move |role| room.admits(*role));
        admitted.map(words::role).collect::<Vec<_>>().join(", ")
    };
    let rooms = ROOMS.into_iter();
    rooms
        .map(|(room, what)| context! { what, roles => roles(room) })
        .collect()
}

/// `POST /people/unlock`: somebody else opens an account that wrong attempts have locked.
pub async fn unlock(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let by = posted.visitor.enter(Room::Sessions)?;
    posted.proven()?;
    let unlocked = book(&desk).unlock(posted.fields.text("who"), by).await;
    unlocked.map_err(|error| {
        let oops = match error {
            StepError::NotFound | StepError::Conflict => {
                Oops::not_now("No account of this identity is locked.")
            }
            error => Oops::from(error),
        };
        oops.then(PATH, TITLE)
    })?;
    Ok(Redirect::to(PATH).into_response())
}
