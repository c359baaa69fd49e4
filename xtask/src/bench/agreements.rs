//! `cargo xtask bench agreements`: how long judging, replaying and proving take.

use std::fs;
use std::path::Path;
use std::process::{ExitCode, Stdio};

use anyhow::Context as _;

use crate::process;

/// Where the figures are kept.
const TABLE: &str = "docs/benchmarks/agreements.md";

pub fn run(root: &Path) -> anyhow::Result<ExitCode> {
    let arguments = [
        "run",
        "--release",
        "--locked",
        "-p",
        "agreement",
        "--example",
        "bench",
        "--",
        "agreements",
    ];
    let mut command = process::cargo(root, &arguments);
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| process::cannot_start(&command))?;
    process::must_succeed(&command, output.status)?;
    let table = root.join(TABLE);
    if let Some(folder) = table.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&table, &output.stdout).with_context(|| format!("cannot write `{TABLE}`"))?;
    println!("{}", String::from_utf8_lossy(&output.stdout));
    Ok(ExitCode::SUCCESS)
}
