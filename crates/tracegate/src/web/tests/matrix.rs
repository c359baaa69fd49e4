//! Every role at every door of the desk and of the interface, and what every answer carries.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use disclosure::Actor;

use super::browser::{Browser, Page};
use super::interface::call;
use super::journey::ask;
use super::refusals::refusals;
use super::site::{Site, token};
use crate::doors::{DESK, Door, INTERFACE};
use crate::personas;
use crate::web::{Desk, oops};

/// One of each role.
const PEOPLE: [&str; 8] = [
    "dc-amara-osei",
    "insp-ruth-hale",
    "cw-sofia-lindqvist",
    "cg-dr-miriam-okafor",
    "sa-leila-haddad",
    "pr-beatriz-almeida",
    "ov-james-whitlock",
    "su-asked-about",
];

/// What every answer carries, whoever asks for whatever.
const HEADERS: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'",
    ),
    (
        "strict-transport-security",
        "max-age=63072000; includeSubDomains",
    ),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// Where there is nothing without a provider or accounts, and before the first quarter is over.
pub const MAY_BE_EMPTY: [&str; 6] = [
    "/language/{code}",
    "/sign-in/start",
    "/sign-in/return",
    "/sign-in/enrolment",
    "/sign-in/confirm",
    "/statistics/{name}",
];

/// After these the session is another one.
pub const OF_SESSIONS: [&str; 3] = ["/sign-in", "/sign-out", "/sessions"];

const CLOSED: &str = "This part is not open to you";

#[track_caller]
fn carries_headers(headers: &BTreeMap<String, String>, path: &str) {
    for (name, value) in HEADERS {
        if path.contains("/static/") && name == "cache-control" {
            continue;
        }
        assert_eq!(
            headers.get(name).map(String::as_str),
            Some(value),
            "{name} of {path}"
        );
    }
}

/// A path that is there.
pub fn real(path: &str, id: &str) -> String {
    let agreement = match path.contains("{other}") {
        true => ("ho", "2018-05-09"),
        false => ("police-serious-crime", "2026-01-01"),
    };
    path.replace("{id}", id)
        .replace("{agreement}", agreement.0)
        .replace("{version}", agreement.1)
        .replace("{other}", "2017-01-01")
        .replace("{file}", "gate.svg")
        .replace("{name}", "2026-Q1")
        .replace("{section}", "person")
        .replace("{language}", "ar")
        .replace("{code}", "en")
        .replace("{clause}", "2.1")
}

fn visit(browser: &mut Browser, method: &str, path: &str) -> Page {
    match method {
        "GET" => browser.get(path),
        _ => browser.post(path, &[]),
    }
}

/// Signed in, on a page with forms.
fn at_the_desk(site: &Site, person: &str) -> Browser {
    let mut browser = site.signed_in(person);
    browser.get("/sessions").ok();
    browser
}

#[test]
fn every_role_meets_every_door_of_the_desk() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in("dc-amara-osei"), &[]);
    for person in PEOPLE {
        let actor = personas::find(person).unwrap();
        let mut browser = at_the_desk(&site, person);
        for (method, path, door) in DESK {
            let (before, shown) = (refusals(&site), real(path, &id));
            let page = visit(&mut browser, method, &shown);
            let what = format!("{method} {path} for {:?}: {}", actor.role, page.status);
            carries_headers(&page.headers, &what);
            if door.admits(Some(&actor)) {
                assert!(!page.says(CLOSED), "{what}");
                // A draft is its writer's: nobody here has one, nor a file of requests, nor a patient of a practice, and nobody has asked for a correction.
                let empty = path.contains("/drafts/")
                    || path.contains("/batches/")
                    || path.contains("/corrections/")
                    || path.contains("/practice/");
                let elsewhere = MAY_BE_EMPTY.contains(path) || empty;
                let gone = page.status == 404 && !elsewhere;
                assert!(!gone && page.status < 500 || page.status == 503, "{what}");
            } else {
                assert_eq!(page.status, 403, "{what}");
                assert!(page.says(CLOSED), "{what}");
                assert_eq!(refusals(&site) - before, 1, "{what} is not on record");
            }
            if OF_SESSIONS.contains(path) {
                browser = at_the_desk(&site, person);
            }
        }
    }
}

#[test]
fn whoever_has_not_signed_in_sees_what_is_public() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in("dc-amara-osei"), &[]);
    let before = refusals(&site);
    for (method, path, door) in DESK {
        let mut visitor = site.visitor();
        let page = visit(&mut visitor, method, &real(path, &id));
        let what = format!("{method} {path}: {}", page.status);
        carries_headers(&page.headers, &what);
        let open = *door == Door::Everybody && *method == "GET";
        if open && !MAY_BE_EMPTY.contains(path) {
            assert_eq!(page.status, 200, "{what}");
        } else if !open {
            assert_eq!(page.status, 403, "{what}");
            assert!(
                page.says("Sign in first") && page.says("href=\"/sign-in\""),
                "{what}"
            );
        }
    }
    assert_eq!(refusals(&site), before, "nobody in particular was refused");
}

