//! The mirror: a copy of a log's files that anybody can serve, checked before it is shown.

use std::collections::BTreeMap;
use std::io;

use thiserror::Error;

use crate::checkpoint::Checkpoint;
use crate::folder::{Files, Folder, UnderHead, Writer};
use crate::key::VerifierKey;
use crate::note::Note;
use crate::publish::{PublishError, sweep};
use crate::tiles::{CHECKPOINT_PATH, LEVELS_MAX, Row, TILE_WIDTH, Tile};
use crate::verify::{Report, VerifyError, read_tile, verify_files};

/// Why a mirror was not brought up to date. It still shows the head it had.
#[derive(Debug, Error)]
pub enum MirrorError {
    /// The source lacks a file, or what it gave does not lead to the signed head.
    #[error(transparent)]
    Source(#[from] VerifyError),
    /// The copy cannot be written.
    #[error("`{path}`: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// What was left over cannot be removed.
    #[error(transparent)]
    Sweep(#[from] PublishError),
}

/// Brings the copy in `folder` up to `head`, which `key` signed and which must continue the head
/// the copy shows: fetches the files it lacks, audits the whole copy, and shows the head last.
/// `each` hears of every file looked at.
pub fn mirror(
    folder: &Folder,
    source: &impl Files,
    key: &VerifierKey,
    head: &Note,
    mut each: impl FnMut(u64),
) -> Result<Report, MirrorError> {
    let checkpoint = Checkpoint::open(head, key).map_err(VerifyError::Checkpoint)?;
    let mut writer = Writer::default();
    for (number, tile) in (1..).zip(tiles(checkpoint.size)) {
        each(number);
        let path = tile.to_string();
        if !folder.path(&path).exists() {
            let bytes = read_tile(source, tile)?;
            let written = writer.write(&folder.path(&path), &bytes);
            written.map_err(failed(&path))?;
        }
    }
    writer.commit().map_err(failed(""))?;
    let copy = UnderHead {
        files: folder,
        head,
        ahead: &BTreeMap::new(),
    };
    let report = verify_files(&copy, key, |_, _| ())?;
    let written = writer.write(&folder.path(CHECKPOINT_PATH), head.to_string().as_bytes());
    let shown = written.and_then(|()| writer.commit());
    shown.map_err(failed(CHECKPOINT_PATH))?;
    sweep(folder, checkpoint.size)?;
    Ok(report)
}

/// Every tile of a tree of this size, entries first.
fn tiles(size: u64) -> impl Iterator<Item = Tile> {
    let rows = (0..LEVELS_MAX).map(Row::Hashes);
    let rows = std::iter::once(Row::Entries).chain(rows);
    rows.flat_map(move |row| {
        let last = row.filled(size) / TILE_WIDTH as u64;
        (0..=last).filter_map(move |index| Tile::of_tree(row, index, size))
    })
}

fn failed(path: &str) -> impl Fn(io::Error) -> MirrorError {
    move |source| MirrorError::File {
        path: path.into(),
        source,
    }
}

#[cfg(test)]
mod tests;
