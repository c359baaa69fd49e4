//! Sample data for the pages of a practice.

use serde_json::{Value as Json, json};

use super::templates::{AT, form, options};

pub fn samples(markup: &str) -> Vec<(&'static str, Json)> {
    let patient = |mail: Json| {
        json!({"given_name": markup, "middle_name": "", "family_name": markup,
            "previous_names": [markup], "birth_date": "1991", "birth_estimated": true, "nhs_number": "9",
            "interpreter": markup, "objection": markup, "residence": {"kind": "home", "address": markup, "town": markup, "postcode": "N", "mail": mail},
            "contact": {"phone": markup, "email": markup, "safe": ""}})
    };
    let registration = |protection: &str, mail: Json| {
        json!({"registration": {"id": "R-1", "version": 2, "patient": patient(mail),
            "protection": protection, "registered_at": AT, "changed_at": AT}})
    };
    let in_language =
        json!({"code": "ar", "name": "N", "direction": "rtl", "heading": markup, "said": [markup]});
    let asked = |error: bool, patient: Json, changes: Json| {
        json!({"practice": markup, "key": "k", "f": form(error), "languages": options(),
            "patient": patient, "kinds": options(), "changes": changes})
    };
    let letter = |code: &str| {
        json!({"code": code, "direction": "rtl", "title": markup, "dear": markup, "said": markup,
            "because": "b", "reason": markup, "after": [markup]})
    };
    let refusal = |told: Json| {
        json!({"letters": [letter("en"), letter("ar")], "practice": markup, "id": "R-1",
            "refused_at": AT, "told_at": told})
    };
    let line = json!({"id": "R-1", "at": AT, "kind": "home", "protection": true});
    let refused = |status: &str, told: Json| json!({"id": "R-1", "at": AT, "due": AT, "told": told, "reason": markup, "status": status});
    let mut samples = vec![
        (
            "practice/start.html",
            json!({"practice": markup, "registered": [], "refused": []}),
        ),
        (
            "practice/start.html",
            json!({"practice": markup, "registered": [line], "refused": [
                refused("overdue", json!(null)), refused("soon", json!(null)), refused("completed", json!(AT))]}),
        ),
        (
            "practice/register.html",
            asked(false, json!(null), json!(null)),
        ),
        (
            "practice/register.html",
            asked(
                true,
                in_language,
                json!({"id": "R-1", "seen": "1", "protected": true}),
            ),
        ),
        (
            "practice/registration.html",
            registration("none", json!(null)),
        ),
        (
            "practice/registration.html",
            registration(
                "requested",
                json!({"keeper": markup, "consent": true, "hold_days": 30}),
            ),
        ),
        (
            "practice/refuse.html",
            json!({"practice": markup, "key": "k", "f": form(true), "languages": options(), "reasons": options()}),
        ),
        ("practice/refusal.html", refusal(json!(null))),
        ("practice/refusal.html", refusal(json!(AT))),
    ];
    samples.extend(sheets(markup));
    samples
}

/// Sample data for what is printed and published.
fn sheets(markup: &str) -> Vec<(&'static str, Json)> {
    let language = json!({"code": "ar", "name": markup, "direction": "rtl", "reviewed": false, "incomplete": false});
    let sheet = |is_poster: bool| {
        json!({"language": language, "heading": markup, "texts": [markup], "ask": markup,
            "practice": markup, "is_poster": is_poster})
    };
    let month = json!({"month": "2026-03", "lines": [{"area": markup, "counts": [9, null, 9, 0, 9]},
        {"area": null, "counts": [9, null, 9, 0, 9]}]});
    let around = json!({"band": "0,0 1,1", "fitted": "0,0", "without": "0,0", "event_x": "3"});
    let chart = json!({"dots": [{"x": "1", "y": "1"}], "around": around, "first": "2026-01", "last": "2026-03", "most": "9"});
    let fit = json!({"rows": [{"name": markup, "ratio": "1", "band": "1 to 2"}], "dispersion": "1",
        "autocorrelation": "0", "degrees": 3});
    let watch = |fit: Json, chart: Json, months: Json| {
        json!({"months": months, "columns": ["registered", "home", "no_home", "protected", "unprotected"],
            "events": options(), "chosen": "x", "event": markup, "hidden": fit.is_null(), "chart": chart, "fit": fit})
    };
    let advice = json!({"act": "serve_notice", "code": "c", "answer": markup, "say": markup, "rule": "r", "bulk_or_data": true});
    let approaches = |advice: Json| json!({"key": "k", "f": form(true), "acts": options(), "agencies": options(), "advice": advice});
    vec![
        ("practice/approaches.html", approaches(json!(null))),
        ("practice/approaches.html", approaches(advice)),
        (
            "practice/toolkit.html",
            json!({"practice": markup, "steps": [{"field": "status", "question": "q"}],
                "languages": [language], "f": form(true)}),
        ),
        (
            "practice/certificate.html",
            json!({"practice": markup, "at": AT, "steps": ["q"], "left": []}),
        ),
        (
            "practice/certificate.html",
            json!({"practice": markup, "at": AT, "steps": ["q"], "left": [{"question": markup, "remedy": "r"}]}),
        ),
        ("practice/sheet.html", sheet(true)),
        ("practice/sheet.html", sheet(false)),
        (
            "agreements/travel.html",
            json!({"name": "a/1", "agreement": markup, "picture": markup,
                "boxes": [{"title": "t", "lines": [markup]}]}),
        ),
        (
            "public/watch.html",
            watch(json!(null), json!(null), json!([])),
        ),
        (
            "public/watch.html",
            watch(json!(null), json!(null), json!([month])),
        ),
        ("public/watch.html", watch(fit, chart, json!([month]))),
    ]
}
