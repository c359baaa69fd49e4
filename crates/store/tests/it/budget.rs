//! What budgets count.

use disclosure::{Actor, Case, Code, Mark, arrows};
use jiff::Timestamp;
use store::{Earlier, Store};

use crate::people::{go, noon_and, officer, request};
use crate::place::each;

const POLICE: &str = "police-northmoor";
const DAY: i64 = 24 * 60;

/// A request about whoever the marks stand for.
async fn ask(store: &Store, id: &str, by: &str, now: Timestamp, marks: &[u8]) -> Case {
    let mut request = request(POLICE);
    by.clone_into(&mut request.requester.officer_id);
    let marks: Vec<Mark> = marks.iter().map(|mark| [*mark; 16]).collect();
    let received = arrows::receive(id, id, request, &officer(POLICE), now);
    go(store, received.marked(marks)).await
}

#[tokio::test]
async fn a_request_is_counted_with_those_before_it_and_never_those_after() {
    each(async |place| {
        let store = place.open().await;
        // Out of order on purpose, and two at one instant.
        let last = ask(&store, "TG-4", "olive", noon_and(10), &[1, 2]).await;
        let first = ask(&store, "TG-1", "olive", noon_and(0), &[1]).await;
        ask(&store, "TG-2", "otto", noon_and(5), &[9]).await;
        let third = ask(&store, "TG-3", "olive", noon_and(5), &[2, 3]).await;
        let count = async |case: &Case| store.earlier(case, 100).await.expect("counts");
        assert_eq!(count(&first).await, Earlier::default());
        let earlier = Earlier {
            agency: 2,
            officer: 1,
            subject: 0,
            attempts: 0,
        };
        assert_eq!(count(&third).await, earlier);
        let earlier = Earlier {
            agency: 3,
            officer: 2,
            subject: 2,
            attempts: 2,
        };
        assert_eq!(count(&last).await, earlier);
        // Counting ends at the limit.
        let earlier = Earlier {
            agency: 1,
            officer: 1,
            subject: 1,
            attempts: 1,
        };
        let limited = store.earlier(&last, 1).await.expect("counts");
        assert_eq!(limited, earlier);
    })
    .await;
}

#[tokio::test]
async fn what_an_officer_asked_before_is_found_the_newest_first() {
    each(async |place| {
        let store = place.open().await;
        for (id, by, minutes) in [
            ("TG-1", "olive", 0),
            ("TG-2", "otto", 1),
            ("TG-3", "Olive ", 2),
        ] {
            ask(&store, id, by, noon_and(minutes), &[1]).await;
        }
        let mut asks = request(POLICE);
        "olive".clone_into(&mut asks.requester.officer_id);
        let before = async |limit| store.asked_before(&asks, limit).await.expect("reads");
        assert_eq!(
            before(10).await,
            ["TG-3", "TG-1"],
            "however the name is written"
        );
        assert_eq!(before(1).await, ["TG-3"]);
        asks.requester.organization = "fire".to_owned();
        let elsewhere = store.asked_before(&asks, 10).await.expect("reads");
        assert_eq!(elsewhere, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn days_months_and_years_end() {
    each(async |place| {
        let store = place.open().await;
        ask(&store, "TG-1", "olive", noon_and(0), &[1]).await;
        for (minutes, agency, attempts, subject) in [
            (DAY - 1, 1, 1, 1),
            (DAY, 1, 2, 2),
            (30 * DAY, 0, 2, 3),
            (365 * DAY, 0, 0, 3),
        ] {
            let id = format!("TG-{minutes}");
            let case = ask(&store, &id, "olive", noon_and(minutes), &[1]).await;
            let earlier = store.earlier(&case, 100).await.expect("counts");
            let expected = Earlier {
                agency,
                officer: agency,
                subject,
                attempts,
            };
            assert_eq!(earlier, expected, "{minutes}");
        }
    })
    .await;
}

/// What was refused without a trace, and what another agency or another purpose asked, is not counted.
#[tokio::test]
async fn only_what_may_have_been_traced_is_counted() {
    each(async |place| {
        let store = place.open().await;
        let refused = ask(&store, "TG-1", "olive", noon_and(0), &[1]).await;
        let refusal = arrows::refuse(
            &refused,
            Code::NoAgreement,
            "none",
            "none",
            &Actor::gate(),
            noon_and(1),
        );
        go(&store, refusal.expect("an arrow")).await;
        let other = arrows::receive(
            "TG-2",
            "TG-2",
            request("court-northmoor"),
            &officer("court-northmoor"),
            noon_and(2),
        );
        go(&store, other.marked(vec![[1; 16]])).await;
        let mut purpose = request(POLICE);
        purpose.purpose = "warrant".to_owned();
        let other = arrows::receive("TG-3", "TG-3", purpose, &officer(POLICE), noon_and(2));
        go(&store, other.marked(vec![[1; 16]])).await;
        let case = ask(&store, "TG-4", "olive", noon_and(3), &[1]).await;
        let earlier = store.earlier(&case, 100).await.expect("counts");
        assert_eq!(earlier, Earlier::default());
    })
    .await;
}
