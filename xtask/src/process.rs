//! Child processes: run them, show them, say which one failed.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, ExitStatus};

use anyhow::{Context, bail};

/// The cargo that started this program, at the top of the repository.
pub fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root);
    command
}

/// What the scripts of a folder import, by its lock file.
pub fn npm_ci(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(["--prefer-offline", "--loglevel=error"])
        .current_dir(folder);
    command
}

/// Runs the command with its output on the terminal; an exit code other than 0 is an error.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    must_succeed(command, status)
}

/// An error that shows the command line, unless it succeeded.
pub fn must_succeed(command: &Command, status: ExitStatus) -> anyhow::Result<()> {
    if !status.success() {
        bail!("`{}` failed: {status}", shown(command));
    }
    Ok(())
}

/// What to say when the program could not be started at all.
pub fn cannot_start(command: &Command) -> String {
    format!(
        "cannot start `{}`; is it installed and in PATH?",
        shown(command)
    )
}

/// Whether this process may install packages, and whether PostgreSQL refuses to run as its user.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    let words = std::iter::once(name).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
