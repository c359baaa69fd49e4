//! Who asked about me.

use axum::response::Response;
use minijinja::context;

use super::{Seat, TITLE, sit};
use crate::pipeline::subject::{self, Asking};
use crate::web::oops::Oops;
use crate::web::subject_access::{download, told};
use crate::web::visitor::{Fields, Posted, Visitor};
use store::SubjectLog;

/// `GET /yours/log`: one's own.
pub async fn show(visitor: Visitor) -> Result<Response, Oops> {
    page(&visitor, "").await
}

/// `POST /yours/log`: that of the person somebody acts for.
pub async fn read(posted: Posted) -> Result<Response, Oops> {
    page(&posted.visitor, posted.fields.text("for")).await
}

async fn page(visitor: &Visitor, reference: &str) -> Result<Response, Oops> {
    let seat = sit(visitor, reference).await?;
    let log = recorded(&seat).await?;
    let told = told(&log, "", seat.gate.log.published());
    let content = seat.content(&Fields::default(), &[], "", context! { ..told });
    Ok(visitor.page("yours/log.html", TITLE, "yours-log", content))
}

/// `POST /yours/file`: the same as a file that verifies offline. Its name says nothing.
pub async fn file(posted: Posted) -> Result<Response, Oops> {
    let seat = sit(&posted.visitor, posted.fields.text("for")).await?;
    let log = recorded(&seat).await?;
    download(seat.gate, log, "document.bundle", "/yours").await
}

/// The log, with this reading in it.
async fn recorded(seat: &Seat<'_>) -> Result<SubjectLog, Oops> {
    let key = seat.gate.chance.token();
    let asking = Asking {
        person: &seat.own.person,
        acting: seat.own.acting,
        by: seat.by,
        now: seat.gate.clock.now(),
        key: &key,
    };
    Ok(subject::read_own(&seat.gate.store, &asking).await?)
}
