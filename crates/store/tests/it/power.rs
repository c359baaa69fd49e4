//! The power goes at any moment: nothing that was acknowledged is lost, and the database opens.

mod disk;
mod recorder;

use store::Store;

use crate::people::{noon_and, received};
use crate::place::{Dice, Place, chance, seed};
use disk::{Change, Disk, Kind, Step};

/// Power cuts; `cargo xtask soak` asks for more.
fn rounds() -> u64 {
    let rounds = std::env::var("TRACEGATE_SOAK_CUTS");
    rounds.map_or(ROUNDS, |rounds| rounds.parse().expect("a number"))
}

const ROUNDS: u64 = 60;

/// Requests written while it is recorded: enough for the write-ahead log to be folded in twice.
const REQUESTS: usize = 400;

/// What was done, and the database as it was when all was over.
struct Recording {
    before: Disk,
    steps: Vec<Step>,
    leaves: Vec<[u8; 71]>,
}

/// Writes requests, several at once, and notes when each was acknowledged.
async fn record(place: &Place, is_careless: bool) -> Recording {
    place.open().await.close().await.expect("closes");
    let before = Disk::read(&place.location);
    recorder::watch(&place.location, is_careless);
    let store = place.open().await;
    let mut dice = Dice::new(seed());
    let mut sent = 0;
    while sent < REQUESTS {
        let together = sent..sent + 1 + dice.below(5);
        sent = together.end;
        let writes = together.map(|number| {
            let id = format!("TG-{number}");
            let store = &store;
            async move {
                let applied = store.apply(received(&id, "police", noon_and(0)));
                let index = applied.await.expect("applies").index();
                recorder::note(Step::Acknowledged(index));
            }
        });
        futures::future::join_all(writes).await;
    }
    let size = u32::try_from(sent).expect("small");
    let leaves = store.leaves(0, size).await.expect("reads");
    store.close().await.expect("closes");
    Recording {
        before,
        steps: recorder::recorded(),
        leaves,
    }
}

/// Cuts the power at moments drawn from the seed; how many of them lost something acknowledged.
async fn cut(place: &Place, recording: Recording, rounds: u64) -> u64 {
    let Recording {
        before: mut disk,
        steps,
        leaves,
    } = recording;
    let mut dice = Dice::new(seed());
    let mut moments: Vec<usize> = (0..rounds).map(|_| dice.below(steps.len())).collect();
    moments.sort_unstable();
    let (mut done, mut acknowledged, mut lost) = (0, None, 0);
    for moment in moments {
        for step in &steps[done..moment] {
            match step {
                Step::Change(kind, change) => disk.take(*kind, change),
                Step::Acknowledged(index) => acknowledged = acknowledged.max(Some(*index)),
            }
        }
        done = moment;
        let path = place.folder().join("after.sqlite").display().to_string();
        disk.lose_power(&path, &mut dice);
        let opened = Store::open(&path, &place.keys(), chance()).await;
        let Ok(store) = opened else {
            lost += 1;
            continue;
        };
        let found = store.leaves(0, u32::MAX).await.expect("reads");
        // Entries come in order, so the last one acknowledged stands for all before it.
        let wanted = acknowledged.map_or(0, |index| index + 1);
        let is_prefix = leaves.starts_with(&found);
        let is_sound = moment % 16 > 0 || store.audit().await.is_ok();
        if (found.len() as u64) < wanted || !is_prefix || !is_sound {
            lost += 1;
        }
        store.close().await.expect("closes");
    }
    lost
}

#[tokio::test]
async fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let place = Place::sqlite();
    let recording = record(&place, false).await;
    let folded = |step: &&Step| matches!(step, Step::Change(Kind::Main, Change::Write(..)));
    assert!(recording.steps.iter().filter(folded).count() > 300);
    assert_eq!(cut(&place, recording, rounds()).await, 0);
    // The harness itself: a store that does not wait for the disk is caught.
    let careless = Place::sqlite();
    let recording = record(&careless, true).await;
    let lost = cut(&careless, recording, ROUNDS).await;
    assert!(lost > ROUNDS / 4, "{lost}");
}
