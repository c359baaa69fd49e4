use std::fs;
use std::process::{Command, Output};

use proptest::prelude::*;
use zeroize::Zeroizing;

use crate::{Fresh, Identity, KeyError, OpenError, Recipient, open, seal};

fn fresh(seed: u8) -> Fresh {
    Fresh {
        ephemeral: Zeroizing::new([seed; 32]),
        file_key: Zeroizing::new([seed.wrapping_add(1); 16]),
        nonce: [seed.wrapping_add(2); 16],
    }
}

fn identity() -> Identity {
    Identity::from_secret([42; 32])
}

fn sealed(content: &[u8]) -> Vec<u8> {
    seal(content, &identity().recipient(), &fresh(7)).unwrap()
}

/// A chunk less, a whole one, and one more.
const LENGTHS: [usize; 6] = [0, 1, 65_535, 65_536, 65_537, 131_072];

#[test]
fn what_is_sealed_opens_with_its_key_alone() {
    for length in LENGTHS {
        let content = vec![b'x'; length];
        let sealed = sealed(&content);
        assert_eq!(*open(&sealed, &identity()).unwrap(), content, "{length}");
        let other = Identity::from_secret([43; 32]);
        assert_eq!(open(&sealed, &other), Err(OpenError::OtherKey));
    }
}

#[test]
fn a_cut_file_never_opens() {
    let sealed = sealed(&[b'x'; 70_000]);
    let starts = (0..300).chain([65_700, 65_722, 65_723, 65_740, sealed.len() - 1]);
    for length in starts {
        assert!(open(&sealed[..length], &identity()).is_err(), "{length}");
    }
    let longer = [&sealed[..], b"x"].concat();
    assert_eq!(open(&longer, &identity()), Err(OpenError::Content));
}

#[test]
fn a_recipient_of_small_order_is_not_sealed_to() {
    assert!(seal(b"x", &Recipient([0; 32]), &fresh(1)).is_none());
}

#[test]
fn keys_are_read_as_they_are_written() {
    let identity = identity();
    let secret = identity.to_secret_text();
    assert!(secret.starts_with("AGE-SECRET-KEY-1"), "{}", *secret);
    let read: Identity = secret.parse().unwrap();
    assert_eq!(read.recipient(), identity.recipient());
    let public = identity.recipient().to_string();
    assert_eq!(public.parse(), Ok(identity.recipient()));
    for wrong in [
        public.to_ascii_uppercase(),
        public.replace("age1", "agf1"),
        format!("{public}q"),
        public[..public.len() - 1].to_owned(),
        String::new(),
        "age1".to_owned(),
    ] {
        assert_eq!(
            wrong.parse::<Recipient>(),
            Err(KeyError::Recipient),
            "{wrong}"
        );
    }
    let lower = secret.to_ascii_lowercase();
    assert_eq!(lower.parse::<Identity>().err(), Some(KeyError::Identity));
}

#[test]
fn a_key_pair_from_another_program_agrees() {
    let Some(made) = run("age-keygen", &[]) else {
        return;
    };
    let text = String::from_utf8(made.stdout).unwrap();
    let secret = text.lines().last().unwrap();
    let public = text
        .lines()
        .find_map(|line| line.strip_prefix("# public key: "));
    let identity: Identity = secret.parse().unwrap();
    assert_eq!(identity.recipient().to_string(), public.unwrap());
}

/// Runs a program of Debian's package `age`; `None` where there is none, which `cargo xtask test`
/// does not let happen.
fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    let Ok(output) = Command::new(program).args(arguments).output() else {
        assert!(
            std::env::var_os("TRACEGATE_AGE").is_none(),
            "there is no `{program}`"
        );
        eprintln!("skipped: there is no `{program}`");
        return None;
    };
    assert!(output.status.success(), "{program}: {output:?}");
    Some(output)
}

#[test]
fn debians_age_opens_what_is_sealed_here_and_the_other_way_round() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (key, file) = (path("key"), path("file"));
    fs::write(&key, &*identity().to_secret_text()).unwrap();
    for length in LENGTHS {
        let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        fs::write(&file, sealed(&content)).unwrap();
        let Some(opened) = run("age", &["--decrypt", "--identity", &key, &file]) else {
            return;
        };
        assert!(opened.stdout == content, "{length}");
        fs::write(&file, &content).unwrap();
        // Their file is also for somebody else, so that a stanza must be passed over.
        let other = Identity::from_secret([9; 32]).recipient().to_string();
        let ours = identity().recipient().to_string();
        let theirs = run("age", &["--recipient", &other, "--recipient", &ours, &file]).unwrap();
        assert!(
            *open(&theirs.stdout, &identity()).unwrap() == content,
            "{length}"
        );
    }
}

proptest! {
    #[test]
    fn one_flipped_bit_anywhere_is_seen(at in 0usize..400, bit in 0u8..8) {
        let mut sealed = sealed(&[b'x'; 200]);
        let at = at % sealed.len();
        sealed[at] ^= 1 << bit;
        prop_assert!(open(&sealed, &identity()).is_err());
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let behind = [b"age-encryption.org/v1\n-> X25519 ", &bytes[..]].concat();
        prop_assert!(open(&bytes, &identity()).is_err());
        prop_assert!(open(&behind, &identity()).is_err());
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(text.parse::<Recipient>().is_err());
    }
}
