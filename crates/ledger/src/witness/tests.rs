use std::convert::Infallible;

use proptest::prelude::*;

use super::*;
use crate::cosignature::{add_cosignatures, verify_cosignature};
use crate::hash::leaf_hash;
use crate::key::KeyType;
use crate::note::parse_signatures;
use crate::testing::signer;
use crate::tree::{node_in, prove_consistency, root};

#[derive(Debug, Default)]
struct Memory {
    last: BTreeMap<String, Note>,
    evidence: Vec<(Note, AddCheckpoint)>,
    /// A head that another request stores just before the next replacement.
    race: Option<Note>,
}

impl WitnessStore for Memory {
    type Error = Infallible;

    fn last(&mut self, origin: &str) -> Result<Option<Note>, Infallible> {
        Ok(self.last.get(origin).cloned())
    }

    fn replace(
        &mut self,
        origin: &str,
        last: Option<&Note>,
        new: &Note,
    ) -> Result<bool, Infallible> {
        if let Some(note) = self.race.take() {
            self.last.insert(origin.into(), note);
        }
        let same = self.last.get(origin) == last;
        if same {
            self.last.insert(origin.into(), new.clone());
        }
        Ok(same)
    }

    fn keep_evidence(
        &mut self,
        _: &str,
        last: &Note,
        refused: &AddCheckpoint,
    ) -> Result<(), Infallible> {
        self.evidence.push((last.clone(), refused.clone()));
        Ok(())
    }
}

fn key() -> SignerKey {
    SignerKey::from_seed("witness.example", KeyType::Cosignature, &[50; 32]).unwrap()
}

fn witness() -> Witness {
    Witness::new(vec![key()], [signer().public().clone()])
}

fn leaves(size: u64) -> Vec<Hash> {
    (0..size)
        .map(|index| leaf_hash(&index.to_be_bytes()))
        .collect()
}

fn head(size: u64, root: Hash) -> Note {
    let origin = signer().public().name().into();
    Checkpoint {
        origin,
        size,
        root,
        extensions: Vec::new(),
    }
    .sign(&signer())
}

/// The honest request to go from one size to another.
fn request(old: u64, new: u64) -> AddCheckpoint {
    let leaves = leaves(new);
    let proof = prove_consistency(old, new, node_in(&leaves)).unwrap_or_default();
    AddCheckpoint {
        old,
        proof,
        note: head(new, root(&leaves)),
    }
}

fn send(store: &mut Memory, request: &AddCheckpoint) -> Answer {
    witness()
        .add_checkpoint(store, request.to_string().as_bytes(), 1000)
        .unwrap()
}

fn store_at(size: u64) -> Memory {
    let mut store = Memory::default();
    assert_eq!(send(&mut store, &request(0, size)).status(), 200);
    store
}

#[test]
fn growing_heads_are_cosigned() {
    let mut store = Memory::default();
    for (old, new) in [(0, 0), (0, 1), (1, 1), (1, 5), (5, 8), (8, 300)] {
        let request = request(old, new);
        let answer = send(&mut store, &request);
        assert_eq!(answer.status(), 200, "{old} to {new}");
        // What the client does: keep the lines that verify.
        let mut note = request.note.clone();
        let lines = parse_signatures(&answer.body()).unwrap();
        let known = [key().public().clone()];
        assert_eq!(add_cosignatures(&mut note, &lines, &known), [&known[0]]);
        assert_eq!(verify_cosignature(&note, &known[0]), Ok(1000));
        // The witness keeps the whole head, with the log's signature.
        assert_eq!(store.last[signer().public().name()], request.note);
    }
    assert!(store.evidence.is_empty());
}

#[test]
fn malformed_requests_are_bad() {
    let good = request(1, 5).to_string();
    let check = |body: &str| {
        let mut store = store_at(1);
        let answer = witness()
            .add_checkpoint(&mut store, body.as_bytes(), 0)
            .unwrap();
        assert_eq!(answer.status(), 400, "{body}");
    };
    check("");
    check(&good.replacen("old 1", "old 01", 1));
    check(&good.replacen("old 1", "old -1", 1));
    check(&good.replacen("old 1", "size 1", 1));
    check(&good.replacen("old 1\n", "old 1\nAAAA\n", 1));
    check(&good.replacen("\n\n", "\n", 1));
    check(&format!("{good}trailing"));
    check(&good.replacen("log.example/2026\n5", "log.example/2026\n05", 1));
    let hash = format!("{}\n", leaf_hash(b""));
    check(&good.replacen("old 1\n", &format!("old 1\n{}", hash.repeat(64)), 1));
    // The old size is larger than the head's.
    check(&good.replacen("old 1", "old 6", 1));
}

