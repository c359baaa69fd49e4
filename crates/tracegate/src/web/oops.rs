//! What a page says when it cannot do what was asked: what happened, and what to do next.
//!
//! Handlers return an [`Oops`]; the one layer around them, [`dress`], records refusals and makes a
//! page of it.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use disclosure::EventKind;
use minijinja::context;

use super::access::Room;
use super::visitor::Visitor;
use super::{Desk, page};
use crate::doors::{self, Door};
use crate::http::Problem;
use crate::pipeline::StepError;
use crate::reader;

/// Something that was not done, for a person to read.
#[derive(Clone, Debug)]
pub struct Oops {
    status: StatusCode,
    title: &'static str,
    detail: String,
    next: Option<(String, &'static str)>,
    /// What the record says was refused, where it is not recorded already.
    refused: Option<&'static str>,
}

impl Oops {
    fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Oops {
        Oops {
            status,
            title,
            detail: detail.into(),
            next: None,
            refused: None,
        }
    }

    /// There is no such page, or it is none of the visitor's business: told alike.
    pub fn not_found() -> Oops {
        let detail = "Check the address or the reference. A reference looks like TG-7F3K-92QD-B4.";
        Oops::new(StatusCode::NOT_FOUND, "Page not found", detail)
    }

    /// The visitor's role may not enter; recorded.
    pub fn closed(room: Room) -> Oops {
        let detail = format!(
            "This part is for {}. That you tried has been recorded.",
            room.for_whom()
        );
        Oops {
            refused: Some(room.code()),
            ..Oops::new(
                StatusCode::FORBIDDEN,
                "This part is not open to you",
                detail,
            )
        }
    }

    /// Nobody has signed in, or the session has ended.
    pub fn signed_out() -> Oops {
        let detail = "You are signed out, or your session has ended. Nothing was changed.";
        Oops::new(StatusCode::FORBIDDEN, "Sign in first", detail).then("/sign-in", "Sign in")
    }

    /// The sign-in is too old for a decision: signs in again at the provider, or with another code of
    /// an account.
    pub fn prove(minutes: i64, account: bool) -> Oops {
        let detail = format!(
            "A decision needs a sign-in of the last {minutes} minutes. Nothing was changed. What you \
             wrote is kept for 15 minutes in this program's memory: sign in again, and send it then."
        );
        let title = "Confirm that it is you";
        let oops = Oops::new(StatusCode::FORBIDDEN, title, detail);
        match account {
            true => oops.then("/sign-in/confirm", "Confirm with a code"),
            false => oops.then("/sign-in/start?anew=yes", "Sign in again"),
        }
    }

    /// The person wants nothing shown online.
    pub fn hidden() -> Oops {
        let detail = "Nothing is shown on this page. To have it back, ask the subject access desk in person.";
        Oops::new(StatusCode::FORBIDDEN, "Nothing to show", detail)
    }

    /// Nobody is known under the reference that somebody has signed in with.
    pub fn nothing_held() -> Oops {
        let detail = "Nothing is held here under the account that you signed in with.";
        Oops::new(StatusCode::NOT_FOUND, "Nothing to show", detail).then("/yours", "Your page")
    }

    /// Signing in did not work.
    pub fn not_signed_in(title: &'static str, detail: impl Into<String>) -> Oops {
        let oops = Oops::new(StatusCode::FORBIDDEN, title, detail);
        oops.then("/sign-in", "Sign in")
    }

    /// The form did not come from this desk.
    pub fn foreign_form() -> Oops {
        let detail = "The form did not come from this desk, or the page is from an earlier session. \
             Nothing was changed. Open the page again and send the form from there.";
        Oops {
            refused: Some("form from elsewhere"),
            ..Oops::new(StatusCode::FORBIDDEN, "The form was not taken", detail)
        }
    }

    /// The form cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Oops {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Oops::new(status, "The form cannot be read", detail)
    }

    /// The thing has moved on since the visitor looked (I21).
    pub fn changed() -> Oops {
        let detail = "Somebody, or the gate itself, has taken a step since you opened the page. Nothing \
             was changed. Look at it as it is now and decide again.";
        Oops::new(StatusCode::CONFLICT, "Changed since you looked", detail)
    }

    /// The step does not belong to what the thing is now.
    pub fn not_now(detail: impl Into<String>) -> Oops {
        Oops::new(StatusCode::CONFLICT, "Not possible now", detail)
    }

    /// With a link to go on from.
    pub fn then(mut self, address: impl Into<String>, text: &'static str) -> Oops {
        self.next = Some((address.into(), text));
        self
    }

    fn page(&self, visitor: &Visitor) -> Response {
        let next = self
            .next
            .as_ref()
            .map(|(address, text)| context! { address => address.as_str(), text => *text });
        let context = context! { title => self.title, detail => self.detail.as_str(), next };
        let context = page::with_page(visitor.frame(self.title, ""), context);
        page::render(self.status, "error.html", context)
    }
}

impl From<StepError> for Oops {
    fn from(error: StepError) -> Oops {
        let refused = match &error {
            StepError::NotFound => return Oops::not_found(),
            StepError::Conflict => return Oops::changed(),
            StepError::NotYetPublished => {
                return Oops::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Not yet in the public log",
                    "Nothing leaves before its entry is published under a signed head. That takes \
                     a few seconds. Go back and try again.",
                );
            }
            StepError::LogStopped => {
                return Oops::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Releases are stopped",
                    "The public log is not up to date, and nothing leaves until it is. The page of \
                     the log says why. Everything can still be read.",
                );
            }
            _ => "step",
        };
        let problem = Problem::from(error);
        let status = problem.status();
        let title = match status {
            StatusCode::FORBIDDEN => "You may not take this step",
            StatusCode::GONE => "Already collected",
            StatusCode::INTERNAL_SERVER_ERROR => "Something went wrong here",
            _ => "Not possible now",
        };
        Oops {
            refused: (status == StatusCode::FORBIDDEN).then_some(refused),
            ..Oops::new(status, title, sentence(problem.detail()))
        }
    }
}

/// An error's text as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}.", first.to_uppercase(), letters.as_str())
    })
}

impl IntoResponse for Oops {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Why the visitor may not go there. Without a matched path nothing is there, and the page says so.
fn closed(visitor: &Visitor, request: &Request) -> Option<Oops> {
    let path = request.extensions().get::<MatchedPath>()?;
    match doors::find(doors::DESK, request.method(), path.as_str()) {
        None => Some(Oops::not_found()),
        Some(door) if door.admits(visitor.actor()) => None,
        Some(Door::Room(room)) if visitor.actor().is_some() => Some(Oops::closed(room)),
        Some(_) => Some(Oops::signed_out()),
    }
}

/// The one place where refusals are recorded and errors become pages.
pub async fn dress(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    request: Request,
    next: Next,
) -> Response {
    let response = match closed(&visitor, &request) {
        Some(oops) => oops.into_response(),
        None => next.run(request).await,
    };
    let oops = match (response.extensions().get::<Oops>(), response.status()) {
        (Some(oops), _) => oops.clone(),
        (None, StatusCode::METHOD_NOT_ALLOWED) => Oops::not_found(),
        _ => return response,
    };
    if let (Some(what), Some(by)) = (oops.refused, visitor.actor()) {
        let noted = reader::note(&desk.gate, EventKind::AccessRefused, None, what, by).await;
        if let Err(error) = noted {
            tracing::error!(%error, "a refusal could not be recorded");
        }
    }
    oops.page(&visitor)
}

/// Any other path.
pub async fn no_such_page() -> Oops {
    Oops::not_found()
}
