//! `/api/v1`: JSON in and out. One file for each resource.

pub mod agreements;
pub mod batches;
pub mod cases;
pub mod description;
pub mod drafts;
pub mod packages;
pub mod requests;
pub mod statistics;
pub mod ts103120;
pub mod usage;
pub mod webhooks;

use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::{HeaderMap, HeaderValue, header};

use serde::Deserialize;
use store::read::Cursor;

use super::Problem;
use crate::reader::{LIST_LINES_MAX, PAGE_LINES};

/// Any other path.
pub async fn not_found() -> Problem {
    Problem::not_found()
}

/// A body, or a problem that names the line and the field.
pub fn body<T>(json: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    json.map(|Json(value)| value)
        .map_err(|error| Problem::unreadable(readable(&error.body_text())))
}

/// What is wrong with a body: which field, and where, and never what stands there. Messages of the
/// parser repeat values, and a value may be a name.
fn readable(text: &str) -> String {
    if [
        "unknown field `",
        "missing field `",
        "Expected request with",
    ]
    .iter()
    .any(|harmless| text.contains(harmless))
    {
        return text.to_owned();
    }
    let place = text.rfind(" at line ").map_or("", |at| &text[at..]);
    let field = text.split_once("target type: ");
    let field = field.and_then(|(_, rest)| rest.split_once(": "));
    match field {
        Some((field, _)) if !field.contains(' ') => {
            format!("`{field}` is not of the kind that is expected{place}")
        }
        _ => format!("the body is not the JSON that is expected{place}"),
    }
}

/// An `ETag`.
fn etag(tag: impl std::fmt::Display) -> HeaderMap {
    let value = HeaderValue::try_from(format!("\"{tag}\""));
    value
        .map(|value| HeaderMap::from_iter([(header::ETAG, value)]))
        .unwrap_or_default()
}

/// Which page of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    after: Option<String>,
    limit: Option<u32>,
}

/// Where a page begins, and how long it is.
fn paging(page: Result<Query<Paging>, QueryRejection>) -> Result<(Option<Cursor>, u32), Problem> {
    let unreadable = |_| {
        Problem::unreadable(format!(
            "`limit` is a number from 1 to {LIST_LINES_MAX}, `after` is taken from the `Link` of the \
             page before"
        ))
    };
    let Query(page) = page.map_err(|_| unreadable(()))?;
    let after = page.after.map(|after| after.parse());
    let limit = page.limit.unwrap_or(PAGE_LINES);
    if !(1..=LIST_LINES_MAX).contains(&limit) {
        return Err(unreadable(()));
    }
    Ok((after.transpose().map_err(unreadable)?, limit))
}

/// The `Link` to the next page (RFC 8288), where there is one.
fn next_page(list: &str, next: Option<Cursor>, limit: u32) -> HeaderMap {
    let link = next.and_then(|next| {
        let link = format!("</api/v1/{list}?limit={limit}&after={next}>; rel=\"next\"");
        HeaderValue::try_from(link).ok()
    });
    HeaderMap::from_iter(link.map(|link| (header::LINK, link)))
}