#[test]
fn unknown_logs_and_keys_are_refused() {
    let mut store = Memory::default();
    let other = SignerKey::from_seed("other.example", KeyType::Note, &[9; 32]).unwrap();
    let foreign = Checkpoint {
        origin: "other.example".into(),
        size: 0,
        root: empty_root(),
        extensions: Vec::new(),
    };
    let foreign = AddCheckpoint {
        note: foreign.sign(&other),
        ..request(0, 0)
    };
    assert_eq!(send(&mut store, &foreign).status(), 404);
    let forged = Note::sign(request(0, 3).note.text().into(), &other);
    let forged = AddCheckpoint {
        note: forged,
        ..request(0, 3)
    };
    assert_eq!(send(&mut store, &forged).status(), 403);
    assert!(store.last.is_empty() && store.evidence.is_empty());
}

#[test]
fn another_old_size_is_a_conflict_and_tells_the_right_one() {
    let mut store = store_at(5);
    for old in [0, 1, 4, 6, 7] {
        let answer = send(&mut store, &request(old, 8));
        assert_eq!(
            (answer.status(), answer.body().as_str()),
            (409, "5\n"),
            "{old}"
        );
        assert_eq!(answer.content_type(), "text/x.tlog.size");
    }
    // A rollback looks the same to the witness.
    assert_eq!(send(&mut store, &request(3, 4)), Answer::Conflict(5));
    assert!(store.evidence.is_empty());
}

#[test]
fn a_second_root_for_a_size_is_refused_and_kept_as_evidence() {
    let mut store = store_at(5);
    let first = store.last[signer().public().name()].clone();
    let split = AddCheckpoint {
        note: head(5, leaf_hash(b"other")),
        ..request(5, 5)
    };
    assert_eq!(send(&mut store, &split).status(), 422);
    assert_eq!(store.evidence, [(first.clone(), split.clone())]);
    // The same two heads contradict each other whatever the sender says it knows.
    let disguised = AddCheckpoint { old: 0, ..split };
    assert_eq!(send(&mut store, &disguised), Answer::Conflict(5));
    assert_eq!(store.evidence.len(), 2);
    assert_eq!(store.last[signer().public().name()], first);
}

#[test]
fn a_rewritten_history_is_refused_and_kept_as_evidence() {
    let mut store = store_at(5);
    let mut other = leaves(8);
    other[2] = leaf_hash(b"other");
    let proof = prove_consistency(5, 8, node_in(&other)).unwrap();
    let rewritten = AddCheckpoint {
        old: 5,
        proof,
        note: head(8, root(&other)),
    };
    assert_eq!(send(&mut store, &rewritten).status(), 422);
    let wrong_proof = AddCheckpoint {
        proof: Vec::new(),
        ..request(5, 8)
    };
    assert_eq!(send(&mut store, &wrong_proof).status(), 422);
    let needless = AddCheckpoint {
        proof: vec![leaf_hash(b"")],
        ..request(5, 5)
    };
    assert_eq!(send(&mut store, &needless).status(), 422);
    assert_eq!(store.evidence.len(), 3);
    assert_eq!(store.last[signer().public().name()], request(0, 5).note);
}

#[test]
fn a_first_head_comes_without_proof() {
    let mut store = Memory::default();
    let needless = AddCheckpoint {
        proof: vec![leaf_hash(b"")],
        ..request(0, 5)
    };
    assert_eq!(send(&mut store, &needless).status(), 422);
    // A size of zero has one root only.
    let nonsense = AddCheckpoint {
        note: head(0, leaf_hash(b"")),
        ..request(0, 0)
    };
    assert_eq!(send(&mut store, &nonsense).status(), 422);
    assert!(store.last.is_empty());
}

