//! A browser at the desk of the demonstration: tests of pages and journeys, and the screenshots.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::bail;

use crate::suite::{self, Count};
use crate::{process, requirements};

/// Every page and journey, with the release program that the step before has built.
pub fn test(root: &Path, count: &mut Count) -> anyhow::Result<()> {
    process::run(&mut process::npm_ci(&root.join("web")))?;
    suite::run_counting(&mut script(root, "run.mjs")?, count)
}

/// Writes the pictures of the documentation again.
pub fn screenshots(root: &Path) -> anyhow::Result<ExitCode> {
    requirements::ensure()?;
    process::run(&mut process::cargo(
        root,
        &["build", "--release", "--locked", "--package", "tracegate"],
    ))?;
    process::run(&mut process::npm_ci(&root.join("web")))?;
    process::run(&mut script(root, "screenshots.mjs")?)?;
    Ok(ExitCode::SUCCESS)
}

fn script(root: &Path, name: &str) -> anyhow::Result<Command> {
    let Some(chromium) = requirements::chromium() else {
        bail!("run `apt-get install chromium` as root and try again");
    };
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut node = Command::new("node");
    node.arg(root.join("web/tests").join(name))
        .env("TRACEGATE", target.join("release/tracegate"))
        .env("CHROMIUM", chromium)
        .current_dir(root);
    Ok(node)
}
