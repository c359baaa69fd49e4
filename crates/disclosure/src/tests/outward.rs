use super::agency::hidden_endings;
use super::sample::{
    DAY, OUTCOMES, WINDOW, after, agreement, at, caseworker, check, checks, collected, leaks,
    no_result, propose, received, recheck, released, request,
};
use crate::check::CheckResult;
use crate::decision::Proposal;
use crate::{Actor, Case, Code, Ending, arrows, intake, outward};

fn json(case: &Case, now: jiff::Timestamp) -> String {
    serde_json::to_string(&outward::answer(case, now)).unwrap()
}

/// The whole answer, as the requester gets it.
const NO_RESULT: &str = r#"{"case":"TG-7F3K-92QD","status":"no_result","message":"Nothing can be given.","code":null,"reasons":[],"next":"More identifiers may be sent in a new request, within the agreement's number of attempts."}"#;

/// I10: no trace, ambiguous, needs identifiers, restricted, deceased and decided against are one
/// answer to the byte, leaving at one time.
#[test]
fn every_after_trace_ending_is_one_answer() {
    let cases: Vec<Case> = OUTCOMES.into_iter().map(no_result).collect();
    for first in &cases {
        for second in &cases {
            assert_eq!(first.answer_at, second.answer_at);
            for now in [at(DAY), first.answer_at.unwrap(), at(50 * DAY)] {
                assert_eq!(json(first, now), json(second, now));
            }
        }
        assert_eq!(json(first, first.answer_at.unwrap()), NO_RESULT);
    }
}

/// I10: an agency that only has a message forwarded never learns whether there was anybody to
/// forward it to: not from a forwarding, and not from the lack of one.
#[test]
fn a_forwarding_confirms_nobody() {
    let mut answers = Vec::new();
    for outcome in OUTCOMES {
        let mut found = super::sample::traced(outcome);
        found.request.fields = vec!["forward_message".to_owned()];
        let (by, code) = (caseworker(), Code::PitNotMetAfterTrace);
        let ended = arrows::end_without_result(&found, code, WINDOW, &by, at(DAY));
        let draft = arrows::draft(&found, propose(Proposal::Forward), &[], &by, at(DAY));
        let sent = super::sample::agreed(&after(draft), &recheck());
        for case in [after(ended), sent] {
            assert_eq!(json(&case, at(DAY)), json(&received(request()), at(0)));
            answers.push((case.answer_at, json(&case, case.answer_at.unwrap())));
        }
    }
    assert!(answers[0].1.contains(r#""status":"forwarded""#));
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

/// I10: before the answer time a release looks like no result, and both like a request that has
/// only just arrived.
#[test]
fn before_the_answer_time_every_ending_looks_received() {
    let fresh = received(request());
    let expected = json(&fresh, at(0));
    let cases = hidden_endings();
    let answer_at = cases[0].answer_at.unwrap();
    let endings: std::collections::BTreeSet<Ending> =
        cases.iter().filter_map(|case| case.ending).collect();
    assert_eq!(
        endings.len(),
        4,
        "no result, all, part, forwarded: {endings:?}"
    );
    for case in &cases {
        assert_eq!(case.answer_at, Some(answer_at), "{}", case.state.code());
        let last = answer_at - jiff::SignedDuration::from_nanos(1);
        for now in [at(4 * DAY), last] {
            assert_eq!(json(case, now), expected, "{}", case.state.code());
        }
        assert_ne!(json(case, answer_at), expected, "{}", case.state.code());
    }
}

/// The answer itself never holds a value of the record or of the request.
#[test]
fn no_answer_holds_a_value() {
    let mut cases = hidden_endings();
    cases.extend([received(request()), released(), collected()]);
    for case in &cases {
        for now in [at(0), at(10 * DAY)] {
            assert!(!leaks(&json(case, now)), "{}", case.state.code());
        }
    }
}

#[test]
fn answers_before_a_trace_say_the_code_the_clause_and_the_cure() {
    let failing = checks(vec![
        check("4.1", CheckResult::Fail, Code::NotLostContact),
        check("4.2", CheckResult::Pass, Code::BelowSeriousness),
        check("4.3", CheckResult::Fail, Code::NecessityNotShown),
    ]);
    let case = received(request());
    let refused = after(arrows::judge(
        &case,
        agreement(),
        failing,
        &Actor::gate(),
        at(1),
    ));
    let answer = outward::answer(&refused, at(1));
    assert_eq!(
        (answer.status, answer.code),
        ("refused", Some("not_lost_contact"))
    );
    let reasons: Vec<(&str, &str, &str)> = answer
        .reasons
        .iter()
        .map(|reason| (reason.code, reason.clause.as_str(), reason.cure.as_str()))
        .collect();
    let expected = [
        ("not_lost_contact", "4.1", "Meet clause 4.1."),
        ("necessity_not_shown", "4.3", "Meet clause 4.3."),
    ];
    assert_eq!(reasons, expected);
    assert!(answer.next.contains("challenge"));

    let gate = Actor::gate();
    let none = arrows::refuse(
        &case,
        Code::NoAgreement,
        "none",
        "conclude one",
        &gate,
        at(1),
    );
    let answer = outward::answer(&after(none), at(1));
    assert_eq!(answer.code, Some("no_agreement"));
    assert_eq!(answer.reasons[0].cure, "conclude one");
}

#[test]
fn a_returned_request_names_every_fault() {
    let mut faulty = request();
    faulty.authoriser = None;
    faulty.purpose.clear();
    let faults = intake::faults(&faulty);
    let case = received(faulty);
    assert!(arrows::invalidate(&case, Vec::new(), &Actor::gate(), at(1)).is_err());
    let case = after(arrows::invalidate(&case, faults, &Actor::gate(), at(1)));
    let answer = outward::answer(&case, at(1));
    assert_eq!(
        (answer.status, answer.code),
        ("invalid", Some("form_incomplete"))
    );
    let fields: Vec<&str> = answer
        .reasons
        .iter()
        .map(|reason| reason.clause.as_str())
        .collect();
    assert_eq!(fields, ["purpose", "authoriser"]);
}

/// A hold comes from the agreement and looks the same at every stage.
#[test]
fn a_hold_is_told_alike_before_and_after_a_trace() {
    let gate = Actor::gate();
    let mut answers: Vec<String> = OUTCOMES
        .into_iter()
        .map(super::sample::traced)
        .chain([
            received(request()),
            super::sample::drafted(&[crate::Field::Name]),
        ])
        .map(|case| json(&after(arrows::hold(&case, &gate, at(DAY))), at(DAY)))
        .collect();
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[test]
fn a_held_case_is_not_charged_for_the_wait() {
    let gate = Actor::gate();
    let case = received(request());
    let held = after(arrows::hold(&case, &gate, at(DAY)));
    assert!(arrows::hold(&held, &gate, at(DAY)).is_err(), "held once");
    let resumed = after(arrows::resume(&held, &gate, at(31 * DAY)));
    assert_eq!(
        resumed.expires_at,
        case.expires_at + jiff::SignedDuration::from_hours(24 * 30)
    );
    assert_eq!(resumed.received_at, case.received_at);
}
