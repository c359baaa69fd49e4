//! `cargo xtask bench interface`: how soon a request that a machine hands in is acknowledged, and what an
//! onslaught loses.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::web::Desk;
use super::{cost, table};
use crate::{foreign, process, requirements};

const PAGE: &str = "docs/benchmarks/interface.md";

const HEAD: &str = "\
# The interface: how soon a request is acknowledged

Written by `cargo xtask bench interface`; do not edit. All figures come from one run on one machine. Compare within the page, never across machines.

- **Load** is an open loop ([`submissions.mjs`](../../web/tests/submissions.mjs)): one client hands in complete requests at fixed times, each about another person of a demonstration and with
  an `X-Request-ID` of its own, whatever became of those before. Times count from the instant a request was due to the last byte of its acknowledgement, so they include waiting in line, the
  sender's own share and the loopback.
- A request is acknowledged (202) once the disk has it: case, entry of the log, sealed openings. Meanwhile the gate goes on with those before: judges, traces, signs heads.
  Beyond the number that the agreement lets the agency ask in a day, a person has to let a request go on, so that most are judged here and few are traced.
- **Onslaught**: ten times as many. Each client has its share of calls a second (`calls_per_second`, here twice the usual rate of the first part); whoever asks faster is answered 429 with `Retry-After`.
  At its end the program is killed (`kill -9`) and started again, and every request that was acknowledged is looked for.
- Server and sender share the machine. SQLite, sealed, synced, signed as ever.
";

#[derive(clap::Args)]
pub struct Plan {
    /// Requests a second
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// How long
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// How long the onslaught lasts
    #[arg(long, default_value_t = 15)]
    onslaught: u32,
}

pub fn run(root: &Path, plan: &Plan) -> anyhow::Result<ExitCode> {
    requirements::ensure()?;
    let arguments = ["build", "--release", "--locked", "-p", "tracegate"];
    process::run(&mut process::cargo(root, &arguments))?;
    // On a disk: a temporary folder may be memory.
    let folder = foreign::target(root).join("bench-interface");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let (demo, program) = (
        folder.join("demo"),
        foreign::target(root).join("release/tracegate"),
    );
    let mut make = Command::new(&program);
    make.args(["demo", "--once", "--people", "20000", "--requests", "60"]);
    process::run(make.arg("--data").arg(&demo).stdout(Stdio::null()))?;
    let settings = demo.join("tracegate.toml");
    let text = fs::read_to_string(&settings)?;
    fs::write(
        &settings,
        format!("calls_per_second = {}\n{text}", plan.rate * 2),
    )?;

    let acknowledged = folder.join("acknowledged.txt");
    let send = |gate: &Desk, rate: u32, seconds: u32| {
        let (rate, seconds) = (rate.to_string(), seconds.to_string());
        let mut command = client(root, gate, "send", &demo);
        told(command.args([rate, seconds]).arg(&acknowledged))
    };
    let mut gate = Desk::open(&program, &demo)?;
    send(&gate, plan.rate, 5)?;
    let steady = send(&gate, plan.rate, plan.seconds)?;
    let onslaught = send(&gate, plan.rate * 10, plan.onslaught)?;
    gate.close()?;
    let mut gate = Desk::open(&program, &demo)?;
    let kept = told(client(root, &gate, "check", &demo).arg(&acknowledged))?;
    gate.close()?;
    fs::remove_dir_all(&folder)?;
    let page = page(root, plan, [&steady, &onslaught], &kept)?;
    fs::write(root.join(PAGE), &page).with_context(|| format!("cannot write `{PAGE}`"))?;
    println!("{page}");
    Ok(ExitCode::SUCCESS)
}

fn client(root: &Path, gate: &Desk, task: &str, demo: &Path) -> Command {
    let mut command = Command::new("node");
    command
        .arg(root.join("web/tests/submissions.mjs"))
        .arg(task);
    command.arg(demo).env("GATE", &gate.address);
    command
}

fn told(command: &mut Command) -> anyhow::Result<Value> {
    let (told, _) = cost::run(command)?;
    serde_json::from_str(&told).context("the figures")
}

fn page(root: &Path, plan: &Plan, loads: [&Value; 2], kept: &Value) -> anyhow::Result<String> {
    let mut text = HEAD.to_owned();
    let (machine, commit) = (table::machine()?, table::commit(root)?);
    write!(text, "\n{machine}. Tracegate at commit {commit}.\n\n")?;
    text += "| requests a second | for s | 202 | 429 | 503 | others | p50 ms | p90 ms | p99 ms | slowest ms |\n\
             |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";
    let parts = [(plan.rate, plan.seconds), (plan.rate * 10, plan.onslaught)];
    for ((rate, seconds), load) in parts.into_iter().zip(loads) {
        let of = |status: &str| load["statuses"][status].as_u64().unwrap_or(0);
        let known = ["202", "429", "503"].map(of);
        let sent = load["sent"].as_u64().context("no count")?;
        let others = sent - known.iter().sum::<u64>();
        ensure!(
            load["without"] == 0,
            "a refusal came without `Retry-After`: {load}"
        );
        write!(text, "| {rate} | {seconds} |")?;
        for count in known.into_iter().chain([others]) {
            write!(text, " {} |", table::grouped(count))?;
        }
        for figure in ["p50", "p90", "p99", "slowest"] {
            write!(
                text,
                " {:.1} |",
                load[figure].as_f64().context("no figure")?
            )?;
        }
        text += "\n";
    }
    let count = |name: &str| kept[name].as_u64().context("no count");
    let (acknowledged, lost) = (table::grouped(count("acknowledged")?), count("lost")?);
    write!(
        text,
        "\nOf {acknowledged} acknowledged requests {lost} were lost.\n"
    )?;
    Ok(text)
}
