use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::cosignature::cosign;
use crate::hash::leaf_hash;
use crate::key::KeyType;
use crate::key::SignerKey;
use crate::testing::signer;

fn witness(number: u8) -> SignerKey {
    let name = format!("witness.example/{number}");
    SignerKey::from_seed(&name, KeyType::Cosignature, &[100 + number; 32]).unwrap()
}

fn head(witnesses: &[u8]) -> Note {
    let origin = signer().public().name().into();
    let head = Checkpoint {
        origin,
        size: 1,
        root: leaf_hash(b""),
        extensions: Vec::new(),
    };
    let mut note = head.sign(&signer());
    for &number in witnesses {
        note.add(cosign(&note, &witness(number), 1000 + u64::from(number)).unwrap());
    }
    note
}

/// A policy with our log, witnesses 1 to 6 as `W1` to `W6`, and these lines.
fn policy(lines: &str) -> Result<Policy, PolicyError> {
    let mut text = format!("log {} https://log.example/2026/\n", signer().public());
    for number in 1..=6 {
        writeln!(text, "witness W{number} {}", witness(number).public()).unwrap();
    }
    (text + lines).parse()
}

/// The example of c2sp.org/tlog-policy: two of the first three and any of the others.
const EXAMPLE: &str = "\n# Two interests must agree.\n\
                       group X-witnesses 2 W1 W2 W3\n\
                       group\tY-witnesses any  W4 W5 W6 \n\
                       \t group X-and-Y all X-witnesses Y-witnesses\n\
                       quorum X-and-Y\n";

#[test]
fn two_groups_must_agree() {
    let policy = policy(EXAMPLE).unwrap();
    assert!(policy.needs_witnesses());
    assert_eq!(
        policy.logs()[0].url.as_deref(),
        Some("https://log.example/2026/")
    );
    for trusted in [&[1, 2, 4][..], &[1, 3, 6], &[1, 2, 3, 4, 5, 6]] {
        let witnessed = policy.check(&head(trusted)).unwrap();
        assert_eq!(witnessed.checkpoint.size, 1);
        assert_eq!(witnessed.witnesses.len(), trusted.len());
        assert_eq!(witnessed.witnesses["W1"], 1001);
    }
    for distrusted in [&[][..], &[1, 4], &[1, 2, 3], &[4, 5, 6], &[1, 4, 5, 6]] {
        let error = policy.check(&head(distrusted)).unwrap_err();
        assert!(matches!(error, DistrustError::Quorum { .. }), "{error}");
    }
}

#[test]
fn errors_say_who_cosigned() {
    let policy = policy(EXAMPLE).unwrap();
    let message = |witnesses: &[u8]| policy.check(&head(witnesses)).unwrap_err().to_string();
    assert_eq!(
        message(&[1, 4]),
        "the cosignatures do not make a quorum: only `W1`, `W4` cosigned"
    );
    assert_eq!(
        message(&[]),
        "the cosignatures do not make a quorum: no witness of the policy cosigned"
    );
}

#[test]
fn one_witness_or_none_can_be_enough() {
    let one = policy("quorum W2\n").unwrap();
    one.check(&head(&[2])).unwrap();
    one.check(&head(&[1, 3])).unwrap_err();
    let none = policy("quorum none\n").unwrap();
    assert!(!none.needs_witnesses());
    none.check(&head(&[])).unwrap();
    let alone = Policy::log_alone(signer().public().clone());
    alone.check(&head(&[])).unwrap();
}

#[test]
fn the_log_must_be_listed_and_its_signature_right() {
    let policy = policy("quorum none\n").unwrap();
    let other = SignerKey::from_seed("other.example", KeyType::Note, &[9; 32]).unwrap();
    let text = head(&[]).text().to_owned();
    let unlisted = Note::sign(text, &other);
    assert_eq!(policy.check(&unlisted), Err(DistrustError::Log));
    let foreign = Note::sign("other.example\n0\n".into(), &signer());
    assert!(matches!(
        policy.check(&foreign),
        Err(DistrustError::Checkpoint(_))
    ));
}

