//! Who visits, and what they send: every page asks here.

use std::sync::Arc;

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use disclosure::Actor;
use disclosure::requester::{Method, RequesterCheck};
use minijinja::{Value, context};

use super::access::Room;
use super::language::{self, ENGLISH};
use super::oops::Oops;
use super::session::{Kept, Session};
use super::{Desk, page, words};
use crate::settings::DEMONSTRATION;

/// The session of a request, once it has been looked up.
#[derive(Clone)]
struct Resumed(Option<Session>);

/// Whoever asks for a page, signed in or not.
pub struct Visitor {
    pub desk: Arc<Desk>,
    session: Option<Session>,
    /// Code of the language that pages are shown in.
    language: &'static str,
}

impl FromRequestParts<Arc<Desk>> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        desk: &Arc<Desk>,
    ) -> Result<Visitor, Self::Rejection> {
        let language = language::chosen(&parts.headers, &desk.gate.settings.languages);
        // The layer around every page has asked already: one look and one instant for a request.
        if let Some(Resumed(session)) = parts.extensions.get() {
            let (desk, session) = (Arc::clone(desk), session.clone());
            return Ok(Visitor {
                desk,
                session,
                language,
            });
        }
        let resumed = desk.sessions.resume(&parts.headers).await;
        let session = resumed.unwrap_or_else(|error| {
            tracing::error!(%error, "a session could not be read; the visitor counts as signed out");
            None
        });
        parts.extensions.insert(Resumed(session.clone()));
        let desk = Arc::clone(desk);
        Ok(Visitor {
            desk,
            session,
            language,
        })
    }
}

impl Visitor {
    /// A visitor whose session has just begun.
    pub fn new(desk: Arc<Desk>, session: Session) -> Visitor {
        Visitor {
            desk,
            session: Some(session),
            language: ENGLISH,
        }
    }

    /// Who has signed in.
    pub fn actor(&self) -> Option<&Actor> {
        Some(&self.signed_in()?.actor)
    }

    /// Who has signed in, and how.
    pub fn signed_in(&self) -> Option<&Kept> {
        self.session.as_ref()?.signed_in.as_ref()
    }

    /// The rank or grade of whoever has signed in, as far as somebody vouches for it.
    pub fn rank(&self) -> Option<&str> {
        self.signed_in()?.rank.as_deref()
    }

    /// The check of who asks, for a request that is made in this session now.
    pub fn check(&self) -> Result<RequesterCheck, Oops> {
        let signed_in = self.signed_in().ok_or_else(Oops::signed_out)?;
        let settings = &self.desk.gate.settings;
        let credential = match &settings.sign_in {
            Some(provider) => format!("desk, {}", provider.issuer),
            None if settings.accounts => "desk, account".to_owned(),
            None => DEMONSTRATION.to_owned(),
        };
        let proven_at = signed_in.proven_at;
        Ok(RequesterCheck::new(Method::Session, credential, proven_at))
    }

    /// The session itself.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// The form token of the session, where there is one.
    pub fn form_token(&self) -> Option<&str> {
        self.session
            .as_ref()
            .map(|session| session.form_token.as_str())
    }

    /// The visitor as somebody whom the room admits.
    pub fn enter(&self, room: Room) -> Result<&Actor, Oops> {
        let actor = self.actor().ok_or_else(Oops::signed_out)?;
        if room.admits(actor.role) {
            Ok(actor)
        } else {
            Err(Oops::closed(room))
        }
    }

    /// A form is taken that comes from a page of this desk and holds the token of the visitor's session.
    pub fn sent(&self, headers: &HeaderMap, token: &str) -> Result<(), Oops> {
        let expected = self.form_token().ok_or_else(Oops::signed_out)?;
        match is_from_here(headers) && token == expected {
            true => Ok(()),
            false => Err(Oops::foreign_form()),
        }
    }

    /// A page in the visitor's frame; `section` marks the place in the navigation.
    pub fn page(&self, template: &str, title: &str, section: &str, content: Value) -> Response {
        self.page_with(StatusCode::OK, template, title, section, content)
    }

    /// As [`Visitor::page`], for a form that is shown again because of errors.
    pub fn page_again(&self, template: &str, title: &str, section: &str, of: Value) -> Response {
        self.page_with(
            StatusCode::UNPROCESSABLE_ENTITY,
            template,
            title,
            section,
            of,
        )
    }

    fn page_with(
        &self,
        status: StatusCode,
        template: &str,
        title: &str,
        section: &str,
        content: Value,
    ) -> Response {
        let context = page::with_page(self.frame(title, section), content);
        page::render(status, template, context)
    }

    /// What every page shows around its content. Titles never carry names.
    pub fn frame(&self, title: &str, section: &str) -> Value {
        let who = self.actor().map(|actor| {
            let own = Room::Own.admits(actor.role);
            context! {
                // Whoever looks over a person's shoulder does not learn whose page it is.
                name => if own { "Signed in" } else { actor.name.as_str() },
                own,
                role => words::role(actor.role),
                organization => words::organization(&actor.organization),
                desk => words::desk(actor.role),
                requests => Room::Requests.admits(actor.role),
                cases => Room::Cases.admits(actor.role),
                staff => Room::Staff.admits(actor.role),
                oversight => Room::Oversight.admits(actor.role),
                people => Room::People.admits(actor.role),
                practice => Room::Practice.admits(actor.role),
                subject_access => Room::SubjectAccess.admits(actor.role),
            }
        });
        context! {
            title,
            section,
            who,
            form_token => self.form_token().unwrap_or_default(),
            demonstration => self.desk.gate.settings.demonstration,
            language => self.language,
            languages => language::others(self.language, &self.desk.gate.settings.languages),
        }
    }
}

