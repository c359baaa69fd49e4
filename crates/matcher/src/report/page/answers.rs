//! What the answers were.

use super::html::{Html, Table, count, percent};
use crate::chart::{Bar, Caption, Fill, Part, bars, columns};
use crate::report::Report;
use crate::report::tally::{SCORE_COLUMNS, SCORE_FIRST, SCORE_STEP};

pub(super) fn outcomes(html: &mut Html, report: &Report) {
    html.section("outcomes", "Outcomes");
    let tally = &report.tally;
    let mut outcomes: Vec<(&str, u64)> = tally.outcomes.iter().map(|(a, b)| (*a, *b)).collect();
    outcomes.sort_by_key(|(_, requests)| std::cmp::Reverse(*requests));
    let bar = |(outcome, requests): &(&str, u64)| Bar {
        label: outcome.replace('_', " "),
        value: *requests as f64,
        text: percent(*requests, tally.requests),
    };
    let caption = Caption {
        id: "c-outcomes",
        title: "Outcomes",
        description: "Share of the requests by outcome. The table has the numbers.",
    };
    let svg = bars(
        caption,
        tally.requests as f64,
        &outcomes.iter().map(bar).collect::<Vec<_>>(),
    );
    let row = |(outcome, requests): &(&str, u64)| {
        vec![
            outcome.replace('_', " "),
            count(*requests),
            percent(*requests, tally.requests),
        ]
    };
    html.pair(
        "Requests by outcome",
        &svg,
        &Table {
            caption: "Requests by outcome",
            header: &["outcome", "requests", "share"],
            rows: outcomes.iter().map(row).collect(),
        },
    );
}

pub(super) fn scores(html: &mut Html, report: &Report) {
    html.section("scores", "Evidence for the best candidate");
    html.paragraph(
        "The evidence is the log-odds that the best candidate is the person and nobody else is, in bits: 0 is \
         even odds, 10 is a thousand to one.",
    );
    let tally = &report.tally;
    let words = match tally.truth_known() {
        true => vec![
            "the right person",
            "somebody else",
            "the person is not in the index",
        ],
        false => vec!["best candidates"],
    };
    let fills = [Fill::Solid, Fill::Striped, Fill::Pale];
    let parts: Vec<Part> = words
        .iter()
        .zip(fills)
        .zip(&tally.scores)
        .map(|((label, fill), counts)| Part {
            label: (*label).to_owned(),
            fill,
            counts: counts.clone(),
        })
        .collect();
    let edge = |place: usize| SCORE_FIRST + SCORE_STEP * (place as f64 - 1.0);
    let edges: Vec<String> = (0..=SCORE_COLUMNS)
        .map(|place| format!("{:.0}", edge(place)))
        .collect();
    let caption = Caption {
        id: "c-scores",
        title: "Evidence for the best candidate",
        description: "How many requests have a best candidate with that much evidence. The first and the last \
                      column hold everything beyond. The table has the numbers.",
    };
    let svg = columns(caption, &edges, "bits", &parts);
    let row = |place: usize| {
        let range = match place {
            0 => format!("below {:.0}", edge(1)),
            last if last == SCORE_COLUMNS - 1 => format!("{:.0} and more", edge(last)),
            _ => format!("{:.0} to {:.0}", edge(place), edge(place + 1)),
        };
        let counts = parts
            .iter()
            .map(|part| count(part.counts.get(place).copied().unwrap_or(0)));
        std::iter::once(range).chain(counts).collect::<Vec<_>>()
    };
    let filled = (0..SCORE_COLUMNS).filter(|place| {
        parts
            .iter()
            .any(|part| part.counts.get(*place).is_some_and(|count| *count > 0))
    });
    let header: Vec<&str> = std::iter::once("bits").chain(words).collect();
    html.pair(
        "Best candidates by evidence",
        &svg,
        &Table {
            caption: "Best candidates by evidence",
            header: &header,
            rows: filled.map(row).collect(),
        },
    );
}
