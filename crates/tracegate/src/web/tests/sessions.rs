//! Sessions: listed, ended by their owner and by a guardian, and over by themselves.

use disclosure::EventKind;
use jiff::SignedDuration;

use super::site::Site;

const CASEWORKER: &str = "cw-sofia-lindqvist";
const GUARDIAN: &str = "cg-dr-miriam-okafor";

#[test]
fn somebody_sees_their_sessions_and_ends_them() {
    let site = Site::demonstration();
    let [mut here, mut there, mut third] = [CASEWORKER; 3].map(|id| site.signed_in(id));
    let mut other = site.signed_in("cw-tomasz-zielinski");
    let page = here.get("/sessions").ok();
    assert_eq!(page.text.matches("This session").count(), 1);
    assert_eq!(page.text.matches("name=\"session\"").count(), 2);
    assert!(!page.says("Others who are signed in"));
    let mark = page.text.split("name=\"session\" value=\"").nth(1).unwrap();
    let (mark, _) = mark.split_once('"').unwrap();
    assert_eq!(here.post("/sessions", &[("session", mark)]).status, 303);
    let alive = [&mut there, &mut third].map(|browser| browser.get("/cases").status);
    assert_eq!(
        alive.iter().filter(|status| **status == 200).count(),
        1,
        "{alive:?}"
    );
    // Nobody ends another's by knowing its mark.
    other.get("/sessions").ok();
    let page = here.get("/sessions").ok();
    let mark = page.text.split("name=\"session\" value=\"").nth(1).unwrap();
    let (mark, _) = mark.split_once('"').unwrap();
    assert_eq!(other.post("/sessions", &[("session", mark)]).status, 409);

    assert_eq!(here.post("/sessions", &[]).status, 303);
    for browser in [&mut here, &mut there, &mut third] {
        assert_eq!(browser.get("/cases").status, 403);
    }
    other.get("/cases").ok();
}

#[test]
fn a_guardian_ends_the_sessions_of_another_on_record() {
    let site = Site::demonstration();
    let mut caseworker = site.signed_in(CASEWORKER);
    let mut second = site.signed_in(CASEWORKER);
    let mut guardian = site.signed_in(GUARDIAN);
    let page = guardian.get("/sessions").ok();
    assert!(page.says("Sofia Lindqvist"));
    let who = [("who", CASEWORKER)];
    second.get("/sessions").ok();
    assert_eq!(
        second.post("/sessions/others", &[("who", GUARDIAN)]).status,
        403
    );
    assert_eq!(site.kinds().last(), Some(&EventKind::AccessRefused));
    assert_eq!(guardian.post("/sessions/others", &who).status, 303);
    assert_eq!(site.kinds().last(), Some(&EventKind::SessionsEnded));
    for browser in [&mut caseworker, &mut second] {
        assert_eq!(browser.get("/cases").status, 403);
    }
    assert!(
        guardian
            .get("/sessions")
            .ok()
            .says("Nobody else is signed in.")
    );
    assert_eq!(guardian.post("/sessions/others", &who).status, 409);
}

#[test]
fn every_session_ends_however_busy_and_no_page_keeps_itself_awake() {
    let site = Site::demonstration();
    let mut busy = site.signed_in(CASEWORKER);
    for _ in 0..59 {
        site.later(SignedDuration::from_mins(10));
        busy.get("/cases").ok();
    }
    site.later(SignedDuration::from_mins(10));
    assert_eq!(busy.get("/cases").status, 403, "ten hours are over");

    let mut idle = site.signed_in(CASEWORKER);
    site.later(SignedDuration::from_mins(14));
    idle.page_headers = vec![("sec-fetch-dest", "empty".to_owned())];
    idle.get("/cases").ok();
    site.later(SignedDuration::from_mins(1));
    assert_eq!(
        idle.get("/cases").status,
        403,
        "a page asked for counts by itself"
    );
}

#[test]
fn nobody_signs_in_with_a_token_they_chose() {
    let site = Site::demonstration();
    let mut victim = site.visitor();
    victim.cookie = Some("tracegate-session=chosen-by-somebody-else".to_owned());
    victim.get("/sign-in").ok();
    assert!(!victim.cookie.clone().unwrap().contains("chosen"));
    let page = victim.post("/sign-in", &[("person", CASEWORKER)]);
    assert_eq!(page.status, 303);
    let mut attacker = site.visitor();
    attacker.cookie = Some("tracegate-session=chosen-by-somebody-else".to_owned());
    assert_eq!(attacker.get("/cases").status, 403);
}
