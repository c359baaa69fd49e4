//! One test for each row of the visibility table: a value planted in the record is looked for in
//! everything that each kind of person can get out of the desk and the interface. Pages, API, errors,
//! files and their names, headers, searches.

mod ended;

use std::sync::OnceLock;

use disclosure::visibility::{Audience, Item, may_see};
use jiff::SignedDuration;

use super::browser::{Browser, Page};
use super::interface::{bytes, call};
use super::journey::{CASEWORKER, GUARDIAN, OFFICER, WEIGHING, ask};
use super::matrix::{MAY_BE_EMPTY, OF_SESSIONS, real};
use super::site::{Site, token};
use crate::doors::{DESK, INTERFACE};
use Audience::{Casework, Overseer, Public, Requester, Subject};

const TRACER: &str = "cw-tomasz-zielinski";

/// Who looks, and as whom. Of an agency that did not ask, and of the clerk apart from the person's own
/// log, the table says nothing: they see what the public sees.
const LOOKERS: [(&str, Audience); 9] = [
    ("", Public),
    ("clerk-idris-vaughan", Public),
    ("pr-beatriz-almeida", Public),
    ("sa-leila-haddad", Subject),
    (OFFICER, Requester),
    ("insp-ruth-hale", Requester),
    (CASEWORKER, Casework),
    ("cg-dr-anton-keller", Casework),
    ("ov-james-whitlock", Overseer),
];

/// Everything that somebody got to see.
struct Seen {
    person: &'static str,
    audience: Audience,
    pages: Vec<(String, String)>,
}

/// Everything that everybody got to see, and the case it was about.
struct Crawl {
    seen: Vec<Seen>,
    case: String,
}

/// A case from end to end, with something planted in each part of the record.
fn planted(site: &Site) -> String {
    let mut officer = site.signed_in(OFFICER);
    let id = ask(
        &mut officer,
        &[
            ("agency_reference", "PLANTED-REFERENCE"),
            ("justification.necessity", "PLANTED-NECESSITY"),
            ("manual_information", "PLANTED-MANUAL"),
            ("subject.address", ""),
            ("subject.postcode", ""),
        ],
    );
    site.work();
    let case = format!("/cases/{id}");
    let mut caseworker = site.signed_in(CASEWORKER);
    let page = caseworker.get(&case).ok();
    let answer = [("answer", "met"), ("reason", "PLANTED-CHECK")];
    must(&caseworker.submit(&format!("{case}/clauses"), &page, &answer));
    site.work();
    let mut tracer = site.signed_in(TRACER);
    let page = tracer.get(&case).ok();
    must(&tracer.submit(&format!("{case}/trace"), &page, &[]));
    site.work();
    let decision = format!("{case}/decision");
    let page = caseworker.get(&decision).ok();
    let mut choice = vec![
        ("choice", "release"),
        ("step", "confirm"),
        ("harm", "PLANTED-HARM"),
    ];
    choice.extend([("fields", "name"), ("fields", "last_known_address")]);
    choice.extend(WEIGHING.into_iter().filter(|(name, _)| *name != "harm"));
    must(&caseworker.submit(&decision, &page, &choice));
    let review = format!("{case}/second-review");
    let mut guardian = site.signed_in(GUARDIAN);
    let page = guardian.get(&review).ok();
    must(&guardian.submit(
        &review,
        &page,
        &[("own_view", "PLANTED-VIEW"), ("step", "view")],
    ));
    let page = guardian.get(&review).ok();
    must(&guardian.submit(&review, &page, &[("verdict", "agree"), ("step", "decide")]));
    site.later(SignedDuration::from_hours(2));
    site.publish();
    id
}

#[track_caller]
fn must(page: &Page) {
    assert_eq!(page.status, 303, "{}", page.text);
}

fn crawled() -> &'static Crawl {
    static CRAWL: OnceLock<Crawl> = OnceLock::new();
    CRAWL.get_or_init(|| {
        let site = Site::demonstration();
        let id = planted(&site);
        let look = |(person, audience)| look(&site, &id, person, audience);
        let seen = LOOKERS.into_iter().map(look).collect();
        Crawl { seen, case: id }
    })
}

fn all_of(page: &Page) -> String {
    let headers: Vec<String> = page
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    format!("{}\n{}\n{}", page.status, headers.join("\n"), page.text)
}

