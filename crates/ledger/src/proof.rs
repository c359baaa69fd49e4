//! Proofs that stand alone: one entry, its path to the root and the signed head
//! (c2sp.org/tlog-proof).

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError, parse_number};
use crate::folder::Files;
use crate::hash::{Hash, leaf_hash};
use crate::key::VerifierKey;
use crate::note::{NOTE_BYTES_MAX, Note, NoteError};
use crate::policy::{DistrustError, Policy, Witnessed};
use crate::tiles::{Row, TILE_WIDTH, Tile, TileError, decode_bundle, decode_hashes};
use crate::tree::{self, Node, ProofError};
use crate::verify::{VerifyError, read_head, read_tile};

/// Longest proof file read: a note, 64 hashes, and extra data of half a MiB.
pub const PROOF_BYTES_MAX: usize = NOTE_BYTES_MAX + 768 * 1024;
/// Most hashes in a proof: a tree of 2^64 entries is 64 high.
pub const PROOF_HASHES_MAX: usize = 64;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The content of a `.tlog-proof` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Opaque bytes for the application. Not authenticated.
    pub extra: Option<Vec<u8>>,
    /// Index of the entry.
    pub index: u64,
    /// Siblings from the entry up to the root.
    pub path: Vec<Hash>,
    /// The signed head.
    pub note: Note,
}

/// Why a proof file proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlogProofError {
    /// Longer than [`PROOF_BYTES_MAX`] or not UTF-8.
    #[error("the proof is not UTF-8 text of at most {PROOF_BYTES_MAX} bytes")]
    Text,
    /// The first line is another.
    #[error("line 1 is not `{HEADER}`")]
    Header,
    /// The line `index N` is missing or malformed.
    #[error("the line `index NUMBER` is missing or malformed")]
    Index,
    /// The line `extra BASE64` is malformed.
    #[error("the line `extra BASE64` is malformed")]
    Extra,
    /// A line that should be a hash is none, or there are too many.
    #[error("line {0} of the proof is not a hash in canonical base64, or one too many")]
    Hash(usize),
    /// No blank line before the checkpoint.
    #[error("the proof has no blank line before its checkpoint")]
    Separator,
    /// The checkpoint cannot be trusted.
    #[error("the proof's checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint does not satisfy the policy.
    #[error("the proof's checkpoint: {0}")]
    Distrust(#[from] DistrustError),
    /// The path does not lead from the entry to the signed root.
    #[error("the proof does not hold: {0}")]
    Path(#[from] ProofError),
}

impl TlogProof {
    /// Reads a proof file strictly.
    pub fn parse(bytes: &[u8]) -> Result<TlogProof, TlogProofError> {
        let text = std::str::from_utf8(bytes).map_err(|_| TlogProofError::Text)?;
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(TlogProofError::Text);
        }
        let (head, note) = text.split_once("\n\n").ok_or(TlogProofError::Separator)?;
        let mut lines = head.split('\n').enumerate().peekable();
        lines
            .next_if(|(_, line)| *line == HEADER)
            .ok_or(TlogProofError::Header)?;
        let extra = match lines.next_if(|(_, line)| line.starts_with("extra ")) {
            Some((_, line)) => Some(
                STANDARD
                    .decode(&line["extra ".len()..])
                    .map_err(|_| TlogProofError::Extra)?,
            ),
            None => None,
        };
        let index = lines
            .next()
            .and_then(|(_, line)| parse_number(line.strip_prefix("index ")?));
        let index = index.ok_or(TlogProofError::Index)?;
        let mut path = Vec::new();
        for (number, line) in lines {
            let hash = Hash::from_base64(line).filter(|_| path.len() < PROOF_HASHES_MAX);
            path.push(hash.ok_or(TlogProofError::Hash(number + 1))?);
        }
        let note = Note::parse(note.as_bytes()).map_err(CheckpointError::from)?;
        Ok(TlogProof {
            extra,
            index,
            path,
            note,
        })
    }

    /// Checks offline that `entry` is in the log signed by `key`; returns the head it is under.
    pub fn verify(&self, entry: &[u8], key: &VerifierKey) -> Result<Checkpoint, TlogProofError> {
        let checkpoint = Checkpoint::open(&self.note, key)?;
        self.verify_path(entry, &checkpoint)?;
        Ok(checkpoint)
    }

    /// Checks offline that `entry` is in a log that the policy believes, witnesses included.
    pub fn verify_under(&self, entry: &[u8], policy: &Policy) -> Result<Witnessed, TlogProofError> {
        let witnessed = policy.check(&self.note)?;
        self.verify_path(entry, &witnessed.checkpoint)?;
        Ok(witnessed)
    }

    fn verify_path(&self, entry: &[u8], checkpoint: &Checkpoint) -> Result<(), ProofError> {
        let Checkpoint { size, root, .. } = *checkpoint;
        tree::verify_inclusion(self.index, size, leaf_hash(entry), &self.path, root)
    }
}

/// The content of the file.
impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.note)
    }
}

