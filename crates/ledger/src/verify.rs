//! The full audit of a log from its public files and its key alone.
//!
//! Trust flows from the signature down: the signed root fixes the partial tiles at the right edge,
//! each hash in a trusted tile fixes the full tile below it, and the hashes of level 0 fix the
//! entries. So the first file that disagrees is the one that is wrong, and it is named. Every byte
//! of every file is accounted for.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::folder::{Files, Folder, TEMPORARY_ENDING};
use crate::hash::{HASH_BYTES, Hash, leaf_hash};
use crate::key::{VerifierKey, published_keys};
use crate::note::{NOTE_BYTES_MAX, Note};
use crate::tiles::{
    BUNDLE_BYTES_MAX, CHECKPOINT_PATH, Edge, KEY_PATH, Row, TILE_WIDTH, Tile, TileError,
    decode_hashes, encode_hashes, split_entry,
};
use crate::tree;

/// Times an audit is begun again because the log grew meanwhile.
const RESTARTS_MAX: usize = 3;
/// Time given to a publication under way: one takes tens of milliseconds.
const PUBLICATION_WAIT: Duration = Duration::from_millis(100);

/// What a passed audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The signed head; its size is the number of entries checked.
    pub checkpoint: Checkpoint,
    /// The signed note, with cosignatures if there are any.
    pub note: Note,
    /// Hash tiles and entry bundles checked.
    pub tiles: u64,
    /// Names on signature lines by other keys, which this audit did not check.
    pub unchecked_signatures: Vec<String>,
}

/// What is wrong with a log, and where.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// A file or folder cannot be read.
    #[error("`{path}` cannot be read: {source}")]
    File {
        /// The file or folder.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The checkpoint is malformed or its signature is wrong.
    #[error("`{CHECKPOINT_PATH}`: {0}")]
    Checkpoint(CheckpointError),
    /// The checkpoint says more than a root, which nobody can audit.
    #[error("`{CHECKPOINT_PATH}` has extension lines, which cannot be audited")]
    Extension,
    /// The published keys are not this log's, or the one this audit was asked to use is not there.
    #[error("`{KEY_PATH}` does not hold the key this audit uses, or not only keys of this log")]
    Key,
    /// A file of the log is not there.
    #[error("`{0}` is missing")]
    Missing(String),
    /// A file that is no part of a log of this size.
    #[error("`{path}` is no part of a log of {size} entries")]
    Unexpected {
        /// The file.
        path: String,
        /// Size of the log.
        size: u64,
    },
    /// A hash tile with the wrong length.
    #[error("tile `{path}` is damaged: {source}")]
    Tile {
        /// The file.
        path: String,
        /// What is wrong.
        source: TileError,
    },
    /// A hash tile that does not lead to the signed root.
    #[error("tile `{0}` is wrong: its hashes do not lead to the signed root")]
    TileMismatch(String),
    /// An earlier partial tile that the current one does not continue.
    #[error("`{path}` is wrong: it is not the beginning of `{current}`")]
    Older {
        /// The earlier partial tile or bundle.
        path: String,
        /// The current one.
        current: String,
    },
    /// An entry that is not the one signed.
    #[error("entry {index} in `{path}` is wrong: it does not hash to the signed tree")]
    Entry {
        /// Index of the entry.
        index: u64,
        /// The bundle.
        path: String,
    },
    /// A bundle with too few or too many bytes.
    #[error("bundle `{path}` is damaged at entry {index}: {source}")]
    Bundle {
        /// The bundle.
        path: String,
        /// Index of the entry, or of the one after the last.
        index: u64,
        /// What is wrong.
        source: TileError,
    },
    /// The files agree with each other but not with the signature.
    #[error("`{CHECKPOINT_PATH}` signs root `{signed}` but the files lead to `{computed}`")]
    Root {
        /// The root under the signature.
        signed: Hash,
        /// The root of the files.
        computed: Hash,
    },
}

impl VerifyError {
    /// The file at fault, below the log's folder.
    pub fn path(&self) -> &str {
        match self {
            VerifyError::Checkpoint(_) | VerifyError::Extension | VerifyError::Root { .. } => {
                CHECKPOINT_PATH
            }
            VerifyError::Key => KEY_PATH,
            VerifyError::Missing(path) | VerifyError::TileMismatch(path) => path,
            VerifyError::File { path, .. }
            | VerifyError::Unexpected { path, .. }
            | VerifyError::Tile { path, .. }
            | VerifyError::Older { path, .. }
            | VerifyError::Entry { path, .. }
            | VerifyError::Bundle { path, .. } => path,
        }
    }

