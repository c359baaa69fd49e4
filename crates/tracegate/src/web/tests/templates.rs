//! Every template with sample data: empty and full, long names, and markup where people type.

use std::collections::BTreeSet;

use minijinja::{Value, context};
use serde_json::{Value as Json, json};

use super::case_samples::{self, hands, looks};
use super::pages::has_foreign_script;
use super::{door_samples, evidence, own_samples, request_samples, told_samples};
use crate::web::page;

/// What somebody might type into a name.
pub const MARKUP: &str = "<script>alert(1)</script> & \"quoted\" 'name'";

/// A name of 120 letters without a space.
fn long_name() -> String {
    "Wolfeschlegelsteinhausenbergerdorff".repeat(4)[..120].to_owned()
}

fn frame() -> Value {
    page::value(json!({
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
        },
        "form_token": "token",
        "demonstration": true,
    }))
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
        "review": {"own_view": MARKUP, "by": person(), "at": AT}, "draft": draft(),
        "exchanges": [{"question": MARKUP, "answer": MARKUP}],
    })
}

fn checks() -> Json {
    let check = |result: &str, blocking: bool| {
        json!({"title": "T", "waits": result == "needs_human" && blocking,
            "weighed": !blocking, "check": {
            "clause": "2.1", "text": MARKUP, "result": result, "cure": MARKUP,
            "blocking": blocking, "answered_by": person(), "reason": MARKUP}})
    };
    json!([
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

fn emergency(step: &str, error: bool) -> Json {
    json!({
        "step": step, "view": view(), "facts": rows(), "fields": options(),
        "gateways": options(), "f": form(error), "draft": draft(), "asked": ["Name"],
        "views": [{"name": "necessity", "question": "Why?", "hint": "h"}],
        "released": ["Name"], "review_due": AT,
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
        "quarters": ["2026-Q3", "2026-Q2"], "columns": ["refused", "held"],
        "lines": if full { lines } else { json!([]) },
        "bars": [{"name": "refused", "count": 18, "length": 420, "y": 0}, {"name": "held", "count": null, "length": 0, "y": 34}],
    })
}

fn terms() -> Json {
    json!({
        "title": MARKUP, "benefit": "b", "purposes": ["serious_crime"], "lawful_basis": "l",
        "confidence_basis": "c", "complaints": "d", "never_fields": ["clinical"],
        "fields_by_purpose": {"serious_crime": ["name"]},
        "parties": {"requesters": ["police-northmoor"], "controller": "northmoor"},
        "handling": {"data_life_days": 1, "outcome_due_days": 2, "onward_rule": "o"},
    })
}

fn agreement(full: bool) -> Json {
    let event = json!({"event": "in_force", "effective": AT, "recorded": AT, "reason": MARKUP,
        "authority": "a", "source": "s"});
    json!({
        "name": "a/1", "terms": terms(), "gateways": options(), "hash": "00", "state": "in_force",
        "may_suspend": full, "may_replay": full, "others": if full { json!(["2"]) } else { json!([]) },
        "clauses": [{"number": "1.1", "title": MARKUP, "kind": "coded", "text": "t", "source": "s"}],
        "events": if full { json!([event]) } else { json!([]) },
        "interest": if full {
            json!({"id": "i", "conclusion": "met", "decided_by": "d", "expires_at": "2027-01-01",
                "valid": true})
        } else { Json::Null },
    })
}

fn diff(full: bool) -> Json {
    let changes = json!([{"clause": "2.1", "text": MARKUP, "fields": ["name"],
        "witness": {"words": [MARKUP]}}]);
    let list = |items: Json| if full { items } else { json!([]) };
    let hash = json!({"content_hash": "00"});
    json!({
        "from": "a/1", "to": "a/2", "sentence": "s", "tone": "good",
        "c": {"engine": "e", "digest": "00", "not_said": ["n"], "comparison": {
            "from": hash, "to": hash, "permits_something": full, "clinical_never": full,
            "offence_days_widened": list(json!(["arson"])), "terms": list(json!([{"term": "t"}]))}},
        "fields": list(json!([{"code": "name", "word": "same", "tone": "calm"}])),
        "clauses": [{"id": "widens", "title": "w", "changes": list(changes)}],
    })
}

fn replay(full: bool) -> Json {
    let part =
        json!({"word": "cannot tell", "class": "cannot-tell", "count": 2, "x": 0, "width": 9});
    let changed = json!({"reference": "TG-1", "at": AT, "then": "released", "now": "refused",
        "failing": ["2.1"]});
    let tally = json!({"name": "sentence_months", "requests": 2});
    let list = |item: &Json| if full { json!([item]) } else { json!([]) };
    json!({
        "name": "a/1", "height": 58, "left_out": u64::from(full),
        "bars": [{"label": "All", "total": 2, "y": 0, "parts": [part]}],
        "report": {"requests": 2 * u64::from(full), "missing": list(&tally), "failing": list(&tally),
            "changed": list(&changed), "counts": {"released": 0, "refused": 0, "cannot_tell": 2}},
    })
}

fn suspension(error: bool) -> Json {
    json!({
        "name": "a/1", "agreement_title": MARKUP, "state": "in_force", "open_cases": 1,
        "uncollected": 1, "longest": 1, "caught": [{"case": "TG-1", "agency": "a-b",
            "state": "checked", "fate": "held"}],
        "f": form(error), "carried": [{"name": "reason", "value": MARKUP}],
    })
}

fn reopening(proposed: bool, is_first: bool) -> Json {
    let by = json!({"name": MARKUP});
    let proposal = json!({"at": AT, "by": by, "reason": MARKUP});
    json!({
        "name": "a/1", "agreement_title": MARKUP, "state": "suspended_hold", "seen": 2,
        "reopens_as": "in_force", "is_first": is_first, "f": form(true),
        "suspension": {"at": AT, "by": by, "reason": MARKUP,
            "proposed": if proposed { proposal } else { Json::Null }},
    })
}

/// Template and content, at least one for each page.
fn agreement_samples() -> Vec<(&'static str, Json)> {
    let list = json!({"agreements": [{"id": "a", "versions": [{"name": "a/1", "version": "1",
        "title": MARKUP, "marker": "sample", "benefit": "b", "requesters": ["x-y"],
        "effective": "2026-01-01", "state": "in_force"}]}],
        "register": [{"name": "a/1", "event": {"event": "agreed", "effective": AT, "recorded": AT,
            "authority": MARKUP, "reason": MARKUP, "source": MARKUP}}]});
    vec![
        ("agreements/list.html", list),
        (
            "agreements/list.html",
            json!({"agreements": [], "register": []}),
        ),
        (
            "public/challenge.html",
            json!({"addresses": [{"name": "a/1", "title": MARKUP, "complaints": MARKUP}]}),
        ),
        ("public/challenge.html", json!({"addresses": []})),
        ("agreements/show.html", agreement(true)),
        ("agreements/show.html", agreement(false)),
        ("agreements/diff.html", diff(true)),
        ("agreements/diff.html", diff(false)),
        ("agreements/diff.html", json!({"undecided": MARKUP})),
        ("agreements/replay.html", replay(true)),
        ("agreements/replay.html", replay(false)),
        ("agreements/suspend.html", suspension(true)),
        ("agreements/suspend_check.html", suspension(false)),
        ("emergency.html", emergency("declare", true)),
        ("emergency.html", emergency("release", false)),
        ("emergency.html", emergency("review", true)),
        ("agreements/reopen.html", reopening(false, false)),
        ("agreements/reopen.html", reopening(true, true)),
        ("agreements/reopen.html", reopening(true, false)),
    ]
}

fn samples() -> Vec<(&'static str, Json)> {
    let line = json!({"mine": false, "hands": MARKUP, "deadline": "soon", "urgent": "emergency",
        "line": {"case": "TG-2222-2222-22", "state": "checked", "agency": "x-y", "purpose": MARKUP,
            "agreement": null, "received_at": AT, "expires_at": AT}});
    let queue = |lines: Json| {
        json!({"lines": lines, "longest": 1, "state": "checked", "ended_states": ["closed"],
            "counts": [{"code": "checked", "count": 1}], "agreements": options(), "f": form(false)})
    };
    let record = json!({"id": "TG-1", "record": outgoing()["record"],
        "release": {"data_life_until": AT, "outcome_due_at": AT, "onward_rule": MARKUP}});
    let review = |error: bool| {
        json!({"view": view(), "facts": rows(), "trace": trace(false), "f": form(error),
            "own_view": MARKUP, "draft": draft(), "outgoing": outgoing(), "objection": MARKUP})
    };
    let log = |head: Json, entries: Json| json!({"recorded": 9, "published": 8, "head": head.clone(), "standing": "stopped", "stopped_by": if head.is_null() { "contradiction" } else { "behind" }, "behind_seconds": 601, "stop_seconds": 600, "why": head, "key": MARKUP, "entries": entries});
    let next = json!({"address": "/", "text": "On"});
    let mut samples = agreement_samples();
    samples.extend(evidence::samples(MARKUP));
    samples.extend(told_samples::samples(MARKUP));
    samples.extend(door_samples::samples(MARKUP));
    samples.extend(own_samples::samples(MARKUP));
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

fn rendered(name: &str, content: Json) -> String {
    let content = page::value(content);
    page::text(name, context! { page => frame(), ..content })
        .unwrap_or_else(|error| panic!("{name}: {error:#}"))
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
