//! Sample people, requests and cases. Every personal value holds [`MARK`] or is [`NHS_NUMBER`], so
//! that a test can look for a leak anywhere.

use jiff::{SignedDuration, Timestamp};

use crate::arrows::{self, Proposed, Recheck, ReleaseTerms, TraceGate};
use crate::case::AnswerWindow;
use crate::check::{Check, CheckResult, Checks};
use crate::decision::{Proposal, Views};
use crate::release::{AddressKind, HeldRecord};
use crate::request::{Attempt, Authoriser, Priority, Requester, Subject};
use crate::trace::{Candidate, EvidenceLine, TraceOutcome, TraceResult};
use crate::{Actor, AgreementRef, ArrowError, Case, Code, Field, Request, Role, Transition};

/// Part of every personal value of the samples.
pub const MARK: &str = "zq";
/// NHS number of the person asked about, from the range kept for synthetic people.
pub const NHS_NUMBER: &str = "9990000018";
pub const AGENCY: &str = "police-northmoor";
pub const OTHER_AGENCY: &str = "police-southmoor";
pub const DAY: i64 = 86_400;

/// Once a day, and never sooner than five days after receipt.
pub const WINDOW: AnswerWindow = AnswerWindow {
    tick_seconds: DAY,
    earliest_seconds: 5 * DAY,
};

/// Whether a text holds a personal value of the samples.
pub fn leaks(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains(MARK) || lower.replace([' ', '-'], "").contains(NHS_NUMBER)
}

/// `seconds` after the moment the samples start: 09:30 on a Monday.
pub fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2018-05-14T09:30:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

pub fn person(id: &str, role: Role, organization: &str) -> Actor {
    Actor {
        id: id.to_owned(),
        name: format!("Colleague {id}"),
        role,
        organization: organization.to_owned(),
    }
}

pub fn officer() -> Actor {
    person("officer", Role::Officer, AGENCY)
}

pub fn caseworker() -> Actor {
    person("caseworker", Role::Caseworker, "controller")
}

pub fn guardian() -> Actor {
    person("guardian", Role::Guardian, "controller")
}

/// A guardian other than [`guardian`].
pub fn reviewer() -> Actor {
    person("reviewer", Role::Guardian, "controller")
}

pub fn agreement() -> AgreementRef {
    AgreementRef {
        name: "police-serious-crime/2026-01-01".to_owned(),
        hash: "ab".repeat(32),
    }
}

pub fn request() -> Request {
    Request {
        agency_reference: "ZQ-REF".to_owned(),
        agreement: None,
        requester: Requester {
            organization: AGENCY.to_owned(),
            unit: None,
            officer_id: "officer".to_owned(),
            name: "Zqofficer".to_owned(),
            role: "Detective".to_owned(),
            rank: "sergeant".to_owned(),
            secure_email: "zq@example.invalid".to_owned(),
        },
        authoriser: Some(Authoriser {
            officer_id: "inspector".to_owned(),
            name: "Zqinspector".to_owned(),
            rank: "inspector".to_owned(),
            signed_at: at(-60),
        }),
        purpose: "serious_crime".to_owned(),
        limb: None,
        priority: Priority::Routine,
        subject_role: "suspect".to_owned(),
        grounds: crate::request::Grounds::default(),
        justification: crate::request::Justification {
            necessity: "Zqnecessity".to_owned(),
            attempts: vec![Attempt {
                what: "Zqattempt".to_owned(),
                on: jiff::civil::date(2018, 5, 1),
                result: "none".to_owned(),
            }],
            ..Default::default()
        },
        subject: Subject {
            surname: "Zqsurname".to_owned(),
            given_name: "Zqgiven".to_owned(),
            middle_name: "Zqmiddle".to_owned(),
            previous_names: vec!["Zqgiven Zqprevious".to_owned()],
            date_of_birth: "1980-03-04".to_owned(),
            sex: "F".to_owned(),
            nhs_number: NHS_NUMBER.to_owned(),
            address: "1 Zqstreet".to_owned(),
            town: "Zqtown".to_owned(),
            postcode: "ZQ1 1ZQ".to_owned(),
        },
        fields: vec!["name".to_owned(), "last_known_address".to_owned()],
        manual_information: None,
        tell_subject_delay: None,
    }
}

pub fn held() -> HeldRecord {
    HeldRecord {
        person_ref: "person-1".to_owned(),
        name: "Zqgiven Zqsurname".to_owned(),
        previous_names: vec!["Zqgiven Zqprevious".to_owned()],
        birth_date: "1980-03-04".to_owned(),
        gender: "F".to_owned(),
        address: "2 Zqroad, Zqcity".to_owned(),
        postcode: "ZQ9 9ZQ".to_owned(),
        address_kind: AddressKind::Home,
        address_from: "2017-02-01".to_owned(),
        registration_date: "2016-01-02".to_owned(),
        area_code: "ZQ9".to_owned(),
        gp_practice: "A81001".to_owned(),
        restricted: false,
        deceased: false,
    }
}

pub fn check(clause: &str, result: CheckResult, code: Code) -> Check {
    Check {
        clause: clause.to_owned(),
        text: format!("Clause {clause} in plain words."),
        result,
        code,
        cure: format!("Meet clause {clause}."),
        blocking: true,
        answered_by: None,
        reason: None,
    }
}

