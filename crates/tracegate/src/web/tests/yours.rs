//! The desk of the person asked about: who asked, what they choose, who acts for them, and what all that
//! does to a request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use disclosure::EventKind;
use ledger::{Bundle, Kind, Policy};

use super::browser::{Browser, Page};
use super::interface::send;
use super::journey::{CASEWORKER, GUARDIAN, OFFICER, ask, draft, second_review};
use super::site::Site;

const PERSON: &str = "su-asked-about";
const HELPER: &str = "su-farah-aziz";
const CLERK: &str = "sa-leila-haddad";
const ANSWER: &str = "Nothing can be given";

/// The person of the requests, at their own page.
fn at_home(site: &Site) -> Browser {
    let mut browser = Browser::new(&site.address);
    browser.get("/sign-in");
    let said = [("person", PERSON), ("number", "999 000 0018")];
    let page = browser.post("/sign-in", &said);
    assert_eq!(page.location(), "/yours");
    browser.get("/yours").ok();
    browser
}

fn choose(browser: &mut Browser, step: &str, more: &[(&str, &str)]) -> Page {
    browser.get("/yours/choices");
    browser.post("/yours/choices", &[&[("step", step)], more].concat())
}

fn correct(browser: &mut Browser, item: &str, says: &str) -> Page {
    browser.get("/yours/details");
    let said = [("step", "correct"), ("item", item), ("says", says)];
    browser.post("/yours/details", &said)
}

/// A request whose answer waits to be collected.
fn released(site: &Site) -> String {
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    draft(site, &id);
    second_review(site, &id, "agree");
    site.publish();
    site.later(jiff::SignedDuration::from_hours(2));
    id
}

fn collect(site: &Site, id: &str) -> Page {
    let mut officer = site.signed_in(OFFICER);
    let page = officer.get(&format!("/requests/{id}")).ok();
    officer.submit(&format!("/requests/{id}/collection"), &page, &[])
}

/// The code that a person makes for somebody.
fn invited(person: &mut Browser) -> String {
    let form = person.get("/yours/helpers").ok();
    let said = [("step", "invite")];
    let page = person.submit("/yours/helpers", &form, &said).ok();
    let code = page.text.split("data-copy=\"the code\">").nth(1).unwrap();
    code.split('<').next().unwrap().to_owned()
}

/// The newest correction that waits, as a member of staff opens it.
fn opened(staff: &mut Browser) -> (String, Page) {
    let list = staff.get("/corrections").ok();
    let path = list.text.split("href=\"/corrections/").nth(1).unwrap();
    let path = format!("/corrections/{}", path.split('"').next().unwrap());
    let page = staff.get(&path).ok();
    (path, page)
}

#[test]
fn a_person_reads_who_asked_and_takes_the_proof_home() {
    let site = Site::demonstration();
    let id = released(&site);
    let mut person = at_home(&site);
    let home = person.get("/yours").ok();
    assert!(
        !home.says("Police") && !home.says("Thistlewood"),
        "nothing until they choose"
    );
    let log = person.get("/yours/log").ok();
    for text in [
        "Police Northmoor asked about somebody",
        "name, last known address",
        &id,
        "You read this log.",
    ] {
        assert!(log.says(text), "no `{text}` in {}", log.text);
    }
    for name in ["Lindqvist", "Okafor", "Osei", "Thistlewood", "Larch"] {
        assert!(!log.says(name), "{name}");
    }
    assert_eq!(site.kinds().last(), Some(&EventKind::LogRead));
    site.publish();
    let got = person.submit("/yours/file", &log, &[]).ok();
    assert!(got.headers["content-disposition"].contains("document.bundle"));
    let bundle = Bundle::parse(got.text.as_bytes()).unwrap();
    let policy = Policy::log_alone(site.gate.log.keys()[0].clone());
    bundle
        .verify(&policy, Kind(EventKind::Erased.number()))
        .unwrap();
    assert!(bundle.events.len() > 4);
}

