//! What the demonstration prints: figures that sum, the log's head, and what to look at.

use std::path::Path;

use anyhow::bail;
use disclosure::statistics::Row;
use jiff::Timestamp;
use store::CaseFilter;

use crate::gate::Gate;
use crate::pipeline::publish;

/// Prints the figures and verifies the log; an error when a figure or a byte is wrong.
pub async fn print(gate: &Gate) -> anyhow::Result<()> {
    let now = gate.clock.now();
    let counted = gate
        .store
        .statistics(Timestamp::UNIX_EPOCH, Timestamp::MAX, now)
        .await?;
    println!(
        "\nOne quarter at the gate, as its agencies may know it on {}",
        day(now)
    );
    println!("  by agreement and agency: received, released, no result, refused, others");
    for row in &counted.rows {
        let name = row.agreement.as_deref().unwrap_or("(no agreement applied)");
        println!("  {:<34} {:<18} {}", name, row.agency, short(&row.counts));
    }
    println!("\n{}", identity(&counted.total));
    if !counted.total.balances() {
        bail!("the figures do not sum: something received is not accounted for");
    }
    verify(gate).await
}

fn day(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

fn short(row: &Row) -> String {
    let released = row.released_all + row.released_part;
    let others = row.received - released - row.no_result - row.refused;
    format!(
        "{:>5} {:>5} {:>5} {:>5} {:>5}",
        row.received, released, row.no_result, row.refused, others
    )
}

/// The identity I1 with its numbers.
fn identity(row: &Row) -> String {
    let columns = row.columns();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let counts: Vec<String> = columns.iter().map(|(_, count)| count.to_string()).collect();
    format!(
        "received = {}\n{} = {}",
        names.join(" + "),
        row.received,
        counts.join(" + ")
    )
}

/// Publishes what is left, then audits the public files as a stranger would.
async fn verify(gate: &Gate) -> anyhow::Result<()> {
    let size = publish::publish(gate).await?;
    let recorded = gate.store.ledger_size().await?;
    if size != recorded {
        bail!("{recorded} entries are recorded but {size} are published");
    }
    let key = gate.log.keys()[0].clone();
    let report = ledger::verify(&gate.settings.log.folder, &key)
        .map_err(|error| anyhow::anyhow!("the log does not verify: {error}"))?;
    println!("\nThe public log's checkpoint\n");
    println!(
        "{}",
        gate.log
            .head()
            .map_or_else(String::new, |head| head.to_string())
    );
    println!(
        "log verified: {} entries, {} tiles",
        report.checkpoint.size, report.tiles
    );
    Ok(())
}

/// Prints where to look next.
pub async fn look(gate: &Gate, data: &Path) -> anyhow::Result<()> {
    println!("\nHave a look");
    for (state, what) in [
        ("casework_review", "waits for a caseworker"),
        ("guardian_review", "waits for the guardian"),
        ("no_result", "ended without a result"),
        ("refused", "refused, with its clause"),
        ("held_suspension", "held: its agreement is suspended"),
        ("closed", "released, collected, outcome returned"),
    ] {
        let filter = CaseFilter {
            state: Some(state.to_owned()),
            ..CaseFilter::default()
        };
        let page = gate.store.cases(&filter, None, 1).await?;
        if let Some(row) = page.rows.first() {
            println!("  {}  {what}", row.id);
        }
    }
    let data = data.display();
    println!("  tracegate ledger verify {data}/log --key {data}/log.vkey");
    Ok(())
}
