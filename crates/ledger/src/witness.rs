//! The witness: cosigns a head only if it continues the last one it cosigned
//! (c2sp.org/tlog-witness).
//!
//! Pure but for the [`WitnessStore`] passed in, so that the same rules run behind a server and in
//! tests.

use std::collections::BTreeMap;
use std::fmt;

use crate::checkpoint::{Checkpoint, parse_number};
use crate::cosignature::cosign;
use crate::hash::{Hash, empty_root};
use crate::key::{SignerKey, VerifierKey};
use crate::note::{NOTE_BYTES_MAX, Note};
use crate::tree;

/// Most proof lines in a request.
pub const PROOF_LINES_MAX: usize = 63;
/// Longest request: a note, the proof and the old size.
pub const REQUEST_BYTES_MAX: usize = NOTE_BYTES_MAX + 4096;

/// The request to cosign: `old N`, a consistency proof, a blank line, the signed head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the head the witness is expected to have cosigned last.
    pub old: u64,
    /// Consistency proof from that size to the head's.
    pub proof: Vec<Hash>,
    /// The signed head.
    pub note: Note,
}

impl AddCheckpoint {
    /// Reads a request strictly; `None` when it is malformed.
    pub fn parse(body: &[u8]) -> Option<AddCheckpoint> {
        let text = std::str::from_utf8(body)
            .ok()
            .filter(|t| t.len() <= REQUEST_BYTES_MAX)?;
        let (head, note) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old = parse_number(lines.next()?.strip_prefix("old ")?)?;
        let proof = lines
            .map(Hash::from_base64)
            .collect::<Option<Vec<Hash>>>()?;
        let note = Note::parse(note.as_bytes()).ok()?;
        (proof.len() <= PROOF_LINES_MAX).then_some(AddCheckpoint { old, proof, note })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.note)
    }
}

/// What a witness must remember. It answers only after the store says that it remembers.
pub trait WitnessStore {
    /// What can go wrong with storing.
    type Error;

    /// The last head cosigned for this log, with the log's signature.
    fn last(&mut self, origin: &str) -> Result<Option<Note>, Self::Error>;

    /// Durably replaces the last head, if it still is `last`: compared and swapped in one step.
    /// False if another request came between.
    fn replace(
        &mut self,
        origin: &str,
        last: Option<&Note>,
        new: &Note,
    ) -> Result<bool, Self::Error>;

    /// Keeps two heads signed by the log of which one does not continue the other.
    fn keep_evidence(
        &mut self,
        origin: &str,
        last: &Note,
        refused: &AddCheckpoint,
    ) -> Result<(), Self::Error>;
}

/// A witness's answer. Anything but [`Answer::Cosigned`] is a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The cosignatures, as signature lines.
    Cosigned(String),
    /// The request is malformed, or its old size is larger than the new one.
    BadRequest,
    /// No signature by a known key of this log.
    Forbidden,
    /// The witness does not follow this log.
    NotFound,
    /// The last head cosigned has this size and not the one expected.
    Conflict(u64),
    /// The head does not continue the last one, or has another root at the same size.
    Inconsistent,
    /// The witness's own record of this log cannot be read; it must not be taken for an empty one.
    Damaged,
}

impl Answer {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Answer::Cosigned(_) => 200,
            Answer::BadRequest => 400,
            Answer::Forbidden => 403,
            Answer::NotFound => 404,
            Answer::Conflict(_) => 409,
            Answer::Inconsistent => 422,
            Answer::Damaged => 500,
        }
    }

    /// The HTTP content type.
    pub fn content_type(&self) -> &'static str {
        match self {
            Answer::Conflict(_) => "text/x.tlog.size",
            _ => "text/plain; charset=utf-8",
        }
    }

    /// The HTTP body.
    pub fn body(&self) -> String {
        match self {
            Answer::Cosigned(line) => line.clone(),
            Answer::BadRequest => "the request is malformed\n".into(),
            Answer::Forbidden => "no signature by a known key of this log\n".into(),
            Answer::NotFound => "this witness does not follow this log\n".into(),
            Answer::Conflict(size) => format!("{size}\n"),
            Answer::Inconsistent => "the proof does not lead from the last head\n".into(),
            Answer::Damaged => "the record of this log is damaged\n".into(),
        }
    }
}

