//! Signing in without a provider: enrolled once, in with a password and a code, and confirming who
//! decides with another code.

use disclosure::{EventKind, Role};
use jiff::SignedDuration;

use super::browser::{Browser, Page};
use super::journey;
use super::site::Site;
use crate::accounts::{Account, WRONG_MAX, totp};
use crate::pipeline::accounts::Book;

const PASSWORD: &str = "four words nobody knows";
const SUSPENSION: &str = "/agreements/police-serious-crime/2026-01-01/suspension";
const REOPENING: &str = "/agreements/police-serious-crime/2026-01-01/reopening";
const CONFIRM: [(&str, &str); 3] = [
    ("effect", "hold"),
    ("reason", "A complaint & a <doubt>"),
    ("step", "confirm"),
];

/// Somebody with an account and a device.
struct Person {
    login: &'static str,
    key: String,
}

fn book(site: &Site) -> Book<'_> {
    Book {
        store: &site.gate.store,
        chance: &site.gate.chance,
        now: site.gate.clock.now(),
    }
}

fn add(site: &Site, login: &str, role: Role, rank: Option<&str>) -> String {
    let organization = match role {
        Role::Officer | Role::Authoriser => "police-northmoor",
        _ => "controller",
    };
    let book = book(site);
    let place = (role, organization);
    let mut account = Account::new((login, "PLANTED Lindqvist"), place, book.chance, book.now);
    account.rank = rank.map(str::to_owned);
    site.block_on(book.add(account, &disclosure::Actor::gate()))
        .unwrap()
}

/// The code that a device shows now; the one before is spent by then.
fn shown(site: &Site, key: &str) -> String {
    site.later(SignedDuration::from_secs(30));
    peek(site, key)
}

fn peek(site: &Site, key: &str) -> String {
    totp::shown(key, site.gate.clock.now())
}

fn key_on(page: &Page) -> String {
    let hidden = page.all_hidden();
    let (_, key) = hidden.into_iter().find(|(name, _)| name == "key").unwrap();
    key
}

/// Enrols in a browser of its own, which is signed in afterwards.
fn enrol(site: &Site, login: &'static str, code: &str) -> (Person, Browser) {
    let mut browser = site.visitor();
    browser.get("/sign-in/enrolment").ok();
    let said = [("login", login), ("enrolment", code), ("step", "begin")];
    let page = browser.post("/sign-in/enrolment", &said).ok();
    let key = key_on(&page);
    let code = shown(site, &key);
    let chosen = [
        ("password", PASSWORD),
        ("again", PASSWORD),
        ("code", &code),
        ("step", "finish"),
    ];
    let done = browser.submit("/sign-in/enrolment", &page, &chosen);
    assert_eq!(done.status, 303, "{}", done.text);
    (Person { login, key }, browser)
}

fn enrolled(site: &Site, login: &'static str, role: Role) -> (Person, Browser) {
    let code = add(site, login, role, None);
    enrol(site, login, &code)
}

fn try_in(site: &Site, login: &str, password: &str, code: &str) -> (Browser, Page) {
    let mut browser = site.visitor();
    browser.get("/sign-in").ok();
    let said = [("login", login), ("password", password), ("code", code)];
    let page = browser.post("/sign-in", &said);
    (browser, page)
}

fn count(site: &Site, kind: EventKind) -> usize {
    let kinds = site.kinds().into_iter();
    kinds.filter(|found| *found == kind).count()
}

#[test]
fn somebody_enrols_once_and_signs_in_under_a_new_session() {
    let site = Site::with_accounts();
    let code = add(&site, "sofia", Role::Caseworker, None);
    let (sofia, mut browser) = enrol(&site, "sofia", &code);
    assert!(browser.get("/cases").ok().says("PLANTED Lindqvist"));
    // Added and enrolled are entries; the code is void.
    assert_eq!(count(&site, EventKind::AccountChanged), 2);
    let mut again = site.visitor();
    again.get("/sign-in/enrolment").ok();
    let said = [("login", "sofia"), ("enrolment", &code), ("step", "begin")];
    assert_eq!(again.post("/sign-in/enrolment", &said).status, 422);

    let code = shown(&site, &sofia.key);
    let (mut second, page) = try_in(&site, " Sofia ", PASSWORD, &code);
    assert_eq!(page.location(), "/cases");
    for part in [
        "__Host-tracegate-session=",
        "HttpOnly",
        "SameSite=Strict",
        "Secure",
    ] {
        assert!(page.headers["set-cookie"].contains(part), "{part}");
    }
    second.get("/cases").ok();
    // A code that was taken is not taken again, in whichever session.
    for who in ["sofia", "SOFIA"] {
        let (mut other, page) = try_in(&site, who, PASSWORD, &code);
        assert_eq!(page.status, 422, "{}", page.text);
        assert_eq!(other.get("/cases").status, 403);
    }
    let old = peek(&site, &sofia.key);
    site.later(SignedDuration::from_mins(2));
    assert_eq!(try_in(&site, "sofia", PASSWORD, &old).1.status, 422, "old");
}

