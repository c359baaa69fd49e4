//! Tasks of the repository, run as `cargo xtask TASK`.
//!
//! It knows the layout of the repository and the tools around it; it must never hold anything that
//! the program needs when it runs.

mod bench;
mod browser;
mod explanations;
mod foreign;
mod peers;
mod postgres;
mod process;
mod requirements;
mod soak;
mod suite;
mod tidy;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

/// Tasks of the repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run everything that must pass before a change lands: format, tidy, lints, all tests on both
    /// databases, the release build, the demonstration and a browser in it. Ends with the sum of all tests.
    Test,
    /// Check the rules of the repository that no compiler knows; prints `file:line: problem; remedy`.
    Tidy,
    /// Feed faulty files to every parser of foreign bytes; cut the power of a database 10,000 times; hand in
    /// a file of 100,000 requests.
    Soak {
        /// How long, without the time to compile.
        #[arg(long, default_value_t = 600)]
        seconds: u64,
    },
    /// Measure the program, side by side with its peers, and write the table in docs/benchmarks.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Write the pictures of the documentation again: screens of the demonstration.
    Screenshots,
    /// Write the worked explanations of docs/matching.md again, after a change of the engine.
    Explanations,
    /// Ask foreign tools for a second opinion; slow, and they must be installed.
    #[command(subcommand)]
    Peers(peers::Peer),
    /// Run a command with a private PostgreSQL, named in TRACEGATE_TEST_POSTGRES and gone afterwards.
    WithPostgres {
        /// The command and its arguments.
        #[arg(trailing_var_arg = true, required = true, value_name = "COMMAND")]
        command: Vec<String>,
    },
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask test                                      before every push
  cargo xtask tidy                                      a second, after each edit
  cargo xtask soak --seconds 600                        faulty files for every parser
  cargo xtask with-postgres -- cargo test -p store      one crate's tests on both databases
  cargo xtask bench trace --people 20000 --peers        answers, right and wrong, and what they cost
  cargo xtask bench ledger                              events a second, ticks, audits and proofs
  cargo xtask screenshots                               docs/images, from the demonstration
  cargo xtask peers interface                           300 random calls of each operation, by schemathesis
  cargo xtask peers cvc5                                what a solver says of the prover's answers
  cargo xtask peers survey                              what R says of weighted percentages
  cargo xtask peers series                              what R says of interrupted time series
  cargo xtask peers posters                             every poster and leaflet, read and drawn by Poppler";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = root().and_then(|root| match arguments.task {
        Task::Test => suite::run(&root),
        Task::Bench(bench) => bench::run(&root, &bench),
        Task::Explanations => explanations::run(&root),
        Task::Peers(peer) => peers::run(&root, &peer),
        Task::Screenshots => browser::screenshots(&root),
        Task::Tidy => tidy::run(&root),
        Task::Soak { seconds } => soak::run(&root, seconds),
        Task::WithPostgres { command } => postgres::run_with(&command),
    });
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// The top folder of the repository. Read when running, not when compiling: checkouts that share
/// one target folder may also share this binary.
fn root() -> anyhow::Result<PathBuf> {
    let xtask = env::var_os("CARGO_MANIFEST_DIR")
        .context("the environment names no manifest folder; start me as `cargo xtask`")?;
    let root = PathBuf::from(xtask).parent().map(PathBuf::from);
    root.context("the manifest folder has no parent; start me as `cargo xtask`")
}
