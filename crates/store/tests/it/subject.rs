//! The log of one person: everybody whom an entry is about, told now or later, and after erasure.

use disclosure::arrows::{self, ErasureGround};
use disclosure::deferral::{DeferralGround, DelayAsked};
use disclosure::trace::{TraceOutcome, TraceResult};
use disclosure::{Actor, Case, Code, EventKind};
use jiff::{SignedDuration, Timestamp};
use ledger::chain::{Chain, Said};
use store::{DeferredCount, Store, SubjectLog};

use crate::people::{
    agreement, agreement_becomes, caseworker, checks, go, guardian, noon_and, officer, request,
    traced, window,
};
use crate::place::{Place, each};

const FOUND: &str = "P-9990000018";
const COMPARED: &str = "P-9990000026";
const GROUND: ErasureGround = ErasureGround::RightToErasure;

/// Two people compared, of whom the first is found.
fn compared(now: Timestamp) -> TraceResult {
    let mut trace = traced(TraceOutcome::Single, now);
    let mut other = trace.candidates[0].clone();
    COMPARED.clone_into(&mut other.person_ref);
    trace.candidates.push(other);
    trace
}

/// A case whose trace compared two people; `until` minutes the person is told later.
pub async fn traced_case(store: &Store, id: &str, until: Option<i64>) -> Case {
    let gate = Actor::gate();
    let in_force = agreement_becomes(store, disclosure::AgreementState::InForce, noon_and(0));
    in_force.await.expect("applies");
    let mut asked = request("police-northmoor");
    asked.tell_subject_delay = until.map(|minutes| DelayAsked {
        ground: DeferralGround::Crime,
        until: noon_and(minutes),
    });
    let by = officer("police-northmoor");
    let case = go(store, arrows::receive(id, id, asked, &by, noon_and(1))).await;
    let answers = checks(disclosure::check::CheckResult::Pass);
    let judged = arrows::judge(&case, agreement(), answers, &gate, noon_and(2));
    let case = go(store, judged.expect("an arrow")).await;
    let open = arrows::TraceGate {
        agreement_open: true,
        test_valid: true,
        budget_left: true,
    };
    let started = arrows::start_trace(&case, open, &gate, noon_and(3));
    let case = go(store, started.expect("an arrow")).await;
    let found = arrows::record_trace(&case, compared(noon_and(4)), noon_and(4));
    go(store, found.expect("an arrow")).await
}

async fn ended(store: &Store, case: &Case) -> Case {
    let code = Code::PitNotMetAfterTrace;
    let ended = arrows::end_without_result(case, code, window(), &caseworker(), noon_and(6));
    go(store, ended.expect("an arrow")).await
}

async fn log_of(store: &Store, person: &str) -> SubjectLog {
    store.subject_log(person).await.expect("reads")
}

fn kinds(log: &SubjectLog) -> Vec<EventKind> {
    log.entries.iter().map(|entry| entry.row.kind).collect()
}

#[tokio::test]
async fn everybody_compared_has_the_entry_in_their_own_log() {
    each(async |place| {
        let store = place.open().await;
        let case = traced_case(&store, "TG-1", None).await;
        ended(&store, &case).await;
        let size = store.ledger_size().await.expect("reads");
        assert_eq!(size, 6, "one entry for each step, whoever it is about");
        let (found, other) = (log_of(&store, FOUND).await, log_of(&store, COMPARED).await);
        assert_eq!(kinds(&found), [EventKind::Traced, EventKind::Ended]);
        assert_eq!(kinds(&other), [EventKind::Traced]);
        assert_eq!(found.entries[0].row.index, other.entries[0].row.index);
        assert_eq!(found.entries[0].leaf, other.entries[0].leaf);
        assert!(matches!(found.entries[0].said, Said::Share(_)));
        assert!(matches!(found.entries[1].said, Said::Alone(_)));
        assert_eq!(found.entries[1].facts["code"], "pit_not_met_after_trace");
        assert_eq!(other.entries[0].facts["part"], "compared");
        assert_eq!((found.erased, other.erased), (0, 0));
        // Reading it is an entry, in the chain of that person alone.
        let read = arrows::note_log_read(
            "k",
            (COMPARED, None),
            "asked for it",
            &guardian(),
            noon_and(9),
        );
        store.apply(read).await.expect("applies");
        let other = log_of(&store, COMPARED).await;
        assert_eq!(kinds(&other), [EventKind::Traced, EventKind::LogRead]);
        assert_eq!(other.entries[1].link.previous, Some(4));
        assert_eq!(log_of(&store, FOUND).await.entries.len(), 2);
        assert!(log_of(&store, "P-nobody").await.entries.is_empty());
        store.audit().await.expect("is whole");
    })
    .await;
}

