use super::sample::{
    AGENCY, DAY, OTHER_AGENCY, after, agreement, at, caseworker, check, checked, checks,
    every_clause_met, guardian, officer, open_gate, person, received, request,
};
use crate::arrows::{self, TraceGate};
use crate::check::{CheckResult, Checks};
use crate::request::Priority;
use crate::{
    Actor, ArrowError, Case, Change, Code, CodeGroup, Ending, Message, Role, State, Transition,
};

fn judge(case: &Case, checks: Checks) -> Result<Transition, ArrowError> {
    arrows::judge(case, agreement(), checks, &Actor::gate(), at(1))
}

fn waiting() -> Checks {
    checks(vec![
        check("4.1", CheckResult::Pass, Code::NotLostContact),
        check("4.2", CheckResult::NeedsHuman, Code::NecessityNotShown),
        check("4.3", CheckResult::NeedsHuman, Code::PitNotMet),
    ])
}

fn answer(case: &Case, clause: &str, result: CheckResult) -> Result<Transition, ArrowError> {
    arrows::answer_clause(
        case,
        clause,
        result,
        "seen the papers",
        &caseworker(),
        at(2),
    )
}

/// Default deny: no clause answered is no permission.
#[test]
fn an_empty_judgement_permits_nothing() {
    let refused = judge(&received(request()), Checks::default());
    assert_eq!(refused, Err(ArrowError::Missing("clauses")));
}

/// I4, even where intake was skipped.
#[test]
fn nothing_is_judged_without_a_second_signature() {
    let mut alone = request();
    alone.authoriser = None;
    let refused = judge(&received(alone), every_clause_met());
    assert_eq!(refused, Err(ArrowError::Missing("authoriser")));
    let mut twice = request();
    twice.authoriser.as_mut().unwrap().officer_id = "Officer ".to_owned();
    let refused = judge(&received(twice), every_clause_met());
    assert!(matches!(refused, Err(ArrowError::SamePerson { .. })));
}

#[test]
fn a_judgement_leads_where_its_clauses_say() {
    let case = received(request());
    assert_eq!(after(judge(&case, waiting())).state.code(), "submitted");
    let met = judge(&case, every_clause_met()).unwrap();
    assert_eq!(met.case().unwrap().state.code(), "checked");
    assert!(matches!(met.change, Change::MoveIfAgreementOpen(..)), "I7");

    let mut failing = waiting();
    failing.answers[0].result = CheckResult::Fail;
    let refused = after(judge(&case, failing.clone()));
    let State::Refused(refusal) = &refused.state else {
        panic!("{}", refused.state.code());
    };
    assert_eq!(refusal.code, Code::NotLostContact);
    assert_eq!(refusal.cure, "Meet clause 4.1.");
    assert_eq!(
        (refused.ending, refused.answer_at),
        (Some(Ending::Refused), Some(at(1)))
    );

    failing.answers[0].code = Code::RankTooLow;
    let returned = after(judge(&case, failing));
    assert!(matches!(&returned.state, State::Invalid(faults) if faults.len() == 1));
    assert_eq!(returned.ending, Some(Ending::Invalid));
}

/// A clause about some of the fields, or one for the reviewers' weighing, does not decide alone.
#[test]
fn a_clause_that_does_not_block_neither_refuses_nor_waits() {
    let mut some = waiting();
    some.answers[0].result = CheckResult::Fail;
    for check in &mut some.answers {
        check.blocking = false;
    }
    let case = after(judge(&received(request()), some));
    assert_eq!(case.state.code(), "checked");
}

/// No clause rests on a trace before there is one, whatever code a policy names.
#[test]
fn a_policy_cannot_give_an_after_trace_code() {
    for code in Code::all().filter(|code| *code >= Code::NoTrace) {
        let failing = checks(vec![check("4.1", CheckResult::Fail, code)]);
        let refused = after(judge(&received(request()), failing));
        let told = crate::outward::answer(&refused, at(1));
        assert_eq!(told.code, Some("no_legal_basis"));
        assert_eq!(told.reasons[0].code, "no_legal_basis");
    }
}

