//! A release after a suspension must be impossible, not unlikely (I7).

use disclosure::{AgreementState, EventKind, Role};
use store::{Applied, StoreError};

use crate::people::{actor, agreement, agreement_is, drafted, noon_and, release};
use crate::place::each;

#[tokio::test]
async fn a_release_after_a_suspension_is_refused_and_changes_nothing() {
    each(async |place| {
        let store = place.open().await;
        let case = drafted(&store, "TG-1").await;
        let guardian = actor("gita", Role::Guardian, "controller");
        for (minute, state) in [
            AgreementState::NotYet,
            AgreementState::SuspendedHold,
            AgreementState::SuspendedRefuse,
            AgreementState::Ended,
        ]
        .into_iter()
        .enumerate()
        {
            let at = noon_and(10 + i64::try_from(minute).expect("small"));
            store.apply(agreement_is(state, at)).await.expect("applies");
            let size = store.ledger_size().await.expect("reads");
            let error = store
                .apply(release(&case, &guardian, 20))
                .await
                .expect_err("is refused");
            assert!(
                matches!(error, StoreError::AgreementNotOpen { .. }),
                "{error}"
            );
            assert_eq!(
                store.case("TG-1").await.expect("reads").as_ref(),
                Some(&case)
            );
            assert_eq!(store.ledger_size().await.expect("reads"), size);
        }
        let narrowed = agreement_is(AgreementState::Narrowed, noon_and(30));
        store.apply(narrowed).await.expect("applies");
        store
            .apply(release(&case, &guardian, 31))
            .await
            .expect("is open again");
    })
    .await;
}

#[tokio::test]
async fn an_agreement_nobody_recorded_is_not_open() {
    each(async |place| {
        let store = place.open().await;
        let case = drafted(&store, "TG-1").await;
        place.tamper("DELETE FROM agreements").await;
        let guardian = actor("gita", Role::Guardian, "controller");
        let error = store
            .apply(release(&case, &guardian, 20))
            .await
            .expect_err("is refused");
        assert!(
            matches!(error, StoreError::AgreementNotOpen { .. }),
            "{error}"
        );
        assert_eq!(store.agreement("unknown/1").await.expect("reads"), None);
    })
    .await;
}

#[tokio::test]
async fn a_release_under_another_text_of_the_version_is_refused() {
    each(async |place| {
        let store = place.open().await;
        let case = drafted(&store, "TG-1").await;
        place.tamper("UPDATE agreements SET hash = 'cd'").await;
        let guardian = actor("gita", Role::Guardian, "controller");
        let error = store
            .apply(release(&case, &guardian, 20))
            .await
            .expect_err("is refused");
        assert!(
            matches!(error, StoreError::AgreementNotOpen { .. }),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_version_keeps_the_hash_it_was_recorded_with() {
    each(async |place| {
        let store = place.open().await;
        store
            .apply(agreement_is(AgreementState::InForce, noon_and(0)))
            .await
            .expect("applies");
        let mut other = agreement();
        other.hash = "cd".repeat(32);
        let by = actor("gita", Role::Guardian, "controller");
        let change = disclosure::arrows::change_agreement(
            other,
            AgreementState::Narrowed,
            "decided",
            &by,
            noon_and(1),
        );
        let error = store
            .apply(change.expect("an arrow"))
            .await
            .expect_err("is altered");
        assert!(
            matches!(error, StoreError::AgreementAltered { .. }),
            "{error}"
        );
        let recorded = vec![(agreement(), AgreementState::InForce)];
        assert_eq!(store.agreements().await.expect("reads"), recorded);
        let one = store.agreement(&agreement().name).await.expect("reads");
        assert_eq!(one, recorded.into_iter().next());
        assert_eq!(store.ledger_size().await.expect("reads"), 1);
    })
    .await;
}

/// Releases race against a suspension from two nodes; the log, read in its own order, never shows a
/// release while the agreement was suspended.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_the_order_of_the_log_no_release_follows_the_suspension() {
    each(async |place| {
        let stores = [place.open().await, place.open().await];
        let mut cases = Vec::new();
        for number in 0..20 {
            cases.push(drafted(&stores[0], &format!("TG-{number}")).await);
        }
        let mut tasks = tokio::task::JoinSet::new();
        for (number, case) in cases.into_iter().enumerate() {
            let store = stores[number % 2].clone();
            let guardian = actor("gita", Role::Guardian, "controller");
            tasks.spawn(async move { store.apply(release(&case, &guardian, 20)).await });
            if number == 10 {
                let store = stores[1].clone();
                let suspend = agreement_is(AgreementState::SuspendedHold, noon_and(15));
                tasks.spawn(async move { store.apply(suspend).await });
            }
        }
        for applied in tasks.join_all().await {
            match applied {
                Ok(Applied::Done { .. }) | Err(StoreError::AgreementNotOpen { .. }) => {}
                other => panic!("neither released nor refused: {other:?}"),
            }
        }
        let entries = stores[0].entries(0, 1000).await.expect("reads");
        let last_of = |kind| {
            let mut rows = entries.iter().rev();
            rows.find(|row| row.kind == kind).map(|row| row.index)
        };
        let suspended = last_of(EventKind::AgreementChanged).expect("a suspension");
        assert!(last_of(EventKind::Released) < Some(suspended));
    })
    .await;
}
