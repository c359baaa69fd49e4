//! A suspension: what it catches, what can still leave, and who takes it back.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use axum::body::to_bytes;
use axum::response::IntoResponse as _;
use disclosure::{AgreementState, EventKind};
use jiff::SignedDuration;

use super::browser::{Browser, Page};
use super::journey::{CASEWORKER, GUARDIAN, OFFICER, ask, draft, second_review};
use super::site::Site;
use crate::http::under_lease;
use crate::pipeline::{release, suspension};

const AGREEMENT: &str = "/agreements/police-serious-crime/2026-01-01";
const SECOND_GUARDIAN: &str = "cg-dr-anton-keller";

/// Suspends at the desk and returns the page that lists what is caught.
fn suspend(site: &Site, effect: &'static str) -> Page {
    site.later(SignedDuration::from_secs(1));
    let mut guardian = site.signed_in(GUARDIAN);
    assert!(guardian.get(AGREEMENT).ok().says("Suspend this version"));
    let path = format!("{AGREEMENT}/suspension");
    let page = guardian.get(&path).ok();
    let missing = guardian.submit(&path, &page, &[("step", "check")]);
    assert_eq!(missing.status, 422);
    let said = [
        ("effect", effect),
        ("reason", "Review after a complaint"),
        ("step", "check"),
    ];
    let check = guardian.submit(&path, &page, &said).ok();
    let done = guardian.submit(&path, &check, &[("step", "confirm")]);
    assert_eq!(done.status, 303, "{}", done.text);
    check
}

/// A release that can be collected, and the page to collect it from.
fn ready(site: &Site) -> (String, Browser, Page) {
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    draft(site, &id);
    second_review(site, &id, "agree");
    site.later(SignedDuration::from_hours(2));
    site.publish();
    let mut officer = site.signed_in(OFFICER);
    let page = officer.get(&format!("/requests/{id}")).ok();
    assert!(page.says("An answer is ready to collect."));
    (id, officer, page)
}

/// Two guardians reopen, each at the desk.
fn reopen(site: &Site) {
    let path = format!("{AGREEMENT}/reopening");
    let mut first = site.signed_in(GUARDIAN);
    let page = first.get(&path).ok();
    let unsaid = first.submit(&path, &page, &[("step", "propose")]);
    assert_eq!(unsaid.status, 422);
    let said = [("reason", "The complaint is settled"), ("step", "propose")];
    assert_eq!(first.submit(&path, &page, &said).status, 303);
    let own = first.get(&path).ok();
    assert!(own.says("It waits for another guardian.") && !own.says("Reopen now"));
    let alone = first.submit(&path, &own, &[("step", "confirm"), ("seen", "3")]);
    assert_eq!(alone.status, 403, "{}", alone.text);
    let mut second = site.signed_in(SECOND_GUARDIAN);
    let page = second.get(&path).ok();
    assert!(page.says("The complaint is settled") && page.says("Reopen now"));
    let done = second.submit(&path, &page, &[("step", "confirm")]);
    assert_eq!(done.status, 303, "{}", done.text);
}

#[test]
fn what_is_entered_in_the_status_log_holds_a_running_service_at_once() {
    let site = Site::demonstration();
    let (id, mut officer, page) = ready(&site);
    let log = site
        .gate
        .settings
        .agreements
        .join("police-serious-crime/events.jsonl");
    let read = std::fs::read_to_string(&log).unwrap();
    std::fs::write(
        &log,
        format!("{}\n{{\"event\": \"narrowed\"}}\n", read.trim_end()),
    )
    .unwrap();
    let late = ask(
        &mut site.signed_in(OFFICER),
        &[("agency_reference", "NM-2026-119")],
    );
    site.work();
    assert_eq!(site.case(&late).state.code(), "held_suspension");
    let path = format!("/requests/{id}/collection");
    assert!(
        officer.submit(&path, &page, &[]).status >= 400,
        "nothing leaves"
    );
    // What a start does: read the log, and record what it says.
    std::fs::write(&log, read).unwrap();
    let recorded = suspension::record_states(&site.gate);
    site.block_on(recorded).unwrap();
    assert_eq!(officer.submit(&path, &page, &[]).status, 200, "as before");
}

