//! Who may act for a person.

use axum::response::Response;
use disclosure::arrows::Wish;
use disclosure::wishes::Delegation;
use minijinja::{Value, context};

use super::{Seat, TITLE, sit};
use crate::pipeline::wishes;
use crate::web::oops::Oops;
use crate::web::page;
use crate::web::visitor::{Fields, Posted, Visitor};

const TEMPLATE: &str = "yours/helpers.html";
const SECTION: &str = "yours-helpers";

/// `GET /yours/helpers`.
pub async fn show(visitor: Visitor) -> Result<Response, Oops> {
    shown(&visitor, "", "", None).await
}

/// `POST /yours/helpers`: a code for somebody, or the end of a delegation.
pub async fn help(posted: Posted) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let reference = fields.text("for");
    let seat = sit(visitor, reference).await?;
    match fields.text("step") {
        "invite" => {
            let code = wishes::invite(seat.gate, &seat.own, seat.by).await?;
            shown(visitor, reference, "", Some(code)).await
        }
        "end" => {
            let chosen = fields.text("who").parse().ok();
            let chosen = chosen.and_then(|place: usize| seat.own.wishes.delegations.get(place));
            let chosen = chosen.ok_or_else(Oops::changed)?;
            let end = Wish::EndDelegation(chosen.identity.clone());
            wishes::wish(seat.gate, &seat.own, seat.by, end).await?;
            shown(visitor, reference, "They act for you no longer.", None).await
        }
        "leave" => {
            let end = Wish::EndDelegation(seat.by.id.clone());
            wishes::wish(seat.gate, &seat.own, seat.by, end).await?;
            super::home_page(visitor, seat.by, &Fields::default(), &[]).await
        }
        _ => shown(visitor, reference, "", None).await,
    }
}

async fn shown(
    visitor: &Visitor,
    reference: &str,
    done: &str,
    code: Option<String>,
) -> Result<Response, Oops> {
    let seat = sit(visitor, reference).await?;
    seat.look().await?;
    let content = content(&seat, done, code);
    Ok(visitor.page(TEMPLATE, TITLE, SECTION, content))
}

fn content(seat: &Seat<'_>, done: &str, code: Option<String>) -> Value {
    let all = seat.own.wishes.delegations.iter().enumerate();
    let helper = |(place, one): (usize, &Delegation)| {
        context! {
            place,
            name => one.name.as_str(),
            since => page::value(one.since),
            ended_at => one.ended_at.map(page::value),
        }
    };
    let helpers: Vec<Value> = all.map(helper).collect();
    let invited_until = seat
        .own
        .wishes
        .invitation
        .as_ref()
        .map(|one| page::value(one.until));
    let content = context! { helpers, code, invited_until };
    seat.content(&Fields::default(), &[], done, content)
}
