use std::fs;

use proptest::prelude::*;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::key::{KeyType, SignerKey};
use crate::testing::{TestLog, entries, key, signer};

/// The error of an audit that must fail.
fn fault(log: &TestLog) -> VerifyError {
    verify(&log.folder(), &key()).expect_err("the audit passed")
}

/// Replaces a public file, or removes it.
fn put(log: &TestLog, path: &str, bytes: Option<&[u8]>) {
    let path = log.folder().join(path);
    match bytes {
        Some(bytes) => {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        None => fs::remove_file(path).unwrap(),
    }
}

/// Signs the head of other leaves with the log's own key.
fn resign(log: &TestLog, size: u64, root: Hash, extensions: &[&str]) {
    let origin = key().name().into();
    let extensions = extensions.iter().map(|line| (*line).into()).collect();
    let note = Checkpoint {
        origin,
        size,
        root,
        extensions,
    }
    .sign(&signer());
    put(log, CHECKPOINT_PATH, Some(note.to_string().as_bytes()));
}

/// Index of the entry that the byte at this offset of a bundle belongs to.
fn entry_at(path: &str, offset: usize) -> u64 {
    Tile::from_path(path).unwrap().start() + (offset / 73) as u64
}

/// Flips one bit of one file and checks that the audit names the file and, in a bundle, the entry.
fn check_flip(log: &TestLog, path: &str, bytes: &[u8], offset: usize, bit: u32) {
    let mut flipped = bytes.to_vec();
    flipped[offset] ^= 1 << bit;
    put(log, path, Some(&flipped));
    let error = fault(log);
    put(log, path, Some(bytes));
    assert_eq!(error.path(), path, "bit {bit} of byte {offset}: {error}");
    assert!(error.to_string().contains(path), "{error}");
    let current = matches!(
        error,
        VerifyError::Entry { .. } | VerifyError::Bundle { .. }
    );
    if path.starts_with("tile/entries") && !matches!(error, VerifyError::Older { .. }) {
        assert!(current, "{error}");
        let index = entry_at(path, offset);
        assert_eq!(error.entry(), Some(index), "byte {offset} of {path}");
        assert!(
            error.to_string().contains(&format!("entry {index}")),
            "{error}"
        );
    }
}

#[test]
fn every_flipped_bit_of_a_small_log_is_found_and_named() {
    let log = TestLog::new(&[1, 2, 3]);
    let files = log.public_files();
    assert_eq!(files.len(), 2 + 2 * 3);
    for (path, bytes) in &files {
        for offset in 0..bytes.len() {
            // All bits of the text files, where a flip may lead to another valid character.
            let bits = if path.starts_with("tile") { 0..1 } else { 0..8 };
            bits.for_each(|bit| check_flip(&log, path, bytes, offset, bit));
        }
    }
    verify(&log.folder(), &key()).unwrap();
}

#[test]
fn flipped_bits_in_three_levels_are_found_and_named() {
    let log = TestLog::new(&[65_600, 66_000]);
    let files = log.public_files();
    let offsets = |length: usize| [0, length / 3, length - 1];
    for path in [
        "tile/0/000",
        "tile/0/256.p/64",
        "tile/0/257.p/208",
        "tile/0/255",
        "tile/1/000",
        "tile/1/001.p/1",
        "tile/2/000.p/1",
        "tile/entries/000",
        "tile/entries/200",
        "tile/entries/257.p/208",
        "checkpoint",
    ] {
        let Some(bytes) = files.get(path) else {
            // Outgrown by the second publication.
            assert_eq!(path, "tile/0/256.p/64");
            continue;
        };
        for offset in offsets(bytes.len()) {
            check_flip(&log, path, bytes, offset, 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    /// Any file, any byte, any bit; at sizes with and without full tiles and older partial tiles.
    #[test]
    fn any_flipped_bit_is_found_and_named(
        sizes in prop::sample::select(vec![vec![256], vec![300], vec![5, 255], vec![260, 300, 513, 515]]),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_u32..8), 100),
    ) {
        let log = TestLog::new(&sizes);
        let files: Vec<_> = log.public_files().into_iter().collect();
        for (file, offset, bit) in flips {
            let (path, bytes) = &files[file.index(files.len())];
            check_flip(&log, path, bytes, offset.index(bytes.len()), bit);
        }
        verify(&log.folder(), &key()).unwrap();
    }

    #[test]
    fn any_truncated_extended_or_missing_file_is_found_and_named(
        sizes in prop::sample::select(vec![vec![3], vec![300], vec![260, 300, 513, 515]]),
        cut in any::<prop::sample::Index>(),
        tail in prop::collection::vec(any::<u8>(), 1..80),
    ) {
        let log = TestLog::new(&sizes);
        for (path, bytes) in log.public_files() {
            let length = cut.index(bytes.len());
            let extended = [bytes.as_slice(), &tail].concat();
            for other in [Some(&bytes[..length]), Some(&extended[..]), None] {
                put(&log, &path, other);
                let result = verify(&log.folder(), &key());
                // Only the convenience copy of the key and outgrown partial tiles may go.
                if other.is_some() || !may_be_missing(&path, &sizes) {
                    let error = result.unwrap_err();
                    prop_assert_eq!(error.path(), path.as_str());
                } else {
                    prop_assert!(result.is_ok());
                }
                put(&log, &path, Some(&bytes));
            }
        }
    }

    #[test]
    fn any_bytes_in_place_of_a_file_are_refused(
        file in any::<prop::sample::Index>(),
        content in prop::collection::vec(any::<u8>(), 0..3000),
    ) {
        let log = TestLog::new(&[260, 300]);
        let files: Vec<_> = log.public_files().into_iter().collect();
        let (path, _) = &files[file.index(files.len())];
        put(&log, path, Some(&content));
        let error = fault(&log);
        prop_assert_eq!(error.path(), path.as_str());
    }
}

fn may_be_missing(path: &str, sizes: &[u64]) -> bool {
    let size = *sizes.last().unwrap();
    let older = |tile: Tile| Tile::of_tree(tile.row, tile.index, size) != Some(tile);
    path == KEY_PATH || Tile::from_path(path).is_some_and(older)
}

#[test]
fn added_files_are_found_and_named() {
    let log = TestLog::new(&[300]);
    for path in [
        "README",
        "checkpoint.tmp",
        "tile/0/000.tmp",
        "tile/0/001",
        "tile/0/001.p/45",
        "tile/0/002.p/1",
        "tile/0/0",
        "tile/1/000",
        "tile/1/000.p/2",
        "tile/2/000.p/1",
        "tile/entries/001",
        "tile/entries/001.p/45",
        "tile/x/000",
        "tile/entries/sub/000",
        "other/000",
    ] {
        put(&log, path, Some(&[0; 32]));
        let error = fault(&log);
        assert!(
            matches!(error, VerifyError::Unexpected { size: 300, .. }),
            "{error}"
        );
        assert_eq!(error.path(), path);
        put(&log, path, None);
    }
    // Earlier partial tiles may stay, but only as a beginning of the current one.
    for path in ["tile/0/000.p/1", "tile/0/001.p/1"] {
        put(&log, path, Some(&[0; 32]));
        let error = fault(&log);
        assert!(matches!(error, VerifyError::Older { .. }), "{error}");
        put(&log, path, None);
    }
    verify(&log.folder(), &key()).unwrap();
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let log = TestLog::new(&[3]);
    let path = log.folder().join("tile/entries/000.p/3");
    let outside = log.state().with_file_name("bundle");
    fs::rename(&path, &outside).unwrap();
    std::os::unix::fs::symlink(&outside, &path).unwrap();
    let error = fault(&log);
    assert_eq!(error.path(), "tile/entries/000.p/3");
    assert!(matches!(error, VerifyError::File { .. }), "{error}");
}

#[test]
fn a_missing_log_is_an_error() {
    let log = TestLog::new(&[]);
    assert_eq!(fault(&log).to_string(), "`checkpoint` is missing");
}

/// An insider rewrites an entry and all hashes above it, but cannot sign.
#[test]
fn entry_and_tiles_rewritten_together() {
    let (log, forged) = (TestLog::new(&[300]), TestLog::new(&[]));
    let mut altered = entries(0..300);
    altered[3][8] ^= 1;
    forged.open().unwrap().publish(0, &altered).unwrap();
    for (path, bytes) in forged.public_files() {
        if path != CHECKPOINT_PATH {
            put(&log, &path, Some(&bytes));
        }
    }
    assert!(
        matches!(fault(&log), VerifyError::Root { .. }),
        "{}",
        fault(&log)
    );

    // With the entry and its level-0 tile alone, the level above tells.
    let log = TestLog::new(&[300]);
    for path in ["tile/0/000", "tile/entries/000"] {
        put(&log, path, Some(&forged.public_files()[path]));
    }
    assert_eq!(fault(&log).path(), "tile/0/000");
    assert!(matches!(fault(&log), VerifyError::TileMismatch(_)));
}

#[test]
fn swapped_and_dropped_entries() {
    let log = TestLog::new(&[300]);
    let mut bundle = log.public_files()["tile/entries/000"].clone();
    let (first, second) = bundle.split_at_mut(73);
    first.swap_with_slice(&mut second[..73]);
    put(&log, "tile/entries/000", Some(&bundle));
    assert_eq!(fault(&log).entry(), Some(0));

    let log = TestLog::new(&[300]);
    put(
        &log,
        "tile/entries/000",
        Some(&log.public_files()["tile/entries/000"][73..]),
    );
    assert_eq!(fault(&log).entry(), Some(0));
    put(
        &log,
        "tile/entries/000",
        Some(&TestLog::new(&[256]).public_files()["tile/entries/000"][..255 * 73]),
    );
    let error = fault(&log);
    assert_eq!(error.entry(), Some(255));
    assert!(matches!(error, VerifyError::Bundle { .. }), "{error}");
}

#[test]
fn two_damaged_partial_tiles_are_named() {
    let log = TestLog::new(&[300]);
    for path in ["tile/0/001.p/44", "tile/1/000.p/1"] {
        let mut bytes = log.public_files()[path].clone();
        bytes[7] ^= 1;
        put(&log, path, Some(&bytes));
    }
    assert_eq!(fault(&log).path(), "tile/0/001.p/44");
}

#[test]
fn signed_heads_that_the_files_do_not_support() {
    let log = TestLog::new(&[300]);
    let root = verify(&log.folder(), &key()).unwrap().checkpoint.root;
    resign(&log, 300, leaf_hash(b"other"), &[]);
    assert!(matches!(fault(&log), VerifyError::Root { .. }));
    resign(&log, 300, root, &["an extension"]);
    assert!(matches!(fault(&log), VerifyError::Extension));
    resign(&log, 299, root, &[]);
    assert!(matches!(
        fault(&log),
        VerifyError::Unexpected { size: 299, .. }
    ));
    resign(&log, 301, root, &[]);
    assert_eq!(fault(&log).path(), "tile/0/001.p/45");
    resign(&log, i64::MAX as u64, root, &[]);
    assert!(matches!(fault(&log), VerifyError::Missing(_)));
    resign(&log, 300, root, &[]);
    verify(&log.folder(), &key()).unwrap();
}

#[test]
fn other_signatures_are_reported_and_removed_ones_missed() {
    let log = TestLog::new(&[3]);
    let mut note = Note::parse(&log.public_files()[CHECKPOINT_PATH]).unwrap();
    let other = SignerKey::from_seed("other.example", KeyType::Note, &[9; 32]).unwrap();
    note.add(Note::sign(note.text().into(), &other).signatures()[0].clone());
    put(&log, CHECKPOINT_PATH, Some(note.to_string().as_bytes()));
    let report = verify(&log.folder(), &key()).unwrap();
    assert_eq!(report.unchecked_signatures, ["other.example"]);

    let unsigned = Note::sign(note.text().into(), &other).to_string();
    put(&log, CHECKPOINT_PATH, Some(unsigned.as_bytes()));
    assert_eq!(fault(&log).path(), CHECKPOINT_PATH);
    let other_log = verify(&log.folder(), other.public()).unwrap_err();
    assert!(matches!(
        other_log,
        VerifyError::Checkpoint(CheckpointError::Origin { .. })
    ));
}

#[test]
fn each_entry_is_handed_over_in_order() {
    let log = TestLog::new(&[600]);
    let mut seen = Vec::new();
    verify_each(&log.folder(), &key(), |index, entry| {
        assert_eq!(index, seen.len() as u64);
        seen.push(entry.to_vec());
    })
    .unwrap();
    assert_eq!(seen, entries(0..600));
}

/// Copies public files of one log to another.
fn copy(from: &TestLog, to: &TestLog, wanted: impl Fn(&str) -> bool) {
    for (path, bytes) in from.public_files() {
        if wanted(&path) {
            put(to, &path, Some(&bytes));
        }
    }
}

/// New tiles are there before the checkpoint that accounts for them.
#[test]
fn a_publication_under_way_is_no_fault() {
    let (log, grown) = (TestLog::new(&[300]), TestLog::new(&[300, 700]));
    copy(&grown, &log, |path| path.starts_with("tile"));
    put(&log, "checkpoint.tmp", Some(b"half a check"));
    let folder = Folder::new(log.folder());
    let audit = |pause: &dyn Fn()| {
        let older = |size| older_tiles(&folder, size);
        verify_settled(&folder, &key(), older, |_, _| (), pause)
    };
    let pauses = std::cell::Cell::new(0);
    let report = audit(&|| {
        pauses.set(pauses.get() + 1);
        if pauses.get() == 2 {
            put(&log, "checkpoint.tmp", None);
            copy(&grown, &log, |path| path == CHECKPOINT_PATH);
        }
    });
    assert_eq!((report.unwrap().checkpoint.size, pauses.get()), (700, 2));

    // One that never ends is a fault.
    put(&log, "tile/0/003", Some(&[0; 8192]));
    pauses.set(0);
    let error = audit(&|| pauses.set(pauses.get() + 1)).unwrap_err();
    assert_eq!((error.path(), pauses.get()), ("tile/0/003", RESTARTS_MAX));
}

/// Outgrown partial tiles vanish while the audit looks at them.
#[test]
fn a_log_that_grows_under_the_audit_is_audited_again() {
    let log = TestLog::new(&[300]);
    let mut sizes = Vec::new();
    let report = verify_each(&log.folder(), &key(), |index, _| {
        if index == 0 {
            sizes.push(log.open().unwrap().size());
            if sizes.len() == 1 {
                log.publish(700).unwrap();
            }
        }
    });
    assert_eq!(report.unwrap().checkpoint.size, 700);
    assert_eq!(sizes, [300, 700]);
}

/// A log read over a network cannot be listed, but every file it needs is checked.
#[test]
fn files_without_a_listing_are_audited() {
    let log = TestLog::new(&[600]);
    let folder = Folder::new(log.folder());
    assert_eq!(
        verify_files(&folder, &key(), |_, _| ())
            .unwrap()
            .checkpoint
            .size,
        600
    );
    let mut bytes = log.public_files()["tile/entries/001"].clone();
    bytes[73 * 5 + 40] ^= 1;
    put(&log, "tile/entries/001", Some(&bytes));
    let error = verify_files(&folder, &key(), |_, _| ()).unwrap_err();
    assert_eq!(error.entry(), Some(256 + 5));
}
