use super::*;
use crate::cosignature::{cosign, verify_cosignature};
use crate::hash::empty_root;
use crate::key::KeyType;
use crate::testing::{TestLog, crash_after, entries, key, signer};
use crate::tree;
use crate::verify::verify;

fn root(size: u64) -> Hash {
    tree::root(
        &entries(0..size)
            .iter()
            .map(|entry| leaf_hash(entry))
            .collect::<Vec<_>>(),
    )
}

#[test]
fn publishes_the_files_of_the_specification() {
    let log = TestLog::new(&[300]);
    let files = log.public_files();
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "checkpoint",
            "log.vkey",
            "tile/0/000",
            "tile/0/001.p/44",
            "tile/1/000.p/1",
            "tile/entries/000",
            "tile/entries/001.p/44",
        ]
    );
    assert_eq!(files["tile/0/000"].len(), 8192);
    let hashes: Vec<u8> = entries(256..300)
        .iter()
        .flat_map(|entry| leaf_hash(entry).0)
        .collect();
    assert_eq!(files["tile/0/001.p/44"], hashes);
    assert_eq!(files["tile/1/000.p/1"], root(256).0);
    let bundle: Vec<u8> = entries(256..300)
        .iter()
        .flat_map(|entry| [&[0, 71], &entry[..]].concat())
        .collect();
    assert_eq!(files["tile/entries/001.p/44"], bundle);
    let report = verify(&log.folder(), &key()).unwrap();
    assert_eq!(
        (report.checkpoint.size, report.checkpoint.root),
        (300, root(300))
    );
    assert_eq!(report.tiles, 5);
}

#[test]
fn an_empty_log_has_a_head() {
    let log = TestLog::new(&[0]);
    let report = verify(&log.folder(), &key()).unwrap();
    assert_eq!(
        (report.checkpoint.size, report.checkpoint.root),
        (0, empty_root())
    );
}

#[test]
fn files_do_not_depend_on_the_steps() {
    let sizes = [0, 1, 2, 255, 256, 257, 511, 512, 513, 700];
    let (steps, once) = (
        TestLog::new(&sizes).public_files(),
        TestLog::new(&[700]).public_files(),
    );
    let outgrown = |path: &str| path.contains(".p/");
    for (path, bytes) in &once {
        assert_eq!(steps.get(path), Some(bytes), "{path}");
    }
    let older: Vec<&String> = steps
        .keys()
        .filter(|path| !once.contains_key(*path))
        .collect();
    // Partial tiles of heads that were published stay until the full tile is there.
    assert!(older.iter().all(|path| outgrown(path)), "{older:?}");
    assert_eq!(
        older,
        ["tile/0/002.p/1", "tile/1/000.p/1", "tile/entries/002.p/1"]
    );
}

#[test]
fn every_intermediate_log_verifies() {
    let log = TestLog::new(&[]);
    for size in (0..40).chain(250..260).chain([511, 512, 513, 769]) {
        log.publish(size).unwrap();
        let report = verify(&log.folder(), &key()).unwrap();
        assert_eq!(
            (report.checkpoint.size, report.checkpoint.root),
            (size, root(size))
        );
    }
}

#[test]
fn a_log_with_three_levels_grows_and_verifies() {
    let log = TestLog::new(&[65_530, 65_536, 65_600, 70_000]);
    let report = verify(&log.folder(), &key()).unwrap();
    assert_eq!(
        (report.checkpoint.size, report.checkpoint.root),
        (70_000, root(70_000))
    );
    // The example of c2sp.org/tlog-tiles: 273 full and one partial tile, twice, then two and one.
    assert_eq!(report.tiles, 2 * 274 + 2 + 1);
}

#[test]
fn publishing_the_same_again_changes_nothing() {
    let log = TestLog::new(&[300]);
    let before = log.files();
    let mut publisher = log.open().unwrap();
    let head = publisher.head().unwrap().clone();
    for first in [0, 44, 256, 300] {
        assert_eq!(
            publisher.publish(first, &entries(first..300)).unwrap(),
            head
        );
    }
    assert_eq!(log.files(), before);
}

