//! The Merkle tree of RFC 6962, section 2.1: roots, proofs and their verification.
//!
//! Verification follows RFC 9162, sections 2.1.3.2 and 2.1.4.2, which write out the algorithms that
//! RFC 6962 leaves to the reader; the proofs are the same.

use std::convert::Infallible;
use std::ops::Range;

use thiserror::Error;

use crate::hash::{Hash, empty_root, node_hash};

/// A complete subtree: the leaves from `index << height` up to `(index + 1) << height`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// 0 for a leaf.
    pub height: u32,
    /// Position among the subtrees of this height.
    pub index: u64,
}

/// Why a proof was not made or does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The index is not in the tree.
    #[error("entry {index} is not in a tree of {size} entries")]
    Index {
        /// Index asked for.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// The old tree is larger than the new one.
    #[error("a tree of {old} entries cannot grow into one of {new}")]
    Shrunk {
        /// Size of the old tree.
        old: u64,
        /// Size of the new tree.
        new: u64,
    },
    /// Every tree continues the empty one, so there is nothing to prove.
    #[error("consistency with an empty tree proves nothing")]
    Empty,
    /// Too many or too few hashes for this index and size.
    #[error("the proof has {found} hashes where {expected} are needed")]
    Length {
        /// Hashes the proof must have.
        expected: usize,
        /// Hashes it has.
        found: usize,
    },
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root `{0}`")]
    Root(Hash),
}

/// The right edge of a growing tree: the roots of its complete subtrees, largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Number of leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut odd = self.size;
        // Each set low bit of the size is a subtree as large as the one in hand: join them.
        while odd & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(left, hash);
            odd >>= 1;
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The roots of the complete subtrees, largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// The root of the tree so far.
    pub fn root(&self) -> Hash {
        root_of_peaks(&self.peaks)
    }
}

/// The root above complete subtrees, largest (leftmost) first.
pub fn root_of_peaks(peaks: &[Hash]) -> Hash {
    let right_to_left = peaks.iter().copied().rev();
    right_to_left
        .reduce(|right, left| node_hash(left, right))
        .unwrap_or_else(empty_root)
}

/// The root of the tree with these leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for &leaf in leaves {
        frontier.push(leaf);
    }
    frontier.root()
}

/// Proof that leaf `index` is in the tree of `size` leaves: the siblings from the leaf to the root.
/// `read` supplies the hash of any complete subtree.
pub fn prove_inclusion<E: From<ProofError>>(
    index: u64,
    size: u64,
    mut read: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    if index >= size {
        return Err(ProofError::Index { index, size }.into());
    }
    inclusion_ranges(index, size)
        .into_iter()
        .map(|range| range_root(range, &mut read))
        .collect()
}

/// Proof that the tree of `old` leaves is the beginning of the tree of `new` leaves.
/// Empty when `old` is 0 or equals `new`.
pub fn prove_consistency<E: From<ProofError>>(
    old: u64,
    new: u64,
    mut read: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    if old > new {
        return Err(ProofError::Shrunk { old, new }.into());
    }
    consistency_ranges(old, new)
        .into_iter()
        .map(|range| range_root(range, &mut read))
        .collect()
}

/// The root of a full tree (a power of two of leaves) in which `leaf` has this index and these
/// siblings, from the leaf upwards.
pub fn root_from_inclusion(index: u64, leaf: Hash, proof: &[Hash]) -> Hash {
    let mut node = index;
    proof.iter().fold(leaf, |hash, &sibling| {
        let left = node & 1 == 0;
        node >>= 1;
        match left {
            true => node_hash(hash, sibling),
            false => node_hash(sibling, hash),
        }
    })
}

/// Checks that `leaf` is entry `index` of the tree with this size and root.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: Hash,
    proof: &[Hash],
    root: Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Index { index, size });
    }
    check_length(inclusion_ranges(index, size).len(), proof)?;
    let (mut node, mut last) = (index, size - 1);
    let mut hash = leaf;
    for &sibling in proof {
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, hash);
            // A last node without a right sibling moves up unchanged until it has a left one.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match hash == root {
        true => Ok(()),
        false => Err(ProofError::Root(root)),
    }
}

/// Checks that the tree `old` is the beginning of the tree `new`, each given as size and root.
pub fn verify_consistency(
    (old, old_root): (u64, Hash),
    (new, new_root): (u64, Hash),
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Shrunk { old, new });
    }
    if old == 0 {
        return Err(ProofError::Empty);
    }
    check_length(consistency_ranges(old, new).len(), proof)?;
    // An old tree that is one complete subtree of the new one is not repeated in the proof.
    let whole = old.is_power_of_two() || old == new;
    let (seed, rest) = match proof.split_first() {
        Some((&first, rest)) if !whole => (first, rest),
        _ => (old_root, proof),
    };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (seed, seed);
    for &sibling in rest {
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, old_hash);
            new_hash = node_hash(sibling, new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match () {
        () if old_hash != old_root => Err(ProofError::Root(old_root)),
        () if new_hash != new_root => Err(ProofError::Root(new_root)),
        () => Ok(()),
    }
}

/// The root over a range of leaves that is itself a subtree of the tree.
pub fn range_root<E>(
    range: Range<u64>,
    read: &mut impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Hash, E> {
    let mut peaks = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let height = (range.end - start).ilog2().min(start.trailing_zeros());
        peaks.push(read(Node {
            height,
            index: start >> height,
        })?);
        start += 1 << height;
    }
    Ok(root_of_peaks(&peaks))
}

/// Reads complete subtrees from leaf hashes in memory; the range must lie within them.
pub fn node_in(leaves: &[Hash]) -> impl FnMut(Node) -> Result<Hash, ProofError> {
    move |node| {
        let size = leaves.len() as u64;
        let outside = ProofError::Index {
            index: node.index << node.height,
            size,
        };
        let start = usize::try_from(node.index << node.height).map_err(|_| outside.clone())?;
        let part = leaves
            .get(start..start + (1 << node.height))
            .ok_or(outside)?;
        Ok(root(part))
    }
}

/// The subtrees whose roots form the inclusion proof, leaf side first.
fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut start, mut end) = (0, size);
    let mut ranges = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The subtrees whose roots form the consistency proof, deepest first.
fn consistency_ranges(old: u64, new: u64) -> Vec<Range<u64>> {
    let mut ranges = Vec::new();
    if old == 0 || old == new {
        return ranges;
    }
    let (mut start, mut end) = (0, new);
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    // Starting at 0 it is the old tree itself, which the verifier has.
    if start != 0 {
        ranges.push(start..end);
    }
    ranges.reverse();
    ranges
}

/// The largest power of two below `length`, which must be at least 2.
fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

fn check_length(expected: usize, proof: &[Hash]) -> Result<(), ProofError> {
    match proof.len() == expected {
        true => Ok(()),
        false => Err(ProofError::Length {
            expected,
            found: proof.len(),
        }),
    }
}

/// Lets callers whose reading cannot fail use the proof makers.
impl From<Infallible> for ProofError {
    fn from(never: Infallible) -> ProofError {
        match never {}
    }
}

#[cfg(test)]
mod tests;
