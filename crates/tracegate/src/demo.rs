//! `tracegate demo`: the whole main job on synthetic people, then the desk.

pub mod forms;
mod months;
mod people;
mod quarter;
mod scenario;
pub mod setup;
mod tour;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;
use crate::cli::Exit;
use crate::cli::serve::{bind, listen, log_to_stderr, runtime};
use crate::clock::{Clock, stopwatch};
use crate::gate::Gate;
use crate::pipeline::suspension;
use crate::publication::Quarter;
use crate::settings::{Answers, Settings};

/// First instant of the quarter that is played. The sample agreements are in force then.
const QUARTER_STARTS: &str = "2026-07-01T00:00:00Z";

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    tracegate demo             make people and a quarter of requests, then serve the desk\n  \
    tracegate demo --once      the same without serving; exits 0 only if everything verifies\n\n\
    Everybody in it is made up; NHS numbers are from the range that is never issued.")]
pub struct Args {
    /// Do everything, verify everything, and exit instead of serving
    #[arg(long)]
    once: bool,
    /// Data folder to create; an earlier demonstration in it is served again
    #[arg(long, default_value = "tracegate-demo")]
    data: PathBuf,
    /// Address of the desk; loopback only, as anybody can sign in
    #[arg(long, default_value = "127.0.0.1:8018")]
    listen: SocketAddr,
    /// People in the index
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1_000..))]
    people: u32,
    /// Requests in the quarter
    #[arg(long, default_value_t = 1_424)]
    requests: usize,
    /// Seed of the people and the requests
    #[arg(long, default_value_t = 2018)]
    seed: u64,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        if args.once || !setup::is_finished(&args.data) {
            make(args).await?;
        }
        if args.once {
            Ok(Exit::Done)
        } else {
            serve(args).await
        }
    })
}

/// Makes the data folder and plays the quarter in it.
async fn make(args: &Args) -> anyhow::Result<()> {
    let started = stopwatch();
    setup::folder(&args.data)?;
    let mut people = people::make(&args.data, args.people, args.seed)?;
    setup::installation(&args.data, args.listen, &Chance::system()?)?;

    let start: Timestamp = QUARTER_STARTS.parse().context("the first day")?;
    let mut settings = Settings::load(&args.data)?;
    // The quarter is played with the usual window; visitors of the desk need not wait for days.
    settings.answers = Answers::default();
    setup::publish(&settings, start).await?;
    months::write(&settings.statistics)?;
    let gate = Gate::open(settings, Clock::standing(start), Chance::system()?).await?;
    suspension::record_states(&gate).await?;
    let planned = scenario::plan(&mut people, args.requests, start);
    quarter::play(&gate, start, planned).await?;
    tour::print(&gate).await?;
    tour::look(&gate, &args.data).await?;
    gate.store.close().await?;
    setup::finish(&args.data)?;
    println!("\ndone in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// Serves the demonstration from the instant of its last entry on.
async fn serve(args: &Args) -> anyhow::Result<Exit> {
    log_to_stderr();
    let mut settings = Settings::load(&args.data)?;
    settings.listen = args.listen;
    settings.check()?;
    let gate = Gate::open(
        settings,
        Clock::standing(Timestamp::UNIX_EPOCH),
        Chance::system()?,
    )
    .await?;
    let last = last_entry(&gate, &args.data).await?;
    let quarter: Timestamp = QUARTER_STARTS.parse().context("the first day")?;
    // The quarter is over, so that its statistics are there to be seen.
    let start = last.max(Quarter::of(quarter).end());
    gate.clock.set(start + SignedDuration::from_hours(1));
    gate.clock.run();
    gate.store.outbox_recover().await?;
    suspension::record_states(&gate).await?;
    let listener = bind(args.listen).await?;
    println!(
        "\nsign in at http://{}/sign-in as anybody; nobody is real",
        listener.local_addr()?
    );
    listen(Arc::new(gate), listener).await?;
    Ok(Exit::Done)
}

async fn last_entry(gate: &Gate, data: &Path) -> anyhow::Result<Timestamp> {
    let size = gate.store.ledger_size().await?;
    let last = gate.store.entry(size.saturating_sub(1)).await?;
    let last = last.with_context(|| format!("`{}` has no entries", data.display()))?;
    Ok(last.row.at)
}
