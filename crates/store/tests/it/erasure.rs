//! Erasure: what was held about a person is nowhere any more, and the log still stands.

use std::fs;
use std::path::Path;
use std::process::Command;

use disclosure::arrows::{self, ErasureGround};
use disclosure::{Case, EventKind, State, Transition};
use ledger::leaf::{Leaf, Part};
use store::{Store, StoreError};

use crate::people::{
    caseworker, drafted, go, guardian, noon_and, officer, received, request, viewed, window,
};
use crate::place::{Place, each};

/// Planted in the case: names, and the reference of the person found.
const PLANTED: [&str; 5] = [
    "Zo\u{eb}",
    "O'N\u{e9}ill",
    "1990-01-01",
    "9990000018",
    "agrees",
];

/// A closed case about the person.
pub async fn finished(store: &Store, id: &str) -> Case {
    let case = viewed(store, &drafted(store, id).await, &guardian(), 6).await;
    let decline = arrows::decline(
        &case,
        "not shown to be needed",
        window(),
        &guardian(),
        noon_and(6),
    );
    go(store, decline.expect("an arrow")).await
}

pub fn erased(cases: &[Case]) -> Transition {
    let ground = ErasureGround::RightToErasure;
    let late = noon_and(60 * 24 * 9);
    arrows::erase(cases, ground, &caseworker().id, &guardian(), late).expect("an arrow")
}

/// Every byte that a thief of the database's disk or of its backups would have.
fn everything(place: &Place, backup: Option<&Path>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for suffix in ["", "-wal", "-shm"] {
        bytes.extend(fs::read(format!("{}{suffix}", place.location)).unwrap_or_default());
    }
    bytes.extend(
        backup
            .map(|file| fs::read(file).expect("a backup"))
            .unwrap_or_default(),
    );
    if place.is_postgres() {
        let dump = Command::new("pg_dump")
            .args(["--inserts", &place.location])
            .output();
        let dump = dump.expect("`pg_dump` runs");
        assert!(
            dump.status.success(),
            "{}",
            String::from_utf8_lossy(&dump.stderr)
        );
        bytes.extend(dump.stdout);
    }
    assert!(bytes.len() > 10_000);
    bytes
}

fn assert_absent(bytes: &[u8]) {
    for planted in PLANTED {
        let hex = hex::encode(planted);
        for form in [planted.as_bytes(), hex.as_bytes()] {
            let found = bytes.windows(form.len()).any(|window| window == form);
            assert!(!found, "`{planted}` is still there");
        }
    }
}

#[tokio::test]
async fn after_erasure_no_planted_name_is_anywhere_and_every_leaf_stands() {
    each(async |place| {
        let store = place.open().await;
        finished(&store, "TG-1").await;
        finished(&store, "TG-2").await;
        let other = go(&store, received("TG-3", "police", noon_and(7))).await;
        let leaves = store.leaves(0, 100).await.expect("reads");
        let before = place.folder().join("before.sqlite");
        if !place.is_postgres() {
            place
                .tamper(&format!("VACUUM INTO '{}'", before.display()))
                .await;
        }
        let cases = store.cases_about("TG-2").await.expect("reads");
        let ids: Vec<_> = cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["TG-1", "TG-2"], "one person's cases go together");
        let index = store.apply(erased(&cases)).await.expect("applies").index();
        assert_absent(&everything(place, before.exists().then_some(&before)));
        for id in ids {
            assert_eq!(store.case(id).await.expect("reads"), None);
        }
        assert_eq!(store.case("TG-3").await.expect("reads"), Some(other));
        // The log is longer by the one entry that says so, and what has no key does not open.
        let now = store.leaves(0, 100).await.expect("reads");
        assert_eq!(now[..leaves.len()], leaves);
        assert_eq!(now.len() as u64, index + 1);
        for (index, leaf) in (0..).zip(&now) {
            let entry = store.entry(index).await.expect("reads").expect("an entry");
            let leaf = Leaf::decode(leaf).expect("a leaf");
            assert!(leaf.opens(Part::Audit, &entry.audit.expect("audit facts stay")));
            let of_person = matches!(entry.row.case_id.as_deref(), Some("TG-1" | "TG-2"));
            let gone = of_person && entry.row.kind != EventKind::Erased;
            assert_eq!(entry.personal.is_none(), gone, "entry {index}");
        }
        // It holds after a restart, and on a file that was restored.
        store.close().await.expect("closes");
        assert_absent(&everything(place, None));
        let store = place.open().await;
        assert_eq!(store.case("TG-1").await.expect("reads"), None);
        // The person may be asked about again, under a new key and in the same chain.
        let again = finished(&store, "TG-4").await;
        assert!(matches!(again.state, State::NoResult(_)));
        let entries = store.entries_of_case("TG-4").await.expect("reads");
        let newest = entries.last().expect("an entry").index;
        let entry = store.entry(newest).await.expect("reads").expect("an entry");
        let personal = entry.personal.expect("is kept").bytes;
        let (link, _) = ledger::Link::decode(&personal).expect("a link");
        assert_eq!(
            link.counter, 12,
            "four entries of each erased case, the erasure, and three of this one"
        );
    })
    .await;
}

