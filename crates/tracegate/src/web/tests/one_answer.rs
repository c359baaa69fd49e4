//! I10: whether nobody, several or a protected person was found, or somebody asked once too often, the
//! agency reads one answer, at one time. Looked at minute by minute, while caseworkers decide at
//! different times.

mod email;
mod webhooks;

use disclosure::{Actor, Change, EventKind, arrows};
use jiff::SignedDuration;

use super::interface::call;
use super::journey::{CASEWORKER, OFFICER, ask};
use super::site::{Site, token};

/// What is asked, and after how many minutes it is decided.
type Way = (&'static str, i64, &'static [(&'static str, &'static str)]);

const WAYS: [Way; 4] = [
    (
        "no_trace",
        2,
        &[
            ("subject.surname", "Quillfeather"),
            ("subject.given_name", "Zebedee"),
            ("subject.middle_name", ""),
            ("subject.nhs_number", ""),
            ("subject.date_of_birth.year", "1931"),
            ("subject.address", ""),
            ("subject.postcode", ""),
        ],
    ),
    (
        "ambiguous",
        9,
        &[
            ("subject.surname", "Halloran"),
            ("subject.given_name", "Noor"),
            ("subject.middle_name", ""),
            ("subject.nhs_number", ""),
            ("subject.date_of_birth.day", "18"),
            ("subject.date_of_birth.month", "4"),
            ("subject.date_of_birth.year", "1979"),
            ("subject.address", "5 Weir Street"),
            ("subject.postcode", "NM6 7LM"),
        ],
    ),
    (
        "restricted_withheld",
        21,
        &[
            ("subject.given_name", "Joan"),
            ("subject.middle_name", ""),
            ("subject.surname", "Ashby"),
            ("subject.nhs_number", "9990000026"),
            ("subject.date_of_birth.day", "9"),
            ("subject.date_of_birth.month", "7"),
            ("subject.date_of_birth.year", "1971"),
            ("subject.address", "2 Mill Lane"),
            ("subject.postcode", "NM3 4CD"),
        ],
    ),
    // Once too often: the fourth attempt at one person, let go on by a person.
    ("pit_not_met_after_trace", 33, &[("subject.sex", "")]),
];

/// Minutes that are watched, from a minute past the hour: two ticks and a little.
const MINUTES: i64 = 130;

/// What the agency is told of a case, header by header, with the reference taken out.
fn told(site: &Site, id: &str) -> String {
    let page = call(
        site,
        "GET",
        &format!("/requests/{id}"),
        Some(&token(OFFICER)),
    );
    let headers = page.headers.iter().filter(|(name, _)| *name != "date");
    let headers: Vec<String> = headers.map(|(n, v)| format!("{n}: {v}")).collect();
    let all = format!("{}\n{}\n{}", page.status, headers.join("\n"), page.text);
    all.replace(id, "ID")
}

/// The same at the desk: the answer, and the line in the list.
fn shown(site: &Site, id: &str) -> String {
    let mut officer = site.signed_in(OFFICER);
    let page = officer.get(&format!("/requests/{id}")).ok();
    let (answer, _) = page.text.split_once("What you asked").unwrap();
    let list = officer.get("/requests").ok();
    let at = list.text.find(id).unwrap();
    let line = list.text[at..].split("</tr>").next().unwrap();
    let token = officer.token.clone();
    format!("{answer}\n{line}")
        .replace(id, "ID")
        .replace(&token, "TOKEN")
}

/// A caseworker ends the case without a result.
fn end(site: &Site, id: &str) {
    let mut caseworker = site.signed_in(CASEWORKER);
    let path = format!("/cases/{id}/decision");
    let page = caseworker.get(&path).ok();
    let choice = [
        ("choice", "no_result"),
        ("code", "pit_not_met_after_trace"),
        ("step", "confirm"),
    ];
    let ended = caseworker.submit(&path, &page, &choice);
    assert_eq!(ended.status, 303, "{}", ended.text);
}

