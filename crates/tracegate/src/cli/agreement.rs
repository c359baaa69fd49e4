//! `tracegate agreement`: make, check, read, compare agreements and judge requests against them.

mod check;
mod diff;
mod judge;
mod publish;
mod show;

use std::path::PathBuf;

use agreement::{Library, Version, VersionId};
use anyhow::{Context as _, bail};
use clap::Subcommand;
use jiff::Timestamp;

use super::{Exit, Format};
use crate::clock::Clock;
use crate::gate::load_library;

#[derive(clap::Args)]
pub struct Shelf {
    /// Folder of agreements; the ones that come with the program otherwise
    #[arg(long, global = true)]
    agreements: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Start a new agreement from the blank template
    #[command(after_help = "Examples:\n  \
        tracegate agreement new fire-service/2027-01-01 --agreements agreements")]
    New {
        /// `AGREEMENT/VERSION` to make
        name: VersionId,
        /// Folder of agreements to put it in
        #[arg(long)]
        agreements: PathBuf,
    },
    /// Check agreements: schema, clauses, worked examples, dead clauses, what can never be released
    #[command(after_help = "Examples:\n  \
        tracegate agreement check                                        the shipped ones\n  \
        tracegate agreement check ho/2018-05-09 --agreements agreements\n\n\
        Every fault is printed with file, line, caret and remedy; exit code 1 when there is one.")]
    Check {
        /// `AGREEMENT/VERSION`s; all of them otherwise
        names: Vec<VersionId>,
        #[command(flatten)]
        shelf: Shelf,
    },
    /// List every agreement version with its state
    #[command(after_help = "Examples:\n  tracegate agreement list --format json")]
    List {
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        #[command(flatten)]
        shelf: Shelf,
    },
    /// Print one agreement version, clause by clause
    #[command(after_help = "Examples:\n  tracegate agreement show ho/2018-05-09")]
    Show {
        /// `AGREEMENT/VERSION`
        name: VersionId,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        #[command(flatten)]
        shelf: Shelf,
    },
    /// List who can ever get what under a version, and what every such request must claim
    #[command(after_help = "Examples:\n  tracegate agreement who police-serious-crime/2026-01-01")]
    Who {
        /// `AGREEMENT/VERSION`
        name: VersionId,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        #[command(flatten)]
        shelf: Shelf,
    },
    /// Prove how one version differs from another, with a request that shows each difference
    #[command(after_help = diff::HELP)]
    Diff(diff::Args),
    /// Publish a version: one guardian proposes, another confirms
    #[command(after_help = publish::PUBLISH_HELP)]
    Publish(publish::Publish),
    /// Lay further rules over a version in force, proved to only narrow it, with effect at once
    #[command(after_help = publish::NARROW_HELP)]
    Narrow(publish::Narrow),
    /// Judge the facts of a request
    #[command(after_help = "Examples:\n  \
        tracegate agreement judge police-serious-crime/2026-01-01 --facts facts.json\n\n\
        Exit code 3 when the request is refused or must wait.")]
    Judge {
        /// `AGREEMENT/VERSION`
        name: VersionId,
        /// JSON file of facts; `-` reads standard input
        #[arg(long)]
        facts: PathBuf,
        /// Judge whatever the state of the version is, as a replay does
        #[arg(long)]
        replay: bool,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        #[command(flatten)]
        shelf: Shelf,
    },
}

pub fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::New { name, agreements } => check::new(&name, &agreements),
        Command::Check { names, shelf } => check::check(&shelf.open()?, &names),
        Command::List { format, shelf } => show::list(&shelf.open()?, format),
        Command::Show {
            name,
            format,
            shelf,
        } => show::show(&shelf.open()?, &name, format),
        Command::Who {
            name,
            format,
            shelf,
        } => show::who(&shelf.open()?, &name, format),
        Command::Diff(args) => diff::run(&args),
        Command::Publish(args) => publish::publish(&args),
        Command::Narrow(args) => publish::narrow(&args),
        Command::Judge {
            name,
            facts,
            replay,
            format,
            shelf,
        } => judge::judge(&shelf.open()?, &name, &facts, replay, format),
    }
}

impl Shelf {
    /// The agreements of the folder, or those that come with the program.
    pub fn open(&self) -> anyhow::Result<Library> {
        match &self.agreements {
            Some(folder) => load_library(folder),
            None => crate::shipped::library(),
        }
    }
}

fn now() -> Timestamp {
    Clock::system().now()
}

/// The version with this name, or where to find the names.
pub fn find<'a>(library: &'a Library, name: &VersionId) -> anyhow::Result<&'a Version> {
    match library.version(name) {
        Some(version) => Ok(version),
        None => bail!("there is no agreement `{name}`; `tracegate agreement list` names them all"),
    }
}

/// Writes a file that the user named.
pub fn write(path: &std::path::Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}
