use super::sample::{
    DAY, OUTCOMES, after, at, caseworker, checked, guardian, held, officer, person, recheck,
    releasable, request, reviewer, terms, trace_result, views,
};
use crate::arrows::{self, Proposed, Recheck};
use crate::decision::{Draft, Proposal, Views};
use crate::release::{AddressKind, HeldRecord};
use crate::request::Priority;
use crate::trace::{TraceOutcome, TraceResult};
use crate::visibility::may_see_draft;
use crate::{
    Actor, ArrowError, Case, Change, Ending, EventKind, Field, Message, Role, State, Transition,
    outward,
};

const BOTH: [Field; 2] = [Field::Name, Field::LastKnownAddress];

fn urgent() -> Case {
    let mut request = request();
    request.priority = Priority::Emergency;
    checked(request)
}

fn draft() -> Draft {
    Draft {
        proposal: Proposal::Release(BOTH.to_vec()),
        gateway: "L3".to_owned(),
        views: views(),
        by: caseworker(),
        at: at(10),
    }
}

fn single() -> TraceResult {
    trace_result(TraceOutcome::Single, &Actor::gate(), at(9))
}

fn try_release(
    case: &Case,
    trace: TraceResult,
    draft: Draft,
    recheck: &Recheck,
    by: &Actor,
) -> Result<Transition, ArrowError> {
    arrows::release_in_emergency(case, trace, draft, recheck, &terms(), by, at(11))
}

fn release() -> Transition {
    try_release(&urgent(), single(), draft(), &recheck(), &guardian()).unwrap()
}

fn pending() -> Case {
    release().case().unwrap().clone()
}

/// With what the reviewer would have done, written before they saw what was.
fn viewed(case: &Case) -> Case {
    after(arrows::write_own_view(
        case,
        "justified",
        &reviewer(),
        at(DAY),
    ))
}

#[test]
fn an_emergency_is_answered_at_once_and_counted_once() {
    let released = release();
    assert!(
        matches!(released.change, Change::MoveIfAgreementOpen(..)),
        "I7"
    );
    assert!(matches!(released.outbox[..], [Message::Notify { at: told, .. }] if told == at(11)));
    assert_eq!(released.event.audit["fields"], "name last_known_address");
    let case = pending();
    assert_eq!(case.answer_at, Some(at(11)), "no wait for the window");
    assert_eq!(outward::answer(&case, at(11)).status, "released");
    assert_eq!(case.ending, Some(Ending::ReleasedAll));
    let upheld = arrows::uphold(&viewed(&case), "", &reviewer(), at(DAY)).unwrap();
    assert_eq!(upheld.event.audit["own_view"], "kept");
    assert!(!upheld.event.audit.contains_key("ending"), "counted once");
    let upheld = upheld.case().unwrap().clone();
    assert_eq!(upheld.ending, Some(Ending::ReleasedAll));
}

#[test]
fn an_emergency_release_in_part_counts_as_part() {
    let away = HeldRecord {
        address_kind: AddressKind::Withheld,
        ..held()
    };
    let recheck = Recheck {
        held: Some(away),
        ..recheck()
    };
    let released = try_release(&urgent(), single(), draft(), &recheck, &guardian());
    assert_eq!(after(released).ending, Some(Ending::ReleasedPart));
    let draft = Draft {
        proposal: Proposal::Release(vec![Field::Name]),
        ..draft()
    };
    let released = try_release(&urgent(), single(), draft, &recheck, &guardian());
    assert_eq!(after(released).ending, Some(Ending::ReleasedPart));
}

#[test]
fn only_an_emergency_is_one() {
    let routine = checked(request());
    let refused = try_release(&routine, single(), draft(), &recheck(), &guardian());
    assert_eq!(refused, Err(ArrowError::Missing("emergency priority")));
}

