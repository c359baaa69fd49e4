//! Nothing is on its way once a suspension has been acknowledged (I7, for the bytes).
//!
//! Seeded races: collections, repeated collections, suspensions and reopenings of many agreements,
//! each stopping and going on where its seed says. Two oracles judge a run: one replays the ledger in
//! the order of its commits, one compares each sending with the acknowledgements around it. Neither
//! is worth anything unless it catches a gate that is built wrongly, so two of those race as well.

use std::collections::HashMap;
use std::sync::Mutex;

use disclosure::check::CheckResult;
use disclosure::trace::TraceOutcome;
use disclosure::{
    Actor, AgreementRef, AgreementState, Case, Change, EventKind, Field, Standing, Transition,
    arrows,
};
use futures::stream::{self, StreamExt as _};
use store::{Store, StoreError};
use tokio::sync::watch;

use crate::people::{
    caseworker, checks, fields, guardian, noon_and, officer, proposed, received, recheck, record,
    terms, traced,
};
use crate::place::{Place, each};

/// Races in one run; each has two senders with three sendings, and two suspensions: 2,400 sendings
/// against 800 suspensions.
const RACES: u64 = 400;
/// Races that are enough to catch a gate built wrongly.
const RACES_OF_A_MUTANT: u64 = 150;
/// Races at the same time: they share commits, and stand in each other's way.
const AT_ONCE: usize = 40;

/// How a gate makes sure that it may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    /// The write rechecks the agreement in its own transaction, and the lease outlives the sending.
    Sound,
    /// Planted: rechecks in the transaction, and sends without a lease.
    Unleased,
    /// Planted: looks whether the agreement is open, and then writes and sends.
    CheckThenAct,
}

/// What happens outside the database, in order.
#[derive(Clone, Copy, Debug)]
enum Outside {
    Sent,
    Acknowledged,
    Reopening,
}

#[derive(Default)]
struct Tape(Mutex<Vec<(u64, Outside)>>);

impl Tape {
    fn note(&self, race: u64, what: Outside) {
        self.0.lock().expect("nobody panics").push((race, what));
    }
}

/// What the oracles saw.
#[derive(Debug, Default)]
struct Verdict {
    sent: usize,
    refused: usize,
    /// Collections that stand in the ledger after a suspension and before the reopening.
    late_rows: usize,
    /// Sendings after a suspension had been acknowledged and before it was taken back.
    late_bytes: usize,
}

/// A repeatable source of pauses: SplitMix64.
struct Seed(u64);

impl Seed {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    /// Lets others go first, for as long as the seed says: not at all, a few turns, or some reads,
    /// which together take about as long as a write.
    async fn pause(&mut self, store: &Store) {
        match self.below(3) {
            0 => {}
            1 => {
                for _ in 0..self.below(16) {
                    tokio::task::yield_now().await;
                }
            }
            _ => {
                for _ in 0..self.below(6) {
                    store.ledger_size().await.expect("reads");
                }
            }
        }
    }
}

struct Race<'r> {
    number: u64,
    gate: Gate,
    /// Two nodes, on PostgreSQL; one, on SQLite.
    nodes: [&'r Store; 2],
    tape: &'r Tape,
    /// How far the senders have come, in stages of a sending.
    stage: watch::Sender<u64>,
    acknowledged: watch::Sender<()>,
}

/// Stages of one race: before the lease, authorised and sent, of three sendings by two senders.
const STAGES: u64 = 3 * 3 * 2;

