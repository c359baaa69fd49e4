//! A private PostgreSQL for the tests: made in a temporary folder, reached through a socket in that
//! folder, and gone when its owner is gone.
//!
//! A keeper, a small shell script of its own process group, makes the cluster and then reads from
//! a pipe that only this process holds. However this process ends (done, failed, interrupted,
//! killed), the pipe closes, and the keeper stops the server and removes the folder. So there is
//! one way down, and every run takes it.

use std::env;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context, bail};

use crate::{process, requirements};

/// The variable that tells the tests where their PostgreSQL is.
pub const VARIABLE: &str = "TRACEGATE_TEST_POSTGRES";

const KEEPER: &str = include_str!("postgres/keeper.sh");

/// A running server; dropping it stops the server and removes its files.
pub struct Postgres {
    keeper: Child,
    url: String,
}

impl Postgres {
    /// Makes and starts a cluster. As root it runs as user `postgres`, for PostgreSQL refuses root.
    pub fn start() -> anyhow::Result<Self> {
        let programs = requirements::postgres_programs()
            .context("no PostgreSQL server found; install Debian's package `postgresql`")?;
        let mut keeper = keeper_command(&programs)
            .spawn()
            .context("cannot start the keeper of the private PostgreSQL")?;
        let answer = keeper.stdout.take().context("the keeper has no output")?;
        let mut folder = String::new();
        BufReader::new(answer).read_line(&mut folder)?;
        if folder.is_empty() {
            let status = keeper.wait()?;
            bail!("the private PostgreSQL did not start ({status}); its own words stand above");
        }
        Ok(Self {
            keeper,
            url: url_of(folder.trim_end()),
        })
    }

    /// Connection address of a database that the tests may do anything with.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("warning: cannot wait for the private PostgreSQL to stop: {error}");
        }
    }
}

/// Runs the command with [`VARIABLE`] set and gives its exit code.
pub fn run_with(words: &[String]) -> anyhow::Result<ExitCode> {
    requirements::ensure()?;
    let (program, arguments) = words.split_first().context("no command given")?;
    let postgres = Postgres::start()?;
    let mut command = Command::new(program);
    command.args(arguments).env(VARIABLE, postgres.url());
    let status = command
        .status()
        .with_context(|| process::cannot_start(&command))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The environment is cleared: a `PGHOST` or `PGDATA` of the user's would mislead the programs.
/// `TMPDIR` stays for an ordinary user alone, as root's may be closed to user `postgres`.
fn keeper_command(programs: &Path) -> Command {
    let mut command = if process::is_root() {
        let mut command = Command::new("setpriv");
        command.args([
            "--reuid=postgres",
            "--regid=postgres",
            "--init-groups",
            "sh",
        ]);
        command.env_clear();
        command
    } else {
        let mut command = Command::new("sh");
        command
            .env_clear()
            .envs(env::var_os("TMPDIR").map(|folder| ("TMPDIR", folder)));
        command
    };
    command.env("PATH", "/usr/bin:/bin").env("LC_ALL", "C");
    command.args(["-c", KEEPER, "keeper"]).arg(programs);
    // A group of its own, so that Ctrl-C at the terminal reaches the tests and not the server.
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0);
    command
}

/// The socket's folder stands in the place of the host, percent-encoded.
fn url_of(folder: &str) -> String {
    let host: String = folder
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    // The port is named because a `PGPORT` of the user's would win over the default.
    format!("postgres://tracegate@{host}:5432/postgres")
}

#[cfg(test)]
mod tests;
