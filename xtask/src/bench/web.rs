//! `cargo xtask bench web`: how long people at their desks wait, with the cases of years in the database.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::{cost, table};
use crate::{foreign, process, requirements};

/// Where the figures are kept.
const PAGE: &str = "docs/benchmarks/web.md";

const HEAD: &str = "\
# The desks: how long people wait for a page

Written by `cargo xtask bench web`; do not edit. All figures come from one run on one machine. Compare within the page, never across machines.

- **Cases**: those of a demonstration, copied through the one write, each with its entries in the log
  ([`multiply.rs`](../../crates/store/examples/multiply.rs)); one in fifty is open. SQLite, sealed, synced, signed as ever.
- **Load** is an open loop ([`load.mjs`](../../web/tests/load.mjs)): a page is asked for every hundredth of a second, whatever became of those before. Times
  count from the instant a page was due to its last byte, so they include waiting in line, the sender's own share and the loopback. Four members of
  staff and an officer are signed in; cases are drawn from all of them. The first ten seconds are not counted.
- To open a case, or to search for one, writes an entry of the log, and the page waits until the disk has it. So does taking a case in hand.
- Server and sender share the machine.
";

#[derive(clap::Args)]
pub struct Plan {
    /// Cases in the database
    #[arg(long, default_value_t = 100_000)]
    cases: u64,
    /// Pages a second
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// How long
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

pub fn run(root: &Path, plan: &Plan) -> anyhow::Result<ExitCode> {
    requirements::ensure()?;
    let arguments = ["build", "--release", "--locked", "-p"];
    process::run(process::cargo(root, &arguments).arg("tracegate"))?;
    process::run(process::cargo(root, &arguments).args(["store", "--example", "multiply"]))?;
    let release = foreign::target(root).join("release");
    // On a disk: a temporary folder may be memory.
    let folder = foreign::target(root).join("bench-web");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let (demo, program) = (folder.join("demo"), release.join("tracegate"));
    let mut make = Command::new(&program);
    make.args(["demo", "--once", "--people", "20000", "--requests", "400"]);
    process::run(make.arg("--data").arg(&demo).stdout(Stdio::null()))?;
    let cases = folder.join("cases.txt");
    let mut multiply = Command::new(release.join("examples/multiply"));
    multiply.args([demo.join("tracegate.sqlite"), demo.join("tracegate.keys")]);
    multiply.arg(plan.cases.to_string());
    process::run(multiply.stdout(File::create(&cases)?))?;

    let mut desk = Desk::open(&program, &demo)?;
    let mut load = Command::new("node");
    load.arg(root.join("web/tests/load.mjs")).arg(&cases);
    load.args([plan.rate.to_string(), plan.seconds.to_string()]);
    load.env("TRACEGATE_DESK", &desk.address);
    let (told, _) = cost::run(&mut load)?;
    desk.close()?;
    let told: Value = serde_json::from_str(&told).context("the figures")?;
    let bytes = fs::metadata(demo.join("tracegate.sqlite"))?.len();
    fs::remove_dir_all(&folder)?;
    let page = page(root, plan, &told, bytes)?;
    fs::write(root.join(PAGE), &page).with_context(|| format!("cannot write `{PAGE}`"))?;
    println!("{page}");
    Ok(ExitCode::SUCCESS)
}

/// A demonstration that serves its desk.
pub(super) struct Desk {
    child: Child,
    pub(super) address: String,
}

impl Desk {
    pub(super) fn open(program: &Path, data: &Path) -> anyhow::Result<Desk> {
        let mut command = Command::new(program);
        command.args(["demo", "--listen", "127.0.0.1:0", "--data"]);
        command
            .arg(data)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .with_context(|| process::cannot_start(&command))?;
        let said = child.stderr.take().context("the desk says nothing")?;
        let mut lines = BufReader::new(said).lines();
        for line in lines.by_ref() {
            let line = line?;
            if let Some((_, address)) = line.split_once("serving ") {
                let address = address.split("/ ").next().unwrap_or(address).to_owned();
                // Read on, or it would wait for somebody to read.
                thread::spawn(move || lines.for_each(drop));
                return Ok(Desk { child, address });
            }
            eprintln!("{line}");
        }
        bail!("the desk did not open")
    }

    pub(super) fn close(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

fn page(root: &Path, plan: &Plan, told: &Value, bytes: u64) -> anyhow::Result<String> {
    let faults = told["faults"].as_object().context("no faults")?;
    ensure!(faults.is_empty(), "pages failed: {faults:?}");
    let mut text = HEAD.to_owned();
    let (machine, commit) = (table::machine()?, table::commit(root)?);
    write!(text, "\n{machine}. Tracegate at commit {commit}.\n\n")?;
    let (cases, mebibytes) = (table::grouped(plan.cases), bytes >> 20);
    let Plan { rate, seconds, .. } = plan;
    write!(
        text,
        "{cases} cases in {mebibytes} MiB; {rate} pages a second for {seconds} s.\n\n"
    )?;
    text += "| page | asked for | p50 ms | p90 ms | p99 ms | slowest ms |\n|---|---:|---:|---:|---:|---:|\n";
    let pages = told["pages"].as_object().context("no pages")?;
    for (name, of) in pages.iter().chain([(&"**all**".to_owned(), &told["all"])]) {
        write!(text, "| {name} | {} |", of["count"])?;
        for figure in ["p50", "p90", "p99", "slowest"] {
            write!(text, " {:.1} |", of[figure].as_f64().context("no figure")?)?;
        }
        text += "\n";
    }
    Ok(text)
}
