//! The draft cannot be read before an own view is on record, whichever way a guardian goes.

use disclosure::EventKind;

use super::interface::{call, send};
use super::journey::{GUARDIAN, OFFICER, ask, draft};
use super::matrix::real;
use super::site::{Site, token};
use crate::doors::{DESK, FHIR, INTERFACE};

const SECOND_GUARDIAN: &str = "cg-dr-anton-keller";
/// Of the caseworker's weighing.
const DRAFTED: &str = "The address alone lets the police find her.";

/// Every path that a guardian can read of a case, and what each says.
fn read(site: &Site, person: &str, id: &str) -> Vec<(String, String)> {
    let mut browser = site.signed_in(person);
    let gets = |rows: &[(&'static str, &'static str, _)]| {
        let rows = rows.iter().filter(|row| row.0 == "GET");
        rows.map(|row| real(row.1, id)).collect::<Vec<String>>()
    };
    let ends = |path: &String| path.starts_with("/sign") || path.starts_with("/language");
    let mut said = Vec::new();
    for path in gets(DESK).into_iter().filter(|path| !ends(path)) {
        let page = browser.get(&path);
        said.push((path, page.text));
    }
    for path in gets(INTERFACE) {
        let page = call(site, "GET", &path, Some(&token(person)));
        said.push((format!("/api/v1{path}"), page.text));
    }
    for path in gets(FHIR) {
        let path = format!("/fhir/R4{path}");
        let page = send(site, ("GET", &path), person, ("", ""));
        said.push((path, page.text));
    }
    said
}

fn telling(site: &Site, person: &str, id: &str) -> Vec<String> {
    let said = read(site, person, id).into_iter();
    let telling = said.filter(|(_, text)| text.contains(DRAFTED));
    telling.map(|(path, _)| path).collect()
}

#[test]
fn the_draft_is_read_nowhere_before_an_own_view_is_on_record() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    draft(&site, &id);
    assert_eq!(telling(&site, GUARDIAN, &id), [] as [&str; 0]);

    let mut guardian = site.signed_in(GUARDIAN);
    let review = format!("/cases/{id}/second-review");
    let page = guardian.get(&review).ok();
    let early = guardian.submit(&review, &page, &[("verdict", "agree"), ("step", "decide")]);
    assert_eq!(early.location(), review, "first the view");
    assert_eq!(site.case(&id).state.code(), "guardian_review");
    assert!(!site.kinds().contains(&EventKind::OwnViewWritten));

    let view = [("own_view", "Her name, no more."), ("step", "view")];
    assert_eq!(guardian.submit(&review, &page, &view).location(), review);
    assert_eq!(site.kinds().last(), Some(&EventKind::OwnViewWritten));
    // Written once: another text is not taken, and sending it twice is no error.
    let again = [("own_view", "Everything."), ("step", "view")];
    assert_eq!(guardian.submit(&review, &page, &again).location(), review);

    let case = format!("/cases/{id}");
    let print = format!("{case}/print");
    let interface = format!("/api/v1{case}");
    let expected = [case.clone(), print, review.clone(), interface];
    assert_eq!(
        telling(&site, GUARDIAN, &id),
        expected,
        "once it is on record"
    );
    assert_eq!(telling(&site, SECOND_GUARDIAN, &id), [] as [&str; 0]);
    let mut overseer = site.signed_in("ov-james-whitlock");
    assert!(overseer.get(&case).ok().says("Her name, no more."));
    let mut caseworker = site.signed_in("cw-sofia-lindqvist");
    assert!(!caseworker.get(&case).ok().says("Her name, no more."));

    let page = guardian.get(&review).ok();
    assert!(page.says("Her name, no more.") && !page.says("Everything."));
    let said = [
        ("verdict", "agree"),
        ("changed", "The weighing convinces me."),
        ("step", "decide"),
    ];
    assert_eq!(guardian.submit(&review, &page, &said).status, 303);
    let page = overseer.get(&case).ok();
    assert!(page.says("Her name, no more.") && page.says("The weighing convinces me."));
    assert!(
        !caseworker
            .get(&case)
            .ok()
            .says("The weighing convinces me.")
    );
}
