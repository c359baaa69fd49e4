//! `tracegate oversee`: look into the log as an overseer. Every look is an entry before it is one.

use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use disclosure::Actor;
use jiff::Timestamp;
use ledger::{Checkpoint, Folder, read_note};
use serde_json::json;
use store::Store;

use super::progress::Progress;
use super::serve::runtime;
use super::{Exit, Format, print_json};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::fhir::audit;
use crate::gate::open_store;
use crate::pipeline::oversight::{self, Asked, Overseeing, Recomputed, Sample, events};
use crate::publication::{Quarter, correction};
use crate::settings::Settings;

#[derive(Subcommand)]
pub enum Command {
    /// Open the audit facts of a sample of entries, or of all in a period
    #[command(after_help = "Examples:\n  \
        tracegate oversee sample --count 20 --data data --by ov-james-whitlock\n  \
        tracegate oversee sample --count 20 --seed 2026-11 --data data --by ov-james-whitlock\n  \
        tracegate oversee sample --all --from 2026-11-01T00:00:00Z --until 2026-11-02T00:00:00Z --data data --by ov-james-whitlock\n\n\
        The sample is the entries whose SHA-256 of `tracegate sample v1`, seed and index, a line each, is\n\
        smallest. The seed is in the entry that records the sample; give one that nobody could foresee.")]
    Sample(SampleArgs),
    /// Recompute every published statistic from the log and say where it differs
    #[command(
        after_help = "Examples:\n  tracegate oversee recompute --data data --by ov-james-whitlock\n\n\
        Exit code 4 when a number differs, or when the entries are not those under the signed head."
    )]
    Recompute(Common),
    /// Count a published quarter again, and publish what has changed beside it
    #[command(after_help = "Examples:\n  \
        tracegate oversee correct --quarter 2026-Q1 --reason \"Requests of one agency stood under another\" --data data --by ov-james-whitlock\n\n\
        What was published stays as it is; the correction is `2026-Q1-correction-1.csv` and its details. What was hidden\n\
        once stays hidden, and no fine count is shown that has changed by 1 to 7.")]
    Correct {
        /// Quarter, as in 2026-Q1
        #[arg(long, value_parser = quarter)]
        quarter: Quarter,
        /// Why, for readers of the figures; names nobody
        #[arg(long)]
        reason: String,
        /// Data folder with `tracegate.toml`
        #[arg(long, default_value = "tracegate-data")]
        data: PathBuf,
        /// Identity of the overseer
        #[arg(long)]
        by: String,
    },
    /// Print the entries of the log as FHIR AuditEvents, one in each line, for a SIEM
    #[command(after_help = "Examples:\n  \
        tracegate oversee events --data data --by ov-james-whitlock > events.ndjson\n  \
        tracegate oversee events --from 1200 --follow --data data --by ov-james-whitlock\n\n\
        Who did what to which case, in codes; nothing of whoever was asked about. The id of the last event is\n\
        the index of its entry: go on with the next one. Beginning to read is an entry, too.")]
    Events {
        /// Index of the first entry
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// Go on with what is recorded from now on
        #[arg(long)]
        follow: bool,
        /// Data folder with `tracegate.toml`
        #[arg(long, default_value = "tracegate-data")]
        data: PathBuf,
        /// Identity of the overseer
        #[arg(long)]
        by: String,
    },
    /// Count the entries that people have not been told of yet
    #[command(
        after_help = "Examples:\n  tracegate oversee deferred --data data --by ov-james-whitlock"
    )]
    Deferred(Common),
}

#[derive(clap::Args)]
pub struct Common {
    /// Data folder with `tracegate.toml`
    #[arg(long, default_value = "tracegate-data")]
    data: PathBuf,
    /// Identity of the overseer
    #[arg(long)]
    by: String,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(clap::Args)]
pub struct SampleArgs {
    /// How many entries
    #[arg(long, default_value_t = 20)]
    count: usize,
    /// What the sample is drawn from; drawn at random unless given
    #[arg(long, conflicts_with = "all")]
    seed: Option<String>,
    /// Open every entry of the period, oldest first, up to 1,000
    #[arg(long, conflicts_with = "count")]
    all: bool,
    /// Entries recorded at this instant or later
    #[arg(long)]
    from: Option<Timestamp>,
    /// Entries recorded before this instant
    #[arg(long)]
    until: Option<Timestamp>,
    #[command(flatten)]
    common: Common,
}

pub fn run(command: &Command) -> anyhow::Result<Exit> {
    match command {
        Command::Sample(args) => sample(args),
        Command::Recompute(args) => recompute(args),
        Command::Correct {
            quarter,
            reason,
            data,
            by,
        } => correct((*quarter, reason), (data, by)),
        Command::Events {
            from,
            follow,
            data,
            by,
        } => print_events(*from, *follow, (data, by)),
        Command::Deferred(args) => deferred(args),
    }
}

/// Everything an overseer's command needs.
struct Desk {
    store: Store,
    by: Actor,
    chance: Arc<Chance>,
    settings: Settings,
}

impl Desk {
    async fn open(data: &Path, by: &str) -> anyhow::Result<Desk> {
        let settings = Settings::load(data)?;
        let by = settings
            .actor(by)
            .context("nobody of this name is set up in the data folder; see `tracegate.toml`")?;
        let chance = Arc::new(Chance::system()?);
        let store = open_store(&settings, &chance).await?;
        Ok(Desk {
            store,
            by,
            chance,
            settings,
        })
    }

