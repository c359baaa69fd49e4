//! Every template with sample data: empty and full, long names, and markup where people type.

use std::collections::BTreeSet;

use minijinja::{Value, context};
use serde_json::{Value as Json, json};

use super::case_samples::{self, hands, looks};
use super::pages::has_foreign_script;
use super::{
    agreement_samples, door_samples, evidence, own_samples, practice_samples, request_samples,
    told_samples,
};
use crate::web::page;

/// What somebody might type into a name.
pub const MARKUP: &str = "<script>alert(1)</script> & \"quoted\" 'name'";

/// A name of 120 letters without a space.
fn long_name() -> String {
    "Wolfeschlegelsteinhausenbergerdorff".repeat(4)[..120].to_owned()
}

fn frame() -> Value {
    page::value(frame_json())
}

pub fn frame_json() -> Json {
    json!({
        "title": "A page",
        "section": "start",
        "who": {
            "name": MARKUP,
            "role": "Caseworker",
            "organization": long_name(),
            "desk": "Controller desk",
            "requests": true,
            "cases": true,
            "subject_access": true,
            "staff": true,
            "oversight": true,
            "own": true,
            "people": true,
            "practice": true,
        },
        "form_token": "token",
        "demonstration": true,
    })
}

pub fn form(error: bool) -> Json {
    let errors = if error {
        json!([
            {"field": "subject.surname", "message": MARKUP},
            {"field": "fields", "message": "Choose"},
        ])
    } else {
        json!([])
    };
    let by_field = if error {
        json!({"subject.surname": MARKUP})
    } else {
        json!({})
    };
    json!({
        "values": {"subject.surname": MARKUP, "own_view": long_name(), "reason": MARKUP, "effect": "hold"},
        "chosen": {"fields": ["name"], "choice": ["release"]},
        "errors": by_field,
        "summary": errors,
    })
}

pub fn rows() -> Json {
    json!([{"title": "The person", "rows": [
        {"label": "Surname", "text": MARKUP},
        {"label": "Given name", "text": long_name()},
    ]}, {"title": "Nothing said", "rows": []}])
}

pub fn options() -> Json {
    json!([{"code": "name", "words": MARKUP}, {"code": "x", "words": long_name()}])
}

fn person() -> Json {
    json!({"id": "p", "name": MARKUP, "role": "caseworker", "organization": "controller"})
}

pub const AT: &str = "2026-03-02T09:30:00Z";

fn draft() -> Json {
    json!({
        "proposal": {"release": ["name", "last_known_address"]},
        "gateway": "L3",
        "views": {"necessity": MARKUP, "public_interest": "b", "harm": "c", "public_health": "d"},
        "by": person(),
        "at": AT,
    })
}

fn outgoing() -> Json {
    json!({
        "forward": false,
        "recipient": "police-northmoor",
        "record": [
            {"field": "name", "value": MARKUP},
            {"field": "last_known_address", "value": "not_held"},
        ],
        "data_life_days": 180,
        "outcome_due_days": 90,
        "onward_rule": MARKUP,
    })
}

fn trace(protected: bool) -> Json {
    json!({
        "outcome": "single", "engine": "bayes", "examined": 12, "tracer": MARKUP, "at": AT,
        "index_version": "abc", "protected": protected, "candidates": 1,
    })
}

fn comparison() -> Json {
    let cell = json!({"finding": "exact", "bits": "+12.1", "total": "12.1", "against": false, "compared": true,
        "x": "50.0", "width": "40.0"});
    let column = json!({"letter": "A", "person_ref": long_name(), "probability": "99.10 %",
        "share": "0.9910", "score": "31.0", "on_history": true, "restricted": true, "jan1": true});
    json!({
        "columns": [column.clone(), column],
        "rows": [{"field": "birth date", "cells": [cell, null]}],
        "gap": "9.1",
        "not_shown": 3,
    })
}