#[tokio::test]
async fn a_case_that_came_or_moved_since_the_decision_makes_the_erasure_a_conflict() {
    each(async |place| {
        let store = place.open().await;
        finished(&store, "TG-1").await;
        let cases = store.cases_about("TG-1").await.expect("reads");
        finished(&store, "TG-2").await;
        let error = store.apply(erased(&cases)).await.expect_err("is refused");
        assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
        let mut older = store.cases_about("TG-1").await.expect("reads");
        older[0].version -= 1;
        let error = store.apply(erased(&older)).await.expect_err("is refused");
        assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
        assert!(store.case("TG-1").await.expect("reads").is_some());
    })
    .await;
}

#[tokio::test]
async fn a_process_that_died_before_the_keys_went_finishes_at_the_next_start() {
    each(async |place| {
        let store = place.open().await;
        finished(&store, "TG-1").await;
        store.close().await.expect("closes");
        let keys = fs::read(place.keys()).expect("a file");
        let store = place.open().await;
        let cases = store.cases_about("TG-1").await.expect("reads");
        store.apply(erased(&cases)).await.expect("applies");
        store.close().await.expect("closes");
        let destroyed = fs::read(place.keys()).expect("a file");
        assert_ne!(keys, destroyed);
        // As if the keys had not been reached: the file of before.
        fs::write(place.keys(), &keys).expect("writes");
        place.open().await.close().await.expect("closes");
        assert_eq!(fs::read(place.keys()).expect("a file"), destroyed);
    })
    .await;
}

#[tokio::test]
async fn a_database_without_its_own_key_file_is_refused() {
    each(async |place| {
        place.open().await.close().await.expect("closes");
        let moved = place.folder().join("moved");
        fs::rename(place.keys(), &moved).expect("moves");
        let Err(error) = place.try_open().await else {
            panic!("it opened without its keys");
        };
        assert!(error.to_string().contains("it is missing"), "{error}");
        assert!(!place.keys().exists(), "no other is made");
        let other = Place::sqlite();
        other.open().await.close().await.expect("closes");
        fs::copy(other.keys(), place.keys()).expect("copies");
        let Err(error) = place.try_open().await else {
            panic!("it opened with other keys");
        };
        assert!(
            error.to_string().contains("belongs to another database"),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_forged_mark_of_erasure_destroys_nothing() {
    each(async |place| {
        let store = place.open().await;
        finished(&store, "TG-1").await;
        let other = go(&store, received("TG-2", "police", noon_and(7))).await;
        let cases = store.cases_about("TG-1").await.expect("reads");
        let index = store.apply(erased(&cases)).await.expect("applies").index();
        store.close().await.expect("closes");
        let keys = fs::read(place.keys()).expect("a file");
        for by in [0, index] {
            let slot = "(SELECT key_slot FROM cases WHERE id = 'TG-2')";
            place
                .tamper(&format!("INSERT INTO erased_keys VALUES ({slot}, {by})"))
                .await;
            let Err(error) = place.try_open().await else {
                panic!("it opened");
            };
            assert!(error.to_string().contains("is marked as erased"), "{error}");
            assert_eq!(fs::read(place.keys()).expect("a file"), keys);
            place
                .tamper(&format!("DELETE FROM erased_keys WHERE key_slot = {slot}"))
                .await;
        }
        let store = place.open().await;
        assert_eq!(store.case("TG-2").await.expect("reads"), Some(other));
    })
    .await;
}

/// Every byte of a folder.
fn bytes_of(folder: &Path, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => bytes_of(&path, bytes)?,
            // A server removes files of its own meanwhile.
            false => bytes.extend(fs::read(path).unwrap_or_default()),
        }
    }
    Ok(())
}

/// What a thief of the server's disk would have: tables with their dead rows, and the write-ahead log.
#[tokio::test]
async fn the_files_of_a_postgresql_server_never_hold_a_name() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let names = ["Quillfeather", "Ottoline", "1931-02-27"];
    let store = place.open().await;
    let mut asked = request("police");
    asked.subject.surname = names[0].to_owned();
    asked.subject.given_name = names[1].to_owned();
    asked.subject.date_of_birth = names[2].to_owned();
    let by = officer("police");
    let case = arrows::receive("TG-1", "TG-1", asked, &by, noon_and(0));
    let case = go(&store, case).await;
    let case = arrows::withdraw(&case, &by, noon_and(1)).expect("an arrow");
    let case = go(&store, case).await;
    store.apply(erased(&[case])).await.expect("applies");
    store.close().await.expect("closes");
    // Something in the open shows that these are the files.
    let open =
        "CREATE TABLE open_words (word TEXT); INSERT INTO open_words VALUES ('Hollyhockery')";
    place.tamper(open).await;
    place.tamper("CHECKPOINT").await;
    let base = place
        .answer("SELECT current_setting('data_directory') || '/' || pg_relation_filepath('cases')")
        .await;
    let base = Path::new(&base).parent().expect("a folder");
    let wal = base.join("../../pg_wal");
    for (folder, what) in [(base, "tables"), (wal.as_path(), "write-ahead log")] {
        let mut bytes = Vec::new();
        if bytes_of(folder, &mut bytes).is_err() {
            eprintln!("left out: the server's files cannot be read here");
            continue;
        }
        let holds = |word: &str| {
            bytes
                .windows(word.len())
                .any(|part| part == word.as_bytes())
        };
        assert!(holds("Hollyhockery"), "these are not the {what}");
        for name in names {
            assert!(!holds(name), "`{name}` is in the {what}");
        }
    }
    place.drop_database().await;
}
