use proptest::prelude::*;

use super::*;
use crate::hash::leaf_hash;
use crate::key::KeyType;

/// The example of c2sp.org/tlog-checkpoint.
const EXAMPLE: &str = "example.com/behind-the-sofa\n\
                       20852163\n\
                       CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
                       \n\
                       — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

fn signer(name: &str) -> SignerKey {
    SignerKey::from_seed(name, KeyType::Note, &[1; 32]).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: "log.example".into(),
        size: 1,
        root: leaf_hash(b""),
        extensions: Vec::new(),
    }
}

#[test]
fn the_example_reads_back() {
    let note = Note::parse(EXAMPLE.as_bytes()).unwrap();
    let checkpoint: Checkpoint = note.text().parse().unwrap();
    assert_eq!(checkpoint.origin, "example.com/behind-the-sofa");
    assert_eq!(checkpoint.size, 20_852_163);
    assert_eq!(checkpoint.to_string(), note.text());
    assert_eq!(note.to_string(), EXAMPLE);
}

#[test]
fn opens_only_under_the_logs_own_key() {
    let ours = signer("log.example");
    let note = checkpoint().sign(&ours);
    assert_eq!(Checkpoint::open(&note, ours.public()), Ok(checkpoint()));
    let unsigned = Checkpoint::open(&note, signer("log.example/2").public());
    assert!(matches!(
        unsigned,
        Err(CheckpointError::Note(NoteError::Unsigned(_)))
    ));
    let other = signer("other.example");
    let origin = Checkpoint::open(&checkpoint().sign(&other), other.public());
    assert!(
        matches!(origin, Err(CheckpointError::Origin { .. })),
        "{origin:?}"
    );
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = leaf_hash(b"").to_string();
    let check = |text: String, error: CheckpointError| {
        assert_eq!(text.parse::<Checkpoint>(), Err(error), "{text}");
    };
    check(String::new(), CheckpointError::Lines);
    check(format!("log\n1\n{root}"), CheckpointError::Lines);
    check("log\n1\n".into(), CheckpointError::Lines);
    check(format!("\n1\n{root}\n"), CheckpointError::Lines);
    check(format!("log\n1\n{root}\n\n"), CheckpointError::Lines);
    check(
        format!("log\n1\n{root}\n\nextension\n"),
        CheckpointError::Lines,
    );
    for size in [
        "01",
        "00",
        "+1",
        "-1",
        " 1",
        "1 ",
        "x",
        "9223372036854775808",
        "1e3",
    ] {
        check(
            format!("log\n{size}\n{root}\n"),
            CheckpointError::Size(size.into()),
        );
    }
    // The last character of a root's base64 has two bits to spare: they must be zero.
    assert!(root.ends_with("B0="), "{root}");
    let spare = root.replace("B0=", "B1=");
    for root in [
        "AA==",
        &root[..43],
        &format!("{root}="),
        &spare,
        &root.replace('=', "\u{e9}"),
    ] {
        check(
            format!("log\n1\n{root}\n"),
            CheckpointError::Root(root.to_string()),
        );
    }
}

#[test]
fn extension_lines_are_kept() {
    let text = format!("log\n0\n{}\none\ntwo\n", leaf_hash(b""));
    let checkpoint: Checkpoint = text.parse().unwrap();
    assert_eq!(checkpoint.extensions, ["one", "two"]);
    assert_eq!(checkpoint.to_string(), text);
}

proptest! {
    #[test]
    fn agrees_with_tlog_tiles(origin in "[a-z./]{1,20}", size in 0..=i64::MAX as u64, root in any::<[u8; 32]>()) {
        let root = Hash(root);
        let ours = Checkpoint { origin, size, root, extensions: Vec::new() };
        let theirs = tlog_tiles::checkpoint::Checkpoint::from_bytes(ours.to_string().as_bytes()).unwrap();
        prop_assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), (ours.origin.as_str(), size, root.0));
        prop_assert_eq!(String::from_utf8(theirs.to_bytes()).unwrap().parse(), Ok(ours));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*|[a-z]{1,3}\n[0-9]{1,20}\n[A-Za-z0-9+/]{40,44}=?\n(\\PC{0,3}\n)*") {
        if let Ok(checkpoint) = text.parse::<Checkpoint>() {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }
}
