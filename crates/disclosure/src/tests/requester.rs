//! Who asks: compared with what the same officer has asked before, and called back where something is odd.

use super::sample::*;
use crate::arrows::{self, answer_clause};
use crate::check::{CheckResult, REQUESTER};
use crate::request::Priority;
use crate::requester::{Comparison, Method, Oddity, RequesterCheck};
use crate::{Actor, Case, Code, Request};

fn check(credential: &str) -> RequesterCheck {
    RequesterCheck::new(Method::Signature, credential, at(0))
}

fn naming(address: &str) -> Request {
    let mut request = request();
    address.clone_into(&mut request.requester.secure_email);
    request
}

/// An earlier request with this check.
fn earlier(address: &str, check: RequesterCheck) -> Case {
    let sent = arrows::receive("TG-1", "key", naming(address), &officer(), at(0)).checked(check);
    sent.case().unwrap().clone()
}

/// What is odd about a request from `machine a` that names `a@x.example`.
fn odd(earlier: &[Case]) -> Vec<Oddity> {
    let request = naming("A@x.example ");
    let mut comparison = Comparison::of(check("machine a"), &request);
    earlier.iter().for_each(|case| comparison.with(case));
    comparison.found().odd
}

#[test]
fn a_request_is_odd_by_what_no_earlier_one_had() {
    let usual = || earlier("a@x.example", check("machine a"));
    assert_eq!(odd(&[]), [], "the first has nothing to differ from");
    assert_eq!(odd(&[usual()]), []);
    let desk = || earlier("a@x.example", check("desk"));
    assert_eq!(odd(&[desk()]), [Oddity::Credential]);
    assert_eq!(odd(&[desk(), usual()]), [], "one of them is enough");
    let elsewhere = earlier("b@x.example", check("machine a"));
    assert_eq!(odd(&[elsewhere]), [Oddity::Address]);
    let unnamed = naming(" ");
    let mut comparison = Comparison::of(check("machine a"), &unnamed);
    comparison.with(&usual());
    assert_eq!(comparison.found().odd, [], "no address is none that is new");
    let unchecked = received(request());
    assert_eq!(odd(&[unchecked]), [], "from before there were checks");
}

#[test]
fn an_emergency_is_always_called_back() {
    let mut request = request();
    request.priority = Priority::Emergency;
    let found = Comparison::of(check("machine a"), &request).found();
    assert_eq!(found.odd, [Oddity::Emergency]);
    assert!(!found.is_settled());
}

#[test]
fn a_stolen_credential_does_not_become_a_known_one_by_being_used() {
    let stolen = RequesterCheck {
        odd: vec![Oddity::Credential],
        ..check("machine a")
    };
    let used = earlier("a@x.example", stolen);
    assert_eq!(
        odd(std::slice::from_ref(&used)),
        [Oddity::Credential, Oddity::Address]
    );
    for (result, left) in [
        (CheckResult::Pass, vec![]),
        (CheckResult::Fail, vec![Oddity::Credential, Oddity::Address]),
    ] {
        assert_eq!(odd(&[called_back(&used, result)]), left);
    }
}

fn called_back(case: &Case, result: CheckResult) -> Case {
    let waiting = super::sample::check(
        REQUESTER,
        CheckResult::NeedsHuman,
        Code::RequesterUnverified,
    );
    let judged = arrows::judge(
        case,
        agreement(),
        checks(vec![waiting]),
        &Actor::gate(),
        at(1),
    );
    let (case, by) = (after(judged), caseworker());
    after(answer_clause(
        &case,
        REQUESTER,
        result,
        "I rang the control room.",
        &by,
        at(2),
    ))
}

#[test]
fn a_call_back_is_on_record_and_without_one_the_request_goes_back() {
    let odd = RequesterCheck {
        odd: vec![Oddity::Address],
        ..check("machine a")
    };
    let case = earlier("a@x.example", odd);
    let confirmed = called_back(&case, CheckResult::Pass);
    let called = confirmed.requester_check.unwrap().second_channel.unwrap();
    assert_eq!((called.by, called.confirmed), (caseworker(), true));
    assert_eq!(confirmed.state.code(), "checked");
    let unknown = called_back(&case, CheckResult::Fail);
    assert_eq!(unknown.state.code(), "invalid");
    assert!(!unknown.requester_check.unwrap().is_settled());
}

#[test]
fn the_entry_of_a_request_says_how_who_asks_was_made_sure_of() {
    let sent = arrows::receive("TG-1", "key", request(), &officer(), at(0));
    let audit = sent.checked(check("machine a")).event.audit;
    assert_eq!(audit["requester_method"], "signature");
    assert_eq!(audit["requester_credential"], "machine a");
    assert_eq!(audit["requester_odd"], "");
}
