//! Signing in through a provider: what is taken, what is not, and proving it again to decide.

mod real;
mod stub;

use disclosure::EventKind;
use jiff::SignedDuration;
use serde_json::json;

use super::browser::{Browser, Page};
use super::site::Site;
use stub::{Forge, Stub};

const SUSPENSION: &str = "/agreements/police-serious-crime/2026-01-01/suspension";
const REOPENING: &str = "/agreements/police-serious-crime/2026-01-01/reopening";

struct House {
    stub: Stub,
    site: Site,
}

impl House {
    fn open() -> House {
        let stub = Stub::start();
        let site = Site::with_provider(&stub.issuer);
        let house = House { stub, site };
        house.later(0);
        house
    }

    /// The clocks of both go on.
    fn later(&self, minutes: i64) {
        self.site.later(SignedDuration::from_mins(minutes));
        self.stub.set_time(self.site.gate.clock.now().as_second());
    }

    /// Off to the provider: where it sends the browser back to.
    fn go(&self, browser: &mut Browser, start: &str) -> String {
        let asked = browser.get(start).location();
        assert!(asked.starts_with(&self.stub.issuer), "{asked}");
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .build()
            .into();
        let answer = agent.get(&asked).call().unwrap();
        let back = answer.headers()["location"].to_str().unwrap().to_owned();
        let path = back.strip_prefix("https://gate.example").unwrap();
        path.to_owned()
    }

    fn try_sign_in(&self) -> (Browser, Page) {
        let mut browser = self.site.visitor();
        let back = self.go(&mut browser, "/sign-in/start");
        let page = browser.get(&back);
        (browser, page)
    }

    fn signed_in(&self, subject: &str, role: &str) -> Browser {
        self.stub.person(subject, role, "controller");
        let (mut browser, page) = self.try_sign_in();
        let page = page.ok();
        browser
            .get(&page.headers["refresh"].replace("0; url=", ""))
            .ok();
        browser
    }
}

#[test]
fn somebody_signs_in_under_a_new_session() {
    let house = House::open();
    let mut browser = house.site.visitor();
    assert!(browser.get("/sign-in").ok().says("/sign-in/start"));
    house.stub.person("s-1", "caseworker", "controller");
    let back = house.go(&mut browser, "/sign-in/start");
    let trip = browser.cookie.clone().unwrap();
    assert!(trip.starts_with("__Host-tracegate-sign-in="));
    let page = browser.get(&back).ok();
    assert_eq!(page.headers["refresh"], "0; url=/cases");
    let cookies = &page.headers["set-cookie"];
    let (session, gone) = cookies.split_once('\n').unwrap();
    for part in [
        "__Host-tracegate-session=",
        "HttpOnly",
        "SameSite=Strict",
        "Path=/",
        "Secure",
    ] {
        assert!(session.contains(part), "{session}");
    }
    assert!(
        gone.contains("Max-Age=0") && gone.contains("SameSite=Lax"),
        "{gone}"
    );
    let page = browser.get("/cases").ok();
    assert!(page.says("The caseworker s-1"));
    assert_eq!(house.stub.last_question("prompt"), None);

    // Signing in again gives another token, and the one before is good for nothing.
    let before = browser.cookie.clone();
    let back = house.go(&mut browser, "/sign-in/start");
    browser.get(&back).ok();
    let after = std::mem::replace(&mut browser.cookie, before);
    assert_ne!(after, browser.cookie);
    assert_eq!(browser.get("/cases").status, 403, "a fixed token");
    browser.cookie = after;
    browser.get("/cases").ok();
}

