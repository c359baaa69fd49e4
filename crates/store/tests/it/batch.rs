//! Batches: a line keeps what it became, and says where the same was asked before.

use store::batch::{AnsweredRow, Batch, BatchRow};

use crate::people::noon_and;
use crate::place::each;

fn batch(id: &str, hour: i64) -> Batch {
    Batch {
        id: id.to_owned(),
        organization: "police".to_owned(),
        officer: "officer-1".to_owned(),
        digest: [7; 32],
        received_at: noon_and(hour),
        rows: None,
        done: 0,
        faulty: 0,
        last: 0,
    }
}

fn row(line: u64, became: Result<&str, &str>) -> BatchRow {
    BatchRow {
        line,
        case_id: became.ok().map(str::to_owned),
        fault: became.err().map(str::to_owned),
    }
}

#[tokio::test]
async fn a_line_keeps_what_it_became_and_says_where_the_same_was_asked_before() {
    each(async |place| {
        let store = place.open().await;
        for (id, hour) in [("second", 2), ("first", 1), ("first", 3)] {
            store.batch_begin(batch(id, hour)).await.expect("begins");
        }
        let fault = "GENDER: is no known code; write F or M";
        let rows = vec![row(2, Ok("TG-1")), row(3, Err(fault)), row(4, Ok("TG-2"))];
        store.batch_rows("first", rows).await.expect("notes");
        let again = vec![row(2, Ok("TG-9")), row(3, Ok("TG-9"))];
        store.batch_rows("first", again).await.expect("notes");
        let found = store
            .batch("first")
            .await
            .expect("reads")
            .expect("is there");
        let begun = noon_and(1).as_microsecond();
        assert_eq!(found.received_at.as_microsecond(), begun, "begun once");
        assert_eq!(
            (found.rows, found.done, found.faulty, found.last),
            (None, 3, 1, 4)
        );
        store.batch_end("first", 3).await.expect("ends");
        let rows = vec![row(2, Ok("TG-2"))];
        store.batch_rows("second", rows).await.expect("notes");

        let answers = store.batch_answers("first", 2, 500).await.expect("reads");
        let alone = |row| AnsweredRow { row, first: None };
        assert_eq!(
            answers,
            [alone(row(3, Err(fault))), alone(row(4, Ok("TG-2")))]
        );
        let answers = store.batch_answers("second", 0, 500).await.expect("reads");
        let first = Some(("first".to_owned(), 4));
        assert_eq!(answers[0].first, first, "the same case, asked before");
        let faults = store.batch_faults("first", 0, 500).await.expect("reads");
        assert_eq!(faults, [row(3, Err(fault))]);
        assert!(
            store
                .batch_faults("first", 3, 500)
                .await
                .expect("reads")
                .is_empty()
        );

        let listed = store.batches("police").await.expect("reads");
        let listed: Vec<(&str, Option<u64>)> = listed
            .iter()
            .map(|batch| (&*batch.id, batch.rows))
            .collect();
        assert_eq!(listed, [("second", None), ("first", Some(3))]);
        assert!(store.batches("other").await.expect("reads").is_empty());
    })
    .await;
}
