//! What running a program costs, as the kernel of Linux counts it.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::Context;

use crate::process::{cannot_start, must_succeed};

/// Cost of one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// CPU seconds of all threads and children.
    pub cpu_s: f64,
    /// Most memory the process held at a time.
    pub peak_mib: u64,
}

/// Ticks a second in `/proc/self/stat`: 100 on every Linux that runs user programs.
const TICKS: f64 = 100.0;
/// Time between two looks at the memory of the process.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Runs the command to its end and returns what it printed on standard output, and its cost.
pub fn run(command: &mut Command) -> anyhow::Result<(String, Cost)> {
    let before = children_cpu_s()?;
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| cannot_start(command))?;
    let output = child.stdout.take();
    let reader = thread::spawn(move || output.map(std::io::read_to_string));
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    let status = loop {
        // The high-water mark never falls, so the last look is the right one.
        peak_kib = peak_kib.max(high_water_kib(&status_file).unwrap_or_default());
        match child.try_wait()? {
            Some(status) => break status,
            None => thread::sleep(LOOK_EVERY),
        }
    };
    must_succeed(command, status)?;
    let printed = reader
        .join()
        .ok()
        .flatten()
        .transpose()?
        .unwrap_or_default();
    let cost = Cost {
        cpu_s: children_cpu_s()? - before,
        peak_mib: peak_kib.div_ceil(1024),
    };
    Ok((printed, cost))
}

/// CPU seconds of all children that have ended.
fn children_cpu_s() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("cannot read `/proc/self/stat`")?;
    // The name of the program may hold anything, and ends with the last parenthesis.
    let (_, rest) = stat
        .rsplit_once(')')
        .context("`/proc/self/stat` has another form")?;
    let ticks = rest
        .split_whitespace()
        .skip(13)
        .take(2)
        .map(str::parse::<f64>);
    Ok(ticks.collect::<Result<Vec<_>, _>>()?.iter().sum::<f64>() / TICKS)
}

fn high_water_kib(status_file: &str) -> Option<u64> {
    let status = fs::read_to_string(status_file).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