#[test]
fn pages_tell_little_to_whoever_looks_over_a_shoulder() {
    let site = Site::demonstration();
    let mut person = at_home(&site);
    for path in [
        "/yours",
        "/yours/log",
        "/yours/details",
        "/yours/choices",
        "/yours/helpers",
    ] {
        let page = person.get(path).ok();
        assert!(page.says("<title>Your page – Tracegate</title>"), "{path}");
        assert!(
            page.says("data-exit") && page.says("Exit this page"),
            "{path}"
        );
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(
            !page.says("A person asked about"),
            "{path} names the account"
        );
    }
    assert!(!person.get("/").ok().text.is_empty());
    person.get("/sessions").ok();
    let out = person.post("/sign-out", &[]);
    assert_eq!(out.headers["clear-site-data"], "\"cache\"");
}

#[test]
fn protection_acts_at_once_at_every_step_of_the_way() {
    let site = Site::demonstration();
    // One is traced, one waits to be collected, one is only just asked.
    let waiting = released(&site);
    let traced = ask(
        &mut site.signed_in(OFFICER),
        &[("agency_reference", "NM/2")],
    );
    site.work();
    assert_eq!(site.case(&traced).state.code(), "casework_review");
    let done = choose(&mut at_home(&site), "protect", &[]).ok();
    assert!(
        done.says("Your record is protected from now on."),
        "{}",
        done.text
    );
    let collected = collect(&site, &waiting);
    assert!(
        collected.status != 200 && !collected.says("Larch"),
        "{}",
        collected.text
    );
    // What the caseworker sees of the second: nothing of it can be told.
    let mut caseworker = site.signed_in(CASEWORKER);
    let path = format!("/cases/{traced}/decision");
    let form = caseworker.get(&path).ok();
    let said = [
        ("choice", "release"),
        ("fields", "name"),
        ("step", "preview"),
    ];
    let page = caseworker.submit(&path, &form, &said);
    assert!(
        page.says("Nothing of what you chose can be told"),
        "{}",
        page.text
    );
    // The third is found as if the index said that the record is protected.
    let asked = ask(
        &mut site.signed_in(OFFICER),
        &[("agency_reference", "NM/3")],
    );
    site.work();
    let page = caseworker.get(&format!("/cases/{asked}")).ok();
    assert!(
        page.says("The record is protected") && page.says("Go on to the warning"),
        "{}",
        page.text
    );
    let path = format!("/cases/{asked}/decision");
    let form = caseworker.get(&path).ok();
    let said = [("choice", "no_result"), ("step", "confirm")];
    caseworker.submit(&path, &form, &said);
    site.later(jiff::SignedDuration::from_hours(2));
    let told = site
        .signed_in(OFFICER)
        .get(&format!("/requests/{asked}"))
        .ok();
    assert!(told.says(ANSWER), "{}", told.text);
    site.block_on(site.gate.store.audit()).unwrap();
}

#[test]
fn only_a_guardian_ends_protection_and_the_person_reads_why() {
    let site = Site::demonstration();
    let mut person = at_home(&site);
    choose(&mut person, "protect", &[]).ok();
    let asked = choose(&mut person, "end_protection", &[]).ok();
    assert!(asked.says("It holds until a guardian agrees."));
    let said = [("agreed", "yes"), ("reason", "They came in person, alone.")];
    let mut caseworker = site.signed_in(CASEWORKER);
    let (path, page) = opened(&mut caseworker);
    let refused = caseworker.submit(&path, &page, &said);
    assert_eq!(refused.status, 403, "{}", refused.text);
    assert!(person.get("/yours/choices").ok().says("Protected"));
    let mut guardian = site.signed_in(GUARDIAN);
    let (path, page) = opened(&mut guardian);
    assert_eq!(guardian.submit(&path, &page, &said).status, 303);
    assert!(
        person
            .get("/yours/choices")
            .ok()
            .says("Protect the record now")
    );
    assert!(
        person
            .get("/yours/details")
            .ok()
            .says("They came in person, alone.")
    );
    let log = person.get("/yours/log").ok();
    assert!(
        log.says("The Caldicott Guardian confirmed a correction."),
        "{}",
        log.text
    );
}

