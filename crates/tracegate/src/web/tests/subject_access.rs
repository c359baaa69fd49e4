//! Who asked about me: at the clerk's desk, as a file, and later where that is lawful.

use std::fs;

use disclosure::EventKind;
use jiff::SignedDuration;
use ledger::{Bundle, Kind, Policy};

use super::browser::{Browser, Page};
use super::journey::{CASEWORKER, GUARDIAN, OFFICER, ask, draft, second_review};
use super::site::Site;

const CLERK: &str = "sa-leila-haddad";
const SECOND_GUARDIAN: &str = "cg-dr-anton-keller";
const PATH: &str = "/subject-access";
/// The person asked about, by NHS number as people write it.
const PERSON: &str = "999 000 0018";

fn read(clerk: &mut Browser) -> Page {
    let form = clerk.get(PATH).ok();
    let said = [("person", PERSON), ("why", "letter of 3 March")];
    clerk.submit(PATH, &form, &said)
}

fn file(site: &Site, clerk: &mut Browser, page: &Page) -> (Bundle, usize) {
    let got = clerk.submit(&format!("{PATH}/bundle"), page, &[]).ok();
    let name = &got.headers["content-disposition"];
    assert!(name.contains("who-asked.bundle") && !name.contains("999"));
    let bundle = Bundle::parse(got.text.as_bytes()).unwrap();
    let policy = Policy::log_alone(site.gate.log.keys()[0].clone());
    let erasure = Kind(EventKind::Erased.number());
    let complete = bundle.verify(&policy, erasure).unwrap();
    assert_eq!(complete.erased > 0, page.says("erased."));
    let count = bundle.events.len();
    (bundle, count)
}

/// Two people erase what is held of the person of a case.
fn erase(site: &Site, id: &str) {
    for (by, step) in [(GUARDIAN, "propose"), (SECOND_GUARDIAN, "confirm")] {
        let mut guardian = site.signed_in(by);
        guardian.get("/erasure");
        let said = [("case", id), ("ground", "court_order"), ("step", step)];
        let done = guardian.post("/erasure", &said);
        assert_eq!(done.status, 303, "{}", done.text);
    }
}

#[test]
fn an_erased_persons_log_says_so_and_still_verifies() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    draft(&site, &id);
    second_review(&site, &id, "decline");
    site.later(SignedDuration::from_hours(24 * 9));
    let before = read(&mut site.signed_in(CLERK)).ok();
    assert!(before.says("asked about somebody"));
    erase(&site, &id);
    site.publish();
    let mut clerk = site.signed_in(CLERK);
    let page = read(&mut clerk).ok();
    assert!(!page.says("asked about somebody"), "{}", page.text);
    assert!(page.says("earlier entries were erased") && page.says("court order"));
    let (bundle, _) = file(&site, &mut clerk, &page);
    assert_eq!(bundle.events[0].leaf.kind.0, EventKind::Erased.number());
    site.block_on(site.gate.store.audit()).unwrap();
}

#[test]
fn a_person_learns_who_asked_and_takes_the_proof_home() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    draft(&site, &id);
    second_review(&site, &id, "agree");
    site.publish();
    let mut clerk = site.signed_in(CLERK);
    let page = read(&mut clerk).ok();
    for text in [
        "Police Northmoor asked about somebody (serious crime), and the search ended with you.",
        "It was decided to tell Police Northmoor: name, last known address.",
        "A caseworker opened the case about you.",
        "This log was read to answer a question",
        "police-serious-crime/2026-01-01",
        "L3: Crime and taxation",
        &id,
    ] {
        assert!(page.says(text), "no `{text}` in {}", page.text);
    }
    // Nobody on the staff is named, and nobody but the person is.
    for name in ["Lindqvist", "Okafor", "Osei", "Thistlewood", "Larch"] {
        assert!(
            !page.text.replace("Leila Haddad", "").contains(name),
            "{name}"
        );
    }
    let kinds = site.kinds();
    assert_eq!(
        kinds.last(),
        Some(&EventKind::LogRead),
        "before it was shown"
    );
    let (_, first) = file(&site, &mut clerk, &page);
    site.publish();
    let (_, then) = file(&site, &mut clerk, &page);
    assert_eq!(then, first + 2, "both readings are in the log by now");
}

