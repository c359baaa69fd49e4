//! Lists of cases: filtered, in order, page by page, without personal data.

use disclosure::request::Priority;
use disclosure::{Ending, arrows};
use store::{CaseFilter, Cursor};

use crate::people::{agreement, drafted, go, noon_and, officer, received, request};
use crate::place::each;

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    each(async |place| {
        let store = place.open().await;
        // Several at one instant: the reference decides their order.
        for number in 0..10 {
            go(
                &store,
                received(&format!("TG-{number}"), "police", noon_and(number / 4)),
            )
            .await;
        }
        let mut seen = Vec::new();
        let mut after: Option<Cursor> = None;
        loop {
            let page = store
                .cases(&CaseFilter::default(), after.as_ref(), 3)
                .await
                .expect("reads");
            seen.extend(page.rows.into_iter().map(|row| row.id));
            let Some(next) = page.next else { break };
            // Through its text form, as in an address.
            after = Some(next.to_string().parse().expect("a cursor"));
        }
        let all: Vec<_> = (0..10).map(|number| format!("TG-{number}")).collect();
        assert_eq!(seen, all);
        let every = CaseFilter::default();
        let (mut back, next) = store.latest(&every, None, 3).await.expect("reads");
        let (older, end) = store
            .latest(&every, next.as_ref(), 100)
            .await
            .expect("reads");
        assert_eq!(end, None);
        back.extend(older);
        let back: Vec<_> = back.into_iter().map(|case| case.id).collect();
        assert_eq!(back, all.into_iter().rev().collect::<Vec<_>>());
        assert!("rubbish".parse::<Cursor>().is_err());
        assert!("1.a\0".parse::<Cursor>().is_err());
    })
    .await;
}

#[tokio::test]
async fn each_part_of_a_filter_must_hold() {
    each(async |place| {
        let store = place.open().await;
        let drafted = drafted(&store, "TG-1").await;
        let mut urgent = request("fire");
        urgent.priority = Priority::Emergency;
        let opened = arrows::receive("TG-2", "2", urgent, &officer("fire"), noon_and(60));
        let case = go(&store, opened).await;
        let withdrawn = arrows::withdraw(&case, &officer("fire"), noon_and(61)).expect("an arrow");
        let withdrawn = go(&store, withdrawn).await;
        go(&store, received("TG-3", "fire", noon_and(120))).await;
        let check = async |filter: CaseFilter, expected: &[&str]| {
            let page = store.cases(&filter, None, 10).await.expect("reads");
            let ids: Vec<_> = page.rows.iter().map(|row| row.id.as_str()).collect();
            assert_eq!(ids, expected, "{filter:?}");
            let count = store.count(&filter).await.expect("reads");
            assert_eq!(count, expected.len() as u64, "{filter:?}");
        };
        let all = CaseFilter::default;
        let text = |text: &str| Some(text.to_owned());
        check(all(), &["TG-1", "TG-2", "TG-3"]).await;
        check(
            CaseFilter {
                state: text("guardian_review"),
                ..all()
            },
            &["TG-1"],
        )
        .await;
        check(
            CaseFilter {
                agency: text("fire"),
                ..all()
            },
            &["TG-2", "TG-3"],
        )
        .await;
        check(
            CaseFilter {
                agency: text("a\0"),
                ..all()
            },
            &[],
        )
        .await;
        check(
            CaseFilter {
                agreement: Some(agreement().name),
                ..all()
            },
            &["TG-1"],
        )
        .await;
        check(
            CaseFilter {
                priority: Some(Priority::Emergency),
                ..all()
            },
            &["TG-2"],
        )
        .await;
        check(
            CaseFilter {
                ended: Some(true),
                ..all()
            },
            &["TG-2"],
        )
        .await;
        check(
            CaseFilter {
                ended: Some(false),
                ..all()
            },
            &["TG-1", "TG-3"],
        )
        .await;
        check(
            CaseFilter {
                received_from: Some(noon_and(60)),
                ..all()
            },
            &["TG-2", "TG-3"],
        )
        .await;
        check(
            CaseFilter {
                received_until: Some(noon_and(60)),
                ..all()
            },
            &["TG-1"],
        )
        .await;
        check(
            CaseFilter {
                expires_by: Some(drafted.expires_at),
                ..all()
            },
            &["TG-1"],
        )
        .await;
        let both = CaseFilter {
            agency: text("fire"),
            ended: Some(false),
            ..all()
        };
        check(both, &["TG-3"]).await;
        let row = store
            .cases(&all(), None, 10)
            .await
            .expect("reads")
            .rows
            .swap_remove(1);
        assert_eq!(row.ending, Some(Ending::Withdrawn));
        assert_eq!(
            (row.version, row.state.as_str()),
            (withdrawn.version, "withdrawn")
        );
        assert_eq!(
            row.received_at.as_microsecond(),
            withdrawn.received_at.as_microsecond()
        );
    })
    .await;
}

#[tokio::test]
async fn the_health_counts_what_is_there() {
    each(async |place| {
        let store = place.open().await;
        go(&store, received("TG-1", "police", noon_and(3))).await;
        let health = store.health().await.expect("reads");
        assert_eq!(
            (health.ledger_size, health.cases_open, health.outbox_waiting),
            (1, 1, 1)
        );
        let oldest = health.outbox_oldest.expect("a message");
        assert_eq!(oldest.as_microsecond(), noon_and(3).as_microsecond());
        let counts = store.open_counts().await.expect("reads");
        assert_eq!(counts, [("submitted".to_owned(), 1)]);
        store.check().await.expect("is sound");
    })
    .await;
}