#[test]
fn cosignatures_stay_on_the_head_until_the_next() {
    let log = TestLog::new(&[]);
    let witness = SignerKey::from_seed("w", KeyType::Cosignature, &[3; 32]).unwrap();
    let known = [witness.public().clone()];
    let mut publisher = log.open().unwrap();
    assert_eq!(publisher.add_cosignatures(&[], &known).unwrap(), None);
    let head = publisher.publish(0, &entries(0..3)).unwrap();
    let line = cosign(&head, &witness, 5).unwrap();
    let other = head.to_string().replacen("\n3\n", "\n4\n", 1);
    let other = Note::parse(other.as_bytes()).unwrap();
    let old = cosign(&other, &witness, 5).unwrap();
    assert_eq!(
        publisher.add_cosignatures(&[old], &known).unwrap(),
        Some(&head)
    );
    let cosigned = publisher
        .add_cosignatures(&[line], &known)
        .unwrap()
        .unwrap()
        .clone();
    assert_eq!(verify_cosignature(&cosigned, &known[0]), Ok(5));
    drop(publisher);

    let mut publisher = log.open().unwrap();
    assert_eq!(publisher.head(), Some(&cosigned));
    assert_eq!(publisher.publish(0, &entries(0..3)).unwrap(), cosigned);
    assert_eq!(
        verify(&log.folder(), &key()).unwrap().unchecked_signatures,
        ["w"]
    );
    let next = publisher.publish(3, &entries(3..4)).unwrap();
    assert_eq!(next.signatures().len(), 1);

    // A failure leaves the head as it was, and nothing behind once the log grows.
    crash_after(2);
    let line = cosign(&next, &witness, 6).unwrap();
    publisher.add_cosignatures(&[line], &known).unwrap_err();
    crash_after(usize::MAX);
    assert_eq!(publisher.head(), Some(&next));
    publisher.publish(4, &entries(4..5)).unwrap();
    verify(&log.folder(), &key()).unwrap();
}

#[test]
fn a_signed_head_waits_for_its_release() {
    let log = TestLog::new(&[3]);
    let witness = SignerKey::from_seed("w", KeyType::Cosignature, &[3; 32]).unwrap();
    let known = [witness.public().clone()];
    let mut publisher = log.open().unwrap();
    let public = publisher.head().unwrap().clone();
    let head = publisher.sign(3, &entries(3..300)).unwrap();
    assert_eq!((publisher.size(), publisher.newest()), (3, Some(&head)));
    assert_eq!(publisher.head(), Some(&public));
    // Readers see the log as it was; whoever holds the new head can already be given proofs.
    assert_eq!(verify(&log.folder(), &key()).unwrap().checkpoint.size, 3);
    let (proof, note) = publisher.prove_newest(3).unwrap().unwrap();
    assert_eq!(note, head);
    let root = |note: &Note| Checkpoint::open(note, &key()).unwrap().root;
    tree::verify_consistency((3, root(&public)), (300, root(&head)), &proof).unwrap();
    // Further entries wait as well: one head at a time.
    assert_eq!(publisher.sign(3, &entries(3..400)).unwrap(), head);
    let line = cosign(&head, &witness, 5).unwrap();
    publisher.add_cosignatures(&[line], &known).unwrap();
    publisher.release().unwrap();
    assert_eq!(publisher.size(), 300);
    assert_eq!(
        verify_cosignature(publisher.head().unwrap(), &known[0]),
        Ok(5)
    );
    verify(&log.folder(), &key()).unwrap();
    assert!(publisher.publish(3, &entries(3..400)).is_ok());
}

#[test]
fn one_key_takes_over_from_the_other() {
    let log = TestLog::new(&[3]);
    let next = || SignerKey::from_seed("log.example/2026", KeyType::Note, &[2; 32]).unwrap();
    let both = |seen: &Path| [key(), next().public().clone()].map(|key| verify(seen, &key).is_ok());
    let mut publisher = log.open().unwrap().with_next_signer(next());
    let note = publisher.publish(3, &entries(3..5)).unwrap();
    assert_eq!(note.signatures().len(), 2);
    assert_eq!(both(&log.folder()), [true, true]);
    drop(publisher);
    let open = |key| Publisher::open(log.folder(), log.state(), key);
    let mut publisher = open(next()).unwrap();
    publisher.publish(5, &entries(5..6)).unwrap();
    assert_eq!(both(&log.folder()), [false, true]);
    drop(publisher);
    // A key that never signed beside the last one is a stranger's.
    assert!(matches!(log.open(), Err(PublishError::Checkpoint { .. })));
}

