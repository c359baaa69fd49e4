//! `tracegate trace`: a file of requests against an index.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use matcher::csv_input;
use matcher::{Engine, Index, MatchRule, Model, batch};

use super::faults::Faults;
use super::progress::Progress;
use super::{Exit, Format, print_json};

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    tracegate trace --index people.tgx --requests requests.csv --out answers.csv\n  \
    tracegate trace --index people.tgx --requests requests.csv --explain R000017\n\n\
    Answers: request_id, outcome (single, no_trace, ambiguous, needs_identifiers,\n\
    restricted_withheld, deceased, invalid), person_id, probability, score, second_score")]
pub struct Args {
    /// Index file
    #[arg(long)]
    index: PathBuf,
    /// CSV file of requests
    #[arg(long)]
    requests: PathBuf,
    /// CSV file of answers to write
    #[arg(long, required_unless_present = "explain")]
    out: Option<PathBuf>,
    /// Print the candidates of this request, field by field, instead
    #[arg(long, value_name = "REQUEST_ID")]
    explain: Option<String>,
    /// Which engine decides
    #[arg(long, value_parser = engine, default_value = "bayes")]
    engine: Engine,
    /// Model file for the bayes engine; the shipped one otherwise
    #[arg(long)]
    model: Option<PathBuf>,
    /// How to print an explanation
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

fn engine(text: &str) -> Result<Engine, String> {
    match text {
        "bayes" => Ok(Engine::Bayes),
        "mps" => Ok(Engine::Mps),
        _ => Err("engines are `bayes` and `mps`".to_owned()),
    }
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let index = Index::open(&args.index)?;
    let model = match &args.model {
        Some(path) => Model::from_json(
            &std::fs::read_to_string(path)
                .with_context(|| format!("cannot read `{}`", path.display()))?,
        )?,
        None => Model::default(),
    };
    let rule = match args.engine {
        Engine::Bayes => MatchRule::bayes(),
        Engine::Mps => MatchRule::mps(),
    };
    let requests = File::open(&args.requests)
        .with_context(|| format!("cannot open `{}`", args.requests.display()))?;
    match (&args.explain, &args.out) {
        (Some(id), _) => explain(args, &index, &model, &rule, requests, id),
        (None, Some(out)) => answer(args, &index, &model, &rule, requests, out),
        (None, None) => bail!("name a file with `--out`"),
    }
}

fn answer(
    args: &Args,
    index: &Index,
    model: &Model,
    rule: &MatchRule,
    requests: File,
    out: &Path,
) -> anyhow::Result<Exit> {
    let file = File::create(out).with_context(|| format!("cannot write `{}`", out.display()))?;
    let mut writer = BufWriter::new(file);
    let mut progress = Progress::start("requests traced", 0);
    let mut faults = Faults::new(&args.requests);
    let report = batch::trace_csv(
        index,
        model,
        rule,
        BufReader::new(requests),
        &mut writer,
        &mut |done| progress.at(done),
        &mut |fault| faults.show(&fault),
    )
    .with_context(|| format!("`{}`", args.requests.display()))?;
    writer.flush()?;
    faults.end(0);
    progress.done(&format!(
        "{} requests: {} single, {} invalid, {} others; answers in `{}`",
        report.requests,
        report.single,
        report.invalid,
        report.requests - report.single - report.invalid,
        out.display()
    ));
    Ok(if faults.rows() == 0 {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn explain(
    args: &Args,
    index: &Index,
    model: &Model,
    rule: &MatchRule,
    requests: File,
    id: &str,
) -> anyhow::Result<Exit> {
    let rows = csv_input::read_requests(BufReader::new(requests))
        .with_context(|| format!("`{}`", args.requests.display()))?;
    for row in rows {
        if row.request_id != id {
            continue;
        }
        for fault in &row.faults {
            eprintln!("{}:{}: {fault}", args.requests.display(), row.line);
        }
        let Some(terms) = row.terms else {
            bail!("request `{id}` on line {} cannot be read", row.line);
        };
        let answer = matcher::trace(index, model, rule, &terms);
        match args.format {
            Format::Json => print_json(&answer)?,
            Format::Text => println!("{}", matcher::explain::explain(&answer, 5)),
        }
        return Ok(Exit::Done);
    }
    bail!("no request `{id}` in `{}`", args.requests.display())
}
