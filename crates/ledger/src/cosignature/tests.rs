use proptest::prelude::*;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::hash::leaf_hash;
use crate::testing::signer;

fn witness(seed: u8) -> SignerKey {
    SignerKey::from_seed("witness.example/w1", KeyType::Cosignature, &[seed; 32]).unwrap()
}

fn head() -> Note {
    let origin = signer().public().name().into();
    Checkpoint {
        origin,
        size: 1,
        root: leaf_hash(b""),
        extensions: Vec::new(),
    }
    .sign(&signer())
}

fn cosigned(witness: &SignerKey, time: u64) -> Note {
    let mut note = head();
    note.add(cosign(&note, witness, time).unwrap());
    note
}

#[test]
fn signs_the_message_of_the_specification() {
    let note = cosigned(&witness(7), 1_679_315_147);
    let line = &note.signatures()[1];
    assert_eq!(line.signature.len(), 8 + 64);
    assert_eq!(line.signature[..8], 1_679_315_147_u64.to_be_bytes());
    let message = format!(
        "cosignature/v1\ntime 1679315147\nlog.example/2026\n1\n{}\n",
        leaf_hash(b"")
    );
    assert!(
        witness(7)
            .public()
            .verify(message.as_bytes(), &line.signature[8..])
    );
    assert_eq!(
        verify_cosignature(&note, witness(7).public()),
        Ok(1_679_315_147)
    );
    // The log's own signature still stands beside it.
    note.verify(signer().public()).unwrap();
}

fn post_quantum(seed: u8) -> SignerKey {
    SignerKey::from_seed(
        "witness.example/w1",
        KeyType::CosignatureMlDsa44,
        &[seed; 32],
    )
    .unwrap()
}

#[test]
fn signs_the_structure_of_the_specification() {
    let note = cosigned(&post_quantum(7), 1_679_315_147);
    let line = &note.signatures()[1];
    assert_eq!(line.signature.len(), 8 + 2420);
    let mut message = b"subtree/v1\n\0\x12witness.example/w1".to_vec();
    message.extend_from_slice(&1_679_315_147_u64.to_be_bytes());
    message.extend_from_slice(b"\x10log.example/2026");
    message.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    message.extend_from_slice(&leaf_hash(b"").0);
    let key = post_quantum(7);
    assert!(key.public().verify(&message, &line.signature[8..]));
    assert_eq!(verify_cosignature(&note, key.public()), Ok(1_679_315_147));
    // The keys survive their text form.
    assert_eq!(key.public().to_string().parse(), Ok(key.public().clone()));
    let again: SignerKey = key.to_secret_text().parse().unwrap();
    assert_eq!(again.public(), key.public());
    for at in [3, 7, 8, 100, 2427] {
        let mut line = line.clone();
        line.signature[at] ^= 1;
        let mut note = head();
        note.add(line);
        assert!(verify_cosignature(&note, key.public()).is_err(), "{at}");
    }
}

/// Extension lines are covered by one form and not by the other, as the specification says.
#[test]
fn an_extension_line_is_outside_the_structure() {
    let extended = |witness: &SignerKey| {
        let text = cosigned(witness, 5)
            .to_string()
            .replacen("=\n\n", "=\nmore\n\n", 1);
        verify_cosignature(&Note::parse(text.as_bytes()).unwrap(), witness.public())
    };
    assert!(extended(&witness(7)).is_err());
    assert_eq!(extended(&post_quantum(7)), Ok(5));
}

#[test]
fn wrong_cosignatures_are_refused() {
    let note = cosigned(&witness(7), 5);
    let name = String::from(witness(7).public().name());
    let unsigned = Err(NoteError::Unsigned(name.clone()));
    assert_eq!(verify_cosignature(&head(), witness(7).public()), unsigned);
    assert_eq!(verify_cosignature(&note, witness(8).public()), unsigned);

    let wrong = Err(NoteError::Signature(name));
    let with = |change: &dyn Fn(&mut SignatureLine)| {
        let mut line = note.signatures()[1].clone();
        change(&mut line);
        let mut note = head();
        note.add(line);
        note
    };
    let check = |change: &dyn Fn(&mut SignatureLine)| {
        assert_eq!(
            verify_cosignature(&with(change), witness(7).public()),
            wrong
        );
    };
    check(&|line| line.signature[7] ^= 1);
    check(&|line| line.signature[8] ^= 1);
    check(&|line| line.signature.truncate(7));
    check(&|line| line.signature.push(0));
    // Times of 2^63 and more are forbidden even when they are signed.
    let late = cosigned(&witness(7), 1 << 63);
    assert_eq!(verify_cosignature(&late, witness(7).public()), wrong);
}

#[test]
fn a_logs_signature_is_no_cosignature() {
    let note = head();
    let error = verify_cosignature(&note, signer().public()).unwrap_err();
    assert!(matches!(error, NoteError::Signature(_)));
}

#[test]
fn only_checked_cosignatures_are_added() {
    let known = [witness(7).public().clone()];
    let mut note = head();
    let mut bad = cosign(&note, &witness(7), 1).unwrap();
    bad.signature[20] ^= 1;
    let unknown = cosign(&note, &witness(8), 2).unwrap();
    assert!(add_cosignatures(&mut note, &[bad, unknown], &known).is_empty());
    assert_eq!(note, head());
    let lines = [
        cosign(&note, &witness(7), 3).unwrap(),
        cosign(&note, &witness(7), 4).unwrap(),
    ];
    assert_eq!(
        add_cosignatures(&mut note, &lines, &known),
        [&known[0], &known[0]]
    );
    assert_eq!(note.signatures().len(), 2);
    assert_eq!(verify_cosignature(&note, &known[0]), Ok(4));
}

proptest! {
    #[test]
    fn a_flipped_bit_never_verifies(time in 0..=i64::MAX as u64, spot in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let note = cosigned(&witness(7), time);
        prop_assert_eq!(verify_cosignature(&note, witness(7).public()), Ok(time));
        let mut bytes = note.to_string().into_bytes();
        // Flips in the log's own line do not concern the witness.
        let text = note.text().len() + 1;
        let own = note.signatures()[0].to_string().len();
        let at = spot.index(bytes.len() - own);
        bytes[if at < text { at } else { at + own }] ^= 1 << bit;
        let note = Note::parse(&bytes);
        prop_assert!(note.is_err() || verify_cosignature(&note.unwrap(), witness(7).public()).is_err());
    }
}

/// The example of c2sp.org/tlog-cosignature, whose time the text names.
#[test]
fn the_example_of_the_specification() {
    let example = "example.com/behind-the-sofa\n\
                   20852163\n\
                   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
                   \n\
                   — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
                   — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let note = Note::parse(example.as_bytes()).unwrap();
    let checkpoint: Checkpoint = note.text().parse().unwrap();
    assert_eq!(checkpoint.size, 20_852_163);
    let cosignature = &note.signatures()[1];
    assert_eq!(cosignature.name, "witness.example.com/w1");
    assert_eq!(cosignature.signature.len(), 8 + 64);
    assert_eq!(cosignature.signature[..8], 1_679_315_147_u64.to_be_bytes());
    assert_eq!(note.to_string(), example);
}
