//! `tracegate ledger verify`: the full audit.

use std::collections::BTreeMap;
use std::path::Path;

use ledger::tiles::CHECKPOINT_PATH;
use ledger::{
    DistrustError, Policy, Report, VerifyError, Witnessed, read_note, verify_each, verify_files,
};
use serde_json::{Value, json};

use super::trust::Trust;
use super::{Exit, Format, not_verified, print_json};
use crate::cli::progress::Progress;
use crate::remote::Place;

#[derive(clap::Args)]
pub struct Args {
    /// Folder or address of the log
    log: String,
    #[command(flatten)]
    trust: Trust,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Why a log is not believed.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Files(#[from] VerifyError),
    #[error("`{CHECKPOINT_PATH}`: {0}")]
    Distrust(#[from] DistrustError),
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let place = Place::new(&args.log);
    if let Place::Folder(_) = place {
        let is_folder = Path::new(&args.log).is_dir();
        anyhow::ensure!(is_folder, "there is no folder `{}`", args.log);
    }
    let policy = args.trust.or_the_logs_own(&args.log, &place);
    // A damaged key file is a fault of the log, not of the command line.
    let policy = match policy {
        Err(error) if args.trust.stated().is_ok_and(|stated| stated.is_none()) => {
            return not_verified(args.format, &format!("{error:#}"), &Value::Null);
        }
        policy => policy?,
    };
    match audit(args, &place, &policy) {
        Ok((report, witnessed)) => {
            show(args.format, &report, &witnessed, &policy)?;
            Ok(Exit::Done)
        }
        Err(fault) => {
            let place = match &fault {
                Fault::Files(error) => json!({ "file": error.path(), "entry": error.entry() }),
                Fault::Distrust(_) => json!({ "file": CHECKPOINT_PATH }),
            };
            not_verified(args.format, &fault.to_string(), &place)
        }
    }
}

fn audit(args: &Args, place: &Place, policy: &Policy) -> Result<(Report, Witnessed), Fault> {
    let note = read_note(place)?;
    let size = policy.check(&note)?.checkpoint.size;
    let key = policy.log_of(&note).ok_or(DistrustError::Log)?;
    let mut progress = Progress::start("checking entries", size);
    let each = |index: u64, _: &[u8]| progress.at(index);
    let report = match place {
        Place::Folder(_) => verify_each(Path::new(&args.log), key, each),
        Place::Remote(remote) => verify_files(remote, key, each),
    };
    progress.clear();
    let report = report?;
    // The log may have grown since: what counts is the head that was audited.
    let witnessed = policy.check(&report.note)?;
    Ok((report, witnessed))
}

fn show(
    format: Format,
    report: &Report,
    witnessed: &Witnessed,
    policy: &Policy,
) -> anyhow::Result<()> {
    let known = |name: &String| policy.witnesses().iter().any(|w| w.key.name() == name);
    let unchecked = report.unchecked_signatures.iter();
    let unchecked: Vec<_> = unchecked.filter(|name| !known(name)).collect();
    let head = &report.checkpoint;
    if format == Format::Json {
        return print_json(&json!({
            "verified": true,
            "origin": head.origin,
            "entries": head.size,
            "root": head.root.to_string(),
            "tiles": report.tiles,
            "witnesses": times(&witnessed.witnesses),
            "unchecked_signatures": unchecked,
        }));
    }
    println!("log verified");
    println!("origin    {}", head.origin);
    println!("entries   {}", head.size);
    println!("root      {}", head.root);
    println!("tiles     {}", report.tiles);
    show_witnesses(witnessed);
    for name in unchecked {
        println!("not checked: a signature by `{name}`");
    }
    Ok(())
}

/// Prints who witnessed a head, and when.
pub fn show_witnesses(witnessed: &Witnessed) {
    for (name, time) in times(&witnessed.witnesses) {
        println!("witness   {name} at {time}");
    }
}

/// The times of cosignatures, written out.
pub fn times(witnesses: &BTreeMap<String, u64>) -> BTreeMap<String, String> {
    let written = |(name, seconds): (&String, &u64)| {
        let at = i64::try_from(*seconds).ok();
        let at = at.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        // A witness may sign any number below 2^63; past the year 9999 it is shown as it is.
        let at = at.map_or_else(|| seconds.to_string(), |at| at.to_string());
        (name.clone(), at)
    };
    witnesses.iter().map(written).collect()
}