    fn overseeing<'a>(&'a self, key: &'a str) -> Overseeing<'a> {
        Overseeing {
            by: &self.by,
            now: Clock::system().now(),
            key,
        }
    }
}

fn sample(args: &SampleArgs) -> anyhow::Result<Exit> {
    let sample = runtime()?.block_on(async {
        let desk = Desk::open(&args.common.data, &args.common.by).await?;
        let key = desk.chance.token();
        let seed = || args.seed.clone().unwrap_or_else(|| desk.chance.token());
        let asked = Asked {
            count: if args.all {
                oversight::SAMPLE_MAX
            } else {
                args.count
            },
            seed: (!args.all).then(seed),
            from: args.from,
            until: args.until,
        };
        let sample = oversight::sample(&desk.store, desk.overseeing(&key), &asked).await?;
        desk.store.close().await?;
        anyhow::Ok(sample)
    })?;
    match args.common.format {
        Format::Json => print_json(&sample)?,
        Format::Text => print(&sample),
    }
    Ok(Exit::Done)
}

fn print(sample: &Sample) {
    let (opened, within) = (sample.entries.len(), sample.within);
    println!(
        "{opened} of {within} entries opened; the log has {}",
        sample.size
    );
    if let Some(seed) = &sample.seed {
        println!("seed {seed}");
    }
    for entry in &sample.entries {
        println!("\n{}  {}  {}", entry.index, entry.at, entry.kind);
        println!("  leaf {}", entry.leaf);
        println!("  salt {}", entry.salt);
        println!("  {}", entry.audit);
    }
}

fn recompute(args: &Common) -> anyhow::Result<Exit> {
    let mut progress = Progress::start("reading the log", 0);
    let recomputed = runtime()?.block_on(async {
        let desk = Desk::open(&args.data, &args.by).await?;
        let key = desk.chance.token();
        let note = read_note(&Folder::new(&desk.settings.log.folder)).context("the public log")?;
        let head: Checkpoint = note.text().parse().context("the head of the public log")?;
        let at = |done| progress.at(done);
        let done = oversight::recompute(&desk.store, desk.overseeing(&key), &head, at).await?;
        desk.store.close().await?;
        anyhow::Ok(done)
    })?;
    progress.done(&format!("{} entries read", recomputed.entries));
    match args.format {
        Format::Json => print_json(&recomputed)?,
        Format::Text => print_recomputed(&recomputed),
    }
    let agrees = recomputed.differences.is_empty() && recomputed.under_head;
    Ok(if agrees {
        Exit::Done
    } else {
        Exit::NotVerified
    })
}

fn print_recomputed(recomputed: &Recomputed) {
    let Recomputed { entries, cases, .. } = recomputed;
    println!("{cases} cases in {entries} entries");
    super::statistics::print_row(&recomputed.total);
    for difference in &recomputed.differences {
        println!(
            "DIFFERS: {} x {}, {}: published {}, the log says {}",
            difference.agreement.as_deref().unwrap_or("no agreement"),
            difference.agency,
            difference.column,
            difference.published,
            difference.recomputed
        );
    }
    if recomputed.differences.is_empty() {
        println!("every published number is what the log says");
    }
    if !recomputed.under_head {
        println!("NOT THE PUBLIC LOG: the entries do not lead to the signed head");
    }
}

fn quarter(text: &str) -> Result<Quarter, String> {
    let wrong = |()| "a quarter is written as in 2026-Q1".to_owned();
    text.parse().map_err(wrong)
}

fn correct(what: (Quarter, &str), (data, by): (&Path, &str)) -> anyhow::Result<Exit> {
    let edition = runtime()?.block_on(async {
        let desk = Desk::open(data, by).await?;
        let key = desk.chance.token();
        let folder = &desk.settings.statistics;
        let edition = correction::correct(&desk.store, folder, desk.overseeing(&key), what).await?;
        desk.store.close().await?;
        anyhow::Ok(edition)
    })?;
    println!("published {edition}.csv and {edition}.details.csv");
    Ok(Exit::Done)
}

/// Pause of `--follow` between two looks.
const PAUSE: Duration = Duration::from_secs(1);

fn print_events(from: u64, follow: bool, (data, by): (&Path, &str)) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let desk = Desk::open(data, by).await?;
        let key = desk.chance.token();
        let mut next = from;
        let mut out = stdout().lock();
        let mut write = |entry: &store::Entry| writeln!(out, "{}", audit::entry(entry));
        events::begin(&desk.store, desk.overseeing(&key), from).await?;
        loop {
            let mut printed = Ok(());
            let each = |entry: &store::Entry| {
                if printed.is_ok() {
                    printed = write(entry);
                }
            };
            next = events::read(&desk.store, next, each).await?;
            printed?;
            if !follow {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        desk.store.close().await?;
        anyhow::Ok(Exit::Done)
    })
}

fn deferred(args: &Common) -> anyhow::Result<Exit> {
    let count = runtime()?.block_on(async {
        let desk = Desk::open(&args.data, &args.by).await?;
        let key = desk.chance.token();
        let count = oversight::deferred(&desk.store, desk.overseeing(&key)).await?;
        desk.store.close().await?;
        anyhow::Ok(count)
    })?;
    match args.format {
        Format::Json => print_json(&json!({
            "cases": count.cases, "entries": count.entries, "people": count.people,
        }))?,
        Format::Text => println!(
            "{} entries of {} cases are kept from {} people for now",
            count.entries, count.cases, count.people
        ),
    }
    Ok(Exit::Done)
}