#[test]
fn an_answer_is_heard_once_and_by_who_asked() {
    let house = House::open();
    house.stub.person("s-1", "caseworker", "controller");
    let mut asker = house.site.visitor();
    let back = house.go(&mut asker, "/sign-in/start");
    let refused = |browser: &mut Browser, path: &str, why: &str| {
        let page = browser.get(path);
        assert_eq!(page.status, 403, "{why}");
        assert!(page.says("Not signed in"), "{why}: {}", page.text);
        assert_eq!(browser.get("/cases").status, 403, "{why}");
    };
    refused(&mut house.site.visitor(), &back, "another browser");
    let jar = asker.cookie.clone();
    let (start, _) = back.split_once("state=").unwrap();
    let (_, end) = back.split_once("&iss=").unwrap();
    refused(
        &mut asker,
        &format!("{start}state=wrong&iss={end}"),
        "wrong state",
    );
    asker.cookie = jar;
    refused(
        &mut asker,
        &back,
        "the question was spent on the wrong state",
    );

    let back = house.go(&mut asker, "/sign-in/start");
    let jar = asker.cookie.clone();
    refused(
        &mut asker,
        &back.replace("127.0.0.1", "127.0.0.9"),
        "another issuer",
    );
    let back = house.go(&mut asker, "/sign-in/start");
    let jar_of_second = asker.cookie.clone();
    asker.get(&back).ok();
    for jar in [jar, jar_of_second] {
        asker.cookie = jar;
        refused(&mut asker, &back, "a replay");
    }
    let back = house.go(&mut asker, "/sign-in/start");
    house.later(10);
    refused(&mut asker, &back, "too late");
    let back = house.go(&mut asker, "/sign-in/start");
    let denied = back.replace("code=", "error=access_denied&was=");
    refused(&mut asker, &denied, "denied by the provider");
}

#[test]
fn a_code_of_another_question_is_not_taken() {
    let house = House::open();
    house.stub.person("s-1", "caseworker", "controller");
    let (mut one, mut other) = (house.site.visitor(), house.site.visitor());
    let stolen = house.go(&mut one, "/sign-in/start");
    let own = house.go(&mut other, "/sign-in/start");
    let code = |path: &str| {
        path.split_once("code=")
            .unwrap()
            .1
            .split_once('&')
            .unwrap()
            .0
            .to_owned()
    };
    let injected = own.replace(&code(&own), &code(&stolen));
    assert_eq!(
        other.get(&injected).status,
        403,
        "the verifier is another one"
    );
    one.get(&stolen).ok();
}

#[test]
fn a_wrong_token_is_not_taken() {
    let house = House::open();
    house.stub.person("s-1", "caseworker", "controller");
    for forge in [
        Forge::Nonce,
        Forge::NoNonce,
        Forge::Audience,
        Forge::SeveralAudiences,
        Forge::AuthorizedParty,
        Forge::Issuer,
        Forge::Expired,
        Forge::NoExpiry,
        Forge::Future,
        Forge::Signature,
        Forge::Unsigned,
        Forge::Keyed,
    ] {
        house.stub.forge(forge);
        let (mut browser, page) = house.try_sign_in();
        assert_eq!(page.status, 403, "{forge:?}");
        assert!(
            page.says("answer was not taken"),
            "{forge:?}: {}",
            page.text
        );
        assert_eq!(browser.get("/cases").status, 403, "{forge:?}");
    }
    house.stub.forge(Forge::Nothing);
    house.try_sign_in().1.ok();
}

#[test]
fn an_account_without_a_place_is_told_what_it_lacks() {
    let house = House::open();
    let account = |roles: serde_json::Value, organization: serde_json::Value| json!({"sub": "s-1", "name": "N", "realm": {"roles": roles}, "organization": organization});
    let cases = [
        (account(json!(["minister"]), json!("controller")), "no role"),
        (account(json!(["gate"]), json!("controller")), "no role"),
        (account(json!([]), json!("controller")), "no role"),
        (
            account(json!(["caseworker", "guardian"]), json!("controller")),
            "several roles",
        ),
        (account(json!("guardian"), json!("")), "no organization"),
        (
            account(json!("guardian"), json!("a <b>")),
            "no organization",
        ),
    ];
    for (claims, lacks) in cases {
        house.stub.says(claims);
        let (mut browser, page) = house.try_sign_in();
        assert_eq!(page.status, 403, "{lacks}");
        assert!(
            page.says(lacks) && page.says("has no place here"),
            "{}",
            page.text
        );
        assert_eq!(browser.get("/cases").status, 403);
    }
}

/// A guardian's suspension, ready to be confirmed.
const CONFIRM: [(&str, &str); 3] = [
    ("effect", "hold"),
    ("reason", "A complaint & a <doubt>"),
    ("step", "confirm"),
];

fn changes(site: &Site) -> usize {
    let kinds = site.kinds().into_iter();
    kinds
        .filter(|kind| *kind == EventKind::AgreementChanged)
        .count()
}

