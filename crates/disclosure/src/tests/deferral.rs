//! Telling the people of a case later: on a ground, until a day, renewed by somebody else.

use jiff::Timestamp;
use proptest::prelude::*;

use super::sample::*;
use crate::arrows::{self, end_deferral};
use crate::deferral::{DEFERRAL_DAYS_MAX, DeferralGround, DeferralTerms, DelayAsked};
use crate::trace::TraceOutcome;
use crate::{Actor, ArrowError, Case, EventKind, Request, Telling, Transition};

const GROUND: DeferralGround = DeferralGround::Crime;

type Step = Result<Transition, ArrowError>;

/// Where the agreement says nothing of deferrals.
fn defer(
    case: &Case,
    term: (DeferralGround, Timestamp),
    why: &str,
    by: &Actor,
    now: Timestamp,
) -> Step {
    arrows::defer(case, &DeferralTerms::default(), term, why, by, now)
}

fn renew_deferral(case: &Case, until: Timestamp, why: &str, by: &Actor, now: Timestamp) -> Step {
    arrows::renew_deferral(case, &DeferralTerms::default(), until, why, by, now)
}

/// An agreement takes away from the grounds and the term, and adds nothing to either.
#[test]
fn an_agreement_has_grounds_and_a_term_of_its_own() {
    let terms = |grounds: &[DeferralGround], days_max| DeferralTerms {
        grounds: grounds.to_vec(),
        days_max,
    };
    let (case, by) = (received(request()), caseworker());
    let defer = |terms: &DeferralTerms, ground, days: i64| {
        let term = (ground, at(days * DAY));
        arrows::defer(&case, terms, term, "why", &by, at(0))
    };
    let short = terms(&[GROUND], 14);
    let later = after(defer(&short, GROUND, 14));
    let too_long = Err(ArrowError::DeferralTerm { days: 14 });
    assert_eq!(defer(&short, GROUND, 15), too_long);
    let other = DeferralGround::OthersRights;
    assert_eq!(defer(&short, other, 1), Err(ArrowError::DeferralGround));
    let never = terms(&[], 90);
    assert_eq!(defer(&never, GROUND, 1), Err(ArrowError::DeferralGround));
    let more = defer(&terms(&[GROUND], 400), GROUND, 91);
    assert_eq!(more, Err(ArrowError::DeferralTerm { days: 90 }));
    let renew = |terms: &DeferralTerms, days: i64| {
        arrows::renew_deferral(
            &later,
            terms,
            at(days * DAY),
            "why",
            &guardian(),
            at(2 * DAY),
        )
    };
    assert!(renew(&short, 16).is_ok());
    assert_eq!(renew(&short, 17), too_long);
    // The agreement has been replaced since by one that does not have the ground.
    assert_eq!(renew(&never, 16), Err(ArrowError::DeferralGround));
}

fn asking(days: i64) -> Request {
    Request {
        tell_subject_delay: Some(DelayAsked {
            ground: GROUND,
            until: at(days * DAY),
        }),
        ..request()
    }
}

fn traced_later(days: i64) -> Case {
    let found = trace_result(TraceOutcome::Single, &Actor::gate(), at(3));
    let traced = arrows::record_trace(&tracing(asking(days)), found, at(3)).unwrap();
    assert_eq!(traced.event.telling, Telling::Later);
    assert_eq!(traced.event.audit["deferred"], "1");
    traced.case().unwrap().clone()
}

#[test]
fn an_agency_asks_and_no_term_is_longer_than_a_quarter() {
    let until = |days| received(asking(days)).deferred_until();
    assert_eq!(until(30), Some(at(30 * DAY)));
    assert_eq!(until(400), Some(at(DEFERRAL_DAYS_MAX * DAY)));
    assert_eq!(until(-1), None, "it would have ended before it began");
    let kept = arrows::receive("TG-1", "k", asking(30), &officer(), at(0));
    assert_eq!(kept.event.audit["deferral_ground"], "crime");
    let told = arrows::receive("TG-1", "k", request(), &officer(), at(0));
    assert!(!told.event.audit.contains_key("deferral_ground"));
}

#[test]
fn when_nobody_renews_everybody_is_told() {
    let case = traced_later(30);
    let gate = Actor::gate();
    let early = end_deferral(&case, &gate, at(30 * DAY - 1));
    assert!(matches!(early, Err(ArrowError::WrongState { .. })));
    let ended = end_deferral(&case, &gate, at(30 * DAY)).unwrap();
    assert_eq!(ended.event.kind, EventKind::DeferralEnded);
    assert_eq!(ended.event.telling, Telling::AtLast);
    assert_eq!(ended.event.concerns.len(), 1);
    let case = ended.case().unwrap();
    assert_eq!(case.deferred_until(), None);
    assert_eq!(case.state, traced_later(30).state, "the case goes on");
    let view = EventKind::CaseViewed;
    let look = arrows::note_look("k", view, Some(case), "page", &caseworker(), at(31 * DAY));
    assert_eq!(look.event.telling, Telling::Now);
    let again = end_deferral(case, &gate, at(31 * DAY));
    assert!(matches!(again, Err(ArrowError::WrongState { .. })));
}

