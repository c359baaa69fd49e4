use super::sample::{
    DAY, OUTCOMES, WINDOW, after, agreed, at, caseworker, drafted, guardian, held, open_gate,
    person, propose, recheck, releasable, request, reviewer, terms, trace_result, traced,
};
use crate::arrows::{self, Proposed, Recheck};
use crate::decision::{Proposal, Views};
use crate::release::{AddressKind, HeldRecord};
use crate::trace::TraceOutcome;
use crate::visibility::may_see_draft;
use crate::{
    Actor, ArrowError, Case, Change, Code, CodeGroup, Ending, EventKind, Field, Role, State,
    Transition,
};

const BOTH: [Field; 2] = [Field::Name, Field::LastKnownAddress];

fn draft(case: &Case, proposed: Proposed, by: &Actor) -> Result<Transition, ArrowError> {
    arrows::draft(case, proposed, &releasable(), by, at(DAY))
}

fn release(fields: &[Field]) -> Proposed {
    propose(Proposal::Release(fields.to_vec()))
}

fn agree(case: &Case, recheck: &Recheck, by: &Actor) -> Result<Transition, ArrowError> {
    let viewed = written(case, by)?;
    arrows::agree(&viewed, "", recheck, &terms(), by, at(2 * DAY))
}

/// The case once `by` has written an own view, if they may.
fn written(case: &Case, by: &Actor) -> Result<Case, ArrowError> {
    let written = arrows::write_own_view(case, "own view", by, at(2 * DAY))?;
    Ok(written.case().unwrap().clone())
}

/// I8: only one certain person can be released; forwarding may be drafted for any outcome, so that
/// its answer confirms nothing.
#[test]
fn a_release_is_drafted_for_one_certain_person_only() {
    for outcome in OUTCOMES {
        let case = traced(outcome);
        let released = draft(&case, release(&[Field::Name]), &caseworker());
        assert_eq!(
            released.is_ok(),
            outcome == TraceOutcome::Single,
            "{outcome:?}"
        );
        assert!(
            draft(&case, propose(Proposal::Forward), &caseworker()).is_ok(),
            "{outcome:?}"
        );
    }
    let mut nobody = traced(TraceOutcome::Single);
    let State::CaseworkReview(found) = &mut nobody.state else {
        panic!()
    };
    found.trace.candidates.clear();
    let refused = draft(&nobody, release(&[Field::Name]), &caseworker());
    assert_eq!(refused, Err(ArrowError::NotCertain));
}

/// I5, at drafting.
#[test]
fn a_draft_stays_within_what_was_asked_for_and_agreed() {
    let case = traced(TraceOutcome::Single);
    let by = caseworker();
    let outside = draft(&case, release(&[Field::Name, Field::Gender]), &by);
    assert_eq!(
        outside,
        Err(ArrowError::Field(Field::Gender)),
        "not asked for"
    );
    let agreed = [Field::Name];
    let narrow = arrows::draft(&case, release(&BOTH), &agreed, &by, at(DAY));
    assert_eq!(
        narrow,
        Err(ArrowError::Field(Field::LastKnownAddress)),
        "not agreed"
    );
    assert_eq!(
        draft(&case, release(&[]), &by),
        Err(ArrowError::Missing("fields"))
    );

    let mut asks = request();
    asks.fields.push("nhs_number".to_owned());
    let case = Case {
        request: asks,
        ..case
    };
    let never = arrows::draft(
        &case,
        release(&[Field::NhsNumber]),
        &Field::ALL,
        &by,
        at(DAY),
    );
    assert_eq!(
        never,
        Err(ArrowError::Field(Field::NhsNumber)),
        "never leaves"
    );
}

#[test]
fn a_draft_is_written_down_in_full() {
    let case = traced(TraceOutcome::Single);
    let gateless = Proposed {
        gateway: " ".to_owned(),
        ..release(&BOTH)
    };
    assert_eq!(
        draft(&case, gateless, &caseworker()),
        Err(ArrowError::Missing("gateway"))
    );
    let views = Views {
        public_health: String::new(),
        ..super::sample::views()
    };
    let silent = Proposed {
        views,
        ..release(&BOTH)
    };
    assert_eq!(
        draft(&case, silent, &caseworker()),
        Err(ArrowError::Missing("public_health"))
    );
    for role in [Role::Guardian, Role::Gate, Role::Overseer, Role::Officer] {
        let by = person("somebody", role, "controller");
        assert!(matches!(
            draft(&case, release(&BOTH), &by),
            Err(ArrowError::Role { .. })
        ));
    }
}