/// A form that a visitor has sent from a page of this desk.
pub struct Posted {
    pub visitor: Visitor,
    pub fields: Fields,
    pub headers: HeaderMap,
    /// Where it was sent to.
    path: String,
}

impl Posted {
    /// Whoever decides has proven who they are a moment ago. If not, what they wrote is kept until
    /// they have. In a demonstration nobody proves anything.
    pub fn proven(&self) -> Result<(), Oops> {
        let desk = &self.visitor.desk;
        let signed_in = self.visitor.signed_in().ok_or_else(Oops::signed_out)?;
        let (settings, now) = (&desk.gate.settings, desk.gate.clock.now());
        let age = now.duration_since(signed_in.proven_at);
        if settings.demonstration || age <= settings.sessions.decide() {
            return Ok(());
        }
        let fields = self.fields.clone();
        desk.unsent.keep(&signed_in.actor, &self.path, fields, now);
        Err(Oops::prove(
            settings.sessions.decide_minutes,
            settings.accounts,
        ))
    }
}

impl FromRequest<Arc<Desk>> for Posted {
    type Rejection = Oops;

    async fn from_request(request: Request, desk: &Arc<Desk>) -> Result<Posted, Oops> {
        let (mut parts, body) = request.into_parts();
        let Ok(visitor) = Visitor::from_request_parts(&mut parts, desk).await;
        let headers = parts.headers.clone();
        let path = parts.uri.path().to_owned();
        let request = Request::from_parts(parts, body);
        let form: Result<Form<Vec<(String, String)>>, _> = Form::from_request(request, desk).await;
        let Form(pairs) = form.map_err(|_| Oops::unreadable("Send the form from its page."))?;
        let fields = Fields(pairs);
        visitor.sent(&headers, fields.text(FORM_TOKEN))?;
        Ok(Posted {
            visitor,
            fields,
            headers,
            path,
        })
    }
}

/// Whether the browser says that the form was sent from a page of this desk. Pages are served
/// without referrer, so older browsers send `Origin: null`; they are left to the form's token.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    match (text("origin"), text(header::HOST.as_str())) {
        (None | Some("null"), _) => true,
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
    }
}

/// The fields of a form, as sent. A name may come several times.
#[derive(Clone, Debug, Default)]
pub struct Fields(pub Vec<(String, String)>);

/// Fields that steer a form and are not part of what it says.
const STEERING: [&str; 2] = [FORM_TOKEN, "step"];

/// The field with the session's token.
pub const FORM_TOKEN: &str = "form_token";

impl Fields {
    /// The first value with this name, without outer space, or nothing.
    pub fn text(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value.trim())
    }

    /// As [`Fields::text`], `None` when empty.
    pub fn given(&self, name: &str) -> Option<String> {
        let text = self.text(name);
        (!text.is_empty()).then(|| text.replace("\r\n", "\n"))
    }

    /// As [`Fields::given`], the empty text when empty.
    pub fn lines(&self, name: &str) -> String {
        self.given(name).unwrap_or_default()
    }

    /// Every value with this name that is not empty.
    pub fn all(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(field, _)| field == name);
        let values = values.map(|(_, value)| value.trim().to_owned());
        values.filter(|value| !value.is_empty()).collect()
    }

    /// `yes` or `no`, where either was chosen.
    pub fn yes_or_no(&self, name: &str) -> Option<bool> {
        match self.text(name) {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }

    /// The version of the case that the visitor looked at.
    pub fn seen(&self) -> Result<u64, Oops> {
        let seen = self.text("seen").parse();
        seen.map_err(|_| Oops::unreadable("The page is incomplete. Open it again."))
    }

    /// Everything said, to carry it through the next page.
    pub fn carried(&self) -> Vec<Value> {
        let said = self.0.iter();
        said.filter(|(name, _)| !STEERING.contains(&name.as_str()))
            .map(|(name, value)| context! { name, value })
            .collect()
    }

    /// Everything said, the step with it, to send it again.
    pub fn unsent(&self) -> Vec<Value> {
        let said = self.0.iter();
        said.filter(|(name, _)| name != FORM_TOKEN)
            .map(|(name, value)| context! { name, value })
            .collect()
    }

    /// As a template shows a form again: single values, and lists of what was chosen.
    pub fn shown(&self, errors: &[FieldError]) -> Value {
        let mut values = std::collections::BTreeMap::<&str, Vec<&str>>::new();
        for (name, value) in &self.0 {
            values.entry(name).or_default().push(value);
        }
        let first: std::collections::BTreeMap<&str, &str> = values
            .iter()
            .filter_map(|(name, all)| Some((*name, *all.first()?)))
            .collect();
        let wrong: std::collections::BTreeMap<&str, &str> = errors
            .iter()
            .rev()
            .map(|error| (error.field.as_str(), error.message.as_str()))
            .collect();
        let summary: Vec<Value> = errors
            .iter()
            .map(
                |error| context! { field => error.field.clone(), message => error.message.clone() },
            )
            .collect();
        context! {
            values => page::value(first),
            chosen => page::value(values),
            errors => page::value(wrong),
            summary,
        }
    }
}

/// What is wrong with one field of a form. The message never repeats the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

impl FieldError {
    /// An error in this field.
    pub fn new(field: &str, message: impl Into<String>) -> FieldError {
        FieldError {
            field: field.to_owned(),
            message: message.into(),
        }
    }
}
