//! R answers what our crates answer, from the same rows: its figures must be those that the tests of the
//! crate expect, and the crate must agree with them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::process;

/// What R is asked about.
pub struct Subject {
    /// The crate whose tests hold R's figures in `tests/peers/expected.csv`, made by `xtask/peers/SCRIPT`.
    member: &'static str,
    script: &'static str,
    /// What the script needs: R's name of the package, and Debian's.
    package: &'static str,
    debian: &'static str,
}

/// Weighted percentages of polls.
pub const SURVEY: Subject = Subject {
    member: "survey",
    script: "survey.R",
    package: "survey",
    debian: "r-cran-survey",
};

/// Interrupted time series.
pub const SERIES: Subject = Subject {
    member: "statistics",
    script: "series.R",
    package: "stats",
    debian: "r-base-core",
};

/// Largest difference between two runs of R: other versions of its libraries round otherwise.
const TOLERANCE: f64 = 1e-8;

/// Design and name of a figure, to its value.
type Figures = BTreeMap<String, f64>;

pub fn run(root: &Path, subject: &Subject) -> anyhow::Result<()> {
    ensure_package(subject)?;
    fs::create_dir_all(root.join("target")).context("cannot create `target`")?;
    let member = subject.member;
    let folder = format!("crates/{member}/tests/peers");
    let expected = format!("{folder}/expected.csv");
    let again = format!("target/peers-{member}.csv");
    let mut script = Command::new("Rscript");
    script.arg(format!("xtask/peers/{}", subject.script));
    process::run(script.current_dir(root).args([&folder, &again]))?;
    let figures = read(&root.join(&expected))?;
    let furthest = compare(&figures, &read(&root.join(&again))?)
        .with_context(|| format!("`{expected}` against `{again}`"))?;
    let count = figures.len();
    println!("R: {count} figures as expected, the furthest {furthest:.1e} off");
    let arguments = ["test", "--locked", "-p", member, "--test", "it", "peers"];
    process::run(&mut process::cargo(root, &arguments))
}

/// Installs the package as root on Debian; otherwise says what to install.
fn ensure_package(subject: &Subject) -> anyhow::Result<()> {
    if is_there(subject) {
        return Ok(());
    }
    let debian = subject.debian;
    println!(
        "missing: R with its package {} (Debian package `{debian}`)",
        subject.package
    );
    if !process::is_root() {
        bail!("run `apt-get install {debian}` as root and try again");
    }
    let install = ["install", "-y", "--no-install-recommends", debian];
    for words in [&["update"][..], &install] {
        let mut apt = Command::new("apt-get");
        process::run(apt.args(words).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    if !is_there(subject) {
        bail!("package `{debian}` is installed but R does not find it");
    }
    Ok(())
}

fn is_there(subject: &Subject) -> bool {
    let asked = format!(
        "q(status = !requireNamespace('{}', quietly = TRUE))",
        subject.package
    );
    let output = Command::new("Rscript").args(["-e", &asked]).output();
    output.is_ok_and(|output| output.status.success())
}

fn read(path: &Path) -> anyhow::Result<Figures> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
    let mut figures = Figures::new();
    for (line, number) in text.lines().zip(1..).skip(1) {
        let parts = line.rsplit_once(',');
        let figure = parts.and_then(|(name, value)| Some((name, value.parse().ok()?)));
        let (name, value) =
            figure.with_context(|| format!("`{shown}`, line {number}: no figure"))?;
        figures.insert(name.to_owned(), value);
    }
    Ok(figures)
}

/// The largest difference; an error names the first figure that differs more, or is not in both.
fn compare(expected: &Figures, again: &Figures) -> anyhow::Result<f64> {
    let new = again.keys().find(|name| !expected.contains_key(*name));
    if let Some(name) = new {
        bail!("figure `{name}` is new; copy the second file to the first if it belongs there");
    }
    let mut furthest: f64 = 0.0;
    for (name, value) in expected {
        let now = again.get(name);
        let now = now.with_context(|| format!("R no longer gives the figure `{name}`"))?;
        let off = (now - value).abs();
        if off > TOLERANCE {
            bail!("figure `{name}` is {now} and not {value}");
        }
        furthest = furthest.max(off);
    }
    Ok(furthest)
}

#[cfg(test)]
mod tests;
