//! `tracegate model check`.

use std::path::PathBuf;

use matcher::Model;
use matcher::bayes::{Difference, Finding, Measure};
use serde_json::json;

use super::Data;
use super::sample::Sample;
use crate::cli::{Exit, Format, print_json};

/// Differences that are printed.
const DIFFERENCES_SHOWN: usize = 12;

#[derive(clap::Args)]
pub struct Args {
    /// Model file
    model: PathBuf,
    #[command(flatten)]
    data: Data,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let model = match super::read(Some(&args.model)) {
        Ok(model) => model,
        Err(error) => {
            eprintln!("tracegate: {error:#}");
            return Ok(Exit::NotVerified);
        }
    };
    let shipped = Model::default();
    let sample = Sample::of(&args.data)?;
    let measure = sample.measure(&model);
    let against = (model != shipped).then(|| sample.measure(&shipped));
    let mut findings = model.check();
    findings.extend(measure.check());
    if args.data.index.is_some() {
        findings.extend(measure.misfits());
    }
    let sound = !findings.iter().any(|finding| finding.fault);
    let differences = model.differences(&shipped);
    match args.format {
        Format::Json => print_json(&document(
            &findings,
            &differences,
            &measure,
            against.as_ref(),
        ))?,
        Format::Text => {
            findings.iter().for_each(show);
            fit(&measure, against.as_ref(), &sample.words);
            compare(&differences);
            println!(
                "{}",
                if sound {
                    "The model is sound."
                } else {
                    "The model is not sound."
                }
            );
        }
    }
    Ok(if sound { Exit::Done } else { Exit::NotVerified })
}

fn show(finding: &Finding) {
    println!(
        "{}: {}",
        if finding.fault { "fault" } else { "note" },
        finding.what
    );
}

fn fit(measure: &Measure, shipped: Option<&Measure>, on: &str) {
    println!(
        "Measured on {on}: {:.1} % are about somebody in the index; a request is explained by {:.3} bits",
        100.0 * measure.in_index,
        measure.bits
    );
    if let Some(shipped) = shipped {
        let more = measure.bits - shipped.bits;
        println!(
            "more than by chance, {:.3} bits {} than with the shipped model.",
            more.abs(),
            if more < 0.0 { "less" } else { "more" }
        );
    } else {
        println!("more than by chance.");
    }
}

fn compare(differences: &[Difference]) {
    if differences.is_empty() {
        println!("The shares are those of the shipped model.");
        return;
    }
    println!(
        "{} levels differ from the shipped model; the largest differences:",
        differences.len()
    );
    for one in differences.iter().take(DIFFERENCES_SHOWN) {
        let [here, shipped] = one.shares.map(|share| 100.0 * share);
        println!(
            "  {:<15}{:<18}{here:>9.3} % here {shipped:>9.3} % shipped {:>+6.1} bits",
            one.level.field(),
            one.level.name(),
            one.bits
        );
    }
}

fn document(
    findings: &[Finding],
    differences: &[Difference],
    measure: &Measure,
    shipped: Option<&Measure>,
) -> serde_json::Value {
    let finding = |one: &Finding| json!({ "fault": one.fault, "what": one.what });
    let difference = |one: &Difference| {
        json!({
            "field": one.level.field(),
            "level": one.level.name(),
            "share": one.shares[0],
            "shipped_share": one.shares[1],
            "bits": one.bits,
        })
    };
    json!({
        "sound": !findings.iter().any(|one| one.fault),
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
        "requests": measure.requests,
        "in_index": measure.in_index,
        "bits": measure.bits,
        "shipped_bits": shipped.map_or(measure.bits, |shipped| shipped.bits),
        "differences": differences.iter().map(difference).collect::<Vec<_>>(),
    })
}
