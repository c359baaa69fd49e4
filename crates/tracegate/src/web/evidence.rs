//! Evidence for everybody: the poll of 2018, what the public-interest tests rest on, and published
//! volumes under other agreements. Each figure with what is not known of it.

use std::sync::Arc;

use agreement::{Backcast, BackcastLine, Basis};
use axum::extract::State;
use axum::response::Response;
use minijinja::{Value, context};

use super::oops::Oops;
use super::visitor::Visitor;
use super::{Desk, page};
use crate::gate::Gate;
use crate::shipped;

/// `GET /evidence`: the poll, and the evidence of every public-interest test.
pub async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let poll = shipped::poll().map_err(|error| unreadable(&error))?;
    let content = context! {
        poll => page::value(&poll),
        bars => poll.figures.iter().zip(0..).map(|(figure, row)| context! {
            label => figure.label.as_str(),
            told => figure.percentage.to_string(),
            figure => page::value(figure),
            y => row * 46,
        }).collect::<Vec<Value>>(),
        height => poll.figures.len() * 46,
        overlaps => poll.overlaps.iter().map(|overlap| context! {
            at_least => overlap.at_least.to_string(),
            ..page::value(overlap)
        }).collect::<Vec<Value>>(),
        tests => tests(&desk.gate),
    };
    Ok(visitor.page("public/evidence.html", "Evidence", "evidence", content))
}

/// What is shipped is read in the tests: this cannot happen unless the build was altered.
fn unreadable(error: &dyn std::error::Error) -> Oops {
    tracing::error!(%error, "shipped evidence cannot be read");
    Oops::not_found()
}

/// What each public-interest test rests on.
fn tests(gate: &Gate) -> Vec<Value> {
    let library = gate.agreements();
    let agreements = library.agreements();
    let tests = agreements.filter_map(|agreement| {
        let test = agreement.tests().last()?;
        Some(context! {
            agreement => agreement.id.clone(),
            conclusion => test.conclusion.clone(),
            valid => test.valid_at(gate.clock.now()),
            evidence => page::value(&test.evidence),
        })
    });
    tests.collect()
}

/// `GET /evidence/back-cast`: published volumes under other versions, by assumption.
pub async fn back_cast(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let backcast = shipped::volumes().map_err(|fault| unreadable(&fault))?;
    // A gate of other agreements may lack the versions; the volumes are still worth reading.
    let judge = || backcast.lines(&desk.gate.agreements()).unwrap_or_default();
    let lines = desk.back_cast.get_or_init(judge);
    let content = context! {
        assumptions => page::value(&backcast.assumptions),
        judged => !lines.is_empty(),
        volumes => volumes(&backcast, lines),
    };
    let title = "Published volumes under another agreement";
    Ok(visitor.page("public/back_cast.html", title, "evidence", content))
}

fn volumes(backcast: &Backcast, lines: &[BackcastLine]) -> Vec<Value> {
    let place = |line: &BackcastLine| {
        let mut assumptions = backcast.assumptions.iter();
        let found = assumptions.position(|known| Some(&known.id) == line.assumption.as_ref());
        found.map(|place| place + 1)
    };
    let row = |line: &BackcastLine| context! { line => page::value(line), place => place(line) };
    let volumes = backcast.volumes.iter().map(|volume| {
        let of = || lines.iter().filter(|line| line.period == volume.period);
        context! {
            volume => page::value(volume),
            released => of().any(|line| line.basis == Basis::Released),
            lines => of().map(row).collect::<Vec<Value>>(),
        }
    });
    volumes.collect()
}
