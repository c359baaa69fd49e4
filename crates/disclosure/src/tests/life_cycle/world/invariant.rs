//! The invariants, asked of every step and of every case reached.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::case::{Disclosed, Step};
use crate::decision::Proposal;
use crate::release::NOT_HELD;
use crate::tests::life_cycle::oracle::Arrow;
use crate::tests::sample::{AGENCY, DAY, leaks};
use crate::trace::TraceOutcome;
use crate::{
    Actor, AgreementState, Case, Change, Ending, EventKind, Field, Role, State, Transition, outward,
};

const RECEIVED: &str = r#"{"case":"TG-7F3K-92QD","status":"received","message":"The request is being dealt with.","code":null,"reasons":[],"next":"You will be told when there is an answer; answers leave at fixed times."}"#;
const NO_RESULT: &str = r#"{"case":"TG-7F3K-92QD","status":"no_result","message":"Nothing can be given.","code":null,"reasons":[],"next":"More identifiers may be sent in a new request, within the agreement's number of attempts."}"#;

/// The steps by which something may leave, or a person is looked for.
const OPEN_ONLY: [EventKind; 5] = [
    EventKind::TraceStarted,
    EventKind::Released,
    EventKind::Forwarded,
    EventKind::EmergencyReleased,
    EventKind::Collected,
];

/// I7 at the write.
pub fn require_open_for_release(kind: EventKind, agreement: AgreementState) {
    let open = matches!(
        agreement,
        AgreementState::InForce | AgreementState::Narrowed
    );
    assert!(
        open || !OPEN_ONLY.contains(&kind),
        "{kind:?} while {agreement:?}"
    );
}

/// Who may, and on what condition.
pub fn require_guards(
    before: &Case,
    arrow: Arrow,
    actor: &Actor,
    step: &Transition,
    tracers: &BTreeSet<String>,
) {
    // What a trace found is recorded for whoever started it.
    if arrow != Arrow::RecordTrace {
        require_role(before, arrow, actor);
    }
    let conditional = matches!(step.change, Change::MoveIfAgreementOpen(..));
    assert!(
        conditional || !OPEN_ONLY.contains(&step.event.kind),
        "I7: {:?}",
        step.event.kind
    );
    if arrow == Arrow::Draft {
        assert!(!tracers.contains(&actor.id), "I4: the tracer drafts");
    }
    let decides = [
        Arrow::Agree,
        Arrow::Decline,
        Arrow::Uphold,
        Arrow::NotUphold,
    ];
    if decides.contains(&arrow) {
        let drafted = before.state.drafted().unwrap();
        let own = drafted
            .own_view(actor)
            .expect("an own view before the decision");
        assert!(own.at >= drafted.draft.at, "of this draft");
    }
    let second = [Arrow::WriteOwnView, Arrow::ReleaseInEmergency];
    if second.contains(&arrow) || decides.contains(&arrow) {
        require_new(before, step.case().unwrap(), actor);
    }
}

/// I5 at the instant of release: nothing leaves that the agreement does not allow now.
pub fn require_agreed(step: &Transition, agreed: &[Field]) {
    let disclosed = step.case().and_then(|case| case.state.disclosed());
    for line in disclosed
        .iter()
        .flat_map(|disclosed| &disclosed.release.record)
    {
        assert!(
            agreed.contains(&line.field),
            "I5: {} is not agreed",
            line.field
        );
    }
}

fn require_role(before: &Case, arrow: Arrow, actor: &Actor) {
    assert!(
        arrow.roles().contains(&actor.role),
        "{arrow:?} by {actor:?}"
    );
    match actor.role {
        Role::Officer | Role::Authoriser => assert_eq!(actor.organization, AGENCY),
        Role::Caseworker | Role::Guardian => {
            let authoriser = before.request.authoriser.as_ref();
            let signed = actor.id == before.request.requester.officer_id
                || authoriser.is_some_and(|authoriser| authoriser.officer_id == actor.id);
            assert!(
                !signed && actor.organization != AGENCY,
                "I4: {arrow:?} by {actor:?}"
            );
        }
        _ => {}
    }
    assert_eq!(
        before.request.requester.organization, AGENCY,
        "an agency asks for itself"
    );
}

