//! Measures judging, replaying and proving over the agreements folder and prints the figures as
//! Markdown. `cargo xtask bench agreements` runs it optimized and keeps what it prints.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use agreement::{Facts, History, Library, Recorded, Version, compare, judge};

/// Requests that a replay of a busy quarter judges.
const HISTORY: usize = 20_000;

/// Rounds of each measurement: the median of so many is steady to some percent.
const ROUNDS: usize = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args()
        .nth(1)
        .ok_or("name the agreements folder")?;
    let library = Library::load(Path::new(&root)).map_err(|faults| format!("{faults:?}"))?;
    println!("# Agreements\n");
    println!("Written by `cargo xtask bench agreements`; run it again rather than trust it.\n");
    println!("Machine: {}.\n", machine());
    judging(&library)?;
    replaying(&library)?;
    proving(&library)
}

fn machine() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{}, {cores} cores, optimized build, one thread",
        model.unwrap_or("unknown")
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark is what a clock is for"
)]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let made = work();
    (made, start.elapsed())
}

/// Seconds that this thread has been running: unlike a clock, it does not count what other programs
/// on the machine take.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = text
        .split(' ')
        .next()
        .and_then(|first| first.parse::<f64>().ok());
    nanoseconds.unwrap_or_default() / 1e9
}

/// Median and 90th percentile in microseconds.
fn measured(mut work: impl FnMut()) -> (f64, f64) {
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| timed(&mut work).1).collect();
    times.sort();
    let at = |share: usize| times.get(ROUNDS * share / 100).copied().unwrap_or_default();
    (at(50).as_secs_f64() * 1e6, at(90).as_secs_f64() * 1e6)
}

/// Facts of every worked example of a version that stands alone.
fn examples(version: &Version) -> Vec<Facts> {
    let text = version
        .files
        .get("cases.jsonl")
        .cloned()
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let facts = text.lines().filter_map(|line| {
        let case: serde_json::Value = serde_json::from_str(line).ok()?;
        case.get("from").is_none().then(|| case["facts"].clone())
    });
    facts
        .filter_map(|facts| serde_json::from_value(facts).ok())
        .collect()
}

fn judging(library: &Library) -> Result<(), Box<dyn Error>> {
    println!("## Judging one request\n");
    println!(
        "Every field of the agreement asked for, both policy sets, every clause answered. Target: 100 us.\n"
    );
    println!("| version | fields | median us | 90 % us |\n|---|--:|--:|--:|");
    for version in library.versions() {
        let mut facts = examples(version)
            .into_iter()
            .next()
            .ok_or("a version has no worked example")?;
        facts.fields_requested = version.terms.fields(&facts.purpose).to_vec();
        let fields = facts.fields_requested.len();
        let (median, slow) = measured(|| {
            std::hint::black_box(judge(version, &facts));
        });
        println!("| {} | {fields} | {median:.0} | {slow:.0} |", version.id);
    }
    println!();
    Ok(())
}

fn replaying(library: &Library) -> Result<(), Box<dyn Error>> {
    let named = |name: &str| name.parse().ok().and_then(|id| library.version(&id));
    let old = named("ho/2017-01-01").ok_or("no `ho/2017-01-01`")?;
    let new = named("ho/2018-05-09").ok_or("no `ho/2018-05-09`")?;
    let mut facts = examples(old);
    facts.extend(examples(new));
    let records: Vec<Recorded> = facts
        .iter()
        .cycle()
        .zip(0..HISTORY)
        .map(|(facts, number)| Recorded {
            reference: format!("R{number}"),
            at: None,
            under: Some(old.id.to_string()),
            then: None,
            facts: facts.clone(),
        })
        .collect();
    let before = cpu_seconds();
    let (report, time) = timed(|| {
        let mut history = History::new(library, new);
        for record in &records {
            history.take(record)?;
        }
        Ok::<_, agreement::ReplayError>(history.report())
    });
    let cpu = cpu_seconds() - before;
    let counts = report?.counts;
    println!("## Replaying history\n");
    println!(
        "{HISTORY} requests under {}: {cpu:.2} s on the processor, {:.2} s on the clock ({} released, {} \
         refused, {} cannot tell). Target: 5 s.\n",
        new.id,
        time.as_secs_f64(),
        counts.released,
        counts.refused,
        counts.cannot_tell
    );
    Ok(())
}

fn proving(library: &Library) -> Result<(), Box<dyn Error>> {
    println!("## Proving\n");
    println!("| from | to | verdict | ms on the processor |\n|---|---|---|--:|");
    let versions: Vec<&Version> = library.versions().collect();
    for from in &versions {
        for to in &versions {
            if from.id.agreement != to.id.agreement || from.id == to.id {
                continue;
            }
            let before = cpu_seconds();
            let comparison = compare(from, to)?;
            let time = cpu_seconds() - before;
            let verdict = format!("{:?}", comparison.verdict).to_lowercase();
            println!(
                "| {} | {} | {verdict} | {:.0} |",
                from.id,
                to.id,
                time * 1e3
            );
        }
    }
    Ok(())
}
