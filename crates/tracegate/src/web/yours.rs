//! The desk of the person asked about, and of whoever acts for them: who asked, what is held, what they
//! choose, who helps them.
//!
//! Whoever looks over their shoulder learns little: the pages have one title, addresses name nobody,
//! nothing is kept by the browser, and a link leaves at once. In whose place somebody acts is sent in
//! the form and stands in no address.

mod choices;
mod details;
mod helpers;
mod log;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use disclosure::Actor;
use disclosure::arrows::Acting;
use disclosure::wishes::Wishes;
use matcher::Person;
use minijinja::{Value, context};

use super::access::Room;
use super::oops::Oops;
use super::visitor::{FieldError, Fields, Posted, Visitor};
use super::{Desk, page};
use crate::gate::Gate;
use crate::pipeline::{StepError, wishes};

pub use choices::{choose, show as choices};
pub use details::{correct, show as details, word};
pub use helpers::{help, show as helpers};
pub use log::{file, read, show as log};

/// The title of every page of this desk.
const TITLE: &str = "Your page";

/// Somebody at a desk that is open to them.
struct Seat<'v> {
    gate: &'v Gate,
    by: &'v Actor,
    own: wishes::Own,
}

/// The person's own desk, or that of the person they act for.
async fn sit<'v>(visitor: &'v Visitor, reference: &str) -> Result<Seat<'v>, Oops> {
    let by = visitor.enter(Room::Own)?;
    let gate = &visitor.desk.gate;
    let code = visitor.signed_in().and_then(|kept| kept.person.as_deref());
    let own = match wishes::whose(gate, by, code, reference).await {
        Err(StepError::NotFound) => return Err(Oops::nothing_held()),
        own => own?,
    };
    own.open().map_err(|_| Oops::hidden())?;
    Ok(Seat { gate, by, own })
}

impl Seat<'_> {
    /// What every page of the desk shows, whoever sits there.
    fn content(&self, fields: &Fields, errors: &[FieldError], done: &str, of: Value) -> Value {
        let for_them = self.own.acting == Acting::ForThem;
        context! {
            f => fields.shown(errors),
            done,
            for_them,
            reference => if for_them { self.own.wishes.id.as_str() } else { "" },
            ..of
        }
    }

    /// Records that the person's record is looked at, before it is.
    async fn look(&self) -> Result<(), StepError> {
        wishes::look(self.gate, &self.own.person, self.own.acting, self.by).await
    }

    fn person(&self) -> Option<Person> {
        wishes::person(self.gate, &self.own.person)
    }
}

/// `GET /yours`: where to go. Shows nothing of anybody.
pub async fn home(visitor: Visitor) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Own)?;
    home_page(&visitor, by, &Fields::default(), &[]).await
}

async fn home_page(
    visitor: &Visitor,
    by: &Actor,
    fields: &Fields,
    errors: &[FieldError],
) -> Result<Response, Oops> {
    let gate = &visitor.desk.gate;
    let delegated = gate.store.wishes_delegated_to(&by.id).await;
    let delegated = delegated.map_err(StepError::from)?;
    let others: Vec<Value> = delegated.iter().map(|one| other(gate, by, one)).collect();
    let has_own = visitor
        .signed_in()
        .is_some_and(|kept| kept.person.is_some());
    let content = context! { has_own, others, f => fields.shown(errors) };
    Ok(match errors {
        [] => visitor.page("yours/home.html", TITLE, "yours", content),
        _ => visitor.page_again("yours/home.html", TITLE, "yours", content),
    })
}

/// Somebody whom this person acts for, by initials: enough to choose, and no more.
fn other(gate: &Gate, by: &Actor, wishes: &Wishes) -> Value {
    let name = wishes::person(gate, &wishes.person).map(|person| person.name);
    let letters = name.iter().flat_map(|name| [&name.given, &name.surname]);
    let initials: String = letters
        .filter_map(|part| part.chars().next())
        .map(|letter| format!("{letter}. "))
        .collect();
    let since = wishes.representatives().find(|one| one.identity == by.id);
    context! {
        reference => wishes.id.as_str(),
        initials => initials.trim_end(),
        since => since.map(|one| page::value(one.since)),
    }
}

/// `POST /yours`: a code lets this person act for whoever gave it to them.
pub async fn accept(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Own)?;
    let errors = match wishes::accept(&desk.gate, by, fields.text("code")).await {
        Ok(()) => return home_page(visitor, by, &Fields::default(), &[]).await,
        Err(StepError::NotFound | StepError::Arrow(_)) => {
            let message =
                "This code does not work. Each works once, for seven days: ask for another";
            [FieldError::new("code", message)]
        }
        Err(error) => return Err(error.into()),
    };
    home_page(visitor, by, fields, &errors).await
}
