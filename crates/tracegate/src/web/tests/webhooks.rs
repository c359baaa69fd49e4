//! Webhooks through the front door: what an agency's machine is told, when, and how often.

use jiff::SignedDuration;
use serde_json::Value;

use super::casework::{call_back, step};
use super::interface::call;
use super::journey::{OFFICER, ask};
use super::metrics::Samples;
use super::receiver::{RETRY_AFTER, Receiver};
use super::site::{Site, token};
use crate::webhooks::send_due;

const POLICE: &str = "police-northmoor";

/// Lets the worker and the sender do what is due; how many messages were tried.
pub fn tell(site: &Site) -> usize {
    site.work();
    site.block_on(send_due(&site.gate, POLICE)).unwrap()
}

/// A request that is refused before any trace, and whose answer can be looked at.
fn refused(site: &Site) -> String {
    let theft = [("grounds.offence", "theft")];
    let id = ask(&mut site.signed_in(OFFICER), &theft);
    site.work();
    site.later(SignedDuration::from_hours(2));
    id
}

fn listed(site: &Site, query: &str) -> Vec<Value> {
    let path = format!("/webhooks{query}");
    let page = call(site, "GET", &path, Some(&token(OFFICER)));
    assert_eq!(page.status, 200, "{}", page.text);
    serde_json::from_str(&page.text).unwrap()
}

#[test]
fn a_message_names_the_case_and_nothing_else() {
    let receiver = Receiver::start();
    let site = receiver.site();
    let id = refused(&site);
    assert_eq!(tell(&site), 1);
    let told = receiver.take();
    let kinds: Vec<Value> = told
        .iter()
        .map(|told| told.json()["type"].clone())
        .collect();
    assert_eq!(kinds, ["endpoint.challenge", "request.changed"]);
    let body = told[1].json();
    assert_eq!(body["data"], serde_json::json!({ "case": id }));
    assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    let [message] = &listed(&site, "")[..] else {
        panic!("one message")
    };
    assert_eq!(message["id"], told[1].id.as_str());
    assert_eq!(message["status"], "delivered");
    // Once is enough, for the message and for the challenge.
    assert_eq!(tell(&site), 0);
    refused(&site);
    tell(&site);
    assert_eq!(receiver.take().len(), 1);
    // Nobody else learns of it.
    let other = call(
        &site,
        "GET",
        "/webhooks",
        Some(&token("clerk-idris-vaughan")),
    );
    assert_eq!(other.text, "[]");
}

#[test]
fn what_is_not_taken_comes_again_and_in_the_end_is_dead_until_it_is_asked_for() {
    let receiver = Receiver::start();
    let site = receiver.site();
    let id = refused(&site);
    receiver.answer(500);
    let mut pauses = Vec::new();
    let mut ids = Vec::new();
    loop {
        assert_eq!(tell(&site), 1);
        ids.extend(receiver.changes().into_iter().map(|told| told.id));
        let message = listed(&site, "").remove(0);
        assert_eq!(message["outcome"], "http_500", "{message}");
        let Some(due) = message["due_at"].as_str() else {
            assert_eq!(message["status"], "dead");
            break;
        };
        let due: jiff::Timestamp = due.parse().unwrap();
        let now = site.gate.clock.now();
        pauses.push((due - now).total(jiff::Unit::Second).unwrap());
        assert_eq!(tell(&site), 0, "it pauses");
        site.gate.clock.set(due);
    }
    assert_eq!(pauses.len(), 9, "{pauses:?}");
    for (pause, least) in pauses.iter().zip([
        RETRY_AFTER,
        300,
        1800,
        7200,
        18_000,
        36_000,
        50_400,
        72_000,
        86_400,
    ]) {
        let least = least as f64;
        assert!((least..=least * 1.2).contains(pause), "{pause} for {least}");
    }
    // An endpoint that never answered the challenge was sent nothing else.
    assert!(ids.is_empty(), "{ids:?}");
    assert_eq!(listed(&site, "?status=dead").len(), 1);
    Samples::of(&site).is("tracegate_webhooks{dead}", 1);

    let dead = listed(&site, "?status=dead").remove(0);
    receiver.answer(200);
    let path = format!("/webhooks/{}/replay", dead["id"].as_str().unwrap());
    let stranger = call(&site, "POST", &path, Some(&token("clerk-idris-vaughan")));
    assert_eq!(stranger.status, 404, "{}", stranger.text);
    let again = call(&site, "POST", &path, Some(&token(OFFICER)));
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(tell(&site), 1);
    let told = receiver.changes();
    assert_eq!(told[0].json()["data"]["case"], id.as_str());
    assert_eq!(told[0].id, dead["id"].as_str().unwrap());
    assert!(listed(&site, "?status=dead").is_empty());
}