/// I4: not even a tracer whose trace was dropped when the case was held, and whatever tracer the
/// findings name.
#[test]
fn who_traced_does_not_draft() {
    let tracer = caseworker();
    let checked = super::sample::checked(request());
    let tracing = after(arrows::start_trace(&checked, open_gate(), &tracer, at(2)));
    let claimed = trace_result(TraceOutcome::Single, &Actor::gate(), at(3));
    let case = after(arrows::record_trace(&tracing, claimed, at(3)));
    assert_eq!(case.state.traced().unwrap().trace.tracer, tracer);
    let refused = draft(&case, release(&BOTH), &tracer);
    assert!(matches!(refused, Err(ArrowError::SamePerson { .. })));

    let gate = Actor::gate();
    let held = after(arrows::hold(&case, &gate, at(4)));
    let resumed = after(arrows::resume(&held, &gate, at(5)));
    let met = super::sample::every_clause_met();
    let judged = arrows::judge(&resumed, super::sample::agreement(), met, &gate, at(6));
    let tracing = after(arrows::start_trace(
        &after(judged),
        open_gate(),
        &gate,
        at(7),
    ));
    let found = trace_result(TraceOutcome::Single, &gate, at(8));
    let again = after(arrows::record_trace(&tracing, found, at(8)));
    let refused = draft(&again, release(&BOTH), &tracer);
    assert!(matches!(refused, Err(ArrowError::SamePerson { .. })));
    let other = person("other", Role::Caseworker, "controller");
    assert!(draft(&again, release(&BOTH), &other).is_ok());
}

/// I4, I8: the second person is a guardian who has had no hand in the case.
#[test]
fn the_second_person_is_new_to_the_case() {
    let case = drafted(&BOTH);
    for (id, role, organization, may) in [
        ("guardian", Role::Guardian, "controller", true),
        ("caseworker", Role::Guardian, "controller", false),
        ("gate", Role::Guardian, "controller", false),
        ("officer", Role::Guardian, "controller", false),
        ("inspector", Role::Guardian, "controller", false),
        ("guardian", Role::Guardian, super::sample::AGENCY, false),
        ("guardian", Role::Caseworker, "controller", false),
        ("guardian", Role::Overseer, "controller", false),
        ("guardian", Role::Gate, "controller", false),
    ] {
        let by = person(id, role, organization);
        assert_eq!(agree(&case, &recheck(), &by).is_ok(), may, "{by:?}");
        let declined = written(&case, &by)
            .and_then(|case| arrows::decline(&case, "", WINDOW, &by, at(2 * DAY)));
        assert_eq!(declined.is_ok(), may, "{by:?}");
        if may {
            let case = after(declined);
            let kept = case.state.declined().expect("the disagreement is kept");
            assert_eq!(kept.review.own_view, "own view");
            assert!(kept.review.by.is(&by) && !kept.draft.by.is(&by));
        }
    }
    let mut earlier = case.clone();
    earlier.history[1].actor = guardian();
    let refused = agree(&earlier, &recheck(), &guardian());
    assert!(
        matches!(refused, Err(ArrowError::SamePerson { .. })),
        "judged it before"
    );
}

#[test]
fn the_second_person_states_a_view_of_their_own() {
    let (case, by, now) = (drafted(&BOTH), guardian(), at(2 * DAY));
    let early = arrows::agree(&case, "why", &recheck(), &terms(), &by, now);
    assert_eq!(early, Err(ArrowError::NoOwnView));
    let early = arrows::decline(&case, "why", WINDOW, &by, now);
    assert_eq!(early, Err(ArrowError::NoOwnView));
    let silent = arrows::write_own_view(&case, " ", &by, now);
    assert_eq!(silent, Err(ArrowError::Missing("own_view")));

    let written = arrows::write_own_view(&case, "Zqview", &by, now).unwrap();
    assert_eq!(written.event.kind, EventKind::OwnViewWritten);
    assert!(written.outbox.is_empty() && !format!("{:?}", written.event).contains("Zqview"));
    let case = written.case().unwrap();
    assert_eq!(case.state.code(), "guardian_review");
    let again = arrows::write_own_view(case, "another", &by, now);
    assert!(
        matches!(again, Err(ArrowError::WrongState { .. })),
        "it stands"
    );
    let other = arrows::decline(case, "", WINDOW, &reviewer(), now);
    assert_eq!(other, Err(ArrowError::NoOwnView), "of another guardian");
}