#[test]
fn nobody_enters_with_a_token_they_chose_or_one_known_before() {
    let site = Site::with_accounts();
    let (sofia, _) = enrolled(&site, "sofia", Role::Caseworker);
    let mut victim = site.visitor();
    victim.cookie = Some("__Host-tracegate-session=chosen".to_owned());
    victim.get("/sign-in").ok();
    assert!(!victim.cookie.clone().unwrap().contains("chosen"));
    let before = victim.cookie.clone();
    let code = shown(&site, &sofia.key);
    let said = [("login", "sofia"), ("password", PASSWORD), ("code", &code)];
    assert_eq!(victim.post("/sign-in", &said).status, 303);
    assert_ne!(victim.cookie, before);
    let mut attacker = site.visitor();
    for cookie in [before, Some("__Host-tracegate-session=chosen".to_owned())] {
        attacker.cookie = cookie;
        assert_eq!(attacker.get("/cases").status, 403);
    }
    // To confirm is to go on under yet another token; the one before is good for nothing.
    let before = victim.cookie.clone();
    victim.get("/sign-in/confirm").ok();
    let code = shown(&site, &sofia.key);
    assert_eq!(
        victim.post("/sign-in/confirm", &[("code", &code)]).status,
        303
    );
    victim.get("/cases").ok();
    attacker.cookie = before;
    assert_eq!(attacker.get("/cases").status, 403);
    // A form without the token of its session signs nobody in.
    let mut forger = site.visitor();
    forger.get("/sign-in").ok();
    forger.token = "another".to_owned();
    let code = shown(&site, &sofia.key);
    let said = [("login", "sofia"), ("password", PASSWORD), ("code", &code)];
    assert_eq!(forger.post("/sign-in", &said).status, 403);
}

#[test]
fn what_was_wrong_is_not_told_and_after_five_somebody_else_unlocks() {
    let site = Site::with_accounts();
    let (sofia, mut working) = enrolled(&site, "sofia", Role::Caseworker);
    let (_, mut guardian) = enrolled(&site, "miriam", Role::Guardian);
    let code = shown(&site, &sofia.key);
    let told = |login: &str, password: &str, code: &str| {
        let (_, page) = try_in(&site, login, password, code);
        assert_eq!(page.status, 422);
        let end = page.text.split("<main").nth(1).unwrap().to_owned();
        // The form's token is the session's, and the login name is what was typed.
        end.replace(login, "NAME")
            .split("form_token")
            .next()
            .unwrap()
            .to_owned()
    };
    let wrong_password = told("sofia", "four other words, these", &code);
    assert_eq!(told("sofia", PASSWORD, "000000"), wrong_password);
    assert_eq!(told("nobody", PASSWORD, &code), wrong_password);
    assert_eq!(told("sofia", "", ""), wrong_password);
    for _ in 3..WRONG_MAX {
        assert_eq!(count(&site, EventKind::AccountLocked), 0);
        told("sofia", "wrong", "000000");
    }
    assert_eq!(count(&site, EventKind::AccountLocked), 1);
    assert_eq!(
        told("sofia", PASSWORD, &shown(&site, &sofia.key)),
        wrong_password
    );
    assert_eq!(count(&site, EventKind::AccountLocked), 1, "told once");
    // Who is at work stays there: a stranger who guesses at the door ends nobody's session.
    working.get("/cases").ok();
    working.get("/sign-in/confirm").ok();
    let code = shown(&site, &sofia.key);
    assert_eq!(
        working.post("/sign-in/confirm", &[("code", &code)]).status,
        422
    );

    let page = guardian.get("/people").ok();
    assert!(page.says("Locked after wrong attempts") && page.says("Unlock"));
    let id = page.text.split("name=\"who\" value=\"").nth(1).unwrap();
    let (id, _) = id.split_once('"').unwrap();
    working.get("/sessions").ok();
    assert_eq!(
        working.post("/people/unlock", &[("who", id)]).status,
        403,
        "not themselves"
    );
    assert_eq!(guardian.post("/people/unlock", &[("who", id)]).status, 303);
    assert_eq!(guardian.post("/people/unlock", &[("who", id)]).status, 409);
    assert_eq!(
        working.get("/cases").status,
        403,
        "sessions of before have ended"
    );
    let code = shown(&site, &sofia.key);
    let (mut back, page) = try_in(&site, "sofia", PASSWORD, &code);
    assert_eq!(page.status, 303);
    back.get("/cases").ok();
}

