//! One entry about several people: each gets a share of its personal part, and learns nothing of the
//! others, not even how many they are.
//!
//! The personal bytes of such an entry are the root of a tree of [`SHARES`] commitments (RFC 6962),
//! each with a salt of its own; those that nobody needs are random. A person is given the salt and
//! the bytes of their own and the path to the root, and nobody else's.

use thiserror::Error;

use crate::hash::{HASH_BYTES, Hash, empty_root, leaf_hash, node_hash};
use crate::leaf::{Commitment, Opening, commit_share};
use crate::tree;

/// Shares of an entry, taken or not: the candidates that two traces keep on record, 50 each, and some.
pub const SHARES: usize = 128;
/// Hashes from a share to the root: 128 leaves have 7 rows.
pub const SHARE_HASHES: usize = SHARES.trailing_zeros() as usize;

/// The personal bytes of an entry with shares begin with this; a link never does, because its first
/// byte would make the counter larger than any.
const LABEL: &[u8] = b"\x7ftracegate shares v1\n";

/// One person's share of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Which of the [`SHARES`] it is. Says nothing: places are drawn.
    pub place: u8,
    /// Salt, and the bytes for the person.
    pub opening: Opening,
    /// Siblings up to the root of the shares.
    pub path: Vec<Hash>,
}

/// The commitments of an entry that is about several people: the rows of the tree, leaves first.
#[derive(Debug, Clone)]
pub struct Shares(Vec<Vec<Hash>>);

/// More people than there are shares.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("an entry is about at most {SHARES} people")]
pub struct TooMany;

impl Shares {
    /// Draws a place for each opening; the commitments nobody needs are random. `draw` fills 32
    /// fresh random bytes.
    pub fn new(
        openings: Vec<Opening>,
        mut draw: impl FnMut() -> [u8; HASH_BYTES],
    ) -> Result<(Shares, Vec<Share>), TooMany> {
        if openings.len() > SHARES {
            return Err(TooMany);
        }
        let mut order: Vec<([u8; HASH_BYTES], u8)> =
            (0..SHARES as u8).map(|place| (draw(), place)).collect();
        order.sort_unstable();
        let mut leaves = vec![Hash([0; HASH_BYTES]); SHARES];
        leaves.fill_with(|| leaf_hash(&draw()));
        let places = order.into_iter().map(|(_, place)| place);
        let taken: Vec<(u8, Opening)> = places.zip(openings).collect();
        for (place, opening) in &taken {
            let Commitment(bytes) = commit_share(&opening.salt, &opening.bytes);
            if let Some(leaf) = leaves.get_mut(usize::from(*place)) {
                *leaf = leaf_hash(&bytes);
            }
        }
        let mut rows = vec![leaves];
        while let Some(row) = rows.last().filter(|row| row.len() > 1) {
            let pairs = row.chunks_exact(2);
            rows.push(pairs.map(|pair| node_hash(pair[0], pair[1])).collect());
        }
        let shares = Shares(rows);
        let share = |(place, opening)| Share {
            place,
            opening,
            path: shares.path(place),
        };
        let given = taken.into_iter().map(share).collect();
        Ok((shares, given))
    }

    /// The personal bytes of the entry.
    pub fn personal(&self) -> Vec<u8> {
        let root = self.0.last().and_then(|row| row.first());
        // INVARIANT: there are leaves, so there is a root.
        personal(root.copied().unwrap_or_else(empty_root))
    }

    fn path(&self, place: u8) -> Vec<Hash> {
        let rows = self.0.iter().enumerate();
        let siblings = rows.filter_map(|(height, row)| row.get((usize::from(place) >> height) ^ 1));
        siblings.copied().collect()
    }
}

impl Share {
    /// The personal bytes of the entry that this is a share of, if it is one of any.
    pub fn personal(&self) -> Option<Vec<u8>> {
        if usize::from(self.place) >= SHARES || self.path.len() != SHARE_HASHES {
            return None;
        }
        let Commitment(bytes) = commit_share(&self.opening.salt, &self.opening.bytes);
        let root = tree::root_from_inclusion(u64::from(self.place), leaf_hash(&bytes), &self.path);
        Some(personal(root))
    }
}

fn personal(root: Hash) -> Vec<u8> {
    [LABEL, &root.0].concat()
}

#[cfg(test)]
mod tests;
