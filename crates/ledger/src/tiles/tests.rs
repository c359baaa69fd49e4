use proptest::prelude::*;

use super::*;
use crate::hash::leaf_hash;

#[test]
fn paths_of_the_specification() {
    let hashes = |level, index, width| {
        Tile {
            row: Row::Hashes(level),
            index,
            width,
        }
        .to_string()
    };
    assert_eq!(hashes(0, 0, 256), "tile/0/000");
    assert_eq!(hashes(1, 1_234_067, 256), "tile/1/x001/x234/067");
    assert_eq!(hashes(0, 1000, 8), "tile/0/x001/000.p/8");
    let entries = Tile {
        row: Row::Entries,
        index: 273,
        width: 112,
    };
    assert_eq!(entries.to_string(), "tile/entries/273.p/112");
}

/// The worked example of c2sp.org/tlog-tiles, section "Partial Tiles".
#[test]
fn tiles_of_seventy_thousand_entries() {
    let width =
        |level, index| Tile::of_tree(Row::Hashes(level), index, 70_000).map(|tile| tile.width);
    assert_eq!(
        (width(0, 272), width(0, 273), width(0, 274)),
        (Some(256), Some(112), None)
    );
    assert_eq!(
        (width(1, 0), width(1, 1), width(1, 2)),
        (Some(256), Some(17), None)
    );
    assert_eq!(
        (width(2, 0), width(2, 1), width(3, 0)),
        (Some(1), None, None)
    );
    assert_eq!(
        Tile::of_tree(Row::Hashes(1), 0, 256).map(|tile| tile.width),
        Some(1)
    );
    assert_eq!(Tile::of_tree(Row::Entries, u64::MAX, u64::MAX), None);
}

#[test]
fn other_paths_are_no_tiles() {
    for path in [
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/+0/000",
        "tile/8/000",
        "tile/0/x000/000",
        "tile/0/x001/00",
        "tile/0/001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/+1",
        "tile/0/000.p",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/../0/000",
        "tile/entries/00é",
        "tile/data/000",
        "tile/0/000.tmp",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "checkpoint",
        "",
    ] {
        assert_eq!(Tile::from_path(path), None, "{path}");
    }
}

#[test]
fn bundles_hold_what_was_appended() {
    let mut bundle = Vec::new();
    for entry in [b"".as_slice(), b"a", &[7; ENTRY_BYTES_MAX]] {
        append_entry(&mut bundle, entry).unwrap();
    }
    assert_eq!(bundle[..5], [0, 0, 0, 1, b'a']);
    assert_eq!(decode_bundle(&bundle, 3).unwrap()[1], b"a");
    assert_eq!(
        decode_bundle(&bundle, 2),
        Err(TileError::Trailing(2 + ENTRY_BYTES_MAX))
    );
    assert_eq!(decode_bundle(&bundle, 4), Err(TileError::Truncated(3)));
    let long = append_entry(&mut bundle, &[0; ENTRY_BYTES_MAX + 1]);
    assert_eq!(long, Err(TileError::EntryTooLong(65_536)));
}

#[test]
fn an_edge_grows_like_the_tree() {
    let mut edge = Edge::default();
    let mut leaves = Vec::new();
    let mut full = Vec::new();
    for index in 0_u64..66_000 {
        if index % 997 == 0 || index.is_multiple_of(256) && index < 1024 {
            assert_eq!(edge.root(), tree::root(&leaves), "size {index}");
            let copy = Edge::load(index, |tile| {
                let partial = edge.partials().find(|(own, _)| *own == tile);
                partial.map(|(_, hashes)| hashes.to_vec()).ok_or(tile)
            });
            assert_eq!(copy.as_ref(), Ok(&edge));
        }
        let leaf = leaf_hash(&index.to_be_bytes());
        leaves.push(leaf);
        let keep = |tile: Tile, hashes: &[Hash]| {
            full.push((tile, hashes.to_vec()));
            Ok::<_, ()>(())
        };
        edge.push(leaf, keep).unwrap();
    }
    assert_eq!(full.len(), 257 + 1);
    for (tile, hashes) in full {
        let span = 256_usize.pow(u32::from(tile.row.level()));
        let start = tile.index as usize * 256 * span;
        for (position, hash) in hashes.iter().enumerate() {
            let from = start + position * span;
            assert_eq!(
                *hash,
                tree::root(&leaves[from..from + span]),
                "{tile} at {position}"
            );
        }
    }
}

fn row() -> impl Strategy<Value = Row> {
    prop_oneof![Just(Row::Entries), (0_u8..8).prop_map(Row::Hashes)]
}

proptest! {
    #[test]
    fn paths_read_back(row in row(), index in 0_u64..1 << 56, width in 1_usize..=256) {
        let tile = Tile { row, index, width };
        prop_assert_eq!(Tile::from_path(&tile.to_string()), Some(tile));
    }

    #[test]
    fn hash_tile_paths_are_those_of_tlog_tiles(level in 0_u8..8, index in 0_u64..1 << 56, width in 1_u32..=256) {
        let theirs = tlog_tiles::tile::Tile::new(8, level, index, width, false).path();
        let ours = Tile { row: Row::Hashes(level), index, width: width as usize }.to_string();
        // Their form names the tile height first.
        prop_assert_eq!(ours, theirs.replacen("tile/8/", "tile/", 1));
    }

    #[test]
    fn any_text_is_read_or_refused(path in "(tile/)?(entries|[0-9]{1,2})?[/x0-9.p]{0,40}|\\PC*") {
        if let Some(tile) = Tile::from_path(&path) {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>(), width in 0_usize..300) {
        if let Ok(entries) = decode_bundle(&bytes, width) {
            let mut again = Vec::new();
            for entry in entries {
                append_entry(&mut again, entry).unwrap();
            }
            prop_assert_eq!(&again, &bytes);
        }
        if let Ok(hashes) = decode_hashes(&bytes, width) {
            prop_assert_eq!(encode_hashes(&hashes), bytes);
        }
    }
}
