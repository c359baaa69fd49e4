//! The entry of the public log: what happened, in which hour, and two commitments that say nothing.
//!
//! A commitment is HMAC-SHA-256 keyed with a fresh 32-byte salt. Whoever holds the salt and the
//! bytes can show what was committed; without the salt nobody can confirm a guess, and once the
//! salt is destroyed nobody ever can. Never commit to anything with a salt used before.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use thiserror::Error;

/// The only leaf version there is.
pub const LEAF_VERSION: u8 = 1;
/// Bytes in a leaf: version 1, kind 2, hour 4, two commitments of 32. All numbers are big-endian.
pub const LEAF_BYTES: usize = 1 + 2 + 4 + 32 + 32;
/// Bytes in a salt.
pub const SALT_BYTES: usize = 32;

const SECONDS_PER_HOUR: u64 = 3600;

/// What kind of event a leaf records: an opaque number, named by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u16);

/// Hours since 1970-01-01T00:00Z. Rounding hides who was at work when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(pub u32);

impl Hour {
    /// The hour that holds this second since the epoch; the last hour there is when it lies beyond.
    pub fn from_unix_seconds(seconds: u64) -> Hour {
        Hour(u32::try_from(seconds / SECONDS_PER_HOUR).unwrap_or(u32::MAX))
    }

    /// The first second of the hour, since the epoch.
    pub fn unix_seconds(self) -> u64 {
        u64::from(self.0) * SECONDS_PER_HOUR
    }
}

/// The two halves of an event, opened to different readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Facts for overseers: no person is named.
    Audit,
    /// Facts about the person concerned, for that person.
    Personal,
}

impl Part {
    /// Mixed into the commitment so that an opening of one half never opens the other.
    fn label(self) -> &'static [u8] {
        match self {
            Part::Audit => b"tracegate leaf v1 audit\n",
            Part::Personal => b"tracegate leaf v1 personal\n",
        }
    }
}

/// A secret salt.
pub type Salt = [u8; SALT_BYTES];

/// HMAC-SHA-256 with the salt as key over the part's label and the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment(pub [u8; 32]);

/// What opens a commitment. Secret: its debug text shows neither field.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    /// The salt, used for this commitment alone.
    pub salt: Salt,
    /// The bytes committed to.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opening(secret)")
    }
}

/// Commits to `bytes` as one part of an event. The salt must be fresh and random.
pub fn commit(part: Part, salt: &Salt, bytes: &[u8]) -> Commitment {
    let mac = mac(part.label(), salt, bytes);
    Commitment(mac.finalize().into_bytes().into())
}

/// Commits to what an entry tells one of several people: a share of its personal part (see
/// [`crate::shares`]). The salt must be fresh and random.
pub fn commit_share(salt: &Salt, bytes: &[u8]) -> Commitment {
    let mac = mac(b"tracegate leaf v1 share\n", salt, bytes);
    Commitment(mac.finalize().into_bytes().into())
}

/// One entry of the public log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// What happened.
    pub kind: Kind,
    /// In which hour.
    pub hour: Hour,
    /// Commitment to the facts for overseers.
    pub audit: Commitment,
    /// Commitment to the facts about the person.
    pub personal: Commitment,
}

/// Why bytes are not a leaf.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LeafError {
    /// Not the one length a leaf has.
    #[error("a leaf has {LEAF_BYTES} bytes, this entry has {0}")]
    Length(usize),
    /// Written by a version this one does not know.
    #[error("leaf version {0} is not known, this program reads version {LEAF_VERSION}")]
    Version(u8),
}

impl Leaf {
    /// The entry's bytes.
    pub fn encode(&self) -> [u8; LEAF_BYTES] {
        let mut bytes = [0; LEAF_BYTES];
        bytes[0] = LEAF_VERSION;
        bytes[1..3].copy_from_slice(&self.kind.0.to_be_bytes());
        bytes[3..7].copy_from_slice(&self.hour.0.to_be_bytes());
        bytes[7..39].copy_from_slice(&self.audit.0);
        bytes[39..].copy_from_slice(&self.personal.0);
        bytes
    }

    /// The leaf these bytes encode; any other bytes are an error.
    pub fn decode(bytes: &[u8]) -> Result<Leaf, LeafError> {
        let bytes: &[u8; LEAF_BYTES] = bytes
            .try_into()
            .map_err(|_| LeafError::Length(bytes.len()))?;
        let [
            version,
            kind0,
            kind1,
            hour0,
            hour1,
            hour2,
            hour3,
            commitments @ ..,
        ] = *bytes;
        if version != LEAF_VERSION {
            return Err(LeafError::Version(version));
        }
        let mut audit = [0; 32];
        let mut personal = [0; 32];
        audit.copy_from_slice(&commitments[..32]);
        personal.copy_from_slice(&commitments[32..]);
        Ok(Leaf {
            kind: Kind(u16::from_be_bytes([kind0, kind1])),
            hour: Hour(u32::from_be_bytes([hour0, hour1, hour2, hour3])),
            audit: Commitment(audit),
            personal: Commitment(personal),
        })
    }

    /// Whether the opening opens this part of the leaf. Takes the same time whichever byte differs.
    pub fn opens(&self, part: Part, opening: &Opening) -> bool {
        let commitment = match part {
            Part::Audit => self.audit,
            Part::Personal => self.personal,
        };
        mac(part.label(), &opening.salt, &opening.bytes)
            .verify_slice(&commitment.0)
            .is_ok()
    }
}

/// Whether every opening given opens its part of the leaf; false when none is given.
pub fn open(leaf: &Leaf, audit: Option<&Opening>, personal: Option<&Opening>) -> bool {
    let opened = |part, opening: Option<&Opening>| opening.is_none_or(|o| leaf.opens(part, o));
    // Both are computed before they are combined, so the time taken does not tell which one failed.
    let (audit_opens, personal_opens) =
        (opened(Part::Audit, audit), opened(Part::Personal, personal));
    (audit.is_some() || personal.is_some()) & audit_opens & personal_opens
}

fn mac(label: &[u8], salt: &Salt, bytes: &[u8]) -> Hmac<Sha256> {
    // A 32-byte key is shorter than SHA-256's block, so every key is used as it is and none
    // collide.
    let mut block = [0; 64];
    block[..SALT_BYTES].copy_from_slice(salt);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(label);
    mac.update(bytes);
    mac
}

#[cfg(test)]
mod tests;
