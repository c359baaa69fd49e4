//! `tracegate erase`: the record of a person is destroyed, by two people, and the log says so.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use disclosure::arrows::ErasureGround;

use super::Exit;
use super::serve::runtime;
use crate::chance::Chance;
use crate::clock::Clock;
use crate::gate::open_store;
use crate::pipeline::erasure::{Erasure, confirm, propose};
use crate::settings::Settings;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    tracegate erase TG-7F3K-92QD-B4 --ground right_to_erasure --data data --by cw-sofia-lindqvist\n  \
    tracegate erase TG-7F3K-92QD-B4 --ground right_to_erasure --data data --by cg-dr-anton-keller --confirm\n\n\
    Every case about the same person goes, in the database, its journal and its backups: their keys are\n\
    destroyed. Counts, entries and proofs stay. All cases must be closed and answered. Grounds:\n\
    retention_ended, right_to_erasure, court_order, wrong_person. There is no way back.")]
pub struct Args {
    /// Reference of a case about the person
    case: String,
    /// Why
    #[arg(long, value_parser = ground)]
    ground: ErasureGround,
    /// Data folder with `tracegate.toml`
    #[arg(long, default_value = "tracegate-data")]
    data: PathBuf,
    /// Identity of who acts
    #[arg(long)]
    by: String,
    /// Be the second person, a guardian, who has it done
    #[arg(long)]
    confirm: bool,
}

fn ground(text: &str) -> Result<ErasureGround, String> {
    ErasureGround::from_code(text).ok_or_else(|| {
        let codes: Vec<&str> = ErasureGround::ALL.iter().map(|one| one.code()).collect();
        format!("it is one of {}", codes.join(", "))
    })
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let settings = Settings::load(&args.data)?;
    let by = settings
        .actor(&args.by)
        .context("nobody of this name is set up in the data folder; see `tracegate.toml`")?;
    let step = Erasure {
        case: &args.case,
        ground: args.ground,
        by: &by,
        now: Clock::system().now(),
    };
    let (applied, cases) = runtime()?.block_on(async {
        let store = open_store(&settings, &Arc::new(Chance::system()?)).await?;
        let done = match args.confirm {
            true => confirm(&store, &step).await?,
            false => propose(&store, &step).await?,
        };
        store.close().await?;
        anyhow::Ok(done)
    })?;
    let what = match args.confirm {
        true => "erased",
        false => "proposed; a guardian confirms with `--confirm`",
    };
    println!(
        "{cases} cases: {what}; entry {} of the log",
        applied.index()
    );
    Ok(Exit::Done)
}