/// A witness with its keys and the logs it follows.
#[derive(Debug)]
pub struct Witness {
    keys: Vec<SignerKey>,
    logs: BTreeMap<String, Vec<VerifierKey>>,
}

impl Witness {
    /// A witness that signs with each of these keys and follows these logs; a log may have several
    /// keys.
    pub fn new(keys: Vec<SignerKey>, logs: impl IntoIterator<Item = VerifierKey>) -> Witness {
        let mut known = BTreeMap::<String, Vec<VerifierKey>>::new();
        for log in logs {
            known.entry(log.name().into()).or_default().push(log);
        }
        Witness { keys, logs: known }
    }

    /// Answers a request at this time, in seconds since the epoch.
    pub fn add_checkpoint<S: WitnessStore>(
        &self,
        store: &mut S,
        body: &[u8],
        now: u64,
    ) -> Result<Answer, S::Error> {
        let Some(request) = AddCheckpoint::parse(body) else {
            return Ok(Answer::BadRequest);
        };
        let head = match self.open(&request) {
            Ok(head) => head,
            Err(answer) => return Ok(answer),
        };
        let last = store.last(&head.origin)?;
        if let Err((answer, evidence)) = judge(&request, &head, last.as_ref()) {
            if let Some(last) = last.filter(|_| evidence) {
                store.keep_evidence(&head.origin, &last, &request)?;
            }
            return Ok(answer);
        }
        if !store.replace(&head.origin, last.as_ref(), &request.note)? {
            let now = store.last(&head.origin)?;
            let conflict = |(size, _)| Answer::Conflict(size);
            return Ok(size_and_root(now.as_ref()).map_or(Answer::Damaged, conflict));
        }
        let lines = self
            .keys
            .iter()
            .filter_map(|key| cosign(&request.note, key, now));
        Ok(Answer::Cosigned(
            lines.map(|line| line.to_string()).collect(),
        ))
    }

    /// A head cosigned before, with cosignatures of this moment: for whoever asks what was seen.
    pub fn show(&self, mut last: Note, now: u64) -> Note {
        let lines = self.keys.iter().filter_map(|key| cosign(&last, key, now));
        for line in lines.collect::<Vec<_>>() {
            last.add(line);
        }
        last
    }

    /// Origins of the logs followed.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// The head, if a known key of its log signed it.
    fn open(&self, request: &AddCheckpoint) -> Result<Checkpoint, Answer> {
        let head = head_of(&request.note).ok_or(Answer::BadRequest)?;
        let keys = self.logs.get(&head.origin).ok_or(Answer::NotFound)?;
        match keys.iter().any(|key| request.note.verify(key).is_ok()) {
            true => Ok(head),
            false => Err(Answer::Forbidden),
        }
    }
}

/// Whether a signed head may be cosigned after `last`; if not, the answer, and whether it is
/// evidence against the log.
fn judge(
    request: &AddCheckpoint,
    head: &Checkpoint,
    last: Option<&Note>,
) -> Result<(), (Answer, bool)> {
    let (size, root) = size_and_root(last).ok_or((Answer::Damaged, false))?;
    if request.old > head.size {
        return Err((Answer::BadRequest, false));
    }
    if request.old != size {
        // Whatever old size is claimed, two signed roots for one size contradict each other.
        let split = head.size == size && head.root != root;
        return Err((Answer::Conflict(size), split));
    }
    // Every tree continues the empty one, so there is nothing to prove, and the proof must say
    // nothing; but a tree without entries has one root only.
    let holds = match size {
        0 => request.proof.is_empty() && (head.size > 0 || head.root == root),
        _ => tree::verify_consistency((size, root), (head.size, head.root), &request.proof).is_ok(),
    };
    match holds {
        true => Ok(()),
        // A wrong proof may be the sender's mistake; the two signed heads are kept all the same.
        false => Err((Answer::Inconsistent, true)),
    }
}

/// Size and root of the last head, those of the empty tree before the first; `None` when it is
/// damaged.
fn size_and_root(last: Option<&Note>) -> Option<(u64, Hash)> {
    let Some(last) = last else {
        return Some((0, empty_root()));
    };
    head_of(last).map(|head| (head.size, head.root))
}

fn head_of(note: &Note) -> Option<Checkpoint> {
    note.text().parse().ok()
}

#[cfg(test)]
mod tests;
