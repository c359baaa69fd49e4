//! `tracegate ledger`: check the public log with nothing but its files.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use ledger::tiles::KEY_PATH;
use ledger::{Folder, TlogProof, VerifierKey};

use super::Exit;

#[derive(Subcommand)]
pub enum Command {
    /// Check every byte of a log: signature, tree, tiles, entries
    #[command(after_help = "Examples:\n  \
        tracegate ledger verify data/log --key data/log.vkey\n\n\
        Exit code 4 when anything does not verify; the entry or tile at fault is named.")]
    Verify {
        /// Folder of the log
        folder: PathBuf,
        /// The log's public key, or a file that holds it; otherwise the one in the folder is used
        #[arg(long)]
        key: Option<String>,
    },
    /// Write the proof that one entry is in the log
    #[command(after_help = "Examples:\n  \
        tracegate ledger prove data/log 17 --out entry-17.tlog-proof")]
    Prove {
        /// Folder of the log
        folder: PathBuf,
        /// Index of the entry
        index: u64,
        /// The log's public key, or a file that holds it
        #[arg(long)]
        key: Option<String>,
        /// File to write; the entry itself is written beside it, ending in `.entry`
        #[arg(long)]
        out: PathBuf,
    },
    /// Check a proof file offline
    #[command(after_help = "Examples:\n  \
        tracegate ledger check entry-17.tlog-proof --entry entry-17.tlog-proof.entry --key log.vkey")]
    Check {
        /// Proof file
        proof: PathBuf,
        /// File with the bytes of the entry
        #[arg(long)]
        entry: PathBuf,
        /// The log's public key, or a file that holds it
        #[arg(long)]
        key: String,
    },
}

pub fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Verify { folder, key } => verify(&folder, key.as_deref()),
        Command::Prove {
            folder,
            index,
            key,
            out,
        } => prove(&folder, index, key.as_deref(), &out),
        Command::Check { proof, entry, key } => check(&proof, &entry, &key),
    }
}

fn verify(folder: &Path, key: Option<&str>) -> anyhow::Result<Exit> {
    let key = match read_key(folder, key) {
        Ok(key) => key,
        Err(error) => return not_verified(&error),
    };
    match ledger::verify(folder, &key) {
        Ok(report) => {
            println!("log verified");
            println!("origin    {}", report.checkpoint.origin);
            println!("entries   {}", report.checkpoint.size);
            println!("root      {}", report.checkpoint.root);
            println!("tiles     {}", report.tiles);
            for name in report.unchecked_signatures {
                println!("not checked: a signature by `{name}`");
            }
            Ok(Exit::Done)
        }
        Err(error) => not_verified(&error),
    }
}

fn prove(folder: &Path, index: u64, key: Option<&str>, out: &Path) -> anyhow::Result<Exit> {
    let key = read_key(folder, key)?;
    let (entry, proof) = match ledger::prove(&Folder::new(folder), &key, index) {
        Ok(proved) => proved,
        Err(error) => return not_verified(&error),
    };
    let beside = PathBuf::from(format!("{}.entry", out.display()));
    for (path, bytes) in [(out, proof.to_string().into_bytes()), (&beside, entry)] {
        std::fs::write(path, bytes)
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    eprintln!("wrote `{}` and `{}`", out.display(), beside.display());
    Ok(Exit::Done)
}

fn check(proof: &Path, entry: &Path, key: &str) -> anyhow::Result<Exit> {
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
    };
    let (proof, entry, key) = (read(proof)?, read(entry)?, parse_key(key)?);
    let checked = TlogProof::parse(&proof).and_then(|proof| {
        let checkpoint = proof.verify(&entry, &key)?;
        Ok((proof.index, checkpoint))
    });
    match checked {
        Ok((index, checkpoint)) => {
            println!(
                "proof verified: entry {index} of {} is in the log",
                checkpoint.size
            );
            println!("origin    {}", checkpoint.origin);
            println!("root      {}", checkpoint.root);
            Ok(Exit::Done)
        }
        Err(error) => not_verified(&error),
    }
}

fn not_verified(error: &dyn std::fmt::Display) -> anyhow::Result<Exit> {
    eprintln!("tracegate: not verified: {error}");
    Ok(Exit::NotVerified)
}

/// The key to verify with. One that comes with the log proves only that the log is whole.
fn read_key(folder: &Path, key: Option<&str>) -> anyhow::Result<VerifierKey> {
    if let Some(key) = key {
        return parse_key(key);
    }
    let path = folder.join(KEY_PATH);
    eprintln!(
        "using the key in `{}`; pass `--key` with a key from elsewhere to know whose log it is",
        path.display()
    );
    parse_key(&path.display().to_string())
}

fn parse_key(key: &str) -> anyhow::Result<VerifierKey> {
    let text = match std::fs::read_to_string(key) {
        Ok(text) => text,
        Err(_) if key.contains('+') => key.to_owned(),
        Err(error) => return Err(error).with_context(|| format!("cannot read the key `{key}`")),
    };
    text.trim()
        .parse()
        .with_context(|| format!("the key `{key}`"))
}
