//! Sample data for the pages about who is told what: subject access, deferral, oversight, erasure.

use serde_json::{Value as Json, json};

use super::templates::form;

const AT: &str = "2026-03-02T09:30:00Z";

/// Template and content, at least one full and one empty for each page.
pub fn samples(markup: &str) -> Vec<(&'static str, Json)> {
    vec![
        ("subject_access.html", json!({"f": form(true)})),
        ("subject_access.html", subject_log(markup, true)),
        ("subject_access.html", subject_log(markup, false)),
        ("deferrals.html", deferrals(markup, true)),
        ("deferrals.html", deferrals(markup, false)),
        ("refusals.html", refusals(markup, true)),
        ("refusals.html", refusals(markup, false)),
        ("cases/deferral.html", deferral(markup, true, true)),
        ("cases/deferral.html", deferral(markup, true, false)),
        ("cases/deferral.html", deferral(markup, false, true)),
        ("oversight.html", json!({"f": form(true), "count_max": 100})),
        ("oversight.html", checked(markup, true)),
        ("oversight.html", checked(markup, false)),
        ("oversight.html", oversight(markup, true)),
        ("oversight.html", oversight(markup, false)),
        ("erasure/list.html", erasures(markup, true)),
        ("erasure/list.html", erasures(markup, false)),
        ("erasure/check.html", erasure(markup, "waits", true)),
        ("erasure/check.html", erasure(markup, "waits", false)),
    ]
}

fn checked(markup: &str, good: bool) -> Json {
    let count = json!({"what": markup, "note": "wrong_person", "entries": 2, "newest": 7});
    json!({
        "f": form(false), "count_max": 100,
        "verified": if good {
            json!({"entries": 9, "tiles": 1, "root": "ab", "fault": null})
        } else {
            json!({"fault": markup})
        },
        "people": if good { json!([count]) } else { json!([]) },
    })
}

fn subject_log(markup: &str, full: bool) -> Json {
    let entry = json!({"index": 7, "at": AT, "kind": "released", "text": markup, "receiver": "a-b",
        "case": "TG-1", "agreement": "a/1", "basis": "L3", "was_deferred": true});
    let bare = json!({"index": 6, "at": AT, "kind": "examined", "text": markup, "receiver": "a-b",
        "case": null, "agreement": null, "basis": null, "was_deferred": false});
    json!({
        "f": form(false), "person": markup, "hidden": full,
        "log": {"erased": u64::from(full), "in_file": 1,
            "entries": if full { json!([entry, bare]) } else { json!([]) }},
    })
}

fn deferral(markup: &str, open: bool, full: bool) -> Json {
    let by = json!({"name": markup});
    let renewal = json!({"by": by, "at": AT, "until": AT, "reason": markup});
    let deferral = json!({"ground": "crime", "asked_by": by, "since": AT, "until": AT,
        "renewals": if full { json!([renewal]) } else { json!([]) },
        "ended_at": if open { Json::Null } else { json!(AT) }});
    json!({
        "id": "TG-1", "seen": 2, "state": "checked", "open": open, "days": 90,
        "deferral": if full || !open { deferral } else { Json::Null },
        "may_defer": !full, "never": full, "may_renew": open && full, "may_end": full, "rests_on": !open,
        "grounds": [{"code": "crime", "words": markup}], "f": form(full),
    })
}

fn deferrals(markup: &str, full: bool) -> Json {
    let line = json!({"case": "TG-1", "agency": "a-b", "deferral": deferral(markup, true, true)["deferral"]});
    json!({"lines": if full { json!([line]) } else { json!([]) }, "entries": 3, "people": 2})
}

fn refusals(markup: &str, full: bool) -> Json {
    let line = |organization: Json| json!({"at": AT, "organization": organization, "who": markup, "place": markup, "why": "w"});
    let lines = [line(json!("a-b")), line(Json::Null)];
    json!({"lines": if full { json!(lines) } else { json!([]) }, "most": 2})
}

fn oversight(markup: &str, full: bool) -> Json {
    let entry = json!({"index": 7, "kind": "Traced", "at": AT, "audit": markup, "salt": "00",
        "leaf": "01"});
    let difference = json!({"agreement": null, "agency": "a-b", "column": "no_result",
        "published": 2, "recomputed": 3});
    let list = |one: Json| if full { json!([one]) } else { json!([]) };
    json!({
        "f": form(false), "count_max": 100,
        "sample": {"entries": list(entry), "within": 9, "size": 20,
            "seed": if full { json!(markup) } else { Json::Null }},
        "recomputed": {"differences": list(difference), "under_head": !full, "cases": 3,
            "entries": 20},
        "deferred": {"cases": 1, "entries": u64::from(full), "people": 1},
    })
}

fn erasure(markup: &str, standing: &str, may_confirm: bool) -> Json {
    json!({
        "proposal": {"index": 3, "case": "TG-1", "cases": ["TG-1", "TG-2"], "by": markup,
            "ground": "right_to_erasure", "at": AT, "standing": standing},
        "proposer": markup, "may_confirm": may_confirm,
    })
}

fn erasures(markup: &str, full: bool) -> Json {
    let all = ["waits", "erased", "overtaken"];
    let one = |standing: &&str| erasure(markup, standing, true);
    let list: Vec<Json> = all.iter().filter(|_| full).map(one).collect();
    json!({"proposals": list, "grounds": [{"code": "court_order", "words": markup}], "f": form(full)})
}