/// Over budget: a person lets it go on.
fn let_go_on(site: &Site, id: &str) {
    let mut caseworker = site.signed_in(CASEWORKER);
    let page = caseworker.get(&format!("/cases/{id}")).ok();
    let met = [("answer", "met"), ("reason", "A misprint before.")];
    let answered = caseworker.submit(&format!("/cases/{id}/clauses"), &page, &met);
    assert_eq!(answered.status, 303, "{}", answered.text);
    site.work();
}

/// The four cases, received at one instant after three attempts at one of the people.
fn asked(site: &Site) -> [String; 4] {
    let mut officer = site.signed_in(OFFICER);
    for change in [
        ("subject.middle_name", ""),
        ("subject.surname", "Thistlewod"),
        ("subject.nhs_number", ""),
    ] {
        ask(&mut officer, &[change]);
    }
    site.later(SignedDuration::from_mins(1));
    let ids = WAYS.map(|(_, _, changes)| ask(&mut officer, changes));
    site.work();
    let_go_on(site, &ids[3]);
    ids
}

/// Watches the four answers, minute by minute. Says where they first differ, and the minutes at which
/// all of them changed.
fn watched(site: &Site, ids: &[String; 4], mut at: impl FnMut(i64)) -> (Option<String>, Vec<i64>) {
    let mut changes = Vec::new();
    let mut before = told(site, &ids[0]);
    for minute in 0..MINUTES {
        at(minute);
        let answers = ids.each_ref().map(|id| told(site, id));
        for ((code, ..), answer) in WAYS.iter().zip(&answers) {
            if *answer != answers[0] {
                let differs = format!("minute {minute}, {code}: {answer}\nbut {}", answers[0]);
                return (Some(differs), changes);
            }
        }
        if answers[0] != before {
            changes.push(minute);
            before.clone_from(&answers[0]);
        }
        site.later(SignedDuration::from_mins(1));
    }
    (None, changes)
}

#[test]
fn four_endings_are_one_answer_at_one_time() {
    let site = Site::demonstration();
    let ids = asked(&site);
    let (differs, changes) = watched(&site, &ids, |minute| {
        for (id, (_, decided, _)) in ids.iter().zip(WAYS) {
            if minute == decided {
                end(&site, id);
            }
        }
        if [0, 40, 58, 59, 100].contains(&minute) {
            let pages = ids.each_ref().map(|id| shown(&site, id));
            assert!(
                pages.iter().all(|page| *page == pages[0]),
                "{minute}: {pages:#?}"
            );
        }
    });
    assert_eq!(differs, None);
    assert_eq!(changes, [59], "one change, at the tick: on the hour");
    let inside = ids.each_ref().map(|id| match site.case(id).state {
        disclosure::State::NoResult(ended) => ended.code.code(),
        state => panic!("{}", state.code()),
    });
    assert_eq!(inside, WAYS.map(|(code, ..)| code), "the true codes differ");
}

#[test]
fn an_answer_that_leaves_early_is_caught() {
    let site = Site::demonstration();
    let ids = asked(&site);
    for id in &ids {
        end(&site, id);
    }
    let (differs, _) = watched(&site, &ids, |minute| {
        if minute == 25 {
            leave_early(&site, &ids[2]);
        }
    });
    let differs = differs.expect("an early answer went unseen");
    assert!(
        differs.starts_with("minute 25, restricted_withheld"),
        "{differs}"
    );
}

/// What no arrow does: the answer may be learned at once.
fn leave_early(site: &Site, id: &str) {
    let mut case = site.case(id);
    let (by, now) = (Actor::gate(), site.gate.clock.now());
    let look = arrows::note_look("early", EventKind::CaseViewed, Some(&case), "", &by, now);
    case.version += 1;
    case.answer_at = Some(now);
    let change = Change::Move(Box::new(case));
    let early = disclosure::Transition { change, ..look };
    site.block_on(site.gate.store.apply(early)).unwrap();
}
