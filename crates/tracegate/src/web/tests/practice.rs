//! The practice desk through its front door: a patient without a home is registered, traced an instant
//! later, and no address leaves; what officials ask is answered and counted.

use disclosure::{EventKind, State};
use jiff::{SignedDuration, Timestamp};

use super::browser::{Browser, Page};
use super::interface;
use super::journey::{CASEWORKER, GUARDIAN, OFFICER, ask, draft};
use super::site::Site;

pub const RECEPTION: &str = "pr-beatriz-almeida";
const NEW: &str = "/practice/registrations/new";

/// A patient whose letters the practice keeps.
const PATIENT: [(&str, &str); 12] = [
    ("given_name", "Selam"),
    ("middle_name", "Aster"),
    ("family_name", "Tesfaye"),
    ("birth_date.day", "8"),
    ("birth_date.month", "9"),
    ("birth_date.year", "1991"),
    ("gender", "F"),
    ("nhs_number", "9990000085"),
    ("address_kind", "care_of_practice"),
    ("keeper", "Reception"),
    ("hold_days", "30"),
    ("mail_consent", "yes"),
];

fn with(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let changed = |name: &str| changes.iter().any(|(other, _)| *other == name);
    let kept = PATIENT.into_iter().filter(|(name, _)| !changed(name));
    kept.chain(changes.iter().copied()).collect()
}

fn send(desk: &mut Browser, changes: &[(&'static str, &'static str)]) -> Page {
    let page = desk.get(NEW).ok();
    desk.submit(NEW, &page, &with(changes))
}

/// Registers a patient; the address of the registration.
fn register(desk: &mut Browser, changes: &[(&'static str, &'static str)]) -> String {
    let done = send(desk, changes);
    assert_eq!(done.status, 303, "{}", done.text);
    done.location()
}

/// What the police say of the same person.
const ASKED: [(&str, &str); 9] = [
    ("subject.given_name", "Selam"),
    ("subject.middle_name", "Aster"),
    ("subject.surname", "Tesfaye"),
    ("subject.date_of_birth.day", "8"),
    ("subject.date_of_birth.month", "9"),
    ("subject.date_of_birth.year", "1991"),
    ("subject.nhs_number", "999 000 0085"),
    ("subject.address", ""),
    ("subject.postcode", ""),
];

/// The guardian's own view, then agreement.
fn agree(site: &Site, id: &str) {
    let mut guardian = site.signed_in(GUARDIAN);
    let path = format!("/cases/{id}/second-review");
    let first = guardian.get(&path).ok();
    let view = [("own_view", "Name alone."), ("step", "view")];
    assert_eq!(guardian.submit(&path, &first, &view).status, 303);
    let second = guardian.get(&path).ok();
    assert!(second.says("not_held"), "{}", second.text);
    let agreed = [("verdict", "agree"), ("step", "decide")];
    assert_eq!(guardian.submit(&path, &second, &agreed).status, 303);
}

/// What the agency collects, without the reference and without what is told apart by design.
fn collected(site: &Site, id: &str) -> String {
    site.work();
    assert_eq!(site.case(id).state.code(), "casework_review");
    draft(site, id);
    agree(site, id);
    site.later(SignedDuration::from_hours(2));
    site.publish();
    let mut officer = site.signed_in(OFFICER);
    let path = format!("/requests/{id}");
    let ready = officer.get(&path).ok();
    let record = officer
        .submit(&format!("{path}/collection"), &ready, &[])
        .ok();
    let token = officer.token.clone();
    record.text.replace(id, "ID").replace(&token, "TOKEN")
}

#[test]
fn what_a_patient_told_the_practice_is_read_by_whoever_decides_and_nobody_else() {
    let site = Site::demonstration();
    let told = [("objection", "My brother looks for me.")];
    register(&mut site.signed_in(RECEPTION), &told);
    let id = ask(&mut site.signed_in(OFFICER), &ASKED);
    site.work();
    let case = format!("/cases/{id}");
    let reads = |who: &str, path: &str| site.signed_in(who).get(path).ok().says(told[0].1);
    assert!(reads(CASEWORKER, &case));
    assert!(reads(CASEWORKER, &format!("{case}/decision")));
    draft(&site, &id);
    assert!(reads(GUARDIAN, &format!("{case}/second-review")));
    assert!(!reads(OFFICER, &format!("/requests/{id}")));
    let consent = interface::send(
        &site,
        ("GET", &format!("/fhir/R4/Consent/{id}")),
        CASEWORKER,
        ("", ""),
    );
    assert_eq!(consent.status, 200, "{}", consent.text);
}

