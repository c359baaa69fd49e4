//! `tracegate model show`.

use std::fmt::Write as _;
use std::path::PathBuf;

use matcher::Model;
use matcher::bayes::{CLASS_NAMES, Level, LevelMeasure, Measure};
use serde_json::{Map, Value, json};

use super::Data;
use super::sample::Sample;
use crate::cli::{Exit, Format, print_json};

#[derive(clap::Args)]
pub struct Args {
    /// Model file; the shipped one otherwise
    model: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let model = super::read(args.model.as_deref())?;
    let sample = Sample::of(&args.data)?;
    let measure = sample.measure(&model);
    match args.format {
        Format::Json => print_json(&document(&model, &measure, &sample.words))?,
        Format::Text => print!("{}", table(&model, &measure, &sample.words)),
    }
    Ok(Exit::Done)
}

fn table(model: &Model, measure: &Measure, on: &str) -> String {
    let mut text = String::new();
    let classes = CLASS_NAMES.iter().zip(model.classes);
    let classes: Vec<String> = classes
        .map(|(name, share)| format!("{name} {:.1} %", 100.0 * share))
        .collect();
    let prior = model.prior;
    let _ = writeln!(text, "{}\n", model.description);
    let _ = writeln!(text, "Requests: {}", classes.join(", "));
    let _ = writeln!(
        text,
        "Before looking: {:.1} % about somebody in the index; at most {:.1} % about an absent twin, \
         {:.1} %\nabout an absent namesake and {:.1} % about another absent member of a household in it",
        100.0 * prior.in_index,
        100.0 * prior.twin,
        100.0 * prior.namesake,
        100.0 * prior.household,
    );
    let _ = writeln!(
        text,
        "\nHow often a true match shows each level, by class of request; how often a stranger does;\n\
         and the mean evidence in bits. Measured on {on}."
    );
    for field in Level::fields() {
        let _ = write!(text, "\n{field:<19}");
        for name in CLASS_NAMES {
            let _ = write!(text, "{name:>10}");
        }
        let _ = writeln!(text, "{:>11}{:>9}", "strangers", "bits");
        for one in measure
            .levels
            .iter()
            .filter(|one| one.level.field() == field)
        {
            row(&mut text, model, one);
        }
    }
    text
}

fn row(text: &mut String, model: &Model, one: &LevelMeasure) {
    let _ = write!(text, "  {:<17}", one.level.name());
    for share in model.shares(one.level) {
        let _ = write!(text, "{:>8.2} %", 100.0 * share);
    }
    let strangers = one.strangers.map_or_else(|| "-".to_owned(), percent);
    let bits = one
        .bits
        .map_or_else(|| "-".to_owned(), |bits| format!("{bits:+.1}"));
    let _ = writeln!(text, "{strangers:>11}{bits:>9}  {}", one.level.words());
}

/// A share with as many digits as a rare one needs.
fn percent(share: f64) -> String {
    match 100.0 * share {
        0.0 => "0 %".to_owned(),
        percent if percent < 0.01 => format!("{percent:.0e} %"),
        percent => format!("{percent:.2} %"),
    }
}

fn document(model: &Model, measure: &Measure, on: &str) -> Value {
    let level = |one: &LevelMeasure| {
        json!({
            "field": one.level.field(),
            "level": one.level.name(),
            "words": one.level.words(),
            "match_share": model.shares(one.level),
            "stranger_share": one.strangers,
            "bits": one.bits,
            "seen_share": one.seen,
            "seen_count": one.count,
        })
    };
    let classes = CLASS_NAMES.iter().zip(model.classes);
    let classes = classes.map(|(name, share)| ((*name).to_owned(), json!(share)));
    json!({
        "description": model.description,
        "measured_on": on,
        "classes": classes.collect::<Map<_, _>>(),
        "prior": {
            "in_index": model.prior.in_index,
            "twin": model.prior.twin,
            "namesake": model.prior.namesake,
            "household": model.prior.household,
        },
        "levels": measure.levels.iter().map(level).collect::<Vec<_>>(),
    })
}
