//! How people are searched for, and who can never be told apart.

use super::html::{Html, Table, count, of_one, percent};
use crate::bayes::SearchKey;
use crate::chart::{Bar, Caption, bars};
use crate::report::Report;

pub(super) fn search(html: &mut Html, report: &Report) {
    html.section("search", "Which search key finds whom");
    let tally = &report.tally;
    let sought = match tally.truth_known() {
        true => "people asked about who are in the index",
        false => "people who were the answer",
    };
    html.paragraph(&format!(
        "Only people who share a key with the request are compared with it. All keys together find {} of the {} \
         {sought} ({}). They bring {:.0} rows a request on average, {} at most.",
        count(tally.found),
        count(tally.looked_for),
        percent(tally.found, tally.looked_for),
        tally.rows as f64 / tally.requests.max(1) as f64,
        count(u64::from(tally.rows_max)),
    ));
    let keys = || SearchKey::ALL.into_iter().zip(&tally.keys);
    let bar = |(key, one): (SearchKey, &crate::report::KeyTally)| Bar {
        label: key.words().to_owned(),
        value: one.found as f64,
        text: percent(one.found, tally.looked_for),
    };
    let caption = Caption {
        id: "c-search",
        title: "People found by each search key",
        description: "Share of the people sought whom the key finds. The table has the numbers.",
    };
    let rows = keys().map(|(key, one)| {
        vec![
            key.words().to_owned(),
            percent(one.found, tally.looked_for),
            count(one.alone),
            percent(one.alone, tally.looked_for),
            format!("{:.1}", one.rows as f64 / tally.requests.max(1) as f64),
            count(u64::from(one.rows_max)),
        ]
    });
    html.pair(
        "People found by each key",
        &bars(
            caption,
            tally.looked_for as f64,
            &keys().map(bar).collect::<Vec<_>>(),
        ),
        &Table {
            caption: "By search key",
            header: &[
                "key",
                "finds",
                "alone",
                "lost without it",
                "rows a request",
                "at most",
            ],
            rows: rows.collect(),
        },
    );
}

pub(super) fn facts(html: &mut Html, report: &Report) {
    let facts = &report.facts;
    html.section("index", "What the index cannot tell");
    html.table(&Table {
        caption: "Dates of birth",
        header: &["people", "number", "share"],
        rows: vec![
            vec!["in the index".to_owned(), count(facts.people), of_one(1.0)],
            vec![
                "born on 1 January, or on an estimated date".to_owned(),
                count(facts.first_of_january),
                percent(facts.first_of_january, facts.people),
            ],
            vec![
                "without a date of birth".to_owned(),
                count(facts.undated),
                percent(facts.undated, facts.people),
            ],
        ],
    });
    html.heading("People who can never be told apart");
    if facts.indistinct_groups == 0 {
        html.paragraph("Nobody has the names, date of birth, sex and address of somebody else.");
        return;
    }
    html.paragraph(&format!(
        "{} people in {} groups have the same names, date of birth, sex and address. Only an NHS number can tell \
         them apart; perhaps they are one person registered twice.",
        count(facts.indistinct_people),
        count(facts.indistinct_groups),
    ));
    html.table(&Table {
        caption: "The first of these groups, by identifier",
        header: &["people", "identifiers"],
        rows: facts
            .indistinct
            .iter()
            .map(|group| vec![count(group.len() as u64), group.join(", ")])
            .collect(),
    });
}
