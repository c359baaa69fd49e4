//! The deterrence watch: registrations by month, with what an interrupted time series says of the months
//! around an agreement, and what it cannot say.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use minijinja::{Value, context};
use serde::Deserialize;
use statistics::{Band, Event, Fit, fit};

use super::Desk;
use super::oops::Oops;
use super::visitor::Visitor;
use crate::pipeline::StepError;
use crate::publication::watch::{self, COLUMNS, Month, WatchMonth};

const TITLE: &str = "Deterrence watch";
/// Size of the plot, in its own units.
const PLOT: (f64, f64) = (640.0, 240.0);
/// Months before and after an event without which the series says nothing.
const AROUND: usize = 3;

/// Which event is looked at.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    event: String,
}

/// Something that happened to an agreement in a month of the series.
struct Happened {
    code: String,
    words: String,
    month: Month,
    /// How many more in the same month.
    others: usize,
}

/// `GET /statistics/watch`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Oops> {
    let months = watch::months(&desk.gate).map_err(StepError::from)?;
    let happened = happened(&desk, &months);
    let chosen = happened.iter().find(|one| one.code == asked.event);
    let chosen = chosen.or_else(|| happened.last());
    let counts: Option<Vec<u64>> = months.iter().map(WatchMonth::registered).collect();
    let fit = match (chosen, &counts, months.first()) {
        (Some(event), Some(counts), Some(first)) => {
            let at = event.month.since(first.month);
            let of = Event {
                name: event.words.clone(),
                month: at,
            };
            let waves = usize::from(counts.len() >= 24) + usize::from(counts.len() >= 48);
            fit(counts, &[of], waves).ok().map(|fit| (at, fit))
        }
        _ => None,
    };
    let content = context! {
        months => months.iter().rev().map(shown).collect::<Vec<_>>(),
        columns => COLUMNS.to_vec(),
        events => happened.iter().map(|one| context! { code => one.code.clone(), words => one.words.clone() }).collect::<Vec<_>>(),
        chosen => chosen.map(|one| one.code.clone()),
        event => chosen.map(|one| one.words.clone()),
        hidden => counts.is_none(),
        chart => counts.as_ref().map(|counts| chart(&months, counts, fit.as_ref())),
        fit => fit.as_ref().map(|(_, fit)| said(fit)),
    };
    Ok(visitor.page("public/watch.html", TITLE, "statistics", content))
}

/// `GET /statistics/watch.csv`: every month published.
pub async fn file(State(desk): State<Arc<Desk>>) -> Result<Response, Oops> {
    let months = watch::months(&desk.gate).map_err(StepError::from)?;
    let bytes = watch::csv(&months);
    let bytes = bytes.map_err(|_| Oops::not_now("The file could not be made."))?;
    let kind = "text/csv; charset=utf-8; header=present";
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

/// `GET /statistics/watch.csv-metadata.json`: its description for programs.
pub async fn description() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/csvm+json")];
    (kind, Json(watch::metadata()).into_response().into_body()).into_response()
}

/// What happened to the agreements with enough months on either side.
fn happened(desk: &Desk, months: &[WatchMonth]) -> Vec<Happened> {
    let (Some(first), Some(last)) = (months.first(), months.last()) else {
        return Vec::new();
    };
    let library = desk.gate.agreements();
    let mut all = Vec::new();
    for agreement in library.agreements() {
        for event in agreement.log.events() {
            use agreement::EventKind::{Agreed, Note};
            let month = Month::of(event.effective);
            let within = month > first.month
                && month <= last.month
                && month.since(first.month) >= AROUND
                && last.month.since(month) + 1 >= AROUND;
            if within && !matches!(event.event, Agreed | Note) {
                let name = format!("{}/{}", agreement.id, event.version);
                all.push(Happened {
                    code: format!("{name}@{month}"),
                    words: format!("{name} {}, {month}", event.event.word()),
                    month,
                    others: 0,
                });
            }
        }
    }
    all.sort_by_key(|one| one.month);
    // What happened in one month cannot be told apart: it is one event.
    all.dedup_by(|next, kept| {
        let same = next.month == kept.month;
        if same {
            kept.others += 1;
        }
        same
    });
    for one in all.iter_mut().filter(|one| one.others > 0) {
        one.words = format!("{} and {} more", one.words, one.others);
    }
    all
}

fn shown(month: &WatchMonth) -> Value {
    let lines = month.lines.iter();
    context! {
        month => month.month.to_string(),
        lines => lines.map(|line| context! { area => line.area.clone(), counts => line.counts.to_vec() }).collect::<Vec<_>>(),
    }
}

/// The coefficients in words, and how far to trust them.
fn said(fit: &Fit) -> Value {
    let rows = fit
        .coefficients
        .iter()
        .filter(|one| !one.name.starts_with("season"));
    let rows = rows.map(|one| {
        let Band { value, low, high } = one.ratio;
        context! {
            name => one.name.clone(),
            ratio => format!("{value:.3}"),
            band => format!("{low:.3} to {high:.3}"),
        }
    });
    context! {
        rows => rows.collect::<Vec<_>>(),
        dispersion => format!("{:.2}", fit.dispersion),
        autocorrelation => format!("{:.2}", fit.autocorrelation),
        degrees => fit.degrees,
    }
}

fn chart(months: &[WatchMonth], counts: &[u64], fit: Option<&(usize, Fit)>) -> Value {
    let highs = fit
        .iter()
        .flat_map(|(_, fit)| fit.fitted.iter().map(|band| band.high));
    let most = counts
        .iter()
        .map(|count| *count as f64)
        .chain(highs)
        .fold(1.0, f64::max);
    let step = PLOT.0 / counts.len().max(1) as f64;
    let x = |month: usize| (month as f64 + 0.5) * step;
    let y = |count: f64| PLOT.1 - count / most * (PLOT.1 - 16.0);
    let line = |values: &mut dyn Iterator<Item = (usize, f64)>| {
        let points = values.map(|(at, value)| format!("{:.1},{:.1}", x(at), y(value)));
        points.collect::<Vec<_>>().join(" ")
    };
    let of = |bands: &[Band], pick: fn(&Band) -> f64| line(&mut bands.iter().map(pick).enumerate());
    let around = fit.map(|(at, fit)| {
        let band = fit.fitted.iter().enumerate();
        let up = line(&mut band.clone().map(|(at, band)| (at, band.high)));
        let down = line(&mut band.rev().map(|(at, band)| (at, band.low)));
        context! {
            band => format!("{up} {down}"),
            fitted => of(&fit.fitted, |band| band.value),
            without => line(&mut fit.without.iter().map(|band| band.value).enumerate().skip(*at)),
            event_x => format!("{:.1}", *at as f64 * step),
        }
    });
    let dots = counts.iter().enumerate().map(|(at, count)| {
        context! { x => format!("{:.1}", x(at)), y => format!("{:.1}", y(*count as f64)) }
    });
    context! {
        dots => dots.collect::<Vec<_>>(),
        around,
        first => months.first().map(|one| one.month.to_string()),
        last => months.last().map(|one| one.month.to_string()),
        most => format!("{most:.0}"),
    }
}
