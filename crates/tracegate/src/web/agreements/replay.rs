//! Recorded history judged again under a version: counts and a chart, and for overseers the
//! decisions that come out otherwise.

use std::sync::Arc;

use agreement::{Answer, Counts, History, Report};
use axum::extract::{Path, State};
use axum::response::Response;
use minijinja::{Value, context};

use super::find;
use crate::pipeline::oversight::{self, Overseeing};
use crate::pipeline::{StepError, replay};
use crate::web::Desk;
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::page;
use crate::web::visitor::Visitor;

/// `GET /agreements/{agreement}/{version}/replay`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((agreement, version)): Path<(String, String)>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Oversight)?;
    let gate = &desk.gate;
    let library = gate.agreements();
    let version = find(&library, &agreement, &version)?;
    let (now, key) = (gate.clock.now(), gate.chance.token());
    let what = format!("recorded requests replayed under {}", version.id);
    let overseeing = Overseeing { by, now, key: &key };
    oversight::note(&gate.store, overseeing, &what).await?;
    let records = replay::records(&gate.store, version, (None, None), |_| ()).await;
    let records = records.map_err(StepError::from)?;
    let mut history = History::new(&library, version);
    let mut left_out = 0_u64;
    for record in &records {
        left_out += u64::from(history.take(record).is_err());
    }
    let report = history.report();
    let content = context! { left_out, ..content(&report) };
    let title = format!("Replay under {}", version.id);
    Ok(visitor.page("agreements/replay.html", &title, "agreements", content))
}

/// A page for a file of its own.
pub fn page(report: &Report) -> Result<String, minijinja::Error> {
    let title = format!("Replay under {}", report.under.id);
    let content = context! { left_out => 0, ..content(report) };
    page::alone("agreements/replay.html", &title, content)
}

/// Width of the longest bar, in the units of the chart.
const BAR_WIDTH: u64 = 480;

/// Height of one bar with its label.
const BAR_STEP: u64 = 58;

fn content(report: &Report) -> Value {
    let flows = report.then.iter().map(|flow| {
        let then = flow.then.map_or("not on record", Answer::word);
        (format!("Then {then}"), flow.now)
    });
    let all = ("All requests".to_owned(), report.counts);
    let rows: Vec<(String, Counts)> = flows.chain([all]).collect();
    let bars = rows.iter().zip(0..).map(|((label, counts), row)| {
        context! {
            label,
            total => counts.sum(),
            y => row * BAR_STEP,
            parts => parts(counts, report.requests),
        }
    });
    context! {
        report => page::value(report),
        name => report.under.id.to_string(),
        bars => bars.collect::<Vec<Value>>(),
        height => BAR_STEP * rows.len() as u64,
    }
}

/// The three parts of one bar; `requests` is the length of the longest.
fn parts(counts: &Counts, requests: u64) -> Vec<Value> {
    let shares = [
        (Answer::Released, counts.released),
        (Answer::Refused, counts.refused),
        (Answer::CannotTell, counts.cannot_tell),
    ];
    let mut x = 0;
    let mut parts = Vec::new();
    for (answer, count) in shares {
        let width = count * BAR_WIDTH / requests.max(1);
        let class = answer.word().replace(' ', "-");
        parts.push(context! { word => answer.word(), class, count, x, width });
        x += width;
    }
    parts
}
