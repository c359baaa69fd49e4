//! A second opinion on the proofs of the `agreement` crate.
//!
//! Changes one thing at random in the rules of a shipped version, asks the crate's own prover and the
//! solver cvc5 (through Cedar's symbolic compiler) for every field whether the changed version permits
//! only what the shipped one does, and the other way round, and says where the two disagree. The
//! solver also says whether the two policy sets of each shipped version are equivalent.
//!
//! `cargo xtask peers cvc5` runs it; it is no part of the program.

mod chance;
mod mutant;
mod solver;

use std::path::Path;
use std::process::ExitCode;

use agreement::{Comparison, Library, Relation, Source, Version, compare};
use anyhow::{Context as _, bail};

use chance::Chance;
use solver::Solver;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let agreed = runtime
        .context("cannot start")
        .and_then(|runtime| runtime.block_on(run()));
    match agreed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Arguments: the folder of agreements, how many mutants, the seed.
async fn run() -> anyhow::Result<bool> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "agreements".to_owned());
    let count = arguments.next().map_or(Ok(200), |text| text.parse())?;
    let seed = arguments.next().map_or(Ok(2018), |text| text.parse())?;
    let source = Source::from_folder(Path::new(&folder)).map_err(shown)?;
    let library = Library::from_source(&source).map_err(shown)?;
    let versions: Vec<&Version> = library.versions().collect();
    solver::canaries().await?;
    let mut disagreements = equivalences(&source, &versions).await?;
    let mut chance = Chance::new(seed);
    let mut verdicts = [0_u32; 4];
    for number in 1..=count {
        let mutant = mutant::draw(&source, &versions, &mut chance)?;
        let comparison = compare(mutant.original, &mutant.version)?;
        verdicts[direction(&comparison)] += 1;
        for problem in disagreements_about(&source, &mutant, &comparison).await? {
            disagreements += 1;
            println!(
                "DISAGREE {}: {}: {problem}",
                mutant.original.id, mutant.change
            );
        }
        if number % 20 == 0 {
            eprintln!("{number} of {count} mutants");
        }
    }
    solver::canaries().await?;
    let [equal, narrower, wider, both] = verdicts;
    println!(
        "seed {seed}: {count} mutants of {} versions",
        versions.len()
    );
    println!("equal {equal}, narrower {narrower}, wider {wider}, both {both}");
    println!("disagreements: {disagreements}");
    Ok(disagreements == 0)
}

fn shown(faults: Vec<agreement::Fault>) -> anyhow::Error {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("{}", lines.join("\n"))
}

fn direction(comparison: &Comparison) -> usize {
    usize::from(!comparison.narrowings.is_empty())
        + 2 * usize::from(!comparison.widenings.is_empty())
}

/// Shipped versions whose two policy sets the solver does not find equivalent.
async fn equivalences(source: &Source, versions: &[&Version]) -> anyhow::Result<u32> {
    let mut failed = 0;
    for version in versions {
        let mut solver = Solver::start(source, &version.id.agreement)?;
        for field in solver::fields(&[version]) {
            let (clauses, release) = (
                solver::set(version, "clauses.cedar")?,
                solver::set(version, "release.cedar")?,
            );
            if !solver.equivalent(&clauses, &release, field).await? {
                failed += 1;
                println!(
                    "DISAGREE {}: the two policy sets differ for `{field}`",
                    version.id
                );
            }
        }
    }
    println!(
        "policy sets of {} versions: {failed} fields differ",
        versions.len()
    );
    Ok(failed)
}

/// Fields about which the solver says otherwise.
async fn disagreements_about(
    source: &Source,
    mutant: &mutant::Mutant<'_>,
    comparison: &Comparison,
) -> anyhow::Result<Vec<String>> {
    let (old, new) = (mutant.original, &mutant.version);
    let mut solver = Solver::start(source, &old.id.agreement)?;
    let sets = (
        solver::set(old, "release.cedar")?,
        solver::set(new, "release.cedar")?,
    );
    let mut problems = Vec::new();
    for field in solver::fields(&[old, new]) {
        let ours = implied(comparison, field);
        let narrows = solver.implies(&sets.1, &sets.0, field).await?;
        let widens = solver.implies(&sets.0, &sets.1, field).await?;
        if ours != (narrows, widens) {
            problems.push(format!(
                "`{field}`: prover {ours:?}, cvc5 {:?}",
                (narrows, widens)
            ));
        }
    }
    if problems.len() > 100 {
        bail!("nothing agrees; the two are not asked the same");
    }
    Ok(problems)
}

/// Whether the new version implies the old one, and the old one the new, for one field.
fn implied(comparison: &Comparison, field: &str) -> (bool, bool) {
    let found = comparison
        .fields
        .iter()
        .find(|change| change.field == field);
    match found.map(|change| change.relation) {
        None | Some(Relation::Same) => (true, true),
        Some(Relation::Narrower | Relation::Removed) => (true, false),
        Some(Relation::Wider | Relation::Added) => (false, true),
        Some(Relation::Changed) => (false, false),
    }
}
