//! Foreign verifiers and a foreign witness, on logs made by this program: PyPI's `tlog-scales`,
//! `aics-tlog` and `aics-witness`, Go's `x/mod/sumdb`, and the crates `signed_note` and `ct-merkle`.

pub mod interface;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::process;
use crate::requirements::GO_LIBRARIES;
use crate::suite::Count;

const FOLDER: &str = "xtask/peers/ledger";
const REQUIREMENTS: [&str; 2] = [
    "xtask/peers/ledger/requirements.txt",
    "xtask/peers/interface/requirements.txt",
];

/// Verdicts by case and verifier: whether the log was accepted, and why not.
type Verdicts = BTreeMap<(String, String), (bool, String)>;

/// Makes a sound log of 70,000 entries and one for every way to tamper, and compares what everybody
/// says of them; then lets foreign and own witnesses cosign each other's logs.
pub fn run(root: &Path, count: &mut Count) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let cases = scratch.path().join("cases");
    fs::create_dir(&cases)?;
    let example = [
        "run",
        "--locked",
        "--quiet",
        "-p",
        "ledger",
        "--example",
        "tampered",
        "--",
    ];
    process::run(process::cargo(root, &example).arg(&cases))?;
    let python = python(root)?;
    let script = |name: &str| root.join(FOLDER).join(name);
    let mut verdicts = read(Command::new(&python).arg(script("verdicts.py")).arg(&cases))?;
    let mut go = Command::new("go");
    go.args(["run"]).arg(script("verdicts.go")).arg(&cases);
    verdicts.extend(read(
        go.envs([("GO111MODULE", "off"), ("GOPATH", GO_LIBRARIES)]),
    )?);
    compare(
        &fs::read_to_string(cases.join("cases.tsv"))?,
        &verdicts,
        count,
    )?;

    process::run(&mut process::cargo(
        root,
        &["build", "--locked", "--quiet", "-p", "tracegate"],
    ))?;
    let witnesses = scratch.path().join("witnesses");
    fs::create_dir(&witnesses)?;
    let mut interop = Command::new(&python);
    interop
        .arg(script("interop.py"))
        .arg(program(root))
        .arg(&witnesses);
    process::run(&mut interop)?;
    count.passed += 2;
    Ok(())
}

/// Compares the verdicts with what each must be; every case that must be seen is one test.
fn compare(table: &str, verdicts: &Verdicts, count: &mut Count) -> anyhow::Result<()> {
    let mut wrong = 0;
    for line in table.lines() {
        let [case, verdict, who] = line.split('\t').collect::<Vec<_>>()[..] else {
            bail!("not a case: `{line}`");
        };
        // The example itself has heard the two crates.
        for verifier in who.split(' ').filter(|name| *name != "rust") {
            let found = verdicts.get(&(case.into(), verifier.into()));
            let (accepted, reason) =
                found.with_context(|| format!("no verdict of {verifier} on {case}"))?;
            if *accepted == (verdict == "accept") {
                count.passed += 1;
            } else {
                wrong += 1;
                println!("{case}: {verifier} must {verdict} it; {reason}");
            }
        }
    }
    count.failed += wrong;
    ensure!(
        wrong == 0,
        "{wrong} verdicts of foreign verifiers are wrong"
    );
    Ok(())
}

/// Reads `CASE<TAB>VERIFIER<TAB>VERDICT<TAB>REASON` lines.
fn read(command: &mut Command) -> anyhow::Result<Verdicts> {
    let output = command
        .output()
        .with_context(|| process::cannot_start(command))?;
    print!("{}", String::from_utf8_lossy(&output.stderr));
    process::must_succeed(command, output.status)?;
    let text = String::from_utf8(output.stdout).context("verdicts are not text")?;
    let mut verdicts = Verdicts::new();
    for line in text.lines() {
        println!("{line}");
        let mut words = line.splitn(4, '\t');
        let mut word = || words.next().unwrap_or_default().to_owned();
        verdicts.insert((word(), word()), (word() == "accept", word()));
    }
    Ok(verdicts)
}

/// A Python with the packages of each `requirements.txt`, by hash, in the target folder.
fn python(root: &Path) -> anyhow::Result<PathBuf> {
    let requirements = REQUIREMENTS.map(|file| root.join(file));
    let folder = target(root).join("foreign");
    let (python, done) = (folder.join("bin/python"), folder.join("installed.txt"));
    let wanted = requirements.each_ref().map(fs::read_to_string);
    let wanted = wanted.into_iter().collect::<Result<String, _>>()?;
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    process::run(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    // The wheels say 3.12 and work with the 3.11 of Debian 12.
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--no-deps",
        "--ignore-requires-python",
    ];
    let files = requirements.iter().flat_map(|file| [Path::new("-r"), file]);
    process::run(Command::new(&python).args(pip).args(files))?;
    fs::write(done, wanted)?;
    Ok(python)
}

fn program(root: &Path) -> PathBuf {
    target(root).join("debug/tracegate")
}

/// The folder that cargo builds in.
pub fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

#[cfg(test)]
mod tests;
