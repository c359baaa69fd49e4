//! Killed with `kill -9` in the middle of its work, again and again: nothing acknowledged is lost,
//! nothing is written twice.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use store::Store;

use crate::people::{noon_and, received};
use crate::place::{Place, chance, each};

const LOCATION: &str = "STORE_TEST_KILLED_LOCATION";
const KEYS: &str = "STORE_TEST_KILLED_KEYS";
const START: &str = "STORE_TEST_KILLED_START";

/// What the victim does; as a test of its own it does nothing.
#[tokio::test]
async fn victim() {
    let [Ok(location), Ok(keys), Ok(start)] = [LOCATION, KEYS, START].map(std::env::var) else {
        return;
    };
    let store = Store::open(&location, Path::new(&keys), chance())
        .await
        .expect("the store opens");
    store.outbox_recover().await.expect("recovers");
    let start: u64 = start.parse().expect("a number");
    for number in start.. {
        let id = format!("TG-{number}");
        store
            .apply(received(&id, "police", noon_and(0)))
            .await
            .expect("applies");
        say(&format!("applied {number}"));
        for delivery in store.outbox_take(noon_and(0), 1).await.expect("takes") {
            store
                .outbox_done(delivery.id, noon_and(0))
                .await
                .expect("marks");
            say(&format!("done {}", delivery.id));
        }
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody listens any more when the parent has gone; then the pipe is broken and so is this.
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .expect("the parent listens");
}

/// Lets a victim say `lines` lines from `start` on, kills it and returns all that it got to say.
fn kill_after(place: &Place, start: u64, lines: usize) -> Vec<String> {
    let mut victim = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "killed::victim",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(LOCATION, &place.location)
        .env(KEYS, place.keys())
        .env(START, start.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let out = BufReader::new(victim.stdout.take().expect("an output"));
    let mut said = Vec::new();
    let mut listened = out
        .lines()
        .map_while(Result::ok)
        .filter(|line| line.starts_with("applied ") || line.starts_with("done "));
    said.extend(listened.by_ref().take(lines));
    victim.kill().expect("kills");
    victim.wait().expect("ends");
    // What was said between the last line and the kill counts as well.
    said.extend(listened);
    said
}

fn numbers(said: &[String], word: &str) -> Vec<u64> {
    said.iter()
        .filter_map(|line| line.strip_prefix(word)?.parse().ok())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_at_any_moment_loses_and_repeats_nothing() {
    each(async |place| {
        let mut said = Vec::new();
        let mut start = 0;
        for lines in [1, 2, 3, 7, 16, 33, 64] {
            said.extend(kill_after(place, start, lines));
            // The next one begins with the last number again, as a caller without an answer does.
            start = numbers(&said, "applied ")
                .last()
                .copied()
                .unwrap_or_default();
        }
        let store = place.open().await;
        let size = store.ledger_size().await.expect("reads");
        let applied: HashSet<u64> = numbers(&said, "applied ").into_iter().collect();
        for number in &applied {
            let id = format!("TG-{number}");
            assert!(
                store.case(&id).await.expect("reads").is_some(),
                "{id} was acknowledged"
            );
            assert_eq!(
                store.entries_of_case(&id).await.expect("reads").len(),
                1,
                "{id}"
            );
        }
        let leaves = store.leaves(0, 10_000).await.expect("reads");
        assert_eq!(leaves.len() as u64, size);
        let cases = store
            .count(&store::CaseFilter::default())
            .await
            .expect("reads");
        assert_eq!(cases, size);
        // Every message is either done, and then gone, or still comes.
        let done: HashSet<u64> = numbers(&said, "done ").into_iter().collect();
        let left = store
            .outbox_take(noon_and(60), 10_000)
            .await
            .expect("takes");
        assert!(
            left.iter()
                .all(|one| !done.contains(&one.id.unsigned_abs()))
        );
        assert!(left.len() + done.len() <= usize::try_from(size).expect("small"));
        let unacknowledged = usize::try_from(size).expect("small") - left.len() - done.len();
        assert!(
            unacknowledged <= 7,
            "one a kill may have been marked without being told"
        );
    })
    .await;
}