#[test]
fn a_question_is_told_at_once() {
    let receiver = Receiver::start();
    let site = receiver.site();
    // An emergency waits for a person before its trace.
    let id = ask(&mut site.signed_in(OFFICER), &[("priority", "emergency")]);
    site.work();
    call_back(&site, &id);
    let question = [("question", "Which of the two warrants?")];
    let asked = step(&site, &id, "question", &question);
    assert_eq!(asked.status, 303, "{}", asked.text);
    assert_eq!(tell(&site), 1);
    let told = receiver.changes().remove(0);
    assert_eq!(told.json()["data"], serde_json::json!({ "case": id }));
    assert!(!told.body.contains("warrants"), "{}", told.body);
}

#[test]
fn an_endpoint_has_to_prove_itself_and_redirects_lead_nowhere() {
    let receiver = Receiver::start();
    let site = receiver.site();
    refused(&site);
    for (answer, outcome) in [
        (0, "challenge_failed"),
        (302, "http_302"),
        (307, "http_307"),
    ] {
        receiver.answer(answer);
        tell(&site);
        let message = listed(&site, "").remove(0);
        assert_eq!(message["outcome"], outcome);
        assert!(receiver.changes().is_empty(), "{outcome}");
        site.gate
            .clock
            .set(message["due_at"].as_str().unwrap().parse().unwrap());
    }
    receiver.answer(410);
    tell(&site);
    assert_eq!(
        listed(&site, "").remove(0)["status"],
        "dead",
        "410: no more of it"
    );
}

#[test]
fn what_was_being_sent_when_the_process_died_is_sent() {
    let receiver = Receiver::start();
    let site = receiver.site();
    refused(&site);
    site.work();
    // Taken, and never settled.
    let now = site.gate.clock.now();
    let taken = site
        .block_on(
            site.gate
                .store
                .webhooks_take((store::webhook::Channel::Webhook, POLICE), now, 8),
        )
        .unwrap();
    assert_eq!((taken.len(), tell(&site)), (1, 0));
    site.block_on(site.gate.store.outbox_recover()).unwrap();
    assert_eq!(tell(&site), 1);
    assert_eq!(receiver.changes()[0].id, taken[0].id);
}

#[test]
fn settings_name_addresses_outside_and_secrets_that_only_the_service_reads() {
    for address in [
        "http://agency.example/",
        "https://name@agency.example/",
        "ftp://a.example/",
        "told",
    ] {
        let site = Receiver::start().site();
        let mut settings = site.gate.settings.clone();
        settings.demonstration = false;
        settings.clients.clear();
        let webhook = settings.agencies[0].webhook.as_mut().unwrap();
        webhook.address = address.to_owned();
        let refused = format!("{:#}", settings.check().unwrap_err());
        assert!(refused.contains("webhook.address"), "{address}: {refused}");
        settings.agencies[0].webhook.as_mut().unwrap().address =
            "https://agency.example/told".to_owned();
        settings.check().unwrap();
    }
}
