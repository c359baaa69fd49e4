//! Tiles: the tree and its entries as static files (c2sp.org/tlog-tiles).
//!
//! A hash tile at level `l` holds up to 256 hashes, each the root of 256^l entries. Full tiles
//! never change; the last tile of a level is partial and names its width. An entry bundle holds the
//! entries of a level-0 tile.

use std::fmt;

use thiserror::Error;

use crate::hash::{HASH_BYTES, Hash};
use crate::tree::{self, Frontier};

/// Hashes in a full tile.
pub const TILE_WIDTH: usize = 256;
/// Longest entry: its length is written in two bytes.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;
/// Longest bundle: 256 entries, each with its length.
pub const BUNDLE_BYTES_MAX: usize = TILE_WIDTH * (2 + ENTRY_BYTES_MAX);
/// Levels of tiles a tree can have: 2^64 entries are 8 levels of 256.
pub const LEVELS_MAX: u8 = 8;
/// Path of the signed checkpoint.
pub const CHECKPOINT_PATH: &str = "checkpoint";
/// Path of the log's public key, for convenience: whoever checks the log must know the key from
/// elsewhere.
pub const KEY_PATH: &str = "log.vkey";
/// Folder of all tiles.
pub const TILE_FOLDER: &str = "tile";

/// Bits of an index that one level of tiles covers.
const TILE_HEIGHT: u32 = TILE_WIDTH.ilog2();

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// The entries themselves.
    Entries,
    /// Hashes of the level given, 0 for those of entries.
    Hashes(u8),
}

impl Row {
    /// The row's level; entries stand beside the hashes of level 0.
    pub fn level(self) -> u8 {
        match self {
            Row::Entries => 0,
            Row::Hashes(level) => level,
        }
    }

    /// Positions in this row that a tree of `size` entries fills.
    pub fn filled(self, size: u64) -> u64 {
        size.checked_shr(TILE_HEIGHT * u32::from(self.level()))
            .unwrap_or(0)
    }
}

/// Which tile: its row, its index in the row and its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// What it holds.
    pub row: Row,
    /// Position in the row.
    pub index: u64,
    /// 256 for a full tile, 1 to 255 for a partial one.
    pub width: usize,
}

impl Tile {
    /// Tile `index` of the row in a tree of `size` entries; `None` when nothing is in it.
    pub fn of_tree(row: Row, index: u64, size: u64) -> Option<Tile> {
        let start = index.checked_mul(TILE_WIDTH as u64)?;
        let width = row
            .filled(size)
            .saturating_sub(start)
            .min(TILE_WIDTH as u64) as usize;
        (width > 0).then_some(Tile { row, index, width })
    }

    /// Whether the tile is partial, so that a growing log will replace it.
    pub fn is_partial(self) -> bool {
        self.width < TILE_WIDTH
    }

    /// Index of the tile's first position in its row.
    pub fn start(self) -> u64 {
        self.index * TILE_WIDTH as u64
    }

    /// The tile at this path below the log's folder; `None` when the path is not exactly a tile's.
    pub fn from_path(path: &str) -> Option<Tile> {
        let (row, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let row = match row {
            "entries" => Row::Entries,
            level => Row::Hashes(level.parse().ok().filter(|&level| level < LEVELS_MAX)?),
        };
        let (digits, width) = match rest.split_once(".p/") {
            Some((digits, width)) => (
                digits,
                width.parse().ok().filter(|w| (1..TILE_WIDTH).contains(w))?,
            ),
            None => (rest, TILE_WIDTH),
        };
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        let tile = Tile {
            row,
            index: digits.parse().ok()?,
            width,
        };
        // Writing the path again is what makes the check exact: zeros, signs and separators
        // included.
        (tile.index < 1 << 56 && tile.to_string() == path).then_some(tile)
    }
}

/// The path below the log's folder.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            Row::Entries => write!(f, "{TILE_FOLDER}/entries/")?,
            Row::Hashes(level) => write!(f, "{TILE_FOLDER}/{level}/")?,
        }
        let mut rest = self.index;
        let mut groups = vec![format!("{:03}", rest % 1000)];
        while rest >= 1000 {
            rest /= 1000;
            groups.push(format!("x{:03}", rest % 1000));
        }
        groups.reverse();
        f.write_str(&groups.join("/"))?;
        match self.is_partial() {
            true => write!(f, ".p/{}", self.width),
            false => Ok(()),
        }
    }
}

