//! The interface under foreign eyes: schemathesis, `fhir.resources`, `tlog-scales`, Debian's `age`, and every
//! command of `docs/agency-api.md`.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use super::{program, python};
use crate::process;
use crate::suite::Count;

const FOLDER: &str = "xtask/peers/interface";

/// Calls of each operation: 60 missed a planted fault, 300 found it.
const EXAMPLES: &str = "300";

/// Walks through the page for agencies, has what comes out of it read by foreign programs, and lets
/// schemathesis ask each operation after it has found what is planted.
pub fn run(root: &Path, count: &mut Count) -> anyhow::Result<()> {
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
        .arg(EXAMPLES);
    process::run(&mut interface)?;
    // The page, the record, the proof, the resources, what is planted, and five callers.
    count.passed += 10;
    Ok(())
}
