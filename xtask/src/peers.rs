//! Second opinions: foreign tools that answer the same questions, outside the default build. Those
//! that are slow are not part of `cargo xtask test`.

mod posters;
mod r;

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;

use crate::suite::Count;
use crate::{foreign, process, requirements};

#[derive(Subcommand)]
pub enum Peer {
    /// Ask the solver cvc5 (Debian package `cvc5`) what the prover of agreements says of random
    /// changes to their rules.
    Cvc5 {
        /// Changes to draw
        #[arg(long, default_value_t = 200)]
        mutants: u32,
        /// Seed of the draw
        #[arg(long, default_value_t = 2018)]
        seed: u64,
    },
    /// Ask R's survey package (Debian package `r-cran-survey`) for every figure of the synthetic
    /// polls again, and compare with the figures that the tests expect.
    Survey,
    /// Ask R (Debian package `r-base-core`) for the interrupted time series of the tests again.
    Series,
    /// Have schemathesis ask each operation of the interface, and foreign readers read what comes out. Part
    /// of `cargo xtask test` as well.
    Interface {
        /// Random calls of each operation
        #[arg(long, default_value_t = 300)]
        examples: u32,
    },
    /// Have foreign verifiers and a foreign witness judge logs made by this program. Part of
    /// `cargo xtask test` as well.
    Ledger,
    /// Lint, test and build the posters, print every sheet, and have Poppler (Debian package `poppler-utils`)
    /// read and draw it. The pictures stay in `target/posters`, to be looked at.
    Posters,
}

pub fn run(root: &Path, peer: &Peer) -> anyhow::Result<ExitCode> {
    match peer {
        Peer::Ledger => {
            requirements::ensure()?;
            let mut count = Count::default();
            foreign::run(root, &mut count)?;
            println!("{} verdicts, all as they must be", count.passed);
        }
        Peer::Interface { examples } => {
            requirements::ensure()?;
            let mut count = Count::default();
            foreign::interface::run_with(root, *examples, &mut count)?;
            println!("{} judgements, all as they must be", count.passed);
        }
        Peer::Cvc5 { mutants, seed } => {
            let manifest = "xtask/peers/cvc5/Cargo.toml";
            let (mutants, seed) = (mutants.to_string(), seed.to_string());
            let arguments = [
                "run",
                "--locked",
                "--manifest-path",
                manifest,
                "--",
                "agreements",
                &mutants,
                &seed,
            ];
            process::run(&mut process::cargo(root, &arguments))?;
        }
        Peer::Posters => posters::run(root)?,
        Peer::Survey => r::run(root, &r::SURVEY)?,
        Peer::Series => r::run(root, &r::SERIES)?,
    }
    Ok(ExitCode::SUCCESS)
}
