//! The peer, in a Python environment of its own under the user's cache.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::process;

/// Packages from the Python package index, newest versions.
const PACKAGES: [&str; 3] = ["splink", "duckdb", "recordlinkage"];

/// The folder of benchmarks in the user's cache.
pub fn cache() -> anyhow::Result<PathBuf> {
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    let folder = base.context("neither HOME nor XDG_CACHE_HOME is set; set one")?;
    Ok(folder.join("tracegate").join("bench"))
}

/// Python of the environment; made and filled if it is not there.
pub fn python() -> anyhow::Result<PathBuf> {
    let folder = cache()?.join("splink");
    let python = folder.join("bin").join("python");
    if !python.exists() {
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--upgrade"]);
    process::run(install.args(PACKAGES))?;
    Ok(python)
}

/// A script of this repository, ready to be given arguments.
pub fn script(root: &Path, python: &Path, name: &str) -> Command {
    let mut command = Command::new(python);
    command.arg(root.join("xtask").join("peers").join(name));
    command.env("PYTHONWARNINGS", "ignore");
    command
}
