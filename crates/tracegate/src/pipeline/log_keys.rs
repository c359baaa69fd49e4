//! The keys of the log: a new one is an entry of the log before it signs, and another when it signs
//! alone; so is the checkpoint of the log that it continues.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use disclosure::arrows;
use ledger::{Checkpoint, Note};

use super::apply;
use crate::gate::Gate;

/// Records what the settings say of the log's keys, and of the log it continues, once each. Nothing
/// while the first key signs alone.
pub async fn record(gate: &Gate) -> anyhow::Result<()> {
    let now = gate.clock.now();
    let keys: Vec<String> = gate.log.keys().iter().map(ToString::to_string).collect();
    match keys.as_slice() {
        [signing, next] => {
            apply(gate, arrows::announce_log_key(signing, next, now)).await?;
        }
        [key] => {
            let announced = arrows::announcement_key(key);
            if gate.store.applied(&announced).await?.is_some() {
                apply(gate, arrows::record_takeover(key, now)).await?;
            }
        }
        _ => {}
    }
    match &gate.settings.log.follows_file {
        Some(file) => follow(gate, file).await,
        None => Ok(()),
    }
}

/// The log before ended where this database was then: otherwise it is another log's checkpoint, and
/// nothing is signed in its name.
async fn follow(gate: &Gate, file: &Path) -> anyhow::Result<()> {
    let shown = file.display();
    let bytes = fs::read(file).with_context(|| format!("cannot read `{shown}`"))?;
    let note = Note::parse(&bytes).with_context(|| format!("`{shown}`"))?;
    let last: Checkpoint = note.text().parse().with_context(|| format!("`{shown}`"))?;
    let root = gate.store.root(last.size).await?;
    anyhow::ensure!(
        root == last.root,
        "`{shown}` is not a checkpoint of this database: entry {} and those before lead to another root",
        last.size.saturating_sub(1)
    );
    let [key, ..] = gate.log.keys() else {
        return Ok(());
    };
    anyhow::ensure!(
        key.name() != last.origin,
        "the log `{}` cannot follow itself; name the new log's key otherwise",
        last.origin
    );
    let continued =
        arrows::continue_log(&key.to_string(), note.text().trim_end(), gate.clock.now());
    apply(gate, continued).await?;
    Ok(())
}
