//! The chain of one subject's events, and its export as a bundle that verifies offline.
//!
//! The personal bytes of each event begin with a [`Link`]: a counter and the index of the event
//! before it. Whoever walks back from the newest event knows that none in between was left out;
//! that there is no newer one is for the service that hands out the bundle to answer for.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError, parse_number};
use crate::hash::{Hash, leaf_hash};
use crate::leaf::{Leaf, Opening, Part, SALT_BYTES};
use crate::note::Note;
use crate::policy::{DistrustError, Policy};
use crate::proof::PROOF_HASHES_MAX;
use crate::tree::{self, ProofError};

/// Bytes of a link: counter and previous index, 8 each, big-endian.
pub const LINK_BYTES: usize = 16;
/// Most events in a bundle.
pub const BUNDLE_EVENTS_MAX: usize = 100_000;
/// Longest bundle read: 64 MiB, some 600 bytes for each of the most events.
pub const BUNDLE_BYTES_MAX: usize = 64 * 1024 * 1024;

const HEADER: &str = "tracegate-bundle@v1";
/// Stands for "no previous event": an index is below 2^63.
const NO_INDEX: u64 = u64::MAX;

/// Where an event stands in its subject's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// 0 for the subject's first event, then one more each.
    pub counter: u64,
    /// Log index of the subject's event before this one; none for the first.
    pub previous: Option<u64>,
}

impl Link {
    /// The link of the first event.
    pub const FIRST: Link = Link {
        counter: 0,
        previous: None,
    };

    /// The link of the event that follows the one with this link at this log index.
    pub fn next(self, index: u64) -> Link {
        Link {
            counter: self.counter + 1,
            previous: Some(index),
        }
    }

    /// The personal bytes of an event: the link, then the facts.
    pub fn encode(self, facts: &[u8]) -> Vec<u8> {
        let previous = self.previous.unwrap_or(NO_INDEX).to_be_bytes();
        [&self.counter.to_be_bytes(), previous.as_slice(), facts].concat()
    }

    /// Splits personal bytes into link and facts; `None` when they are too short, or when
    /// not exactly the first event lacks a previous one.
    pub fn decode(bytes: &[u8]) -> Option<(Link, &[u8])> {
        let (counter, rest) = bytes.split_first_chunk::<8>()?;
        let (previous, facts) = rest.split_first_chunk::<8>()?;
        let counter = u64::from_be_bytes(*counter);
        let previous = Some(u64::from_be_bytes(*previous)).filter(|index| *index != NO_INDEX);
        let first = previous.is_none();
        (first == (counter == 0)).then_some((Link { counter, previous }, facts))
    }
}

/// One event of a bundle: the entry, what opens its personal part, and its path to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleEvent {
    /// Log index.
    pub index: u64,
    /// The entry.
    pub leaf: Leaf,
    /// Opens the subjectal part.
    pub opening: Opening,
    /// Siblings up to the root of the bundle's head.
    pub path: Vec<Hash>,
}

/// A subject's events, oldest first, under one signed head. Holds personal facts: for that person
/// only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The events.
    pub events: Vec<BundleEvent>,
    /// The signed head.
    pub note: Note,
}

/// Why a bundle proves nothing. Never carries a personal fact.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BundleError {
    /// Not UTF-8 or too long.
    #[error("the bundle is not UTF-8 text of at most {BUNDLE_BYTES_MAX} bytes")]
    Text,
    /// A line is not what it should be.
    #[error("line {0} of the bundle is malformed")]
    Line(usize),
    /// The head is malformed.
    #[error("the bundle's checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The head does not satisfy the policy.
    #[error("the bundle's checkpoint: {0}")]
    Distrust(#[from] DistrustError),
    /// An entry is not in the log.
    #[error("event {index} is not in the log: {source}")]
    Path {
        /// Log index.
        index: u64,
        /// What is wrong.
        source: ProofError,
    },
    /// The opening does not open the subjectal part.
    #[error("event {0}: the opening does not match the commitment")]
    Opening(u64),
    /// The event does not follow the one before it in the bundle.
    #[error("event {0} does not follow the event before it: one was left out, added or moved")]
    Link(u64),
}

impl Bundle {
    /// Checks offline that every event is in the log, opens, and follows the one before, from the
    /// subject's first; returns the head.
    pub fn verify(&self, policy: &Policy) -> Result<Checkpoint, BundleError> {
        let head = policy.check(&self.note)?.checkpoint;
        let mut expected = Link::FIRST;
        for BundleEvent {
            index,
            leaf,
            opening,
            path,
        } in &self.events
        {
            let index = *index;
            let hash = leaf_hash(&leaf.encode());
            tree::verify_inclusion(index, head.size, hash, path, head.root)
                .map_err(|source| BundleError::Path { index, source })?;
            if !leaf.opens(Part::Personal, opening) {
                return Err(BundleError::Opening(index));
            }
            match Link::decode(&opening.bytes) {
                // A previous event has the lower index: the chain cannot loop.
                Some((link, _)) if link == expected && link.previous.is_none_or(|p| p < index) => {}
                _ => return Err(BundleError::Link(index)),
            }
            expected = expected.next(index);
        }
        Ok(head)
    }

    /// Reads a bundle strictly.
    pub fn parse(bytes: &[u8]) -> Result<Bundle, BundleError> {
        let text = std::str::from_utf8(bytes).map_err(|_| BundleError::Text)?;
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(BundleError::Text);
        }
        let (head, note) = text.split_once("\n\n").ok_or(BundleError::Line(1))?;
        let mut lines = head.split('\n').zip(1..).peekable();
        lines
            .next_if(|(line, _)| *line == HEADER)
            .ok_or(BundleError::Line(1))?;
        let mut events = Vec::new();
        while let Some((line, number)) = lines.next() {
            let event = parse_event(line).filter(|_| events.len() < BUNDLE_EVENTS_MAX);
            let mut event = event.ok_or(BundleError::Line(number))?;
            while let Some((line, number)) = lines.next_if(|(line, _)| !line.starts_with("event "))
            {
                let hash = Hash::from_base64(line).filter(|_| event.path.len() < PROOF_HASHES_MAX);
                event.path.push(hash.ok_or(BundleError::Line(number))?);
            }
            events.push(event);
        }
        let note = Note::parse(note.as_bytes()).map_err(CheckpointError::from)?;
        Ok(Bundle { events, note })
    }
}

/// `event INDEX LEAF SALT PERSONAL`, the last three in base64.
fn parse_event(line: &str) -> Option<BundleEvent> {
    let mut fields = line.strip_prefix("event ")?.split(' ');
    let index = parse_number(fields.next()?)?;
    let mut bytes = || STANDARD.decode(fields.next()?).ok();
    let (leaf, salt, personal) = (bytes()?, bytes()?, bytes()?);
    let leaf = Leaf::decode(&leaf).ok()?;
    let salt = <[u8; SALT_BYTES]>::try_from(salt).ok()?;
    let opening = Opening {
        salt,
        bytes: personal,
    };
    fields.next().is_none().then_some(BundleEvent {
        index,
        leaf,
        opening,
        path: Vec::new(),
    })
}

/// The content of the file.
impl fmt::Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        for BundleEvent {
            index,
            leaf,
            opening,
            path,
        } in &self.events
        {
            let leaf = STANDARD.encode(leaf.encode());
            let salt = STANDARD.encode(opening.salt);
            writeln!(
                f,
                "event {index} {leaf} {salt} {}",
                STANDARD.encode(&opening.bytes)
            )?;
            path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        }
        write!(f, "\n{}", self.note)
    }
}

#[cfg(test)]
mod tests;
