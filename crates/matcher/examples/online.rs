//! How long one request alone takes, and how long with an explanation of up to fifty candidates, as the
//! service asks for it:
//! `cargo run --release -p matcher --example online -- INDEX REQUESTS`.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::BufReader;
use std::path::Path;
use std::time::Instant;

use matcher::csv_input::read_requests;
use matcher::{Answer, Index, MatchRule, Model, Terms, answer, trace};
use serde_json::{Value, json};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Requests that are timed: a hundred of them are slower than the 99.5th percentile.
const REQUESTS: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [index, requests] = arguments.as_slice() else {
        return Err("usage: online INDEX REQUESTS".into());
    };
    let index = Index::open(Path::new(index))?;
    let rows = read_requests(BufReader::new(File::open(requests)?))?;
    let asked: Vec<Terms> = rows
        .filter_map(|row| row.terms)
        .take(2 * REQUESTS)
        .collect();
    let (model, rule) = (Model::default(), MatchRule::bayes());
    let answers = |terms: &Terms| answer(&index, &model, &rule, terms);
    let explains = |terms: &Terms| trace(&index, &model, &rule, terms);
    let [answered, explained] = [time(&asked, answers), time(&asked, explains)];
    println!(
        "{}",
        json!({ "answered": answered, "explained": explained })
    );
    Ok(())
}

/// Microseconds within which half of the requests, and 99 of 100, are done.
#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn time(asked: &[Terms], work: impl Fn(&Terms) -> Answer) -> Value {
    // As many others first: a service that has just started is not what is measured.
    let (first, timed) = asked.split_at(asked.len() / 2);
    for terms in first {
        black_box(work(terms));
    }
    let mut nanoseconds: Vec<u128> = timed
        .iter()
        .map(|terms| {
            let start = Instant::now();
            black_box(work(terms));
            start.elapsed().as_nanos()
        })
        .collect();
    nanoseconds.sort_unstable();
    let microseconds = |share: f64| {
        let place = (nanoseconds.len().saturating_sub(1) as f64 * share) as usize;
        nanoseconds.get(place).copied().unwrap_or_default() as f64 / 1e3
    };
    json!({ "p50_us": microseconds(0.5), "p99_us": microseconds(0.99) })
}
