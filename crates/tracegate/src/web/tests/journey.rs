//! The whole main job at the desk, from the request to the outcome return.

use disclosure::{EventKind, State};
use jiff::SignedDuration;

use super::browser::{Browser, Page};
use super::site::Site;

pub const OFFICER: &str = "dc-amara-osei";
pub const CASEWORKER: &str = "cw-sofia-lindqvist";
pub const GUARDIAN: &str = "cg-dr-miriam-okafor";

/// A request of the police that every coded clause permits.
const REQUEST: [(&str, &str); 28] = [
    ("agency_reference", "NM-2026-118"),
    ("requester.unit", "major-crime"),
    ("requester.rank", "constable"),
    ("subject.given_name", "Maud"),
    ("subject.middle_name", "Ellen"),
    ("subject.surname", "Thistlewood"),
    ("subject.date_of_birth.day", "27"),
    ("subject.date_of_birth.month", "3"),
    ("subject.date_of_birth.year", "1984"),
    ("subject.sex", "F"),
    ("subject.nhs_number", "999 000 0018"),
    ("subject.address", "14 Larch Close"),
    ("subject.postcode", "NM1 2AB"),
    ("subject_role", "suspect"),
    ("purpose", "serious_crime"),
    ("grounds.gateway", "L3"),
    ("grounds.offence", "murder"),
    ("justification.necessity", "She has left the last address."),
    (
        "justification.proportionality",
        "One address of one person.",
    ),
    ("justification.harm", "A witness may be harmed."),
    ("justification.link", "She cannot be found otherwise."),
    ("justification.likelihood", "Likely; two threats were made."),
    ("justification.consent", "not_asked_prejudice"),
    ("attempt1.what", "Visit to the last address"),
    ("attempt1.on.day", "20"),
    ("attempt1.on.month", "2"),
    ("attempt1.on.year", "2026"),
    ("attempt1.result", "Moved out"),
];

/// What is asked for and how soon.
const WANTED: [(&str, &str); 3] = [
    ("fields", "name"),
    ("fields", "last_known_address"),
    ("priority", "routine"),
];

/// The weighing of a draft.
pub const WEIGHING: [(&str, &str); 5] = [
    ("gateway", "L3"),
    ("necessity", "The address alone lets the police find her."),
    (
        "public_interest",
        "Murder outweighs confidence in an address.",
    ),
    (
        "harm",
        "Small; she is told once it no longer harms the inquiry.",
    ),
    ("public_health", "None: no treatment is touched."),
];

/// The fields of the form, some of them changed or, where empty, left out.
pub fn form(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let changed = |name: &str| changes.iter().any(|(other, _)| *other == name);
    let all = REQUEST.iter().chain(&WANTED).copied();
    all.filter(|(name, _)| !changed(name))
        .chain(
            changes
                .iter()
                .copied()
                .filter(|(_, value)| !value.is_empty()),
        )
        .collect()
}

/// Parts of a request, in their order.
pub const SECTIONS: [&str; 7] = [
    "you", "person", "grounds", "why", "tried", "data", "urgency",
];

/// Begins a draft and returns its address.
pub fn begin(officer: &mut Browser) -> String {
    let page = officer.get("/requests/new").ok();
    let begun = officer.submit("/requests/new", &page, &[("purpose", "serious_crime")]);
    begun.location()
}

/// Fills in every part of a draft.
pub fn fill(officer: &mut Browser, draft: &str, changes: &[(&'static str, &'static str)]) {
    let mut said = form(changes);
    said.push(("step", "continue"));
    for section in SECTIONS {
        let path = format!("{draft}/{section}");
        let page = officer.get(&path).ok();
        let kept = officer.submit(&path, &page, &said);
        assert_eq!(kept.status, 303, "{section}: {}", kept.text);
    }
}

/// Checks a complete draft and asks for the second signature.
pub fn finish(officer: &mut Browser, draft: &str) {
    let path = format!("{draft}/check");
    let check = officer.get(&path).ok();
    assert!(check.says("What will be recorded, what will be published"));
    let done = officer.submit(&path, &check, &[]);
    assert_eq!(done.status, 303, "{}", done.text);
}

/// A browser in which the inspector has signed in.
pub fn inspector(officer: &Browser) -> Browser {
    let mut inspector = Browser::new(&officer.address);
    inspector.get("/sign-in").ok();
    inspector.post("/sign-in", &[("person", "insp-ruth-hale")]);
    inspector
}

/// The inspector signs, and the request is sent.
pub fn sign(officer: &Browser, draft: &str) -> Page {
    let mut inspector = inspector(officer);
    let path = format!("{draft}/signature");
    let page = inspector.get(&path).ok();
    inspector.submit(&path, &page, &[("rank", "inspector"), ("step", "sign")])
}

/// Sends a request at the desk and returns its reference.
pub fn ask(officer: &mut Browser, changes: &[(&'static str, &'static str)]) -> String {
    let draft = begin(officer);
    fill(officer, &draft, changes);
    finish(officer, &draft);
    let sent = sign(officer, &draft);
    assert_eq!(sent.status, 303, "{}", sent.text);
    sent.location().replace("/requests/", "")
}

