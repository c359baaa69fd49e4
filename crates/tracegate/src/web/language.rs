//! The languages of the desk. Its templates are written in English; another language is a table from each
//! English phrase to its own, under `languages/`. What a table lacks stays English, so that one can grow.

pub mod template;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use minijinja::{Value, context};
use serde::Deserialize;

use super::oops::Oops;
use super::page::TEMPLATES;
use super::session;

/// The language that the templates are written in.
pub const ENGLISH: &str = "en";

/// Every table, by the BCP 47 code of its language.
const FILES: [(&str, &str); 1] = [(
    "cy",
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/languages/cy.toml")),
)];

/// A language other than English.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// BCP 47 code.
    #[serde(skip)]
    pub code: &'static str,
    /// What its speakers call it.
    pub name: String,
    /// Somebody who grew up with it has read it.
    pub reviewed: bool,
    /// From the English phrase.
    pub phrases: BTreeMap<String, String>,
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let read = |(code, text): &(&'static str, &str)| match toml::from_str::<Language>(text) {
        Ok(language) => Some(Language { code, ..language }),
        Err(error) => {
            tracing::error!(%error, code, "a language cannot be read");
            None
        }
    };
    FILES.iter().filter_map(read).collect()
});

/// Every language other than English.
pub fn languages() -> &'static [Language] {
    &LANGUAGES
}

/// The language with this code.
pub fn find(code: &str) -> Option<&'static Language> {
    languages().iter().find(|language| language.code == code)
}

impl Language {
    /// A phrase in this language.
    pub fn say(&self, phrase: &str) -> Option<String> {
        self.phrases.get(phrase).cloned()
    }
}

/// Every phrase of the templates, once, in their order.
pub fn phrases() -> Vec<String> {
    let mut phrases: Vec<String> = Vec::new();
    for (_, source) in TEMPLATES {
        template::said(source, &mut |phrase| {
            if !phrases.iter().any(|known| known == phrase) {
                phrases.push(phrase.to_owned());
            }
            None
        });
    }
    phrases
}

/// The language that somebody has chosen, or else the one that the browser asks for first among those on
/// offer; English if there is none. Weights count as the order, as browsers send them (RFC 9110, section
/// 12.5.4).
pub fn chosen(headers: &HeaderMap, offered: &[String]) -> &'static str {
    let asked = headers.get(header::ACCEPT_LANGUAGE);
    let asked = asked.and_then(|value| value.to_str().ok());
    let asked = asked.unwrap_or_default().split(',');
    let ranges = session::cookie(headers, COOKIE).into_iter().chain(asked);
    let mut known = ranges.filter_map(|range| on_offer(range, offered));
    known.next().unwrap_or(ENGLISH)
}

/// The language of a range such as `cy-GB;q=0.9`.
fn on_offer(range: &str, offered: &[String]) -> Option<&'static str> {
    let code = range.trim().split(['-', ';']).next()?;
    if code.eq_ignore_ascii_case(ENGLISH) {
        return Some(ENGLISH);
    }
    let language = find(&code.to_ascii_lowercase())?;
    let is_offered = offered.iter().any(|one| one == language.code);
    is_offered.then_some(language.code)
}

/// The languages on offer besides the present one, for links: code and name.
pub fn others(present: &str, offered: &[String]) -> Vec<Value> {
    let offered = offered.iter().filter_map(|code| find(code));
    let offered = offered.map(|one| (one.code, one.name.as_str()));
    let all = offered.chain([(ENGLISH, "English")]);
    let others = all.filter(|(code, _)| *code != present);
    others.map(|(code, name)| context! { code, name }).collect()
}

/// `GET /language/{code}`: shows pages in this language from now on, in this browser.
pub async fn choose(Path(code): Path<String>) -> Result<Response, Oops> {
    let code = match find(&code) {
        Some(language) => language.code,
        None if code == ENGLISH => ENGLISH,
        None => return Err(Oops::not_found()),
    };
    let mut response = Redirect::to("/").into_response();
    let cookie = format!("{COOKIE}={code}; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000");
    let cookie = HeaderValue::try_from(cookie).ok();
    response
        .headers_mut()
        .extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    Ok(response)
}

/// Name of the cookie that remembers a choice: a code and nothing about anybody.
const COOKIE: &str = "language";

#[cfg(test)]
mod tests;