#[test]
fn every_form_must_come_from_its_own_session_and_site() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in("dc-amara-osei"), &[]);
    let version = site.case(&id).version;
    let stranger = at_the_desk(&site, "ov-james-whitlock").token;
    let mut visitor = site.visitor();
    visitor.get("/sign-in").ok();
    for (method, path, door) in DESK.iter().filter(|(method, ..)| *method == "POST") {
        let of_role = |person: &&'static str| door.admits(personas::find(person).as_ref());
        let person = PEOPLE.into_iter().find(of_role).unwrap();
        let mut browser = at_the_desk(&site, person);
        let own = browser.token.clone();
        let here = ("sec-fetch-site", "same-origin".to_owned());
        let there = ("origin", "https://elsewhere.example".to_owned());
        for (token, header) in [
            ("", here.clone()),
            (stranger.as_str(), here.clone()),
            (visitor.token.as_str(), here),
            (own.as_str(), ("sec-fetch-site", "cross-site".to_owned())),
            (own.as_str(), ("sec-fetch-site", "none".to_owned())),
            (own.as_str(), there),
        ] {
            browser.form_headers = vec![header.clone()];
            browser.token = token.to_owned();
            let page = browser.post(&real(path, &id), &[]);
            assert_eq!(page.status, 403, "{method} {path} with {header:?}");
            assert!(page.says("The form was not taken"), "{path}: {}", page.text);
        }
    }
    assert_eq!(site.case(&id).version, version);
}

#[test]
fn every_role_meets_every_door_of_the_interface() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in("dc-amara-osei"), &[]);
    let people: Vec<Actor> = PEOPLE.into_iter().filter_map(personas::find).collect();
    for (method, path, door) in INTERFACE {
        let shown = real(path, &id);
        for actor in &people {
            let before = refusals(&site);
            let page = call(&site, method, &shown, Some(&token(&actor.id)));
            let what = format!("{method} {path} for {:?}: {}", actor.role, page.text);
            carries_headers(&page.headers, &what);
            let closed = page.says("may not use this part of the interface");
            assert_eq!(closed, !door.admits(Some(actor)), "{what}");
            let gone = page.status == 404
                && !path.contains("/drafts/")
                && !path.contains("/batches/")
                && !path.contains("/webhooks/");
            assert!(!gone && page.status != 401 && page.status != 405, "{what}");
            let recorded = refusals(&site) - before;
            assert_eq!(
                recorded,
                usize::from(page.status == 403),
                "{what} and the record"
            );
        }
        for nobody in [None, Some("wrong")] {
            let page = call(&site, method, &shown, nobody);
            let open = *door == Door::Everybody;
            assert_eq!(page.status == 401, !open, "{method} {path}: {}", page.text);
            carries_headers(&page.headers, path);
        }
    }
}

#[test]
fn a_path_without_a_row_is_closed_to_everybody() {
    let site = Site::demonstration();
    let desk = Arc::new(Desk::new(Arc::clone(&site.gate)));
    let router = Router::new()
        .route("/unlisted", get(|| async { "a secret" }))
        .route("/statistics", get(|| async { "no secret" }))
        .layer(from_fn_with_state(Arc::clone(&desk), oops::dress))
        .with_state(desk);
    let address = site.serve(router);
    let mut browser = Browser::new(&address);
    browser.cookie = site.signed_in("cg-dr-miriam-okafor").cookie;
    let page = browser.get("/unlisted");
    assert_eq!(page.status, 404);
    assert!(!page.says("a secret"), "{}", page.text);
    assert!(browser.get("/statistics").ok().says("no secret"));
}

#[test]
fn errors_and_files_carry_the_headers_too() {
    let site = Site::demonstration();
    site.publish();
    let mut browser = site.signed_in("dc-amara-osei");
    for path in [
        "/health",
        "/metrics",
        "/log/checkpoint",
        "/log/log.vkey",
        "/no-such-page",
        "/api/v1/none",
    ] {
        let page = browser.get(path);
        carries_headers(&page.headers, path);
    }
    assert_eq!(
        browser.post("/statistics", &[]).status,
        404,
        "another method"
    );
}

/// Announces a body and sends as much of it as is taken; the answer as it comes.
fn announce(site: &Site, path: &str, headers: &str, body: &str) -> String {
    let host = site.address.replace("http://", "");
    let mut stream = TcpStream::connect(&host).unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // Whoever is refused may find the door shut before everything is said.
    stream.write_all(body.as_bytes()).ok();
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).unwrap_or(0);
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[test]
fn what_is_too_large_is_not_read() {
    let site = Site::demonstration();
    let browser = at_the_desk(&site, "dc-amara-osei");
    let before = site.kinds().len();
    let cookie = browser.cookie.unwrap();
    let bearer = token("dc-amara-osei");
    let kind = "Content-Type: application/x-www-form-urlencoded";
    let desk = format!("Cookie: {cookie}\r\n{kind}\r\nContent-Length: 200001");
    let long = announce(&site, "/requests/new", &desk, "");
    assert!(long.starts_with("HTTP/1.1 413"), "{long}");
    for (name, value) in HEADERS {
        assert!(
            long.contains(&format!("{name}: {value}")),
            "{name} in {long}"
        );
    }
    let kind = "X-Request-Id: too-long-0001\r\nContent-Type: application/json";
    let api = format!("Authorization: Bearer {bearer}\r\n{kind}\r\nContent-Length: 200001");
    let long = announce(&site, "/api/v1/requests", &api, "");
    assert!(long.starts_with("HTTP/1.1 413"), "{long}");
    // Without a length, it is counted as it comes.
    let api = format!("Authorization: Bearer {bearer}\r\n{kind}\r\nTransfer-Encoding: chunked");
    let body = format!("{:x}\r\n{{\"purpose\":\"{}", 400_000, "x".repeat(300_000));
    let long = announce(&site, "/api/v1/requests", &api, &body);
    assert!(!long.contains(" 202 "), "{long}");
    assert_eq!(site.kinds().len(), before, "nothing was recorded");
}
