//! `tracegate trace`: a file of requests against an index.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use matcher::csv_input;
use matcher::index::{Current, Delta};
use matcher::{Answer, Engine, Index, IndexError, MatchRule, Model, batch, explain};

use super::faults::Faults;
use super::progress::Progress;
use super::{Exit, print_json};

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    tracegate trace --index people.tgx --requests requests.csv --out answers.csv\n  \
    tracegate trace --index people.tgx --requests requests.csv --out answers.csv --resume\n  \
    tracegate trace --index monday.tgx --delta tuesday.tgd --requests requests.csv --out answers.csv\n  \
    tracegate trace --index people.tgx --requests requests.csv --explain R000017\n  \
    tracegate trace --index people.tgx --requests requests.csv --explain R000017 --format svg\n\n\
    Answers: request_id, outcome (single, no_trace, ambiguous, needs_identifiers,\n\
    restricted_withheld, deceased, invalid), person_id, probability, score, second_score")]
pub struct Args {
    /// Index file
    #[arg(long)]
    index: PathBuf,
    /// Delta that was built of the index: its people are traced as it has changed them
    #[arg(long)]
    delta: Option<PathBuf>,
    /// CSV file of requests
    #[arg(long)]
    requests: PathBuf,
    /// CSV file of answers to write
    #[arg(long, required_unless_present = "explain")]
    out: Option<PathBuf>,
    /// Go on after the last whole answer in the file of answers
    #[arg(long, conflicts_with = "explain")]
    resume: bool,
    /// Print the candidates of this request, field by field, instead
    #[arg(long, value_name = "REQUEST_ID")]
    explain: Option<String>,
    /// Which engine decides
    #[arg(long, value_parser = engine, default_value = "bayes")]
    engine: Engine,
    /// Model file for the bayes engine; the shipped one otherwise
    #[arg(long)]
    model: Option<PathBuf>,
    /// How to print an explanation; `svg` draws the best candidate
    #[arg(long, value_enum, default_value_t)]
    format: Shape,
}

/// Shapes of an explanation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Shape {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// The evidence for the best candidate as a picture that describes itself.
    Svg,
}

fn engine(text: &str) -> Result<Engine, String> {
    match text {
        "bayes" => Ok(Engine::Bayes),
        "mps" => Ok(Engine::Mps),
        _ => Err("engines are `bayes` and `mps`".to_owned()),
    }
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let index = people(args)?;
    let model = super::model::read(args.model.as_deref())?;
    let rule = match args.engine {
        Engine::Bayes => MatchRule::bayes(),
        Engine::Mps => MatchRule::mps(),
    };
    let requests = File::open(&args.requests)
        .with_context(|| format!("cannot open `{}`", args.requests.display()))?;
    match (&args.explain, &args.out) {
        (Some(id), _) => explain_one(args, &index, &model, &rule, requests, id),
        (None, Some(out)) => answer(args, &index, &model, &rule, requests, out),
        (None, None) => bail!("name a file with `--out`"),
    }
}

fn people(args: &Args) -> Result<Current, IndexError> {
    let base = Arc::new(Index::open(&args.index)?);
    match &args.delta {
        None => Ok(Current::from(base)),
        Some(delta) => Current::new(base, Delta::open(delta)?),
    }
}

fn answer(
    args: &Args,
    index: &Current,
    model: &Model,
    rule: &MatchRule,
    requests: File,
    out: &Path,
) -> anyhow::Result<Exit> {
    let mut requests = csv_input::read_requests(BufReader::new(requests))
        .with_context(|| format!("`{}`", args.requests.display()))?;
    let (file, answered) = match args.resume && out.exists() {
        true => go_on(&mut requests, out)?,
        false => {
            let file =
                File::create(out).with_context(|| format!("cannot write `{}`", out.display()))?;
            (file, 0)
        }
    };
    let mut writer = BufWriter::new(file);
    let mut progress = Progress::start("requests traced", 0);
    let mut faults = Faults::new(&args.requests);
    let report = batch::trace_csv(
        index,
        model,
        rule,
        (requests, answered),
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

/// The answers so far, cut to whole lines and ready to be added to, and how many they are.
fn go_on(
    requests: &mut csv_input::RequestReader<BufReader<File>>,
    out: &Path,
) -> anyhow::Result<(File, u64)> {
    let context = || format!("cannot go on with `{}`", out.display());
    let open = || OpenOptions::new().read(true).write(true).open(out);
    let mut file = open().with_context(context)?;
    let whole = whole_lines(&mut file).with_context(context)?;
    file.set_len(whole).with_context(context)?;
    file.rewind().with_context(context)?;
    let answered = batch::pass_answered(requests, BufReader::new(&file)).with_context(context)?;
    if answered == 0 {
        file.set_len(0).with_context(context)?;
    }
    file.seek(SeekFrom::End(0)).with_context(context)?;
    Ok((file, answered))
}

/// Bytes up to the last end of a line.
fn whole_lines(file: &mut File) -> std::io::Result<u64> {
    let mut reader = BufReader::new(file);
    let (mut read, mut whole) = (0, 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        let bytes = reader.read_until(b'\n', &mut line)? as u64;
        if bytes == 0 {
            return Ok(whole);
        }
        read += bytes;
        if line.ends_with(b"\n") {
            whole = read;
        }
    }
}

fn explain_one(
    args: &Args,
    index: &Current,
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
        return show(&answer, args.format);
    }
    bail!("no request `{id}` in `{}`", args.requests.display())
}

fn show(answer: &Answer, shape: Shape) -> anyhow::Result<Exit> {
    match (shape, answer.candidates.first()) {
        (Shape::Json, _) => print_json(answer)?,
        (Shape::Text, _) => println!("{}", explain::explain(answer, 5)),
        (Shape::Svg, Some(best)) => print!("{}", explain::waterfall(best, "evidence")),
        (Shape::Svg, None) => eprintln!("nobody was examined: there is nothing to draw"),
    }
    Ok(Exit::Done)
}
