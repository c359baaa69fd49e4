//! The interface under foreign eyes: schemathesis, `fhir.resources`, `tlog-scales`, Debian's `age`, and every
//! command of `docs/agency-api.md`.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use super::{program, python};
use crate::process;
use crate::suite::Count;

const FOLDER: &str = "xtask/peers/interface";

/// Random calls of each operation in every test run, beside those that cover each parameter and the 300 that
/// find what is planted: two minutes on two cores.
const EXAMPLES: u32 = 100;

/// The interface under foreign eyes, as far as there is time in every test run.
pub fn run(root: &Path, count: &mut Count) -> anyhow::Result<()> {
    run_with(root, EXAMPLES, count)
}

/// Walks through the page for agencies, has what comes out of it read by foreign programs, and lets
/// schemathesis ask each operation so often after it has found what is planted.
pub fn run_with(root: &Path, examples: u32, count: &mut Count) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let python = python(root)?;
    process::run(&mut process::cargo(
        root,
        &["build", "--locked", "--quiet", "-p", "tracegate"],
    ))?;
    let mut interface = Command::new(python);
    interface
        .arg(root.join(FOLDER).join("interface.py"))
        .arg(program(root))
        .arg(root.join("docs/agency-api.md"))
        .arg(scratch.path())
        .arg(examples.to_string());
    process::run(&mut interface)?;
    // The page, the record, the proof, the resources, what is planted, and five callers.
    count.passed += 10;
    Ok(())
}
