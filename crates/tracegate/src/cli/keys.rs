//! `tracegate keys`: keys of logs and witnesses.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use ledger::{Checkpoint, KeyType, SignerKey};

use super::Exit;
use crate::chance::Chance;
use crate::settings::{FILE, Settings};

#[derive(Subcommand)]
pub enum Command {
    /// Make a secret key; the public one is printed
    #[command(after_help = "Examples:\n  \
        tracegate keys generate log --name log.example/2026 --out log.key\n  \
        tracegate keys generate witness --name witness.example/w1 --out witness.key\n  \
        tracegate keys generate witness-ml-dsa-44 --name witness.example/w1 --out witness-pq.key")]
    Generate {
        /// What the key is for
        kind: Kind,
        /// Its name: a log's origin, or a witness's name
        #[arg(long)]
        name: String,
        /// File to write; only its owner can read it
        #[arg(long)]
        out: PathBuf,
    },
    /// Make the key that takes over from a log's; what to do with it is told
    #[command(
        after_help = "Examples:\n  tracegate keys rotate --data data --out data/log-next.key"
    )]
    Rotate {
        /// Data folder with `tracegate.toml`
        #[arg(long, default_value = "tracegate-data")]
        data: PathBuf,
        /// File to write; only its owner can read it
        #[arg(long)]
        out: PathBuf,
    },
    /// Tell which keys sign a log, and which have signed its public head
    #[command(after_help = "Examples:\n  tracegate keys status --data data")]
    Status {
        /// Data folder with `tracegate.toml`
        #[arg(long, default_value = "tracegate-data")]
        data: PathBuf,
    },
    /// Print the public key of a secret one
    #[command(after_help = "Examples:\n  tracegate keys show log.key")]
    Show {
        /// Secret key file
        file: PathBuf,
    },
}

/// What a key is for.
#[derive(Clone, Copy, ValueEnum)]
pub enum Kind {
    /// Sign a log's heads, with Ed25519
    Log,
    /// Cosign as a witness, with Ed25519
    Witness,
    /// Cosign as a witness, with ML-DSA-44, safe from quantum computers
    #[value(name = "witness-ml-dsa-44")]
    WitnessMlDsa44,
}

pub fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Generate { kind, name, out } => generate(kind, &name, &out)?,
        Command::Rotate { data, out } => rotate(&data, &out)?,
        Command::Status { data } => status(&data)?,
        Command::Show { file } => println!("{}", read_secret(&file)?.public()),
    }
    Ok(Exit::Done)
}

fn generate(kind: Kind, name: &str, out: &Path) -> anyhow::Result<()> {
    let key_type = match kind {
        Kind::Log => KeyType::Note,
        Kind::Witness => KeyType::Cosignature,
        Kind::WitnessMlDsa44 => KeyType::CosignatureMlDsa44,
    };
    let key = SignerKey::from_seed(name, key_type, &Chance::system()?.bytes())?;
    let text = key.to_secret_text();
    write_private(out, format!("{}\n", text.as_str()).as_bytes())?;
    println!("{}", key.public());
    eprintln!("wrote the secret key to `{}`", out.display());
    Ok(())
}

/// Makes a key of the same name as the log's, and says how it takes over.
fn rotate(data: &Path, out: &Path) -> anyhow::Result<()> {
    let log = Settings::load(data)?.log;
    if let Some(next) = &log.next_key_file {
        anyhow::bail!(
            "`{}` is already taking over; end that first: docs/keys.md says how",
            next.display()
        );
    }
    let name = read_secret(&log.key_file)?.public().name().to_owned();
    generate(Kind::Log, &name, out)?;
    let file = out.file_name().unwrap_or_default().display();
    eprintln!(
        "next: publish the key above, and give it to the witnesses as a further `log` line;\n\
         then, under `[log]` in `{FILE}`, set `next_key_file = \"{file}\"` (and `marks_key_file`, unless it\n\
         is set, to what `key_file` is now) and start the gate again: from then on both sign"
    );
    Ok(())
}

fn status(data: &Path) -> anyhow::Result<()> {
    let log = Settings::load(data)?.log;
    let head = ledger::read_note(&ledger::Folder::new(&log.folder)).ok();
    let next = log.next_key_file.as_ref().map(|file| ("takes over", file));
    for (what, file) in [("signs", &log.key_file)].into_iter().chain(next) {
        let key = read_secret(file)?;
        let signed = head
            .as_ref()
            .and_then(|head| Checkpoint::open(head, key.public()).ok());
        let signed = match signed {
            Some(head) => format!("the public head of {} entries", head.size),
            None => "no public head".to_owned(),
        };
        println!(
            "{what:<11} {}\n            has signed {signed}",
            key.public()
        );
    }
    Ok(())
}

/// Reads a secret key that nobody but its owner and group may read.
pub fn read_secret(path: &Path) -> anyhow::Result<SignerKey> {
    let shown = path.display();
    let mode = fs::metadata(path).with_context(|| format!("cannot read the key `{shown}`"))?;
    anyhow::ensure!(
        mode.mode() & 0o007 == 0,
        "everybody may read the secret key `{shown}`; run `chmod o= {shown}`"
    );
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read the key `{shown}`"))?;
    text.trim()
        .parse()
        .with_context(|| format!("the key `{shown}`"))
}

/// Writes a new file that only its owner may read.
pub fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    })
    .with_context(|| format!("cannot write `{}`", path.display()))
}
