use proptest::prelude::*;

use super::*;
use crate::index::build::tests::{person, without_repeats};
use crate::index::{MEMORY_BYTES, build};

fn built(people: &[Person], out: &Path) -> Index {
    build(people.iter().cloned().map(Ok), out, &mut |_| {}).unwrap();
    Index::open(out).unwrap()
}

fn delta_of(base: &Index, people: &[Person], removed: &HashSet<String>, out: &Path) {
    let people = people.iter().cloned().map(Ok);
    build_delta(base, MEMORY_BYTES, people, removed, out, &mut |_| {}).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn base_and_delta_give_the_file_of_a_new_build(
        before in prop::collection::vec(person(), 0..30),
        changes in prop::collection::vec(person(), 0..10),
        gone in prop::collection::hash_set((0..40u32).prop_map(|id| format!("P{id}")), 0..10),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (before, changes) = (without_repeats(&before), without_repeats(&changes));
        let base = built(&before, &path("base"));
        delta_of(&base, &changes, &gone, &path("delta"));
        let delta = Delta::open(&path("delta")).unwrap();
        apply(&base, &delta, 700, &path("applied"), &mut |_| {}).unwrap();
        let mut after = before;
        after.retain(|one| {
            !gone.contains(&one.person_id)
                && changes.iter().all(|other| other.person_id != one.person_id)
        });
        after.extend(changes);
        built(&after, &path("after"));
        let bytes = |name: &str| std::fs::read(path(name)).unwrap();
        prop_assert!(bytes("applied") == bytes("after"));
        let held = std::fs::read_dir(folder.path()).unwrap().count();
        prop_assert_eq!(held, 4, "no temporary file is left");
    }
}

fn sample() -> (tempfile::TempDir, Index, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let base = built(&[], &folder.path().join("base"));
    let out = folder.path().join("delta");
    let ann = Person {
        person_id: "P1".to_owned(),
        ..Person::default()
    };
    delta_of(&base, &[ann], &HashSet::from(["P2".to_owned()]), &out);
    (folder, base, out)
}

#[test]
fn a_delta_says_what_it_holds() {
    let (_folder, base, out) = sample();
    let delta = Delta::open(&out).unwrap();
    assert_eq!((delta.people(), delta.removed()), (1, 1));
    assert_eq!(delta.base_version(), base.version());
}

#[test]
fn a_delta_of_another_index_is_refused() {
    let (folder, base, out) = sample();
    let delta = Delta::open(&out).unwrap();
    let other = folder.path().join("other");
    apply(&base, &delta, MEMORY_BYTES, &other, &mut |_| {}).unwrap();
    let other = Index::open(&other).unwrap();
    let out = folder.path().join("never");
    let error = apply(&other, &delta, MEMORY_BYTES, &out, &mut |_| {}).unwrap_err();
    assert!(
        error.to_string().starts_with("the delta belongs to index"),
        "{error}"
    );
    assert!(!out.exists());
}

#[test]
fn a_damaged_delta_is_refused() {
    let (_folder, _, out) = sample();
    let mut bytes = std::fs::read(&out).unwrap();
    for length in 0..bytes.len() {
        assert!(
            Delta::from_bytes(&bytes[..length], &out).is_err(),
            "{length}"
        );
    }
    for position in 0..bytes.len() {
        bytes[position] ^= 1;
        assert!(Delta::from_bytes(&bytes, &out).is_err(), "byte {position}");
        bytes[position] ^= 1;
    }
    bytes[8] = 9;
    let error = Delta::from_bytes(&bytes, &out).unwrap_err().to_string();
    assert!(
        error.contains("has delta version 9, not 1; build it again"),
        "{error}"
    );
    let error = Delta::from_bytes(b"TGXINDEX", &out)
        .unwrap_err()
        .to_string();
    assert!(error.contains("is not a delta; build one"), "{error}");
}