#[test]
fn a_person_answers_each_waiting_clause_with_a_reason() {
    let case = after(judge(&received(request()), waiting()));
    assert_eq!(
        answer(&case, "4.1", CheckResult::Pass),
        Err(ArrowError::NoSuchClause("4.1".into()))
    );
    assert_eq!(
        answer(&case, "4.2", CheckResult::NeedsHuman),
        Err(ArrowError::Missing("answer"))
    );
    let gate = Actor::gate();
    let by_gate = arrows::answer_clause(&case, "4.2", CheckResult::Pass, "because", &gate, at(2));
    assert!(
        matches!(by_gate, Err(ArrowError::Role { .. })),
        "only a person"
    );
    let silent = arrows::answer_clause(&case, "4.2", CheckResult::Pass, " ", &caseworker(), at(2));
    assert_eq!(silent, Err(ArrowError::Missing("reason")));

    let half = after(answer(&case, "4.2", CheckResult::Pass));
    assert_eq!(half.state.code(), "submitted");
    let whole = after(answer(&half, "4.3", CheckResult::NotApplicable));
    assert_eq!(whole.state.code(), "checked");
    let answered = &whole.state.checks().unwrap().answers[1];
    assert_eq!(answered.answered_by, Some(caseworker()));
    let refused = after(answer(&half, "4.3", CheckResult::Fail));
    assert_eq!(refused.state.code(), "refused");
}

/// I21: two clauses answered from one version are two writes, of which the second is a conflict;
/// with one key it would be taken for the first sent twice and be lost.
#[test]
fn different_steps_from_one_version_have_different_keys() {
    let case = after(judge(&received(request()), waiting()));
    let key = |clause, result| answer(&case, clause, result).unwrap().key;
    let first = key("4.2", CheckResult::Pass);
    assert_eq!(first, key("4.2", CheckResult::Pass), "sent twice");
    assert_ne!(first, key("4.3", CheckResult::Pass));
    assert_ne!(first, key("4.2", CheckResult::Fail));
    let by = guardian();
    let other = arrows::answer_clause(&case, "4.2", CheckResult::Pass, "r", &by, at(2)).unwrap();
    assert_ne!(first, other.key);
}

#[test]
fn only_a_before_trace_code_refuses() {
    let case = received(request());
    for code in Code::all() {
        let refused = arrows::refuse(&case, code, "why", "cure", &Actor::gate(), at(1));
        assert_eq!(
            refused.is_ok(),
            code.group() == CodeGroup::BeforeTrace,
            "{code}"
        );
    }
}

/// I4: nobody of the asking agency, and neither signatory, acts for the controller on its request.
#[test]
fn who_asks_does_not_decide() {
    let case = after(judge(&received(request()), waiting()));
    for (id, organization) in [
        ("somebody", AGENCY),
        ("officer", "controller"),
        ("inspector", "controller"),
    ] {
        let by = person(id, Role::Caseworker, organization);
        let refused = arrows::answer_clause(&case, "4.2", CheckResult::Pass, "r", &by, at(2));
        assert!(
            matches!(refused, Err(ArrowError::SamePerson { .. })),
            "{id} of {organization}"
        );
    }
}

