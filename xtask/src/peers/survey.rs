//! R's survey package answers the synthetic polls again: its figures must be those that the tests of
//! the crate `survey` expect, and the crate must agree with them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::process;

/// Polls and the figures of R for them.
const FOLDER: &str = "crates/survey/tests/peers";
const EXPECTED: &str = "crates/survey/tests/peers/expected.csv";
const AGAIN: &str = "target/peers-survey.csv";

/// Largest difference between two runs of R: other versions of its libraries round otherwise.
const TOLERANCE: f64 = 1e-8;

/// Design and name of a figure, to its value.
type Figures = BTreeMap<String, f64>;

pub fn run(root: &Path) -> anyhow::Result<()> {
    ensure_package()?;
    fs::create_dir_all(root.join("target")).context("cannot create `target`")?;
    let mut script = Command::new("Rscript");
    let words = ["xtask/peers/survey.R", FOLDER, AGAIN];
    process::run(script.current_dir(root).args(words))?;
    let expected = read(&root.join(EXPECTED))?;
    let furthest = compare(&expected, &read(&root.join(AGAIN))?)?;
    let count = expected.len();
    println!("R: {count} figures as expected, the furthest {furthest:.1e} off");
    let arguments = ["test", "--locked", "-p", "survey", "--test", "it", "peers"];
    process::run(&mut process::cargo(root, &arguments))
}

/// Installs the package as root on Debian; otherwise says what to install.
fn ensure_package() -> anyhow::Result<()> {
    if is_there() {
        return Ok(());
    }
    println!("missing: R with its survey package (Debian package `r-cran-survey`)");
    if !process::is_root() {
        bail!("run `apt-get install r-cran-survey` as root and try again");
    }
    let install = ["install", "-y", "--no-install-recommends", "r-cran-survey"];
    for words in [&["update"][..], &install] {
        let mut apt = Command::new("apt-get");
        process::run(apt.args(words).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    if !is_there() {
        bail!("package `r-cran-survey` is installed but R does not find it");
    }
    Ok(())
}

fn is_there() -> bool {
    let asked = "q(status = !requireNamespace('survey', quietly = TRUE))";
    let output = Command::new("Rscript").args(["-e", asked]).output();
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
        bail!("figure `{name}` is new; copy `{AGAIN}` to `{EXPECTED}` if it belongs there");
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
