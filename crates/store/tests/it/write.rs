//! Writing: once, whole or not at all, whoever else writes.

use disclosure::case::Traced;
use disclosure::check::CheckResult;
use disclosure::trace::TraceOutcome;
use disclosure::{Change, EventKind, State, arrows};
use store::apply::{BODY_BYTES_MAX, CODE_BYTES_MAX};
use store::{Applied, StoreError};

use crate::people::{
    agreement_becomes, caseworker, checks, go, guardian, noon_and, officer, received, request,
    traced,
};
use crate::place::each;

#[tokio::test]
async fn a_write_is_read_back() {
    each(async |place| {
        let store = place.open().await;
        let transition = received("TG-1", "police", noon_and(0));
        let case = transition.case().expect("a case").clone();
        assert_eq!(
            store.apply(transition).await.expect("applies"),
            Applied::Done { index: 0 }
        );
        assert_eq!(store.case("TG-1").await.expect("reads"), Some(case));
        assert_eq!(store.case("TG-2").await.expect("reads"), None);
        assert_eq!(store.case("TG\0").await.expect("reads"), None);
        assert_eq!(store.ledger_size().await.expect("reads"), 1);
        assert_eq!(*store.written().borrow(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_used_key_changes_nothing() {
    each(async |place| {
        let store = place.open().await;
        let first = received("TG-1", "police", noon_and(0));
        // The same request sent again: a new reference and a later time, the same key.
        let mut again = received("TG-2", "police", noon_and(1));
        again.key = first.key.clone();
        assert_eq!(
            store.apply(first).await.expect("applies"),
            Applied::Done { index: 0 }
        );
        assert_eq!(
            store.apply(again).await.expect("applies"),
            Applied::AlreadyDone { index: 0 }
        );
        assert_eq!(store.case("TG-2").await.expect("reads"), None);
        assert_eq!(store.ledger_size().await.expect("reads"), 1);
        assert_eq!(
            store
                .outbox_take(noon_and(9), 9)
                .await
                .expect("takes")
                .len(),
            1
        );
        let key = "receive/police/TG-1";
        let entry = store.applied(key).await.expect("reads").expect("an entry");
        assert_eq!(entry.case_id.as_deref(), Some("TG-1"));
        assert_eq!(
            store.applied("receive/police/other").await.expect("reads"),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_move_again_is_already_done_and_another_from_the_same_version_is_lost() {
    each(async |place| {
        let store = place.open().await;
        let case = go(&store, received("TG-1", "police", noon_and(0))).await;
        let withdraw = |minutes| {
            arrows::withdraw(&case, &officer("police"), noon_and(minutes)).expect("an arrow")
        };
        let index = store.apply(withdraw(1)).await.expect("applies").index();
        let again = store.apply(withdraw(1)).await.expect("applies");
        assert_eq!(again, Applied::AlreadyDone { index });
        // The key is the same, for it names case, version and arrow; the move is not.
        let error = store.apply(withdraw(2)).await.expect_err("is lost");
        assert!(matches!(error, StoreError::Conflict { what } if what == "TG-1"));
        assert_eq!(store.ledger_size().await.expect("reads"), 2);
    })
    .await;
}

#[tokio::test]
async fn a_lost_race_is_a_conflict_and_changes_nothing() {
    each(async |place| {
        let store = place.open().await;
        let case = go(&store, received("TG-1", "police", noon_and(0))).await;
        let withdraw = arrows::withdraw(&case, &officer("police"), noon_and(1));
        let hold = arrows::hold(&case, &guardian(), noon_and(2)).expect("an arrow");
        let moved = go(&store, withdraw.expect("an arrow")).await;
        let error = store.apply(hold).await.expect_err("comes second");
        assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
        assert_eq!(store.case("TG-1").await.expect("reads"), Some(moved));
        assert_eq!(store.ledger_size().await.expect("reads"), 2);
        assert_eq!(store.entries_of_case("TG-1").await.expect("reads").len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_reference_is_given_once() {
    each(async |place| {
        let store = place.open().await;
        let mine = go(&store, received("TG-1", "police", noon_and(0))).await;
        let error = store
            .apply(received("TG-1", "fire", noon_and(1)))
            .await
            .expect_err("is taken");
        assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
        assert_eq!(store.case("TG-1").await.expect("reads"), Some(mine));
    })
    .await;
}

#[tokio::test]
async fn a_move_of_a_case_that_is_not_there_is_a_conflict() {
    each(async |place| {
        let store = place.open().await;
        let mut transition = received("TG-1", "police", noon_and(0));
        let Change::Open(case) = transition.change else {
            panic!("not an opening")
        };
        transition.change = Change::Move(case);
        let error = store
            .apply(transition)
            .await
            .expect_err("has nothing to move");
        assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
        assert_eq!(store.ledger_size().await.expect("reads"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hundreds_at_once_all_land_once_without_gaps() {
    each(async |place| {
        // Two stores on one database: two nodes, or a server and a command.
        let stores = [place.open().await, place.open().await];
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..300 {
            for store in &stores {
                let store = store.clone();
                let id = format!("TG-{number}");
                tasks.spawn(async move { store.apply(received(&id, "police", noon_and(0))).await });
            }
        }
        let applied = tasks.join_all().await;
        let mut done: Vec<u64> = Vec::new();
        let mut already: Vec<u64> = Vec::new();
        for applied in applied {
            match applied.expect("applies") {
                Applied::Done { index } => done.push(index),
                Applied::AlreadyDone { index } => already.push(index),
            }
        }
        done.sort_unstable();
        already.sort_unstable();
        assert_eq!(done, (0..300).collect::<Vec<u64>>());
        assert_eq!(already, done);
        assert_eq!(stores[0].ledger_size().await.expect("reads"), 300);
        assert_eq!(stores[1].leaves(0, 1000).await.expect("reads").len(), 300);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_race_for_one_case_one_wins() {
    each(async |place| {
        let stores = [place.open().await, place.open().await];
        let case = go(&stores[0], received("TG-1", "police", noon_and(0))).await;
        let mut tasks = tokio::task::JoinSet::new();
        for racer in 0..50 {
            let store = stores[racer % 2].clone();
            let minutes = i64::try_from(racer).expect("small");
            let step = arrows::withdraw(&case, &officer("police"), noon_and(minutes));
            tasks.spawn(async move { store.apply(step.expect("an arrow")).await });
        }
        let applied = tasks.join_all().await;
        let won = applied.iter().filter(|applied| applied.is_ok()).count();
        assert_eq!(won, 1);
        let lost = applied.into_iter().filter_map(Result::err);
        assert!(
            lost.into_iter()
                .all(|error| matches!(error, StoreError::Conflict { .. }))
        );
        assert_eq!(stores[0].ledger_size().await.expect("reads"), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_cannot_be_written_does_not_disturb_the_others() {
    each(async |place| {
        let store = place.open().await;
        // A rule of the database's own that the store does not foresee.
        let sql = "CREATE UNIQUE INDEX one_look ON ledger_entries (kind) WHERE kind = 30";
        place.tamper(sql).await;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..40 {
            let store = store.clone();
            let transition = if number % 10 == 0 {
                let key = number.to_string();
                let by = caseworker();
                arrows::note_look(&key, EventKind::CaseViewed, None, "case", &by, noon_and(0))
            } else {
                received(&format!("TG-{number}"), "police", noon_and(0))
            };
            tasks.spawn(async move { (number, store.apply(transition).await) });
        }
        let mut failed = 0;
        for (number, applied) in tasks.join_all().await {
            failed += usize::from(applied.is_err());
            assert!(applied.is_ok() || number % 10 == 0, "{number}: {applied:?}");
        }
        assert_eq!(failed, 3);
        assert_eq!(store.ledger_size().await.expect("reads"), 37);
        store.check().await.expect("is sound");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_back_or_is_too_large_is_refused() {
    each(async |place| {
        let store = place.open().await;
        let refused = async |change: &dyn Fn(&mut disclosure::Request)| {
            let mut request = request("police");
            change(&mut request);
            let by = officer("police");
            let transition = arrows::receive("TG-1", "1", request, &by, noon_and(0));
            store
                .apply(transition)
                .await
                .expect_err("is refused")
                .to_string()
        };
        let large = refused(&|request| request.subject.surname = "x".repeat(BODY_BYTES_MAX)).await;
        assert!(large.starts_with("the case has 105"), "{large}");
        let long = refused(&|request| request.purpose = "x".repeat(CODE_BYTES_MAX + 1)).await;
        assert_eq!(
            long,
            "the purpose has 1001 bytes, the limit is 1000; shorten it"
        );
        let zero = refused(&|request| request.purpose = "a\0b".to_owned()).await;
        assert_eq!(zero, "the purpose cannot be stored and read back unchanged");
        assert_eq!(store.ledger_size().await.expect("reads"), 0);
        // In a text of the case a zero byte is harmless.
        let mut request = request("police");
        request.subject.surname = "a\0b".to_owned();
        let by = officer("police");
        let case = go(
            &store,
            arrows::receive("TG-1", "1", request, &by, noon_and(0)),
        )
        .await;
        assert_eq!(store.case("TG-1").await.expect("reads"), Some(case));
    })
    .await;
}

#[tokio::test]
async fn a_score_that_is_not_a_number_is_refused_before_it_makes_a_case_unreadable() {
    each(async |place| {
        let store = place.open().await;
        let mut transition = received("TG-1", "police", noon_and(0));
        let Change::Open(case) = &mut transition.change else {
            panic!("not an opening")
        };
        let mut trace = traced(TraceOutcome::Single, noon_and(0));
        trace.candidates[0].score = f64::NAN;
        let checks = checks(CheckResult::Pass);
        case.state = State::CaseworkReview(Traced { checks, trace });
        let error = store.apply(transition).await.expect_err("is refused");
        assert!(
            matches!(error, StoreError::Unstorable { what: "case" }),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_has_written_what_it_took_and_takes_no_more() {
    each(async |place| {
        let store = place.open().await;
        let waiting = store.apply(received("TG-1", "police", noon_and(0)));
        let (applied, closed) = tokio::join!(waiting, store.close());
        closed.expect("closes");
        assert_eq!(applied.expect("applies").index(), 0);
        let error = store
            .apply(received("TG-2", "police", noon_and(0)))
            .await
            .expect_err("closed");
        assert!(matches!(error, StoreError::Closed), "{error}");
        let reopened = place.open().await;
        assert!(reopened.case("TG-1").await.expect("reads").is_some());
        let state = disclosure::AgreementState::InForce;
        let next = agreement_becomes(&reopened, state, noon_and(1))
            .await
            .expect("applies");
        assert_eq!(next, Applied::Done { index: 1 });
    })
    .await;
}
