//! The private PostgreSQL is gone when its owner is gone, however it went.
//!
//! These tests need PostgreSQL's programs. They run when `TRACEGATE_TEST_POSTGRES` is set, as
//! `cargo xtask test` and `cargo xtask with-postgres` do after they have made sure of them.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test"
)]

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

const XTASK: &str = env!("CARGO_BIN_EXE_xtask");
const PRINT_URL: &str = "echo \"$TRACEGATE_TEST_POSTGRES\"";

fn with_postgres(script: &str) -> Option<Command> {
    if env::var_os("TRACEGATE_TEST_POSTGRES").is_none() {
        eprintln!("not run: TRACEGATE_TEST_POSTGRES is not set; see `cargo xtask --help`");
        return None;
    }
    let mut command = Command::new(XTASK);
    command
        .args(["with-postgres", "--", "sh", "-c", script])
        .stdout(Stdio::piped());
    Some(command)
}

/// The folder that holds the cluster and its socket, from the address.
fn folder(url: &str) -> PathBuf {
    let host = url.trim().strip_prefix("postgres://tracegate@").unwrap();
    PathBuf::from(host.split(':').next().unwrap().replace("%2F", "/"))
}

/// Stopping is another process's work, so wait for it; give up after a minute.
fn wait_until_gone(folder: &Path) {
    for _ in 0..600 {
        if !folder.exists() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("`{}` is still there", folder.display());
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    line
}

#[test]
fn the_exit_code_is_the_command_s_and_the_server_is_gone() {
    let Some(mut command) = with_postgres(&format!("{PRINT_URL}; exit 7")) else {
        return;
    };
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    let folder = folder(&String::from_utf8(output.stdout).unwrap());
    assert!(!folder.exists(), "`{}` is still there", folder.display());
}

#[test]
fn a_killed_owner_takes_the_server_with_it() {
    let Some(mut command) = with_postgres(&format!("{PRINT_URL}; exec cat")) else {
        return;
    };
    let mut owner = command.stdin(Stdio::piped()).spawn().unwrap();
    let folder = folder(&first_line(&mut owner));
    assert!(folder.join(".s.PGSQL.5432").exists());
    owner.kill().unwrap();
    owner.wait().unwrap();
    wait_until_gone(&folder);
}