#[test]
fn the_decision_says_whether_it_is_the_own_view() {
    let case = written(&drafted(&BOTH), &guardian()).unwrap();
    for (changed, on_record, said) in [
        (" ", None, "kept"),
        ("They won.", Some("They won."), "changed"),
    ] {
        let declined = arrows::decline(&case, changed, WINDOW, &guardian(), at(3 * DAY)).unwrap();
        assert_eq!(declined.event.audit["own_view"], said);
        let kept = declined.case().unwrap().state.declined().unwrap();
        assert_eq!(kept.review.changed.as_deref(), on_record);
        let agreed = arrows::agree(
            &case,
            changed,
            &recheck(),
            &terms(),
            &guardian(),
            at(3 * DAY),
        );
        assert_eq!(agreed.unwrap().event.audit["own_view"], said);
    }
}

/// Several guardians may begin; whoever has begun on an earlier draft is not new to a later one.
#[test]
fn an_own_view_is_of_one_draft() {
    let first = written(&drafted(&BOTH), &guardian()).unwrap();
    let both = written(&first, &reviewer()).unwrap();
    for by in [guardian(), reviewer()] {
        let decided = arrows::decline(&both, "", WINDOW, &by, at(3 * DAY));
        assert!(decided.is_ok(), "{decided:?}");
    }
    let gate = Actor::gate();
    let held = after(arrows::hold(&first, &gate, at(3 * DAY)));
    let resumed = after(arrows::resume(&held, &gate, at(4 * DAY)));
    let met = super::sample::every_clause_met();
    let judged = after(arrows::judge(
        &resumed,
        super::sample::agreement(),
        met,
        &gate,
        at(4 * DAY),
    ));
    let tracing = after(arrows::start_trace(
        &judged,
        open_gate(),
        &gate,
        at(4 * DAY),
    ));
    let found = trace_result(TraceOutcome::Single, &gate, at(4 * DAY));
    let again = after(arrows::record_trace(&tracing, found, at(4 * DAY)));
    let drafted = after(draft(&again, release(&BOTH), &caseworker()));
    assert!(!may_see_draft(&guardian(), &drafted));
    let refused = written(&drafted, &guardian());
    assert!(matches!(refused, Err(ArrowError::SamePerson { .. })));
    assert!(written(&drafted, &reviewer()).is_ok());
}

#[test]
fn a_guardian_sees_the_draft_after_an_own_view_of_their_own() {
    let case = drafted(&BOTH);
    let written = written(&case, &guardian()).unwrap();
    assert!(!may_see_draft(&guardian(), &case) && may_see_draft(&caseworker(), &case));
    assert!(may_see_draft(&guardian(), &written) && !may_see_draft(&reviewer(), &written));
    assert!(may_see_draft(&reviewer(), &agreed(&case, &recheck())));
}

/// I7: everything that leaves is conditional on the agreement at the instant of the write.
#[test]
fn a_release_and_a_forwarding_hold_to_the_agreement() {
    let forward = traced(TraceOutcome::Single);
    let forward = after(draft(&forward, propose(Proposal::Forward), &caseworker()));
    for (case, expected) in [(drafted(&BOTH), "released"), (forward, "forwarded")] {
        let done = agree(&case, &recheck(), &guardian()).unwrap();
        assert_eq!(done.case().unwrap().state.code(), expected);
        let Change::MoveIfAgreementOpen(_, agreement) = &done.change else {
            panic!("{expected} without a condition");
        };
        assert_eq!(Some(agreement), case.agreement.as_ref());
        let closed = Recheck {
            agreement_open: false,
            ..recheck()
        };
        assert_eq!(
            agree(&case, &closed, &guardian()),
            Err(ArrowError::AgreementNotOpen)
        );
        let expired = Recheck {
            test_valid: false,
            ..recheck()
        };
        assert_eq!(
            agree(&case, &expired, &guardian()),
            Err(ArrowError::TestExpired)
        );
        let without = Case {
            agreement: None,
            ..case
        };
        let refused = agree(&without, &recheck(), &guardian());
        assert_eq!(refused, Err(ArrowError::AgreementNotOpen));
    }
}

#[test]
fn the_record_is_the_one_that_was_found() {
    let case = drafted(&BOTH);
    let other = HeldRecord {
        person_ref: "person-2".to_owned(),
        ..held()
    };
    for held in [None, Some(other)] {
        let refused = agree(&case, &Recheck { held, ..recheck() }, &guardian());
        assert_eq!(refused, Err(ArrowError::NotCertain));
    }
}

