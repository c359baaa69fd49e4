//! Requests that are still being written: kept sealed, one version after the other, gone with their key.

use std::fs;

use jiff::Timestamp;
use store::{Draft, StoreError};

use crate::people::{drafted, noon_and};
use crate::place::each;

fn draft(id: &str, version: u64, body: &str, changed_at: Timestamp) -> Draft {
    Draft {
        id: id.to_owned(),
        version,
        organization: "police".to_owned(),
        // Times are kept to the microsecond.
        changed_at: Timestamp::from_microsecond(changed_at.as_microsecond()).expect("a time"),
        body: body.to_owned(),
    }
}

#[tokio::test]
async fn a_draft_is_kept_version_by_version_and_only_its_own_agency_lists_it() {
    each(async |place| {
        let store = place.open().await;
        let first = draft("d1", 1, "Maud", noon_and(0));
        store.keep_draft(first.clone()).await.expect("keeps");
        let again = store.keep_draft(first).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })));
        let second = draft("d1", 2, "Maud Ellen", noon_and(1));
        store.keep_draft(second.clone()).await.expect("keeps");
        let skipped = store.keep_draft(draft("d1", 4, "", noon_and(2))).await;
        assert!(matches!(skipped, Err(StoreError::Conflict { .. })));
        let other = draft("d2", 1, "Ivo", noon_and(3));
        store.keep_draft(other.clone()).await.expect("keeps");
        assert_eq!(
            store.drafts("police").await.expect("reads"),
            [other, second.clone()]
        );
        assert_eq!(store.drafts("customs").await.expect("reads"), []);
        store.close().await.expect("closes");
        let store = place.open().await;
        assert_eq!(store.draft("d1").await.expect("reads"), Some(second));
        store.drop_drafts_before(noon_and(2)).await.expect("drops");
        assert_eq!(store.draft("d1").await.expect("reads"), None);
        assert!(store.draft("d2").await.expect("reads").is_some());
        store.drop_draft("d2").await.expect("drops");
        store.drop_draft("d2").await.expect("drops again");
        assert_eq!(store.drafts("police").await.expect("reads"), []);
        store.audit().await.expect("nothing is wrong");
    })
    .await;
}

#[tokio::test]
async fn a_draft_lies_sealed_and_cannot_take_the_key_of_a_case_with_it() {
    each(async |place| {
        let store = place.open().await;
        drafted(&store, "TG-1").await;
        let secret = "Thistlewood-in-a-draft";
        store
            .keep_draft(draft("d1", 1, secret, noon_and(0)))
            .await
            .expect("keeps");
        store.close().await.expect("closes");
        if !place.is_postgres() {
            let file = fs::read(&place.location).expect("a file");
            assert!(
                !file
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes())
            );
        }
        place
            .tamper("UPDATE drafts SET key_slot = (SELECT key_slot FROM cases WHERE id = 'TG-1')")
            .await;
        let store = place.open().await;
        assert!(matches!(
            store.draft("d1").await,
            Err(StoreError::Damaged { .. })
        ));
        let next = store.keep_draft(draft("d1", 2, "", noon_and(1))).await;
        assert!(matches!(next, Err(StoreError::Damaged { .. })), "{next:?}");
        store.close().await.ok();
        let store = place.open().await;
        store.drop_draft("d1").await.expect("drops");
        assert!(store.case("TG-1").await.expect("reads").is_some());
        store.close().await.expect("closes");
        let store = place.open().await;
        assert!(store.case("TG-1").await.expect("reads").is_some());
    })
    .await;
}
