//! The overseer's page and erasure by two people at the desk.

use disclosure::EventKind;
use jiff::SignedDuration;

use super::browser::Page;
use super::journey::{CASEWORKER, GUARDIAN, OFFICER, ask};
use super::site::Site;

const OVERSEER: &str = "ov-james-whitlock";
const SECOND_GUARDIAN: &str = "cg-dr-anton-keller";

fn oversee(site: &Site, fields: &[(&str, &str)]) -> Page {
    let mut overseer = site.signed_in(OVERSEER);
    let page = overseer.get("/oversight").ok();
    overseer.submit("/oversight", &page, fields)
}

#[test]
fn an_overseer_opens_recomputes_and_counts_and_each_is_an_entry() {
    let site = Site::demonstration();
    let early = oversee(&site, &[("step", "recompute")]);
    assert_eq!(early.status, 409, "nothing is published yet");
    ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    site.publish();
    let reads = || {
        let kinds = site.kinds();
        kinds
            .iter()
            .filter(|kind| **kind == EventKind::LogRead)
            .count()
    };
    let before = reads();
    let said = [
        ("which", "sample"),
        ("count", "3"),
        ("seed", "4711"),
        ("step", "sample"),
    ];
    let first = oversee(&site, &said).ok();
    assert!(
        first.says("Seed <code class=\"hash\">4711</code>"),
        "{}",
        first.text
    );
    assert_eq!(first.text.matches(">Salt</dt>").count(), 3);
    assert!(first.says("body_hash"));
    let all = [("which", "all"), ("count", "100"), ("step", "sample")];
    let whole = oversee(&site, &all).ok();
    assert!(
        !whole.says("Seed <code") && whole.says("seed 4711"),
        "the seed is recorded"
    );
    let recomputed = oversee(&site, &[("step", "recompute")]).ok();
    assert!(
        recomputed.says("Every published number is what the log says"),
        "{}",
        recomputed.text
    );
    let deferred = oversee(&site, &[("step", "deferred")]).ok();
    assert!(deferred.says("Nothing is deferred"));
    assert_eq!(reads(), before + 4);
    let wrong = oversee(&site, &[("count", "0"), ("step", "sample")]);
    assert_eq!(wrong.status, 422);
    assert_eq!(reads(), before + 4, "nothing was opened");
    let future = [
        ("which", "sample"),
        ("count", "3"),
        ("step", "sample"),
        ("from.day", "1"),
        ("from.month", "1"),
        ("from.year", "2031"),
    ];
    assert!(
        oversee(&site, &future)
            .ok()
            .says("No entry lies in this period")
    );
}

fn erase(site: &Site, by: &str, id: &str, step: &str) -> Page {
    let mut browser = site.signed_in(by);
    let page = browser.get("/erasure").ok();
    let fields = [
        ("form_token", browser.token.clone()),
        ("case", id.to_owned()),
        ("ground", "right_to_erasure".to_owned()),
        ("step", step.to_owned()),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    drop(page);
    browser.post_exactly("/erasure", &fields)
}

#[test]
fn one_proposes_and_another_erases_at_the_desk() {
    let site = Site::demonstration();
    let list = site.signed_in(CASEWORKER).get("/erasure").ok();
    assert!(list.says("Nobody has proposed to erase anything."));
    let unfinished = ask(&mut site.signed_in(OFFICER), &[]);
    let theft = [("grounds.offence", "theft")];
    let id = ask(&mut site.signed_in(OFFICER), &theft);
    site.work();
    site.later(SignedDuration::from_hours(24 * 9));
    let refused = erase(&site, GUARDIAN, &unfinished, "propose");
    assert_eq!(refused.status, 409, "{}", refused.text);
    let mut clumsy = site.signed_in(GUARDIAN);
    let page = clumsy.get("/erasure").ok();
    let empty = clumsy.submit("/erasure", &page, &[("step", "propose")]);
    assert!(empty.status == 422 && empty.says("Choose a ground"));
    assert_eq!(erase(&site, GUARDIAN, &id, "propose").status, 303);
    let list = site.signed_in(GUARDIAN).get("/erasure").ok();
    assert!(list.says("Waits for a second person") && !list.says("Look at it"));
    let alone = erase(&site, GUARDIAN, &id, "confirm");
    assert_eq!(alone.status, 403, "{}", alone.text);
    assert_eq!(erase(&site, CASEWORKER, &id, "confirm").status, 403);
    let check = erase(&site, SECOND_GUARDIAN, &id, "check").ok();
    assert!(check.says("There is no way back") && check.says(&id));
    assert_eq!(erase(&site, SECOND_GUARDIAN, &id, "confirm").status, 303);
    let list = site.signed_in(CASEWORKER).get("/erasure").ok();
    assert!(list.says("Erased</strong>"), "{}", list.text);
    assert!(site.kinds().contains(&EventKind::Erased));
    assert_eq!(
        site.signed_in(CASEWORKER)
            .get(&format!("/cases/{id}"))
            .status,
        404
    );
    let late = erase(&site, SECOND_GUARDIAN, &id, "check");
    assert_eq!(late.status, 409);
}

#[test]
fn an_overseer_verifies_the_public_log_and_counts_what_people_decided() {
    let site = Site::demonstration();
    ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    site.publish();
    let before = site.kinds().len();
    let page = oversee(&site, &[("step", "verify")]).ok();
    assert!(page.says("The log verifies"), "{}", page.text);
    assert_eq!(site.kinds().len(), before + 1);
    assert_eq!(site.signed_in(OFFICER).get("/oversight").status, 403);
    let page = oversee(&site, &[("step", "people")]).ok();
    assert!(page.says("Access refused"), "{}", page.text);

    let folder = &site.gate.settings.log.folder;
    let file = folder.join("checkpoint");
    let head = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, head.replacen('\n', "x\n", 1)).unwrap();
    let page = oversee(&site, &[("step", "verify")]).ok();
    assert!(page.says("The log does not verify"), "{}", page.text);
}

#[test]
fn a_replay_is_an_entry_before_it_is_shown() {
    let site = Site::demonstration();
    let mut overseer = site.signed_in(OVERSEER);
    let before = site.kinds().len();
    let page = overseer.get("/agreements/police-serious-crime/2026-01-01/replay");
    page.ok();
    assert_eq!(site.kinds()[before..], [EventKind::LogRead]);
}
