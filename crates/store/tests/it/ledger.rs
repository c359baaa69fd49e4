//! The ledger in the store: bound to the state, opened by its openings, and only ever longer.

use std::collections::HashSet;

use disclosure::{EventKind, arrows};
use ledger::Link;
use ledger::leaf::{Hour, Leaf, Part};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use store::StoreError;

use crate::people::{caseworker, drafted, go, noon_and, received};
use crate::place::each;

#[tokio::test]
async fn every_opening_opens_its_leaf_and_no_salt_is_used_twice() {
    each(async |place| {
        let store = place.open().await;
        drafted(&store, "TG-1").await;
        let leaves = store.leaves(0, 100).await.expect("reads");
        assert_eq!(leaves.len(), 6);
        let mut salts = HashSet::new();
        for (index, bytes) in (0..).zip(&leaves) {
            let entry = store.entry(index).await.expect("reads").expect("an entry");
            let leaf = Leaf::decode(bytes).expect("a leaf");
            let (audit, personal) = (entry.audit.expect("kept"), entry.personal.expect("kept"));
            assert_eq!(leaf, entry.leaf);
            assert!(leaf.opens(Part::Audit, &audit) && leaf.opens(Part::Personal, &personal));
            assert!(salts.insert(audit.salt) && salts.insert(personal.salt));
            let hour = entry.row.at.as_second().unsigned_abs() / 3600;
            assert_eq!(leaf.hour, Hour(u32::try_from(hour).expect("this century")));
        }
        assert_eq!(store.entry(6).await.expect("reads"), None);
        assert_eq!(store.leaves(4, 100).await.expect("reads"), leaves[4..]);
        assert_eq!(store.leaves(1, 2).await.expect("reads"), leaves[1..3]);
        assert!(store.leaves(6, 100).await.expect("reads").is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_newest_entry_is_bound_to_the_stored_case() {
    each(async |place| {
        let store = place.open().await;
        let case = drafted(&store, "TG-1").await;
        let body = store
            .case_body("TG-1")
            .await
            .expect("reads")
            .expect("a body");
        let row = store
            .entries_of_case("TG-1")
            .await
            .expect("reads")
            .pop()
            .expect("an entry");
        let entry = store
            .entry(row.index)
            .await
            .expect("reads")
            .expect("an entry");
        let audit = String::from_utf8(entry.audit.expect("kept").bytes).expect("text");
        let json: Value = serde_json::from_str(&audit).expect("json");
        assert_eq!(json["body_hash"], hex::encode(Sha256::digest(&body)));
        assert_eq!(json["case_id"], "TG-1");
        assert_eq!(json["at"], noon_and(5).as_microsecond());
        assert_eq!(json["kind"], EventKind::Drafted.number());
        assert_eq!(json["facts"]["to"], case.state.code());
        // Canonical: keys in order and no space between.
        let keys = [
            "{\"at\":",
            ",\"body_hash\":",
            ",\"case_id\":",
            ",\"facts\":{\"actor\":",
        ];
        let places: Vec<_> = keys.iter().map(|key| audit.find(key)).collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{audit}"
        );
        let personal = entry.personal.expect("kept").bytes;
        let (link, facts) = Link::decode(&personal).expect("a link");
        // The entry before it was the trace, which found the person.
        assert_eq!(link, Link::FIRST.next(row.index - 1));
        let about = br#"{"agreement":"police-serious-crime/2026-01-01","at":"2026-03-04T12:05:00.123456789Z","by":"caseworker","case":"TG-1","part":"asked_about","person":"P-9990000018","purpose":"serious_crime","receiver":"police-northmoor"}"#;
        assert_eq!(facts, about);
    })
    .await;
}

#[tokio::test]
async fn a_look_is_an_entry_that_changes_no_case() {
    each(async |place| {
        let store = place.open().await;
        let case = go(&store, received("TG-1", "police", noon_and(0))).await;
        let kind = EventKind::CaseViewed;
        let look = arrows::note_look(
            "k",
            kind,
            Some(&case),
            "case page",
            &caseworker(),
            noon_and(1),
        );
        store.apply(look).await.expect("applies");
        assert_eq!(store.case("TG-1").await.expect("reads"), Some(case));
        let rows = store.entries_of_case("TG-1").await.expect("reads");
        let kinds: Vec<_> = rows.iter().map(|row| (row.index, row.kind)).collect();
        assert_eq!(kinds, [(0, EventKind::Received), (1, kind)]);
        assert_eq!(rows[1].at.as_microsecond(), noon_and(1).as_microsecond());
        assert_eq!(store.entries(0, 100).await.expect("reads"), rows);
    })
    .await;
}

#[tokio::test]
async fn entries_cannot_be_changed_and_a_changed_opening_is_noticed() {
    each(async |place| {
        let store = place.open().await;
        go(&store, received("TG-1", "police", noon_and(0))).await;
        for sql in [
            "UPDATE ledger_entries SET at = 0",
            "DELETE FROM ledger_entries",
        ] {
            let error = place.try_tamper(sql).await.expect_err("is refused");
            assert!(
                error.to_string().contains("the ledger is append-only"),
                "{error}"
            );
        }
        let sql = match place.is_postgres() {
            true => "UPDATE sealed_openings SET audit = 'x'::bytea",
            false => "UPDATE sealed_openings SET audit = x'00'",
        };
        place.tamper(sql).await;
        let error = store.entry(0).await.expect_err("does not open");
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_case_that_differs_from_its_columns_is_a_damage() {
    each(async |place| {
        let store = place.open().await;
        go(&store, received("TG-1", "police", noon_and(0))).await;
        place.tamper("UPDATE cases SET state = 'released'").await;
        let error = store.case("TG-1").await.expect_err("is noticed");
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    })
    .await;
}
