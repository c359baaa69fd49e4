//! `tracegate replay --published`: volumes that were published, under stated assumptions.

use std::path::Path;

use agreement::{Backcast, BackcastLine, Basis, Library, VersionId};
use anyhow::Context as _;
use serde_json::json;

use crate::cli::agreement::find;
use crate::cli::{Exit, Format, print_json};
use crate::shipped;

/// Prints the shipped volumes, or those of a file; under one version if it is named.
pub fn run(
    file: Option<&Path>,
    under: Option<&VersionId>,
    library: &Library,
    format: Format,
) -> anyhow::Result<Exit> {
    let mut backcast = match file {
        Some(path) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path);
            let text = text.with_context(|| format!("cannot read `{name}`"))?;
            Backcast::parse(&name, &text)?
        }
        None => shipped::volumes()?,
    };
    if let Some(under) = under {
        find(library, under)?;
        backcast.under = vec![under.clone()];
    }
    let lines = backcast.lines(library)?;
    match format {
        Format::Json => print_json(&json!({
            "format": "tracegate-backcast/1",
            "lines": lines,
            "assumptions": backcast.assumptions,
            "volumes": backcast.volumes,
        }))?,
        Format::Text => print(&backcast, &lines),
    }
    Ok(Exit::Done)
}

fn print(backcast: &Backcast, lines: &[BackcastLine]) {
    println!(
        "What the requests claimed was never published: every line rests on its assumption.\n"
    );
    for assumption in &backcast.assumptions {
        println!(
            "{}\n  {}\n  source: {}",
            assumption.id, assumption.text, assumption.source
        );
    }
    for volume in &backcast.volumes {
        println!("\n{}", volume.period);
        if let Some(text) = &volume.note {
            println!("  {text}");
        }
        println!("  source: {}", volume.source);
        println!(
            "  {:<48} {:>9} {:>9} {:>12}",
            "", "released", "refused", "cannot tell"
        );
        for under in &backcast.under {
            let under = under.to_string();
            let of = |line: &&BackcastLine| line.period == volume.period && line.under == under;
            print_version(&under, &lines.iter().filter(of).collect::<Vec<_>>());
        }
    }
}

/// The lines of one volume under one version.
fn print_version(under: &str, lines: &[&BackcastLine]) {
    let Some(first) = lines.first() else { return };
    let basis = match first.basis {
        Basis::Released => "released",
        Basis::Received => "received",
    };
    println!("  {} {basis}, under {under}", first.requests);
    for line in lines {
        let assumed = line.assumption.as_deref();
        println!(
            "    {:<46} {:>9} {:>9} {:>12}",
            assumed.unwrap_or("no ending is published: no assumption can help"),
            line.counts.released,
            line.counts.refused,
            line.counts.cannot_tell
        );
    }
}