#[test]
fn a_patient_in_care_of_the_practice_is_traced_at_once_and_no_address_leaves() {
    let site = Site::demonstration();
    let mut desk = site.signed_in(RECEPTION);
    let registration = register(&mut desk, &[]);
    let shown = desk.get(&registration).ok();
    assert!(shown.says("Selam Aster Tesfaye") && shown.says("Harbour Street Practice, 12 Harbour"));
    assert!(shown.says("Never. It is not confirmed either"));

    let id = ask(&mut site.signed_in(OFFICER), &ASKED);
    let first = collected(&site, &id);
    assert!(first.contains("Selam Aster Tesfaye"), "{first}");
    assert!(first.contains("not_held"));
    for place in ["Harbour", "NM1 1AA", "care of", "Reception"] {
        assert!(!first.contains(place), "{place} left: {first}");
    }
    // The same person, with no fixed home, of whom an agency asks again: the same answer.
    let mut desk = site.signed_in(RECEPTION);
    let edit = format!("{registration}/change");
    let page = desk.get(&edit).ok();
    let homeless = with(&[("address_kind", "no_fixed_abode")]);
    let done = desk.submit(&registration, &page, &homeless);
    assert_eq!(done.status, 303, "{}", done.text);
    let id = ask(&mut site.signed_in(OFFICER), &ASKED);
    assert_eq!(without_times(&collected(&site, &id)), without_times(&first));
    let State::OutcomeDue(_) = site.case(&id).state else {
        panic!("not collected: {}", site.case(&id).state.code());
    };
    site.block_on(site.gate.store.audit()).unwrap();
}

/// Times differ because the clock went on between the two.
fn without_times(page: &str) -> String {
    let mut text = String::new();
    for (at, part) in page.split("<time").enumerate() {
        let shown = if at == 0 {
            part
        } else {
            part.split_once("</time>").map_or("", |(_, after)| after)
        };
        text += shown;
    }
    let mut lines: Vec<&str> = text.lines().collect();
    lines.retain(|line| !line.contains("TG-") && !line.contains("type=\"hidden\""));
    lines.join("\n")
}

#[test]
fn protection_asked_for_acts_at_once_and_only_rises() {
    let site = Site::demonstration();
    let mut desk = site.signed_in(RECEPTION);
    let registration = register(&mut desk, &[("protection", "yes")]);
    let id = ask(&mut site.signed_in(OFFICER), &ASKED);
    site.work();
    let case = site.case(&id);
    let outcome = case.state.traced().unwrap().trace.outcome;
    assert_eq!(outcome, disclosure::trace::TraceOutcome::RestrictedWithheld);
    let page = desk.get(&format!("{registration}/change")).ok();
    assert!(page.says("The practice cannot end that"));
    let kept: Vec<_> = with(&[]);
    let done = desk.submit(&registration, &page, &kept);
    assert_eq!(done.status, 303, "{}", done.text);
    assert!(
        desk.get(&registration)
            .ok()
            .says("This record is protected")
    );
}

#[test]
fn whoever_is_in_the_index_stays_one_person_and_the_old_home_never_leaves() {
    let site = Site::demonstration();
    let mut desk = site.signed_in(RECEPTION);
    let maud = [
        ("given_name", "Maud"),
        ("middle_name", "Ellen"),
        ("family_name", "Thistlewood"),
        ("birth_date.day", "27"),
        ("birth_date.month", "3"),
        ("birth_date.year", "1984"),
        ("nhs_number", "999 000 0018"),
        ("address_kind", "withheld"),
    ];
    let registration = register(&mut desk, &maud);
    let people = site.block_on(site.gate.fresh_people()).unwrap();
    assert_eq!(people.index.people(), 7, "nobody came twice");
    let held = people
        .index
        .person(people.index.find("P1").unwrap())
        .unwrap();
    assert_eq!(held.address.kind, matcher::AddressKind::Withheld);
    assert_eq!(held.previous_addresses[0].address, "14 Larch Close");
    // The request knows the old home, and reads nothing about it.
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    let told = collected(&site, &id);
    assert!(
        told.contains("not_held") && !told.contains("Larch Close"),
        "{told}"
    );
    // The person reads it in their own log.
    let log = site.block_on(site.gate.store.subject_log("P1")).unwrap();
    let kinds: Vec<_> = log.entries.iter().map(|entry| entry.row.kind).collect();
    assert!(kinds.contains(&EventKind::Registered), "{kinds:?}");
    // An address that keeps letters never becomes the home by a change of the label.
    let mut desk = site.signed_in(RECEPTION);
    let page = desk.get(&format!("{registration}/change")).ok();
    let practice = with(&[
        ("address_kind", "home"),
        ("address", "Harbour Street Practice, 12 Harbour Street"),
        ("town", "Northmoor"),
        ("postcode", "nm1 1aa"),
        ("given_name", "Maud"),
    ]);
    let refused = desk.submit(&registration, &page, &practice);
    assert_eq!(refused.status, 422);
    assert!(refused.says("Letters are kept for you at this address"));
}

