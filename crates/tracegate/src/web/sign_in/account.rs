//! Signing in with an account of this installation: a password and a code, enrolled once; the code
//! alone confirms who decides.
//!
//! What is wrong with an attempt is not told: neither whether there is such an account nor whether it is
//! locked. Nothing typed here is shown again but the login name.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use minijinja::{Value, context};

use super::{SECTION, TITLE, after_proof, begin, home, with_cookie, with_form};
use crate::accounts::{self, Account, ENROLMENT, PASSWORD_CHARS, WRONG_MAX, picture, totp};
use crate::pipeline::StepError;
use crate::pipeline::accounts::{Book, Enrolled};
use crate::web::Desk;
use crate::web::oops::Oops;
use crate::web::page;
use crate::web::session::Proven;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};

const ENROL: &str = "Set up your account";
const CONFIRM: &str = "Confirm that it is you";

/// The accounts as they are now.
pub fn book(desk: &Desk) -> Book<'_> {
    let gate = &desk.gate;
    Book {
        store: &gate.store,
        chance: &gate.chance,
        now: gate.clock.now(),
    }
}

/// `GET /sign-in`.
pub fn show(desk: &Arc<Desk>, visitor: &Visitor) -> Response {
    let page =
        |visitor: &Visitor| visitor.page("sign_in/account.html", TITLE, SECTION, content("", &[]));
    with_form(desk, visitor, page)
}

/// `POST /sign-in`.
pub async fn sign_in(desk: &Arc<Desk>, posted: &Posted) -> Result<Response, Oops> {
    let fields = &posted.fields;
    let typed = fields.text("login");
    let login = accounts::login(typed).unwrap_or_default();
    let password = raw(fields, "password");
    let code = fields.text("code");
    let found = book(desk).sign_in(&login, password, code).await?;
    let Some(account) = found else {
        tracing::warn!("an attempt to sign in was wrong");
        let message = "The login name, the password or the code is not right";
        let content = content(typed, &[FieldError::new("login", message)]);
        let page = posted
            .visitor
            .page_again("sign_in/account.html", TITLE, SECTION, content);
        return Ok(page);
    };
    enter(desk, posted, &account, after_proof(desk, &account.actor())).await
}

/// `GET /sign-in/enrolment`.
pub async fn enrolment(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    only_with_accounts(&desk)?;
    let page = |visitor: &Visitor| {
        visitor.page("sign_in/enrolment.html", ENROL, SECTION, content("", &[]))
    };
    Ok(with_form(&desk, &visitor, page))
}

/// `POST /sign-in/enrolment`: step `begin`, which shows a key, or `finish`.
pub async fn enrol(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    only_with_accounts(&desk)?;
    let fields = &posted.fields;
    let login = accounts::login(fields.text("login")).unwrap_or_default();
    let code = fields.text("enrolment");
    if fields.text("step") != "finish" {
        return match book(&desk).begin_enrolment(&login, code).await? {
            Some(key) => Ok(show_key(&posted, &login, &key, &[])),
            None => Ok(not_enrolled(&posted)),
        };
    }
    let errors = wrong_password(fields, &login);
    let key = fields.text("key");
    if !errors.is_empty() {
        return Ok(show_key(&posted, &login, key, &errors));
    }
    let chosen = (raw(fields, "password"), fields.text("code"));
    match book(&desk).finish_enrolment(&login, code, chosen).await? {
        Enrolled::Yes(account) => {
            tracing::info!(account = %account.id, "enrolled");
            enter(&desk, &posted, &account, home(account.role)).await
        }
        Enrolled::OtherCode(key) => {
            let message = "The code is not the one of this key. Wait for the next one";
            let error = FieldError::new("code", message);
            Ok(show_key(&posted, &login, &key, &[error]))
        }
        Enrolled::No => Ok(not_enrolled(&posted)),
    }
}

/// `GET /sign-in/confirm`.
pub async fn confirmation(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
) -> Result<Response, Oops> {
    only_with_accounts(&desk)?;
    let content = content("", &[]);
    Ok(visitor.page("sign_in/confirm.html", CONFIRM, SECTION, content))
}

