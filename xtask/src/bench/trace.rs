//! `cargo xtask bench trace`: how many are found, how many wrongly, and at what cost.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};
use matcher::evaluate::{Evaluation, Scored, Truths, key};
use population::{Mix, Trial, TrialPlan};

use super::cost::{self, Cost};
use super::{peers, table};
use crate::process;

#[derive(clap::Args)]
pub struct Plan {
    /// Sizes of the index, one set for each.
    #[arg(long, value_delimiter = ',', default_values_t = [20_000, 1_000_000])]
    people: Vec<u32>,
    /// Requests of each set, never more than a tenth of the people [default: 100,000].
    #[arg(long)]
    requests: Option<u32>,
    /// Seed of people and requests.
    #[arg(long, default_value_t = 2026)]
    pub seed: u64,
    /// Run Splink on the same files, too. It is installed in the user's cache.
    #[arg(long)]
    peers: bool,
    /// Ask the peer about sets of at most this many people: it takes long.
    #[arg(long, value_name = "PEOPLE", default_value_t = u32::MAX)]
    peers_max: u32,
    /// A release program to measure, instead of building one from this checkout.
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
    /// Leave past names, addresses and numbers out of the synthetic indexes: for the largest sizes.
    #[arg(long)]
    current_only: bool,
    /// Engines to ask; `mps` takes long over large indexes.
    #[arg(long, value_delimiter = ',', default_values = ["bayes", "mps"])]
    engines: Vec<String>,
    /// Where the table goes, from the root of the repository.
    #[arg(long, value_name = "FILE", default_value = "docs/benchmarks/trace.md")]
    page: PathBuf,
    /// Also use the public data set FEBRL 4, whole and with a fifth of the people taken out.
    #[arg(long)]
    febrl: bool,
}

/// One set of files, and everybody's answers to it.
pub struct Set {
    pub name: String,
    pub results: Vec<Outcome>,
    pub index: IndexFigures,
}

/// The index of a set, and one request at a time against it.
pub struct IndexFigures {
    pub bytes: u64,
    /// Time to build it, not CPU.
    pub build_s: f64,
    pub answered: Within,
    /// With an explanation of up to fifty candidates.
    pub explained: Within,
}

/// Microseconds that one request takes.
pub struct Within {
    /// Half of them at most.
    pub p50_us: f64,
    /// 99 of 100 at most.
    pub p99_us: f64,
}

/// One tracer's answers to one set.
pub struct Outcome {
    pub tool: String,
    pub requests: u64,
    /// Making the index, or loading and training.
    pub prepare: Cost,
    /// The whole run that answers.
    pub answer: Cost,
    /// CPU seconds of the answers alone, without opening the index.
    pub answers_cpu_s: f64,
    pub all: Evaluation,
    /// Without the requests for absent people with a relative in the index.
    pub without_near: Evaluation,
}

/// Most requests unless asked for more.
const REQUESTS_MAX: u32 = 100_000;

