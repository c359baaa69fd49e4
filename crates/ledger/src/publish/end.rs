//! The growing end of a published log: all that is needed to extend it.

use crate::checkpoint::Checkpoint;
use crate::folder::{Files as _, Folder};
use crate::hash::{HASH_BYTES, Hash, leaf_hash};
use crate::publish::{PublishError, file_error};
use crate::tiles::{
    BUNDLE_BYTES_MAX, Edge, Row, TILE_FOLDER, TILE_WIDTH, Tile, TileError, append_entry,
    decode_bundle, decode_hashes, encode_hashes,
};

/// The edge of the tree and the entries of its partial bundle.
#[derive(Debug, Clone, Default)]
pub(super) struct End {
    pub(super) edge: Edge,
    pub(super) bundle: Vec<u8>,
}

impl End {
    /// Reads the end of the published log and checks it against the signed root.
    pub(super) fn load(folder: &Folder, checkpoint: &Checkpoint) -> Result<End, PublishError> {
        let edge = Edge::load(checkpoint.size, |tile| read_hashes(folder, tile))?;
        if edge.root() != checkpoint.root {
            return Err(PublishError::Damaged {
                path: TILE_FOLDER.into(),
                problem: format!(
                    "has partial tiles with root `{}` where `{}` is signed",
                    edge.root(),
                    checkpoint.root
                ),
            });
        }
        let mut bundle = Vec::new();
        if let Some((tile, hashes)) = edge
            .partials()
            .next()
            .filter(|(tile, _)| tile.row == Row::Hashes(0))
        {
            let tile = Tile {
                row: Row::Entries,
                ..tile
            };
            bundle = read_tile(folder, tile, BUNDLE_BYTES_MAX)?;
            let entries = decode_bundle(&bundle, tile.width).map_err(damaged(tile))?;
            for ((entry, hash), index) in entries.iter().zip(hashes).zip(tile.start()..) {
                if leaf_hash(entry) != *hash {
                    let problem = format!("holds another entry {index} than the one signed");
                    return Err(PublishError::Damaged {
                        path: tile.to_string(),
                        problem,
                    });
                }
            }
        }
        Ok(End { edge, bundle })
    }

    /// Appends an entry; `full` receives each file that this fills.
    pub(super) fn push(
        &mut self,
        entry: &[u8],
        mut full: impl FnMut(Tile, &[u8]) -> Result<(), PublishError>,
    ) -> Result<(), PublishError> {
        let index = self.edge.size();
        append_entry(&mut self.bundle, entry)
            .map_err(|source| PublishError::Entry { index, source })?;
        let End { edge, bundle } = self;
        edge.push(leaf_hash(entry), |tile, hashes| {
            if tile.row == Row::Hashes(0) {
                full(
                    Tile {
                        row: Row::Entries,
                        ..tile
                    },
                    bundle,
                )?;
                bundle.clear();
            }
            full(tile, &encode_hashes(hashes))
        })
    }
}

/// The hashes of a published tile, as the file has them.
pub(super) fn read_hashes(folder: &Folder, tile: Tile) -> Result<Vec<Hash>, PublishError> {
    let bytes = read_tile(folder, tile, TILE_WIDTH * HASH_BYTES)?;
    decode_hashes(&bytes, tile.width).map_err(damaged(tile))
}

fn read_tile(folder: &Folder, tile: Tile, limit: usize) -> Result<Vec<u8>, PublishError> {
    let path = tile.to_string();
    let bytes = folder.read(&path, limit).map_err(file_error(&path))?;
    bytes.ok_or_else(|| PublishError::Damaged {
        path,
        problem: "is missing".into(),
    })
}

fn damaged(tile: Tile) -> impl Fn(TileError) -> PublishError {
    move |error| PublishError::Damaged {
        path: tile.to_string(),
        problem: format!("is damaged: {error}"),
    }
}
