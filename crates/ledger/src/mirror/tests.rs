use std::fs;

use super::*;
use crate::testing::{TestLog, key};
use crate::verify::{read_note, verify};

fn bring_up(copy: &Folder, log: &TestLog) -> Result<Report, MirrorError> {
    let source = Folder::new(log.folder());
    let head = read_note(&source).unwrap();
    mirror(copy, &source, &key(), &head, |_| ())
}

#[test]
fn a_mirror_follows_and_holds_the_same_log() {
    let log = TestLog::new(&[]);
    let place = tempfile::tempdir().unwrap();
    let copy = Folder::new(place.path());
    for size in [1, 3, 256, 300, 70_000] {
        log.publish(size).unwrap();
        assert_eq!(bring_up(&copy, &log).unwrap().checkpoint.size, size);
        assert_eq!(verify(place.path(), &key()).unwrap().checkpoint.size, size);
    }
    assert!(!place.path().join("tile/0/000.p/3").exists());
}

#[test]
fn what_does_not_lead_to_the_head_is_never_shown() {
    let log = TestLog::new(&[300]);
    let place = tempfile::tempdir().unwrap();
    let copy = Folder::new(place.path());
    bring_up(&copy, &log).unwrap();
    log.publish(600).unwrap();
    let entries = log.folder().join("tile/entries/001");
    let mut bytes = fs::read(&entries).unwrap();
    bytes[100] ^= 1;
    fs::write(&entries, bytes).unwrap();
    let error = bring_up(&copy, &log).unwrap_err();
    assert!(
        matches!(
            error,
            MirrorError::Source(VerifyError::Entry { index: 257, .. })
        ),
        "{error}"
    );
    assert!(
        fs::read_to_string(place.path().join("checkpoint"))
            .unwrap()
            .contains("\n300\n")
    );
}