pub fn answer(status: &str) -> Json {
    json!({
        "case": "TG-2222-2222-22", "status": status, "message": MARKUP, "code": "no_agreement",
        "reasons": [{"code": "c", "clause": "2.1", "text": MARKUP, "cure": long_name()}],
        "next": "Wait",
    })
}

fn view() -> Json {
    json!({
        "case": "TG-2222-2222-22", "version": 3, "received_at": AT, "state": "submitted",
        "internal_code": "no_trace", "outcome": "located", "agreement": "a/1", "answer": answer("received"),
        "history": [{"at": AT, "what": "Request received", "who": MARKUP, "note": "every_clause"}],
        "review": {"own_view": MARKUP, "changed": MARKUP, "by": person(), "at": AT}, "draft": draft(),
        "own_views": [{"text": MARKUP, "by": person(), "at": AT}],
        "exchanges": [{"question": MARKUP, "answer": MARKUP}], "call_back": [MARKUP],
        "requester_check": {"method": "session", "credential": MARKUP, "key": MARKUP, "at": AT, "odd": ["address"],
            "second_channel": {"by": person(), "at": AT, "confirmed": true}},
    })
}

fn checks() -> Json {
    let check = |result: &str, blocking: bool| {
        json!({"title": "T", "waits": result == "needs_human" && blocking,
            "weighed": !blocking, "check": {
            "clause": "2.1", "text": MARKUP, "result": result, "cure": MARKUP,
            "blocking": blocking, "answered_by": person(), "reason": MARKUP}})
    };
    let mut call_back = check("needs_human", true);
    call_back["check"]["clause"] = json!("requester");
    json!([
        call_back,
        check("pass", true),
        check("fail", true),
        check("fail", false),
        check("needs_human", true),
        check("needs_human", false),
        check("not_applicable", false),
    ])
}

pub fn case(steps: bool, protected: bool) -> Json {
    json!({
        "view": view(), "opened_at": AT, "seen_by": looks(), "facts": rows(), "checks": checks(),
        "steps": {"answer": steps, "trace": steps, "decide": steps, "review": steps,
            "ask": steps, "recall": steps, "destruction": steps,
            "emergency": if steps { json!("declare") } else { Json::Null }},
        "hands": hands(), "recall_reasons": ["wrong_person"],
        "trace": trace(protected),
        "comparison": if protected { Json::Null } else { comparison() },
        "draft": draft(), "objection": MARKUP,
    })
}

pub fn empty_case() -> Json {
    let mut view = view();
    for part in [
        "internal_code",
        "outcome",
        "agreement",
        "review",
        "draft",
        "exchanges",
        "call_back",
        "requester_check",
    ] {
        view[part] = Json::Null;
    }
    json!({
        "view": view, "opened_at": AT, "seen_by": [], "facts": [], "checks": [], "trace": null,
        "steps": {"answer": false, "trace": false, "decide": false, "review": false,
            "ask": false, "recall": false, "destruction": false, "emergency": null},
        "hands": hands(), "recall_reasons": [],
        "comparison": null, "draft": null, "objection": null,
    })
}

pub fn emergency(step: &str, error: bool) -> Json {
    json!({
        "step": step, "view": view(), "facts": rows(), "fields": options(),
        "gateways": options(), "f": form(error), "draft": draft(), "asked": ["Name"],
        "views": [{"name": "necessity", "question": "Why?", "hint": "h"}],
        "released": ["Name"], "review_due": AT,
        "own_view": (step == "review").then(|| json!({"text": MARKUP, "at": AT})),
    })
}

fn decision(single: bool, error: bool) -> Json {
    json!({
        "view": view(), "facts": rows(), "trace": trace(false), "single": single,
        "may_forward": single, "fields": options(), "not_permitted": options(),
        "gateways": options(), "codes": options(), "f": form(error), "objection": MARKUP,
        "views": [{"name": "necessity", "question": "Why?", "hint": "h"}],
    })
}

