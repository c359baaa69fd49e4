//! The interface under foreign eyes: generated clients, schemathesis, two readers of FHIR, `tlog-scales`, Debian's
//! `age`, and every command of `docs/agency-api.md` and `clients/README.md`.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use super::{program, python};
use crate::process;
use crate::suite::Count;

const FOLDER: &str = "xtask/peers/interface";

/// Random calls of each operation, beside those that cover each parameter and walks along the links.
const EXAMPLES: u32 = 300;

/// The interface under foreign eyes, as in every test run.
pub fn run(root: &Path, count: &mut Count) -> anyhow::Result<()> {
    run_with(root, EXAMPLES, count)
}

/// Walks through the page for agencies, has what comes out of it read by foreign programs, and lets
/// schemathesis ask each operation so often after it has found what is planted.
pub fn run_with(root: &Path, examples: u32, count: &mut Count) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let python = python(root)?;
    process::run(&mut process::npm_ci(&root.join(FOLDER)))?;
    process::run(&mut process::cargo(
        root,
        &["build", "--locked", "--quiet", "-p", "tracegate"],
    ))?;
    let mut interface = Command::new(python);
    interface
        .arg(root.join(FOLDER).join("interface.py"))
        .arg(program(root))
        .arg(root.join("docs/agency-api.md"))
        .arg(root.join("clients"))
        .arg(scratch.path())
        .arg(examples.to_string());
    process::run(&mut interface)?;
    // Two clients, the page, the proof, two readers of FHIR and what is planted for each, what is planted
    // for schemathesis, and five callers.
    count.passed += 14;
    Ok(())
}
