//! The published statistics: a page, a file and its description for each quarter.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use disclosure::statistics::Row;
use minijinja::{Value, context};

use super::oops::Oops;
use super::visitor::Visitor;
use super::{Desk, page};
use crate::pipeline::StepError;
use crate::publication::correction::Correction;
use crate::publication::{
    self, Edition, Line, PublicationError, PublishedTable, Quarter, correction,
};

/// Length of the longest bar of the chart, in its own units.
const BAR_MAX: u64 = 420;

/// `GET /statistics`: the newest quarter.
pub async fn newest(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let quarters =
        publication::quarters(&desk.gate.settings.statistics).map_err(StepError::from)?;
    show(&desk, &visitor, quarters.first().copied(), &quarters)
}

/// `GET /statistics/{name}`: the page of a quarter; a `.csv` of one of its editions, or the file's description for
/// programs.
pub async fn one(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
    visitor: Visitor,
) -> Result<Response, Oops> {
    let folder = &desk.gate.settings.statistics;
    let (edition, rest) = name.split_once('.').unwrap_or((&name, ""));
    let edition: Edition = edition.parse().map_err(|()| Oops::not_found())?;
    match rest {
        "approaches.csv" => {
            return csv(publication::approaches::read(&desk.gate, edition.quarter));
        }
        "details.csv" => return csv(publication::read_details(folder, edition)),
        _ => {}
    }
    let found = publication::read(folder, edition).map_err(StepError::from)?;
    let (bytes, _) = found.ok_or_else(Oops::not_found)?;
    match rest {
        "" => {
            let quarters = publication::quarters(folder).map_err(StepError::from)?;
            show(&desk, &visitor, Some(edition.quarter), &quarters)
        }
        "csv" => csv(Ok(Some(bytes))),
        "csv-metadata.json" => {
            let metadata = correction::metadata(folder, edition).map_err(StepError::from)?;
            Ok(description(metadata))
        }
        "details.csv-metadata.json" => Ok(description(publication::details::metadata(edition))),
        _ => Err(Oops::not_found()),
    }
}

fn csv(found: Result<Option<Vec<u8>>, PublicationError>) -> Result<Response, Oops> {
    let bytes = found
        .map_err(StepError::from)?
        .ok_or_else(Oops::not_found)?;
    let kind = "text/csv; charset=utf-8; header=present";
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

fn description(metadata: serde_json::Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/csvm+json")];
    (kind, Json(metadata).into_response().into_body()).into_response()
}

fn show(
    desk: &Desk,
    visitor: &Visitor,
    quarter: Option<Quarter>,
    quarters: &[Quarter],
) -> Result<Response, Oops> {
    let now = desk.gate.clock.now();
    let folder = &desk.gate.settings.statistics;
    let mut earlier = quarter.map_or_else(Vec::new, |one| publication::editions(folder, one));
    let edition = earlier.pop();
    let published = edition
        .map(|edition| newest_of(folder, edition))
        .transpose()?;
    let table = published.as_ref().map(|(table, _)| table);
    let correction = published
        .as_ref()
        .and_then(|(_, correction)| correction.as_ref());
    let columns = Row::default().columns().map(|(name, _)| name);
    let content = context! {
        quarter => quarter.map(|quarter| quarter.to_string()),
        edition => edition.map(|edition| edition.to_string()),
        correction => correction.map(|one| context! { reason => &one.reason, at => page::value(one.corrected_at) }),
        earlier => earlier.iter().map(ToString::to_string).collect::<Vec<_>>(),
        as_of => quarter.map(|quarter| page::value(quarter.end())),
        next => page::value(Quarter::of(now).end()),
        quarters => quarters.iter().map(ToString::to_string).collect::<Vec<_>>(),
        columns => columns.to_vec(),
        lines => table.map_or_else(Vec::new, |table| table.lines.iter().map(line).collect()),
        bars => table.map_or_else(Vec::new, bars),
        details => edition.is_some_and(|edition| publication::read_details(folder, edition).is_ok_and(|found| found.is_some())),
        approaches => quarter.is_some_and(|quarter| publication::approaches::read(&desk.gate, quarter).is_ok_and(|found| found.is_some())),
    };
    Ok(visitor.page(
        "public/statistics.html",
        "Statistics",
        "statistics",
        content,
    ))
}

/// What was published last of a quarter, and why if it is a correction.
fn newest_of(
    folder: &std::path::Path,
    edition: Edition,
) -> Result<(PublishedTable, Option<Correction>), Oops> {
    let found = publication::read(folder, edition).map_err(StepError::from)?;
    let (_, table) = found.ok_or_else(Oops::not_found)?;
    let correction = correction::of(folder, edition).map_err(StepError::from)?;
    Ok((table, correction))
}

fn line(line: &Line) -> Value {
    context! {
        agreement => line.agreement.clone(),
        agency => line.agency.clone(),
        counts => line.counts.clone(),
    }
}

/// A bar for each ending that was ever reached, by the line of everything.
fn bars(table: &PublishedTable) -> Vec<Value> {
    let Some((received, ended)) = table.total().and_then(|total| total.counts.split_first()) else {
        return Vec::new();
    };
    let whole = received.unwrap_or(0).max(1);
    let names = Row::default().columns().map(|(name, _)| name);
    let bars = names
        .into_iter()
        .zip(ended)
        .filter(|(_, count)| **count != Some(0));
    bars.enumerate()
        .map(|(at, (name, count))| {
            let length = count.map_or(0, |count| (count * BAR_MAX).div_ceil(whole));
            context! { name, count, length, y => at * 34 }
        })
        .collect()
}
