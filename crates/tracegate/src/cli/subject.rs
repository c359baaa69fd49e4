//! `tracegate subject`: who asked about one person, as a file for that person.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Subcommand;
use disclosure::EventKind;
use jiff::Timestamp;
use ledger::chain::Chain;
use ledger::tiles::KEY_PATH;
use ledger::{Bundle, BundleEvent, Folder, Kind, Link, published_keys};
use serde_json::{Value, json};

use super::keys::write_private;
use super::ledger::trust::Trust;
use super::ledger::{not_verified, read};
use super::serve::runtime;
use super::{Exit, Format, print_json};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::gate::open_store;
use crate::gate::people::Living;
use crate::pipeline::subject::{self, Reading};
use crate::settings::Settings;
use crate::told;

#[derive(Subcommand)]
pub enum Command {
    /// Write what is on record about one person, with proofs; the reading is an entry first
    #[command(after_help = "Examples:\n  \
        tracegate subject bundle --person 9990000018 --why 'letter of 3 March' --by sa-leila-haddad \\\n    \
        --data data --out hers.bundle\n\n\
        The file opens entries of the public log: it is for that person and nobody else. It goes to the\n\
        newest entry under the public head; what is told later, under a deferral, is not in it.")]
    Bundle(BundleArgs),
    /// Check such a file offline: every entry is in the log, opens, and none is left out
    #[command(after_help = "Examples:\n  \
        tracegate subject check hers.bundle --key log.vkey\n  \
        tracegate subject check hers.bundle --policy policy.txt --person P0000017\n\n\
        Exit code 4 when anything does not verify; the entry at fault is named. With `--person` every\n\
        entry must also say that it is about them.")]
    Check(CheckArgs),
}

#[derive(clap::Args)]
pub struct BundleArgs {
    /// Reference into the person index, or an NHS number
    #[arg(long)]
    person: String,
    /// Why the log is read; no personal data
    #[arg(long)]
    why: String,
    /// Data folder with `tracegate.toml`
    #[arg(long, default_value = "tracegate-data")]
    data: PathBuf,
    /// Identity of who acts: the subject access clerk or a guardian
    #[arg(long)]
    by: String,
    /// File to write; only its owner may read it
    #[arg(long)]
    out: PathBuf,
}