/// I4, I5, I8, I20 hold in a hurry too.
#[test]
fn every_rule_but_the_wait_still_holds() {
    let release = |draft, recheck: &Recheck| {
        try_release(&urgent(), single(), draft, recheck, &guardian()).map(|_| ())
    };
    let gateless = Draft {
        gateway: String::new(),
        ..draft()
    };
    assert_eq!(
        release(gateless, &recheck()),
        Err(ArrowError::Missing("gateway"))
    );
    let silent = Draft {
        views: Views::default(),
        ..draft()
    };
    assert_eq!(
        release(silent, &recheck()),
        Err(ArrowError::Missing("necessity"))
    );
    let forward = Draft {
        proposal: Proposal::Forward,
        ..draft()
    };
    assert_eq!(
        release(forward, &recheck()),
        Err(ArrowError::Missing("fields"))
    );
    let more = Draft {
        proposal: Proposal::Release(releasable()),
        ..draft()
    };
    assert_eq!(
        release(more, &recheck()),
        Err(ArrowError::Field(Field::PreviousNames))
    );
    let narrowed = Recheck {
        agreed: vec![Field::Name],
        ..recheck()
    };
    assert_eq!(
        release(draft(), &narrowed),
        Err(ArrowError::Field(Field::LastKnownAddress))
    );
    let closed = Recheck {
        agreement_open: false,
        ..recheck()
    };
    assert_eq!(release(draft(), &closed), Err(ArrowError::AgreementNotOpen));
    let expired = Recheck {
        test_valid: false,
        ..recheck()
    };
    assert_eq!(release(draft(), &expired), Err(ArrowError::TestExpired));
    let protected = HeldRecord {
        restricted: true,
        ..held()
    };
    let nothing = Recheck {
        held: Some(protected),
        ..recheck()
    };
    assert_eq!(release(draft(), &nothing), Err(ArrowError::NotCertain));
    for outcome in OUTCOMES {
        let trace = trace_result(outcome, &Actor::gate(), at(9));
        let released = try_release(&urgent(), trace, draft(), &recheck(), &guardian());
        assert_eq!(released.is_ok(), outcome == TraceOutcome::Single);
    }
}

#[test]
fn tracer_drafter_and_guardian_are_three() {
    let by = |drafter: Actor, tracer: Actor, guardian: Actor| {
        let trace = trace_result(TraceOutcome::Single, &tracer, at(9));
        let draft = Draft {
            by: drafter,
            ..draft()
        };
        try_release(&urgent(), trace, draft, &recheck(), &guardian).is_ok()
    };
    let other = || person("other", Role::Caseworker, "controller");
    assert!(by(caseworker(), Actor::gate(), guardian()));
    assert!(by(caseworker(), other(), guardian()));
    assert!(
        !by(caseworker(), caseworker(), guardian()),
        "drafter traced"
    );
    assert!(
        !by(guardian(), Actor::gate(), reviewer()),
        "drafter is no caseworker"
    );
    assert!(
        !by(caseworker(), officer(), guardian()),
        "tracer is no caseworker"
    );
    let same = |role| person("caseworker", role, "controller");
    assert!(
        !by(caseworker(), Actor::gate(), same(Role::Guardian)),
        "drafter decides"
    );
    assert!(
        !by(other(), caseworker(), same(Role::Guardian)),
        "tracer decides"
    );
    assert!(!by(caseworker(), Actor::gate(), other()), "no guardian");

    let mut text = urgent();
    text.request.manual_information = Some("look".to_owned());
    let refused = try_release(&text, single(), draft(), &recheck(), &guardian());
    assert_eq!(refused, Err(ArrowError::NeedsPerson));
}

#[test]
fn the_review_is_by_somebody_new() {
    let case = pending();
    for by in [
        guardian(),
        caseworker(),
        officer(),
        Actor::gate(),
        person("caseworker", Role::Guardian, "controller"),
        person("gate", Role::Guardian, "controller"),
        person("officer", Role::Guardian, "controller"),
        person("inspector", Role::Guardian, "controller"),
    ] {
        let steps = [
            arrows::write_own_view(&case, "justified", &by, at(DAY)),
            arrows::uphold(&viewed(&case), "", &by, at(DAY)),
            arrows::not_uphold(&viewed(&case), "", &by, at(DAY)),
        ];
        assert!(steps.iter().all(Result::is_err), "{by:?}");
    }
    assert!(arrows::uphold(&viewed(&case), "", &reviewer(), at(DAY)).is_ok());
}

#[test]
fn not_upheld_is_recalled_and_told() {
    let step =
        arrows::not_uphold(&viewed(&pending()), "It was not.", &reviewer(), at(DAY)).unwrap();
    assert_eq!(step.event.audit["own_view"], "changed");
    let case = step.case().unwrap().clone();
    assert_eq!(step.event.kind, EventKind::Recalled);
    assert!(matches!(step.outbox[..], [Message::Notify { .. }]));
    assert_eq!(
        case.ending,
        Some(Ending::ReleasedAll),
        "stays counted as released"
    );
    assert_eq!(case.state.disclosed().unwrap().release.record, []);
    assert_eq!(outward::answer(&case, at(DAY)).status, "recalled");
}

