//! The outbox: every message at least once, and never again once it is done.

use disclosure::{Message, arrows};

use crate::people::{go, noon_and, officer, received};
use crate::place::each;

#[tokio::test]
async fn a_message_comes_back_until_it_is_done() {
    each(async |place| {
        let store = place.open().await;
        go(&store, received("TG-1", "police", noon_and(0))).await;
        assert!(
            store
                .outbox_take(noon_and(-1), 10)
                .await
                .expect("takes")
                .is_empty()
        );
        let taken = store.outbox_take(noon_and(0), 10).await.expect("takes");
        assert_eq!(taken.len(), 1);
        assert_eq!(
            taken[0].message,
            Message::Work {
                case_id: "TG-1".to_owned()
            }
        );
        assert_eq!(taken[0].attempts, 1);
        // Somebody is at it.
        assert!(
            store
                .outbox_take(noon_and(0), 10)
                .await
                .expect("takes")
                .is_empty()
        );
        let next = store
            .outbox_next()
            .await
            .expect("reads")
            .expect("one waits");
        assert_eq!(next.as_microsecond(), noon_and(1).as_microsecond());
        // Whoever it was has died.
        let again = store.outbox_take(noon_and(1), 10).await.expect("takes");
        assert_eq!((again[0].id, again[0].attempts), (taken[0].id, 2));
        store
            .outbox_done(again[0].id, noon_and(1))
            .await
            .expect("marks");
        store
            .outbox_done(again[0].id, noon_and(1))
            .await
            .expect("marks twice");
        store
            .outbox_retry(again[0].id, noon_and(1))
            .await
            .expect("comes too late");
        assert!(
            store
                .outbox_take(noon_and(9999), 10)
                .await
                .expect("takes")
                .is_empty()
        );
        assert_eq!(store.outbox_next().await.expect("reads"), None);
    })
    .await;
}

#[tokio::test]
async fn failures_are_tried_again_at_growing_distances() {
    each(async |place| {
        let store = place.open().await;
        go(&store, received("TG-1", "police", noon_and(0))).await;
        let mut now = noon_and(0);
        let mut pauses = Vec::new();
        for _ in 0..12 {
            let taken = store.outbox_take(now, 10).await.expect("takes");
            store
                .outbox_retry(taken[0].id, now)
                .await
                .expect("gives back");
            let next = store
                .outbox_next()
                .await
                .expect("reads")
                .expect("one waits");
            pauses.push(next.as_microsecond() / 1_000_000 - now.as_microsecond() / 1_000_000);
            now = next;
        }
        assert_eq!(
            pauses,
            [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
        );
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_not_told_before_its_time() {
    each(async |place| {
        let store = place.open().await;
        let case = crate::people::drafted(&store, "TG-1").await;
        for delivery in store.outbox_take(noon_and(6), 100).await.expect("takes") {
            store
                .outbox_done(delivery.id, noon_and(6))
                .await
                .expect("marks");
        }
        let guardian = crate::people::guardian();
        let case = crate::people::viewed(&store, &case, &guardian, 6).await;
        let released = go(&store, crate::people::release(&case, &guardian, 7)).await;
        let at = released.answer_at.expect("an answer");
        let before = at - jiff::SignedDuration::from_secs(1);
        assert!(
            store
                .outbox_take(before, 10)
                .await
                .expect("takes")
                .is_empty()
        );
        let taken = store.outbox_take(at, 10).await.expect("takes");
        assert!(matches!(&taken[0].message, Message::Notify { case_id, .. } if case_id == "TG-1"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_take_at_once_never_get_the_same_message() {
    each(async |place| {
        let stores = [place.open().await, place.open().await];
        for number in 0..60 {
            go(
                &stores[0],
                received(&format!("TG-{number}"), "police", noon_and(0)),
            )
            .await;
        }
        let mut tasks = tokio::task::JoinSet::new();
        for taker in 0..12 {
            let store = stores[taker % 2].clone();
            tasks.spawn(async move { store.outbox_take(noon_and(0), 10).await.expect("takes") });
        }
        let mut ids: Vec<_> = tasks
            .join_all()
            .await
            .concat()
            .iter()
            .map(|one| one.id)
            .collect();
        let taken = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), taken);
        // What another taker held at that moment was left out, not lost.
        for _ in 0..6 {
            let rest = stores[0].outbox_take(noon_and(0), 10).await.expect("takes");
            ids.extend(rest.iter().map(|one| one.id));
        }
        assert_eq!(ids.len(), 60);
    })
    .await;
}

#[tokio::test]
async fn after_a_restart_the_one_process_of_a_file_need_not_wait() {
    each(async |place| {
        let store = place.open().await;
        let case = go(&store, received("TG-1", "police", noon_and(0))).await;
        let withdraw = arrows::withdraw(&case, &officer("police"), noon_and(0)).expect("an arrow");
        go(&store, withdraw).await;
        assert_eq!(
            store
                .outbox_take(noon_and(0), 10)
                .await
                .expect("takes")
                .len(),
            2
        );
        store.close().await.expect("closes");
        let store = place.open().await;
        store.outbox_recover().await.expect("recovers");
        let taken = store
            .outbox_take(noon_and(0), 10)
            .await
            .expect("takes")
            .len();
        // On a server the leases may belong to another node, and run out by themselves.
        assert_eq!(taken, if place.is_postgres() { 0 } else { 2 });
    })
    .await;
}