    /// Whether a publication under way may have put the file there.
    fn is_of_publication(&self) -> bool {
        let VerifyError::Unexpected { path, .. } = self else {
            return false;
        };
        let finished = path.strip_suffix(TEMPORARY_ENDING).unwrap_or(path);
        finished == CHECKPOINT_PATH || finished == KEY_PATH || Tile::from_path(finished).is_some()
    }

    /// The index of the entry at fault, when it is an entry.
    pub fn entry(&self) -> Option<u64> {
        match self {
            VerifyError::Entry { index, .. } | VerifyError::Bundle { index, .. } => Some(*index),
            _ => None,
        }
    }
}

/// Audits the log in `folder`, signed by `key`: nothing missing, nothing added, no byte altered.
pub fn verify(folder: &Path, key: &VerifierKey) -> Result<Report, VerifyError> {
    verify_each(folder, key, |_, _| ())
}

/// As [`verify`], and hands each checked entry to `each` with its index, in order.
/// Starts again from entry 0 when the log grew meanwhile.
pub fn verify_each(
    folder: &Path,
    key: &VerifierKey,
    each: impl FnMut(u64, &[u8]),
) -> Result<Report, VerifyError> {
    let folder = Folder::new(folder);
    let pause = || thread::sleep(PUBLICATION_WAIT);
    verify_settled(&folder, key, |size| older_tiles(&folder, size), each, pause)
}

/// Audits a log that cannot be listed, such as one behind a web server: as [`verify_each`], but a
/// file that does not belong to the log goes unseen.
pub fn verify_files(
    files: &impl Files,
    key: &VerifierKey,
    each: impl FnMut(u64, &[u8]),
) -> Result<Report, VerifyError> {
    verify_settled(files, key, |_| Ok(OlderTiles::new()), each, || ())
}

/// Audits, again if need be: a log that grows under the audit is no altered log. `pause` lets a
/// publication under way finish, whose files come before the checkpoint that accounts for them.
fn verify_settled(
    files: &impl Files,
    key: &VerifierKey,
    older: impl Fn(u64) -> Result<OlderTiles, VerifyError>,
    mut each: impl FnMut(u64, &[u8]),
    mut pause: impl FnMut(),
) -> Result<Report, VerifyError> {
    let mut restarts = 0;
    loop {
        let (note, checkpoint) = read_head(files, key)?;
        let size = checkpoint.size;
        let result =
            older(size).and_then(|older| audit(files, key, &note, &checkpoint, older, &mut each));
        let grew = || read_head(files, key).is_ok_and(|(_, now)| now.size > size);
        match result {
            Err(error) if restarts < RESTARTS_MAX && (error.is_of_publication() || grew()) => {
                if !grew() {
                    pause();
                }
                restarts += 1;
            }
            result => return result,
        }
    }
}

/// Reads the checkpoint; who signed it is not checked.
pub fn read_note(files: &impl Files) -> Result<Note, VerifyError> {
    let bytes = read(files, CHECKPOINT_PATH, NOTE_BYTES_MAX)?;
    Note::parse(&bytes).map_err(|error| VerifyError::Checkpoint(error.into()))
}

/// Reads the checkpoint and checks its signature.
pub(crate) fn read_head(
    files: &impl Files,
    key: &VerifierKey,
) -> Result<(Note, Checkpoint), VerifyError> {
    let note = read_note(files)?;
    let checkpoint = Checkpoint::open(&note, key).map_err(VerifyError::Checkpoint)?;
    match checkpoint.extensions.is_empty() {
        true => Ok((note, checkpoint)),
        false => Err(VerifyError::Extension),
    }
}

/// Widths of earlier partial tiles that are still there, by tile.
type OlderTiles = BTreeMap<(Row, u64), Vec<Tile>>;

