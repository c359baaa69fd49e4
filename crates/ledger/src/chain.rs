//! The chain of one subject's events, and its export as a bundle that verifies offline.
//!
//! The personal bytes of each event begin with a [`Link`]: a counter and the index of the event
//! before it. Whoever walks back from the newest event knows that none in between was left out;
//! that there is no newer one is for the service that hands out the bundle to answer for.
//!
//! Events that may lawfully not be shown yet go in a chain of their own, which begins anew for each
//! reason to hide them. When that ends, one event of the subject's own chain takes the whole of it
//! in: its link says how many they were and which was the newest, so none of them can be dropped.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError, parse_number};
use crate::hash::{Hash, leaf_hash};
use crate::leaf::{Kind, Leaf, Opening, Part, Salt};
use crate::note::Note;
use crate::policy::{DistrustError, Policy};
use crate::proof::PROOF_HASHES_MAX;
use crate::shares::{SHARE_HASHES, Share};
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
/// Set in the counter of a link that takes a deferred chain in: its length and newest index follow.
const TAKES_IN: u64 = 1 << 63;

/// Where an event stands in its subject's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// 0 for the subject's first event, then one more each.
    pub counter: u64,
    /// Log index of the subject's event before this one; none for the first.
    pub previous: Option<u64>,
    /// The chain of deferred events that this event takes in.
    pub moved: Option<Moved>,
}

/// A chain of deferred events, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// How many there are, at least one.
    pub entries: u64,
    /// Log index of the newest.
    pub newest: u64,
}

impl Link {
    /// The link of the first event.
    pub const FIRST: Link = Link {
        counter: 0,
        previous: None,
        moved: None,
    };

    /// The link of the event that follows the one with this link at this log index.
    pub fn next(self, index: u64) -> Link {
        Link {
            counter: self.counter + 1,
            previous: Some(index),
            moved: None,
        }
    }

    /// The personal bytes of an event: the link, then the facts.
    pub fn encode(self, facts: &[u8]) -> Vec<u8> {
        let flag = self.moved.map_or(0, |_| TAKES_IN);
        let counter = (self.counter | flag).to_be_bytes();
        let previous = self.previous.unwrap_or(NO_INDEX).to_be_bytes();
        let mut bytes = [counter, previous].concat();
        if let Some(moved) = self.moved {
            bytes.extend(moved.entries.to_be_bytes());
            bytes.extend(moved.newest.to_be_bytes());
        }
        bytes.extend_from_slice(facts);
        bytes
    }

    /// Splits personal bytes into link and facts; `None` when they are too short, or when
    /// not exactly the first event lacks a previous one.
    pub fn decode(bytes: &[u8]) -> Option<(Link, &[u8])> {
        let (counter, rest) = number(bytes)?;
        let (previous, mut facts) = number(rest)?;
        let mut moved = None;
        if counter & TAKES_IN != 0 {
            let (entries, rest) = number(facts)?;
            let (newest, rest) = number(rest)?;
            facts = rest;
            moved = Some(Moved { entries, newest }).filter(|moved| moved.entries > 0);
            moved?;
        }
        let counter = counter & !TAKES_IN;
        let previous = Some(previous).filter(|index| *index != NO_INDEX);
        let link = Link {
            counter,
            previous,
            moved,
        };
        (previous.is_none() == (counter == 0)).then_some((link, facts))
    }
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*number), rest))
}

/// Which chain an event of a bundle is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// The subject's own.
    Own,
    /// A deferred one, which the next event of the own chain takes in.
    Deferred,
}

impl Chain {
    fn word(self) -> &'static str {
        match self {
            Chain::Own => "event",
            Chain::Deferred => "deferred",
        }
    }
}

/// What an entry says to its subject.
#[derive(Clone, PartialEq, Eq)]
pub enum Said {
    /// The entry is about nobody else: its personal bytes.
    Alone(Vec<u8>),
    /// A share of it.
    Share(Share),
}

impl Said {
    /// The link and the facts.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Said::Alone(bytes) => bytes,
            Said::Share(share) => &share.opening.bytes,
        }
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Said(secret)")
    }
}

/// One event of a bundle: the entry, what opens its personal part, and its path to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleEvent {
    /// Which chain it is in.
    pub chain: Chain,
    /// Log index.
    pub index: u64,
    /// The entry.
    pub leaf: Leaf,
    /// Salt of the personal part.
    pub salt: Salt,
    /// What it says to the subject.
    pub said: Said,
    /// Siblings up to the root of the bundle's head.
    pub path: Vec<Hash>,
}

impl BundleEvent {
    /// Whether salt and bytes open the entry's personal part.
    fn opens(&self) -> bool {
        let bytes = match &self.said {
            Said::Alone(bytes) => Some(bytes.clone()),
            Said::Share(share) => share.personal(),
        };
        bytes.is_some_and(|bytes| {
            let salt = self.salt;
            self.leaf.opens(Part::Personal, &Opening { salt, bytes })
        })
    }
}

/// A subject's events, oldest first, under one signed head; deferred ones before the event that took
/// them in. Holds personal facts: for that person only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The events.
    pub events: Vec<BundleEvent>,
    /// The signed head.
    pub note: Note,
}

/// What a bundle proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complete {
    /// The head that every event is under.
    pub head: Checkpoint,
    /// How many events came before the first and were erased, as that says itself.
    pub erased: u64,
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
    /// The deferred events before it are not those that the event took in.
    #[error("event {0} took in other deferred events than the bundle holds")]
    Moved(u64),
    /// The first event has others before it and does not say that they were erased.
    #[error("event {0} is not the first of its chain: the ones before it were left out")]
    Begins(u64),
}

