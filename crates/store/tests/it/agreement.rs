//! A release after a suspension must be impossible, not unlikely (I7).

use disclosure::{AgreementState, Case, EventKind, Role, arrows};
use store::{Applied, Store, StoreError};

use crate::people::{
    actor, agreement, agreement_becomes, drafted, guardian, noon_and, record, release, viewed,
};
use crate::place::each;

/// A case that the guardian has still to decide.
async fn ready(store: &Store, id: &str) -> Case {
    let guardian = actor("gita", Role::Guardian, "controller");
    viewed(store, &drafted(store, id).await, &guardian, 6).await
}

#[tokio::test]
async fn a_release_after_a_suspension_is_refused_and_changes_nothing() {
    each(async |place| {
        let store = place.open().await;
        let case = ready(&store, "TG-1").await;
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
            agreement_becomes(&store, state, at).await.expect("applies");
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
        let narrowed = agreement_becomes(&store, AgreementState::Narrowed, noon_and(30));
        narrowed.await.expect("applies");
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
        let case = ready(&store, "TG-1").await;
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
        assert_eq!(store.standing("unknown/1").await.expect("reads"), None);
    })
    .await;
}

#[tokio::test]
async fn a_release_under_another_text_of_the_version_is_refused() {
    each(async |place| {
        let store = place.open().await;
        let case = ready(&store, "TG-1").await;
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
        agreement_becomes(&store, AgreementState::InForce, noon_and(0))
            .await
            .expect("applies");
        let mut other = agreement();
        other.hash = "cd".repeat(32);
        let change = record(&store, other, AgreementState::Narrowed, noon_and(1));
        let error = change.await.expect_err("is altered");
        assert!(
            matches!(error, StoreError::AgreementAltered { .. }),
            "{error}"
        );
        let [standing] = &store.standings().await.expect("reads")[..] else {
            panic!("one version");
        };
        assert_eq!(
            (&standing.agreement, standing.state),
            (&agreement(), AgreementState::InForce)
        );
        let one = store.standing(&agreement().name).await.expect("reads");
        assert_eq!(one.as_ref(), Some(standing));
        assert_eq!(store.ledger_size().await.expect("reads"), 1);
    })
    .await;
}

/// A suspension decided on a standing that has moved on is a lost race (I21); what is recorded of
/// it reads back whole.
#[tokio::test]
async fn a_standing_is_changed_from_the_version_that_was_seen() {
    each(async |place| {
        let store = place.open().await;
        agreement_becomes(&store, AgreementState::InForce, noon_and(0))
            .await
            .expect("applies");
        let name = agreement().name;
        let seen = store
            .standing(&name)
            .await
            .expect("reads")
            .expect("is there");
        let suspend = |reason: &str| {
            let effect = AgreementState::SuspendedHold;
            arrows::suspend(&seen, effect, reason, &guardian(), noon_and(1)).expect("an arrow")
        };
        store.apply(suspend("a leak")).await.expect("applies");
        let error = store.apply(suspend("a theft")).await.expect_err("is late");
        assert!(matches!(error, StoreError::Conflict { what } if what == name));
        let held = store
            .standing(&name)
            .await
            .expect("reads")
            .expect("is there");
        let suspension = held.suspension.clone().expect("is suspended");
        assert_eq!(suspension.reason, "a leak");
        assert_eq!(suspension.reopens_as, AgreementState::InForce);
        let proposed = arrows::propose_reopening(&held, "mended", &guardian(), noon_and(2));
        store
            .apply(proposed.expect("an arrow"))
            .await
            .expect("applies");
        let held = store
            .standing(&name)
            .await
            .expect("reads")
            .expect("is there");
        let second = actor("greg", Role::Guardian, "controller");
        let reopened = arrows::reopen(&held, &second, noon_and(3)).expect("an arrow");
        store.apply(reopened).await.expect("applies");
        let open = store
            .standing(&name)
            .await
            .expect("reads")
            .expect("is there");
        assert_eq!((open.state, open.version), (AgreementState::InForce, 4));
        assert_eq!(open.suspension, None);
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
            cases.push(ready(&stores[0], &format!("TG-{number}")).await);
        }
        let mut tasks = tokio::task::JoinSet::new();
        for (number, case) in cases.into_iter().enumerate() {
            let store = stores[number % 2].clone();
            let guardian = actor("gita", Role::Guardian, "controller");
            tasks.spawn(async move { store.apply(release(&case, &guardian, 20)).await });
            if number == 10 {
                let store = stores[1].clone();
                let state = AgreementState::SuspendedHold;
                tasks.spawn(async move { agreement_becomes(&store, state, noon_and(15)).await });
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