/// Lists the folder; any file that does not belong to a log of this size is an error.
fn older_tiles(folder: &Folder, size: u64) -> Result<OlderTiles, VerifyError> {
    let mut older = OlderTiles::new();
    folder.walk(|path| {
        if path == CHECKPOINT_PATH || path == KEY_PATH {
            return Ok(());
        }
        let Some((tile, own)) = Tile::from_path(&path)
            .and_then(|tile| Some((tile, Tile::of_tree(tile.row, tile.index, size)?)))
            .filter(|(tile, own)| tile.width <= own.width)
        else {
            return Err(VerifyError::Unexpected { path, size });
        };
        if tile != own {
            older.entry((tile.row, tile.index)).or_default().push(tile);
        }
        Ok(())
    })?;
    Ok(older)
}

fn audit<F: Files>(
    files: &F,
    key: &VerifierKey,
    note: &Note,
    checkpoint: &Checkpoint,
    older: OlderTiles,
    each: &mut dyn FnMut(u64, &[u8]),
) -> Result<Report, VerifyError> {
    check_key(files, key)?;
    let mut audit = Audit {
        files,
        checkpoint,
        older,
        tiles: 0,
        each,
    };
    audit.run()?;
    let others = note.signatures().iter().filter(|line| !key.matches(line));
    Ok(Report {
        tiles: audit.tiles,
        unchecked_signatures: others.map(|line| line.name.clone()).collect(),
        checkpoint: checkpoint.clone(),
        note: note.clone(),
    })
}

struct Audit<'a, F> {
    files: &'a F,
    checkpoint: &'a Checkpoint,
    older: OlderTiles,
    tiles: u64,
    each: &'a mut dyn FnMut(u64, &[u8]),
}