impl Bundle {
    /// Checks offline that every event is in the log, opens, and follows the one before, from the
    /// subject's first. Where the first event is of the kind `erasure`, what came before it is gone.
    pub fn verify(&self, policy: &Policy, erasure: Kind) -> Result<Complete, BundleError> {
        let head = policy.check(&self.note)?.checkpoint;
        let mut walk = Walk {
            own: Link::FIRST,
            deferred: Link::FIRST,
        };
        let mut erased = 0;
        for (place, event) in self.events.iter().enumerate() {
            let index = event.index;
            let hash = leaf_hash(&event.leaf.encode());
            tree::verify_inclusion(index, head.size, hash, &event.path, head.root)
                .map_err(|source| BundleError::Path { index, source })?;
            if !event.opens() {
                return Err(BundleError::Opening(index));
            }
            let (link, _) = Link::decode(event.said.bytes()).ok_or(BundleError::Link(index))?;
            if place == 0 && event.chain == Chain::Own && link.counter > 0 {
                if event.leaf.kind != erasure {
                    return Err(BundleError::Begins(index));
                }
                erased = link.counter;
                walk.own = Link {
                    moved: None,
                    ..link
                };
            }
            walk.step(event.chain, index, link)?;
        }
        match walk.deferred.previous {
            Some(index) => Err(BundleError::Moved(index)),
            None => Ok(Complete { head, erased }),
        }
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
            while let Some((line, number)) = lines.next_if(|(line, _)| !line.contains(' ')) {
                let hash = Hash::from_base64(line).filter(|_| event.path.len() < PROOF_HASHES_MAX);
                event.add(hash.ok_or(BundleError::Line(number))?);
            }
            events.push(event);
        }
        let note = Note::parse(note.as_bytes()).map_err(CheckpointError::from)?;
        Ok(Bundle { events, note })
    }
}

/// The links that the next events must have.
struct Walk {
    own: Link,
    deferred: Link,
}

impl Walk {
    fn step(&mut self, chain: Chain, index: u64, link: Link) -> Result<(), BundleError> {
        // A previous event has the lower index: the chain cannot loop.
        let earlier = |before: Option<u64>| before.is_none_or(|before| before < index);
        let expected = match chain {
            Chain::Own => &mut self.own,
            Chain::Deferred => &mut self.deferred,
        };
        let follows = Link {
            moved: None,
            ..link
        } == *expected
            && earlier(link.previous);
        if !follows || (chain == Chain::Deferred && link.moved.is_some()) {
            return Err(BundleError::Link(index));
        }
        *expected = expected.next(index);
        if chain == Chain::Own {
            let held = std::mem::replace(&mut self.deferred, Link::FIRST);
            let held = held.previous.map(|newest| Moved {
                entries: held.counter,
                newest,
            });
            if held != link.moved || !earlier(held.map(|held| held.newest)) {
                return Err(BundleError::Moved(index));
            }
        }
        Ok(())
    }
}

/// `event INDEX LEAF SALT PERSONAL`, or `event INDEX LEAF SALT PLACE SALT BYTES` for a share, whose
/// own path comes first of the hashes that follow; `deferred` in the place of `event`. Bytes are in
/// base64.
fn parse_event(line: &str) -> Option<BundleEvent> {
    let mut fields = line.split(' ');
    let chain = match fields.next()? {
        "event" => Chain::Own,
        "deferred" => Chain::Deferred,
        _ => return None,
    };
    let bytes = |field: &str| STANDARD.decode(field).ok();
    let salt = |field: &str| <Salt>::try_from(bytes(field)?).ok();
    let index = parse_number(fields.next()?)?;
    let leaf = Leaf::decode(&bytes(fields.next()?)?).ok()?;
    let outer = salt(fields.next()?)?;
    let rest: Vec<&str> = fields.collect();
    let said = match rest.as_slice() {
        [personal] => Said::Alone(bytes(personal)?),
        [place, own, own_bytes] => Said::Share(Share {
            place: u8::try_from(parse_number(place)?).ok()?,
            opening: Opening {
                salt: salt(own)?,
                bytes: bytes(own_bytes)?,
            },
            path: Vec::new(),
        }),
        _ => return None,
    };
    Some(BundleEvent {
        chain,
        index,
        leaf,
        salt: outer,
        said,
        path: Vec::new(),
    })
}

impl BundleEvent {
    fn add(&mut self, hash: Hash) {
        match &mut self.said {
            Said::Share(share) if share.path.len() < SHARE_HASHES => share.path.push(hash),
            _ => self.path.push(hash),
        }
    }
}

/// The content of the file.
impl fmt::Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        for event in &self.events {
            let (word, index) = (event.chain.word(), event.index);
            let leaf = STANDARD.encode(event.leaf.encode());
            let salt = STANDARD.encode(event.salt);
            write!(f, "{word} {index} {leaf} {salt}")?;
            let mut hashes: Vec<&Hash> = Vec::new();
            if let Said::Share(share) = &event.said {
                let salt = STANDARD.encode(share.opening.salt);
                write!(f, " {} {salt}", share.place)?;
                hashes.extend(&share.path);
            }
            writeln!(f, " {}", STANDARD.encode(event.said.bytes()))?;
            hashes.extend(&event.path);
            hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        }
        write!(f, "\n{}", self.note)
    }
}

#[cfg(test)]
mod tests;
