//! What an entry of the ledger commits to of the rows that were written with it, beside the event
//! itself: the idempotency key, the case, the messages, the marks, the standing of an agreement, and
//! what an erasure destroyed and left. So no row that anybody acts on can be changed without the log
//! telling.

use std::collections::BTreeMap;

use disclosure::event::Facts;
use disclosure::{Event, Mark};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::StoreError;
use crate::record::canonical;
use crate::rows::Row;

/// Name of the personal fact that lists the marks: it goes when the person's record goes.
const MARKS: &str = "marks";

/// Hashes of what an entry is written with; `None` and empty where there is no such thing.
pub(crate) struct Written<'w> {
    pub(crate) key: &'w str,
    pub(crate) body_hash: Option<&'w str>,
    pub(crate) messages: Vec<String>,
    pub(crate) standing: Option<String>,
    /// Reference and hash of what a person has asked.
    pub(crate) wishes: Option<[&'w str; 2]>,
    /// How many people have a share of the entry.
    pub(crate) shares: usize,
}

/// What the entry says to auditors: the facts, and the hashes of what is written with it.
pub(crate) fn audit_facts(event: &Event, written: Written<'_>) -> Result<Vec<u8>, StoreError> {
    let text = |text: Option<&str>| text.map_or(Json::Null, Json::from);
    let facts = event
        .audit
        .iter()
        .map(|(name, fact)| (name.clone(), fact.as_str().into()));
    // Keys in order, no spaces, whole numbers: canonical in the sense of RFC 8785.
    let mut said = BTreeMap::from([
        ("at", Json::from(event.at.as_microsecond())),
        ("body_hash", text(written.body_hash)),
        ("case_id", text(event.case_id.as_deref())),
        ("facts", Json::Object(facts.collect())),
        ("key", digest([written.key]).into()),
        ("kind", Json::from(event.kind.number())),
    ]);
    if !written.messages.is_empty() {
        said.insert("messages", written.messages.into());
    }
    if let Some(standing) = written.standing {
        said.insert("standing", standing.into());
    }
    if let Some([id, hash]) = written.wishes {
        said.insert("wishes", json!({ "hash": hash, "id": id }));
    }
    if written.shares > 0 {
        said.insert("shares", written.shares.into());
    }
    canonical(&said)
}

/// Adds the marks to what the entry says about the person.
pub(crate) fn add_marks(facts: &mut Facts, marks: &[Mark]) {
    if !marks.is_empty() {
        let marks: Vec<String> = marks.iter().map(hex::encode).collect();
        facts.insert(MARKS.to_owned(), marks.join(" "));
    }
}

/// The marks among the personal facts, as hexadecimal.
pub(crate) fn marks_of(facts: &Facts) -> impl Iterator<Item = &str> {
    let marks = facts.get(MARKS).map(String::as_str).unwrap_or_default();
    marks.split_whitespace()
}

/// What an erasure destroyed and left, as its entry says.
pub(crate) struct Erasure {
    /// Slots whose keys are destroyed.
    pub(crate) slots: Vec<u64>,
    /// Hash over the rows of the cases as they are from now on, in their order.
    pub(crate) left: String,
    /// Entries in the person's chain and the index of its newest, where somebody had been found.
    pub(crate) chain: Option<(u64, u64)>,
}

impl Erasure {
    /// The audit facts with what could only be known within the transaction.
    pub(crate) fn added_to(&self, audit: &[u8]) -> Result<Vec<u8>, StoreError> {
        let unstorable = |_| StoreError::Unstorable { what: "event" };
        let mut said: BTreeMap<String, Json> = serde_json::from_slice(audit).map_err(unstorable)?;
        let erased = json!({ "chain": self.chain, "left": self.left, "slots": self.slots });
        said.insert("erased".to_owned(), erased);
        canonical(&said)
    }

    /// What the audit facts of an erasure say; `None` if it is from before they did.
    pub(crate) fn read(said: &Json) -> Option<Erasure> {
        let erased = said.get("erased")?;
        let slots = erased.get("slots")?.as_array()?;
        let chain = erased.get("chain")?.as_array();
        Some(Erasure {
            slots: slots.iter().filter_map(Json::as_u64).collect(),
            left: erased.get("left")?.as_str()?.to_owned(),
            chain: chain.and_then(|pair| Some((pair.first()?.as_u64()?, pair.get(1)?.as_u64()?))),
        })
    }
}

/// The columns that an erased case keeps, because they are counted.
pub(crate) const LEFT: &str =
    "SELECT id, version, state, ending, agreement, agreement_hash, agency,
    officer, purpose, priority, received_at, expires_at, answer_at, download_until, outcome_due_at,
    key_slot, subject, erased_at, sealed, deferred_until, assignee FROM cases";

/// Hash of what is left of one erased case.
pub(crate) fn left_hash(row: &Row) -> Result<String, StoreError> {
    let text = |column| row.get::<Option<String>>(column).map(Json::from);
    let number = |column| row.get::<Option<i64>>(column).map(Json::from);
    let subject: Option<Vec<u8>> = row.get("subject")?;
    let mut left = vec![json!(subject.map(hex::encode))];
    for column in [
        "id",
        "state",
        "ending",
        "agreement",
        "agreement_hash",
        "agency",
        "officer",
        "purpose",
        "priority",
    ] {
        left.push(text(column)?);
    }
    for column in [
        "version",
        "received_at",
        "expires_at",
        "answer_at",
        "download_until",
        "outcome_due_at",
        "key_slot",
        "erased_at",
    ] {
        left.push(number(column)?);
    }
    let sealed: Vec<u8> = row.get("sealed")?;
    left.push(json!(sealed.len()));
    Ok(hex::encode(Sha256::digest(canonical(&left)?)))
}

/// Hex SHA-256 over texts, each preceded by its length in bytes (8, big-endian), so that no two lists
/// have one form.
pub(crate) fn digest<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hex::encode(hash.finalize())
}