#[test]
fn an_address_that_is_called_wrong_is_told_to_nobody_even_once_confirmed() {
    let site = Site::demonstration();
    let waiting = released(&site);
    let mut person = at_home(&site);
    let page = person.get("/yours/details").ok();
    assert!(page.says("14 Larch Close"), "{}", page.text);
    let wrong = correct(&mut person, "", "");
    assert_eq!(wrong.status, 422);
    assert!(wrong.says("Choose what is wrong") && wrong.says("Write what is right"));
    let done = correct(&mut person, "address", "9 New Street, NM2 2BB").ok();
    assert!(done.says("You have asked for a correction."));
    let collected = collect(&site, &waiting).ok();
    let withheld = collected.says("not_held") && !collected.says("Larch");
    assert!(withheld, "{}", collected.text);
    let mut caseworker = site.signed_in(CASEWORKER);
    let (path, page) = opened(&mut caseworker);
    assert!(page.says("9 New Street") && page.says("14 Larch Close"));
    let empty = caseworker.submit(&path, &page, &[]);
    assert_eq!(empty.status, 422);
    assert!(empty.says("Choose whether it is right") && empty.says("Write down why"));
    let said = [("agreed", "yes"), ("reason", "A letter came back.")];
    assert_eq!(caseworker.submit(&path, &page, &said).status, 303);
    let again = caseworker.submit(&path, &page, &said);
    assert_eq!(again.status, 409, "{}", again.text);
    let asked = ask(
        &mut site.signed_in(OFFICER),
        &[("agency_reference", "NM/2")],
    );
    site.work();
    let preview = draft(&site, &asked);
    drop(preview);
    second_review(&site, &asked, "agree");
    site.publish();
    site.later(jiff::SignedDuration::from_hours(2));
    let collected = collect(&site, &asked).ok();
    assert!(
        collected.says("not_held") && !collected.says("Larch") && !collected.says("New Street")
    );
    site.block_on(site.gate.store.audit()).unwrap();
}

#[test]
fn reviewers_read_the_objection_and_the_agency_never_does() {
    let site = Site::demonstration();
    let mut person = at_home(&site);
    let empty = choose(&mut person, "object", &[("objection", " ")]);
    assert_eq!(empty.status, 422);
    let text = "My brother must not learn where I am.";
    choose(&mut person, "object", &[("objection", text)]).ok();
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    let mut caseworker = site.signed_in(CASEWORKER);
    for path in [
        format!("/cases/{id}"),
        format!("/cases/{id}/print"),
        format!("/cases/{id}/decision"),
    ] {
        assert!(caseworker.get(&path).ok().says(text), "{path}");
    }
    assert!(
        !site
            .signed_in(OFFICER)
            .get(&format!("/requests/{id}"))
            .ok()
            .says(text)
    );
    let consent = ("GET", &*format!("/fhir/R4/Consent/{id}"));
    let told = send(&site, consent, CASEWORKER, ("", "")).ok();
    let told: serde_json::Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(told["resourceType"], "Consent");
    assert_eq!(told["provision"]["type"], "deny");
    let words = told["sourceAttachment"]["data"].as_str().unwrap();
    assert_eq!(STANDARD.decode(words).unwrap(), text.as_bytes());
    assert_eq!(site.kinds().last(), Some(&EventKind::CaseViewed));
    assert_eq!(send(&site, consent, OFFICER, ("", "")).status, 403);
    draft(&site, &id);
    let mut guardian = site.signed_in(GUARDIAN);
    assert!(
        guardian
            .get(&format!("/cases/{id}/second-review"))
            .ok()
            .says(text)
    );
    choose(&mut person, "withdraw", &[]).ok();
    assert!(!caseworker.get(&format!("/cases/{id}")).ok().says(text));
}