#[test]
fn only_somebody_else_renews() {
    let case = after(defer(
        &received(request()),
        (GROUND, at(10 * DAY)),
        "the agency asked by telephone",
        &guardian(),
        at(1),
    ));
    let renew = |case: &Case, by: &Actor, days: i64| {
        renew_deferral(case, at(days * DAY), "still under way", by, at(9 * DAY))
    };
    let same = renew(&case, &guardian(), 20);
    assert!(matches!(same, Err(ArrowError::SamePerson { .. })));
    for by in [caseworker(), officer(), Actor::gate()] {
        assert!(matches!(
            renew(&case, &by, 20),
            Err(ArrowError::Role { .. })
        ));
    }
    let renewed = renew(&case, &reviewer(), 20).unwrap();
    assert_eq!(renewed.event.kind, EventKind::DeferralRenewed);
    assert_eq!(renewed.event.audit["deferral_asked_by"], guardian().id);
    let case = after(Ok(renewed));
    assert_eq!(case.deferred_until(), Some(at(20 * DAY)));
    // Nor twice in a row.
    let twice = renew(&case, &reviewer(), 30);
    assert!(matches!(twice, Err(ArrowError::SamePerson { .. })));
    assert!(end_deferral(&case, &Actor::gate(), at(10 * DAY)).is_err());
    assert!(
        end_deferral(&case, &guardian(), at(10 * DAY)).is_ok(),
        "a guardian may at any time"
    );
    assert!(end_deferral(&case, &caseworker(), at(10 * DAY)).is_err());
}

#[test]
fn a_term_ends_later_than_now_and_within_a_quarter() {
    let case = received(request());
    let until = |case: &Case, time| defer(case, (GROUND, time), "why", &caseworker(), at(DAY));
    for days in [0, 1, 1 + DEFERRAL_DAYS_MAX + 1] {
        let refused = until(&case, at(days * DAY));
        assert_eq!(
            refused.unwrap_err(),
            ArrowError::DeferralTerm { days: 90 },
            "{days}"
        );
    }
    let deferred = after(until(&case, at(10 * DAY)));
    let shorter = renew_deferral(&deferred, at(9 * DAY), "why", &guardian(), at(2 * DAY));
    assert_eq!(shorter.unwrap_err(), ArrowError::DeferralTerm { days: 90 });
    let silent = renew_deferral(&deferred, at(11 * DAY), " ", &guardian(), at(2 * DAY));
    assert_eq!(silent.unwrap_err(), ArrowError::Missing("reason"));
}

#[test]
fn what_people_have_been_told_cannot_be_taken_back() {
    let told = traced(TraceOutcome::Ambiguous);
    let late = defer(&told, (GROUND, at(10 * DAY)), "why", &caseworker(), at(DAY));
    assert!(matches!(late, Err(ArrowError::WrongState { .. })));
    let twice = received(asking(30));
    let twice = defer(
        &twice,
        (GROUND, at(40 * DAY)),
        "why",
        &caseworker(),
        at(DAY),
    );
    assert!(matches!(twice, Err(ArrowError::WrongState { .. })));
}

#[test]
fn nothing_is_erased_before_the_people_were_told() {
    let case = traced_later(60);
    let code = crate::Code::PitNotMetAfterTrace;
    let ended = arrows::end_without_result(&case, code, WINDOW, &caseworker(), at(DAY));
    let case = after(ended);
    let ground = arrows::ErasureGround::RetentionEnded;
    let erase = |case: &Case| {
        arrows::propose_erasure(
            std::slice::from_ref(case),
            ground,
            &caseworker(),
            at(50 * DAY),
        )
    };
    assert!(matches!(erase(&case), Err(ArrowError::Unfinished(_))));
    let told = after(end_deferral(&case, &guardian(), at(40 * DAY)));
    assert!(erase(&told).is_ok());
}

proptest! {
    /// Whoever tries what, and whenever: nobody is told while it lasts, everybody once it is over, no
    /// term is longer than a quarter, and nobody renews what rests on them.
    #[test]
    fn a_deferral_lasts_only_as_somebody_else_wants(
        steps in prop::collection::vec((0_u8..4, 0_usize..5, 0_i64..60, 0_i64..120), 1..24),
    ) {
        let people = [guardian(), reviewer(), caseworker(), officer(), Actor::gate()];
        let mut now = 0;
        let mut case = received(request());
        for (step, who, wait, days) in steps {
            now += wait * DAY;
            let (by, until) = (&people[who], at(now + days * DAY));
            let taken = match step {
                0 => defer(&case, (GROUND, until), "why", by, at(now)),
                1 => renew_deferral(&case, until, "why", by, at(now)),
                2 => end_deferral(&case, by, at(now)),
                _ => end_deferral(&case, &Actor::gate(), at(now)),
            };
            let Ok(taken) = taken else { continue };
            let before = case.deferral.clone();
            case = after(Ok(taken.clone()));
            let deferral = case.deferral.as_ref().expect("there is one");
            match taken.event.kind {
                EventKind::Deferred => prop_assert!(before.is_none()),
                EventKind::DeferralRenewed => {
                    let before = before.expect("there was one");
                    prop_assert!(before.is_open() && !before.rests_on(by));
                    prop_assert!(deferral.until > before.until);
                }
                kind => {
                    prop_assert_eq!(kind, EventKind::DeferralEnded);
                    let due = deferral.until <= at(now);
                    prop_assert!(due || by.role == crate::Role::Guardian);
                }
            }
            let term = deferral.until.duration_since(at(now)).as_hours();
            prop_assert!(!deferral.is_open() || term <= 24 * DEFERRAL_DAYS_MAX);
            let look = EventKind::CaseViewed;
            let look = arrows::note_look("k", look, Some(&case), "page", &caseworker(), at(now));
            let later = look.event.telling == Telling::Later;
            prop_assert_eq!(later, deferral.is_open());
        }
    }
}
