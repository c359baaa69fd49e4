//! Who asks is checked for each request anew, and somebody calls back where something is odd.

use disclosure::State;
use disclosure::requester::{Method, Oddity};

use super::casework::step;
use super::interface;
use super::journey::{CASEWORKER, OFFICER, ask};
use super::machines::{self, DETECTIVE, Machine};
use super::site::Site;

const OVERSEER: &str = "ov-james-whitlock";
const ADDRESS: &str = "requester.secure_email";
const NEW_ADDRESS: &str = "it names an address for the answer that is new for this officer";
const CHECKED: &str = "How the gate made sure who asks";

/// A request in which the officer names this address for the answer, judged.
fn naming(site: &Site, reference: &'static str, address: &'static str) -> String {
    let mut officer = site.signed_in(OFFICER);
    let id = ask(
        &mut officer,
        &[("agency_reference", reference), (ADDRESS, address)],
    );
    site.work();
    id
}

fn state(site: &Site, id: &str) -> &'static str {
    site.case(id).state.code()
}

#[test]
fn a_new_address_is_called_back_before_anybody_is_looked_up() {
    let site = Site::demonstration();
    let usual = naming(&site, "NM-1", "amara@northmoor.example");
    assert_eq!(state(&site, &usual), "casework_review");
    let odd = naming(&site, "NM-2", "amara@elsewhere.example");
    assert_eq!(state(&site, &odd), "submitted", "nobody is looked up");

    let case = format!("/cases/{odd}");
    let page = site.signed_in(CASEWORKER).get(&case).ok();
    assert!(page.says("Call the agency back") && page.says(NEW_ADDRESS));
    assert!(!page.says(CHECKED), "that is for overseers");
    let page = site.signed_in(OVERSEER).get(&case).ok();
    assert!(page.says(CHECKED) && page.says("Not yet"));
    let page = site.signed_in(OFFICER).get(&format!("/requests/{odd}"));
    assert!(!page.ok().says("new for this officer"));

    let met = [
        ("answer", "met"),
        ("reason", "The control room knows of it."),
    ];
    assert_eq!(step(&site, &odd, "clauses", &met).status, 303);
    site.work();
    assert_eq!(state(&site, &odd), "casework_review");
    let page = site.signed_in(OVERSEER).get(&case).ok();
    assert!(page.says("the agency confirmed that it asks"));
    let again = naming(&site, "NM-3", "amara@elsewhere.example");
    let check = site.case(&again).requester_check.unwrap();
    assert_eq!(check.odd, [], "it is known by now");
}

#[test]
fn a_request_that_the_agency_does_not_know_of_goes_back_and_says_nothing_of_why() {
    let site = Site::demonstration();
    naming(&site, "NM-1", "amara@northmoor.example");
    let odd = naming(&site, "NM-2", "amara@elsewhere.example");
    let not_met = [("answer", "not_met"), ("reason", "Nobody there has asked.")];
    assert_eq!(step(&site, &odd, "clauses", &not_met).status, 303);
    let case = site.case(&odd);
    assert!(matches!(case.state, State::Invalid(_)), "{:?}", case.state);
    let told = site
        .signed_in(OFFICER)
        .get(&format!("/requests/{odd}"))
        .ok();
    assert!(told.says("requester_unverified"), "{}", told.text);
    assert!(!told.says("new for this officer") && !told.says("Nobody there has asked."));
}

#[test]
fn an_officer_whose_name_comes_with_another_credential_is_called_back() {
    let site = machines::site(false);
    let sent = Machine::of(&site).sent();
    let check = site.case(&sent).requester_check.unwrap();
    assert_eq!(check.method, Method::Signature);
    assert_eq!(check.credential, "machine northmoor-machine");
    assert!(check.key.is_some() && check.odd.is_empty());
    let body = machines::request(DETECTIVE.0);
    let to = ("POST", "/api/v1/requests");
    let borrowed = interface::send(&site, to, OFFICER, ("another-way-in", &body));
    let id = interface::case_of(&borrowed);
    let check = site.case(&id).requester_check.unwrap();
    assert_eq!(check.method, Method::Token);
    assert_eq!(check.odd, [Oddity::Credential]);
}
