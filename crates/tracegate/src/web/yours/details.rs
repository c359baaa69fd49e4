//! What is held, and what is wrong with it.

use axum::response::Response;
use disclosure::wishes::{Correction, Item};
use matcher::Person;
use minijinja::{Value, context};

use super::{Seat, TITLE, sit};
use crate::pipeline::wishes;
use crate::web::oops::Oops;
use crate::web::page;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};

const TEMPLATE: &str = "yours/details.html";
const SECTION: &str = "yours-details";

/// What can be said to be wrong here. Protection is ended where it is chosen.
const ITEMS: [Item; 5] = [
    Item::Name,
    Item::BirthDate,
    Item::Gender,
    Item::Address,
    Item::GpPractice,
];

/// `GET /yours/details`.
pub async fn show(visitor: Visitor) -> Result<Response, Oops> {
    let seat = sit(&visitor, "").await?;
    let content = content(&seat, &Fields::default(), &[], "").await?;
    Ok(visitor.page(TEMPLATE, TITLE, SECTION, content))
}

/// `POST /yours/details`: those of the person somebody acts for, or the step `correct`.
pub async fn correct(posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let seat = sit(visitor, fields.text("for")).await?;
    if fields.text("step") != "correct" {
        let content = content(&seat, &Fields::default(), &[], "").await?;
        return Ok(visitor.page(TEMPLATE, TITLE, SECTION, content));
    }
    let item = Item::from_code(fields.text("item")).filter(|item| ITEMS.contains(item));
    let says = fields.lines("says");
    let mut errors = Vec::new();
    if item.is_none() {
        errors.push(FieldError::new("item", "Choose what is wrong"));
    }
    if says.is_empty() {
        errors.push(FieldError::new("says", "Write what is right"));
    }
    let Some(item) = item.filter(|_| errors.is_empty()) else {
        let content = content(&seat, fields, &errors, "").await?;
        return Ok(visitor.page_again(TEMPLATE, TITLE, SECTION, content));
    };
    wishes::correct(seat.gate, &seat.own, seat.by, item, says).await?;
    let seat = sit(visitor, fields.text("for")).await?;
    let done = "You have asked for a correction. A member of staff will answer it here.";
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
    let person = seat.person();
    let protected = seat.own.wishes.protected_since.is_some()
        || person.as_ref().is_some_and(|person| person.restricted);
    let corrections = seat.own.wishes.corrections.iter().rev();
    let content = context! {
        details => person.as_ref().map(|person| details(person, protected)),
        items => ITEMS.map(|item| context! { code => item.code(), words => word(item) }).to_vec(),
        corrections => corrections.map(correction).collect::<Vec<_>>(),
    };
    Ok(seat.content(fields, errors, done, content))
}

/// The items, in words. Of a protected person not the address: whoever looks over their shoulder may be
/// the one they are protected from.
fn details(person: &Person, protected: bool) -> Vec<Value> {
    let shown = ITEMS.map(|item| {
        let hidden = protected && matches!(item, Item::Address | Item::GpPractice);
        let text = match hidden {
            true => "Not shown: your record is protected".to_owned(),
            false => wishes::value(item, person),
        };
        context! { label => word(item), text => if text.is_empty() { "Nothing is held".to_owned() } else { text } }
    });
    shown.to_vec()
}

pub fn word(item: Item) -> &'static str {
    match item {
        Item::Name => "Name",
        Item::BirthDate => "Date of birth",
        Item::Gender => "Sex",
        Item::Address => "Address",
        Item::GpPractice => "GP practice",
        Item::EndProtection => "Protection of the record: to end it",
    }
}

fn correction(correction: &Correction) -> Value {
    context! {
        what => word(correction.item),
        says => correction.says.as_str(),
        at => page::value(correction.at),
        state => match &correction.answer {
            None => "waits",
            Some(answer) if answer.agreed => "agreed",
            Some(_) => "declined",
        },
        reason => correction.answer.as_ref().map(|answer| answer.reason.as_str()),
    }
}
