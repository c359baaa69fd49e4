//! Feeds faulty files to every parser for as long as one likes, and damages databases.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant, SystemTime};

use crate::process;

/// Kinds of files; each is a fuzz target and a test of the same name.
const TARGETS: [&str; 6] = ["index", "delta", "persons", "requests", "patients", "model"];

/// Power cuts in one run: some ten minutes.
const CUTS: &str = "10000";

/// Mutated files between two looks at the clock.
const ROUNDS: u64 = 5_000;

/// Runs the tests on mutated files, and the fuzz targets if `cargo fuzz` is installed, half the time
/// each; between them, whatever the time, the damages of a database.
pub fn run(root: &Path, seconds: u64) -> anyhow::Result<ExitCode> {
    let can_fuzz = process::cargo(root, &["fuzz", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    let for_mutation = if can_fuzz { seconds / 2 } else { seconds };
    mutate(root, Duration::from_secs(for_mutation))?;
    damage(root)?;
    if !can_fuzz {
        eprintln!("`cargo fuzz` is not installed: mutated files only; see fuzz/README.md");
        return Ok(ExitCode::SUCCESS);
    }
    for target in TARGETS {
        eprintln!("fuzzing `{target}`");
        let share = seconds.div_ceil(2 * TARGETS.len() as u64);
        let time = format!("-max_total_time={share}");
        let mut command = process::cargo(root, &["fuzz", "run", "-s", "none", target, "--", &time]);
        process::run(command.env("RUSTC_BOOTSTRAP", "1"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Cuts the power of a database, edits its rows and flips its bits, from another seed each day.
fn damage(root: &Path) -> anyhow::Result<()> {
    let days = SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap_or_default()
        .as_secs()
        / 86_400;
    eprintln!("{CUTS} power cuts, edits and flipped bits of a database, from seed {days}");
    for test in ["power", "edits"] {
        let mut command = process::cargo(root, &["test", "--quiet", "-p", "store", "--test", "it"]);
        command.arg(test).env("TRACEGATE_SOAK_CUTS", CUTS);
        process::run(command.env("TRACEGATE_SOAK_SEED", days.to_string()))?;
    }
    Ok(())
}

fn mutate(root: &Path, time: Duration) -> anyhow::Result<()> {
    let started = now();
    let mut seed = 1;
    loop {
        process::run(&mut mutated_files(root, seed))?;
        seed += ROUNDS;
        eprintln!(
            "{} mutated files of each kind; {} s",
            seed - 1,
            started.elapsed().as_secs()
        );
        if started.elapsed() >= time {
            return Ok(());
        }
    }
}

fn mutated_files(root: &Path, seed: u64) -> Command {
    let test = [
        "test",
        "--quiet",
        "-p",
        "matcher",
        "--test",
        "it",
        "mutated_files",
    ];
    let mut command = process::cargo(root, &test);
    command
        .env("TRACEGATE_SOAK_SEED", seed.to_string())
        .env("TRACEGATE_SOAK_ROUNDS", ROUNDS.to_string());
    command
}

#[expect(
    clippy::disallowed_methods,
    reason = "a task of the repository measures its own time"
)]
fn now() -> Instant {
    Instant::now()
}