/// `POST /sign-in/confirm`: another code, and the session goes on under a new token.
pub async fn confirm(State(desk): State<Arc<Desk>>, posted: Posted) -> Result<Response, Oops> {
    only_with_accounts(&desk)?;
    let by = posted.visitor.actor().ok_or_else(Oops::signed_out)?;
    let book = book(&desk);
    let found = book.confirm(by, posted.fields.text("code")).await?;
    let Some(account) = found else {
        tracing::warn!(account = %by.id, "a code to confirm with was wrong");
        let message = "The code is not right, or has been used. Wait for the next one";
        let content = content("", &[FieldError::new("code", message)]);
        let page = posted
            .visitor
            .page_again("sign_in/confirm.html", CONFIRM, SECTION, content);
        return Ok(page);
    };
    enter(&desk, &posted, &account, after_proof(&desk, by)).await
}

/// A new session for whoever has proven who they are. If their account was taken out of use at this
/// very moment it ends before its token is given out.
async fn enter(
    desk: &Arc<Desk>,
    posted: &Posted,
    account: &Account,
    next: &str,
) -> Result<Response, Oops> {
    let proven = Proven {
        actor: account.actor(),
        person: None,
        rank: account.rank.clone(),
        at: desk.gate.clock.now(),
    };
    let (token, session) = begin(desk, &posted.headers, proven).await?;
    if !book(desk).is_open(account).await? {
        let ended = desk.gate.store.session_end(session.mark).await;
        ended.map_err(StepError::from)?;
        return Err(Oops::signed_out());
    }
    tracing::info!(account = %account.id, "signed in");
    let response = Redirect::to(next).into_response();
    Ok(with_cookie(desk, response, Some(&token)))
}

fn only_with_accounts(desk: &Desk) -> Result<(), Oops> {
    match desk.gate.settings.accounts {
        true => Ok(()),
        false => Err(Oops::not_found()),
    }
}

/// A password as it was typed: a space at its end is part of it.
fn raw(fields: &Fields, name: &str) -> String {
    let typed = fields.0.iter().find(|(field, _)| field == name);
    typed.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn wrong_password(fields: &Fields, login: &str) -> Vec<FieldError> {
    let password = raw(fields, "password");
    let error = |message: String| vec![FieldError::new("password", message)];
    if !PASSWORD_CHARS.contains(&password.chars().count()) {
        let (least, most) = (PASSWORD_CHARS.start(), PASSWORD_CHARS.end());
        return error(format!(
            "The password must have {least} to {most} characters"
        ));
    }
    if password.to_lowercase().contains(login) {
        return error("The password must not contain the login name".to_owned());
    }
    if password != raw(fields, "again") {
        let message = "The passwords are not the same";
        return vec![FieldError::new("again", message)];
    }
    Vec::new()
}

fn content(login: &str, errors: &[FieldError]) -> Value {
    let shown = Fields(vec![("login".to_owned(), login.to_owned())]);
    context! {
        f => shown.shown(errors),
        attempts => WRONG_MAX,
        days => ENROLMENT.as_hours() / 24,
        least => *PASSWORD_CHARS.start(),
    }
}

fn not_enrolled(posted: &Posted) -> Response {
    tracing::warn!("an attempt to enrol was wrong");
    let message = "The login name or the enrolment code is not right, or the code has run out";
    let typed = posted.fields.text("login");
    let content = content(typed, &[FieldError::new("login", message)]);
    let template = "sign_in/enrolment.html";
    posted.visitor.page_again(template, ENROL, SECTION, content)
}

/// The key for the device, which is shown to whoever has brought the enrolment code.
fn show_key(posted: &Posted, login: &str, key: &str, errors: &[FieldError]) -> Response {
    let fours = key.as_bytes().chunks(4).map(String::from_utf8_lossy);
    let address = totp::address(key, login);
    let content = context! {
        login,
        picture => page::value(picture::picture(&address)),
        enrolment => posted.fields.text("enrolment"),
        key,
        spaced => fours.collect::<Vec<_>>().join(" "),
        address,
        ..content(login, errors)
    };
    let template = "sign_in/key.html";
    match errors.is_empty() {
        true => posted.visitor.page(template, ENROL, SECTION, content),
        false => posted.visitor.page_again(template, ENROL, SECTION, content),
    }
}