fn preview(kind: &str) -> Json {
    json!({
        "id": "TG-2222-2222-22", "kind": kind, "gateway": MARKUP,
        "outgoing": if kind == "no_result" { Json::Null } else { outgoing() },
        "code": if kind == "no_result" { json!("no_trace") } else { Json::Null },
        "views": [{"question": "Why?", "text": MARKUP}],
        "carried": [{"name": "harm", "value": MARKUP}],
    })
}

fn statistics(full: bool) -> Json {
    let lines = json!([
        {"agreement": "a/1", "agency": "police-northmoor", "counts": [9, null, 0]},
        {"agreement": "none", "agency": MARKUP, "counts": [9, null, 0]},
        {"agreement": null, "agency": null, "counts": [18, 18, 0]},
    ]);
    json!({
        "quarter": if full { json!("2026-Q3") } else { json!(null) }, "as_of": AT, "next": AT,
        "quarters": ["2026-Q3", "2026-Q2"], "columns": ["refused", "held"], "details": true,
        "edition": "2026-Q3-correction-1", "earlier": ["2026-Q3"],
        "correction": if full { json!({"reason": MARKUP, "at": AT}) } else { json!(null) },
        "lines": if full { lines } else { json!([]) },
        "bars": [{"name": "refused", "count": 18, "length": 420, "y": 0}, {"name": "held", "count": null, "length": 0, "y": 34}],
    })
}

pub fn samples() -> Vec<(&'static str, Json)> {
    let line = json!({"mine": false, "hands": MARKUP, "deadline": "soon", "urgent": "emergency",
        "line": {"case": "TG-2222-2222-22", "state": "checked", "agency": "x-y", "purpose": MARKUP,
            "agreement": null, "received_at": AT, "expires_at": AT}});
    let queue = |lines: Json| {
        json!({"lines": lines, "begins": false, "next": MARKUP, "state": "checked", "ended_states": ["closed"],
            "counts": [{"code": "checked", "count": 1}], "agreements": options(), "f": form(false)})
    };
    let record = json!({"id": "TG-1", "record": outgoing()["record"],
        "release": {"data_life_until": AT, "outcome_due_at": AT, "onward_rule": MARKUP}});
    let review = |error: bool| {
        json!({"view": view(), "facts": rows(), "trace": trace(false), "f": form(error),
            "own_view": {"text": MARKUP, "by": person(), "at": AT}, "draft": draft(), "outgoing": outgoing(), "objection": MARKUP})
    };
    let log = |head: Json, entries: Json| json!({"recorded": 9, "published": 8, "head": head.clone(), "standing": "stopped", "stopped_by": if head.is_null() { "contradiction" } else { "behind" }, "behind_seconds": 601, "stop_seconds": 600, "why": head, "key": MARKUP, "entries": entries});
    let next = json!({"address": "/", "text": "On"});
    let mut samples = agreement_samples::all();
    samples.extend(evidence::samples(MARKUP));
    samples.extend(told_samples::samples(MARKUP));
    samples.extend(door_samples::samples(MARKUP));
    samples.extend(own_samples::samples(MARKUP));
    samples.extend(practice_samples::samples(MARKUP));
    samples.extend(request_samples::samples(MARKUP));
    samples.extend(case_samples::samples());
    samples.extend([
        (
            "error.html",
            json!({"title": "T", "detail": MARKUP, "next": next}),
        ),
        (
            "error.html",
            json!({"title": "T", "detail": MARKUP, "next": null}),
        ),
        ("public/start.html", json!({})),
        ("public/statistics.html", statistics(true)),
        ("public/statistics.html", statistics(false)),
        (
            "public/log.html",
            log(json!(MARKUP), json!([{"index": 1, "kind": "K", "at": AT}])),
        ),
        ("public/log.html", log(Json::Null, json!([]))),
        ("requests/record.html", record),
        ("cases/queue.html", queue(json!([line]))),
        ("cases/queue.html", queue(json!([]))),
        ("cases/case.html", case(true, false)),
        ("cases/case.html", case(false, true)),
        ("cases/case.html", empty_case()),
        (
            "cases/protected.html",
            json!({"id": "TG-1", "state": "s", "comparison": null, "summary": null}),
        ),
        (
            "cases/protected.html",
            json!({"id": "TG-1", "state": "s", "comparison": comparison(), "summary": trace(true)}),
        ),
        ("decision/form.html", decision(true, true)),
        ("decision/form.html", decision(false, false)),
        ("decision/preview.html", preview("release")),
        ("decision/preview.html", preview("forward")),
        ("decision/preview.html", preview("no_result")),
        ("second_review/own_view.html", review(true)),
        ("second_review/decide.html", review(false)),
    ]);
    samples
}