/// An emergency release is there to be used: it is collected while the review is due.
#[test]
fn an_emergency_release_is_collected_once_before_or_after_its_review() {
    let before = arrows::collect(&pending(), "k", &releasable(), &officer(), at(12)).unwrap();
    assert!(
        matches!(before.change, Change::MoveIfAgreementOpen(..)),
        "I7"
    );
    let case = before.case().unwrap().clone();
    assert!(
        matches!(case.state, State::EmergencyPending(_)),
        "still under review"
    );
    assert_eq!(outward::answer(&case, at(12)).status, "collected");
    let again = arrows::collect(&case, "k2", &releasable(), &officer(), at(13));
    assert_eq!(again, Err(ArrowError::AlreadyCollected));
    let upheld = after(arrows::uphold(&viewed(&case), "", &reviewer(), at(DAY)));
    let again = arrows::collect(&upheld, "k2", &releasable(), &officer(), at(DAY));
    assert_eq!(again, Err(ArrowError::AlreadyCollected));

    let upheld = after(arrows::uphold(
        &viewed(&pending()),
        "",
        &reviewer(),
        at(DAY),
    ));
    assert_eq!(outward::answer(&upheld, at(DAY)).status, "released");
    let collected = after(arrows::collect(
        &upheld,
        "k",
        &releasable(),
        &officer(),
        at(DAY),
    ));
    assert_eq!(collected.state.code(), "outcome_due");
    assert_eq!(outward::answer(&collected, at(DAY)).status, "collected");
}

#[test]
fn an_emergency_is_declared_in_full_and_told_at_once() {
    let proposed = || Proposed {
        proposal: draft().proposal,
        gateway: "L3".to_owned(),
        views: views(),
    };
    let agreed = releasable();
    let step =
        arrows::declare_emergency(&urgent(), proposed(), &agreed, &caseworker(), at(10)).unwrap();
    let told = Message::Notify {
        organization: caseworker().organization,
        case_id: urgent().id,
        at: at(10),
    };
    assert_eq!(step.outbox, [told]);
    let case = step.case().unwrap();
    assert_eq!(case.state, urgent().state, "the ordinary route stays open");
    assert_eq!(case.emergency, Some(draft()));
    let refused = [
        arrows::declare_emergency(
            &checked(request()),
            proposed(),
            &agreed,
            &caseworker(),
            at(10),
        ),
        arrows::declare_emergency(&urgent(), proposed(), &[], &caseworker(), at(10)),
        arrows::declare_emergency(&urgent(), proposed(), &agreed, &guardian(), at(10)),
    ];
    assert!(refused.iter().all(Result::is_err), "{refused:?}");
}

#[test]
fn a_review_that_nobody_makes_in_time_recalls_the_release() {
    let case = pending();
    let due = case.emergency_review_due().unwrap();
    let second = jiff::SignedDuration::from_secs(1);
    assert!(arrows::lapse_emergency(&case, &Actor::gate(), due - second).is_err());
    assert!(arrows::lapse_emergency(&case, &reviewer(), due).is_err());
    let lapsed = after(arrows::lapse_emergency(&case, &Actor::gate(), due));
    assert_eq!(lapsed.state.code(), "recalled");
    assert_eq!(outward::answer(&lapsed, due).status, "recalled");
    let unsaid = arrows::uphold(&case, "", &reviewer(), at(DAY));
    assert_eq!(unsaid, Err(ArrowError::NoOwnView));
}

#[test]
fn a_reviewer_sees_the_draft_once_their_own_view_is_written() {
    let case = pending();
    assert!(!may_see_draft(&reviewer(), &case));
    assert!(
        may_see_draft(&guardian(), &case),
        "who released has seen it"
    );
    assert!(may_see_draft(&caseworker(), &case));
    let viewed = viewed(&case);
    assert!(may_see_draft(&reviewer(), &viewed));
    let twice = arrows::write_own_view(&viewed, "more", &reviewer(), at(DAY));
    assert!(matches!(twice, Err(ArrowError::WrongState { .. })));
}