#[test]
fn a_guardian_does_not_unlock_themselves() {
    let site = Site::with_accounts();
    let (_, mut guardian) = enrolled(&site, "miriam", Role::Guardian);
    for _ in 0..WRONG_MAX {
        try_in(&site, "miriam", "wrong", "000000");
    }
    let page = guardian.get("/people").ok();
    assert!(
        page.says("Locked") && !page.says("name=\"who\""),
        "{}",
        page.text
    );
    let book = book(&site);
    let all = site.block_on(book.all()).unwrap();
    let own = all.first().unwrap();
    let refused = guardian.post("/people/unlock", &[("who", &own.id)]);
    assert_eq!(refused.status, 403, "{}", refused.text);
    assert!(site.block_on(book.unlock(&own.id, &own.actor())).is_err());
}

#[test]
fn guessing_codes_at_an_open_desk_ends_its_sessions() {
    let site = Site::with_accounts();
    let (_, mut sofia) = enrolled(&site, "sofia", Role::Caseworker);
    for attempt in 1..=WRONG_MAX {
        sofia.get("/sign-in/confirm").ok();
        let page = sofia.post("/sign-in/confirm", &[("code", "000000")]);
        assert_eq!(page.status, 422, "{attempt}");
    }
    assert_eq!(sofia.get("/cases").status, 403);
}

#[test]
fn attempts_at_once_each_cost_one() {
    let site = Site::with_accounts();
    let (sofia, _) = enrolled(&site, "sofia", Role::Caseworker);
    let code = shown(&site, &sofia.key);
    let book = book(&site);
    // The same right code ten times at once lets one in.
    let right = (0..10).map(|_| book.sign_in("sofia", PASSWORD.to_owned(), &code));
    let found = site.block_on(futures::future::join_all(right));
    let entered = found.into_iter().filter(|one| matches!(one, Ok(Some(_))));
    assert!(entered.count() <= 1);
    let all = site.block_on(book.all()).unwrap();
    assert!(all[0].wrong <= WRONG_MAX, "{}", all[0].wrong);
}

#[test]
fn a_decision_needs_a_code_of_now_and_loses_nothing() {
    let site = Site::with_accounts();
    let (miriam, mut guardian) = enrolled(&site, "miriam", Role::Guardian);
    site.later(SignedDuration::from_mins(6));
    guardian.get(SUSPENSION).ok();
    let page = guardian.post(SUSPENSION, &CONFIRM);
    assert_eq!(page.status, 403);
    assert!(page.says("/sign-in/confirm"), "{}", page.text);
    let before = count(&site, EventKind::AgreementChanged);
    guardian.get("/sign-in/confirm").ok();
    let wrong = guardian.post("/sign-in/confirm", &[("code", "12345")]);
    assert!(wrong.status == 422 && wrong.says("The code is not right"));
    let code = shown(&site, &miriam.key);
    let page = guardian.post("/sign-in/confirm", &[("code", &code)]);
    assert_eq!(page.location(), "/sign-in/unsent");
    let unsent = guardian.get("/sign-in/unsent").ok();
    assert!(unsent.says("A complaint &amp; a &lt;doubt&gt;"));
    assert_eq!(count(&site, EventKind::AgreementChanged), before);
    assert_eq!(guardian.submit(SUSPENSION, &unsent, &[]).status, 303);
    assert_eq!(count(&site, EventKind::AgreementChanged), before + 1);
    // The code that confirmed does not confirm again.
    guardian.get("/sign-in/confirm").ok();
    assert_eq!(
        guardian.post("/sign-in/confirm", &[("code", &code)]).status,
        422
    );
}

#[test]
fn two_sessions_of_one_account_are_one_person() {
    let site = Site::with_accounts();
    let (miriam, mut first) = enrolled(&site, "miriam", Role::Guardian);
    first.get(SUSPENSION).ok();
    assert_eq!(first.post(SUSPENSION, &CONFIRM).status, 303);
    let page = first.get(REOPENING).ok();
    let propose = [("reason", "settled"), ("step", "propose")];
    assert_eq!(first.submit(REOPENING, &page, &propose).status, 303);
    let code = shown(&site, &miriam.key);
    let (mut again, _) = try_in(&site, miriam.login, PASSWORD, &code);
    let (_, mut second) = enrolled(&site, "anton", Role::Guardian);
    again.get(REOPENING).ok();
    let page = second.get(REOPENING).ok();
    let hidden = page.all_hidden();
    let (_, seen) = hidden.iter().find(|(name, _)| name == "seen").unwrap();
    let confirm = [("seen", seen.as_str()), ("step", "confirm")];
    assert_eq!(
        again.post(REOPENING, &confirm).status,
        403,
        "one is not two"
    );
    assert_eq!(second.post(REOPENING, &confirm).status, 303);
}

