//! Sample data for the pages of the person asked about, and for the corrections they ask for.

use serde_json::{Value as Json, json};

use super::templates::form;

const AT: &str = "2026-03-02T09:30:00Z";

/// Template and content, at least one full and one empty for each page.
pub fn samples(markup: &str) -> Vec<(&'static str, Json)> {
    vec![
        ("yours/home.html", home(markup, true)),
        ("yours/home.html", home(markup, false)),
        ("yours/log.html", log(markup, true)),
        ("yours/log.html", log(markup, false)),
        ("yours/details.html", details(markup, true)),
        ("yours/details.html", details(markup, false)),
        ("yours/choices.html", choices(markup, true)),
        ("yours/choices.html", choices(markup, false)),
        ("yours/helpers.html", helpers(markup, true)),
        ("yours/helpers.html", helpers(markup, false)),
        (
            "corrections/list.html",
            json!({"lines": [{"since": AT, "count": 2, "reference": markup}]}),
        ),
        ("corrections/list.html", json!({"lines": []})),
        ("corrections/show.html", correction(markup, true)),
        ("corrections/show.html", correction(markup, false)),
    ]
}

fn home(markup: &str, full: bool) -> Json {
    let other = json!({"reference": "w1", "initials": markup, "since": AT});
    json!({"f": form(full), "has_own": full, "others": if full { json!([other]) } else { json!([]) }})
}

fn log(markup: &str, full: bool) -> Json {
    let entry = json!({"index": 7, "at": AT, "kind": "released", "text": markup, "receiver": "a-b",
        "case": "TG-1", "agreement": "a/1", "basis": "L3", "was_deferred": true});
    json!({"f": form(false), "done": "", "for_them": full, "reference": if full { "w1" } else { "" },
        "log": {"erased": u64::from(full), "in_file": 1,
            "entries": if full { json!([entry]) } else { json!([]) }}})
}

fn details(markup: &str, full: bool) -> Json {
    let one = |state: &str, reason: Json| json!({"what": markup, "says": markup, "at": AT, "state": state, "reason": reason});
    json!({"f": form(full), "done": if full { markup } else { "" }, "for_them": full,
        "reference": if full { "w1" } else { "" },
        "details": if full { json!([{"label": "Name", "text": markup}]) } else { Json::Null },
        "items": [{"code": "name", "words": "Name"}],
        "corrections": if full {
            json!([one("waits", Json::Null), one("agreed", json!(markup)), one("declined", json!(markup))])
        } else { json!([]) }})
}

fn choices(markup: &str, full: bool) -> Json {
    let since = if full { json!(AT) } else { Json::Null };
    json!({"f": form(full), "done": if full { markup } else { "" }, "for_them": false, "reference": "",
        "protected_since": since, "protected_by_index": false, "end_asked": false,
        "objection": if full { json!({"text": markup, "at": AT}) } else { Json::Null }})
}

fn helpers(markup: &str, full: bool) -> Json {
    let one = |ended: Json| json!({"place": 0, "name": markup, "since": AT, "ended_at": ended});
    json!({"f": form(false), "done": if full { markup } else { "" }, "for_them": false, "reference": "",
        "code": if full { json!(markup) } else { Json::Null }, "invited_until": AT,
        "helpers": if full { json!([one(Json::Null), one(json!(AT))]) } else { json!([]) }})
}

fn correction(markup: &str, ends: bool) -> Json {
    json!({"f": form(true), "reference": "w1", "version": 3, "person": markup, "others": u8::from(ends),
        "asked": {"place": 0, "what": markup, "ends_protection": ends, "says": markup,
            "held": markup, "held_then": "another", "at": AT}})
}