/// A listed witness whose cosignature is wrong is a sign of trouble, whatever the quorum needs.
#[test]
fn a_wrong_cosignature_is_an_error() {
    let policy = policy("quorum W2\n").unwrap();
    let mut note = head(&[1, 2]);
    let mut line = note.signatures()[1].clone();
    line.signature[30] ^= 1;
    note.add(line);
    let error = policy.check(&note).unwrap_err();
    assert!(matches!(error, DistrustError::Cosignature(_)), "{error}");
}

#[test]
fn malformed_policies_name_line_and_fault() {
    let check = |lines: &str, line: usize, problem: PolicyProblem| {
        assert_eq!(
            policy(lines),
            Err(PolicyError {
                line: 7 + line,
                problem
            }),
            "{lines}"
        );
    };
    let unknown = |name: &str| PolicyProblem::UnknownName(name.into());
    let repeated = |name: &str| PolicyProblem::RepeatedName(name.into());
    check("", 1, PolicyProblem::Quorum);
    check("quorum none\nquorum none\n", 2, PolicyProblem::Quorum);
    check("quorum none", 1, PolicyProblem::Text);
    check("quorum\u{1}none\n", 1, PolicyProblem::Text);
    check("quorum none\r\n", 1, PolicyProblem::Text);
    check("quorum W9\n", 1, unknown("W9"));
    check("quorum G\ngroup G any W1\n", 1, unknown("G"));
    check("group G any none\n", 1, unknown("none"));
    check("group G any G\n", 1, unknown("G"));
    check("group G any\n", 1, PolicyProblem::Form);
    check("quorum W1 W2\n", 1, PolicyProblem::Form);
    check("Quorum none\n", 1, PolicyProblem::Form);
    check("quorum\u{a0}none\n", 1, PolicyProblem::Form);
    for k in ["0", "3", "01", "+1", "two"] {
        check(
            &format!("group G {k} W1 W2\n"),
            1,
            PolicyProblem::Threshold(k.into()),
        );
    }
    check("group W1 any W2\n", 1, repeated("W1"));
    check("group none any W2\n", 1, repeated("none"));
    check(
        "group G any W1 W1\n",
        1,
        PolicyProblem::RepeatedMember("W1".into()),
    );
    check(
        "group G any W1\ngroup H any W1\n",
        2,
        PolicyProblem::RepeatedMember("W1".into()),
    );
    let (log, key) = (signer(), witness(1));
    let (log, key) = (log.public(), key.public());
    let again = PolicyProblem::RepeatedKey;
    check(&format!("log {log}\n"), 1, again(log.name().into()));
    check(&format!("witness W7 {key}\n"), 1, again("W7".into()));
    check(
        &format!("witness W7 {log}\n"),
        1,
        PolicyProblem::KeyType("W7".into()),
    );
    check(
        &format!("log {key}\n"),
        1,
        PolicyProblem::KeyType(key.name().into()),
    );
    check(
        &format!("witness W7 {key}=\n"),
        1,
        PolicyProblem::Key(KeyError::Form("NAME+ID+KEY")),
    );
    let renamed = SignerKey::from_seed("again", KeyType::Note, &[1; 32]).unwrap();
    check(
        &format!("log {}\n", renamed.public()),
        1,
        again("again".into()),
    );
}

proptest! {
    /// Quorums agree with their definition, evaluated from the top down.
    #[test]
    fn quorums_are_thresholds(k in 1_usize..=3, l in 1_usize..=3, m in 1_usize..=2, signed in 0_u8..64) {
        let text = format!("group A {k} W1 W2 W3\ngroup B {l} W4 W5 W6\ngroup C {m} A B\nquorum C\n");
        let policy = policy(&text).unwrap();
        let count = |bits: u8| (signed & bits).count_ones() as usize;
        let expected = usize::from(count(0b111) >= k) + usize::from(count(0b11_1000) >= l) >= m;
        let cosigned = |name: &str| signed >> (name[1..].parse::<u8>().unwrap() - 1) & 1 == 1;
        prop_assert_eq!(policy.is_quorum(cosigned), expected);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*|((log|witness|group|quorum|#)[ \t][a-z0-9+ ]{0,12}\n){0,6}") {
        let _ = text.parse::<Policy>();
    }
}