#[test]
fn open_cases_are_listed_held_and_taken_up_again() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let id = ask(&mut officer, &[]);
    site.work();
    let check = suspend(&site, "hold");
    assert!(
        check.says("Open cases caught</dt>") && check.says("><strong>1</strong></dd>"),
        "{}",
        check.text
    );
    assert!(check.says(&id) && check.says("Waits for a caseworker") && check.says("Held"));
    assert_eq!(site.case(&id).state.code(), "held_suspension");
    let answer = officer.get(&format!("/requests/{id}")).ok();
    assert!(answer.says("The agreement is suspended"));

    let late = ask(&mut officer, &[("agency_reference", "NM-2026-119")]);
    site.work();
    assert_eq!(site.case(&late).state.code(), "held_suspension");
    reopen(&site);
    for id in [&id, &late] {
        assert_eq!(site.case(id).state.code(), "submitted", "checked anew");
    }
    site.work();
    assert_eq!(site.case(&id).state.code(), "casework_review");
    assert!(site.kinds().contains(&EventKind::ReopeningProposed));
}

#[test]
fn under_a_suspension_that_refuses_open_cases_are_refused_and_releases_recalled() {
    let site = Site::demonstration();
    let (released, mut officer, page) = ready(&site);
    let open = ask(
        &mut site.signed_in(OFFICER),
        &[("agency_reference", "NM-2")],
    );
    site.work();
    let check = suspend(&site, "refuse");
    assert!(check.says(&released) && check.says("Recalled"));
    assert!(check.says(&open) && check.says("Refused"));
    assert_eq!(site.case(&open).state.code(), "refused");
    assert_eq!(site.case(&released).state.code(), "recalled");
    let late = officer.submit(&format!("/requests/{released}/collection"), &page, &[]);
    assert_eq!(late.status, 409, "{}", late.text);
    assert!(!late.says("Larch Close"));
}

#[test]
fn what_was_approved_before_leaves_neither_first_nor_again_while_suspended() {
    let site = Site::demonstration();
    let (first, ..) = ready(&site);
    let (second, mut officer, other) = ready(&site);
    let page = officer.get(&format!("/requests/{first}")).ok();
    let collection = format!("/requests/{first}/collection");
    assert!(
        officer
            .submit(&collection, &page, &[])
            .ok()
            .says("Larch Close")
    );
    suspend(&site, "hold");
    let again = officer.submit(&collection, &page, &[]);
    assert_eq!(
        again.status, 409,
        "a repeat is a delivery too: {}",
        again.text
    );
    let collection = format!("/requests/{second}/collection");
    let late = officer.submit(&collection, &other, &[]);
    assert_eq!(late.status, 409, "{}", late.text);
    assert!(!late.says("Larch Close") && !again.says("Larch Close"));
    reopen(&site);
    assert!(
        officer
            .submit(&collection, &other, &[])
            .ok()
            .says("Larch Close")
    );
}

