//! Lists that are longer than a page go on, and leave nothing out.

use std::collections::BTreeSet;

use disclosure::arrows;

use super::browser::{Browser, Page};
use super::journey::{CASEWORKER, OFFICER, ask};
use super::site::Site;

/// A site with 61 open requests of one officer.
fn busy() -> Site {
    let site = Site::demonstration();
    let case = site.case(&ask(&mut site.signed_in(OFFICER), &[]));
    let officer = crate::personas::find(OFFICER).unwrap();
    for number in 10..70 {
        let id = format!("TG-0000-0000-{number}");
        let now = site.gate.clock.now();
        let received = arrows::receive(&id, &id, case.request.clone(), &officer, now);
        site.block_on(site.gate.store.apply(received)).unwrap();
    }
    site
}

fn references(page: &Page, link: &str) -> Vec<String> {
    let lines = page.text.split(link).skip(1);
    lines.map(|line| line[..15].to_owned()).collect()
}

fn next(page: &Page) -> Option<String> {
    let before = page.text.split("\" rel=\"next\"").next()?;
    let (_, address) = before.rsplit_once("href=\"")?;
    page.says("Next page")
        .then(|| address.replace("&amp;", "&"))
}

#[track_caller]
fn goes_on(browser: &mut Browser, list: &str, link: &str) {
    let first = browser.get(list).ok();
    let second = browser.get(&next(&first).expect("another page")).ok();
    assert_eq!(
        (first.says("Back to the"), second.says("Back to the")),
        (false, true)
    );
    assert_eq!(next(&second), None);
    let pages = [references(&first, link), references(&second, link)];
    assert_eq!(pages.each_ref().map(Vec::len), [50, 11]);
    let all: BTreeSet<String> = pages.concat().into_iter().collect();
    assert_eq!(all.len(), 61);
}

#[test]
fn the_queue_and_an_agencys_requests_go_on_page_by_page() {
    let site = busy();
    let mut caseworker = site.signed_in(CASEWORKER);
    goes_on(&mut caseworker, "/cases", "href=\"/cases/TG-");
    goes_on(
        &mut caseworker,
        "/cases?state=submitted&hands=nobody",
        "href=\"/cases/TG-",
    );
    let mut officer = site.signed_in(OFFICER);
    goes_on(&mut officer, "/requests", "href=\"/requests/TG-");
    // Whatever is no place in a list is its beginning.
    officer.get("/requests?after=rubbish").ok();
    let odd = caseworker.get("/cases?agreement=%26after%3D1%22%3E").ok();
    assert!(odd.says("Nothing waits here."));
}
