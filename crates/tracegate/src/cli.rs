//! The command line: parse, run one subcommand, turn its result into an exit code.
//!
//! Data go to standard output, everything else to standard error.

mod agency;
mod agreement;
mod erase;
mod faults;
mod index;
pub mod keys;
mod ledger;
mod model;
mod oversee;
mod phrases;
mod poll;
pub mod progress;
mod replay;
pub mod serve;
mod staff;
mod statistics;
mod subject;
mod trace;
mod witness;

pub use self::ledger::trust::read_policy;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// How a command ended. Refused is not failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// The agreement refuses.
    Refused,
    /// A log, proof or index did not verify.
    NotVerified,
    /// Two agreements could not be compared.
    Undecided,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        match exit {
            Exit::Done => ExitCode::SUCCESS,
            Exit::Failed => ExitCode::from(1),
            Exit::Refused => ExitCode::from(3),
            Exit::NotVerified => ExitCode::from(4),
            Exit::Undecided => ExitCode::from(5),
        }
    }
}

#[derive(Parser)]
#[command(
    name = "tracegate",
    version,
    about = "The gate between a confidential person index and the agencies that ask it for details",
    after_help = "Examples:\n  \
        tracegate demo                                   try it: sample people, agreements, web desk\n  \
        tracegate index build --persons people.csv --out people.tgx\n  \
        tracegate trace --index people.tgx --requests requests.csv --out answers.csv\n  \
        tracegate agreement judge police-serious-crime/2026-01-01 --facts facts.json\n  \
        tracegate ledger verify data/log\n\n\
        Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the agreement, 4 not verified"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try the whole main job on synthetic people, then serve the desk
    Demo(crate::demo::Args),
    /// Serve the desk, the interface and the public log of a data folder
    Serve(serve::Args),
    /// Build and look at person index files
    #[command(subcommand)]
    Index(index::Command),
    /// Trace a file of requests against an index: one person or nobody, with reasons
    Trace(trace::Args),
    /// Learn, look at and check the parameters of a trace
    #[command(subcommand)]
    Model(model::Command),
    /// Make, check, read and compare agreements, and judge requests against them
    #[command(subcommand)]
    Agreement(agreement::Command),
    /// Judge recorded history again under another version, without touching the index
    Replay(replay::Args),
    /// Check the public log with nothing but its files
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Weigh opinion polls as evidence: percentages with base and interval, cross-tabulations, changes
    #[command(subcommand)]
    Poll(poll::Command),
    /// Watch a log that somebody else runs: cosign its heads, keep a copy
    #[command(subcommand)]
    Witness(witness::Command),
    /// Make and show the keys of logs and witnesses
    #[command(subcommand)]
    Keys(keys::Command),
    /// Print the published counts of a data folder
    Statistics(statistics::Args),
    /// Who asked about one person: hand it to them as a file, and check such a file offline
    #[command(subcommand)]
    Subject(subject::Command),
    /// Look into the log as an overseer: open entries, recompute what is published
    #[command(subcommand)]
    Oversee(oversee::Command),
    /// The agency's side: ask a gate, collect what it releases, believe nothing that is not proved
    #[command(subcommand)]
    Agency(agency::Command),
    /// Make, list, reset and disable accounts, where people sign in without a provider
    #[command(subcommand)]
    Staff(staff::Command),
    /// Print the phrases of the desk in another language, and those that it lacks
    Phrases(phrases::Args),
    /// Destroy what is held about the person of a case: two people, an entry of the log
    Erase(erase::Args),
    /// Create or upgrade the database of a data folder
    Migrate(serve::Args),
    /// Check that a data folder can be served
    Doctor(serve::Args),
    /// Print shell completions
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Runs the command the process was started with.
pub fn run() -> Exit {
    let command = Cli::parse().command;
    // What is piped into `head` ends with it; a service outlives whoever reads its messages.
    if !matches!(
        command,
        Command::Demo(_) | Command::Serve(_) | Command::Witness(_)
    ) {
        sigpipe::reset();
    }
    let result = match command {
        Command::Demo(args) => crate::demo::run(&args),
        Command::Serve(args) => serve::serve(&args),
        Command::Index(command) => index::run(command),
        Command::Trace(args) => trace::run(&args),
        Command::Model(command) => model::run(command),
        Command::Agreement(command) => agreement::run(command),
        Command::Replay(args) => replay::run(&args),
        Command::Ledger(command) => ledger::run(command),
        Command::Poll(command) => poll::run(command),
        Command::Witness(command) => witness::run(command),
        Command::Keys(command) => keys::run(command),
        Command::Statistics(args) => statistics::run(&args),
        Command::Subject(command) => subject::run(&command),
        Command::Oversee(command) => oversee::run(&command),
        Command::Agency(command) => agency::run(&command),
        Command::Staff(command) => staff::run(&command),
        Command::Erase(args) => erase::run(&args),
        Command::Phrases(args) => phrases::run(&args),
        Command::Migrate(args) => serve::migrate(&args),
        Command::Doctor(args) => serve::doctor(&args),
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Cli::command(),
                "tracegate",
                &mut std::io::stdout(),
            );
            Ok(Exit::Done)
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("tracegate: {error:#}");
        Exit::Failed
    })
}

/// How to print data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// Prints a value as indented JSON.
fn print_json<T: serde::Serialize>(value: &T) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
