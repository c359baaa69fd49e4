//! I1: everything received is accounted for, whatever happens to it.

use std::collections::BTreeMap;

use disclosure::check::CheckResult;
use disclosure::intake::Fault;
use disclosure::statistics::Row as Counts;
use disclosure::trace::TraceOutcome;
use disclosure::{
    Actor, AgreementState, ArrowError, Case, Code, EventKind, State, Transition, arrows,
};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};

use crate::people::{
    agreement, agreement_becomes, caseworker, checks, fields, go, guardian, noon_and, officer,
    proposed, received, recheck, release, terms, traced, window,
};
use crate::place::each;

const AGENCIES: [&str; 3] = ["fire", "police-northmoor", "police-southmoor"];

/// One of the steps that may come next, chosen by a number.
fn step(case: &Case, choice: u8, minutes: i64) -> Result<Transition, ArrowError> {
    let now = noon_and(minutes);
    let gate = Actor::gate();
    let agency = officer(&case.request.requester.organization);
    match (&case.state, choice % 8) {
        (_, 0) => arrows::withdraw(case, &agency, now),
        (_, 1) => arrows::expire(case, &gate, now.max(case.expires_at)),
        (_, 2) => arrows::hold(case, &gate, now),
        (_, 3) => arrows::refuse_suspended(case, &gate, now),
        (State::HeldSuspension, _) => arrows::resume(case, &gate, now),
        (State::Submitted(_), 4) => {
            let fault = Fault::new(Code::FormIncomplete, "fields", "is empty", "fill it in");
            arrows::invalidate(case, vec![fault], &gate, now)
        }
        (State::Submitted(_), 5) => {
            arrows::judge(case, agreement(), checks(CheckResult::Fail), &gate, now)
        }
        (State::Submitted(_), _) => {
            arrows::judge(case, agreement(), checks(CheckResult::Pass), &gate, now)
        }
        (State::Checked(_), _) => {
            let open = arrows::TraceGate {
                agreement_open: true,
                test_valid: true,
                budget_left: true,
            };
            arrows::start_trace(case, open, &gate, now)
        }
        (State::Tracing(_), 4) => {
            arrows::record_trace(case, traced(TraceOutcome::NoTrace, now), now)
        }
        (State::Tracing(_), _) => {
            arrows::record_trace(case, traced(TraceOutcome::Single, now), now)
        }
        (State::CaseworkReview(_), 4) => {
            let code = Code::NoReleasableField;
            arrows::end_without_result(case, code, window(), &caseworker(), now)
        }
        (State::CaseworkReview(_), _) => {
            arrows::draft(case, proposed(), &fields(), &caseworker(), now)
        }
        (State::GuardianReview(drafted), _) if drafted.own_views.is_empty() => {
            arrows::write_own_view(case, "The address", &guardian(), now)
        }
        (State::GuardianReview(_), 4) => arrows::decline(case, "", window(), &guardian(), now),
        (State::GuardianReview(_), _) => {
            arrows::agree(case, "", &recheck(), &terms(), &guardian(), now)
        }
        _ => Err(ArrowError::NotCertain),
    }
}

fn count<'c>(cases: impl IntoIterator<Item = &'c Case>) -> Counts {
    let mut counts = Counts::default();
    for case in cases {
        counts.count(case.ending, case.state == State::HeldSuspension);
    }
    counts
}

async fn walk(place: &crate::place::Place, round: usize, walks: &[(usize, Vec<u8>)]) {
    let store = place.open().await;
    let at = noon_and(0);
    agreement_becomes(&store, AgreementState::InForce, at)
        .await
        .expect("applies");
    for (number, (agency, choices)) in walks.iter().enumerate() {
        let id = format!("TG-{round}-{number}");
        let received = received(&id, AGENCIES[*agency], noon_and(number as i64));
        let mut case = go(&store, received).await;
        for (minutes, choice) in (1_000..).zip(choices) {
            if let Ok(transition) = step(&case, *choice, minutes) {
                case = go(&store, transition).await;
            }
        }
    }
    let mut groups: BTreeMap<(Option<String>, String), Vec<Case>> = BTreeMap::new();
    let all = store
        .cases(&store::CaseFilter::default(), None, 1000)
        .await
        .expect("reads");
    for row in all.rows {
        let case = store.case(&row.id).await.expect("reads").expect("a case");
        let name = case
            .agreement
            .as_ref()
            .map(|agreement| agreement.name.clone());
        let key = (name, case.request.requester.organization.clone());
        groups.entry(key).or_default().push(case);
    }
    let statistics = store
        .statistics(Timestamp::MIN, Timestamp::MAX, Timestamp::MAX)
        .await
        .expect("reads");
    assert_eq!(statistics.total, count(groups.values().flatten()));
    assert!(statistics.total.balances());
    assert_eq!(statistics.rows.len(), groups.len());
    for row in &statistics.rows {
        let key = (row.agreement.clone(), row.agency.clone());
        assert_eq!(row.counts, count(&groups[&key]), "{key:?}");
        assert!(row.counts.balances());
    }
    store.close().await.expect("closes");
}