/// The race of the specification: a slower request must not roll back a faster one.
#[test]
fn a_lost_race_is_a_conflict() {
    let mut store = store_at(5);
    store.race = Some(request(5, 300).note);
    assert_eq!(send(&mut store, &request(5, 8)), Answer::Conflict(300));
    assert_eq!(store.last[signer().public().name()], request(5, 300).note);
}

#[test]
fn a_damaged_record_is_not_an_empty_one() {
    let mut store = Memory::default();
    let origin = signer().public().name().to_owned();
    store
        .last
        .insert(origin, Note::sign("no checkpoint\n".into(), &signer()));
    assert_eq!(send(&mut store, &request(0, 5)).status(), 500);
}

#[test]
fn any_of_a_logs_keys_will_do() {
    let next = SignerKey::from_seed(signer().public().name(), KeyType::Note, &[2; 32]).unwrap();
    let keys = [signer().public().clone(), next.public().clone()];
    let witness = Witness::new(vec![key()], keys);
    let mut store = store_at(5);
    let request = request(5, 8);
    let renewed = Note::sign(request.note.text().into(), &next);
    let body = AddCheckpoint {
        note: renewed,
        ..request
    }
    .to_string();
    let answer = witness
        .add_checkpoint(&mut store, body.as_bytes(), 0)
        .unwrap();
    assert_eq!(answer.status(), 200);
}

proptest! {
    /// Whatever is sent, in whatever order, all heads ever cosigned lie on one history.
    #[test]
    fn cosigned_heads_never_contradict_each_other(
        sent in prop::collection::vec((0_u64..12, 0_u64..12, any::<bool>(), any::<bool>()), 1..40),
    ) {
        let mut fork = leaves(12);
        fork[4] = leaf_hash(b"other");
        let mut store = Memory::default();
        let mut cosigned: Vec<(u64, Hash)> = Vec::new();
        for (old, new, forked, honest_old) in sent {
            let last = cosigned.last().map_or(0, |(size, _)| *size);
            let old = if honest_old { last } else { old };
            let history = if forked { fork.clone() } else { leaves(12) };
            let history = &history[..new as usize];
            let proof = prove_consistency(old, new, node_in(history)).unwrap_or_default();
            let request = AddCheckpoint { old, proof, note: head(new, root(history)) };
            if send(&mut store, &request).status() == 200 {
                prop_assert!(new >= last);
                cosigned.push((new, root(history)));
            }
        }
        let on = |history: &[Hash]| {
            cosigned.iter().all(|(size, head)| *head == root(&history[..*size as usize]))
        };
        prop_assert!(on(&leaves(12)) || on(&fork));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>(), text in "old [0-9]{1,3}\n([A-Za-z0-9+/]{43}=\n){0,3}\n[a-z]\n1\n[A-Za-z0-9+/]{43}=\n\n(— n [A-Za-z0-9+/]{8}\n){1,2}") {
        for bytes in [bytes, text.into_bytes()] {
            if let Some(request) = AddCheckpoint::parse(&bytes) {
                prop_assert_eq!(request.to_string().into_bytes(), bytes);
            }
        }
    }
}

/// The examples of c2sp.org/tlog-witness: a request with a proof of four hashes and two signatures, and
/// the answer of two witnesses, one with two keys.
#[test]
fn the_examples_of_the_specification() {
    let request = "old 20852014\n\
                   PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
                   jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
                   5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
                   /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\
                   \n\
                   example.com/behind-the-sofa\n\
                   20852163\n\
                   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
                   \n\
                   — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
                   — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";
    let read = AddCheckpoint::parse(request.as_bytes()).unwrap();
    assert_eq!((read.old, read.proof.len()), (20_852_014, 4));
    assert_eq!(read.note.signatures().len(), 2);
    assert_eq!(read.to_string(), request);
    let answer = "— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n\
                  — witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==\n\
                  — witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==\n";
    let lines = parse_signatures(answer).unwrap();
    let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "witness.example/w1",
            "witness.example/w1",
            "witness.example/w2"
        ]
    );
    assert_ne!(lines[0].id, lines[1].id);
}
