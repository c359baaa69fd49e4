use proptest::prelude::*;
use signed_note::{StandardSigner, StandardVerifier, VerifierList};

use super::*;
use crate::key::KeyError;

/// Keys and note of the signed-note documentation (pkg.go.dev/golang.org/x/mod/sumdb/note).
const SECRET: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n\
                    \n\
                    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn key(name: &str, seed: u8) -> SignerKey {
    SignerKey::from_seed(name, KeyType::Note, &[seed; 32]).unwrap()
}

#[test]
fn known_key_signs_the_known_note() {
    let signer: SignerKey = SECRET.parse().unwrap();
    assert_eq!(signer.public().to_string(), PUBLIC);
    assert_eq!(signer.to_secret_text().as_str(), SECRET);
    let note = Note::sign(TEXT.into(), &signer);
    assert_eq!(note.to_string(), NOTE);
    let note = Note::parse(NOTE.as_bytes()).unwrap();
    assert_eq!(note.text(), TEXT);
    assert_eq!(note.verify(&PUBLIC.parse().unwrap()), Ok(()));
}

#[test]
fn secrets_do_not_show() {
    let signer: SignerKey = SECRET.parse().unwrap();
    assert_eq!(format!("{signer:?}"), "SignerKey(PeterNeumann, secret)");
    let broken = SECRET.replace("PRIVATE+KEY+", "PRIVATE+");
    let error = format!("{0} {0:?}", broken.parse::<SignerKey>().unwrap_err());
    assert!(!error.contains("AYEK"), "{error}");
}

#[test]
fn malformed_keys_are_refused() {
    let form = KeyError::Form("NAME+ID+KEY");
    let check = |text: String, error: KeyError| {
        assert_eq!(text.parse::<VerifierKey>(), Err(error), "{text}");
    };
    check(String::new(), form.clone());
    check("PeterNeumann+c74f20a3".into(), form.clone());
    check(
        PUBLIC.replace("PeterNeumann", ""),
        KeyError::Name(String::new()),
    );
    check(
        PUBLIC.replace("PeterN", "Peter N"),
        KeyError::Name("Peter Neumann".into()),
    );
    check(
        PUBLIC.replace("c74f", "C74F"),
        KeyError::Id("PeterNeumann".into()),
    );
    check(
        PUBLIC.replace("Peter", "Petra"),
        KeyError::Id("PetraNeumann".into()),
    );
    check(format!("{PUBLIC}="), form.clone());
    check(format!("{PUBLIC}\n"), form.clone());
    check(PUBLIC.replace("ARpc", "AApc"), KeyError::Type(0));
    check(format!("n+00000000+{}", STANDARD.encode([1; 32])), form);
    // The neutral point: anybody can sign under it.
    let mut weak = [0; 32];
    weak[0] = 1;
    let weak = VerifierKey::new("n", KeyType::Note, &weak);
    assert_eq!(weak, Err(KeyError::Point("n".into())));
}

#[test]
fn malformed_notes_are_refused() {
    let check = |note: &str, error: NoteError| {
        assert_eq!(Note::parse(note.as_bytes()), Err(error), "{note}");
    };
    let signature = NOTE.rsplit_once("\n\n").unwrap().1;
    check("", NoteError::Separator);
    check("text\n", NoteError::Separator);
    check("text\n\n", NoteError::Separator);
    check(&format!("\n\n{signature}"), NoteError::Separator);
    check(&format!("text\n{signature}"), NoteError::Separator);
    check(&format!("text\n\n{signature}\n"), NoteError::Separator);
    check(
        &format!("text\n\n{signature} "),
        NoteError::SignatureLine(2),
    );
    check(
        &format!("text\n\n{}", signature.trim_end()),
        NoteError::SignatureLine(1),
    );
    check(
        &format!("text\n\n{signature}more\n"),
        NoteError::SignatureLine(2),
    );
    check(
        &format!("text\n\n{}", signature.replace('—', "-")),
        NoteError::SignatureLine(1),
    );
    check(
        &format!("text\n\n{}", signature.replace("M=", "N=")),
        NoteError::SignatureLine(1),
    );
    check(
        &format!("text\n\n{}", signature.replace('=', "")),
        NoteError::SignatureLine(1),
    );
    check("text\n\n— n AAAAAA==\n", NoteError::SignatureLine(1));
    check("text\n\n— n+n AAAAAAA=\n", NoteError::SignatureLine(1));
    check("text\n\n—  AAAAAAA=\n", NoteError::SignatureLine(1));
    check(&format!("te\txt\n\n{signature}"), NoteError::Text);
    check(&format!("text\r\n\n{signature}"), NoteError::Text);
    check(
        &format!("text\n\n{}", signature.repeat(65)),
        NoteError::TooManySignatures,
    );
    check(&"x".repeat(NOTE_BYTES_MAX + 1), NoteError::TooLong);
    assert_eq!(Note::parse(b"\xff\n\n"), Err(NoteError::Text));
}

