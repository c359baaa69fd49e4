//! `tracegate ledger continues`: a log holds every entry of the one before, each at its old place.

use std::path::PathBuf;

use ledger::hash::leaf_hash;
use ledger::tree::Frontier;
use ledger::{Checkpoint, CheckpointError, Note, read_note, verify_files};
use serde_json::Value;

use super::trust::{Trust, parse_key};
use super::{Exit, Format, not_verified, read};
use crate::remote::Place;

#[derive(clap::Args)]
pub struct Args {
    /// Final checkpoint of the log before, a file
    last: PathBuf,
    /// Folder or address of the log that continues it
    log: String,
    /// Public key of the log before, or a file that holds it
    #[arg(long)]
    last_key: String,
    #[command(flatten)]
    trust: Trust,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let refused = |problem: String| not_verified(Format::Text, &problem, &Value::Null);
    let key = parse_key(&args.last_key)?;
    let last = Note::parse(&read(&args.last)?).map_err(CheckpointError::from);
    let last = match last.and_then(|note| Checkpoint::open(&note, &key)) {
        Ok(last) => last,
        Err(error) => return refused(format!("`{}`: {error}", args.last.display())),
    };
    let place = Place::new(&args.log);
    let policy = args.trust.or_the_logs_own(&args.log, &place)?;
    let witnessed = read_note(&place)
        .map_err(|error| error.to_string())
        .and_then(|note| {
            let key = policy.log_of(&note).cloned();
            let checked = policy.check(&note).map_err(|error| error.to_string())?;
            Ok((key, checked.checkpoint))
        });
    let (key, head) = match witnessed {
        Ok((Some(key), head)) => (key, head),
        Ok((None, _)) => return refused("the head is signed by another log".to_owned()),
        Err(problem) => return refused(problem),
    };
    let mut frontier = Frontier::default();
    let verified = verify_files(&place, &key, |index, entry| {
        // It starts again from the first entry when the log has grown meanwhile.
        if index == 0 {
            frontier = Frontier::default();
        }
        if index < last.size {
            frontier.push(leaf_hash(entry));
        }
    });
    if let Err(error) = verified {
        return refused(error.to_string());
    }
    if (frontier.size(), frontier.root()) != (last.size, last.root) {
        return refused(format!(
            "`{}` does not hold the {} entries of `{}`",
            head.origin, last.size, last.origin
        ));
    }
    println!(
        "`{}` continues `{}`: its first {} entries are the same",
        head.origin, last.origin, last.size
    );
    Ok(Exit::Done)
}