#[test]
fn an_older_database_is_refused() {
    let log = TestLog::new(&[300]);
    let before = log.files();
    let mut publisher = log.open().unwrap();
    let error = publisher.publish(0, &entries(0..299)).unwrap_err();
    assert!(
        matches!(
            error,
            PublishError::Behind {
                signed: 300,
                supplied: 299
            }
        ),
        "{error}"
    );
    assert_eq!(log.files(), before);
}

#[test]
fn altered_entries_are_refused() {
    let log = TestLog::new(&[300]);
    let before = log.files();
    let mut publisher = log.open().unwrap();
    for index in [0, 255, 256, 299] {
        let mut altered = entries(0..301);
        altered[index][70] ^= 1;
        let error = publisher.publish(0, &altered).unwrap_err();
        assert!(
            matches!(error, PublishError::Altered(i) if i == index as u64),
            "{error}"
        );
    }
    assert_eq!(log.files(), before);
}

#[test]
fn a_gap_is_refused() {
    let log = TestLog::new(&[10]);
    for first in [11, u64::MAX] {
        let error = log
            .open()
            .unwrap()
            .publish(first, &entries(11..12))
            .unwrap_err();
        assert!(
            matches!(error, PublishError::Gap { published: 10, .. }),
            "{error}"
        );
    }
}

#[test]
fn an_entry_too_long_is_refused() {
    let log = TestLog::new(&[1]);
    let error = log
        .open()
        .unwrap()
        .publish(1, &[vec![], vec![0; 65_536]])
        .unwrap_err();
    assert!(
        matches!(error, PublishError::Entry { index: 2, .. }),
        "{error}"
    );
    log.publish(3).unwrap();
    verify(&log.folder(), &key()).unwrap();
}

#[test]
fn two_publishers_are_refused() {
    let log = TestLog::new(&[1]);
    let first = log.open().unwrap();
    let error = log.open().unwrap_err();
    assert!(matches!(error, PublishError::Locked(_)), "{error}");
    drop(first);
    log.open().unwrap();
}

#[test]
fn an_emptied_folder_does_not_lead_to_a_second_root() {
    let log = TestLog::new(&[300]);
    let before = log.public_files();
    fs::remove_dir_all(log.folder()).unwrap();

    let mut publisher = log.open().unwrap();
    let error = publisher.publish(0, &entries(0..299)).unwrap_err();
    assert!(matches!(error, PublishError::Behind { .. }), "{error}");
    let mut altered = entries(0..300);
    altered[17][8] ^= 1;
    let error = publisher.publish(0, &altered).unwrap_err();
    assert!(
        matches!(error, PublishError::Forked { size: 300, .. }),
        "{error}"
    );
    altered.push(altered[0]);
    assert!(matches!(
        publisher.publish(0, &altered),
        Err(PublishError::Forked { .. })
    ));
    drop(publisher);

    log.publish(300).unwrap();
    assert_eq!(log.public_files(), before);
}

#[test]
fn a_folder_from_a_backup_does_not_lead_to_a_second_root() {
    let log = TestLog::new(&[200]);
    let backup = log.copy();
    log.publish(300).unwrap();
    fs::copy(log.state(), backup.state()).unwrap();
    let mut publisher = backup.open().unwrap();
    assert_eq!(publisher.size(), 200);
    let error = publisher.publish(200, &entries(200..250)).unwrap_err();
    assert!(
        matches!(error, PublishError::Behind { signed: 300, .. }),
        "{error}"
    );
    let mut altered = entries(200..310);
    altered[0][8] ^= 1;
    let error = publisher.publish(200, &altered).unwrap_err();
    assert!(
        matches!(error, PublishError::Forked { size: 300, .. }),
        "{error}"
    );
    publisher.publish(200, &entries(200..310)).unwrap();
    verify(&backup.folder(), &key()).unwrap();
}

#[test]
fn a_second_head_of_the_same_size_is_refused() {
    let log = TestLog::new(&[3]);
    let other = TestLog::new(&[]);
    let mut altered = entries(0..3);
    altered[1][8] ^= 1;
    other.open().unwrap().publish(0, &altered).unwrap();
    fs::copy(other.state(), log.state()).unwrap();
    let error = log.publish(4).unwrap_err();
    assert!(
        matches!(error, PublishError::Forked { size: 3, .. }),
        "{error}"
    );
}