fn look(site: &Site, id: &str, person: &'static str, audience: Audience) -> Seen {
    let mut browser = site.visitor();
    if !person.is_empty() {
        browser = site.signed_in(person);
        browser.get("/sessions").ok();
    }
    let mut pages = Vec::new();
    for (method, path, _) in DESK {
        // The demonstration names its people to whoever signs in.
        if OF_SESSIONS.contains(path) || MAY_BE_EMPTY.contains(path) {
            continue;
        }
        let shown = real(path, id);
        let page = match *method {
            "GET" => browser.get(&shown),
            _ => browser.post(&shown, &[]),
        };
        pages.push((format!("{method} {shown}"), all_of(&page)));
    }
    for (method, path, _) in INTERFACE {
        let shown = real(path, id);
        let token = (!person.is_empty()).then(|| token(person));
        let page = call(site, method, &shown, token.as_deref());
        pages.push((format!("{method} api {shown}"), all_of(&page)));
    }
    for more in [
        "/requests?surname=Thistlewood&sort=subject.surname",
        "/cases?state=released&sort=subject.surname",
        "/cases?state=guardian_review",
        "/cases?reference=Thistlewood",
        "/statistics?agency=police-northmoor",
        "/health",
        "/metrics",
        "/log/checkpoint",
        "/log/tile/0/000",
        "/log/tile/entries/000",
        "/no-such-page",
    ] {
        pages.push((more.to_owned(), lossy(site, &mut browser, more)));
    }
    if audience == Subject {
        pages.extend(own_log(&mut browser));
    }
    Seen {
        person,
        audience,
        pages,
    }
}

/// A page; of a file that is no text, that it is none.
fn lossy(site: &Site, browser: &mut Browser, path: &str) -> String {
    match path.starts_with("/log/tile") {
        true => bytes(site, path),
        false => all_of(&browser.get(path)),
    }
}

/// What the person concerned is told, as a page and as a file.
fn own_log(clerk: &mut Browser) -> Vec<(String, String)> {
    let form = clerk.get("/subject-access").ok();
    let said = [("person", "9990000018"), ("why", "a letter")];
    let page = clerk.submit("/subject-access", &form, &said).ok();
    let bundle = clerk.submit("/subject-access/bundle", &page, &[]).ok();
    vec![
        ("own log".to_owned(), all_of(&page)),
        ("own bundle".to_owned(), all_of(&bundle)),
    ]
}

/// Nobody sees the value who may not; and of these it is seen, so that the looking is worth something.
#[track_caller]
fn is_seen_by(item: Item, value: &str, shown_to: &[Audience]) {
    is_seen_in(crawled(), item, value, shown_to);
}

#[track_caller]
fn is_seen_in(crawl: &Crawl, item: Item, value: &str, shown_to: &[Audience]) {
    for seen in &crawl.seen {
        let holds = |(_, text): &&(String, String)| text.contains(value);
        let found = seen.pages.iter().find(holds).map(|(path, _)| path);
        let who = format!(
            "{item:?} as `{value}` for `{}` ({:?})",
            seen.person, seen.audience
        );
        if !may_see(seen.audience, item) {
            assert_eq!(found, None, "{who}");
        }
    }
    for audience in shown_to {
        let seen = crawl.seen.iter();
        let mut pages = seen
            .filter(|seen| seen.audience == *audience)
            .flat_map(|seen| &seen.pages);
        let found = pages.any(|(_, text)| text.contains(value));
        assert!(found, "{item:?} as `{value}` is nowhere for {audience:?}");
    }
}

const ALL: [Audience; 5] = [Public, Subject, Requester, Casework, Overseer];

#[test]
fn agreement_text() {
    is_seen_by(Item::AgreementText, "The offence is named", &ALL);
}

#[test]
fn statistics() {
    is_seen_by(Item::Statistics, "<h1>Statistics", &ALL);
}

#[test]
fn references() {
    is_seen_by(
        Item::References,
        "PLANTED-REFERENCE",
        &[Requester, Casework, Overseer],
    );
}

#[test]
fn channel() {
    // The key under which a request was sent.
    is_seen_by(Item::Channel, "visibility-0001", &[]);
}

#[test]
fn requester() {
    is_seen_by(
        Item::Requester,
        "DC Amara Osei",
        &[Requester, Casework, Overseer],
    );
}

