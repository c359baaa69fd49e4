use jiff::{SignedDuration, Timestamp};

use super::{end, require_text, step, wrong};
use crate::case::{AnswerWindow, Disclosed, Drafted, NoResult};
use crate::decision::{Draft, Proposal, SecondReview};
use crate::release::{Collection, HeldRecord, Line, NOT_HELD, OutcomeReturn, Release, compose};
use crate::trace::TraceResult;
use crate::{
    Actor, ArrowError, Case, Change, Code, Ending, EventKind, Field, Role, State, Transition,
};

/// What the agreement says about a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseTerms {
    /// How long the agency may keep the data, in days.
    pub data_life_days: i64,
    /// When the outcome return is due, in days.
    pub outcome_due_days: i64,
    /// What the agency may do with the data.
    pub onward_rule: String,
    /// When answers leave.
    pub window: AnswerWindow,
}

/// What is looked up again at the instant of release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recheck {
    /// The agreement is in force or narrowed (I7).
    pub agreement_open: bool,
    /// The public-interest test has not expired (I8).
    pub test_valid: bool,
    /// What the index holds now for the person found; `None` if the record is gone.
    pub held: Option<HeldRecord>,
}

/// The second person agrees: the record is composed from what the index holds now and released.
///
/// If nothing approved can be told any more the case ends as `no_result`, like every other
/// after-trace ending.
pub fn agree(
    case: &Case,
    own_view: &str,
    recheck: &Recheck,
    terms: &ReleaseTerms,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::GuardianReview(drafted) = &case.state else {
        return Err(wrong(case, "agree"));
    };
    require_text("own_view", own_view)?;
    require_second(&drafted.traced.trace, &drafted.draft, by)?;
    require_certain(&drafted.traced.trace, recheck)?;
    let review = SecondReview {
        own_view: own_view.to_owned(),
        by: by.clone(),
        at: now,
    };
    let Proposal::Release(fields) = &drafted.draft.proposal else {
        return Ok(forward(case, drafted, terms, by, now));
    };
    let held = recheck.held.as_ref().ok_or(ArrowError::NotCertain)?;
    let record = compose(fields, held);
    if record.is_empty() {
        return Ok(nothing_left(
            case,
            drafted,
            Code::NoReleasableField,
            terms,
            by,
            now,
        ));
    }
    let everything = is_everything(&record, &case.request.known_fields());
    let disclosed = disclose(case, drafted, review, record, held, terms, now);
    let (state, ending) = if everything {
        (State::Released(disclosed), Ending::ReleasedAll)
    } else {
        (State::ReleasedPart(disclosed), Ending::ReleasedPart)
    };
    let transition = released_event(step(case, EventKind::Released, by, now).to(state, ""));
    let transition = end(
        transition,
        ending,
        terms.window.answer_at(case.received_at, now),
    );
    Ok(if_open(transition))
}

/// The second person declines: the reason stays inside, the requester gets `no_result`.
pub fn decline(
    case: &Case,
    own_view: &str,
    window: AnswerWindow,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::GuardianReview(drafted) = &case.state else {
        return Err(wrong(case, "decline"));
    };
    require_text("own_view", own_view)?;
    require_second(&drafted.traced.trace, &drafted.draft, by)?;
    let code = Code::PitNotMetAfterTrace;
    let ended = NoResult {
        code,
        traced: drafted.traced.clone(),
        by: by.clone(),
    };
    let transition =
        step(case, EventKind::Declined, by, now).to(State::NoResult(ended), code.code());
    Ok(end(
        transition,
        Ending::NoResult,
        window.answer_at(case.received_at, now),
    ))
}

/// The agency collects the release, once; the same `key` repeats the same answer.
pub fn collect(
    case: &Case,
    key: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let (State::Released(disclosed) | State::ReleasedPart(disclosed)) = &case.state else {
        return Err(match &case.state {
            State::OutcomeDue(_) => ArrowError::AlreadyCollected,
            _ => wrong(case, "collect"),
        });
    };
    if by.organization != disclosed.release.recipient {
        return Err(ArrowError::Role {
            role: by.role.code(),
            needs: "the receiving agency",
        });
    }
    let mut disclosed = disclosed.clone();
    disclosed.release.collected = Some(Collection {
        by: by.id.clone(),
        key: key.to_owned(),
        at: now,
    });
    let transition = step(case, EventKind::Collected, by, now).to(State::OutcomeDue(disclosed), "");
    Ok(if_open(transition))
}

