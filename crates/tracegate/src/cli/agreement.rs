//! `tracegate agreement`: look at agreements and judge requests against them.

use std::path::{Path, PathBuf};

use agreement::{ClauseResult, Facts, Library, Outcome, Resolution, Version, VersionId};
use anyhow::{Context as _, bail};
use clap::Subcommand;
use jiff::Timestamp;

use super::{Exit, Format, print_json};
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
    /// List every agreement version with its state
    List {
        #[command(flatten)]
        shelf: Shelf,
    },
    /// Print one agreement version, clause by clause
    Show {
        /// `AGREEMENT/VERSION`
        name: VersionId,
        #[command(flatten)]
        shelf: Shelf,
    },
    /// Check agreements: schema, clauses, worked examples, dead clauses, what can never be released
    Check {
        #[command(flatten)]
        shelf: Shelf,
    },
    /// Judge the facts of a request
    #[command(after_help = "Examples:\n  \
        tracegate agreement judge police-serious-crime/2026-01-01 --facts facts.json\n\n\
        Exit code 3 when the request is refused or must wait.")]
    Judge {
        /// `AGREEMENT/VERSION`
        name: VersionId,
        /// JSON file of facts
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
        Command::List { shelf } => list(&shelf.open()?),
        Command::Show { name, shelf } => show(&shelf.open()?, &name),
        Command::Check { shelf } => check(&shelf.open()?),
        Command::Judge {
            name,
            facts,
            replay,
            format,
            shelf,
        } => judge(&shelf.open()?, &name, &facts, replay, format),
    }
}

impl Shelf {
    fn open(&self) -> anyhow::Result<Library> {
        match &self.agreements {
            Some(folder) => load_library(folder),
            None => crate::shipped::library(),
        }
    }
}

fn now() -> Timestamp {
    Clock::system().now()
}

fn list(library: &Library) -> anyhow::Result<Exit> {
    for version in library.versions() {
        let status = library.status_at(&version.id, now());
        println!(
            "{:<40} {:<10} {:<10} {}",
            version.id.to_string(),
            status.word(),
            format!("{:?}", version.terms.marker).to_lowercase(),
            version.terms.title
        );
    }
    Ok(Exit::Done)
}

fn show(library: &Library, name: &VersionId) -> anyhow::Result<Exit> {
    let version = find(library, name)?;
    println!("{}  {}", version.id, version.terms.title);
    println!("state     {}", library.status_at(&version.id, now()).word());
    println!("hash      {}", version.content_hash);
    println!("agencies  {}", version.terms.parties.requesters.join(", "));
    for purpose in &version.terms.purposes {
        println!(
            "purpose   {purpose}: {}",
            version.terms.fields(purpose).join(", ")
        );
    }
    println!("never     {}", version.terms.never_fields.join(", "));
    for clause in &version.clauses {
        let kind = format!("{:?}", clause.kind).to_lowercase();
        println!(
            "\n{} ({kind}) {}\n    source: {}",
            clause.number, clause.text, clause.source
        );
    }
    Ok(Exit::Done)
}

fn check(library: &Library) -> anyhow::Result<Exit> {
    let mut failures = 0;
    for version in library.versions() {
        for failure in agreement::check(version) {
            eprintln!("{failure}");
            failures += 1;
        }
        println!("{}: checked", version.id);
    }
    Ok(if failures == 0 {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn judge(
    library: &Library,
    name: &VersionId,
    facts: &Path,
    replay: bool,
    format: Format,
) -> anyhow::Result<Exit> {
    let text = std::fs::read_to_string(facts)
        .with_context(|| format!("cannot read `{}`", facts.display()))?;
    let facts: Facts =
        serde_json::from_str(&text).with_context(|| format!("in `{}`", facts.display()))?;
    let version = match library.named(name, now()) {
        _ if replay => find(library, name)?,
        Resolution::Judge(version) => version,
        Resolution::Refused(refused) => {
            println!(
                "refused: {}\n{}\n{}",
                refused.code, refused.text, refused.remedy
            );
            return Ok(Exit::Refused);
        }
        Resolution::Held(held) => {
            println!(
                "held: `{}` is suspended by {}\n{}",
                held.version, held.authority, held.reason
            );
            return Ok(Exit::Refused);
        }
    };
    let judgement = agreement::judge(version, &facts);
    if format == Format::Json {
        print_json(&judgement)?;
    } else {
        print_judgement(&judgement);
    }
    Ok(if judgement.outcome == Outcome::Permitted {
        Exit::Done
    } else {
        Exit::Refused
    })
}

fn print_judgement(judgement: &agreement::Judgement) {
    for finding in &judgement.clauses {
        let result = match finding.result {
            ClauseResult::Pass => "pass",
            ClauseResult::Fail => "FAIL",
            ClauseResult::NeedsHuman => "person",
            ClauseResult::NotApplicable => "-",
        };
        println!("{:<6} {result:<7} {}", finding.clause, finding.text);
        if finding.result == ClauseResult::Fail {
            println!("{:14} {}: {}", "", finding.outcome_code, finding.fix);
        }
    }
    let outcome = match judgement.outcome {
        Outcome::Permitted => "permitted",
        Outcome::Refused => "refused",
        Outcome::NeedsHuman => "needs a person",
    };
    println!(
        "\n{outcome}; fields allowed: {}",
        judgement.fields_allowed.join(", ")
    );
    if let Some(alarm) = &judgement.alarm {
        println!("ALARM: {alarm}");
    }
}

fn find<'a>(library: &'a Library, name: &VersionId) -> anyhow::Result<&'a Version> {
    match library.version(name) {
        Some(version) => Ok(version),
        None => bail!("there is no agreement `{name}`; `tracegate agreement list` names them all"),
    }
}
