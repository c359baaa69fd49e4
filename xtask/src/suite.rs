//! Everything that must pass before a change lands, in one run.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

use crate::postgres::{self, Postgres};
use crate::{browser, foreign, process, requirements, tidy};

/// A step adds the tests that it ran to the count; its error says why the run fails.
struct Step {
    name: &'static str,
    run: fn(&Path, &mut Count) -> anyhow::Result<()>,
}

/// What is linted and tested. Typesetting takes longer to build than all the rest; `cargo xtask peers posters`
/// is its own run.
const MEMBERS: &[&str] = &["--workspace", "--exclude", "posters"];

/// Cheap and likely to fail comes first.
const STEPS: &[Step] = &[
    Step {
        name: "requirements",
        run: |_, _| requirements::ensure(),
    },
    Step {
        name: "format",
        run: |root, _| cargo(root, &["fmt", "--all", "--check"]),
    },
    Step {
        name: "tidy",
        run: |root, _| tidy::must_be_clean(root),
    },
    Step {
        name: "lints",
        run: |root, _| {
            let command = ["clippy", "--all-targets", "--locked"];
            cargo(
                root,
                &[&command, MEMBERS, &["--", "-D", "warnings"]].concat(),
            )
        },
    },
    Step {
        name: "tests on both databases",
        run: tests,
    },
    Step {
        name: "foreign verifiers of the log",
        run: foreign::run,
    },
    Step {
        name: "the interface under foreign eyes",
        run: foreign::interface::run,
    },
    Step {
        name: "release build",
        run: |root, _| cargo(root, &["build", "--release", "--locked"]),
    },
    Step {
        name: "demonstration",
        run: |root, _| demonstration(root),
    },
    Step {
        name: "browser tests",
        run: browser::test,
    },
];

/// Tests run, as the test runner summed them up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
}

/// Runs every step, also after one has failed; the last line printed is the sum of all tests.
pub fn run(root: &Path) -> anyhow::Result<ExitCode> {
    let mut count = Count::default();
    let mut failed = Vec::new();
    for (number, step) in (1..).zip(STEPS) {
        println!("\n== {number}/{}: {} ==", STEPS.len(), step.name);
        let start = now();
        let outcome = (step.run)(root, &mut count);
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("-- {}: ok, {seconds:.1} s", step.name),
            Err(error) => {
                println!("-- {}: FAILED, {seconds:.1} s: {error:#}", step.name);
                failed.push(step.name);
            }
        }
    }
    println!();
    if !failed.is_empty() {
        println!("failed steps: {}", failed.join(", "));
    }
    println!("{} passed, {} failed", count.passed, count.failed);
    Ok(if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tests(root: &Path, count: &mut Count) -> anyhow::Result<()> {
    let postgres = Postgres::start()?;
    let words = [&["test", "--locked", "--no-fail-fast"], MEMBERS].concat();
    let mut command = process::cargo(root, &words);
    command.env(postgres::VARIABLE, postgres.url());
    // Tests against Debian's `age` are not skipped: it is among the requirements.
    command.env("TRACEGATE_AGE", "required");
    run_counting(&mut command, count)?;
    if count.passed == 0 {
        bail!("no test ran");
    }
    Ok(())
}

/// Passes each line on as it comes and adds up the test runner's closing lines.
pub fn run_counting(command: &mut Command, count: &mut Count) -> anyhow::Result<()> {
    command.stdout(Stdio::piped());
    let mut child = command
        .spawn()
        .with_context(|| process::cannot_start(command))?;
    let output = child
        .stdout
        .take()
        .context("the test runner has no output")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        if let Some(more) = count_in(&line) {
            count.passed += more.passed;
            count.failed += more.failed;
        }
    }
    process::must_succeed(command, child.wait()?)
}

/// Reads `test result: ok. 5 passed; 0 failed; 0 ignored; ...`, and `5 passed, 0 failed` of the
/// browser's tests; other lines hold no count.
fn count_in(line: &str) -> Option<Count> {
    if let Some((passed, failed)) = line.split_once(" passed, ") {
        return Some(Count {
            passed: passed.parse().ok()?,
            failed: failed.strip_suffix(" failed")?.parse().ok()?,
        });
    }
    let (_verdict, figures) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let figure = |name: &str| {
        let of_name = |part: &str| part.trim().strip_suffix(name)?.trim_end().parse().ok();
        figures.split(';').find_map(of_name)
    };
    Some(Count {
        passed: figure("passed")?,
        failed: figure("failed")?,
    })
}

/// The demonstration checks itself: exit code 0 means that the whole log verified.
fn demonstration(root: &Path) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let program = [
        "run",
        "--release",
        "--locked",
        "--quiet",
        "--package",
        "tracegate",
    ];
    let mut command = process::cargo(root, &program);
    command
        .args(["--", "demo", "--once", "--data"])
        .arg(scratch.path().join("demo"));
    process::run(&mut command)
}

fn cargo(root: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    process::run(&mut process::cargo(root, arguments))
}

#[expect(
    clippy::disallowed_methods,
    reason = "tells a person how long a step took"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests;