#[test]
fn the_form_says_what_is_wrong_and_only_the_clerk_and_guardians_enter() {
    let site = Site::demonstration();
    let mut clerk = site.signed_in(CLERK);
    let form = clerk.get(PATH).ok();
    assert!(form.says("Reading is itself an entry"));
    let entries = site.kinds().len();
    let wrong = clerk.submit(PATH, &form, &[("person", "9990000026x")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.says("Write down why") && !wrong.says("Nobody is known"));
    assert_eq!(site.kinds().len(), entries, "nobody was looked for");
    let fields = [("person", "9990000026x"), ("why", "a letter")];
    let unknown = clerk.submit(PATH, &form, &fields);
    assert_eq!(unknown.status, 422);
    assert!(unknown.says("Nobody is known under this reference"));
    let kinds = site.kinds();
    assert_eq!(
        kinds.len(),
        entries + 1,
        "that nobody is known is an answer"
    );
    assert_eq!(kinds.last(), Some(&EventKind::LogRead));
    assert!(
        site.signed_in(GUARDIAN)
            .get(PATH)
            .ok()
            .says("Subject access")
    );
    for person in [CASEWORKER, OFFICER, "ov-james-whitlock"] {
        assert_eq!(site.signed_in(person).get(PATH).status, 403, "{person}");
    }
    assert_eq!(clerk.get("/cases").status, 403, "the clerk sees no case");
}

const LATER: [(&str, &str); 4] = [
    ("tell_subject_delay.ground", "crime"),
    ("tell_subject_delay.until.day", "1"),
    ("tell_subject_delay.until.month", "4"),
    ("tell_subject_delay.until.year", "2026"),
];

/// Renews until the first of May.
fn renew(site: &Site, by: &str, id: &str) -> Page {
    let mut guardian = site.signed_in(by);
    let path = format!("/cases/{id}/deferral");
    let page = guardian.get(&path).ok();
    let said = [
        ("until.day", "1"),
        ("until.month", "5"),
        ("until.year", "2026"),
        ("reason", "The inquiry is still under way"),
        ("step", "renew"),
    ];
    guardian.submit(&path, &page, &said)
}

#[test]
fn what_is_told_later_shows_when_nobody_else_renews() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in(OFFICER), &LATER);
    site.work();
    let look = || read(&mut site.signed_in(CLERK)).ok();
    let asked = "asked about somebody";
    assert!(!look().says(asked));
    let list = site.signed_in("ov-james-whitlock").get("/deferrals").ok();
    assert!(list.says(&id) && list.says("Preventing or investigating a crime"));
    // Twenty-nine days later a guardian renews, who cannot do so again.
    site.later(SignedDuration::from_hours(24 * 29));
    assert_eq!(renew(&site, GUARDIAN, &id).status, 303);
    site.later(SignedDuration::from_hours(24 * 5));
    site.work();
    assert!(!look().says(asked), "it was renewed");
    let again = renew(&site, GUARDIAN, &id);
    assert_eq!(again.status, 403, "{}", again.text);
    let page = site
        .signed_in(GUARDIAN)
        .get(&format!("/cases/{id}/deferral"));
    assert!(page.ok().says("Somebody else must look at it now"));
    let other = site
        .signed_in(SECOND_GUARDIAN)
        .get(&format!("/cases/{id}/deferral"));
    assert!(
        other
            .ok()
            .says("You have neither asked for this nor renewed it")
    );
    // Nobody does.
    site.later(SignedDuration::from_hours(24 * 28));
    site.work();
    let page = look();
    assert!(page.says(asked) && page.says("Told later"), "{}", page.text);
    assert!(site.kinds().contains(&EventKind::DeferralEnded));
    let list = site.signed_in(GUARDIAN).get("/deferrals").ok();
    assert!(list.says("Everybody on record has been told"));
    site.publish();
    let mut clerk = site.signed_in(CLERK);
    let page = read(&mut clerk).ok();
    let (bundle, _) = file(&site, &mut clerk, &page);
    let deferred = bundle.events.iter();
    let deferred = deferred.filter(|event| event.chain == ledger::Chain::Deferred);
    assert!(deferred.count() >= 2, "the trace and the renewal");
}

