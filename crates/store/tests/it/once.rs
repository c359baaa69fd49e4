//! What may be used once is used once: whoever asks, however often, and after a restart.

use jiff::Timestamp;

use crate::people;
use crate::place::each;

fn minute(minutes: i64) -> Timestamp {
    people::noon_and(minutes)
}

#[tokio::test]
async fn the_second_use_is_told_apart_for_as_long_as_it_is_remembered() {
    each(async |place| {
        let store = place.open().await;
        let first = |mark: u8, at, until| store.use_once([mark; 32], minute(at), until);
        assert!(first(1, 0, None).await.expect("writes"));
        assert!(first(2, 0, Some(minute(5))).await.expect("writes"));
        for mark in [1, 2] {
            assert!(!first(mark, 1, None).await.expect("writes"), "{mark}");
        }
        // What is forgotten is what has ended, and nothing else.
        assert!(first(3, 6, Some(minute(9))).await.expect("writes"));
        assert!(first(2, 6, None).await.expect("writes"));
        store.close().await.expect("closes");
        let store = place.open().await;
        assert!(
            !store
                .use_once([1; 32], minute(9_000), None)
                .await
                .expect("writes")
        );
    })
    .await;
}

#[tokio::test]
async fn of_many_at_once_one_is_first() {
    each(async |place| {
        let store = place.open().await;
        let uses = (0..32).map(|_| store.use_once([7; 32], minute(0), None));
        let used = futures::future::join_all(uses).await;
        let fresh = used
            .into_iter()
            .filter(|fresh| *fresh.as_ref().expect("writes"));
        assert_eq!(fresh.count(), 1);
    })
    .await;
}
