//! `tracegate model`: learn, look at and check the parameters of the `bayes` engine.

mod check;
mod report;
mod sample;
mod show;
mod train;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use matcher::Model;

use super::Exit;

#[derive(Subcommand)]
pub enum Command {
    /// Learn a model from requests, without being told any answer
    #[command(after_help = "Example:\n  \
        tracegate model train --index people.tgx --requests requests.csv --out model.json\n\n\
        Expectation maximization: each round traces every request with the model so far and takes the\n\
        shares of what the likely matches show as the next model. How often strangers show a value is\n\
        read from the index at every trace and needs no training.")]
    Train(train::Args),
    /// Print a model: how often a true match shows each level, and what that weighs
    #[command(after_help = "Examples:\n  \
        tracegate model show\n  \
        tracegate model show model.json --index people.tgx --requests requests.csv\n\n\
        Weights depend on how common a value is; the table shows the mean over the requests given, or\n\
        over a small synthetic population.")]
    Show(show::Args),
    /// Check that a model is valid and sane, and compare it with the shipped one
    #[command(after_help = "Examples:\n  \
        tracegate model check model.json\n  \
        tracegate model check model.json --index people.tgx --requests requests.csv\n\n\
        Exit codes: 0 sound, 4 not sound or not a model")]
    Check(check::Args),
    /// Write a page on how a model fares: whom it finds, whom it misses, and why
    #[command(after_help = "Examples:\n  \
        tracegate model report --index people.tgx --requests requests.csv --out report\n  \
        tracegate model report --index people.tgx --requests requests.csv --truth truth.csv --out report\n\n\
        The page is one file without scripts. It names people by their identifiers only.\n\
        Columns of the truth: request_id, person_id (empty: not in the index), kind, noise.")]
    Report(report::Args),
}

pub fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Train(args) => train::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Report(args) => report::run(&args),
    }
}

/// An index and requests to measure a model on.
#[derive(clap::Args)]
pub struct Data {
    /// Index file to measure on; a small synthetic population otherwise
    #[arg(long, requires = "requests")]
    index: Option<PathBuf>,
    /// CSV file of requests to measure on
    #[arg(long, requires = "index")]
    requests: Option<PathBuf>,
}

/// The model in `path`, or the shipped one.
pub fn read(path: Option<&Path>) -> anyhow::Result<Model> {
    let Some(path) = path else {
        return Ok(Model::default());
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    Model::from_json(&text).with_context(|| format!("`{}`", path.display()))
}