#[test]
fn staff_defer_before_anybody_is_compared_and_tell_at_any_time() {
    let site = Site::demonstration();
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    let path = format!("/cases/{id}/deferral");
    let mut caseworker = site.signed_in(CASEWORKER);
    let page = caseworker.get(&path).ok();
    assert!(page.says("At once") && !page.says("Tell them now"));
    let unsaid = caseworker.submit(&path, &page, &[("step", "defer")]);
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.says("Choose a ground") && unsaid.says("Write down the reason"));
    let said = [
        ("ground", "others_rights"),
        ("until.day", "9"),
        ("until.month", "3"),
        ("until.year", "2026"),
        ("reason", "A second person would be in danger"),
        ("step", "defer"),
    ];
    assert_eq!(caseworker.submit(&path, &page, &said).status, 303);
    site.work();
    let mut guardian = site.signed_in(GUARDIAN);
    let page = guardian.get(&path).ok();
    assert_eq!(
        guardian.submit(&path, &page, &[("step", "end")]).status,
        303
    );
    assert!(
        guardian
            .get(&path)
            .ok()
            .says("They have been told, of everything.")
    );
    let told = read(&mut site.signed_in(CLERK)).ok();
    assert!(told.says("asked about somebody"), "{}", told.text);
    // Once people have been told, it is too late to defer.
    let next = ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    let late = caseworker.get(&format!("/cases/{next}/deferral")).ok();
    assert!(!late.says("Tell them later"));
}

#[test]
fn an_agreement_has_grounds_and_a_term_of_its_own() {
    let site = Site::with_agreements(|folder| {
        let file = folder.join("police-serious-crime/2026-01-01/version.toml");
        let terms = "\n[deferral]\ngrounds = [\"others_rights\"]\ndays_max = 14\n";
        fs::write(&file, fs::read_to_string(&file).unwrap() + terms).unwrap();
    });
    let shown = site
        .visitor()
        .get("/agreements/police-serious-crime/2026-01-01");
    let shown = shown.ok();
    assert!(
        shown.says("up to 14 days later on the ground: Somebody else"),
        "{}",
        shown.text
    );
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    let path = format!("/cases/{id}/deferral");
    let mut caseworker = site.signed_in(CASEWORKER);
    let page = caseworker.get(&path).ok();
    assert!(page.says("At most 14 days from now") && !page.says("investigating a crime"));
    let mut defer = |ground, day| {
        let said = [
            ("ground", ground),
            ("until.day", day),
            ("until.month", "3"),
            ("until.year", "2026"),
            ("reason", "A second person would be in danger"),
            ("step", "defer"),
        ];
        caseworker.submit(&path, &page, &said)
    };
    let (other, longer) = (defer("crime", "9"), defer("others_rights", "17"));
    assert!(other.says("told later on this ground"), "{}", other.text);
    assert!(longer.says("within 14 days"), "{}", longer.text);
    assert_eq!(defer("others_rights", "9").status, 303);
    // What an agency wishes is held against the agreement, too.
    let wished = ask(&mut site.signed_in(OFFICER), &LATER);
    site.work();
    assert_eq!(site.case(&wished).state.code(), "invalid");
    let told = site
        .signed_in(OFFICER)
        .get(&format!("/requests/{wished}"))
        .ok();
    assert!(told.says("is no ground of the agreement"), "{}", told.text);
}
