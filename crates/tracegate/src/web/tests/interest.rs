//! Another public-interest test: written by one guardian, confirmed by a second, and only then what the
//! agreement rests on.

use agreement::{ITEMS, Library};
use disclosure::EventKind;

use super::browser::Page;
use super::journey::GUARDIAN;
use super::site::Site;
use crate::pipeline::interest;

const AGREEMENT: &str = "/agreements/court-order/2026-01-01";
const SECOND_GUARDIAN: &str = "cg-dr-anton-keller";

/// A whole test with this conclusion.
fn said(conclusion: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut said: Vec<_> = ITEMS
        .into_iter()
        .map(|item| (item, "Weighed anew."))
        .collect();
    said.extend([
        ("conclusion", conclusion),
        ("serious_crime_limb", "not crime: an order of a court"),
        ("review_at.day", "1"),
        ("review_at.month", "6"),
        ("review_at.year", "2027"),
        ("expires_at.day", "1"),
        ("expires_at.month", "6"),
        ("expires_at.year", "2028"),
        ("evidence.0.claim", "Courts ask seldom."),
        ("evidence.0.source", "statistics.example/orders"),
        ("evidence.0.dated", "2026"),
        ("evidence.0.critique", "One year alone.\n\nOf one region."),
        ("step", "propose"),
    ]);
    said
}

fn hash(page: &Page) -> String {
    let hidden = page.all_hidden().into_iter();
    let mut hash = hidden.filter(|(name, _)| name == "hash");
    hash.next().expect("a hash").1
}

const PATH: &str = "/agreements/court-order/2026-01-01/interest";

fn holds(site: &Site) -> bool {
    let (agreements, now) = (site.gate.agreements(), site.gate.clock.now());
    let held = interest::is_valid(&site.gate, &agreements, "court-order", now);
    site.block_on(held).expect("the store answers")
}

#[test]
fn what_is_wrong_stands_beside_its_part() {
    let site = Site::demonstration();
    let mut first = site.signed_in(GUARDIAN);
    let form = first.get(PATH).ok();
    assert!(form.says("Propose this test"));
    let little = [("t2_trust", "Only this."), ("step", "propose")];
    let wrong = first.submit(PATH, &form, &little);
    assert_eq!(wrong.status, 422);
    for problem in [
        "Choose what follows",
        "Item T1 is empty",
        "Say which day",
        "at least one piece of evidence",
    ] {
        assert!(wrong.says(problem), "{problem}: {}", wrong.text);
    }
    assert!(wrong.says("Only this.") && !wrong.says("Item T2"));
    let second = [("evidence.1.claim", "x"), ("step", "more")];
    let more = first.submit(PATH, &form, &second).ok();
    assert!(more.says("Evidence 4") && !more.says("Evidence 5"));
    assert!(!site.kinds().contains(&EventKind::InterestTestProposed));
}

#[test]
fn a_test_counts_once_a_second_guardian_has_confirmed_it() {
    let site = Site::demonstration();
    let mut first = site.signed_in(GUARDIAN);
    let form = first.get(PATH).ok();
    assert_eq!(first.submit(PATH, &form, &said("not_met")).location(), PATH);
    assert_eq!(site.kinds().last(), Some(&EventKind::InterestTestProposed));
    assert!(holds(&site), "nothing rests on it yet");
    let waits = first.get(PATH).ok();
    assert!(waits.says("Weighed anew.") && waits.says("Of one region."));
    assert!(!waits.says("Confirm this test"));
    let own = first.submit(PATH, &waits, &[("step", "confirm")]);
    assert_eq!(own.status, 403, "{}", own.text);

    let mut second = site.signed_in(SECOND_GUARDIAN);
    let page = second.get(PATH).ok();
    assert_eq!(first.submit(PATH, &waits, &said("met")).location(), PATH);
    let stale = second.submit(PATH, &page, &[("step", "confirm")]);
    assert_eq!(stale.status, 409, "written anew meanwhile: {}", stale.text);
    assert_eq!(
        first.submit(PATH, &waits, &said("not_met")).location(),
        PATH
    );
    let again = second.get(PATH).ok();
    assert_eq!(
        hash(&again),
        hash(&page),
        "the same text is the same proposal"
    );
    let done = second.submit(PATH, &again, &[("step", "confirm")]);
    assert_eq!(done.location(), AGREEMENT);
    assert_eq!(site.kinds().last(), Some(&EventKind::InterestTestConfirmed));
    assert!(!holds(&site), "one that is not met stops every trace");
    let form = second.get(PATH).ok();
    assert!(form.says("Propose this test"), "nothing waits any more");
    is_told(&site);
}

/// Everybody reads the test, overseers who decided it; and a gate that starts anew knows it, too.
fn is_told(site: &Site) {
    let public = site.visitor().get(AGREEMENT).ok();
    assert!(public.says("version 2: Not met") && public.says("Weighed anew."));
    assert!(!public.says(GUARDIAN), "who decided is not public");
    let overseer = site.signed_in("ov-james-whitlock").get(AGREEMENT).ok();
    assert!(overseer.says(GUARDIAN) && overseer.says(SECOND_GUARDIAN));
    let library = Library::load(&site.gate.settings.agreements).expect("no fault");
    let tests: Vec<_> = library.agreement("court-order").unwrap().tests().collect();
    assert_eq!(tests.len(), 2);
    assert_eq!(tests[1].guardian_signoff, SECOND_GUARDIAN);
    let critique = &tests[1].evidence[0].critique;
    assert_eq!(critique, &["One year alone.", "Of one region."]);
    assert!(!library.pit_valid_at("court-order", site.gate.clock.now()));
}

#[test]
fn a_line_that_nobody_confirmed_counts_for_nothing() {
    let site = Site::demonstration();
    let agreements = site.gate.agreements();
    let mut test = agreements
        .agreement("court-order")
        .unwrap()
        .interest
        .clone()
        .unwrap();
    test.version = "2".to_owned();
    let folder = site.gate.settings.agreements.join("court-order");
    std::fs::write(folder.join("renewals.jsonl"), test.canonical() + "\n").unwrap();
    let now = site.gate.clock.now();
    assert!(site.gate.agreements().pit_valid_at("court-order", now));
    assert!(!holds(&site));
}

#[test]
fn what_nobody_proposed_is_not_confirmed() {
    let site = Site::demonstration();
    let mut first = site.signed_in(GUARDIAN);
    let form = first.get(PATH).ok();
    first.submit(PATH, &form, &said("met")).location();
    // Somebody with the folder alone changes what waits.
    let file = site
        .gate
        .settings
        .agreements
        .join("court-order/proposed.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("Weighed anew.", "Not weighed.")).unwrap();
    let mut second = site.signed_in(SECOND_GUARDIAN);
    let page = second.get(PATH).ok();
    let refused = second.submit(PATH, &page, &[("step", "confirm")]);
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(!site.kinds().contains(&EventKind::InterestTestConfirmed));
}