#[test]
fn what_is_wrong_is_said_at_its_field_and_in_the_patients_language() {
    let site = Site::demonstration();
    let mut desk = site.signed_in(RECEPTION);
    let page = send(
        &mut desk,
        &[
            ("language", "ar"),
            ("given_name", ""),
            ("family_name", ""),
            ("birth_date.year", "2126"),
            ("nhs_number", "9999999999"),
            ("address_kind", "home"),
            ("address", "1 Nowhere"),
            ("postcode", "ZZ99 3VZ"),
            ("phone", "ask me"),
            ("email", "not an address"),
        ],
    );
    assert_eq!(page.status, 422);
    for field in [
        "family_name",
        "birth_date",
        "nhs_number",
        "postcode",
        "phone",
        "email",
    ] {
        assert!(
            page.says(&format!("href=\"#{field}\"")),
            "{field}: {}",
            page.text
        );
    }
    assert!(page.says("lang=\"ar\" dir=\"rtl\""));
    for key in [
        "error.name",
        "error.birth_range",
        "error.nhs_number",
        "error.postcode",
    ] {
        assert!(
            page.says(&sheets::messages::say("ar", key, &[])),
            "{key} in Arabic"
        );
        assert!(
            page.says(&sheets::messages::say("en", key, &[])),
            "{key} in English"
        );
    }
    // Nothing was kept, and nothing of the old form's charging questions has a field.
    let all = site.block_on(site.gate.store.every_registration()).unwrap();
    assert!(all.is_empty());
    for name in [
        "passport",
        "visa",
        "immigration",
        "nationality",
        "ehic",
        "s1",
        "charging",
        "proof",
    ] {
        assert!(!page.says(&format!("name=\"{name}")), "{name} is asked");
    }
    let missing = send(&mut desk, &[("keeper", "")]);
    assert!(missing.says("Write who keeps the letters"));
}

#[test]
fn a_form_sent_twice_is_one_registration_and_others_never_see_it() {
    let site = Site::demonstration();
    let mut desk = site.signed_in(RECEPTION);
    let page = desk.get(NEW).ok();
    let first = desk.submit(NEW, &page, &with(&[])).location();
    let second = desk.submit(NEW, &page, &with(&[])).location();
    assert_eq!(first, second);
    let mut other = site.signed_in("pr-gareth-morgan");
    assert_eq!(other.get(&first).status, 404);
    assert!(
        other
            .get("/practice")
            .ok()
            .says("Nobody has been registered here yet.")
    );
    let page = desk.get(&format!("{first}/change")).ok();
    assert_eq!(
        desk.submit(&first, &page, &with(&[("phone", "0900 123456")]))
            .status,
        303
    );
    let late = desk.submit(&first, &page, &with(&[("phone", "0900 654321")]));
    assert_eq!(late.status, 409, "somebody else changed it meanwhile");
    site.block_on(site.gate.store.audit()).unwrap();
}

#[test]
fn a_refusal_becomes_a_letter_in_two_languages_within_fourteen_days() {
    let site = Site::demonstration();
    let mut desk = site.signed_in(RECEPTION);
    let page = desk.get("/practice/refusals/new").ok();
    let no_reason = desk.submit("/practice/refusals/new", &page, &[("family_name", "Khan")]);
    assert_eq!(no_reason.status, 422);
    let said = [
        ("family_name", "Khan"),
        ("language", "ur"),
        ("reason", "outside_area"),
    ];
    let done = desk.submit("/practice/refusals/new", &page, &said);
    let letter = desk.get(&done.location()).ok();
    assert!(letter.says("We have not registered you") && letter.says("lang=\"ur\" dir=\"rtl\""));
    assert!(letter.says("You live outside the area of this practice."));
    assert!(letter.says("the Northmoor care board"));
    assert!(desk.get("/practice").ok().says("Due"));
    site.later(SignedDuration::from_hours(24 * 15));
    let mut desk = site.signed_in(RECEPTION);
    assert!(desk.get("/practice").ok().says("Overdue"));
    let letter = desk.get(&done.location()).ok();
    assert_eq!(desk.submit(&done.location(), &letter, &[]).status, 303);
    assert!(desk.get("/practice").ok().says("Sent"));
    assert_eq!(
        site.block_on(site.gate.fresh_people())
            .unwrap()
            .index
            .people(),
        7
    );
    site.block_on(site.gate.store.audit()).unwrap();
}