/// The agency says what became of the release. `wrong_person` starts the recall.
pub fn return_outcome(
    case: &Case,
    outcome: OutcomeReturn,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::OutcomeDue(disclosed) = &case.state else {
        return Err(wrong(case, "return_outcome"));
    };
    if by.organization != disclosed.release.recipient {
        return Err(ArrowError::Role {
            role: by.role.code(),
            needs: "the receiving agency",
        });
    }
    if outcome == OutcomeReturn::WrongPerson {
        return Ok(recalled(case, disclosed, "wrong_person", by, now));
    }
    let closed = State::Closed(Some(outcome));
    Ok(step(case, EventKind::OutcomeReturned, by, now).to(closed, ""))
}

/// Staff recall a release: the record is emptied, the agency told to destroy its copy.
pub fn recall(
    case: &Case,
    reason: &'static str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let (State::Released(disclosed)
    | State::ReleasedPart(disclosed)
    | State::OutcomeDue(disclosed)) = &case.state
    else {
        return Err(wrong(case, "recall"));
    };
    if !by.role.is_staff() {
        return Err(ArrowError::Role {
            role: by.role.code(),
            needs: "a caseworker or guardian",
        });
    }
    Ok(recalled(case, disclosed, reason, by, now))
}

/// An emergency: authoriser and on-call guardian release before the full review, which stays due.
/// The trace is still run, and it must still find one certain person.
pub fn release_in_emergency(
    case: &Case,
    trace: TraceResult,
    draft: Draft,
    recheck: &Recheck,
    terms: &ReleaseTerms,
    guardian: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::Checked(checks) = &case.state else {
        return Err(wrong(case, "release_in_emergency"));
    };
    if case.request.priority != crate::request::Priority::Emergency {
        return Err(ArrowError::Missing("emergency priority"));
    }
    require_second(&trace, &draft, guardian)?;
    require_certain(&trace, recheck)?;
    let Proposal::Release(fields) = &draft.proposal else {
        return Err(ArrowError::Missing("fields"));
    };
    let held = recheck.held.as_ref().ok_or(ArrowError::NotCertain)?;
    let record = compose(fields, held);
    if record.is_empty() {
        return Err(ArrowError::NotCertain);
    }
    let traced = crate::case::Traced {
        checks: checks.clone(),
        trace,
    };
    let drafted = Drafted { traced, draft };
    let review = SecondReview {
        own_view: String::new(),
        by: guardian.clone(),
        at: now,
    };
    let disclosed = disclose(case, &drafted, review, record, held, terms, now);
    let transition = step(case, EventKind::EmergencyReleased, guardian, now)
        .to(State::EmergencyPending(disclosed), "");
    Ok(if_open(end(
        released_event(transition),
        Ending::ReleasedPart,
        now,
    )))
}

/// Somebody new to the case upholds the emergency release.
pub fn uphold(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    let disclosed = pending(case, "uphold", by)?;
    let next = State::OutcomeDue(disclosed.clone());
    Ok(step(case, EventKind::EmergencyUpheld, by, now).to(next, ""))
}

/// Somebody new to the case does not uphold the emergency release: it is recalled.
pub fn not_uphold(case: &Case, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    let disclosed = pending(case, "not_uphold", by)?;
    Ok(recalled(case, disclosed, "emergency_not_upheld", by, now))
}

fn pending<'a>(
    case: &'a Case,
    arrow: &'static str,
    by: &Actor,
) -> Result<&'a Disclosed, ArrowError> {
    let State::EmergencyPending(disclosed) = &case.state else {
        return Err(wrong(case, arrow));
    };
    if disclosed.review.by.is(by) {
        return Err(ArrowError::SamePerson {
            rule: "who released in an emergency may not review",
        });
    }
    require_second(
        &disclosed.drafted.traced.trace,
        &disclosed.drafted.draft,
        by,
    )?;
    Ok(disclosed)
}

