//! `cargo xtask bench ledger`: events a second, ticks, audits and proofs.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::{cost, table};
use crate::postgres::Postgres;
use crate::requirements::{self, GO_LIBRARIES};
use crate::{foreign, process};

/// Where the figures are kept.
const PAGE: &str = "docs/benchmarks/ledger.md";

const HEAD: &str = "\
# The ledger: events a second, ticks, audits and proofs

Written by `cargo xtask bench ledger`; do not edit. All figures come from one run on one machine. Compare within the page, never across machines.

- **Events** go through the one write, `Store::apply`, from 1,024 callers at once, each waiting for its answer, which comes after the disk has it.
  *Received* is a request: case, entry, two sealed openings, a mark and a message. *Look* is an entry alone with its openings. Both are sealed and committed to.
- **Tick**: from the tick to the signed head on disk, for so many new entries. Entries are read and opened as they come; the last 512 are left for the tick.
- **Audit**: every entry hashed, every tile and the root compared, the signature checked, one thread. The peer is Go's `golang.org/x/mod/sumdb` with
  [`xtask/peers/ledger/verdicts.go`](../../xtask/peers/ledger/verdicts.go): the same checks on the same files.
- **Proof**: the *path* leads from the entry to the root, and is checked for every entry; the *head* is read and its Ed25519 signature checked once for all proofs under it, as
  a bundle of one person's entries has them. A lone `.tlog-proof` file is both, and reading the file.
";

#[derive(clap::Args)]
pub struct Plan {
    /// A release build of the example `ledger` to run, instead of building one.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

pub fn run(root: &Path, plan: &Plan) -> anyhow::Result<ExitCode> {
    requirements::ensure()?;
    let program = match &plan.program {
        Some(program) => program.clone(),
        None => build(root)?,
    };
    // On a disk: a temporary folder may be memory.
    let folder = foreign::target(root).join("bench-ledger");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let postgres = Postgres::start()?;
    let mut command = Command::new(&program);
    command.arg(&folder).arg(postgres.url());
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| process::cannot_start(&command))?;
    process::must_succeed(&command, output.status)?;
    let told: Value = serde_json::from_slice(&output.stdout).context("the figures")?;
    let peer = peer(root, &folder)?;
    let tracegate = match &plan.program {
        None => format!("Tracegate at commit {}", table::commit(root)?),
        Some(_) => "Tracegate as a program that was built before".to_owned(),
    };
    let page = page(&tracegate, &told, &peer)?;
    fs::remove_dir_all(&folder)?;
    fs::write(root.join(PAGE), &page).with_context(|| format!("cannot write `{PAGE}`"))?;
    println!("{page}");
    Ok(ExitCode::SUCCESS)
}

fn build(root: &Path) -> anyhow::Result<PathBuf> {
    let arguments = [
        "build",
        "--release",
        "--locked",
        "-p",
        "store",
        "--example",
        "ledger",
    ];
    process::run(&mut process::cargo(root, &arguments))?;
    Ok(foreign::target(root).join("release/examples/ledger"))
}

/// What the peer took to judge the same log.
struct Peer {
    seconds: f64,
    cpu_s: f64,
}

fn peer(root: &Path, folder: &Path) -> anyhow::Result<Peer> {
    let program = folder.join("verdicts");
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(&program);
    build.arg(root.join("xtask/peers/ledger/verdicts.go"));
    build.envs([("GO111MODULE", "off"), ("GOPATH", GO_LIBRARIES)]);
    process::run(&mut build)?;
    let cases = folder.join("cases");
    fs::create_dir(&cases)?;
    fs::rename(folder.join("million"), cases.join("million"))?;
    #[expect(clippy::disallowed_methods, reason = "it measures time")]
    let start = Instant::now();
    let (said, cost) = cost::run(Command::new(&program).arg(&cases))?;
    let seconds = start.elapsed().as_secs_f64();
    ensure!(
        said.contains("\taccept\t"),
        "the peer does not accept the log: {said}"
    );
    let cpu_s = cost.cpu_s;
    Ok(Peer { seconds, cpu_s })
}

fn page(tracegate: &str, told: &Value, peer: &Peer) -> anyhow::Result<String> {
    let number = |path: &str| told.pointer(path).and_then(Value::as_f64);
    let figure = |path: &str| number(path).with_context(|| format!("no figure `{path}`"));
    let mut text = HEAD.to_owned();
    let machine = table::machine()?;
    write!(text, "\n{machine}. {tracegate}.\n\n")?;
    text += "|  | received/s | CPU \u{b5}s | slowest ms | looks/s | CPU \u{b5}s | slowest ms |\n";
    text += "|---|---:|---:|---:|---:|---:|---:|\n";
    for (name, key) in [("SQLite", "sqlite"), ("PostgreSQL", "postgres")] {
        write!(text, "| {name} |")?;
        for kind in ["received", "looks"] {
            let of = |what: &str| figure(&format!("/{key}/{kind}/{what}"));
            let a_second = table::grouped(of("events_a_second")? as u64);
            let (cpu, slowest) = (of("cpu_us")?, of("slowest_ms")?);
            write!(text, " {a_second} | {cpu:.0} | {slowest:.0} |")?;
        }
        text += "\n";
    }
    text += "\n| new entries at a tick | median ms | slowest ms |\n|---:|---:|---:|\n";
    for entries in [1, 100, 1_000, 10_000] {
        let of = |what: &str| figure(&format!("/ticks/{entries}/{what}"));
        let (median, slowest) = (of("median_ms")?, of("slowest_ms")?);
        let entries = table::grouped(entries);
        writeln!(text, "| {entries} | {median:.1} | {slowest:.1} |")?;
    }
    let log = |what: &str| figure(&format!("/log/{what}"));
    let entries = table::grouped(log("entries")? as u64);
    write!(
        text,
        "\n| audit of {entries} entries | s | CPU s |\n|---|---:|---:|\n"
    )?;
    let (seconds, cpu_s) = (log("audit_s")?, log("audit_cpu_s")?);
    writeln!(text, "| Tracegate | {seconds:.2} | {cpu_s:.2} |")?;
    writeln!(
        text,
        "| Go `x/mod/sumdb` | {:.2} | {:.2} |",
        peer.seconds, peer.cpu_s
    )?;
    let (public, sealed) = (log("bytes_an_entry")?, figure("/database_bytes")?);
    let bytes = log("proof_bytes")?;
    text += "\n| check of a proof | \u{b5}s |\n|---|---:|\n";
    for (what, figure) in [
        ("path of one entry", "path_us"),
        (
            "signature of the head, once for all proofs under it",
            "head_us",
        ),
        (
            "lone `.tlog-proof` file, with its head's signature",
            "proof_us",
        ),
    ] {
        writeln!(text, "| {what} | {:.1} |", log(figure)?)?;
    }
    writeln!(
        text,
        "\nAn entry takes {public:.0} bytes of public files; in the database, an event takes {sealed:.0} bytes on average of both kinds, \
         with indexes. A proof file has {bytes:.0} bytes."
    )?;
    Ok(text)
}
