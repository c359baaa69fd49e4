//! What each level of agreement weighs.

use super::html::{Html, Table, of_one};
use crate::bayes::{Level, LevelMeasure};
use crate::chart::{Caption, Dots, dots};
use crate::report::Report;

pub(super) fn levels(html: &mut Html, report: &Report) {
    html.section("levels", "What each agreement weighs");
    html.paragraph(&format!(
        "For every field, how often a true match shows each level (m, as the model has it, and as the likely \
         matches of these requests show it), how often a stranger does (u, among {} random pairs), and the mean \
         evidence in bits of the matches that show it. Rare values weigh more than common ones.",
        super::count(report.measure.pairs)
    ));
    for field in Level::fields() {
        let of_field = |one: &&LevelMeasure| one.level.field() == field;
        let levels: Vec<&LevelMeasure> = report.measure.levels.iter().filter(of_field).collect();
        let words = field.replace('_', " ").replace("nhs", "NHS");
        field_of(html, field, &words, &levels);
    }
}

fn field_of(html: &mut Html, field: &str, words: &str, levels: &[&LevelMeasure]) {
    let bits = |one: &LevelMeasure| {
        one.bits
            .map_or_else(|| "-".to_owned(), |bits| format!("{bits:+.1}"))
    };
    let drawn: Vec<Dots> = levels
        .iter()
        .map(|one| Dots {
            label: one.level.name().replace('_', " "),
            text: format!("{} bits", bits(one)),
            filled: one.expected,
            hollow: one.strangers,
        })
        .collect();
    let id = format!("c-level-{}", field.replace('_', "-"));
    let title = format!("Levels of {words}");
    let caption = Caption {
        id: &id,
        title: &title,
        description: "How often a true match and a stranger show each level, on a logarithmic axis. The table \
                      has the numbers.",
    };
    let row = |one: &&LevelMeasure| {
        vec![
            format!(
                "{}: {}",
                one.level.name().replace('_', " "),
                one.level.words()
            ),
            of_one(one.expected),
            if one.count > 0.0 {
                of_one(one.seen)
            } else {
                "-".to_owned()
            },
            one.strangers.map_or_else(|| "-".to_owned(), of_one),
            bits(one),
        ]
    };
    html.heading(words);
    html.pair(
        &title,
        &dots(caption, ["true match (m)", "stranger (u)"], &drawn),
        &Table {
            caption: &title,
            header: &["level", "m", "m seen", "u", "bits"],
            rows: levels.iter().map(row).collect(),
        },
    );
}