/// Why bytes are not a tile's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TileError {
    /// Not 32 bytes a hash.
    #[error("it has {found} bytes where {expected} are needed")]
    Length {
        /// Bytes a tile of this width has.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// The bundle ends within an entry.
    #[error("it ends within its entry number {0}")]
    Truncated(usize),
    /// Bytes after the last entry.
    #[error("{0} bytes follow its last entry")]
    Trailing(usize),
    /// An entry too long for its length field.
    #[error("an entry of {0} bytes is longer than {ENTRY_BYTES_MAX}")]
    EntryTooLong(usize),
}

/// The bytes of a hash tile.
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes of a tile of this width.
pub fn decode_hashes(bytes: &[u8], width: usize) -> Result<Vec<Hash>, TileError> {
    let expected = width * HASH_BYTES;
    if bytes.len() != expected {
        return Err(TileError::Length {
            expected,
            found: bytes.len(),
        });
    }
    Ok(bytes
        .as_chunks::<HASH_BYTES>()
        .0
        .iter()
        .copied()
        .map(Hash)
        .collect())
}

/// Appends an entry to the bytes of a bundle.
pub fn append_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), TileError> {
    let length = u16::try_from(entry.len()).map_err(|_| TileError::EntryTooLong(entry.len()))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// Splits the next entry off a bundle; `None` when the bundle ends first.
pub fn split_entry(bundle: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bundle.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// The entries of a bundle of this width.
pub fn decode_bundle(bytes: &[u8], width: usize) -> Result<Vec<&[u8]>, TileError> {
    let mut rest = bytes;
    let mut entries = Vec::with_capacity(width);
    for position in 0..width {
        let (entry, after) = split_entry(rest).ok_or(TileError::Truncated(position))?;
        entries.push(entry);
        rest = after;
    }
    match rest.len() {
        0 => Ok(entries),
        trailing => Err(TileError::Trailing(trailing)),
    }
}

/// The right edge of a tiled log: per level, the hashes of its last, partial tile.
///
/// Together they determine the root, so a log can grow from its edge alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// The edge of a tree of `size` entries; `hashes` supplies each partial tile.
    pub fn load<E>(
        size: u64,
        mut hashes: impl FnMut(Tile) -> Result<Vec<Hash>, E>,
    ) -> Result<Edge, E> {
        let partial_tile = |level| {
            let row = Row::Hashes(level);
            let filled = row.filled(size);
            let tile = Tile::of_tree(row, filled / TILE_WIDTH as u64, size);
            (filled > 0).then_some(tile)
        };
        let levels = (0..LEVELS_MAX).map_while(partial_tile);
        let levels = levels.map(|tile| tile.map_or_else(|| Ok(Vec::new()), &mut hashes));
        Ok(Edge {
            size,
            levels: levels.collect::<Result<_, E>>()?,
        })
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The partial tiles, from level 0 up.
    pub fn partials(&self) -> impl DoubleEndedIterator<Item = (Tile, &[Hash])> {
        self.levels
            .iter()
            .enumerate()
            .filter_map(|(level, hashes)| {
                let row = Row::Hashes(level as u8);
                let tile =
                    Tile::of_tree(row, row.filled(self.size) / TILE_WIDTH as u64, self.size)?;
                Some((tile, hashes.as_slice()))
            })
    }

    /// Adds the next entry's hash; `full` receives each tile that this fills.
    pub fn push<E>(
        &mut self,
        leaf: Hash,
        mut full: impl FnMut(Tile, &[Hash]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.size += 1;
        let mut hash = leaf;
        for level in 0..LEVELS_MAX {
            if self.levels.len() == usize::from(level) {
                self.levels.push(Vec::with_capacity(TILE_WIDTH));
            }
            let hashes = &mut self.levels[usize::from(level)];
            hashes.push(hash);
            if hashes.len() < TILE_WIDTH {
                break;
            }
            let row = Row::Hashes(level);
            let index = row.filled(self.size) / TILE_WIDTH as u64 - 1;
            full(
                Tile {
                    row,
                    index,
                    width: TILE_WIDTH,
                },
                hashes,
            )?;
            hash = tree::root(hashes);
            hashes.clear();
        }
        Ok(())
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let mut peaks = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut frontier = Frontier::default();
            hashes.iter().for_each(|&hash| frontier.push(hash));
            peaks.extend_from_slice(frontier.peaks());
        }
        tree::root_of_peaks(&peaks)
    }

    /// The same edge with the partial tile of one level replaced.
    pub fn with_level(&self, level: u8, hashes: Vec<Hash>) -> Edge {
        let mut edge = self.clone();
        if let Some(old) = edge.levels.get_mut(usize::from(level)) {
            *old = hashes;
        }
        edge
    }
}

#[cfg(test)]
mod tests;