#[tokio::test]
async fn what_is_deferred_is_counted_and_told_when_it_ends() {
    each(async |place| {
        let store = place.open().await;
        let case = traced_case(&store, "TG-1", Some(60)).await;
        let case = ended(&store, &case).await;
        for person in [FOUND, COMPARED] {
            assert!(log_of(&store, person).await.entries.is_empty());
            assert!(!store.has_log(person).await.expect("reads"));
        }
        let count = store.deferred().await.expect("counts");
        let expected = DeferredCount {
            cases: 1,
            entries: 3,
            people: 2,
        };
        assert_eq!(count, expected, "the trace for both, its end for one");
        let told = traced_case(&store, "TG-2", None).await;
        assert_eq!(kinds(&log_of(&store, FOUND).await), [EventKind::Traced]);
        let due = store::CaseFilter {
            deferred_by: Some(noon_and(60)),
            ..Default::default()
        };
        assert_eq!(store.count(&due).await.expect("counts"), 1);
        let over = arrows::end_deferral(&case, &Actor::gate(), noon_and(60)).expect("an arrow");
        go(&store, over).await;
        assert_eq!(store.count(&due).await.expect("counts"), 0);
        assert_eq!(store.deferred().await.expect("counts").entries, 0);
        let log = log_of(&store, FOUND).await;
        let expected = [
            EventKind::Traced,
            EventKind::Traced,
            EventKind::Ended,
            EventKind::DeferralEnded,
        ];
        assert_eq!(kinds(&log), expected);
        let chains: Vec<Chain> = log.entries.iter().map(|entry| entry.chain).collect();
        let (own, later) = (Chain::Own, Chain::Deferred);
        assert_eq!(chains, [own, later, later, own]);
        let moved = log.entries[3].link.moved.expect("takes them in");
        assert_eq!((moved.entries, moved.newest), (2, log.entries[2].row.index));
        let other = log_of(&store, COMPARED).await;
        assert_eq!(other.entries.len(), 3, "two traces and the end");
        drop(told);
        store.audit().await.expect("is whole");
    })
    .await;
}

#[tokio::test]
async fn an_erased_persons_log_says_so_and_others_keep_theirs() {
    each(async |place| {
        let store = place.open().await;
        let case = traced_case(&store, "TG-1", None).await;
        ended(&store, &case).await;
        let late = noon_and(60 * 24 * 9);
        let cases = store.cases_about("TG-1").await.expect("reads");
        let erased = arrows::erase(&cases, GROUND, "somebody", &guardian(), late);
        let erased = erased.expect("an arrow");
        store.apply(erased).await.expect("applies");
        let log = log_of(&store, FOUND).await;
        assert_eq!(kinds(&log), [EventKind::Erased]);
        assert_eq!(log.erased, 2);
        assert_eq!(log.entries[0].facts["reason"], GROUND.code());
        let other = log_of(&store, COMPARED).await;
        assert_eq!(kinds(&other), [EventKind::Traced], "was not erased");
        assert_eq!(other.erased, 0);
        let read = arrows::note_log_read("k", (FOUND, None), "asked for it", &guardian(), late);
        store.apply(read).await.expect("applies");
        let log = log_of(&store, FOUND).await;
        assert_eq!(kinds(&log), [EventKind::Erased, EventKind::LogRead]);
        store.audit().await.expect("is whole");
    })
    .await;
}

/// Audit facts under the key of their month, personal ones under the person's: what erasure
/// destroys, and what it must not.
#[tokio::test]
async fn audit_facts_have_a_key_of_their_time_and_personal_ones_of_the_person() {
    let place = Place::sqlite();
    let store = place.open().await;
    traced_case(&store, "TG-1", None).await;
    let month = SignedDuration::from_hours(24 * 31);
    let look = |key: &str, at| arrows::note_log_read(key, (FOUND, None), "why", &guardian(), at);
    for (key, at) in [("a", noon_and(9)), ("b", noon_and(9) + month)] {
        store.apply(look(key, at)).await.expect("applies");
    }
    let slots = place
        .numbers("SELECT audit_slot FROM sealed_openings ORDER BY idx DESC LIMIT 3")
        .await;
    let [next_month, this_month, trace] = slots.as_slice() else {
        panic!("three entries");
    };
    assert!(this_month == trace && next_month != this_month);
    let own = "SELECT personal_slot FROM sealed_openings ORDER BY idx DESC LIMIT 2";
    let own = place.numbers(own).await;
    let person = place
        .numbers("SELECT key_slot FROM shares JOIN subjects USING (key_slot) LIMIT 9")
        .await;
    assert!(own[0] == own[1] && person.contains(&own[0]));
    assert!(!slots.contains(&own[0]));
}

#[tokio::test]
async fn a_share_that_was_changed_or_swapped_is_damage() {
    each(async |place| {
        let store = place.open().await;
        traced_case(&store, "TG-1", None).await;
        traced_case(&store, "TG-2", None).await;
        place
            .tamper(
                "UPDATE shares SET sealed = (SELECT sealed FROM shares AS other
                     WHERE other.pseudonym = shares.pseudonym AND other.idx < shares.idx)
                 WHERE idx = (SELECT MAX(idx) FROM shares)",
            )
            .await;
        let read = store.subject_log(COMPARED).await;
        let Err(error) = read else {
            panic!("a swapped share was read");
        };
        assert!(error.to_string().contains("is to be told"), "{error}");
    })
    .await;
}
