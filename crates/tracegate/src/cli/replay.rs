//! `tracegate replay`: recorded history judged again under another version.

mod published;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agreement::{Answer, History, Library, Recorded, Report, Version, VersionId};
use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::agreement::{Shelf, find, write};
use super::progress::Progress;
use super::serve::runtime;
use super::{Exit, Format, print_json};
use crate::chance::Chance;
use crate::gate::{load_library, open_store};
use crate::pipeline;
use crate::settings::Settings;
use crate::web::agreements::replay::page;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    tracegate replay --under ho/2018-05-09 --facts requests-2017.jsonl\n  \
    tracegate replay --under police-serious-crime/2026-01-01 --data tracegate-demo --html replay.html\n  \
    tracegate replay --published\n\n\
    A line of the file: {\"reference\": \"R1\", \"at\": \"2017-03-01T09:00:00Z\", \"under\": \"ho/2017-01-01\",\n  \
    \"then\": \"released\", \"facts\": {\"agency\": ..., \"purpose\": ..., \"fields_requested\": [...]}}\n\n\
    A fact that the version of the time did not ask for, and that decides, makes the answer `cannot\n\
    tell`. The same records give the same bytes on every run. Nothing is traced or written.\n\n\
    --published takes the published volumes of the Home Office (or a file like evidence/volumes.toml):\n\
    what they claimed is not known, so each line names the assumption that it rests on.")]
pub struct Args {
    /// `AGREEMENT/VERSION` to judge under
    #[arg(long, required_unless_present = "published")]
    under: Option<VersionId>,
    /// JSON lines of recorded requests
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "data",
        required_unless_present_any = ["data", "published"]
    )]
    facts: Option<PathBuf>,
    /// Published volumes under stated assumptions; the shipped ones, or those of this file
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with_all = ["facts", "data", "from", "to", "list", "html"])]
    published: Option<Option<PathBuf>>,
    /// Data folder with `tracegate.toml`
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Requests received at this instant or later
    #[arg(long)]
    from: Option<Timestamp>,
    /// Requests received before this instant
    #[arg(long)]
    to: Option<Timestamp>,
    /// List every decision that comes out otherwise; for overseers
    #[arg(long)]
    list: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write a page with a chart to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    shelf: Shelf,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    if let Some(file) = &args.published {
        let library = args.shelf.open()?;
        return published::run(file.as_deref(), args.under.as_ref(), &library, args.format);
    }
    let under = args
        .under
        .as_ref()
        .context("no version to judge under; give `--under`")?;
    let (library, records) = match &args.data {
        Some(data) => from_store(args, under, data)?,
        None => from_file(args)?,
    };
    let version = find(&library, under)?;
    let mut report = replay(&library, version, &records)?;
    if !args.list {
        report.changed.clear();
    }
    if let Some(file) = &args.html {
        write(file, &page(&report)?)?;
    }
    match args.format {
        Format::Json => print_json(&report)?,
        Format::Text => print(&report, args.list),
    }
    Ok(Exit::Done)
}

fn replay(library: &Library, version: &Version, records: &[Recorded]) -> anyhow::Result<Report> {
    let mut progress = Progress::start("replaying", records.len() as u64);
    let mut history = History::new(library, version);
    for (record, done) in records.iter().zip(1..) {
        history.take(record)?;
        progress.at(done);
    }
    progress.done(&format!("{} requests replayed", records.len()));
    Ok(history.report())
}

fn from_store(
    args: &Args,
    under: &VersionId,
    data: &Path,
) -> anyhow::Result<(Library, Vec<Recorded>)> {
    let settings = Settings::load(data)?;
    let library = load_library(&settings.agreements)?;
    let version = find(&library, under)?;
    let chance = Arc::new(Chance::system()?);
    let mut progress = Progress::start("reading", 0);
    let records = runtime()?.block_on(async {
        let store = open_store(&settings, &chance).await?;
        let range = (args.from, args.to);
        let read = pipeline::replay::records(&store, version, range, |done| progress.at(done));
        anyhow::Ok(read.await?)
    })?;
    progress.done(&format!("{} requests read", records.len()));
    Ok((library, records))
}

fn from_file(args: &Args) -> anyhow::Result<(Library, Vec<Recorded>)> {
    let path = args.facts.clone().unwrap_or_default();
    let name = path.display();
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read `{name}`"))?;
    let mut records = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let record: Recorded =
            serde_json::from_str(line).with_context(|| format!("in `{name}`, line {number}"))?;
        if record.at.is_none() && (args.from.is_some() || args.to.is_some()) {
            bail!("`{name}`, line {number}: no `at`, which `--from` and `--to` need");
        }
        let received = |limit: Option<Timestamp>| limit.zip(record.at);
        let early = received(args.from).is_some_and(|(from, at)| at < from);
        let late = received(args.to).is_some_and(|(to, at)| at >= to);
        if !early && !late {
            records.push(record);
        }
    }
    Ok((args.shelf.open()?, records))
}

fn print(report: &Report, list: bool) {
    println!("under {}", report.under.id);
    println!("content {}", report.under.content_hash);
    println!(
        "\n{:<26} {:>9} {:>9} {:>12}",
        "", "released", "refused", "cannot tell"
    );
    for flow in &report.then {
        let then = flow.then.map_or("not on record", Answer::word);
        print_row(&format!("then {then}"), flow.now);
    }
    print_row(&format!("all {} requests", report.requests), report.counts);
    for (title, tallies) in [
        ("cannot tell, for want of", &report.missing),
        ("refused by clause", &report.failing),
    ] {
        if !tallies.is_empty() {
            println!("\n{title}");
        }
        for tally in tallies {
            println!(
                "  {:<24} {:>9}",
                tally.name.replace('_', " "),
                tally.requests
            );
        }
    }
    if list {
        println!(
            "\ndecisions that come out otherwise: {}",
            report.changed.len()
        );
    }
    for changed in &report.changed {
        let at = changed.at.map(|at| at.to_string()).unwrap_or_default();
        let (then, now) = (changed.then.word(), changed.now.word());
        let clauses = changed.failing.join(", ");
        println!(
            "  {at:<22} {:<16} {then} -> {now} {clauses}",
            changed.reference
        );
    }
}

fn print_row(name: &str, counts: agreement::Counts) {
    println!(
        "{name:<26} {:>9} {:>9} {:>12}",
        counts.released, counts.refused, counts.cannot_tell
    );
}
