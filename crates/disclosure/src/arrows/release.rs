use jiff::{SignedDuration, Timestamp};

use super::guard::require_second;
use super::{end, if_open, step, wrong};
use crate::case::{AnswerWindow, Declined, Disclosed, Drafted, NoResult};
use crate::decision::{Proposal, SecondReview};
use crate::release::{HeldRecord, Line, NOT_HELD, Release, compose};
use crate::trace::TraceResult;
use crate::{Actor, ArrowError, Case, Code, Ending, EventKind, Field, Request, State, Transition};

/// Longest data life or outcome term, in days: a hundred years of 365.25 days.
const TERM_DAYS_MAX: i64 = 36_525;

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
    /// The fields the agreement lets this request have now (I5). An overlay may have removed some
    /// since the draft; what is not here does not leave.
    pub agreed: Vec<Field>,
}

/// The second person agrees: the record is composed from what the index holds now and released.
///
/// If nothing approved can be told any more the case ends as `no_result`, like every other
/// after-trace ending. `changed` says why the decision is another than the own view on record, and is
/// empty where it is not.
pub fn agree(
    case: &Case,
    changed: &str,
    recheck: &Recheck,
    terms: &ReleaseTerms,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::GuardianReview(drafted) = &case.state else {
        return Err(wrong(case, "agree"));
    };
    let review = review(case, drafted, changed, by, now)?;
    let measured = |transition| against_own_view(transition, &review);
    require_open(recheck)?;
    let Proposal::Release(fields) = &drafted.draft.proposal else {
        return forward(case, drafted, terms, by, now).map(measured);
    };
    let held = require_certain(&drafted.traced.trace, recheck)?;
    let agreed = |field: &Field| recheck.agreed.contains(field);
    let fields: Vec<Field> = fields.iter().copied().filter(agreed).collect();
    let record = compose(&fields, held);
    if record.is_empty() {
        let why = why_nothing(held);
        return Ok(measured(nothing_left(case, drafted, why, terms, by, now)));
    }
    let ending = ending(&record, &case.request);
    let disclosed = disclose(case, drafted, review.clone(), record, held, terms, now);
    let state = match ending {
        Ending::ReleasedAll => State::Released(disclosed),
        _ => State::ReleasedPart(disclosed),
    };
    let transition = released_event(step(case, EventKind::Released, by, now).to(state, ""));
    let answer_at = terms.window.answer_at(case.received_at, now);
    if_open(measured(end(transition, ending, answer_at)))
}

/// The second person declines: the reason stays inside, the requester gets `no_result`. `changed` as
/// for [`agree`].
pub fn decline(
    case: &Case,
    changed: &str,
    window: AnswerWindow,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let State::GuardianReview(drafted) = &case.state else {
        return Err(wrong(case, "decline"));
    };
    let review = review(case, drafted, changed, by, now)?;
    let code = Code::PitNotMetAfterTrace;
    let ended = NoResult {
        code,
        traced: drafted.traced.clone(),
        by: by.clone(),
        declined: Some(Declined {
            draft: drafted.draft.clone(),
            review: review.clone(),
        }),
    };
    let transition =
        step(case, EventKind::Declined, by, now).to(State::NoResult(ended), code.code());
    let transition = against_own_view(transition, &review);
    Ok(end(
        transition,
        Ending::NoResult,
        window.answer_at(case.received_at, now),
    ))
}

/// The decision of whoever may be the second person, measured against the view they have on record.
pub(super) fn review(
    case: &Case,
    drafted: &Drafted,
    changed: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<SecondReview, ArrowError> {
    require_second(case, &drafted.traced.trace.tracer, &drafted.draft, by)?;
    let own_view = drafted.own_view(by).ok_or(ArrowError::NoOwnView)?;
    let changed = changed.trim();
    Ok(SecondReview {
        own_view: own_view.text.clone(),
        changed: (!changed.is_empty()).then(|| changed.to_owned()),
        by: by.clone(),
        at: now,
    })
}

/// Says in the entry whether the decision is the own view or another, and of neither the words.
pub(super) fn against_own_view(mut transition: Transition, review: &SecondReview) -> Transition {
    let said = match review.changed {
        None => "kept",
        Some(_) => "changed",
    };
    let audit = &mut transition.event.audit;
    audit.insert("own_view".to_owned(), said.to_owned());
    transition
}

/// An open agreement and a valid test (I7, I8).
fn require_open(recheck: &Recheck) -> Result<(), ArrowError> {
    if !recheck.agreement_open {
        return Err(ArrowError::AgreementNotOpen);
    }
    if !recheck.test_valid {
        return Err(ArrowError::TestExpired);
    }
    Ok(())
}

/// One certain person, still held, in an open agreement with a valid test (I7, I8).
pub(super) fn require_certain<'a>(
    trace: &TraceResult,
    recheck: &'a Recheck,
) -> Result<&'a HeldRecord, ArrowError> {
    let found = trace.single().ok_or(ArrowError::NotCertain)?;
    require_open(recheck)?;
    recheck
        .held
        .as_ref()
        .filter(|held| held.person_ref == found.person_ref)
        .ok_or(ArrowError::NotCertain)
}

/// Whether everything asked for is told, or only part of it. An item the gate does not know was
/// asked for and is not told.
pub(super) fn ending(record: &[Line], request: &Request) -> Ending {
    let told = |code: &String| {
        record
            .iter()
            .any(|line| line.field.code() == code && line.value != NOT_HELD)
    };
    if request.fields.iter().all(told) {
        Ending::ReleasedAll
    } else {
        Ending::ReleasedPart
    }
}

/// The true reason why nothing can be told of a person who was certain when drafted.
fn why_nothing(held: &HeldRecord) -> Code {
    if held.restricted {
        Code::RestrictedWithheld
    } else if held.deceased {
        Code::Deceased
    } else {
        Code::NoReleasableField
    }
}

pub(super) fn disclose(
    case: &Case,
    drafted: &Drafted,
    review: SecondReview,
    record: Vec<Line>,
    held: &HeldRecord,
    terms: &ReleaseTerms,
    now: Timestamp,
) -> Disclosed {
    let after = |days: i64| {
        let days = days.clamp(0, TERM_DAYS_MAX);
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
        emergency_review: None,
    }
}

/// Adds the names of the released fields to the entry; values never enter the log.
pub(super) fn released_event(mut transition: Transition) -> Transition {
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

fn forward(
    case: &Case,
    drafted: &Drafted,
    terms: &ReleaseTerms,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
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
        declined: None,
    };
    let transition = step(case, EventKind::Ended, by, now).to(State::NoResult(ended), code.code());
    end(
        transition,
        Ending::NoResult,
        terms.window.answer_at(case.received_at, now),
    )
}