/// Lets a future go on, and says whether it still waits.
async fn is_pending(mut future: Pin<&mut impl Future>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

/// The lease is kept by the body of the answer; a suspension is acknowledged after it.
#[test]
fn a_suspension_waits_for_an_answer_on_its_way_and_nothing_follows_it() {
    let site = Site::demonstration();
    let (id, ..) = ready(&site);
    let gate = std::sync::Arc::clone(&site.gate);
    let officer = crate::personas::find(OFFICER).unwrap();
    let guardian = crate::personas::find(GUARDIAN).unwrap();
    site.block_on(async {
        let delivery = release::collect(&gate, &officer, &id, "a-key-of-its-own")
            .await
            .unwrap();
        let response = under_lease("the record".into_response(), delivery.lease);
        let name = "police-serious-crime/2026-01-01";
        let effect = AgreementState::SuspendedHold;
        let suspended = suspension::suspend(&gate, &guardian, name, effect, "a leak");
        let mut suspended = std::pin::pin!(suspended);
        // It bites at once, and is not acknowledged yet.
        while gate.store.standing(name).await.unwrap().unwrap().state != effect {
            assert!(is_pending(suspended.as_mut()).await);
            tokio::task::yield_now().await;
        }
        let refused = release::collect(&gate, &officer, &id, "a-key-of-its-own");
        assert!(is_pending(suspended.as_mut()).await);
        let bytes = to_bytes(response.into_body(), 1_000).await.unwrap();
        assert_eq!(bytes, "the record");
        suspended.await.unwrap();
        assert!(refused.await.is_err());
    });
}

#[test]
fn only_guardians_find_the_way_to_reopen() {
    let site = Site::demonstration();
    suspend(&site, "hold");
    for person in [OFFICER, CASEWORKER] {
        let mut browser = site.signed_in(person);
        assert!(!browser.get(AGREEMENT).ok().says("Reopen this version"));
        assert_eq!(browser.get(&format!("{AGREEMENT}/reopening")).status, 403);
    }
    assert!(
        site.signed_in(SECOND_GUARDIAN)
            .get(AGREEMENT)
            .ok()
            .says("Reopen this version")
    );
}

#[test]
fn what_a_guardian_takes_away_is_proved_listed_and_gone_at_once() {
    let site = Site::demonstration();
    let (waits, mut officer, page) = ready(&site);
    let open = ask(
        &mut site.signed_in(OFFICER),
        &[("agency_reference", "NM-3")],
    );
    site.work();
    site.later(SignedDuration::from_secs(1));
    let path = format!("{AGREEMENT}/narrowing");
    let mut guardian = site.signed_in(GUARDIAN);
    assert!(guardian.get(AGREEMENT).ok().says("Take something away"));
    let form = guardian.get(&path).ok();
    let nothing = guardian.submit(&path, &form, &[("reason", "r"), ("step", "check")]);
    assert_eq!(nothing.status, 422, "{}", nothing.text);
    let said = [
        ("fields", "last_known_address"),
        ("reason", "Too many addresses"),
        ("step", "check"),
    ];
    let check = guardian.submit(&path, &form, &said).ok();
    assert!(check.says("permits nothing that it refused before"));
    assert!(check.says(&open) && !check.says(&waits), "{}", check.text);
    let log = site
        .gate
        .settings
        .agreements
        .join("police-serious-crime/events.jsonl");
    let read = std::fs::read_to_string(&log).unwrap();
    let confirmed = [("step", "confirm")];
    let done = guardian.submit(&path, &check, &confirmed);
    assert_eq!(done.status, 303, "{}", done.text);
    let now = std::fs::read_to_string(&log).unwrap();
    assert_eq!(now.lines().count(), read.lines().count() + 1);
    let shown = guardian.get(AGREEMENT).ok();
    assert!(shown.says("No longer released: last known address."));
    assert!(shown.says("Narrowed") && shown.says("Too many addresses"));
    let travel = guardian.get(&format!("{AGREEMENT}/travel")).ok();
    let places = ["What can leave", "What never leaves", "Last known address"];
    let [_, never, address] = places.map(|words| travel.text.rfind(words).unwrap());
    assert!(address > never, "it is among what never leaves");

    // It is gone from the release that waits, and a second time there is nothing to take.
    let collected = officer.submit(&format!("/requests/{waits}/collection"), &page, &[]);
    assert!(
        !collected.says("Last known address</dt>"),
        "{}",
        collected.text
    );
    let again = guardian.submit(&path, &form, &said);
    assert_eq!(again.status, 422, "{}", again.text);
    assert!(again.says("does not narrow"));
}
