//! `tracegate model train`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use matcher::Index;

use super::sample;
use crate::cli::Exit;
use crate::cli::progress::Progress;

#[derive(clap::Args)]
pub struct Args {
    /// Index file
    #[arg(long)]
    index: PathBuf,
    /// CSV file of requests to learn from
    #[arg(long)]
    requests: PathBuf,
    /// Model file to write
    #[arg(long)]
    out: PathBuf,
    /// Model file to start from; the shipped one otherwise
    #[arg(long)]
    from: Option<PathBuf>,
    /// Rounds at most; it stops earlier when nothing changes any more
    #[arg(long, default_value_t = 30)]
    rounds: usize,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.rounds == 0 {
        bail!("`--rounds` must be at least 1");
    }
    let start = super::read(args.from.as_deref())?;
    let index = Index::open(&args.index)?;
    let requests = sample::terms(&args.requests)?;
    let mut progress = Progress::start("requests read this round", requests.len() as u64);
    let mut shown = 0;
    let training = start.train(&index, &requests, args.rounds, &mut |rounds, done| {
        if let Some(round) = rounds.get(shown..).and_then(<[_]>::last) {
            shown = rounds.len();
            progress.line(&format!(
                "round {}: largest change of a share {:.5}; {:.1} % about somebody in the index; \
                 a request is explained by {:.3} bits",
                round.number,
                round.change,
                100.0 * round.in_index,
                round.bits,
            ));
        }
        progress.at(done as u64);
    });
    std::fs::write(&args.out, training.model.to_json())
        .with_context(|| format!("cannot write `{}`", args.out.display()))?;
    progress.done(&format!(
        "learned from {} requests in {} rounds; model in `{}`",
        training.requests,
        training.rounds.len(),
        args.out.display()
    ));
    Ok(Exit::Done)
}