#[derive(clap::Args)]
pub struct CheckArgs {
    /// File written by `subject bundle` or downloaded from the desk
    bundle: PathBuf,
    #[command(flatten)]
    trust: Trust,
    /// The person it should be about: their reference, as each entry names it
    #[arg(long)]
    person: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(command: &Command) -> anyhow::Result<Exit> {
    match command {
        Command::Bundle(args) => bundle(args),
        Command::Check(args) => check(args),
    }
}

fn bundle(args: &BundleArgs) -> anyhow::Result<Exit> {
    let settings = Settings::load(&args.data)?;
    let by = settings
        .actor(&args.by)
        .context("nobody of this name is set up in the data folder; see `tracegate.toml`")?;
    let living = Living::open(&settings.index).context("the person index")?;
    let chance = Arc::new(Chance::system()?);
    let log = runtime()?.block_on(async {
        let store = open_store(&settings, &chance).await?;
        let reading = Reading {
            code: &args.person,
            reader: None,
            why: &args.why,
            by: &by,
            now: Clock::system().now(),
            key: &chance.token(),
        };
        let people = living.fresh(&store, &settings.practices).await?;
        let read = subject::read(&store, &people.index, &reading).await?;
        store.close().await?;
        let (_, log) =
            read.context("nobody is known under this code; give a reference or an NHS number")?;
        anyhow::Ok(log)
    })?;
    let bundle = subject::bundle(&log, &Folder::new(&settings.log.folder), &key(&settings)?)?;
    write_private(&args.out, bundle.to_string().as_bytes())?;
    eprintln!(
        "wrote {} entries to `{}`; {} are not under the public head yet",
        bundle.events.len(),
        args.out.display(),
        log.entries.len() - bundle.events.len()
    );
    if log.erased > 0 {
        eprintln!("{} entries before them were erased", log.erased);
    }
    Ok(Exit::Done)
}

fn key(settings: &Settings) -> anyhow::Result<ledger::VerifierKey> {
    let path = settings.log.folder.join(KEY_PATH);
    let keys = published_keys(&read(&path)?).and_then(|keys| keys.into_iter().next());
    keys.with_context(|| format!("`{}` is no list of keys", path.display()))
}

fn check(args: &CheckArgs) -> anyhow::Result<Exit> {
    let policy = args.trust.stated()?.context(
        "a bundle needs the log's key or a policy from elsewhere: pass `--key` or `--policy`",
    )?;
    let refused = |problem: &str| not_verified(args.format, problem, &Value::Null);
    let bundle = match Bundle::parse(&read(&args.bundle)?) {
        Ok(bundle) => bundle,
        Err(error) => return refused(&error.to_string()),
    };
    let complete = match bundle.verify(&policy, Kind(EventKind::Erased.number())) {
        Ok(complete) => complete,
        Err(error) => return refused(&error.to_string()),
    };
    let mut told = Vec::with_capacity(bundle.events.len());
    for event in &bundle.events {
        match Line::new(event, args.person.as_deref()) {
            Ok(line) => told.push(line),
            Err(problem) => return refused(&problem),
        }
    }
    let (head, erased) = (&complete.head, complete.erased);
    if args.format == Format::Json {
        print_json(&json!({
            "verified": true,
            "origin": head.origin,
            "entries": head.size,
            "root": head.root.to_string(),
            "erased": erased,
            "told": told.iter().rev().map(Line::json).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Done);
    }
    let count = told.len();
    println!(
        "bundle verified: {count} entries, none left out, of {} in the log",
        head.size
    );
    println!("origin    {}", head.origin);
    println!("root      {}", head.root);
    if erased > 0 {
        println!("erased    {erased} entries before these; the first of these says so");
    }
    told.iter().rev().for_each(Line::print);
    Ok(Exit::Done)
}

/// One entry, as its subject reads it.
struct Line {
    index: u64,
    at: Option<Timestamp>,
    kind: EventKind,
    was_deferred: bool,
    facts: told::Facts,
}

impl Line {
    fn new(event: &BundleEvent, person: Option<&str>) -> Result<Line, String> {
        let index = event.index;
        let facts = Link::decode(event.said.bytes()).map(|(_, facts)| facts);
        let facts: Option<told::Facts> = facts.and_then(|facts| serde_json::from_slice(facts).ok());
        let facts = facts.ok_or_else(|| format!("event {index} says nothing readable"))?;
        let about = facts.get("person").map(String::as_str);
        if person.is_some() && about != person {
            return Err(format!("event {index} is about somebody else"));
        }
        let kind = EventKind::from_number(event.leaf.kind.0);
        Ok(Line {
            index,
            at: facts.get("at").and_then(|at| at.parse().ok()),
            kind: kind.ok_or_else(|| format!("event {index} is of a kind unknown here"))?,
            was_deferred: event.chain == Chain::Deferred,
            facts,
        })
    }

    fn json(&self) -> Value {
        json!({
            "entry": self.index,
            "at": self.at,
            "kind": told::kind(self.kind, &self.facts),
            "text": told::sentence(self.kind, &self.facts),
            "receiver": told::receiver(&self.facts),
            "was_deferred": self.was_deferred,
            "facts": self.facts,
        })
    }

    fn print(&self) {
        let at = self.at.map(|at| at.strftime("%Y-%m-%d %H:%M").to_string());
        let later = if self.was_deferred {
            " (told later)"
        } else {
            ""
        };
        println!(
            "\n{}  entry {}{later}\n  {}",
            at.unwrap_or_default(),
            self.index,
            told::sentence(self.kind, &self.facts)
        );
    }
}
