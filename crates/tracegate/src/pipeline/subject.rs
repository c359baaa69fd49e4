//! Subject access: what is on record about one person, for that person. Reading it is recorded first.

use std::collections::BTreeMap;

use disclosure::arrows::{self, Acting};
use disclosure::{Actor, Role};
use jiff::Timestamp;
use ledger::chain::Chain;
use ledger::{
    Bundle, BundleEvent, Checkpoint, Files, ProveError, UnderHead, VerifierKey, VerifyError,
    read_note,
};
use matcher::NhsNumber;
use matcher::index::Current;
use store::{Store, SubjectEntry, SubjectLog};
use thiserror::Error;

use super::StepError;

/// Whose log is read, by whom and why.
pub struct Reading<'a> {
    /// Names the person: a reference into the person index, or an NHS number.
    pub code: &'a str,
    /// Who asked for it: the person's own code, or that of somebody in the person's place.
    pub reader: Option<&'a str>,
    /// Why, without personal data.
    pub why: &'a str,
    /// Who reads.
    pub by: &'a Actor,
    /// When.
    pub now: Timestamp,
    /// Makes the record unique.
    pub key: &'a str,
}

/// Reads the log of the person whom the code names, if anybody knows one, and returns the reference with
/// it: recorded as an entry of that log, and then read with that entry in it. That nobody is known is an
/// answer about somebody, and is recorded as well.
pub async fn read(
    store: &Store,
    index: &Current,
    reading: &Reading<'_>,
) -> Result<Option<(String, SubjectLog)>, StepError> {
    if !matches!(reading.by.role, Role::SubjectAccess | Role::Guardian) {
        return Err(StepError::NotAllowed(
            "the log of a person is read by the subject access clerk or a guardian",
        ));
    }
    let Reading {
        code,
        reader,
        why,
        by,
        now,
        key,
    } = *reading;
    let Some(person) = person_of(store, index, code).await? else {
        let entry = arrows::note_log_not_found(key, why, by, now);
        store.apply(entry).await?;
        return Ok(None);
    };
    // A portal is online, and there the person wants nothing shown.
    let wishes = store.wishes_of(&person).await?;
    if reader.is_some() && wishes.is_some_and(|wishes| wishes.hidden_since.is_some()) {
        return Ok(None);
    }
    let other = reader.filter(|reader| *reader != code && *reader != person);
    let entry = arrows::note_log_read(key, (&person, other), why, by, now);
    store.apply(entry).await?;
    let log = store.subject_log(&person).await?;
    Ok(Some((person, log)))
}

/// Somebody reads their own log, or that of the person they act for.
pub struct Asking<'a> {
    /// Reference into the person index.
    pub person: &'a str,
    /// In whose place.
    pub acting: Acting,
    /// Who reads.
    pub by: &'a Actor,
    /// When.
    pub now: Timestamp,
    /// Makes the record unique.
    pub key: &'a str,
}

/// As [`read`], for whoever the caller has made sure may read it.
pub async fn read_own(store: &Store, asking: &Asking<'_>) -> Result<SubjectLog, StepError> {
    let Asking { person, by, .. } = *asking;
    let (reader, why) = match asking.acting {
        Acting::Themselves => (None, "read by the person"),
        Acting::ForThem => (Some(by.id.as_str()), "read for the person"),
    };
    let entry = arrows::note_log_read(asking.key, (person, reader), why, by, asking.now);
    store.apply(entry).await?;
    Ok(store.subject_log(person).await?)
}

/// The reference of the person that a code names. Whoever has left the index may still be on record.
pub async fn person_of(
    store: &Store,
    index: &Current,
    code: &str,
) -> Result<Option<String>, StepError> {
    let code = code.trim();
    if let Ok(number) = NhsNumber::parse(code)
        && let Some(person) = index
            .find_nhs_number(number)
            .and_then(|row| index.person(row))
    {
        return Ok(Some(person.person_id));
    }
    let known = index.find(code).is_some() || store.has_log(code).await?;
    Ok(known.then(|| code.to_owned()))
}

/// Why no bundle was made.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The public files are at fault, or nothing is published.
    #[error("the public log: {0}")]
    Log(#[from] VerifyError),
    /// There is no way from an entry to the signed root.
    #[error("the public log: {0}")]
    Prove(#[from] ProveError),
    /// The signed head cannot be read.
    #[error("the head of the public log cannot be read")]
    Head,
    /// The entry names others.
    #[error(
        "entry {0} was written by an older program and names others; the log of this person can be \
         read, and not handed out"
    )]
    NamesOthers(u64),
}

/// How often a head is read again that was replaced while the proofs were made.
const TRIES: usize = 3;

/// A person's log as a file that anybody checks offline, up to the newest entry under the public head.
pub fn bundle(
    log: &SubjectLog,
    files: &impl Files,
    key: &VerifierKey,
) -> Result<Bundle, ExportError> {
    for _ in 1..TRIES {
        if let Ok(bundle) = bundle_once(log, files, key) {
            return Ok(bundle);
        }
    }
    bundle_once(log, files, key)
}

fn bundle_once(
    log: &SubjectLog,
    files: &impl Files,
    key: &VerifierKey,
) -> Result<Bundle, ExportError> {
    let note = read_note(files)?;
    let head = note.text().parse::<Checkpoint>();
    let size = head.map_err(|_| ExportError::Head)?.size;
    // Every proof is under one head, whatever is published meanwhile.
    let under = UnderHead {
        files,
        head: &note,
        ahead: &BTreeMap::new(),
    };
    let events = published(&log.entries, size).iter();
    let events = events.map(|entry| event(entry, &under, key));
    Ok(Bundle {
        events: events.collect::<Result<_, _>>()?,
        note: note.clone(),
    })
}

/// The entries under a head of this size: whole deferred chains only.
pub fn published(entries: &[SubjectEntry], size: u64) -> &[SubjectEntry] {
    let last = entries
        .iter()
        .rposition(|entry| entry.chain == Chain::Own && entry.row.index < size);
    let count = last.map_or(0, |last| last + 1);
    entries.get(..count).unwrap_or_default()
}

fn event(
    entry: &SubjectEntry,
    files: &UnderHead<'_, impl Files>,
    key: &VerifierKey,
) -> Result<BundleEvent, ExportError> {
    let index = entry.row.index;
    if entry.facts.contains_key("examined") {
        return Err(ExportError::NamesOthers(index));
    }
    let (_, proof) = ledger::prove(files, key, index)?;
    Ok(BundleEvent {
        chain: entry.chain,
        index,
        leaf: entry.leaf,
        salt: entry.salt,
        said: entry.said.clone(),
        path: proof.path,
    })
}