pub fn run(root: &Path, plan: &Plan) -> anyhow::Result<ExitCode> {
    let python = match plan.peers || plan.febrl {
        true => Some(peers::python()?),
        false => None,
    };
    let work = peers::cache()?.join("sets");
    let mut sets = Vec::new();
    if let Some(python) = python.as_ref().filter(|_| plan.febrl) {
        let seed = plan.seed.to_string();
        process::run(peers::script(root, python, "febrl.py").arg(&work).arg(seed))?;
        for (name, words) in [
            ("febrl4", "FEBRL 4"),
            ("febrl4x", "FEBRL 4, a fifth absent"),
        ] {
            sets.push((words.to_owned(), work.join(name), true));
        }
    }
    for people in &plan.people {
        let (name, folder) = trial(&work, *people, plan)?;
        sets.push((name, folder, *people <= plan.peers_max));
    }
    let peer = python.as_deref().filter(|_| plan.peers);
    let mut done = Vec::new();
    for (name, folder, asked) in &sets {
        eprintln!("{name}:");
        let peer = peer
            .filter(|_| *asked)
            .map(|python| ask_peer(root, python, folder))
            .transpose()?;
        done.push((name, folder, peer));
    }
    let release = release_folder(root, plan.program.is_none())?;
    let program = plan.program.clone();
    let program = program.unwrap_or_else(|| release.join("tracegate"));
    let online = release.join("examples").join("online");
    let done = done.into_iter().map(|(name, folder, peer)| {
        eprintln!("{name}:");
        measure((&program, &online), (name, folder), plan, peer)
    });
    let done = done.collect::<anyhow::Result<Vec<Set>>>()?;
    table::write(&root.join(&plan.page), root, plan, &done)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds what is measured, and returns the folder of release programs.
fn release_folder(root: &Path, with_program: bool) -> anyhow::Result<PathBuf> {
    let build = ["build", "--release", "--locked", "-p"];
    let online = ["matcher", "--example", "online"];
    process::run(&mut process::cargo(
        root,
        &[build.as_slice(), &online].concat(),
    ))?;
    if with_program {
        process::run(&mut process::cargo(
            root,
            &[build.as_slice(), &["tracegate"]].concat(),
        ))?;
    }
    let mut metadata = process::cargo(root, &["metadata", "--no-deps", "--format-version", "1"]);
    let output = metadata.stderr(Stdio::inherit()).output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let target = metadata
        .get("target_directory")
        .and_then(|one| one.as_str());
    let target = target.context("cargo names no target folder")?;
    Ok(Path::new(target).join("release"))
}

/// Writes synthetic people and requests.
fn trial(work: &Path, people: u32, plan: &Plan) -> anyhow::Result<(String, PathBuf)> {
    let requests = plan.requests.unwrap_or(REQUESTS_MAX).min(people / 10);
    let (history, words) = match plan.current_only {
        true => ("-current", ", current details only"),
        false => ("", ""),
    };
    let folder = work.join(format!("synthetic-{people}{history}"));
    eprintln!("making {people} people and {requests} requests ...");
    let trial = Trial::generate(&TrialPlan {
        index_people: people,
        requests,
        train_requests: 0,
        seed: plan.seed,
        mix: Mix::default(),
        history: !plan.current_only,
    })?;
    trial.write(&folder, |_, _| {})?;
    Ok((
        format!("synthetic, {}{words}", table::grouped(u64::from(people))),
        folder,
    ))
}

/// Answering is over in about a second: what is told is the median of so many runs.
const RUNS: usize = 5;

fn measure(
    (program, online): (&Path, &Path),
    (name, folder): (&str, &Path),
    plan: &Plan,
    peer: Option<Outcome>,
) -> anyhow::Result<Set> {
    let truths = truths(folder)?;
    let index = folder.join("people.tgx");
    let mut build = Command::new(program);
    build
        .args(["index", "build", "--persons"])
        .arg(folder.join("index.csv"));
    #[expect(clippy::disallowed_methods, reason = "it measures time")]
    let start = Instant::now();
    let (_, prepare) = cost::run(build.arg("--out").arg(&index).stderr(Stdio::null()))?;
    let build_s = start.elapsed().as_secs_f64();
    let nobody = folder.join("nobody.csv");
    let requests = folder.join("requests.csv");
    fs::write(&nobody, header(&requests)?)?;
    let mut results = Vec::new();
    for engine in &plan.engines {
        let answers = folder.join(format!("answers-{engine}.csv"));
        let run = |requests: &Path| {
            let mut trace = Command::new(program);
            trace
                .args(["trace", "--engine", engine.as_str(), "--index"])
                .arg(&index);
            trace
                .arg("--requests")
                .arg(requests)
                .arg("--out")
                .arg(&answers);
            cost::run(trace.stderr(Stdio::null()))
        };
        let mut runs = Vec::new();
        for _ in 0..RUNS {
            let (_, opening) = run(&nobody)?;
            let (_, answer) = run(&requests)?;
            runs.push((answer.cpu_s - opening.cpu_s, answer));
        }
        runs.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let (answers_cpu_s, answer) = runs[RUNS / 2];
        let answers_cpu_s = f64::max(answers_cpu_s, 0.0);
        let tool = format!("Tracegate `{engine}`");
        results.push(outcome(
            tool,
            prepare,
            answer,
            answers_cpu_s,
            &truths,
            &answers,
        )?);
    }
    results.extend(peer);
    let mut alone = Command::new(online);
    let (printed, _) = cost::run(alone.arg(&index).arg(requests))?;
    let told: serde_json::Value = serde_json::from_str(printed.trim())?;
    Ok(Set {
        name: name.to_owned(),
        results,
        index: IndexFigures {
            bytes: fs::metadata(&index)?.len(),
            build_s,
            answered: within(&told, "answered"),
            explained: within(&told, "explained"),
        },
    })
}

fn within(told: &serde_json::Value, what: &str) -> Within {
    let told = told.get(what).unwrap_or(&serde_json::Value::Null);
    Within {
        p50_us: number(told, "p50_us"),
        p99_us: number(told, "p99_us"),
    }
}

fn number(told: &serde_json::Value, name: &str) -> f64 {
    let value = told.get(name).and_then(serde_json::Value::as_f64);
    value.unwrap_or_default()
}

fn truths(folder: &Path) -> anyhow::Result<Truths> {
    let truth = File::open(folder.join("truth.csv")).context("cannot open the truth")?;
    Ok(Truths::read(BufReader::new(truth))?)
}

fn header(requests: &Path) -> anyhow::Result<String> {
    let mut reader = csv::Reader::from_path(requests)?;
    Ok(reader.headers()?.iter().collect::<Vec<_>>().join(",") + "\n")
}

fn ask_peer(root: &Path, python: &Path, folder: &Path) -> anyhow::Result<Outcome> {
    let answers = folder.join("answers-splink.csv");
    let mut command = peers::script(root, python, "splink_trace.py");
    command.arg(folder).arg(&answers).arg("2");
    let (printed, whole) = cost::run(command.stderr(Stdio::null()))?;
    let last = printed.lines().last().unwrap_or_default();
    let told: serde_json::Value =
        serde_json::from_str(last).with_context(|| format!("the peer ended with `{last}`"))?;
    let prepare = Cost {
        cpu_s: number(&told, "load_cpu_s") + number(&told, "train_cpu_s"),
        peak_mib: whole.peak_mib,
    };
    let tool = told
        .get("tool")
        .and_then(|tool| tool.as_str())
        .unwrap_or("Splink");
    outcome(
        tool.to_owned(),
        prepare,
        whole,
        number(&told, "answer_cpu_s"),
        &truths(folder)?,
        &answers,
    )
}

fn outcome(
    tool: String,
    prepare: Cost,
    answer: Cost,
    answers_cpu_s: f64,
    truths: &Truths,
    answers: &Path,
) -> anyhow::Result<Outcome> {
    let (all, without_near) = scored(truths, answers)?;
    eprintln!("  {tool}: done");
    Ok(Outcome {
        tool,
        requests: all.len() as u64,
        prepare,
        answer,
        answers_cpu_s,
        all: Evaluation::of(&all),
        without_near: Evaluation::of(&without_near),
    })
}

/// Answers beside the truth: all, and without the near-absent. Requests without an answer count.
fn scored(truths: &Truths, answers: &Path) -> anyhow::Result<(Vec<Scored>, Vec<Scored>)> {
    let mut reader = csv::Reader::from_path(answers)?;
    let (mut all, mut without_near) = (Vec::new(), Vec::new());
    let mut seen = std::collections::HashSet::new();
    for row in reader.records() {
        let row = row?;
        let [request, outcome, person, probability, score, second] =
            std::array::from_fn(|place| row.get(place).unwrap_or_default());
        let Some(truth) = truths.of(request) else {
            bail!(
                "`{}` answers `{request}`, which nobody asked",
                answers.display()
            );
        };
        if !seen.insert(key(request)) {
            bail!("`{}` answers `{request}` twice", answers.display());
        }
        let found = !person.is_empty() && !score.is_empty();
        let one = Scored {
            score: found.then(|| score.parse()).transpose()?,
            second: (!second.is_empty()).then(|| second.parse()).transpose()?,
            probability: probability.parse().unwrap_or(0.0),
            single: outcome == "single",
            right: truth.person == Some(key(person)),
            in_index: truth.person.is_some(),
        };
        all.push(one);
        without_near.extend((!truth.near).then_some(one));
    }
    for (_, truth) in truths.iter().filter(|(request, _)| !seen.contains(request)) {
        let one = Scored {
            score: None,
            second: None,
            probability: 0.0,
            single: false,
            right: false,
            in_index: truth.person.is_some(),
        };
        all.push(one);
        without_near.extend((!truth.near).then_some(one));
    }
    Ok((all, without_near))
}