/// The sample as a page gets it.
pub fn context_of(content: Json) -> Value {
    let content = page::value(content);
    context! { page => frame(), ..content }
}

fn rendered(name: &str, content: Json) -> String {
    page::text(name, context_of(content)).unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

#[test]
fn every_template_renders_and_escapes_what_people_type() {
    let mut pages = BTreeSet::new();
    for (name, content) in samples() {
        let text = rendered(name, content);
        pages.insert(name);
        assert!(!has_foreign_script(&text), "{name} lets markup through");
        assert!(
            text.contains("&lt;script&gt;"),
            "{name} does not show what was typed"
        );
        assert!(!text.contains("style="), "{name} has an inline style");
        assert!(!text.contains("onclick"), "{name} has a script");
    }
    // These are parts of pages and not pages themselves.
    let parts = [
        "base.html",
        "alone.html",
        "nhsuk.html",
        "nhsuk_fields.html",
        "parts.html",
        "forms.html",
        "requests/section_you.html",
        "requests/section_person.html",
        "requests/section_grounds.html",
        "requests/section_why.html",
        "requests/section_tried.html",
        "requests/section_data.html",
        "requests/section_urgency.html",
        "agreements/interest_text.html",
        "cases/facts.html",
        "cases/exchanges.html",
        "cases/objection.html",
        "subject_entries.html",
        "yours/parts.html",
        "cases/reviewed.html",
        "cases/hands.html",
        "cases/checks.html",
        "cases/candidates.html",
    ];
    let all: BTreeSet<&str> = page::TEMPLATES.iter().map(|(name, _)| *name).collect();
    let seen: BTreeSet<&str> = pages.into_iter().chain(parts).collect();
    assert_eq!(all, seen);
}

#[test]
fn every_page_is_sound_html() {
    for (name, content) in samples() {
        let text = rendered(name, content);
        let mut ids = BTreeSet::new();
        for (at, _) in text.match_indices(" id=\"") {
            let id = text[at + 5..].split('"').next().unwrap();
            assert!(ids.insert(id), "{name} has the id `{id}` twice");
        }
        for attribute in [" for=\"", " aria-labelledby=\"", " aria-describedby=\""] {
            for (at, _) in text.match_indices(attribute) {
                let names = text[at + attribute.len()..].split('"').next().unwrap();
                for id in names.split_whitespace() {
                    assert!(ids.contains(id), "{name}: {attribute} names no `{id}`");
                }
            }
        }
        assert_eq!(
            text.matches("<h1").count(),
            1,
            "{name} needs one main heading"
        );
        for tag in [
            "div", "section", "form", "fieldset", "table", "ul", "ol", "dl", "details",
        ] {
            let opened = text.matches(&format!("<{tag}>")).count()
                + text.matches(&format!("<{tag} ")).count();
            assert_eq!(
                opened,
                text.matches(&format!("</{tag}>")).count(),
                "<{tag}> in {name}"
            );
        }
    }
}