/// I4: the second decider is new to the case.
fn require_new(before: &Case, after: &Case, actor: &Actor) {
    // From the draft on, an own view of it is the first half of this very step.
    let drafted = [EventKind::Drafted, EventKind::EmergencyReleased];
    let drafted_at = before
        .history
        .iter()
        .rposition(|step| drafted.contains(&step.kind));
    let waits = ["guardian_review", "emergency_pending"].contains(&before.state.code());
    let acted = before.history.iter().enumerate().any(|(place, step)| {
        let begins = waits && step.kind == EventKind::OwnViewWritten && Some(place) > drafted_at;
        step.actor.id == actor.id && !begins
    });
    assert!(!acted, "I4: {} acted before", actor.id);
    let drafted = before.state.drafted().or_else(|| after.state.drafted());
    let drafted = drafted.unwrap();
    assert_ne!(drafted.draft.by.id, actor.id, "I4: the drafter decides");
    assert_ne!(
        drafted.traced.trace.tracer.id, actor.id,
        "I4: the tracer decides"
    );
}

/// What holds of a case wherever it stands.
pub fn require_case(case: &Case, now: Timestamp) {
    require_signatures(case);
    require_counted(case);
    if let Some(disclosed) = case.state.disclosed() {
        require_lawful(case, disclosed);
    }
    if let Some(traced) = case.state.traced() {
        let gate = traced.trace.tracer.role == Role::Gate;
        assert!(!(gate && case.request.manual_information.is_some()), "I20");
    }
    require_outward(case, now);
}

/// It is stored as JSON, which writes a number that is none as nothing: so only a trace, which is looked
/// at for that, may hold fractions.
pub fn require_readable(case: &Case) {
    let text = serde_json::to_string(case).unwrap();
    assert_eq!(serde_json::from_str::<Case>(&text).unwrap(), *case);
    assert!(is_whole(&serde_json::to_value(case).unwrap()), "{text}");
}