fn decision(id: &str) -> String {
    format!("/cases/{id}/decision")
}

/// The caseworker's draft: preview, then confirm.
pub fn draft(site: &Site, id: &str) -> Page {
    let mut caseworker = site.signed_in(CASEWORKER);
    let page = caseworker.get(&decision(id)).ok();
    let mut choice = vec![("choice", "release"), ("step", "preview")];
    choice.extend([("fields", "name"), ("fields", "last_known_address")]);
    choice.extend(WEIGHING);
    let preview = caseworker.submit(&decision(id), &page, &choice).ok();
    let confirmed = caseworker.submit(&decision(id), &preview, &[("step", "confirm")]);
    assert_eq!(confirmed.status, 303, "{}", confirmed.text);
    preview
}

/// The guardian's own view, then the verdict.
pub fn second_review(site: &Site, id: &str, verdict: &str) {
    let mut guardian = site.signed_in(GUARDIAN);
    let path = format!("/cases/{id}/second-review");
    let first = guardian.get(&path).ok();
    assert!(
        !first.says("The address alone lets the police find her."),
        "draft shown too early"
    );
    let view = [("own_view", "Name and address, no more."), ("step", "view")];
    let written = guardian.submit(&path, &first, &view);
    assert_eq!(written.status, 303, "{}", written.text);
    let second = guardian.get(&path).ok();
    assert!(second.says("The address alone lets the police find her."));
    assert!(
        second.says("14 Larch Close"),
        "no preview in {}",
        second.text
    );
    let decided = guardian.submit(&path, &second, &[("verdict", verdict), ("step", "decide")]);
    assert_eq!(decided.status, 303, "{}", decided.text);
}

#[test]
fn from_the_request_to_the_outcome_return() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let id = ask(&mut officer, &[]);
    let request = format!("/requests/{id}");
    assert!(
        officer
            .get(&request)
            .ok()
            .says("The request is being dealt with.")
    );

    site.work();
    assert_eq!(site.case(&id).state.code(), "casework_review");
    let preview = draft(&site, &id);
    assert!(preview.says("Maud Ellen Thistlewood") && preview.says("14 Larch Close"));

    let mut guardian = site.signed_in(GUARDIAN);
    let case = guardian.get(&format!("/cases/{id}")).ok();
    assert!(!case.says("The address alone lets the police find her."));
    second_review(&site, &id, "agree");
    assert!(
        officer
            .get(&request)
            .ok()
            .says("The request is being dealt with.")
    );

    site.later(SignedDuration::from_hours(2));
    let mut officer = site.signed_in(OFFICER);
    let ready = officer.get(&request).ok();
    assert!(ready.says("An answer is ready to collect."));
    let collection = format!("{request}/collection");
    let early = officer.submit(&collection, &ready, &[]);
    assert_eq!(
        early.status, 503,
        "nothing leaves before the log is published"
    );
    assert!(early.says("Not yet in the public log"));

    site.publish();
    let record = officer.submit(&collection, &ready, &[]).ok();
    assert!(
        record.says("14 Larch Close, Northmoor, NM1 2AB"),
        "{}",
        record.text
    );
    assert!(record.says("not to be passed on"));
    let again = officer.submit(&collection, &ready, &[]).ok();
    assert!(
        again.says("14 Larch Close"),
        "the same key repeats the same answer"
    );
    let other = officer.post(&collection, &[("key", "another-key")]);
    assert_eq!(other.status, 410);

    let page = officer.get(&request).ok();
    let returned = officer.submit(
        &format!("{request}/outcome"),
        &page,
        &[("outcome", "located")],
    );
    assert_eq!(returned.status, 303, "{}", returned.text);
    assert!(matches!(site.case(&id).state, State::Closed(Some(_))));
    let kinds = site.kinds();
    for kind in [
        EventKind::CaseViewed,
        EventKind::Released,
        EventKind::OutcomeReturned,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} is not on record");
    }
}

