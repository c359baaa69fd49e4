use std::fs;

use proptest::prelude::*;

use super::*;
use crate::cosignature::cosign;
use crate::folder::Folder;
use crate::key::{KeyType, SignerKey};
use crate::testing::{TestLog, entries, key};

fn proof_of(log: &TestLog, index: u64) -> (Vec<u8>, TlogProof) {
    prove(&Folder::new(log.folder()), &key(), index).unwrap()
}

#[test]
fn every_entry_has_a_proof() {
    for size in [1, 2, 255, 256, 257, 600] {
        let log = TestLog::new(&[size]);
        for index in (0..size).filter(|index| size < 10 || index % 37 == 0 || index + 2 > size) {
            let (entry, proof) = proof_of(&log, index);
            assert_eq!(entry, entries(index..index + 1)[0]);
            let proof = TlogProof::parse(proof.to_string().as_bytes()).unwrap();
            assert_eq!(proof.verify(&entry, &key()).unwrap().size, size);
        }
    }
}

#[test]
fn entries_of_a_log_with_three_levels_have_proofs() {
    let log = TestLog::new(&[70_000]);
    for index in [0, 255, 65_535, 65_536, 69_631, 69_632, 69_999] {
        let (entry, proof) = proof_of(&log, index);
        assert_eq!(
            proof.verify(&entry, &key()).unwrap().size,
            70_000,
            "{index}"
        );
        assert!(
            proof
                .verify(&entries(index + 1..index + 2)[0], &key())
                .is_err()
        );
    }
}

#[test]
fn the_log_proves_that_it_only_grew() {
    let log = TestLog::new(&[700]);
    let folder = Folder::new(log.folder());
    let leaves: Vec<Hash> = entries(0..700)
        .iter()
        .map(|entry| leaf_hash(entry))
        .collect();
    for old in [1, 2, 3, 255, 256, 257, 512, 600, 699, 700] {
        let (proof, note) = prove_growth(&folder, &key(), old).unwrap();
        let head = Checkpoint::open(&note, &key()).unwrap();
        let before = (old, tree::root(&leaves[..old as usize]));
        assert_eq!(
            tree::verify_consistency(before, (head.size, head.root), &proof),
            Ok(())
        );
    }
    assert!(matches!(
        prove_growth(&folder, &key(), 701),
        Err(ProveError::Proof(_))
    ));
}

#[test]
fn no_proof_from_missing_or_damaged_files() {
    let log = TestLog::new(&[300]);
    let folder = Folder::new(log.folder());
    let error = prove(&folder, &key(), 300).unwrap_err();
    assert_eq!(
        error.to_string(),
        "entry 300 is not in a tree of 300 entries"
    );
    // The entry itself, its sibling, the subtree beside it, the head.
    for (path, index) in [
        ("tile/entries/001.p/44", 256),
        ("tile/0/001.p/44", 257),
        ("tile/1/000.p/1", 256),
        ("checkpoint", 256),
    ] {
        let log = log.copy();
        let folder = Folder::new(log.folder());
        let mut bytes = log.public_files()[path].clone();
        bytes[9] ^= 1;
        fs::write(log.folder().join(path), &bytes).unwrap();
        prove(&folder, &key(), index).unwrap_err();
        fs::write(log.folder().join(path), &bytes[..9]).unwrap();
        prove(&folder, &key(), index).unwrap_err();
        fs::remove_file(log.folder().join(path)).unwrap();
        let error = prove(&folder, &key(), index).unwrap_err();
        assert_eq!(error.to_string(), format!("`{path}` is missing"));
    }
}

/// Someone reads the checkpoint just before the log grows and its partial tiles become full ones.
#[test]
fn a_full_tile_stands_in_for_an_outgrown_partial_one() {
    let log = TestLog::new(&[300]);
    let head = log.public_files()["checkpoint"].clone();
    log.publish(512).unwrap();
    assert!(!log.public_files().contains_key("tile/0/001.p/44"));
    fs::write(log.folder().join("checkpoint"), head).unwrap();
    let (entry, proof) = proof_of(&log, 270);
    assert_eq!(proof.verify(&entry, &key()).unwrap().size, 300);
}

#[test]
fn a_proof_holds_for_its_own_entry_index_and_log_only() {
    let (entry, proof) = proof_of(&TestLog::new(&[300]), 7);
    let other = SignerKey::from_seed(key().name(), KeyType::Note, &[2; 32]).unwrap();
    let error = proof.verify(&entry, other.public()).unwrap_err();
    assert!(matches!(error, TlogProofError::Checkpoint(_)), "{error}");
    for index in [6, 8, 300] {
        let error = TlogProof {
            index,
            ..proof.clone()
        }
        .verify(&entry, &key())
        .unwrap_err();
        assert!(matches!(error, TlogProofError::Path(_)), "{error}");
    }
    let note = Checkpoint::open(&proof.note, &key()).unwrap().sign(&other);
    TlogProof { note, ..proof }
        .verify(&entry, &key())
        .unwrap_err();
}