/// The second person is a guardian and new to the case (I4).
fn require_second(trace: &TraceResult, draft: &Draft, by: &Actor) -> Result<(), ArrowError> {
    if by.role != Role::Guardian {
        return Err(ArrowError::Role {
            role: by.role.code(),
            needs: "a guardian",
        });
    }
    if draft.by.is(by) || trace.tracer.is(by) {
        return Err(ArrowError::SamePerson {
            rule: "the second person must be new to the case",
        });
    }
    Ok(())
}

/// One certain person, a valid test, an open agreement (I7, I8).
fn require_certain(trace: &TraceResult, recheck: &Recheck) -> Result<(), ArrowError> {
    let found = trace.single().ok_or(ArrowError::NotCertain)?;
    if !recheck.agreement_open {
        return Err(ArrowError::AgreementNotOpen);
    }
    if !recheck.test_valid {
        return Err(ArrowError::TestExpired);
    }
    let same = recheck
        .held
        .as_ref()
        .is_none_or(|held| held.person_ref == found.person_ref);
    if same {
        Ok(())
    } else {
        Err(ArrowError::NotCertain)
    }
}

fn is_everything(record: &[Line], requested: &[Field]) -> bool {
    record.len() == requested.len() && record.iter().all(|line| line.value != NOT_HELD)
}

fn disclose(
    case: &Case,
    drafted: &Drafted,
    review: SecondReview,
    record: Vec<Line>,
    held: &HeldRecord,
    terms: &ReleaseTerms,
    now: Timestamp,
) -> Disclosed {
    let after = |days: i64| {
        now.checked_add(SignedDuration::from_hours(24 * days))
            .unwrap_or(now)
    };
    let release = Release {
        recipient: case.request.requester.organization.clone(),
        person_ref: held.person_ref.clone(),
        record,
        decided_at: now,
        data_life_until: after(terms.data_life_days),
        onward_rule: terms.onward_rule.clone(),
        outcome_due_at: after(terms.outcome_due_days),
        collected: None,
    };
    Disclosed {
        drafted: drafted.clone(),
        review,
        release,
    }
}

/// Adds the names of the released fields to the entry; values never enter the log.
fn released_event(mut transition: Transition) -> Transition {
    let names = transition
        .case()
        .and_then(|case| case.state.disclosed())
        .map(|disclosed| {
            let fields = disclosed.release.fields_released();
            fields
                .into_iter()
                .map(Field::code)
                .collect::<Vec<_>>()
                .join(" ")
        });
    transition
        .event
        .audit
        .insert("fields".to_owned(), names.unwrap_or_default());
    transition
}

/// Makes the write conditional on the agreement being open at that very instant (I7).
fn if_open(mut transition: Transition) -> Transition {
    let Some(case) = transition.case().cloned() else {
        return transition;
    };
    if let Some(agreement) = case.agreement.clone() {
        transition.change = Change::MoveIfAgreementOpen(Box::new(case), agreement);
    }
    transition
}

fn forward(
    case: &Case,
    drafted: &Drafted,
    terms: &ReleaseTerms,
    by: &Actor,
    now: Timestamp,
) -> Transition {
    let next = State::Forwarded(drafted.clone());
    let transition = step(case, EventKind::Forwarded, by, now).to(next, "");
    let answer_at = terms.window.answer_at(case.received_at, now);
    if_open(end(transition, Ending::Forwarded, answer_at))
}

fn nothing_left(
    case: &Case,
    drafted: &Drafted,
    code: Code,
    terms: &ReleaseTerms,
    by: &Actor,
    now: Timestamp,
) -> Transition {
    let ended = NoResult {
        code,
        traced: drafted.traced.clone(),
        by: by.clone(),
    };
    let transition = step(case, EventKind::Ended, by, now).to(State::NoResult(ended), code.code());
    end(
        transition,
        Ending::NoResult,
        terms.window.answer_at(case.received_at, now),
    )
}

fn recalled(
    case: &Case,
    disclosed: &Disclosed,
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Transition {
    let mut disclosed = disclosed.clone();
    disclosed.release.record.clear();
    let mut transition =
        step(case, EventKind::Recalled, by, now).to(State::Recalled(disclosed), reason);
    transition.outbox.push(super::notify(case, now));
    transition
}