impl<F: Files> Audit<'_, F> {
    fn run(&mut self) -> Result<(), VerifyError> {
        let edge = Edge::load(self.checkpoint.size, |tile| self.hashes(tile))?;
        if edge.root() != self.checkpoint.root {
            return Err(self.blame(&edge)?);
        }
        // INVARIANT: hashes given to `descend` are proved by the signed root.
        edge.partials()
            .rev()
            .try_for_each(|(tile, hashes)| self.descend(tile, hashes))
    }

    /// Checks everything below a tile whose hashes are trusted, and its earlier partial versions.
    fn descend(&mut self, tile: Tile, hashes: &[Hash]) -> Result<(), VerifyError> {
        self.tiles += 1;
        self.check_older(tile, &encode_hashes(hashes), |width| width * HASH_BYTES)?;
        let below = match tile.row {
            Row::Entries | Row::Hashes(0) => return self.check_bundle(tile, hashes),
            Row::Hashes(level) => Row::Hashes(level - 1),
        };
        for (index, hash) in (tile.start()..).zip(hashes) {
            let child = Tile {
                row: below,
                index,
                width: TILE_WIDTH,
            };
            let child_hashes = self.hashes(child)?;
            if tree::root(&child_hashes) != *hash {
                return Err(VerifyError::TileMismatch(child.to_string()));
            }
            self.descend(child, &child_hashes)?;
        }
        Ok(())
    }

    /// Checks the entries of a level-0 tile against its trusted hashes.
    fn check_bundle(&mut self, tile: Tile, hashes: &[Hash]) -> Result<(), VerifyError> {
        self.tiles += 1;
        let tile = Tile {
            row: Row::Entries,
            ..tile
        };
        let bytes = self.read(tile)?;
        let mut rest = bytes.as_slice();
        let mut ends = vec![0];
        for ((position, index), hash) in (tile.start()..).enumerate().zip(hashes) {
            let path = || tile.to_string();
            let Some((entry, after)) = split_entry(rest) else {
                let source = TileError::Truncated(position);
                return Err(VerifyError::Bundle {
                    path: path(),
                    index,
                    source,
                });
            };
            if leaf_hash(entry) != *hash {
                return Err(VerifyError::Entry {
                    index,
                    path: path(),
                });
            }
            (self.each)(index, entry);
            rest = after;
            ends.push(bytes.len() - rest.len());
        }
        if !rest.is_empty() {
            let (path, index) = (tile.to_string(), tile.start() + tile.width as u64);
            let source = TileError::Trailing(rest.len());
            return Err(VerifyError::Bundle {
                path,
                index,
                source,
            });
        }
        self.check_older(tile, &bytes, |width| ends[width])
    }

    /// Checks that each earlier version of a tile is a beginning of this one; `length` maps widths
    /// to bytes.
    fn check_older(
        &mut self,
        tile: Tile,
        bytes: &[u8],
        length: impl Fn(usize) -> usize,
    ) -> Result<(), VerifyError> {
        for older in self
            .older
            .remove(&(tile.row, tile.index))
            .unwrap_or_default()
        {
            if self.read(older)? != bytes[..length(older.width)] {
                let (path, current) = (older.to_string(), tile.to_string());
                return Err(VerifyError::Older { path, current });
            }
        }
        Ok(())
    }

    /// Finds which partial tile keeps the edge from leading to the signed root, by rebuilding each
    /// from below.
    fn blame(&self, edge: &Edge) -> Result<VerifyError, VerifyError> {
        let mut repaired = edge.clone();
        let mut suspects = Vec::new();
        for (tile, hashes) in edge.partials() {
            let level = tile.row.level();
            let rebuilt = self.rebuild(tile, level)?;
            if rebuilt != hashes {
                repaired = repaired.with_level(level, rebuilt.clone());
                let alone = edge.with_level(level, rebuilt).root() == self.checkpoint.root;
                suspects.insert(if alone { 0 } else { suspects.len() }, tile);
            }
        }
        let single = suspects
            .first()
            .filter(|_| repaired.root() == self.checkpoint.root);
        let (signed, computed) = (self.checkpoint.root, edge.root());
        Ok(
            single.map_or(VerifyError::Root { signed, computed }, |tile| {
                VerifyError::TileMismatch(tile.to_string())
            }),
        )
    }

    /// The hashes a tile should have by the files one level below.
    fn rebuild(&self, tile: Tile, level: u8) -> Result<Vec<Hash>, VerifyError> {
        if level > 0 {
            let children = (tile.start()..).take(tile.width);
            let row = Row::Hashes(level - 1);
            let children = children.map(|index| Tile {
                row,
                index,
                width: TILE_WIDTH,
            });
            return children
                .map(|child| Ok(tree::root(&self.hashes(child)?)))
                .collect();
        }
        let tile = Tile {
            row: Row::Entries,
            ..tile
        };
        let bytes = self.read(tile)?;
        let mut rest = bytes.as_slice();
        let mut hashes = Vec::new();
        while let Some((entry, after)) = split_entry(rest) {
            hashes.push(leaf_hash(entry));
            rest = after;
        }
        Ok(hashes)
    }

    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, VerifyError> {
        let bytes = self.read(tile)?;
        decode_hashes(&bytes, tile.width).map_err(|source| VerifyError::Tile {
            path: tile.to_string(),
            source,
        })
    }

    fn read(&self, tile: Tile) -> Result<Vec<u8>, VerifyError> {
        read_tile(self.files, tile)
    }
}

/// The published keys, where there are any, are those of this log, and the key in use is among
/// them. There are two while one takes over from the other.
fn check_key(files: &impl Files, key: &VerifierKey) -> Result<(), VerifyError> {
    let file = files.read(KEY_PATH, NOTE_BYTES_MAX);
    let Some(bytes) = file.map_err(|source| (KEY_PATH.to_owned(), source))? else {
        return Ok(());
    };
    let keys = published_keys(&bytes).ok_or(VerifyError::Key)?;
    match keys.contains(key) && keys.iter().all(|other| other.name() == key.name()) {
        true => Ok(()),
        false => Err(VerifyError::Key),
    }
}

pub(crate) fn read_tile(files: &impl Files, tile: Tile) -> Result<Vec<u8>, VerifyError> {
    let limit = match tile.row {
        Row::Entries => BUNDLE_BYTES_MAX,
        Row::Hashes(_) => TILE_WIDTH * HASH_BYTES,
    };
    read(files, &tile.to_string(), limit)
}

fn read(files: &impl Files, path: &str, limit: usize) -> Result<Vec<u8>, VerifyError> {
    let bytes = files
        .read(path, limit)
        .map_err(|source| (path.to_owned(), source))?;
    bytes.ok_or_else(|| VerifyError::Missing(path.into()))
}

impl From<(String, io::Error)> for VerifyError {
    fn from((path, source): (String, io::Error)) -> VerifyError {
        VerifyError::File { path, source }
    }
}

#[cfg(test)]
mod tests;