#[test]
fn a_policy_may_ask_for_a_witness() {
    let (entry, mut proof) = proof_of(&TestLog::new(&[300]), 7);
    let witness = SignerKey::from_seed("w", KeyType::Cosignature, &[3; 32]).unwrap();
    let policy = format!("log {}\nwitness W {}\nquorum W\n", key(), witness.public());
    let policy: Policy = policy.parse().unwrap();
    let error = proof.verify_under(&entry, &policy).unwrap_err();
    assert!(matches!(error, TlogProofError::Distrust(_)), "{error}");
    proof.note.add(cosign(&proof.note, &witness, 77).unwrap());
    let proof = TlogProof::parse(proof.to_string().as_bytes()).unwrap();
    assert_eq!(
        proof.verify_under(&entry, &policy).unwrap().witnesses["W"],
        77
    );
    let error = proof.verify_under(&entry[1..], &policy).unwrap_err();
    assert!(matches!(error, TlogProofError::Path(_)), "{error}");
}

#[test]
fn malformed_proofs_are_refused() {
    let text = proof_of(&TestLog::new(&[2]), 1).1.to_string();
    let hash = text.lines().nth(2).unwrap();
    let check = |from: &str, to: &str, error: TlogProofError| {
        let text = text.replacen(from, to, 1);
        assert_eq!(TlogProof::parse(text.as_bytes()), Err(error), "{text}");
    };
    check("proof@v1", "proof@v2", TlogProofError::Header);
    check("index 1", "index 01", TlogProofError::Index);
    check("index 1", "index -1", TlogProofError::Index);
    check("index 1", "Index 1", TlogProofError::Index);
    check("index 1\n", "", TlogProofError::Index);
    check("index 1", "extra A\nindex 1", TlogProofError::Extra);
    check("index 1", "extra \nextra \nindex 1", TlogProofError::Index);
    check("index 1\n", "index 1\nAAAA\n", TlogProofError::Hash(3));
    check(hash, &format!("{hash}="), TlogProofError::Hash(3));
    check(
        &format!("{hash}\n"),
        &format!("{hash}\n").repeat(65),
        TlogProofError::Hash(67),
    );
    assert_eq!(TlogProof::parse(b""), Err(TlogProofError::Separator));
    assert_eq!(TlogProof::parse(b"\xff"), Err(TlogProofError::Text));
    assert_eq!(
        TlogProof::parse(&vec![b'a'; PROOF_BYTES_MAX + 1]),
        Err(TlogProofError::Text)
    );
    let note = TlogProof::parse(format!("{text}more\n").as_bytes()).unwrap_err();
    assert!(
        matches!(note, TlogProofError::Checkpoint(CheckpointError::Note(_))),
        "{note}"
    );
}

#[test]
fn extra_data_is_kept() {
    let (entry, proof) = proof_of(&TestLog::new(&[2]), 1);
    for extra in [vec![], vec![0, 255]] {
        let proof = TlogProof {
            extra: Some(extra),
            ..proof.clone()
        };
        let again = TlogProof::parse(proof.to_string().as_bytes()).unwrap();
        assert_eq!(again, proof);
        again.verify(&entry, &key()).unwrap();
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_never_verifies(spot in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let (entry, proof) = proof_of(&TestLog::new(&[5]), 3);
        let mut bytes = proof.to_string().into_bytes();
        let at = spot.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let proof = TlogProof::parse(&bytes);
        prop_assert!(proof.is_err() || proof.is_ok_and(|proof| proof.verify(&entry, &key()).is_err()));
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in any::<Vec<u8>>(),
        text in "c2sp.org/tlog-proof@v1\n(extra [A-Za-z0-9+/]{4}\n)?index [0-9]{1,20}\n([A-Za-z0-9+/]{43}=\n){0,3}\n\\PC{1,9}\n\n(— n [A-Za-z0-9+/]{8}\n){1,2}",
    ) {
        for bytes in [bytes, text.into_bytes()] {
            if let Ok(proof) = TlogProof::parse(&bytes) {
                prop_assert_eq!(proof.to_string().into_bytes(), bytes);
            }
        }
    }
}

/// The example of c2sp.org/tlog-proof. Its signatures are abbreviated there, as its path is; a signature of
/// another example of C2SP stands for them, and the proof reads back without proving anything.
#[test]
fn the_example_of_the_specification() {
    let example = "c2sp.org/tlog-proof@v1\n\
                   extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ\n\
                   index 73894\n\
                   gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n\
                   B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n\
                   EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\n\
                   RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n\
                   AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n\
                   \n\
                   example.com/fancylog\n\
                   109482\n\
                   sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\
                   \n\
                   — example.com/fancylog Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let proof = TlogProof::parse(example.as_bytes()).unwrap();
    assert_eq!((proof.index, proof.path.len()), (73_894, 5));
    let checkpoint: Checkpoint = proof.note.text().parse().unwrap();
    assert_eq!(
        (checkpoint.origin.as_str(), checkpoint.size),
        ("example.com/fancylog", 109_482)
    );
    assert_eq!(proof.to_string(), example);
}
