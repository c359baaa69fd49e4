//! `tracegate statistics`: the exact counts of a data folder, for its operator. What the public sees is
//! published a quarter at a time.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::serve::runtime;
use super::{Exit, Format, print_json};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::gate::open_store;
use crate::reader::StatisticsView;
use crate::settings::Settings;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  tracegate statistics --data tracegate-demo")]
pub struct Args {
    /// Data folder with `tracegate.toml`
    #[arg(long, default_value = "tracegate-data")]
    data: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let settings = Settings::load(&args.data)?;
    let chance = Arc::new(Chance::system()?);
    let as_of = Clock::system().now();
    let statistics = runtime()?.block_on(async {
        let store = open_store(&settings, &chance).await?;
        anyhow::Ok(
            store
                .statistics(Timestamp::UNIX_EPOCH, Timestamp::MAX, as_of)
                .await?,
        )
    })?;
    let statistics = StatisticsView::new(statistics, as_of);
    match args.format {
        Format::Json => print_json(&statistics)?,
        Format::Text => print(&statistics),
    }
    Ok(if statistics.total.balances() {
        Exit::Done
    } else {
        Exit::NotVerified
    })
}

fn print(statistics: &StatisticsView) {
    for row in &statistics.rows {
        println!(
            "{} x {}",
            row.agreement.as_deref().unwrap_or("no agreement"),
            row.agency
        );
        print_row(&row.counts);
    }
    println!("total");
    print_row(&statistics.total);
}

/// One row, every column that must sum to `received`.
pub fn print_row(row: &disclosure::statistics::Row) {
    println!("  {:<14} {:>8}", "received", row.received);
    for (name, count) in row.columns() {
        println!("  {name:<14} {count:>8}");
    }
}