pub fn checks(answers: Vec<Check>) -> Checks {
    Checks {
        answers,
        engine: "test".to_owned(),
        inputs_hash: "cd".repeat(32),
    }
}

pub fn every_clause_met() -> Checks {
    checks(vec![
        check("4.1", CheckResult::Pass, Code::NotLostContact),
        check("4.2", CheckResult::NotApplicable, Code::BelowSeriousness),
    ])
}

pub fn trace_result(outcome: TraceOutcome, tracer: &Actor, now: Timestamp) -> TraceResult {
    let found = Candidate {
        person_ref: "person-1".to_owned(),
        score: 31.5,
        probability: 0.999_99,
        on_history: false,
        restricted: outcome == TraceOutcome::RestrictedWithheld,
        jan1: false,
        evidence: vec![EvidenceLine {
            field: "surname".to_owned(),
            finding: "equal".to_owned(),
            bits: 12.5,
            total: 12.5,
        }],
    };
    let nobody = outcome == TraceOutcome::NoTrace;
    TraceResult {
        tracer: tracer.clone(),
        at: now,
        engine: "bayes".to_owned(),
        index_version: "index-7".to_owned(),
        outcome,
        examined: if nobody { 0 } else { 3 },
        candidates: if nobody { Vec::new() } else { vec![found] },
        gap: (!nobody).then_some(14.0),
    }
}

pub const OUTCOMES: [TraceOutcome; 6] = [
    TraceOutcome::Single,
    TraceOutcome::NoTrace,
    TraceOutcome::Ambiguous,
    TraceOutcome::NeedsIdentifiers,
    TraceOutcome::RestrictedWithheld,
    TraceOutcome::Deceased,
];

pub fn open_gate() -> TraceGate {
    TraceGate {
        agreement_open: true,
        test_valid: true,
        budget_left: true,
    }
}

pub fn views() -> Views {
    Views {
        necessity: "Zqviews one".to_owned(),
        public_interest: "Zqviews two".to_owned(),
        harm: "Zqviews three".to_owned(),
        public_health: "Zqviews four".to_owned(),
    }
}

pub fn propose(proposal: Proposal) -> Proposed {
    Proposed {
        proposal,
        gateway: "L3".to_owned(),
        views: views(),
    }
}

pub fn recheck() -> Recheck {
    Recheck {
        agreement_open: true,
        test_valid: true,
        held: Some(held()),
        agreed: releasable(),
    }
}

pub fn releasable() -> Vec<Field> {
    Field::ALL
        .into_iter()
        .filter(|field| field.is_releasable())
        .collect()
}

pub fn terms() -> ReleaseTerms {
    ReleaseTerms {
        data_life_days: 30,
        outcome_due_days: 28,
        onward_rule: "none".to_owned(),
        window: WINDOW,
    }
}

/// The case after a step that must succeed.
pub fn after(step: Result<Transition, ArrowError>) -> Case {
    step.expect("the step is legal").case().unwrap().clone()
}

pub fn received(request: Request) -> Case {
    let received = arrows::receive("TG-7F3K-92QD", "key-1", request, &officer(), at(0));
    received.case().unwrap().clone()
}

pub fn checked(request: Request) -> Case {
    let gate = Actor::gate();
    let case = received(request);
    after(arrows::judge(
        &case,
        agreement(),
        every_clause_met(),
        &gate,
        at(1),
    ))
}

pub fn tracing(request: Request) -> Case {
    let case = checked(request);
    after(arrows::start_trace(
        &case,
        open_gate(),
        &Actor::gate(),
        at(2),
    ))
}

pub fn traced(outcome: TraceOutcome) -> Case {
    let case = tracing(request());
    let found = trace_result(outcome, &Actor::gate(), at(3));
    after(arrows::record_trace(&case, found, at(3)))
}

pub fn drafted(fields: &[Field]) -> Case {
    let proposed = propose(Proposal::Release(fields.to_vec()));
    let case = traced(TraceOutcome::Single);
    after(arrows::draft(
        &case,
        proposed,
        &releasable(),
        &caseworker(),
        at(DAY),
    ))
}

/// Released at day two; the answer leaves at the tick after day five.
pub fn released() -> Case {
    let case = drafted(&[Field::Name, Field::LastKnownAddress]);
    agreed(&case, &recheck())
}

/// The same case once the guardian has written down an own view, at the time of the draft.
pub fn viewed(case: &Case) -> Case {
    let now = case
        .state
        .drafted()
        .map_or(at(DAY), |drafted| drafted.draft.at);
    after(arrows::write_own_view(case, "Zqown view", &guardian(), now))
}

pub fn agreed(case: &Case, recheck: &Recheck) -> Case {
    after(arrows::agree(
        &viewed(case),
        "",
        recheck,
        &terms(),
        &guardian(),
        at(2 * DAY),
    ))
}

pub fn no_result(outcome: TraceOutcome) -> Case {
    let case = traced(outcome);
    let code = Code::PitNotMetAfterTrace;
    after(arrows::end_without_result(
        &case,
        code,
        WINDOW,
        &caseworker(),
        at(DAY),
    ))
}

pub fn collected() -> Case {
    let case = released();
    let now = case.answer_at.unwrap();
    after(arrows::collect(
        &case,
        "collect-1",
        &releasable(),
        &officer(),
        now,
    ))
}
