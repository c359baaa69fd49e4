//! Feeds faulty files to every parser for as long as one likes, and damages databases.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant, SystemTime};

use crate::process;

/// The fuzz targets. The files of an index are also mutated by a test.
const TARGETS: [&str; 8] = [
    "index", "delta", "persons", "requests", "patients", "model", "message", "package",
];

/// Power cuts in one run: some ten minutes.
const CUTS: &str = "10000";

/// Lines of the long file of requests.
const ROWS: &str = "100000";

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
    hand_in(root)?;
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

/// Hands in a long file of requests, and kills the gate while it reads.
fn hand_in(root: &Path) -> anyhow::Result<()> {
    eprintln!("a file of {ROWS} requests, cut off and read on");
    let test = "batch::a_batch_that_is_cut_off_is_read_on_and_nothing_is_recorded_twice";
    let words = ["test", "--release", "-p", "tracegate", "--test", "it", test];
    let mut command = process::cargo(root, &words);
    command.args(["--", "--nocapture"]);
    process::run(command.env("TRACEGATE_SOAK_ROWS", ROWS))
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
