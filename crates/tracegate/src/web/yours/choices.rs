//! What a person chooses: protection, an objection, nothing shown online.

use axum::response::Response;
use disclosure::arrows::Wish;
use disclosure::wishes::Item;
use minijinja::{Value, context};

use super::{Seat, TITLE, sit};
use crate::pipeline::wishes;
use crate::web::oops::Oops;
use crate::web::page;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};

const TEMPLATE: &str = "yours/choices.html";
const SECTION: &str = "yours-choices";

/// `GET /yours/choices`.
pub async fn show(visitor: Visitor) -> Result<Response, Oops> {
    shown(&visitor, "", "").await
}

/// `POST /yours/choices`: one of the steps, or the page of the person somebody acts for.
pub async fn choose(posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let reference = fields.text("for");
    let seat = sit(visitor, reference).await?;
    let (wish, done) = match fields.text("step") {
        "protect" => (Wish::Protect, "Your record is protected from now on."),
        "object" => {
            let text = fields.lines("objection");
            if text.is_empty() {
                let errors = [FieldError::new(
                    "objection",
                    "Write what you want them to know",
                )];
                let content = content(&seat, fields, &errors, "").await?;
                return Ok(visitor.page_again(TEMPLATE, TITLE, SECTION, content));
            }
            (
                Wish::Object(text),
                "Whoever decides will see what you wrote.",
            )
        }
        "withdraw" => (
            Wish::WithdrawObjection,
            "What you wrote is no longer shown.",
        ),
        "hide" => (Wish::Hide, ""),
        "end_protection" => {
            let (item, says, held) = (Item::EndProtection, String::new(), String::new());
            let done = "You have asked to end the protection. It holds until a guardian agrees.";
            (Wish::Correct { item, says, held }, done)
        }
        _ => return shown(visitor, reference, "").await,
    };
    wishes::wish(seat.gate, &seat.own, seat.by, wish).await?;
    shown(visitor, reference, done).await
}

async fn shown(visitor: &Visitor, reference: &str, done: &str) -> Result<Response, Oops> {
    let seat = sit(visitor, reference).await?;
    let content = content(&seat, &Fields::default(), &[], done).await?;
    Ok(visitor.page(TEMPLATE, TITLE, SECTION, content))
}

async fn content(
    seat: &Seat<'_>,
    fields: &Fields,
    errors: &[FieldError],
    done: &str,
) -> Result<Value, Oops> {
    seat.look().await?;
    let wishes = &seat.own.wishes;
    let mut ends = wishes.waiting();
    let by_index = seat.person().is_some_and(|person| person.restricted);
    let content = context! {
        protected_since => wishes.protected_since.map(page::value),
        protected_by_index => by_index,
        end_asked => ends.any(|(_, one)| one.item == Item::EndProtection),
        objection => wishes.objection.as_ref().map(page::value),
    };
    Ok(seat.content(fields, errors, done, content))
}