/// Makes the proof of entry `index` from the log's files; returns the entry's bytes as well.
///
/// Tiles are not trusted: the proof is returned only if it leads from the entry to the signed root.
pub fn prove(
    files: &impl Files,
    key: &VerifierKey,
    index: u64,
) -> Result<(Vec<u8>, TlogProof), ProveError> {
    let (note, checkpoint) = read_head(files, key)?;
    let size = checkpoint.size;
    let mut tiles = Tiles::new(files, size);
    let path = tree::prove_inclusion(index, size, |node| tiles.node(node))?;
    let entry = tiles.entry(index)?;
    let proof = TlogProof {
        extra: None,
        index,
        path,
        note,
    };
    tree::verify_inclusion(index, size, leaf_hash(&entry), &proof.path, checkpoint.root)?;
    Ok((entry, proof))
}

/// Makes the proof that the log's first `old` entries are the beginning of its signed head, for a
/// witness. Not checked here: the root of the old head, which only the caller knows, is needed for
/// that.
pub fn prove_growth(
    files: &impl Files,
    key: &VerifierKey,
    old: u64,
) -> Result<(Vec<Hash>, Note), ProveError> {
    let (note, checkpoint) = read_head(files, key)?;
    let mut tiles = Tiles::new(files, checkpoint.size);
    let proof = tree::prove_consistency(old, checkpoint.size, |node| tiles.node(node))?;
    Ok((proof, note))
}

/// Why no proof was made.
#[derive(Debug, Error)]
pub enum ProveError {
    /// The log's files are at fault.
    #[error(transparent)]
    Files(#[from] VerifyError),
    /// There is no such entry, or the tiles do not lead to the signed root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// Reads single hashes and entries of a log of a given size.
struct Tiles<'f, F> {
    files: &'f F,
    size: u64,
    read: BTreeMap<Tile, Vec<Hash>>,
}

impl<'f, F: Files> Tiles<'f, F> {
    fn new(files: &'f F, size: u64) -> Self {
        Tiles {
            files,
            size,
            read: BTreeMap::new(),
        }
    }

    /// The root of a complete subtree.
    fn node(&mut self, node: Node) -> Result<Hash, ProveError> {
        let (level, height, size) = (node.height / 8, node.height % 8, self.size);
        let start = node.index << height;
        let hashes = self.hashes(Row::Hashes(level as u8), start)?;
        let first = (start % TILE_WIDTH as u64) as usize;
        let outside = ProofError::Index {
            index: node.index << node.height,
            size,
        };
        Ok(tree::root(
            hashes.get(first..first + (1 << height)).ok_or(outside)?,
        ))
    }

    /// The hashes of the tile that holds this position of the row.
    fn hashes(&mut self, row: Row, position: u64) -> Result<&[Hash], ProveError> {
        let tile = self.tile(row, position)?;
        if !self.read.contains_key(&tile) {
            let (found, bytes) = self.bytes(tile)?;
            let hashes =
                decode_hashes(&bytes, found.width).map_err(|source| VerifyError::Tile {
                    path: found.to_string(),
                    source,
                })?;
            self.read.insert(tile, hashes);
        }
        Ok(self.read.get(&tile).map_or(&[], Vec::as_slice))
    }

    fn entry(&self, index: u64) -> Result<Vec<u8>, ProveError> {
        let (found, bytes) = self.bytes(self.tile(Row::Entries, index)?)?;
        let damaged = |source| VerifyError::Bundle {
            path: found.to_string(),
            index,
            source,
        };
        let entries = decode_bundle(&bytes, found.width).map_err(damaged)?;
        let position = (index % TILE_WIDTH as u64) as usize;
        let entry = entries
            .get(position)
            .ok_or_else(|| damaged(TileError::Truncated(position)))?;
        Ok(entry.to_vec())
    }

    fn tile(&self, row: Row, position: u64) -> Result<Tile, ProveError> {
        let tile = Tile::of_tree(row, position / TILE_WIDTH as u64, self.size);
        Ok(tile.ok_or(ProofError::Index {
            index: position,
            size: self.size,
        })?)
    }

    /// A tile's bytes; a partial tile may meanwhile have become a full one.
    fn bytes(&self, tile: Tile) -> Result<(Tile, Vec<u8>), VerifyError> {
        match read_tile(self.files, tile) {
            Err(VerifyError::Missing(path)) if tile.is_partial() => {
                let full = Tile {
                    width: TILE_WIDTH,
                    ..tile
                };
                let bytes = read_tile(self.files, full).map_err(|error| match error {
                    VerifyError::Missing(_) => VerifyError::Missing(path),
                    error => error,
                })?;
                Ok((full, bytes))
            }
            result => result.map(|bytes| (tile, bytes)),
        }
    }
}

/// So that a malformed note inside a proof reads as its checkpoint's fault.
impl From<NoteError> for TlogProofError {
    fn from(error: NoteError) -> TlogProofError {
        TlogProofError::Checkpoint(error.into())
    }
}

#[cfg(test)]
mod tests;
