//! `tracegate ledger`: check the public log with nothing but its files.

mod check;
mod continues;
mod monitor;
pub mod trust;
mod verify;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{Exit, Format, print_json};
use trust::Trust;

#[derive(Subcommand)]
pub enum Command {
    /// Check every byte of a log: signature, witnesses, tree, tiles, entries
    #[command(after_help = "Examples:\n  \
        tracegate ledger verify data/log --key data/log.vkey\n  \
        tracegate ledger verify https://gate.example/log --policy policy.txt\n\n\
        A folder is checked to its last file; from a web server, files that do not belong to the \
        log go unseen.\nCertificates of `https://` are checked against Mozilla's list.\n\
        Exit code 4 when anything does not verify; the entry or file at fault is named.")]
    Verify(verify::Args),
    /// Write the proof that one entry is in the log
    #[command(after_help = "Examples:\n  \
        tracegate ledger prove data/log 17 --out entry-17.tlog-proof\n  \
        tracegate ledger prove https://gate.example/log 17 --policy policy.txt --out 17.tlog-proof")]
    Prove {
        /// Folder or address of the log
        log: String,
        /// Index of the entry
        index: u64,
        #[command(flatten)]
        trust: Trust,
        /// File to write; the entry itself is written beside it, ending in `.entry`
        #[arg(long)]
        out: PathBuf,
    },
    /// Check a proof file offline
    #[command(after_help = "Examples:\n  \
        tracegate ledger check entry-17.tlog-proof --key log.vkey\n  \
        tracegate ledger check entry-17.tlog-proof --entry other-file --policy policy.txt\n\n\
        Exit code 4 when the proof does not hold.")]
    Check {
        /// Proof file
        proof: PathBuf,
        /// File with the bytes of the entry; otherwise the proof file's name with `.entry`
        #[arg(long)]
        entry: Option<PathBuf>,
        #[command(flatten)]
        trust: Trust,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Check that a log continues one of another name: last year's, or one whose key was stolen
    #[command(after_help = "Examples:\n  \
        tracegate ledger continues 2026.checkpoint data/log --last-key 2026.vkey --key 2027.vkey\n\n\
        Every entry under the old checkpoint must be in the new log, at its old place. Exit code 4 \
        when it is not so.")]
    Continues(continues::Args),
    /// Follow a log and alarm when it is rewritten, rolled back, split or stale
    #[command(after_help = "Examples:\n  \
        tracegate ledger monitor https://gate.example/log --policy policy.txt --state gate.watch\n  \
        tracegate ledger monitor data/log --key log.vkey --state log.watch --once\n\n\
        The state file keeps the newest head seen, with its signatures. On an alarm it stays as it \
        is, the head that contradicts it is kept beside it, ending in `.evidence`, and the exit \
        code is 4.")]
    Monitor(monitor::Args),
}

pub fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Verify(args) => verify::run(&args),
        Command::Prove {
            log,
            index,
            trust,
            out,
        } => check::prove(&log, index, &trust, &out),
        Command::Check {
            proof,
            entry,
            trust,
            format,
        } => check::check(&proof, entry, &trust, format),
        Command::Continues(args) => continues::run(&args),
        Command::Monitor(args) => monitor::run(&args),
    }
}

/// Tells what does not verify, and where.
pub fn not_verified(format: Format, problem: &str, place: &Value) -> anyhow::Result<Exit> {
    if format == Format::Json {
        print_json(&json!({ "verified": false, "problem": problem, "where": place }))?;
    }
    eprintln!("tracegate: not verified: {problem}");
    Ok(Exit::NotVerified)
}

/// Reads a file, or says which one cannot be read.
pub fn read(path: &std::path::Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}
