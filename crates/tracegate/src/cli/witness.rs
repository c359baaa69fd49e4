//! `tracegate witness`: watch a log that somebody else runs.

mod mirror;
mod serve;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;
use store::WitnessFile;

use super::{Exit, Format, print_json};

#[derive(Subcommand)]
pub enum Command {
    /// Serve a witness (c2sp.org/tlog-witness): cosign heads that continue all it saw before
    #[command(after_help = "Examples:\n  \
        tracegate keys generate witness --name witness.example/w1 --out witness.key\n  \
        tracegate witness serve --key witness.key --logs logs.txt --state witness.sqlite --create\n\n\
        The file of logs has one public key a line; `#` begins a comment. Without `--create` a \
        missing state file is an error: a witness that has forgotten what it saw would cosign a \
        rewritten log. Retire the key of a witness whose state is lost.")]
    Serve(serve::Args),
    /// Keep a checked copy of a log's files
    #[command(after_help = "Examples:\n  \
        tracegate witness mirror https://gate.example/log --policy policy.txt --out copy\n\n\
        The copy shows a head only after every byte under it has been checked and the head has been \
        proved to continue the one before. Serve the folder with any web server. Exit code 4 when \
        the log contradicts itself; the copy then stays as it was.")]
    Mirror(mirror::Args),
    /// Print the contradictions a witness has kept
    #[command(after_help = "Examples:\n  \
        tracegate witness evidence --state witness.sqlite")]
    Evidence {
        /// State file of the witness
        #[arg(long)]
        state: PathBuf,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

pub fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Serve(args) => serve::run(&args),
        Command::Mirror(args) => mirror::run(&args),
        Command::Evidence { state, format } => evidence(&state, format),
    }
}

fn evidence(state: &std::path::Path, format: Format) -> anyhow::Result<Exit> {
    let kept = super::serve::runtime()?.block_on(async {
        let mut file = WitnessFile::open(state).await?;
        file.evidence().await
    });
    let kept = kept.with_context(|| format!("the state file `{}`", state.display()))?;
    if format == Format::Json {
        let kept: Vec<_> = kept
            .iter()
            .map(|it| json!({ "origin": it.origin, "last": it.last, "refused": it.refused }))
            .collect();
        print_json(&kept)?;
        return Ok(Exit::Done);
    }
    if kept.is_empty() {
        println!("no contradictions kept");
    }
    for it in kept {
        println!(
            "log `{}`\n\ncosigned last:\n\n{}\nrefused:\n\n{}",
            it.origin, it.last, it.refused
        );
    }
    Ok(Exit::Done)
}
