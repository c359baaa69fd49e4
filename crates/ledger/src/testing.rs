//! What several tests of this crate need: a log to look at, and a way to kill its publisher.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::key::{KeyType, SignerKey, VerifierKey};
use crate::leaf::{Hour, Kind, LEAF_BYTES, Leaf, Part, commit};
use crate::publish::{PublishError, Publisher};

thread_local! {
    static STEPS_LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Makes the publisher of this thread stop after so many steps, as if it were killed there.
pub(crate) fn crash_after(steps: usize) {
    STEPS_LEFT.set(steps);
}

/// Fails once the steps are used up.
pub(crate) fn crash_point() -> io::Result<()> {
    match STEPS_LEFT.get().checked_sub(1) {
        None => Err(io::Error::other("killed")),
        Some(left) => {
            STEPS_LEFT.set(left);
            Ok(())
        }
    }
}

/// The secret key of the test log.
pub(crate) fn signer() -> SignerKey {
    SignerKey::from_seed("log.example/2026", KeyType::Note, &[1; 32]).unwrap()
}

/// The public key of the test log.
pub(crate) fn key() -> VerifierKey {
    signer().public().clone()
}

/// Entries with these indexes.
pub(crate) fn entries(range: std::ops::Range<u64>) -> Vec<[u8; LEAF_BYTES]> {
    let entry = |index: u64| {
        let (salt, bytes) = ([index as u8; 32], index.to_be_bytes());
        let audit = commit(Part::Audit, &salt, &bytes);
        let personal = commit(Part::Personal, &salt, &bytes);
        Leaf {
            kind: Kind(index as u16),
            hour: Hour(490_000),
            audit,
            personal,
        }
        .encode()
    };
    range.map(entry).collect()
}

/// A log in a folder of its own, removed at the end.
pub(crate) struct TestLog {
    folder: TempDir,
}

impl TestLog {
    /// Publishes the test entries in steps up to each of these sizes.
    pub(crate) fn new(sizes: &[u64]) -> TestLog {
        let log = TestLog { folder: folder() };
        for &size in sizes {
            log.publish(size).unwrap();
        }
        log
    }

    /// The public folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The file of the last signed head.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state/head")
    }

    pub(crate) fn open(&self) -> Result<Publisher, PublishError> {
        Publisher::open(self.folder(), self.state(), signer())
    }

    /// Opens the log and publishes the test entries up to this size.
    pub(crate) fn publish(&self, size: u64) -> Result<(), PublishError> {
        let mut publisher = self.open()?;
        let first = publisher.size().min(size);
        publisher.publish(first, &entries(first..size)).map(|_| ())
    }

    /// Another log with the same files.
    pub(crate) fn copy(&self) -> TestLog {
        let copy = TestLog { folder: folder() };
        for (path, bytes) in self.files() {
            let path = copy.folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        copy
    }

    /// Every file, public or not.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        read_all(self.folder.path())
    }

    /// Every public file.
    pub(crate) fn public_files(&self) -> BTreeMap<String, Vec<u8>> {
        read_all(&self.folder())
    }
}

/// A folder in memory where there is one: these tests wait for the disk thousands of times.
fn folder() -> TempDir {
    match Path::new("/dev/shm") {
        memory if memory.is_dir() => tempfile::tempdir_in(memory).unwrap(),
        _ => tempfile::tempdir().unwrap(),
    }
}

fn read_all(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(current).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path
                        .strip_prefix(folder)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned();
                    files.insert(name, fs::read(path).unwrap());
                }
            }
        }
    }
    files
}
