//! Sample data for the pages of signing in and of sessions.

use serde_json::{Value as Json, json};

const AT: &str = "2026-03-02T09:00:00Z";

pub fn samples(markup: &str) -> Vec<(&'static str, Json)> {
    let desks = json!([{"name": "D", "people": [{"id": "p", "name": markup, "role": "r", "asks_number": true}]}]);
    let line = |here: bool| {
        json!({"mark": "0a", "id": "i", "name": markup, "role": "r", "organization": markup,
            "browser": markup, "begun_at": AT, "used_at": AT, "here": here})
    };
    let sessions = |may_end_others: bool, others: Json| {
        json!({"own": [line(true), line(false)], "may_end_others": may_end_others,
            "others": others, "idle_minutes": 15, "longest_hours": 10, "decide_minutes": 5,
            "demonstration": may_end_others})
    };
    let account = |wrong: bool| {
        json!({"f": super::templates::form(wrong), "attempts": 5, "days": 3, "least": 12,
            "login": markup, "enrolment": markup, "key": "K", "spaced": "K", "address": "otpauth://",
            "picture": {"side": 29, "black": "M4,4h1v1h-1z"}})
    };
    let person = json!({"id": "i", "name": markup, "role": "r", "organization": markup,
        "rank": markup, "standing": "locked", "unlocks": true});
    let people = |people: Json, accounts: bool| {
        let issuer = (!accounts).then_some(markup);
        json!({"rooms": [{"what": "w", "roles": "r"}], "people": people, "issuer": issuer,
            "accounts": accounts})
    };
    vec![
        ("sign_in.html", json!({"desks": desks, "issuer": null})),
        ("sign_in.html", json!({"desks": null, "issuer": null})),
        ("sign_in.html", json!({"desks": null, "issuer": markup})),
        ("sign_in/account.html", account(false)),
        ("sign_in/account.html", account(true)),
        ("sign_in/enrolment.html", account(true)),
        ("sign_in/key.html", account(true)),
        ("sign_in/confirm.html", account(true)),
        ("people.html", people(json!([]), true)),
        ("people.html", people(json!([person]), true)),
        ("people.html", people(json!([]), false)),
        ("sign_in/done.html", json!({"next": "/cases"})),
        (
            "sign_in/unsent.html",
            json!({"path": "/cases/TG-1/decision", "carried": [{"name": "n", "value": markup}]}),
        ),
        ("sessions.html", sessions(false, json!([]))),
        ("sessions.html", sessions(true, json!([]))),
        ("sessions.html", sessions(true, json!([line(false)]))),
    ]
}