#[test]
fn a_representative_acts_with_a_code_until_it_is_ended() {
    let site = Site::demonstration();
    let mut person = at_home(&site);
    let mut helper = site.signed_in(HELPER);
    let home = helper.get("/yours").ok();
    assert!(!home.says("You act for") && !home.says("Who asked for your details"));
    assert_eq!(
        helper.get("/yours/log").status,
        404,
        "they have no record of their own"
    );
    assert_eq!(helper.post("/yours", &[("code", "made.up")]).status, 422);
    let code = invited(&mut person);
    // As somebody reads it out.
    let spoken = code.to_lowercase().replace('-', " ");
    assert!(
        helper
            .post("/yours", &[("code", &spoken)])
            .ok()
            .says("M. T.")
    );
    assert_eq!(
        helper.post("/yours", &[("code", &code)]).status,
        422,
        "it works once"
    );
    let home = helper.get("/yours").ok();
    let hidden = home
        .all_hidden()
        .into_iter()
        .find(|(name, _)| name == "for")
        .unwrap();
    let whose = ("for", hidden.1.as_str());
    let log = helper.post("/yours/log", &[whose]).ok();
    assert!(
        log.says("This log was read by somebody who acts for you."),
        "{}",
        log.text
    );
    helper.post("/yours/details", &[whose]).ok();
    helper.post("/yours/file", &[whose]);
    helper
        .post("/yours/choices", &[whose, ("step", "protect")])
        .ok();
    // What is the person's own stays theirs; nobody else gets in with the reference.
    for (path, step) in [("/yours/choices", "hide"), ("/yours/helpers", "invite")] {
        assert_eq!(
            helper.post(path, &[whose, ("step", step)]).status,
            403,
            "{step}"
        );
    }
    assert_eq!(person.post("/yours/log", &[whose]).status, 404);
    let told = person.get("/yours/log").ok();
    assert!(
        told.says("Somebody who acts for you had your record protected."),
        "{}",
        told.text
    );
    let helpers = person.get("/yours/helpers").ok();
    assert!(helpers.says("Farah Aziz"));
    person
        .post("/yours/helpers", &[("step", "end"), ("who", "0")])
        .ok();
    assert_eq!(helper.post("/yours/log", &[whose]).status, 404);
    site.block_on(site.gate.store.audit()).unwrap();
}

#[test]
fn what_is_hidden_stays_hidden_online_until_the_clerk_shows_it_again() {
    let site = Site::demonstration();
    let mut person = at_home(&site);
    let gone = choose(&mut person, "hide", &[]);
    assert!(gone.says("Nothing to show"), "{}", gone.text);
    for path in [
        "/yours/log",
        "/yours/details",
        "/yours/choices",
        "/yours/helpers",
    ] {
        let page = person.get(path);
        assert!(page.status == 403 && page.says("Nothing to show"), "{path}");
    }
    let mut clerk = site.signed_in(CLERK);
    let form = clerk.get("/subject-access").ok();
    let said = [("person", "9990000018"), ("why", "came in person")];
    let page = clerk.submit("/subject-access", &form, &said).ok();
    assert!(page.says("Nothing is shown to them online"));
    assert_eq!(
        clerk
            .submit("/subject-access/shown-again", &page, &[])
            .status,
        303
    );
    person.get("/yours/log").ok();
}

#[test]
fn every_look_at_a_persons_page_is_an_entry_of_their_log() {
    let site = Site::demonstration();
    let mut person = at_home(&site);
    let before = site.kinds().len();
    for path in [
        "/yours/log",
        "/yours/details",
        "/yours/choices",
        "/yours/helpers",
    ] {
        person.get(path).ok();
    }
    let kinds = site.kinds();
    let read = EventKind::OwnRecordRead;
    assert_eq!(kinds[before..], [EventKind::LogRead, read, read, read]);
    let log = person.get("/yours/log").ok();
    assert_eq!(
        log.text
            .matches("You looked at your details and choices.")
            .count(),
        3
    );
}
