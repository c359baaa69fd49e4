//! Opening: what is refused, and that nothing is lost or replaced.

use std::fs;
use std::path::Path;

use store::{Store, StoreError};

use crate::people::{drafted, go, noon_and, received};
use crate::place::{Place, chance, each};

async fn refusal(place: &Place) -> StoreError {
    refusal_at(&place.location, &place.keys()).await
}

async fn refusal_at(location: &str, keys: &Path) -> StoreError {
    match Store::open(location, keys, chance()).await {
        Ok(_) => panic!("`{location}` opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn reopening_loses_nothing() {
    each(async |place| {
        let store = place.open().await;
        let case = drafted(&store, "TG-1").await;
        let leaves = store.leaves(0, 100).await.expect("reads");
        store.close().await.expect("closes");
        let store = Store::migrate(&place.location, &place.keys(), chance())
            .await
            .expect("opens");
        assert_eq!(store.case("TG-1").await.expect("reads"), Some(case));
        assert_eq!(store.leaves(0, 100).await.expect("reads"), leaves);
        assert_eq!(
            store
                .outbox_take(noon_and(60), 100)
                .await
                .expect("takes")
                .len(),
            3
        );
        let next = store
            .apply(received("TG-2", "police", noon_and(9)))
            .await
            .expect("applies");
        assert_eq!(next.index(), 6);
    })
    .await;
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_an_altered_one_too() {
    each(async |place| {
        place.open().await.close().await.expect("closes");
        place
            .tamper("UPDATE schema_migrations SET hash = 'other'")
            .await;
        let error = refusal(place).await;
        assert!(
            matches!(error, StoreError::SchemaAltered { version: 1 }),
            "{error}"
        );
        place
            .tamper(
                "DELETE FROM schema_migrations WHERE version > 1;
                 UPDATE schema_migrations SET version = 99",
            )
            .await;
        let error = refusal(place).await.to_string();
        let words =
            "the database has schema version 99, this program knows [18]; use a newer program";
        assert_eq!(error, words);
        let migrated = Store::migrate(&place.location, &place.keys(), chance()).await;
        assert!(matches!(
            migrated,
            Err(StoreError::SchemaUnknown { found: 99, .. })
        ));
        place
            .tamper("UPDATE schema_migrations SET version = 0")
            .await;
        let error = refusal(place).await.to_string();
        assert!(
            error.ends_with("back it up and run `tracegate migrate`"),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_database_of_something_else_is_left_alone() {
    each(async |place| {
        place.tamper("CREATE TABLE theirs (id INTEGER)").await;
        let error = refusal(place).await;
        assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
        place.tamper("DROP TABLE theirs").await;
    })
    .await;
}

#[tokio::test]
async fn a_ledger_shorter_than_its_head_is_a_damage() {
    each(async |place| {
        let store = place.open().await;
        go(&store, received("TG-1", "police", noon_and(0))).await;
        store.close().await.expect("closes");
        place.tamper("UPDATE ledger_head SET size = 2").await;
        let error = refusal(place).await.to_string();
        assert!(
            error.contains("the ledger has 1 entries and its head says 2"),
            "{error}"
        );
    })
    .await;
}

/// Fills a store until its file has many pages; returns the place, closed.
async fn filled() -> Place {
    let place = Place::sqlite();
    let store = place.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..100 {
        let store = store.clone();
        let received = received(&format!("TG-{number}"), "police", noon_and(number));
        tasks.spawn(async move { store.apply(received).await.expect("applies") });
    }
    tasks.join_all().await;
    store.close().await.expect("closes");
    place
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_left_as_it_is() {
    let damage_at = async |at: usize| {
        let place = filled().await;
        let mut bytes = fs::read(&place.location).expect("a file");
        let page = &mut bytes[at * 4096..(at + 1) * 4096];
        page.fill(0x5a);
        fs::write(&place.location, &bytes).expect("writes");
        let error = refusal(&place).await;
        assert!(
            matches!(error, StoreError::Damaged { .. }),
            "page {at}: {error}"
        );
        assert!(
            error.to_string().starts_with("the database is damaged ("),
            "{error}"
        );
        assert_eq!(
            fs::read(&place.location).expect("a file"),
            bytes,
            "page {at}"
        );
    };
    for at in [0, 1, 3, 20] {
        damage_at(at).await;
    }
}

#[tokio::test]
async fn a_truncated_or_empty_file_is_refused() {
    for keep in [0, 100, 4096, 40_960] {
        let place = filled().await;
        let bytes = fs::read(&place.location).expect("a file");
        fs::write(&place.location, &bytes[..keep]).expect("writes");
        let error = refusal(&place).await;
        assert!(
            matches!(error, StoreError::Damaged { .. }),
            "{keep} bytes: {error}"
        );
        let left = fs::metadata(&place.location).expect("a file").len();
        assert_eq!(left, keep as u64);
    }
}

#[tokio::test]
async fn a_file_that_is_missing_beside_its_journal_is_not_made_anew() {
    let place = filled().await;
    fs::rename(&place.location, format!("{}-wal", place.location)).expect("renames");
    let error = refusal(&place).await;
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(!fs::exists(&place.location).expect("can be asked"));
}

#[tokio::test]
async fn what_cannot_be_opened_says_where_and_never_the_password() {
    let error = refusal_at("/nowhere/at/all/gate.sqlite", Path::new("keys"))
        .await
        .to_string();
    assert!(error.starts_with("cannot open the database `/nowhere/at/all/gate.sqlite`: "));
    let error = refusal_at("postgres://me:secret@127.0.0.1:1/gate", Path::new("keys"))
        .await
        .to_string();
    assert!(
        error.starts_with("cannot open the database `127.0.0.1/gate`: "),
        "{error}"
    );
    assert!(!error.contains("secret"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::sqlite();
    let store = place.open().await;
    go(&store, received("TG-1", "police", noon_and(0))).await;
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{}{suffix}", place.location);
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