impl Race<'_> {
    fn agreement(&self) -> AgreementRef {
        AgreementRef {
            name: format!("race/{}", self.number),
            hash: "ab".repeat(32),
        }
    }

    async fn run(&self, released: &Case) -> usize {
        let open = record(
            self.nodes[0],
            self.agreement(),
            AgreementState::InForce,
            noon_and(0),
        );
        open.await.expect("applies");
        let (first, second, ()) = tokio::join!(
            self.send(0, released),
            self.send(1, released),
            self.suspend_twice()
        );
        first + second
    }

    /// A planted gate dawdles now and then between authorising and sending, until an acknowledgement
    /// has come or it is tired of waiting.
    async fn linger(&self, seed: &mut Seed, store: &Store) {
        if seed.below(4) > 0 {
            return seed.pause(store).await;
        }
        let acknowledged = self.acknowledged.subscribe();
        for _ in 0..60 {
            store.ledger_size().await.expect("reads");
            if acknowledged.has_changed().expect("the race goes on") {
                return;
            }
        }
    }

    fn next_stage(&self) {
        self.stage.send_modify(|stage| *stage += 1);
    }

    /// Waits until the senders have come a little further, as far as the seed says.
    async fn let_senders_come(&self, stages: u64) {
        let mut stage = self.stage.subscribe();
        let goal = (*stage.borrow() + stages).min(STAGES);
        stage
            .wait_for(|stage| *stage >= goal)
            .await
            .expect("they go on");
    }

    /// Collects, and repeats it twice; returns how often the gate refused.
    async fn send(&self, sender: u64, released: &Case) -> usize {
        let mut seed = Seed(self.number * 3 + sender);
        let store = self.nodes[0];
        let mut case = Case {
            id: format!("TG-{}-{sender}", self.number),
            version: 1,
            agreement: Some(self.agreement()),
            ..released.clone()
        };
        let opened = Transition {
            change: Change::Open(Box::new(case.clone())),
            ..received(&case.id, "police-northmoor", noon_and(1))
        };
        store.apply(opened).await.expect("applies");
        let mut refused = 0;
        for sending in 0..3 {
            seed.pause(store).await;
            self.next_stage();
            let lease = match self.gate {
                Gate::Unleased => None,
                _ => Some(
                    store
                        .deliver(&self.agreement().name)
                        .await
                        .expect("a lease"),
                ),
            };
            let collected = collect(&case, sending);
            let after = collected.case().cloned();
            let authorised = self.authorise(store, &mut seed, collected).await;
            self.next_stage();
            if !authorised {
                refused += 1;
                self.next_stage();
                continue;
            }
            case = after.unwrap_or(case);
            match self.gate {
                Gate::Unleased => self.linger(&mut seed, store).await,
                _ => seed.pause(store).await,
            }
            assert!(lease.as_ref().is_none_or(store::Lease::is_live));
            self.tape.note(self.number, Outside::Sent);
            self.next_stage();
            drop(lease);
        }
        refused
    }

    /// Writes that the release is collected; whether that may go out.
    async fn authorise(&self, store: &Store, seed: &mut Seed, collected: Transition) -> bool {
        let mut collected = collected;
        if self.gate == Gate::CheckThenAct {
            let name = self.agreement().name;
            let standing = store.standing(&name).await.expect("reads");
            if !standing.is_some_and(|standing| standing.state.is_open()) {
                return false;
            }
            seed.pause(store).await;
            collected.change = match collected.change {
                Change::MoveIfAgreementOpen(case, _) => Change::Move(case),
                _ => Change::Nothing,
            };
        }
        match store.apply(collected).await {
            Ok(_) => true,
            Err(StoreError::AgreementNotOpen { .. }) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// One person suspends, two reopen, one suspends again.
    async fn suspend_twice(&self) {
        let mut seed = Seed(self.number * 3 + 2);
        let store = self.nodes[1];
        for round in 0..2 {
            let stages = seed.below(STAGES / 2);
            self.let_senders_come(stages).await;
            seed.pause(store).await;
            let before = self.standing(store).await;
            let effect = AgreementState::SuspendedHold;
            let at = noon_and(3 * round + 2);
            let change = arrows::suspend(&before, effect, "a leak", &guardian(), at);
            store
                .apply(change.expect("an arrow"))
                .await
                .expect("applies");
            self.tape.note(self.number, Outside::Acknowledged);
            self.acknowledged.send_replace(());
            if round == 1 {
                return;
            }
            let stages = seed.below(STAGES / 4);
            self.let_senders_come(stages).await;
            let open = AgreementState::InForce;
            let before = self.standing(store).await;
            let change =
                arrows::record_agreement(Some(&before), self.agreement(), open, "mended", at);
            self.tape.note(self.number, Outside::Reopening);
            store
                .apply(change.expect("an arrow"))
                .await
                .expect("applies");
        }
    }

    async fn standing(&self, store: &Store) -> Standing {
        let name = self.agreement().name;
        let standing = store.standing(&name).await.expect("reads");
        standing.expect("is recorded")
    }
}

/// The collecting call, and its repeats.
fn collect(case: &Case, sending: u64) -> Transition {
    let (by, now) = (officer("police-northmoor"), noon_and(60 * 48));
    if case
        .state
        .disclosed()
        .is_some_and(|d| d.release.collected.is_some())
    {
        let unique = format!("{}/{sending}", case.id);
        return arrows::collect_again(case, ("key", &unique), &Field::ALL, &by, now)
            .expect("an arrow");
    }
    let mut collected = arrows::collect(case, "key", &Field::ALL, &by, now).expect("an arrow");
    // Tried again after a refusal: another call, whose key must not be taken for the first.
    collected.key = format!("{}/{sending}", collected.key);
    collected
}

/// A release that waits to be collected, made without a store.
fn released() -> Case {
    let gate = Actor::gate();
    let after = |step: Result<Transition, disclosure::ArrowError>| {
        step.expect("an arrow").case().expect("a case").clone()
    };
    let case = received("TG-0", "police-northmoor", noon_and(1))
        .case()
        .expect("a case")
        .clone();
    let agreement = crate::people::agreement();
    let judged = checks(CheckResult::Pass);
    let case = after(arrows::judge(&case, agreement, judged, &gate, noon_and(1)));
    let open = arrows::TraceGate {
        agreement_open: true,
        test_valid: true,
        budget_left: true,
    };
    let case = after(arrows::start_trace(&case, open, &gate, noon_and(1)));
    let found = traced(TraceOutcome::Single, noon_and(1));
    let case = after(arrows::record_trace(&case, found, noon_and(1)));
    let drafter = caseworker();
    let case = after(arrows::draft(
        &case,
        proposed(),
        &fields(),
        &drafter,
        noon_and(1),
    ));
    let (recheck, terms) = (recheck(), terms());
    let second = guardian();
    let viewed = arrows::write_own_view(&case, "The name", &second, noon_and(1));
    after(arrows::agree(
        &after(viewed),
        "",
        &recheck,
        &terms,
        &second,
        noon_and(1),
    ))
}

/// Runs every race and asks both oracles.
async fn run(place: &Place, gate: Gate, races: u64) -> Verdict {
    let first = place.open().await;
    let second = if place.is_postgres() {
        place.open().await
    } else {
        first.clone()
    };
    let (tape, released) = (Tape::default(), released());
    let races = stream::iter(0..races).map(|number| {
        let race = Race {
            number,
            gate,
            nodes: [&first, &second],
            tape: &tape,
            stage: watch::channel(0).0,
            acknowledged: watch::channel(()).0,
        };
        let released = &released;
        async move { race.run(released).await }
    });
    let refused: Vec<usize> = races.buffer_unordered(AT_ONCE).collect().await;
    let tape = tape.0.into_inner().expect("nobody panicked");
    let verdict = Verdict {
        sent: tape
            .iter()
            .filter(|(_, what)| matches!(what, Outside::Sent))
            .count(),
        refused: refused.into_iter().sum(),
        late_rows: late_rows(&first).await,
        late_bytes: late_bytes(&tape),
    };
    first.close().await.expect("closes");
    second.close().await.expect("closes");
    verdict
}

/// Replays the ledger in the order of its commits.
async fn late_rows(store: &Store) -> usize {
    let mut open: HashMap<String, bool> = HashMap::new();
    let (mut late, mut from) = (0, 0);
    loop {
        let entries = store.entries(from, 1_000).await.expect("reads");
        let Some(last) = entries.last() else {
            return late;
        };
        from = last.index + 1;
        for entry in entries {
            match entry.kind {
                EventKind::AgreementChanged => {
                    let (name, is_open) = changed(store, entry.index).await;
                    open.insert(name, is_open);
                }
                EventKind::Collected | EventKind::CollectedAgain => {
                    let id = entry.case_id.expect("about a case");
                    let race = id.split('-').nth(1).expect("TG-RACE-SENDER");
                    late += usize::from(!open[&format!("race/{race}")]);
                }
                _ => {}
            }
        }
    }
}

/// Which agreement an entry is about, and whether it is open from there on.
async fn changed(store: &Store, index: u64) -> (String, bool) {
    let entry = store.entry(index).await.expect("reads").expect("is there");
    let opening = entry.audit.expect("not erased");
    let facts: serde_json::Value = serde_json::from_slice(&opening.bytes).expect("JSON");
    let facts = &facts["facts"];
    let name = facts["agreement"].as_str().expect("a name").to_owned();
    (name, facts["to"] == "in_force")
}

/// Compares each sending with the acknowledgements around it.
fn late_bytes(tape: &[(u64, Outside)]) -> usize {
    let mut stopped: HashMap<u64, bool> = HashMap::new();
    let mut late = 0;
    for (race, what) in tape {
        match what {
            Outside::Acknowledged => drop(stopped.insert(*race, true)),
            Outside::Reopening => drop(stopped.insert(*race, false)),
            Outside::Sent => late += usize::from(stopped.get(race) == Some(&true)),
        }
    }
    late
}

#[tokio::test]
async fn nothing_is_sent_after_a_suspension_has_been_acknowledged() {
    each(async |place| {
        let verdict = run(place, Gate::Sound, RACES).await;
        assert_eq!((verdict.late_rows, verdict.late_bytes), (0, 0));
        // The races are worth something only if both happen, often.
        assert!(verdict.sent > 400 && verdict.refused > 400, "{verdict:?}");
    })
    .await;
}

#[tokio::test]
async fn the_ledger_tells_on_a_gate_that_checks_and_then_acts() {
    each(async |place| {
        let verdict = run(place, Gate::CheckThenAct, RACES_OF_A_MUTANT).await;
        assert!(verdict.late_rows > 0, "{verdict:?}");
    })
    .await;
}

/// The ledger alone would let this one pass: every row is in order, and bytes leave late.
#[tokio::test]
async fn the_sendings_tell_on_a_gate_without_leases() {
    each(async |place| {
        let verdict = run(place, Gate::Unleased, RACES_OF_A_MUTANT).await;
        assert_eq!(verdict.late_rows, 0, "{verdict:?}");
        assert!(verdict.late_bytes > 0, "{verdict:?}");
    })
    .await;
}
