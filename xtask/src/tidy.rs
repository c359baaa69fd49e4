//! Rules of the repository that no compiler knows.
//!
//! Every check is a pure function from the repository's files and the rules in `xtask/tidy.toml` to
//! a list of problems.

mod changelog;
mod crates;
mod dependencies;
mod lengths;
mod links;
mod map;
mod migrations;
mod nhs_numbers;
mod records;
mod repository;
mod rules;
mod sizes;
mod words;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;

use repository::Repository;
use rules::Rules;

type Check = fn(&Repository, &Rules) -> Vec<Problem>;

const CHECKS: &[Check] = &[
    dependencies::check,
    crates::check,
    map::check,
    links::check,
    lengths::check_files,
    lengths::check_functions,
    migrations::check,
    words::check,
    nhs_numbers::check,
    records::check,
    changelog::check,
    sizes::check,
];

/// What is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    file: String,
    /// Counted from 1.
    line: usize,
    what: String,
    remedy: String,
}

impl Problem {
    fn new(file: &str, line: usize, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            what,
            remedy,
        } = self;
        write!(formatter, "{file}:{line}: {what}; {remedy}")
    }
}

/// Prints all problems to standard output; fails if there are any.
pub fn run(root: &Path) -> anyhow::Result<ExitCode> {
    must_be_clean(root).map(|()| ExitCode::SUCCESS)
}

/// Prints all problems to standard output; any is an error.
pub fn must_be_clean(root: &Path) -> anyhow::Result<()> {
    let repository = Repository::load(root)?;
    let problems = find(&repository, &Rules::load(root)?);
    for problem in &problems {
        println!("{problem}");
    }
    if !problems.is_empty() {
        bail!(
            "{} problems in {} files looked at",
            problems.len(),
            repository.files().len()
        );
    }
    println!("tidy: {} files, no problem", repository.files().len());
    Ok(())
}

fn find(repository: &Repository, rules: &Rules) -> Vec<Problem> {
    let mut problems: Vec<_> = CHECKS
        .iter()
        .flat_map(|check| check(repository, rules))
        .collect();
    problems.sort();
    problems
}

#[cfg(test)]
mod tests;