#[test]
fn a_question_is_asked_by_staff_and_answered_by_the_agency() {
    let case = checked(request());
    let question = "Zqquestion: which Zqsurname?";
    assert!(arrows::ask(&case, question, &Actor::gate(), at(2)).is_err());
    assert!(arrows::ask(&case, " ", &caseworker(), at(2)).is_err());
    let asked = after(arrows::ask(&case, question, &caseworker(), at(DAY)));
    assert_eq!(crate::outward::answer(&asked, at(DAY)).message, question);
    let stranger = person("stranger", Role::Officer, OTHER_AGENCY);
    assert!(arrows::clarify(&asked, "the second", None, &stranger, at(3 * DAY)).is_err());
    assert!(arrows::clarify(&asked, "the second", None, &caseworker(), at(3 * DAY)).is_err());

    let minor = after(arrows::clarify(
        &asked,
        "the second",
        None,
        &officer(),
        at(3 * DAY),
    ));
    assert_eq!(minor.state.code(), "checked");
    assert_eq!(
        minor.expires_at,
        case.expires_at + jiff::SignedDuration::from_hours(48)
    );
    let substance = after(arrows::clarify(
        &asked,
        "",
        Some(request()),
        &officer(),
        at(3 * DAY),
    ));
    assert_eq!(substance.state, State::Submitted(Checks::default()));
    assert_eq!(substance.agreement, None, "judged anew");
    let wrong = arrows::ask(&substance, question, &caseworker(), at(4 * DAY));
    assert!(matches!(wrong, Err(ArrowError::WrongState { .. })));
}

/// A revision that changed hands would let another agency collect.
#[test]
fn a_revised_request_keeps_its_requester() {
    let asked = after(arrows::ask(
        &checked(request()),
        "which?",
        &caseworker(),
        at(2),
    ));
    let mut elsewhere = request();
    elsewhere.requester.organization = OTHER_AGENCY.to_owned();
    let mut somebody = request();
    somebody.requester.officer_id = "inspector".to_owned();
    for revised in [elsewhere, somebody] {
        let refused = arrows::clarify(&asked, "", Some(revised), &officer(), at(3));
        assert_eq!(refused, Err(ArrowError::Missing("requester")));
    }
}

#[test]
fn a_trace_starts_only_when_everything_holds() {
    let case = checked(request());
    let start = |gate| arrows::start_trace(&case, gate, &Actor::gate(), at(2));
    let open = open_gate();
    assert!(matches!(
        start(open).unwrap().change,
        Change::MoveIfAgreementOpen(..)
    ));
    let closed = TraceGate {
        agreement_open: false,
        ..open
    };
    assert_eq!(start(closed), Err(ArrowError::AgreementNotOpen));
    let expired = TraceGate {
        test_valid: false,
        ..open
    };
    assert_eq!(start(expired), Err(ArrowError::TestExpired));
    let spent = TraceGate {
        budget_left: false,
        ..open
    };
    assert_eq!(start(spent), Err(ArrowError::BudgetUsed));
    for role in [
        Role::Officer,
        Role::Authoriser,
        Role::Guardian,
        Role::Overseer,
    ] {
        let by = person("somebody", role, "controller");
        assert!(arrows::start_trace(&case, open, &by, at(2)).is_err());
    }
}

/// A case without an agreement has nothing that could be open.
#[test]
fn no_agreement_no_trace() {
    let mut case = checked(request());
    case.agreement = None;
    let refused = arrows::start_trace(&case, open_gate(), &Actor::gate(), at(2));
    assert_eq!(refused, Err(ArrowError::AgreementNotOpen));
}

/// I20: free text stops the worker; so does an emergency, where a person chooses the route.
#[test]
fn the_worker_moves_on_only_what_needs_no_person() {
    let mut text = request();
    text.manual_information = Some("Zqmanual".to_owned());
    let mut emergency = request();
    emergency.priority = Priority::Emergency;
    let works = |request| {
        let case = received(request);
        let judged = judge(&case, every_clause_met()).unwrap();
        judged
            .outbox
            .iter()
            .any(|message| matches!(message, Message::Work { .. }))
    };
    assert!(works(request()));
    assert!(!works(text.clone()));
    assert!(!works(emergency));
    let case = checked(text);
    let by_gate = arrows::start_trace(&case, open_gate(), &Actor::gate(), at(2));
    assert_eq!(by_gate, Err(ArrowError::NeedsPerson));
    assert!(arrows::start_trace(&case, open_gate(), &caseworker(), at(2)).is_ok());
}