/// I5, at release: an overlay since the draft takes fields away.
#[test]
fn what_the_agreement_no_longer_allows_does_not_leave() {
    let case = drafted(&BOTH);
    let narrowed = Recheck {
        agreed: vec![Field::Name],
        ..recheck()
    };
    let part = agreed(&case, &narrowed);
    assert_eq!(part.ending, Some(Ending::ReleasedPart));
    let fields = part.state.disclosed().unwrap().release.fields_released();
    assert_eq!(fields, [Field::Name]);
    let nothing = agreed(
        &case,
        &Recheck {
            agreed: Vec::new(),
            ..recheck()
        },
    );
    assert_eq!(nothing.ending, Some(Ending::NoResult));
}

#[test]
fn everything_asked_for_or_part_of_it() {
    let whole = agreed(&drafted(&BOTH), &recheck());
    assert_eq!(
        (whole.state.code(), whole.ending),
        ("released", Some(Ending::ReleasedAll))
    );
    let twice = agreed(&drafted(&[Field::Name, Field::Name]), &recheck());
    assert_eq!(
        (twice.state.code(), twice.ending),
        ("released_part", Some(Ending::ReleasedPart))
    );
    let lines = &twice.state.disclosed().unwrap().release.record;
    assert_eq!(lines.len(), 1, "each field once");
    let away = HeldRecord {
        address_kind: AddressKind::CareOfPractice,
        ..held()
    };
    let part = agreed(
        &drafted(&BOTH),
        &Recheck {
            held: Some(away),
            ..recheck()
        },
    );
    assert_eq!(
        (part.state.code(), part.ending),
        ("released_part", Some(Ending::ReleasedPart))
    );

    let mut unknown = drafted(&BOTH);
    unknown.request.fields.push("passport".to_owned());
    assert_eq!(
        agreed(&unknown, &recheck()).ending,
        Some(Ending::ReleasedPart)
    );
}

/// Nothing left to tell ends like every other trace, with the true reason inside.
#[test]
fn nothing_to_tell_is_no_result_with_the_true_code() {
    let address = [Field::LastKnownAddress];
    let away = HeldRecord {
        address_kind: AddressKind::NoFixedAbode,
        ..held()
    };
    let protected = HeldRecord {
        restricted: true,
        ..held()
    };
    let dead = HeldRecord {
        deceased: true,
        ..held()
    };
    for (fields, held, expected) in [
        (&address[..], away, Code::NoReleasableField),
        (&BOTH, protected, Code::RestrictedWithheld),
        (&BOTH, dead, Code::Deceased),
    ] {
        let case = agreed(
            &drafted(fields),
            &Recheck {
                held: Some(held),
                ..recheck()
            },
        );
        let State::NoResult(ended) = &case.state else {
            panic!("{}", case.state.code())
        };
        assert_eq!(ended.code, expected);
        assert_eq!(case.ending, Some(Ending::NoResult));
    }
}

/// The trace's own code stands; a refusal after a trace has an after-trace code.
#[test]
fn the_trace_says_why_there_is_no_result() {
    for outcome in OUTCOMES {
        for code in Code::all() {
            let by = caseworker();
            let ended = arrows::end_without_result(&traced(outcome), code, WINDOW, &by, at(DAY));
            let expected = outcome.code().unwrap_or(code);
            if expected.group() != CodeGroup::AfterTrace {
                assert_eq!(ended, Err(ArrowError::Missing("after-trace code")));
                continue;
            }
            let case = after(ended);
            let State::NoResult(ended) = &case.state else {
                panic!("{}", case.state.code())
            };
            assert_eq!(ended.code, expected);
        }
    }
}

#[test]
fn terms_beyond_all_sense_do_not_panic() {
    for days in [i64::MAX, i64::MIN, -1] {
        let mut terms = terms();
        (terms.data_life_days, terms.outcome_due_days) = (days, days);
        let (case, by, now) = (drafted(&BOTH), guardian(), at(2 * DAY));
        let released = after(arrows::agree(
            &super::sample::viewed(&case),
            "",
            &recheck(),
            &terms,
            &by,
            now,
        ));
        let release = &released.state.disclosed().unwrap().release;
        assert!(release.data_life_until >= now && release.outcome_due_at >= now);
    }
}
