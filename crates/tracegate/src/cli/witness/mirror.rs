//! `tracegate witness mirror`: a checked copy of a log.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use ledger::tiles::CHECKPOINT_PATH;
use ledger::{
    Alarm, DistrustError, Folder, MirrorError, Policy, VerifyError, Watch, look, read_note,
};

use crate::cli::Exit;
use crate::cli::ledger::trust::Trust;
use crate::cli::progress::Progress;
use crate::remote::Place;

#[derive(clap::Args)]
pub struct Args {
    /// Folder or address of the log
    log: String,
    #[command(flatten)]
    trust: Trust,
    /// Folder of the copy
    #[arg(long)]
    out: PathBuf,
    /// Copy once and stop, for a timer of the system
    #[arg(long)]
    once: bool,
    /// Seconds between looks
    #[arg(long, default_value_t = 60)]
    every: u64,
}

/// Why a round ended without a newer copy.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Alarm(#[from] Alarm),
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}

impl Fault {
    /// Whether the log may be sound and only out of reach, or growing under the copy.
    fn is_passing(&self) -> bool {
        match self {
            Fault::Alarm(Alarm::Files(error)) | Fault::Mirror(MirrorError::Source(error)) => {
                matches!(error, VerifyError::File { .. } | VerifyError::Missing(_))
            }
            _ => false,
        }
    }
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let policy = args.trust.stated()?;
    let policy =
        policy.context("pass `--key` or `--policy`: a mirror must know whose log it is")?;
    let (place, copy) = (Place::new(&args.log), Folder::new(&args.out));
    loop {
        match round(args, &policy, &place, &copy) {
            Ok(Some(size)) => println!("{size} entries checked and copied"),
            Ok(None) => {}
            Err(fault) if fault.is_passing() && !args.once => {
                eprintln!("tracegate: {fault}; looking again");
            }
            Err(fault) if fault.is_passing() => return Err(fault.into()),
            Err(fault) => {
                eprintln!("tracegate: not verified: ALARM: {fault}");
                return Ok(Exit::NotVerified);
            }
        }
        if args.once {
            return Ok(Exit::Done);
        }
        thread::sleep(Duration::from_secs(args.every));
    }
}

/// Brings the copy up to date; its new size, unless there is nothing new.
fn round(args: &Args, policy: &Policy, place: &Place, copy: &Folder) -> Result<Option<u64>, Fault> {
    let watch = match args.out.join(CHECKPOINT_PATH).exists() {
        true => Some(Watch {
            note: read_note(copy).map_err(Alarm::from)?,
            since: 0,
        }),
        false => None,
    };
    let new = look(place, policy, watch.as_ref(), 0, u64::MAX)?;
    if Some(&new) == watch.as_ref() {
        return Ok(None);
    }
    let key = policy.log_of(&new.note);
    let key = key.ok_or(Alarm::Distrust(DistrustError::Log))?;
    let mut progress = Progress::start("files", 0);
    let report = ledger::mirror(copy, place, key, &new.note, |done| progress.at(done));
    progress.clear();
    Ok(Some(report?.checkpoint.size))
}
