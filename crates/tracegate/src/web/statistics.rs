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
use crate::publication::{self, Line, PublishedTable, Quarter};

/// Length of the longest bar of the chart, in its own units.
const BAR_MAX: u64 = 420;

/// `GET /statistics`: the newest quarter.
pub async fn newest(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let quarters = publication::quarters(&desk.gate).map_err(StepError::from)?;
    show(&desk, &visitor, quarters.first().copied(), &quarters)
}

/// `GET /statistics/{name}`: the page of a quarter, its `.csv`, or the file's description for programs.
pub async fn one(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
    visitor: Visitor,
) -> Result<Response, Oops> {
    let (quarter, rest) = name.split_once('.').unwrap_or((&name, ""));
    let quarter: Quarter = quarter.parse().map_err(|()| Oops::not_found())?;
    if rest == "approaches.csv" {
        return approaches(&desk, quarter);
    }
    let found = publication::read(&desk.gate, quarter).map_err(StepError::from)?;
    let (bytes, _) = found.ok_or_else(Oops::not_found)?;
    match rest {
        "" => {
            let quarters = publication::quarters(&desk.gate).map_err(StepError::from)?;
            show(&desk, &visitor, Some(quarter), &quarters)
        }
        "csv" => Ok((
            [(
                header::CONTENT_TYPE,
                "text/csv; charset=utf-8; header=present",
            )],
            bytes,
        )
            .into_response()),
        "csv-metadata.json" => Ok((
            [(header::CONTENT_TYPE, "application/csvm+json")],
            Json(publication::metadata(quarter))
                .into_response()
                .into_body(),
        )
            .into_response()),
        _ => Err(Oops::not_found()),
    }
}

/// What officials asked of practices outside the channel.
fn approaches(desk: &Desk, quarter: Quarter) -> Result<Response, Oops> {
    let found = publication::approaches::read(&desk.gate, quarter).map_err(StepError::from)?;
    let bytes = found.ok_or_else(Oops::not_found)?;
    let kind = "text/csv; charset=utf-8; header=present";
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

fn show(
    desk: &Desk,
    visitor: &Visitor,
    quarter: Option<Quarter>,
    quarters: &[Quarter],
) -> Result<Response, Oops> {
    let now = desk.gate.clock.now();
    let published = match quarter {
        Some(quarter) => publication::read(&desk.gate, quarter).map_err(StepError::from)?,
        None => None,
    };
    let table = published.as_ref().map(|(_, table)| table);
    let columns = Row::default().columns().map(|(name, _)| name);
    let content = context! {
        quarter => quarter.map(|quarter| quarter.to_string()),
        as_of => quarter.map(|quarter| page::value(quarter.end())),
        next => page::value(Quarter::of(now).end()),
        quarters => quarters.iter().map(ToString::to_string).collect::<Vec<_>>(),
        columns => columns.to_vec(),
        lines => table.map_or_else(Vec::new, |table| table.lines.iter().map(line).collect()),
        bars => table.map_or_else(Vec::new, bars),
        approaches => quarter.is_some_and(|quarter| publication::approaches::read(&desk.gate, quarter).is_ok_and(|found| found.is_some())),
    };
    Ok(visitor.page(
        "public/statistics.html",
        "Statistics",
        "statistics",
        content,
    ))
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