#[test]
fn a_decision_needs_a_sign_in_a_moment_ago_and_loses_nothing() {
    let house = House::open();
    let mut guardian = house.signed_in("g-1", "guardian");
    house.later(5);
    guardian.get(SUSPENSION).ok();
    house.later(1);
    let before = changes(&house.site);
    let page = guardian.post(SUSPENSION, &CONFIRM);
    assert_eq!(page.status, 403);
    assert!(page.says("Confirm that it is you"), "{}", page.text);
    assert_eq!(changes(&house.site), before, "nothing was decided");

    let jar = guardian.cookie.clone();
    let back = house.go(&mut guardian, "/sign-in/start?anew=yes");
    assert_eq!(house.stub.last_question("prompt").as_deref(), Some("login"));
    assert_eq!(house.stub.last_question("max_age").as_deref(), Some("0"));
    let page = guardian.get(&back).ok();
    assert_eq!(page.headers["refresh"], "0; url=/sign-in/unsent");
    let unsent = guardian.get("/sign-in/unsent").ok();
    assert!(
        unsent.says("A complaint &amp; a &lt;doubt&gt;"),
        "{}",
        unsent.text
    );
    let done = guardian.submit(SUSPENSION, &unsent, &[]);
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(changes(&house.site), before + 1);
    let after = std::mem::replace(&mut guardian.cookie, jar);
    assert_eq!(
        guardian.get("/cases").status,
        403,
        "the session before has ended"
    );
    guardian.cookie = after;
    guardian.get("/cases").ok();
    guardian.post("/sign-out", &[]);
}

#[test]
fn somebody_else_does_not_confirm_for_the_one_who_decides() {
    let house = House::open();
    let mut guardian = house.signed_in("g-1", "guardian");
    house.later(6);
    guardian.get(SUSPENSION).ok();
    guardian.post(SUSPENSION, &CONFIRM);
    house.stub.person("g-2", "guardian", "controller");
    let back = house.go(&mut guardian, "/sign-in/start?anew=yes");
    let page = guardian.get(&back);
    assert_eq!(page.status, 403);
    assert!(page.says("Not the same person"), "{}", page.text);
    assert_eq!(guardian.get("/cases").status, 403, "the session has ended");
    let mut other = house.signed_in("g-2", "guardian");
    let page = other.get("/sign-in/unsent");
    assert!(!page.says("A complaint"), "{}", page.text);

    // A provider that lets people in by a session of its own proves nothing.
    house.stub.forge(Forge::NoAuthTime);
    let back = house.go(&mut other, "/sign-in/start?anew=yes");
    assert!(other.get(&back).says("answer was not taken"));
    let mut other = house.signed_in("g-2", "guardian");
    other.get(SUSPENSION).ok();
    let page = other.post(SUSPENSION, &CONFIRM);
    assert!(page.says("Confirm that it is you"), "{}", page.text);
}

#[test]
fn two_sessions_of_one_person_are_one_person() {
    let house = House::open();
    let mut guardian = house.signed_in("g-1", "guardian");
    guardian.get(SUSPENSION).ok();
    assert_eq!(guardian.post(SUSPENSION, &CONFIRM).status, 303);
    let page = guardian.get(REOPENING).ok();
    let proposed = guardian.submit(
        REOPENING,
        &page,
        &[("reason", "settled"), ("step", "propose")],
    );
    assert_eq!(proposed.status, 303, "{}", proposed.text);
    // Another session, another browser, another name: the same issuer and subject.
    house
        .stub
        .says(json!({"sub": "g-1", "name": "Somebody Else",
        "realm": {"roles": "guardian"}, "organization": "controller"}));
    let (mut again, page) = house.try_sign_in();
    page.ok();
    let mut second = house.signed_in("g-2", "guardian");
    let page = second.get(REOPENING).ok();
    let own = again.get(REOPENING).ok();
    assert!(!own.says("value=\"confirm\""), "it is not offered");
    let hidden = page.all_hidden();
    let (_, seen) = hidden.iter().find(|(name, _)| name == "seen").unwrap();
    let confirm = [("seen", seen.as_str()), ("step", "confirm")];
    let refused = again.post(REOPENING, &confirm);
    assert_eq!(
        refused.status, 403,
        "one person is not two: {}",
        refused.text
    );
    assert_eq!(second.post(REOPENING, &confirm).status, 303);
}

#[test]
fn a_provider_that_is_away_is_said_so() {
    let House { stub, site } = House::open();
    stub.stop();
    let page = site.visitor().get("/sign-in/start");
    assert_eq!(page.status, 403);
    assert!(page.says("its log says why"), "{}", page.text);
    let site = Site::demonstration();
    assert_eq!(site.visitor().get("/sign-in/start").status, 404);
}