#[test]
fn wrong_signatures_are_refused() {
    let (ours, other) = (key("log.example", 1), key("log.example", 2));
    let note = Note::sign("text\n".into(), &ours);
    assert_eq!(note.verify(ours.public()), Ok(()));
    assert_eq!(
        note.verify(other.public()),
        Err(NoteError::Unsigned("log.example".into()))
    );
    let renamed = key("log.example.org", 1);
    assert_eq!(
        note.verify(renamed.public()),
        Err(NoteError::Unsigned("log.example.org".into()))
    );

    let text = Note {
        text: "test\n".into(),
        ..note.clone()
    };
    assert_eq!(
        text.verify(ours.public()),
        Err(NoteError::Signature("log.example".into()))
    );
    let mut twice = note.clone();
    twice.signatures.push(note.signatures[0].clone());
    assert_eq!(
        twice.verify(ours.public()),
        Err(NoteError::Repeated("log.example".into()))
    );
    let mut long = note.clone();
    long.signatures[0].signature.push(0);
    assert_eq!(
        long.verify(ours.public()),
        Err(NoteError::Signature("log.example".into()))
    );
}

#[test]
fn a_cosigner_key_does_not_sign_notes() {
    let seed = [3; 32];
    let log = SignerKey::from_seed("n", KeyType::Note, &seed).unwrap();
    let witness = SignerKey::from_seed("n", KeyType::Cosignature, &seed).unwrap();
    assert_ne!(log.public().id(), witness.public().id());
    let mut note = Note::sign("text\n".into(), &log);
    note.signatures[0].id = witness.public().id();
    assert_eq!(
        note.verify(witness.public()),
        Err(NoteError::Signature("n".into()))
    );
}

#[test]
fn adding_replaces_the_signature_of_the_same_key() {
    let mut note = Note::sign("text\n".into(), &key("a", 1));
    let line = Note::sign("text\n".into(), &key("b", 2))
        .signatures
        .remove(0);
    note.add(line.clone());
    note.add(line.clone());
    assert_eq!(note.signatures()[1..], [line]);
    assert_eq!(note.verify(key("a", 1).public()), Ok(()));
}

proptest! {
    #[test]
    fn agrees_with_signed_note(seed in any::<[u8; 32]>(), name in "[a-z./]{1,20}", text in "\\PC{1,80}\n") {
        let ours = SignerKey::from_seed(&name, KeyType::Note, &seed).unwrap();
        let theirs = StandardSigner::new(&ours.to_secret_text()).unwrap();
        let verifier = StandardVerifier::new(&ours.public().to_string()).unwrap();
        let note = Note::sign(text.clone(), &ours);
        let bytes = note.to_string().into_bytes();
        let read = signed_note::Note::from_bytes(&bytes).unwrap();
        let known = VerifierList::new(vec![Box::new(verifier)]);
        prop_assert!(read.verify(&known).is_ok());
        let mut signed = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
        signed.add_sigs(&[&theirs]).unwrap();
        prop_assert_eq!(signed.to_bytes(), bytes);
    }

    #[test]
    fn notes_read_back(seed in any::<[u8; 32]>(), text in "(\\PC{0,20}\n){1,4}") {
        prop_assume!(!text.trim_matches('\n').is_empty());
        let signer = SignerKey::from_seed("n", KeyType::Note, &seed).unwrap();
        let note = Note::sign(text, &signer);
        prop_assert_eq!(Note::parse(note.to_string().as_bytes()), Ok(note));
    }

    #[test]
    fn a_flipped_bit_never_verifies(spot in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let mut bytes = NOTE.as_bytes().to_vec();
        let at = spot.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let key = PUBLIC.parse().unwrap();
        let note = Note::parse(&bytes);
        prop_assert!(note.is_err() || note.is_ok_and(|note| note.verify(&key).is_err()));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>(), text in "(\\PC{0,9}\n){0,4}\n?(— \\PC{0,20}\n)*") {
        for bytes in [bytes, text.into_bytes()] {
            if let Ok(note) = Note::parse(&bytes) {
                prop_assert_eq!(note.to_string().into_bytes(), bytes);
            }
        }
    }

    #[test]
    fn any_text_is_a_key_or_refused(text in "\\PC*|(PRIVATE\\+KEY\\+)?[a-z]{1,3}\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]{40,48}=?") {
        if let Ok(key) = text.parse::<VerifierKey>() {
            prop_assert_eq!(key.to_string(), text.clone());
        }
        if let Ok(key) = text.parse::<SignerKey>() {
            let again = key.to_secret_text();
            prop_assert_eq!(again.as_str(), text);
        }
    }
}

/// The example of c2sp.org/signed-note: an empty line within the text, which is read from the last one.
#[test]
fn the_example_of_the_specification() {
    let example = "Ognuno sta solo sul cuor della terra\n\
                   trafitto da un raggio di sole:\n\
                   \n\
                   ed è subito sera.\n\
                   \n\
                   — quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    let note = Note::parse(example.as_bytes()).unwrap();
    assert!(note.text().ends_with("di sole:\n\ned è subito sera.\n"));
    let [line] = note.signatures() else {
        panic!("{:?}", note.signatures());
    };
    assert_eq!(line.name, "quasimodo.example/salvatore");
    assert_eq!(
        (line.id.to_string(), line.signature.len()),
        ("367ba04b".to_owned(), 64)
    );
    assert_eq!(note.to_string(), example);
}