fn is_whole(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.is_f64(),
        Value::Array(values) => values.iter().all(is_whole),
        Value::Object(fields) => fields
            .iter()
            .all(|(name, value)| name == "trace" || is_whole(value)),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// I4: past the judgement two people of the agency have signed.
fn require_signatures(case: &Case) {
    let judged = !matches!(
        case.state.code(),
        "submitted" | "invalid" | "refused" | "withdrawn" | "expired" | "held_suspension"
    );
    if judged {
        let signed = case.request.authoriser.as_ref().unwrap();
        let authoriser = signed.officer_id.trim().to_lowercase();
        assert_ne!(
            authoriser,
            case.request.requester.officer_id.to_lowercase(),
            "I4"
        );
    }
}

/// I1 for one case: it is open and uncounted, or counted as what it became.
fn require_counted(case: &Case) {
    let expected: &[Ending] = match case.state.code() {
        "invalid" => &[Ending::Invalid],
        "refused" => &[Ending::Refused],
        "no_result" => &[Ending::NoResult],
        "released" => &[Ending::ReleasedAll],
        "released_part" => &[Ending::ReleasedPart],
        "emergency_pending" | "outcome_due" | "recalled" | "closed" => {
            &[Ending::ReleasedAll, Ending::ReleasedPart]
        }
        "forwarded" => &[Ending::Forwarded],
        "withdrawn" => &[Ending::Withdrawn],
        "expired" => &[Ending::Expired],
        _ => &[],
    };
    let open = expected.is_empty();
    assert_eq!(case.state.is_open(), open);
    assert_eq!(
        (case.ending.is_none(), case.answer_at.is_none()),
        (open, open)
    );
    assert!(
        case.ending.is_none_or(|ending| expected.contains(&ending)),
        "{:?}",
        case.ending
    );
    let answered = case
        .history
        .iter()
        .filter(|step| step.kind == EventKind::Collected)
        .count();
    assert!(answered <= 1, "collected {answered} times");
}

/// I5, I6, I8.
fn require_lawful(case: &Case, disclosed: &Disclosed) {
    let trace = &disclosed.drafted.traced.trace;
    let draft = &disclosed.drafted.draft;
    assert_eq!(trace.outcome, TraceOutcome::Single, "I8");
    assert_eq!(
        trace.candidates[0].person_ref, disclosed.release.person_ref,
        "I8"
    );
    assert!(
        !draft.gateway.is_empty() && draft.by.id != disclosed.review.by.id,
        "I8"
    );
    assert_ne!(draft.by.id, trace.tracer.id, "I4");
    assert_eq!(disclosed.release.recipient, AGENCY);
    let Proposal::Release(approved) = &draft.proposal else {
        panic!("released what was to be forwarded");
    };
    let recalled = matches!(case.state, State::Recalled(_));
    let ended = |step: &Step| step.kind == EventKind::DownloadEnded;
    let ended = case.history.iter().any(ended);
    assert_eq!(
        disclosed.release.record.is_empty(),
        recalled || ended,
        "emptied when recalled or at its end, not before"
    );
    for line in &disclosed.release.record {
        let asked = case
            .request
            .fields
            .iter()
            .any(|code| code == line.field.code());
        let within = approved.contains(&line.field) && asked && line.field.is_releasable();
        assert!(within, "I5: {}", line.field);
        // Only the sample's home address may be told: every other kind is planted beside it.
        let home = line.value.contains("2 Zqroad, Zqcity, ZQ9 9ZQ");
        let area = ["ZQ9", "A81001"].contains(&line.value.as_str());
        assert!(
            !line.field.locates() || home || area || line.value == NOT_HELD,
            "I6: {line:?}"
        );
    }
    let told = disclosed
        .release
        .record
        .iter()
        .any(|line| line.value != NOT_HELD);
    assert!(told || recalled || ended, "a release tells something");
}

/// I10: what the requester sees, and when.
fn require_outward(case: &Case, now: Timestamp) {
    let json = |at| serde_json::to_string(&outward::answer(case, at)).unwrap();
    if case.state.code() != "clarification" {
        assert!(!leaks(&json(now)), "{}", json(now));
    }
    let Some(answer_at) = case.answer_at else {
        let told = !matches!(case.state.code(), "clarification" | "held_suspension");
        assert!(!told || json(now) == RECEIVED, "{}", json(now));
        return;
    };
    require_answer_time(case, answer_at);
    if now < answer_at {
        let last = answer_at - SignedDuration::from_nanos(1);
        assert_eq!(
            (json(now).as_str(), json(last).as_str()),
            (RECEIVED, RECEIVED)
        );
    }
    let unseen = case
        .history
        .iter()
        .any(|step| step.kind == EventKind::Recalled && step.at < answer_at);
    if unseen || case.ending == Some(Ending::NoResult) {
        let late = now.max(answer_at);
        assert_eq!(json(late), NO_RESULT);
        assert_eq!(json(late + SignedDuration::from_hours(24 * 365)), NO_RESULT);
    }
}

/// After a trace the answer leaves at the midnight after five days, or after the decision if that
/// is later; before one, and in an emergency, at once.
fn require_answer_time(case: &Case, answer_at: Timestamp) {
    let ended = case.history.iter().find(|step| {
        matches!(
            step.kind,
            EventKind::Invalidated
                | EventKind::Refused
                | EventKind::Withdrawn
                | EventKind::Expired
                | EventKind::Ended
                | EventKind::Declined
                | EventKind::Released
                | EventKind::Forwarded
                | EventKind::EmergencyReleased
        )
    });
    let ended = ended.unwrap();
    let after_trace = matches!(
        ended.kind,
        EventKind::Ended | EventKind::Declined | EventKind::Released | EventKind::Forwarded
    );
    let expected = if after_trace {
        let floor = (case.received_at.as_second() + 5 * DAY).max(ended.at.as_second());
        Timestamp::from_second(floor - floor.rem_euclid(DAY) + DAY).unwrap()
    } else {
        ended.at
    };
    assert_eq!(answer_at, expected, "{:?}", ended.kind);
}