#[tokio::test]
async fn random_cases_are_all_accounted_for() {
    let walks = prop::collection::vec((0..3_usize, prop::collection::vec(any::<u8>(), 0..9)), 0..8);
    each(async |place| {
        let mut runner = TestRunner::new(Config::default());
        for round in 0..24 {
            let tree = walks.new_tree(&mut runner).expect("a value");
            walk(place, round, &tree.current()).await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_counts_of_a_period_do_not_tell_before_the_answer_does() {
    each(async |place| {
        let store = place.open().await;
        let case = crate::people::drafted(&store, "TG-1").await;
        let case = crate::people::viewed(&store, &case, &guardian(), 6).await;
        go(&store, received("TG-2", "fire", noon_and(120))).await;
        let released = go(&store, release(&case, &guardian(), 20)).await;
        let answer_at = released.answer_at.expect("an answer");
        let of = async |from: i64, until: i64, as_of: Timestamp| {
            let (from, until) = (noon_and(from), noon_and(until));
            store
                .statistics(from, until, as_of)
                .await
                .expect("reads")
                .total
        };
        let early = of(0, 60, answer_at - jiff::SignedDuration::from_secs(1)).await;
        assert_eq!(
            (early.received, early.pending, early.released_all),
            (1, 1, 0)
        );
        let late = of(0, 60, answer_at).await;
        assert_eq!((late.received, late.pending, late.released_all), (1, 0, 1));
        assert_eq!(of(0, 121, answer_at).await.received, 2);
        assert_eq!(of(2, 60, answer_at).await, Counts::default());
    })
    .await;
}

#[tokio::test]
async fn a_case_is_counted_with_its_code_and_only_by_what_had_happened_then() {
    each(async |place| {
        let store = place.open().await;
        let gate = Actor::gate();
        go(&store, received("TG-1", "fire", noon_and(0))).await;
        let case = go(&store, received("TG-2", "police-northmoor", noon_and(1))).await;
        let failed = checks(CheckResult::Fail);
        let refused = arrows::judge(&case, agreement(), failed, &gate, noon_and(5));
        let refused = go(&store, refused.expect("refused")).await;
        let State::Refused(refusal) = &refused.state else {
            panic!("{:?}", refused.state);
        };
        let of = async |until: i64| {
            let (from, until) = (noon_and(0), noon_and(until));
            let cases = store.counted_cases(from, until, until).await;
            cases.expect("reads")
        };
        let [first, second] = of(10).await.try_into().expect("two cases");
        assert_eq!(
            (first.agency.as_str(), first.ending, first.code),
            ("fire", None, None)
        );
        assert_eq!(second.ending, Some(disclosure::Ending::Refused));
        assert_eq!(second.code, Some(refusal.code));
        assert_eq!(second.purpose, refused.request.purpose);
        assert!(second.events.contains(&EventKind::Refused), "{second:?}");
        let early = of(2).await;
        assert!(!early[1].events.contains(&EventKind::Refused), "{early:?}");
        // What happens later changes nothing of what was counted.
        let first = store.case("TG-1").await.expect("reads").expect("a case");
        let held = arrows::hold(&first, &gate, noon_and(20)).expect("held");
        let held = go(&store, held).await;
        let resumed = arrows::resume(&held, &gate, noon_and(30)).expect("resumed");
        go(&store, resumed).await;
        let mut is_held = Vec::new();
        for until in [10, 25, 35] {
            is_held.push(of(until).await[0].held);
        }
        assert_eq!(is_held, [false, true, false]);
        store.close().await.expect("closes");
    })
    .await;
}
