//! Sessions: kept, used, ended, and of nobody's making but the program's.

use jiff::{SignedDuration, Timestamp};
use store::{SignedIn, Store};

use crate::people;
use crate::place::each;

/// To the microsecond, as the databases keep it.
fn noon_and(minutes: i64) -> Timestamp {
    let at = people::noon_and(minutes).as_microsecond();
    Timestamp::from_microsecond(at).expect("a time")
}

fn begun(number: u8, minute: i64) -> SignedIn {
    let begun_at = noon_and(minute);
    SignedIn {
        mark: [number; 32],
        begun_at,
        used_at: begun_at,
        ends_at: begun_at + SignedDuration::from_hours(10),
        body: format!("session {number}"),
    }
}

async fn begin(store: &Store, number: u8, who: &str, minute: i64) {
    let begun = store.session_begin(begun(number, minute), who, Timestamp::UNIX_EPOCH);
    begun.await.expect("begins");
}

async fn marks(store: &Store, who: Option<&str>) -> Vec<u8> {
    let sessions = store.sessions(who).await.expect("reads");
    sessions.iter().map(|session| session.mark[0]).collect()
}

#[tokio::test]
async fn a_session_is_kept_used_and_ended() {
    each(async |place| {
        let store = place.open().await;
        begin(&store, 1, "ann", 0).await;
        begin(&store, 2, "ann", 1).await;
        begin(&store, 3, "ben", 2).await;
        let found = store.session(&[1; 32]).await.expect("reads");
        assert_eq!(found, Some(begun(1, 0)));
        assert_eq!(store.session(&[9; 32]).await.expect("reads"), None);
        store
            .session_used([1; 32], noon_and(9))
            .await
            .expect("writes");
        // A use that is told of late does not set the clock back.
        store
            .session_used([1; 32], noon_and(5))
            .await
            .expect("writes");
        let used = store.session(&[1; 32]).await.expect("reads").expect("one");
        assert_eq!(used.used_at, noon_and(9));
        assert_eq!(marks(&store, None).await, [1, 3, 2]);
        assert_eq!(marks(&store, Some("ann")).await, [1, 2]);
        store.session_end([2; 32]).await.expect("ends");
        assert_eq!(marks(&store, Some("ann")).await, [1]);
        assert_eq!(store.sessions_end("ann").await.expect("ends"), 1);
        assert_eq!(marks(&store, None).await, [3]);
        store
            .audit()
            .await
            .expect("sessions are no part of the record");
    })
    .await;
}

#[tokio::test]
async fn what_is_over_or_unused_goes_when_the_next_begins() {
    each(async |place| {
        let store = place.open().await;
        for number in 1..=3 {
            begin(&store, number, "ann", i64::from(number)).await;
        }
        store
            .session_used([3; 32], noon_and(40))
            .await
            .expect("writes");
        let next = store.session_begin(begun(4, 41), "ben", noon_and(30));
        next.await.expect("begins");
        assert_eq!(marks(&store, None).await, [4, 3]);
        let late = SignedIn {
            begun_at: noon_and(700),
            ..begun(5, 700)
        };
        let next = store.session_begin(late, "ben", Timestamp::UNIX_EPOCH);
        next.await.expect("begins");
        assert_eq!(marks(&store, None).await, [5]);
    })
    .await;
}

#[tokio::test]
async fn a_row_of_somebody_elses_making_is_nobodys_session() {
    each(async |place| {
        let store = place.open().await;
        begin(&store, 1, "ann", 0).await;
        begin(&store, 2, "ben", 0).await;
        let hex = |number: u8| match place.is_postgres() {
            true => format!("'\\x{}'", hex::encode([number; 32])),
            false => format!("x'{}'", hex::encode([number; 32])),
        };
        // Ben's session under a token of the forger's own, and Ann's with a later end.
        let (forged, ann, ben) = (hex(7), hex(1), hex(2));
        let sql = format!(
            "INSERT INTO sessions SELECT {forged}, who, begun_at, used_at, ends_at, sealed
                 FROM sessions WHERE mark = {ben};
             UPDATE sessions SET ends_at = ends_at + 1 WHERE mark = {ann};"
        );
        place.tamper(&sql).await;
        assert_eq!(store.session(&[7; 32]).await.expect("reads"), None);
        assert_eq!(store.session(&[1; 32]).await.expect("reads"), None);
        assert_eq!(marks(&store, None).await, [2]);
    })
    .await;
}
