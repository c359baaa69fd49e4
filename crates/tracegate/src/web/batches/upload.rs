//! A form with a file in it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _, Multipart, Request};

use crate::pipeline::batch::FILE_BYTES_MAX;
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::visitor::{FORM_TOKEN, Visitor};

/// A file that an agency has sent from a page of this desk; empty where none was chosen.
pub struct Upload {
    pub visitor: Visitor,
    pub file: Bytes,
}

impl FromRequest<Arc<Desk>> for Upload {
    type Rejection = Oops;

    /// Nothing is read of a file before it is known who sends it, and from where: the form's token comes first.
    async fn from_request(request: Request, desk: &Arc<Desk>) -> Result<Upload, Oops> {
        let (mut parts, body) = request.into_parts();
        let Ok(visitor) = Visitor::from_request_parts(&mut parts, desk).await;
        visitor.enter(Room::Requests)?;
        let headers = parts.headers.clone();
        let form = Multipart::from_request(Request::from_parts(parts, body), desk).await;
        let mut form = form.map_err(|_| Oops::foreign_form())?;
        let token = part(&mut form, FORM_TOKEN).await?;
        visitor.sent(&headers, &String::from_utf8_lossy(&token))?;
        let turn = desk.gate.reading.turn();
        let _turn = turn.ok_or_else(|| {
            Oops::not_now("Another file is being taken. Send yours again in a few seconds.")
        })?;
        let file = part(&mut form, "file").await?;
        Ok(Upload { visitor, file })
    }
}

/// The next part of a form, empty where it is another.
async fn part(form: &mut Multipart, name: &str) -> Result<Bytes, Oops> {
    match form.next_field().await.map_err(|_| broken())? {
        Some(field) if field.name() == Some(name) => field.bytes().await.map_err(|_| broken()),
        _ => Ok(Bytes::new()),
    }
}

fn broken() -> Oops {
    let most = FILE_BYTES_MAX >> 20;
    Oops::unreadable(format!(
        "The file broke off, or is longer than {most} MiB. Send it again, in several files where it is too long."
    ))
}
