//! `tracegate ledger monitor`: follows a log and alarms when it contradicts itself.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use ledger::{Alarm, Policy, VerifyError, Watch, look, read_note};
use serde_json::{Value, json};

use super::trust::Trust;
use super::verify::times;
use super::{Exit, Format, not_verified, print_json, read};
use crate::clock::Clock;
use crate::remote::Place;

#[derive(clap::Args)]
pub struct Args {
    /// Folder or address of the log
    log: String,
    #[command(flatten)]
    trust: Trust,
    /// File that remembers the newest head seen; made by the first look
    #[arg(long)]
    state: PathBuf,
    /// Look once and stop, for a timer of the system
    #[arg(long)]
    once: bool,
    /// Seconds between looks
    #[arg(long, default_value_t = 60)]
    every: u64,
    /// Seconds without a new head after which the log is stale
    #[arg(long, default_value_t = 86_400)]
    stale_after: u64,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What one look found.
enum Found {
    /// A head newer than the last one, or the first.
    New(Watch),
    /// The same head.
    Same,
    /// The log could not be read, which is not its fault yet.
    Unreadable(VerifyError),
    /// The log is not to be believed.
    Alarm(String),
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let policy = args.trust.stated()?;
    let policy =
        policy.context("pass `--key` or `--policy`: a monitor must know whose log it is")?;
    let (place, clock) = (Place::new(&args.log), Clock::system());
    let mut watch = load(&args.state)?;
    loop {
        let now = u64::try_from(clock.now().as_second()).unwrap_or_default();
        match look_once(args, &place, &policy, watch.as_ref(), now) {
            Found::New(new) => {
                save(&args.state, new.to_string().as_bytes())?;
                show(args.format, &new, &policy)?;
                watch = Some(new);
            }
            Found::Same => {}
            Found::Unreadable(error) if args.once => return Err(error.into()),
            Found::Unreadable(error) => eprintln!("tracegate: {error}; looking again"),
            Found::Alarm(problem) => return alarm(args, &place, &problem),
        }
        if args.once {
            return Ok(Exit::Done);
        }
        thread::sleep(Duration::from_secs(args.every));
    }
}

fn look_once(
    args: &Args,
    place: &Place,
    policy: &Policy,
    watch: Option<&Watch>,
    now: u64,
) -> Found {
    let stale = |watch: &Watch| now.saturating_sub(watch.since) > args.stale_after;
    match look(place, policy, watch, now, args.stale_after) {
        Ok(new) if Some(&new) == watch => Found::Same,
        Ok(new) => Found::New(new),
        Err(Alarm::Files(error @ VerifyError::File { .. })) => match watch {
            Some(watch) if stale(watch) => Found::Alarm(format!("stale: {error}")),
            _ => Found::Unreadable(error),
        },
        Err(error) => Found::Alarm(error.to_string()),
    }
}

fn alarm(args: &Args, place: &Place, problem: &str) -> anyhow::Result<Exit> {
    let mut kept = Value::Null;
    if let Ok(note) = read_note(place) {
        let evidence = beside(&args.state, "evidence");
        save(&evidence, note.to_string().as_bytes())?;
        eprintln!("kept the head shown now in `{}`", evidence.display());
        kept = json!({ "evidence": evidence });
    }
    not_verified(args.format, &format!("ALARM: {problem}"), &kept)
}

fn show(format: Format, watch: &Watch, policy: &Policy) -> anyhow::Result<()> {
    let witnessed = policy.check(&watch.note)?;
    let head = &witnessed.checkpoint;
    if format == Format::Json {
        return print_json(&json!({
            "entries": head.size,
            "root": head.root.to_string(),
            "witnesses": times(&witnessed.witnesses),
        }));
    }
    println!("{} entries, root {}", head.size, head.root);
    Ok(())
}

fn load(state: &Path) -> anyhow::Result<Option<Watch>> {
    if !state.exists() {
        return Ok(None);
    }
    let watch = Watch::parse(&read(state)?);
    let watch = watch.with_context(|| {
        format!(
            "`{}` is no state file of a monitor; restore it, or name a new file and lose what was \
             seen before",
            state.display()
        )
    });
    watch.map(Some)
}

/// Replaces a file in one step, on disk when this returns.
fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let temporary = beside(path, "tmp");
    let saved = File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    });
    saved.with_context(|| format!("cannot write `{}`", path.display()))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", path.display()))
}
