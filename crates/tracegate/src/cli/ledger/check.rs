//! `tracegate ledger prove` and `check`: one entry, and the proof that it is in the log.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ledger::tiles::CHECKPOINT_PATH;
use ledger::{DistrustError, TlogProof, read_note};
use serde_json::{Value, json};

use super::trust::Trust;
use super::verify::{show_witnesses, times};
use super::{Exit, Format, not_verified, print_json, read};
use crate::remote::Place;

pub fn prove(log: &str, index: u64, trust: &Trust, out: &Path) -> anyhow::Result<Exit> {
    let refused = |problem: String| not_verified(Format::Text, &problem, &Value::Null);
    let place = Place::new(log);
    let policy = trust.or_the_logs_own(log, &place)?;
    let note = match read_note(&place) {
        Ok(note) => note,
        Err(error) => return refused(error.to_string()),
    };
    let Some(key) = policy.log_of(&note) else {
        return refused(format!("`{CHECKPOINT_PATH}`: {}", DistrustError::Log));
    };
    let (entry, proof) = match ledger::prove(&place, key, index) {
        Ok(proved) => proved,
        Err(error) => return refused(error.to_string()),
    };
    if let Err(error) = proof.verify_under(&entry, &policy) {
        return refused(error.to_string());
    }
    let beside = entry_beside(out);
    for (path, bytes) in [(out, proof.to_string().into_bytes()), (&beside, entry)] {
        std::fs::write(path, bytes)
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    eprintln!("wrote `{}` and `{}`", out.display(), beside.display());
    Ok(Exit::Done)
}

pub fn check(
    proof: &Path,
    entry: Option<PathBuf>,
    trust: &Trust,
    format: Format,
) -> anyhow::Result<Exit> {
    let policy = trust.stated()?.context(
        "a proof needs the log's key or a policy from elsewhere: pass `--key` or `--policy`",
    )?;
    let entry = entry.unwrap_or_else(|| entry_beside(proof));
    let (bytes, entry) = (read(proof)?, read(&entry)?);
    let checked = TlogProof::parse(&bytes).and_then(|proof| {
        let witnessed = proof.verify_under(&entry, &policy)?;
        Ok((proof.index, witnessed))
    });
    let (index, witnessed) = match checked {
        Ok(checked) => checked,
        Err(error) => return not_verified(format, &error.to_string(), &Value::Null),
    };
    let head = &witnessed.checkpoint;
    if format == Format::Json {
        print_json(&json!({
            "verified": true,
            "index": index,
            "origin": head.origin,
            "entries": head.size,
            "root": head.root.to_string(),
            "witnesses": times(&witnessed.witnesses),
        }))?;
        return Ok(Exit::Done);
    }
    println!(
        "proof verified: entry {index} of {} is in the log",
        head.size
    );
    println!("origin    {}", head.origin);
    println!("root      {}", head.root);
    show_witnesses(&witnessed);
    Ok(Exit::Done)
}

/// Where the bytes of a proof's entry are kept.
fn entry_beside(proof: &Path) -> PathBuf {
    PathBuf::from(format!("{}.entry", proof.display()))
}