#[test]
fn declined_and_untraced_look_the_same_to_the_agency() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let declined = ask(&mut officer, &[]);
    let nobody = ask(
        &mut officer,
        &[
            ("subject.surname", "Quillfeather"),
            ("subject.given_name", "Zebedee"),
            ("subject.middle_name", ""),
            ("subject.nhs_number", ""),
            ("subject.date_of_birth.year", "1931"),
            ("subject.address", ""),
            ("subject.postcode", ""),
        ],
    );
    site.work();
    draft(&site, &declined);
    second_review(&site, &declined, "decline");
    let mut caseworker = site.signed_in(CASEWORKER);
    // The disagreement is on record: the draft for the staff, the second view for overseers.
    let case = format!("/cases/{declined}");
    let own_view = "Name and address, no more.";
    let page = site.signed_in("ov-james-whitlock").get(&case).ok();
    assert!(page.says(own_view) && page.says("The address alone lets the police find her."));
    assert!(!caseworker.get(&case).ok().says(own_view));
    let page = caseworker.get(&decision(&nobody)).ok();
    assert!(page.says("found no certain person"));
    let choice = [("choice", "no_result"), ("step", "preview")];
    let preview = caseworker.submit(&decision(&nobody), &page, &choice).ok();
    assert!(preview.says("Nothing can be given."));
    let ended = caseworker.submit(&decision(&nobody), &preview, &[("step", "confirm")]);
    assert_eq!(ended.status, 303, "{}", ended.text);

    for (hours, expected) in [(0, "being dealt with"), (2, "Nothing can be given.")] {
        site.later(SignedDuration::from_hours(hours));
        let mut officer = site.signed_in(OFFICER);
        let pages = [&declined, &nobody].map(|id| {
            let page = officer.get(&format!("/requests/{id}")).ok();
            assert!(page.says(expected));
            // What was asked differs, and so does the reference; nothing else may.
            let (answer, _) = page.text.split_once("What you asked").unwrap();
            let key = page.text.contains("name=\"key\"");
            (answer.replace(id.as_str(), "ID"), key)
        });
        assert_eq!(pages[0], pages[1]);
    }
}

#[test]
fn a_refusal_names_clause_cure_and_challenge() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let id = ask(&mut officer, &[("grounds.offence", "")]);
    site.work();
    let page = officer.get(&format!("/requests/{id}")).ok();
    for text in [
        "The request was refused.",
        "Clause 2.1",
        "What would change the answer",
        "To challenge it",
        "Information Commissioner",
    ] {
        assert!(page.says(text), "no `{text}` in {}", page.text);
    }
}

#[test]
fn free_text_waits_for_a_person_and_the_tracer_may_not_draft() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let id = ask(
        &mut officer,
        &[("manual_information", "Please ring before noon.")],
    );
    site.work();
    let mut caseworker = site.signed_in(CASEWORKER);
    let path = format!("/cases/{id}");
    let page = caseworker.get(&path).ok();
    assert!(page.says("Clause 4.2 waits for a person"), "{}", page.text);
    let answer = [
        ("answer", "met"),
        ("reason", "A wish, not a fact about anybody."),
    ];
    let answered = caseworker.submit(&format!("{path}/clauses"), &page, &answer);
    assert_eq!(answered.status, 303, "{}", answered.text);
    site.work();
    let page = caseworker.get(&path).ok();
    assert!(page.says("Start the trace"));
    assert_eq!(
        caseworker
            .submit(&format!("{path}/trace"), &page, &[])
            .status,
        303
    );
    site.work();
    assert_eq!(site.case(&id).state.code(), "casework_review");

    let page = caseworker.get(&decision(&id)).ok();
    let mut choice = vec![
        ("choice", "release"),
        ("step", "confirm"),
        ("fields", "name"),
    ];
    choice.extend(WEIGHING);
    let refused = caseworker.submit(&decision(&id), &page, &choice);
    assert_eq!(refused.status, 403);
    assert!(refused.says("may not have traced"), "{}", refused.text);
}

#[test]
fn a_withdrawn_request_ends_at_once_and_stale_forms_change_nothing() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let id = ask(&mut officer, &[]);
    site.work();
    let mut caseworker = site.signed_in(CASEWORKER);
    let stale = caseworker.get(&decision(&id)).ok();
    let path = format!("/requests/{id}/withdrawal");
    let page = officer.get(&format!("/requests/{id}")).ok();
    assert_eq!(officer.submit(&path, &page, &[]).status, 303);
    assert!(
        officer
            .get(&format!("/requests/{id}"))
            .ok()
            .says("You withdrew the request.")
    );
    let again = officer.submit(&path, &page, &[]);
    assert_eq!(again.status, 409);
    assert!(again.says("Changed since you looked"));
    let choice = [
        ("choice", "no_result"),
        ("code", "no_releasable_field"),
        ("step", "confirm"),
    ];
    assert_eq!(
        caseworker.submit(&decision(&id), &stale, &choice).status,
        409
    );
}

#[test]
fn a_protected_record_is_shown_only_past_the_warning() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let id = ask(
        &mut officer,
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
    );
    site.work();
    let mut caseworker = site.signed_in(CASEWORKER);
    let page = caseworker.get(&format!("/cases/{id}")).ok();
    assert!(
        page.says("A protected record is among the people examined"),
        "{}",
        page.text
    );
    assert!(!page.says("Candidate A"));
    let path = format!("/cases/{id}/candidates");
    let warning = caseworker.get(&path).ok();
    assert!(warning.says("Stop: a protected record") && !warning.says("Candidate A"));
    assert_eq!(caseworker.submit(&path, &warning, &[]).status, 422);
    let shown = caseworker
        .submit(&path, &warning, &[("why", "deciding")])
        .ok();
    assert!(shown.says("Candidate A") && shown.says("Protected"));
}