#[test]
fn requester_check() {
    for secret in [token(OFFICER), token(GUARDIAN)] {
        is_seen_by(Item::RequesterCheck, &secret, &[]);
    }
    for shown in ["id=\"requester-check\"", "\"requester_check\":{"] {
        is_seen_by(Item::RequesterCheck, shown, &[Overseer]);
    }
}

#[test]
fn justification() {
    for said in ["PLANTED-NECESSITY", "PLANTED-MANUAL"] {
        for seen in &crawled().seen {
            let found = seen.pages.iter().find(|(_, text)| text.contains(said));
            let path = found.map(|(path, _)| path.as_str());
            match seen.audience {
                Public | Subject => assert_eq!(path, None, "{said} for {}", seen.person),
                // An agency reads on its own page what it wrote itself, and nowhere else.
                Requester => {
                    let own = format!("GET /requests/{}", crawled().case);
                    assert!(path.is_none_or(|path| path == own), "{path:?}");
                }
                Casework | Overseer => assert!(path.is_some(), "{said} for {}", seen.person),
            }
        }
    }
}

#[test]
fn subject_terms() {
    is_seen_by(
        Item::SubjectTerms,
        "Ellen",
        &[Requester, Casework, Overseer],
    );
    is_seen_by(
        Item::SubjectTerms,
        "Thistlewood",
        &[Requester, Casework, Overseer],
    );
}

#[test]
fn outward_status() {
    is_seen_by(
        Item::OutwardStatus,
        "An answer is ready to collect.",
        &[Requester],
    );
}

#[test]
fn internal_status() {
    is_seen_by(
        Item::InternalStatus,
        "\"state\":\"outcome_due\"",
        &[Casework, Overseer],
    );
}

#[test]
fn checks() {
    is_seen_by(Item::Checks, "PLANTED-CHECK", &[Casework, Overseer]);
}

#[test]
fn trace() {
    for part in ["\"candidates\"", "Candidate A", "People compared"] {
        is_seen_by(Item::Trace, part, &[Casework, Overseer]);
    }
}

#[test]
fn weighing() {
    is_seen_by(Item::Weighing, "PLANTED-HARM", &[Casework, Overseer]);
}

#[test]
fn deciders() {
    is_seen_by(Item::Deciders, "PLANTED-VIEW", &[Overseer]);
}

#[test]
fn lawful_basis_and_fields_released() {
    for seen in crawled()
        .seen
        .iter()
        .filter(|seen| seen.audience == Subject)
    {
        let told = seen.pages.iter().find(|(path, _)| path == "own log");
        let (_, text) = told.unwrap();
        for part in [
            "name, last known address",
            "L3: Crime and taxation",
            "Police Northmoor",
        ] {
            assert!(text.contains(part), "{part} is not told to the person");
        }
    }
    is_seen_by(Item::ReleaseFields, "name, last known address", &[Subject]);
}

#[test]
fn release_values() {
    // In the answer, which is given once.
    is_seen_by(Item::ReleaseValues, "14 Larch Close", &[Requester]);
}

#[test]
fn history() {
    // Who of the staff took a step.
    is_seen_by(Item::History, "Tomasz Zielinski", &[Casework, Overseer]);
}

#[test]
fn whose_business_it_is_not_never_learns_that_there_is_a_case() {
    let id = &crawled().case;
    for seen in crawled().seen.iter().filter(|seen| seen.audience == Public) {
        let found = seen
            .pages
            .iter()
            .find(|(_, text)| text.contains(id.as_str()));
        assert_eq!(found.map(|(path, _)| path), None, "for `{}`", seen.person);
    }
}

#[test]
fn a_list_stands_in_the_order_of_receipt_whatever_is_asked() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let ids = ["Zed", "Abe", "Mia"].map(|name| {
        let id = ask(
            &mut officer,
            &[("subject.given_name", name), ("subject.middle_name", "")],
        );
        site.later(SignedDuration::from_mins(1));
        id
    });
    let mut caseworker = site.signed_in(CASEWORKER);
    for query in [
        "",
        "?sort=subject.given_name",
        "?sort=restricted&given_name=Abe",
    ] {
        let page = caseworker.get(&format!("/cases{query}")).ok();
        let at = ids
            .each_ref()
            .map(|id| page.text.find(id.as_str()).unwrap());
        assert!(at.is_sorted(), "{query}");
    }
}
