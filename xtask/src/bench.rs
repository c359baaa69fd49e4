//! Benchmarks: the release program, and its peers in the same run on the same files.

mod agreements;
mod cost;
mod interface;
mod ledger;
mod peers;
mod table;
mod trace;
mod web;

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;

#[derive(Subcommand)]
pub enum Bench {
    /// Trace synthetic people (and the public FEBRL data) and score the answers.
    Trace(trace::Plan),
    /// Record, sign, audit and prove, on SQLite and PostgreSQL, beside Go's `x/mod/sumdb`.
    Ledger(ledger::Plan),
    /// Hand in requests at a fixed rate, and ten times as many, and look for all that were acknowledged.
    Interface(interface::Plan),
    /// Ask for pages of the desk at a fixed rate, with 100,000 cases in the database.
    Web(web::Plan),
    /// Judge, replay and prove over the shipped agreements.
    Agreements,
}

pub fn run(root: &Path, bench: &Bench) -> anyhow::Result<ExitCode> {
    match bench {
        Bench::Trace(plan) => trace::run(root, plan),
        Bench::Ledger(plan) => ledger::run(root, plan),
        Bench::Interface(plan) => interface::run(root, plan),
        Bench::Web(plan) => web::run(root, plan),
        Bench::Agreements => agreements::run(root),
    }
}