#[test]
fn a_reset_and_a_disabled_account_let_nobody_in() {
    let site = Site::with_accounts();
    let (sofia, mut browser) = enrolled(&site, "sofia", Role::Caseworker);
    let by = disclosure::Actor::gate();
    site.block_on(book(&site).disable("sofia", &by)).unwrap();
    assert_eq!(browser.get("/cases").status, 403, "the session has ended");
    let code = shown(&site, &sofia.key);
    assert_eq!(try_in(&site, "sofia", PASSWORD, &code).1.status, 422);
    let enrolment = site.block_on(book(&site).reset("sofia", &by)).unwrap();
    let code = shown(&site, &sofia.key);
    assert_eq!(try_in(&site, "sofia", PASSWORD, &code).1.status, 422);
    site.later(SignedDuration::from_hours(72));
    let mut late = site.visitor();
    late.get("/sign-in/enrolment").ok();
    let said = [
        ("login", "sofia"),
        ("enrolment", &enrolment),
        ("step", "begin"),
    ];
    assert_eq!(
        late.post("/sign-in/enrolment", &said).status,
        422,
        "too late"
    );
    let enrolment = site.block_on(book(&site).reset("sofia", &by)).unwrap();
    let (other, mut back) = enrol(&site, "sofia", &enrolment);
    assert_ne!(other.key, sofia.key);
    back.get("/cases").ok();
}

#[test]
fn a_password_is_chosen_with_care_and_shown_to_nobody() {
    let site = Site::with_accounts();
    let enrolment = add(&site, "sofia", Role::Caseworker, None);
    let mut browser = site.visitor();
    browser.get("/sign-in/enrolment").ok();
    let said = [
        ("login", "sofia"),
        ("enrolment", &enrolment),
        ("step", "begin"),
    ];
    let page = browser.post("/sign-in/enrolment", &said).ok();
    let code = shown(&site, &key_on(&page));
    for (password, again, told) in [
        ("too short", "too short", "12 to 200 characters"),
        (
            "my name is Sofia",
            "my name is Sofia",
            "must not contain the login name",
        ),
        (PASSWORD, "four words nobody knew", "are not the same"),
    ] {
        let chosen = [
            ("password", password),
            ("again", again),
            ("code", &code),
            ("step", "finish"),
        ];
        let page = browser.submit("/sign-in/enrolment", &page, &chosen);
        assert_eq!(page.status, 422);
        assert!(page.says(told), "{told}: {}", page.text);
        assert!(
            !page.text.contains(password) && !page.text.contains(again),
            "{password}"
        );
    }
    let chosen = [
        ("password", PASSWORD),
        ("again", PASSWORD),
        ("code", "000000"),
        ("step", "finish"),
    ];
    let page = browser.submit("/sign-in/enrolment", &page, &chosen);
    assert!(page.status == 422 && page.says("not the one of this key"));
    let chosen = [
        ("password", PASSWORD),
        ("again", PASSWORD),
        ("code", &code),
        ("step", "finish"),
    ];
    assert_eq!(
        browser.submit("/sign-in/enrolment", &page, &chosen).status,
        303
    );
}

#[test]
fn who_countersigns_has_the_rank_that_the_account_says() {
    let site = Site::with_accounts();
    let (_, mut officer) = enrolled(&site, "amara", Role::Officer);
    let draft = journey::begin(&mut officer);
    journey::fill(&mut officer, &draft, &[]);
    journey::finish(&mut officer, &draft);
    let path = format!("{draft}/signature");
    // Whatever rank somebody chooses in a form of their own making is not theirs.
    let sign = [("rank", "inspector"), ("step", "sign")];
    for (login, rank, status, told) in [
        ("none", None, 409, "your account has none"),
        ("low", Some("constable"), 403, "of a higher rank"),
        ("high", Some("inspector"), 303, ""),
    ] {
        let code = add(&site, login, Role::Authoriser, rank);
        let (_, mut browser) = enrol(&site, login, &code);
        let page = browser.get(&path).ok();
        assert!(!page.says("name=\"rank\""), "{login}: it is not asked");
        let signed = browser.submit(&path, &page, &sign);
        assert_eq!(signed.status, status, "{login}: {}", signed.text);
        assert!(signed.says(told), "{login}: {}", signed.text);
    }
}