#[test]
fn an_approach_is_answered_on_the_spot_and_counted_without_a_name() {
    let site = Site::demonstration();
    let mut desk = site.signed_in(RECEPTION);
    let path = "/practice/approaches";
    let page = desk.get(path).ok();
    assert_eq!(
        desk.submit(path, &page, &[("act", "serve_notice")]).status,
        422
    );
    for (act, code) in [
        ("serve_notice", "act_not_data"),
        ("confirm_address", "routed_to_the_gate"),
        ("hand_over_list", "speculative_or_bulk"),
    ] {
        let page = desk.get(path).ok();
        let said = [("act", act), ("agency", "home-office")];
        let advice = desk.submit(path, &page, &said).ok();
        assert!(
            advice.says("You can say") && advice.says(code),
            "{act}: {}",
            advice.text
        );
        // Sent again, it is one approach.
        desk.submit(path, &page, &said).ok();
    }
    let all = site
        .gate
        .store
        .approaches(Timestamp::UNIX_EPOCH, Timestamp::MAX);
    let all = site.block_on(all).unwrap();
    let codes: Vec<&str> = all.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(
        codes,
        ["act_not_data", "routed_to_the_gate", "speculative_or_bulk"]
    );
    assert!(
        all.iter()
            .all(|one| one.practice == "practice-harbour-street")
    );
    // The quarter over, it is public, and so few are not told.
    site.later(SignedDuration::from_hours(24 * 40));
    site.block_on(crate::publication::publish_due(
        &site.gate,
        site.gate.clock.now(),
    ))
    .unwrap();
    let file = site
        .visitor()
        .get("/statistics/2026-Q1.approaches.csv")
        .ok();
    assert!(
        file.says("2026-Q1,home-office,serve_notice,act_not_data,*"),
        "{}",
        file.text
    );
}

#[test]
fn seven_steps_end_with_a_certificate_or_with_what_is_left() {
    let site = Site::demonstration();
    let mut desk = site.signed_in(RECEPTION);
    let path = "/practice/toolkit";
    let page = desk.get(path).ok();
    assert_eq!(desk.submit(path, &page, &[("address", "yes")]).status, 422);
    let all = [
        "address",
        "identity",
        "status",
        "confidence",
        "interpreter",
        "posters",
        "training",
    ];
    let mut said: Vec<_> = all.iter().map(|step| (*step, "yes")).collect();
    let certificate = desk.submit(path, &page, &said).ok();
    assert!(certificate.says("Harbour Street Practice is a safe practice"));
    said[2] = ("status", "no");
    let left = desk.submit(path, &page, &said).ok();
    assert!(left.says("1 of seven steps left") && left.says("Take the question off your forms"));
    assert!(!left.says("is a safe practice"));
}

#[test]
fn every_poster_and_leaflet_carries_the_practice_in_its_language() {
    let site = Site::demonstration();
    let mut desk = site.signed_in(RECEPTION);
    for language in sheets::messages::languages() {
        for (sheet, key) in [("posters", "poster.title"), ("leaflets", "leaflet.title")] {
            let page = desk
                .get(&format!("/practice/{sheet}/{}", language.code))
                .ok();
            let title = sheets::messages::say(language.code, key, &[]);
            assert!(
                page.says(&title) && page.says("Harbour Street Practice"),
                "{sheet}"
            );
            assert!(page.says(&format!("dir=\"{}\"", language.direction)));
            assert_eq!(page.says("has not read it yet"), !language.reviewed);
        }
    }
    assert_eq!(desk.get("/practice/posters/tlh").status, 404);
}

#[test]
fn months_are_published_when_they_are_over_and_small_counts_are_hidden() {
    let site = Site::demonstration();
    let mut desk = site.signed_in(RECEPTION);
    register(&mut desk, &[]);
    let visit = |site: &Site| site.visitor().get("/statistics/watch").ok();
    site.block_on(crate::publication::publish_due(
        &site.gate,
        site.gate.clock.now(),
    ))
    .unwrap();
    assert!(visit(&site).says("No month is over"));
    site.later(SignedDuration::from_hours(24 * 40));
    site.block_on(crate::publication::publish_due(
        &site.gate,
        site.gate.clock.now(),
    ))
    .unwrap();
    assert!(visit(&site).says("2026-03"));
    let file = site.visitor().get("/statistics/watch.csv").ok();
    assert!(file.says("2026-03,Northmoor Coast,*,"), "{}", file.text);
    assert!(file.says("2026-03,Northmoor Hills,"));
    let about = site
        .visitor()
        .get("/statistics/watch.csv-metadata.json")
        .ok();
    assert!(about.says("\"no_home\""));
}