#[test]
fn a_damaged_edge_is_never_signed() {
    let log = TestLog::new(&[300]);
    for path in [
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/001.p/44",
        "checkpoint",
    ] {
        let log = log.copy();
        let path = log.folder().join(path);
        let mut bytes = fs::read(&path).unwrap();
        bytes[20] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let error = log.publish(301).unwrap_err();
        let named = matches!(
            error,
            PublishError::Damaged { .. } | PublishError::Checkpoint { .. }
        );
        assert!(named, "{error}");
        fs::write(&path, &bytes[..20]).unwrap();
        log.publish(301).unwrap_err();
        fs::remove_file(&path).unwrap();
        if !path.ends_with("checkpoint") {
            log.publish(301).unwrap_err();
        }
    }
}

#[test]
fn another_logs_key_is_refused() {
    let log = TestLog::new(&[3]);
    let other = SignerKey::from_seed("log.example/2026", KeyType::Note, &[2; 32]).unwrap();
    let error = Publisher::open(log.folder(), log.state(), other).unwrap_err();
    assert!(matches!(error, PublishError::Checkpoint { .. }), "{error}");
    drop(signer());
}

/// Kills the publisher at each of its steps in turn, starts it again and compares all files.
#[test]
fn killed_at_any_step_and_started_again() {
    for (old, new) in [
        (0, 0),
        (0, 3),
        (3, 5),
        (250, 256),
        (250, 300),
        (256, 300),
        (500, 520),
    ] {
        let sizes: &[u64] = if old == 0 && new == 0 { &[] } else { &[old] };
        let before = TestLog::new(sizes);
        let after = before.copy();
        after.publish(new).unwrap();
        for steps in 0.. {
            let log = before.copy();
            crash_after(steps);
            let killed = log.publish(new).is_err();
            crash_after(usize::MAX);
            let partway = log.copy();
            log.publish(new).unwrap();
            assert_eq!(log.files(), after.files(), "{old} to {new}, step {steps}");
            verify(&log.folder(), &key()).unwrap();

            // More entries may have come by the time it is started again.
            partway.publish(new + 1).unwrap();
            verify(&partway.folder(), &key()).unwrap();
            if !killed {
                assert!(steps > 8, "{old} to {new}");
                break;
            }
        }
    }
}

/// Whatever the step it was killed at, a restarted publisher never signs a second root for a size
/// it signed before.
#[test]
fn killed_at_any_step_and_started_with_other_entries() {
    let before = TestLog::new(&[250]);
    let mut other = entries(0..300);
    other[280][8] ^= 1;
    let (mut refused, mut accepted) = (0, 0);
    for steps in 0.. {
        let log = before.copy();
        crash_after(steps);
        let killed = log.publish(300).is_err();
        crash_after(usize::MAX);
        let state = fs::read(log.state()).unwrap();
        let signed: Checkpoint = Note::parse(&state).unwrap().text().parse().unwrap();
        match log.open().unwrap().publish(0, &other) {
            Ok(_) => {
                assert_eq!(signed.size, 250, "step {steps}");
                accepted += 1;
            }
            Err(PublishError::Forked { .. } | PublishError::Altered(280)) => {
                assert_eq!(signed.size, 300, "step {steps}");
                refused += 1;
            }
            Err(error) => panic!("step {steps}: {error}"),
        }
        if !killed {
            break;
        }
    }
    assert!(refused > 3 && accepted > 3, "{refused} {accepted}");
}

/// The publisher goes on after a failure without being opened again, with more entries by then.
#[test]
fn a_failed_write_can_be_tried_again() {
    for steps in 0..60 {
        let log = TestLog::new(&[250]);
        let mut publisher = log.open().unwrap();
        crash_after(steps);
        let failed = publisher.publish(250, &entries(250..300)).is_err();
        crash_after(usize::MAX);
        let mut other = entries(250..300);
        other[40][8] ^= 1;
        let signed = fs::read(log.state())
            .unwrap()
            .starts_with(b"log.example/2026\n300\n");
        if signed || !failed {
            publisher.publish(250, &other).unwrap_err();
        }
        publisher.publish(250, &entries(250..310)).unwrap();
        let report = verify(&log.folder(), &key()).unwrap();
        assert_eq!(
            (report.checkpoint.size, report.checkpoint.root),
            (310, root(310))
        );
    }
}
