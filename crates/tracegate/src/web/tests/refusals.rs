//! Who may not enter, which forms are not taken, and that it is all on record.

use disclosure::{EventKind, Role};
use jiff::SignedDuration;

use super::journey::ask;
use super::site::Site;
use crate::web::access::Room;

#[test]
fn another_agency_is_told_that_there_is_no_such_request() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in("dc-amara-osei"), &[]);
    let mut court = site.signed_in("clerk-idris-vaughan");
    let before = refusals(&site);
    let real = court.get(&format!("/requests/{id}"));
    let made_up = court.get("/requests/TG-2222-2222-22");
    assert_eq!((real.status, made_up.status), (404, 404));
    assert_eq!(real.text, made_up.text);
    assert_eq!(
        refusals(&site) - before,
        1,
        "the attempt at a real one is on record"
    );
    let collected = court.post(
        &format!("/requests/{id}/collection"),
        &[("key", "12345678")],
    );
    assert_eq!(collected.status, 404);
}

#[test]
fn forms_from_elsewhere_are_not_taken() {
    let site = Site::demonstration();
    let mut officer = site.signed_in("dc-amara-osei");
    let id = ask(&mut officer, &[]);
    let path = format!("/requests/{id}/withdrawal");
    let page = officer.get(&format!("/requests/{id}")).ok();

    for headers in [
        vec![("sec-fetch-site", "cross-site".to_owned())],
        vec![("sec-fetch-site", "same-site".to_owned())],
        vec![("origin", "https://elsewhere.example".to_owned())],
    ] {
        officer.form_headers = headers;
        let refused = officer.submit(&path, &page, &[]);
        assert_eq!(refused.status, 403);
        assert!(refused.says("The form was not taken"));
    }
    officer.form_headers = vec![("sec-fetch-site", "same-origin".to_owned())];
    let mut stranger = site.signed_in("dc-amara-osei");
    let token = std::mem::replace(&mut officer.token, stranger.token.clone());
    assert_eq!(
        officer.post(&path, &[("seen", "received")]).status,
        403,
        "another session's token"
    );
    officer.token = String::new();
    assert_eq!(
        officer.post(&path, &[("seen", "received")]).status,
        403,
        "no token"
    );
    assert!(site.case(&id).state.is_open());
    officer.token = token;
    officer.form_headers = vec![("origin", site.address.clone())];
    assert_eq!(officer.post(&path, &[("seen", "received")]).status, 303);
    stranger.get("/requests").ok();
}

#[test]
fn signing_in_changes_the_session_and_signing_out_ends_it() {
    let site = Site::demonstration();
    let mut browser = site.visitor();
    browser.get("/sign-in").ok();
    let before = browser.cookie.clone();
    let page = browser.post("/sign-in", &[("person", "cw-sofia-lindqvist")]);
    let cookie = &page.headers["set-cookie"];
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let signed_in = browser.cookie.clone();
    assert_ne!(
        before, signed_in,
        "a session known before sign-in must not survive it"
    );
    browser.cookie = before;
    assert_eq!(browser.get("/cases").status, 403);
    browser.cookie = signed_in.clone();
    browser.get("/cases").ok();
    assert_eq!(browser.post("/sign-out", &[]).status, 303);
    browser.cookie = signed_in;
    assert_eq!(browser.get("/cases").status, 403);
}

#[test]
fn an_idle_session_ends() {
    let site = Site::demonstration();
    let mut browser = site.signed_in("cw-sofia-lindqvist");
    for _ in 0..3 {
        site.later(SignedDuration::from_mins(14));
        browser.get("/cases").ok();
    }
    site.later(SignedDuration::from_mins(15));
    assert_eq!(browser.get("/cases").status, 403);
}

#[test]
fn the_overseer_reads_and_changes_nothing() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in("dc-amara-osei"), &[]);
    site.work();
    let mut overseer = site.signed_in("ov-james-whitlock");
    let page = overseer.get(&format!("/cases/{id}")).ok();
    for step in ["/decision\"", "/second-review\"", "/clauses\"", "/trace\""] {
        assert!(!page.says(step), "{step} is offered");
    }
    let seen = site.case(&id).version.to_string();
    for path in [
        "trace",
        "clauses",
        "decision",
        "second-review",
        "question",
        "recall",
        "destruction",
        "emergency",
    ] {
        let refused = overseer.post(&format!("/cases/{id}/{path}"), &[("seen", &seen)]);
        assert_eq!(refused.status, 403, "{path}");
    }
    assert_eq!(site.case(&id).version.to_string(), seen);
}

#[test]
fn rooms_and_roles_are_these() {
    let admitted = |room: Room| {
        let roles = [
            Role::Officer,
            Role::Authoriser,
            Role::Caseworker,
            Role::Guardian,
            Role::Overseer,
            Role::Gate,
        ];
        roles
            .into_iter()
            .filter(move |role| room.admits(*role))
            .collect::<Vec<_>>()
    };
    assert_eq!(admitted(Room::Requests), [Role::Officer, Role::Authoriser]);
    assert_eq!(
        admitted(Room::Cases),
        [Role::Caseworker, Role::Guardian, Role::Overseer]
    );
    assert_eq!(admitted(Room::Staff), [Role::Caseworker, Role::Guardian]);
    assert_eq!(admitted(Room::Casework), [Role::Caseworker]);
    assert_eq!(admitted(Room::SecondReview), [Role::Guardian]);
    assert_eq!(admitted(Room::Suspension), [Role::Guardian]);
}

pub fn refusals(site: &Site) -> usize {
    let kinds = site.kinds().into_iter();
    kinds
        .filter(|kind| *kind == EventKind::AccessRefused)
        .count()
}
