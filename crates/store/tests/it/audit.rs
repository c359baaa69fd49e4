//! A superuser edits one value behind the program's back: it is found, whichever it is.

use std::fs;

use disclosure::arrows::{self, ErasureGround};

use crate::people::{caseworker, drafted, go, guardian, noon_and, received};
use crate::place::{Place, each};
use crate::wishes::asked_everything;

/// A column and an edit that changes any value of it.
type Edit = (&'static str, &'static str);

/// Table, key of its rows, and edits.
const EDITS: [(&str, &str, &[Edit]); 3] = [
    (
        "ledger_entries",
        "idx",
        &[
            ("kind", "CASE kind WHEN 1 THEN 3 ELSE 1 END"),
            ("at", "at + 1"),
            ("case_id", "COALESCE(case_id, '') || 'x'"),
        ],
    ),
    (
        "sealed_openings",
        "idx",
        &[
            ("audit_slot", "audit_slot + 1"),
            ("personal_slot", "personal_slot + 1"),
        ],
    ),
    (
        "cases",
        "id",
        &[
            ("version", "version + 1"),
            ("state", "state || 'x'"),
            ("ending", "CASE WHEN ending IS NULL THEN 'refused' END"),
            ("agency", "agency || 'x'"),
            ("officer", "officer || 'x'"),
            ("purpose", "purpose || 'x'"),
            ("received_at", "received_at - 1"),
            ("expires_at", "expires_at + 1"),
            ("answer_at", "COALESCE(answer_at, 0) + 1"),
            ("download_until", "COALESCE(download_until, 0) + 1"),
            ("erased_at", "1"),
            ("key_slot", "key_slot + 1"),
        ],
    ),
];

const KEEP: &str = "DROP TRIGGER ledger_entries_unchanged ON ledger_entries;
                    DROP TRIGGER ledger_entries_kept ON ledger_entries";

async fn filled(place: &Place) -> store::Store {
    let store = place.open().await;
    drafted(&store, "TG-1").await;
    asked_everything(&store).await;
    go(&store, received("TG-2", "police", noon_and(7))).await;
    let case = store.case("TG-2").await.expect("reads").expect("a case");
    let gone = arrows::expire(&case, &disclosure::Actor::gate(), noon_and(60 * 24 * 400));
    let case = go(&store, gone.expect("an arrow")).await;
    let late = noon_and(60 * 24 * 500);
    let ground = ErasureGround::RetentionEnded;
    let erased = arrows::erase(&[case], ground, &caseworker().id, &guardian(), late);
    store
        .apply(erased.expect("an arrow"))
        .await
        .expect("applies");
    store
}

#[tokio::test]
async fn any_edit_of_an_entry_an_opening_or_a_case_is_found() {
    each(async |place| {
        let store = filled(place).await;
        store.audit().await.expect("nothing is wrong");
        let triggers = match place.is_postgres() {
            true => KEEP.to_owned(),
            false => KEEP.replace(" ON ledger_entries", ""),
        };
        place.tamper(&triggers).await;
        for (table, key, columns) in EDITS {
            for (column, edit) in columns {
                let one = format!("(SELECT MIN({key}) FROM {table})");
                let saved = format!("CREATE TABLE saved AS SELECT * FROM {table}");
                place.tamper(&saved).await;
                let sql = format!("UPDATE {table} SET {column} = {edit} WHERE {key} = {one}");
                place.tamper(&sql).await;
                let found = store.audit().await;
                assert!(found.is_err(), "{table}.{column} was edited unseen");
                let undo = format!(
                    "UPDATE {table} SET {column} = (SELECT {column} FROM saved
                         WHERE saved.{key} = {table}.{key});
                     DROP TABLE saved"
                );
                place.tamper(&undo).await;
            }
        }
        store.audit().await.expect("all edits are undone");
        place
            .tamper("DELETE FROM subject_marks; DELETE FROM cases WHERE id = 'TG-1'")
            .await;
        let error = store.audit().await.expect_err("a case is gone").to_string();
        assert!(error.contains("case `TG-1` is missing"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn any_flipped_bit_of_a_sealed_part_or_a_leaf_is_found() {
    let place = Place::sqlite();
    let store = filled(&place).await;
    let sealed = "SELECT leaf AS part FROM ledger_entries
                  UNION ALL SELECT audit FROM sealed_openings
                  UNION ALL SELECT personal FROM sealed_openings WHERE idx < 6
                  UNION ALL SELECT sealed FROM wishes
                  UNION ALL SELECT sealed FROM cases WHERE erased_at IS NULL";
    let parts = place.blobs(sealed).await;
    store.close().await.expect("closes");
    // A connection that closes late may leave what it knows in the write-ahead log.
    place.tamper("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let good = fs::read(&place.location).expect("a file");
    assert!(parts.len() > 20);
    for (number, part) in parts.iter().enumerate() {
        // Long parts are spread over pages; any piece of one is still of it.
        let piece = &part[..part.len().min(60)];
        // A page that was split may hold an old copy in its free space: every copy is damaged.
        let mut bad = good.clone();
        for at in 0..good.len() - piece.len() {
            if good[at..].starts_with(piece) {
                bad[at + number % piece.len()] ^= 1 << (number % 8);
            }
        }
        assert!(bad != good, "part {number} is not in the file");
        fs::write(&place.location, &bad).expect("writes");
        let found = match place.try_open().await {
            Ok(store) => {
                let found = store.audit().await;
                store.close().await.expect("closes");
                found
            }
            Err(error) => Err(error),
        };
        assert!(found.is_err(), "a flipped bit of part {number} went unseen");
    }
    fs::write(&place.location, &good).expect("writes");
    place.open().await.audit().await.expect("the file is good");
}
