//! The pages of the agency's desk with sample data.

use serde_json::{Value as Json, json};

use super::templates::{AT, MARKUP, answer, form, options, rows};

/// Template and content, at least one for each page.
pub fn samples(markup: &str) -> Vec<(&'static str, Json)> {
    let mut samples = vec![
        ("requests/list.html", list(markup)),
        (
            "requests/list.html",
            json!({"now": AT, "drafts": [], "lines": []}),
        ),
        ("requests/start.html", start(markup)),
        (
            "requests/start.html",
            json!({"agreements": [], "purposes": [], "key": markup, "f": form(true)}),
        ),
        ("requests/tasks.html", tasks(markup, true)),
        ("requests/tasks.html", tasks(markup, false)),
        ("requests/check.html", check(markup)),
        ("requests/signature.html", signature(markup, true)),
        ("requests/signature.html", signature(markup, false)),
        ("requests/show.html", shown("refused", true)),
        ("requests/show.html", shown("received", false)),
        ("requests/signature.html", vouched(markup, false)),
        ("requests/signature.html", vouched(markup, true)),
    ];
    for (status, full) in [
        ("complete", true),
        ("being_read", false),
        ("broken_off", true),
    ] {
        samples.push(("batches/list.html", files(markup, status, full)));
        samples.push(("batches/show.html", file(markup, status, full)));
    }
    for section in super::journey::SECTIONS {
        samples.push(("requests/section.html", section_of(section, markup, true)));
        samples.push(("requests/section.html", section_of(section, markup, false)));
    }
    samples
}

fn list(markup: &str) -> Json {
    let draft = json!({"id": "abcdef0123", "purpose": markup, "revises": null, "officer": markup,
        "state": "draft", "changed_at": AT, "kept_until": AT});
    let correction = json!({"id": "abcdef0124", "purpose": "p", "revises": "TG-1",
        "officer": markup, "state": "waits_for_your_signature", "changed_at": AT, "kept_until": AT});
    let line = json!({"answer": answer("received"), "received_at": AT,
        "due": ["ends_by_itself", AT]});
    let done = json!({"answer": answer("closed"), "received_at": AT, "due": null});
    json!({"now": "2027-01-01T00:00:00Z", "drafts": [draft, correction], "lines": [line, done],
        "begins": false, "next": null})
}

fn start(markup: &str) -> Json {
    json!({"agreements": [{"name": "a/1", "title": markup, "benefit": markup, "state": "in_force",
        "permits": [{"purpose": "p", "fields": ["Name"]}], "conditions": ["One."],
        "min_rank": "inspector", "units": ["x"], "day": 1, "officer": 1, "data_life_days": 1,
        "outcome_due_days": 1}], "purposes": options(), "key": "k", "f": form(false)})
}

fn under(markup: &str, full: bool) -> Json {
    let list = if full { options() } else { json!([]) };
    let clause = json!({"number": "2.1", "title": markup, "text": markup});
    let clause = if full { clause } else { Json::Null };
    json!({"agreement": if full { json!("a/1") } else { Json::Null }, "title": markup,
        "purpose": "p", "units": list, "ranks": list, "offences": list, "gateways": list,
        "fields": list, "has_limbs": full, "min_rank": if full { json!("x") } else { Json::Null },
        "conditions": if full { json!({"lost_contact": true, "last_resort": true}) } else { Json::Null },
        "fields_clause": clause, "offence_clause": clause})
}

fn tasks(markup: &str, full: bool) -> Json {
    let returned = json!({"by": {"name": markup}, "at": AT, "reason": "other", "text": markup});
    json!({"id": "d", "seen": 2, "waits": full, "kept_until": AT,
        "returned": if full { returned } else { Json::Null },
        "revises": if full { json!("TG-1") } else { Json::Null }, "question": markup,
        "tasks": [{"heading": markup, "href": "/", "status": {"tag": {"text": markup, "colour": "blue"}}},
            {"heading": markup, "href": null, "status": {"text": markup}}],
        "options": under(markup, full)})
}

fn section_of(code: &str, markup: &str, full: bool) -> Json {
    let reasons = ["necessity", "likelihood"]
        .map(|input| json!({"input": input, "question": markup, "options": options()}));
    json!({"id": "d", "seen": 2, "code": code, "title": markup, "reasons": reasons,
        "revises": if full { json!("TG-1") } else { Json::Null },
        "options": under(markup, full), "f": form(full)})
}

fn check(markup: &str) -> Json {
    json!({"id": "d", "seen": 2, "revises": null, "rows": rows(), "agency": markup, "purpose": "p",
        "failing": [{"clause": "2.1", "text": markup, "cure": markup}], "needs_person": true})
}

fn signature(markup: &str, may_sign: bool) -> Json {
    let list = if may_sign { options() } else { json!([]) };
    let mut page = check(markup);
    let own = json!({"officer": markup, "is_own": !may_sign, "may_sign": may_sign,
        "revises": "TG-1", "question": markup, "ranks": list, "min_rank": null,
        "own_rank": null, "has_no_rank": false,
        "agreement": "a/1", "reasons": options(), "f": form(may_sign)});
    let (Some(page_of), Some(own)) = (page.as_object_mut(), own.as_object()) else {
        panic!("both are objects");
    };
    page_of.extend(own.clone());
    page
}

/// By somebody whose account says their rank, or none where one is needed.
fn vouched(markup: &str, lacks: bool) -> Json {
    let mut page = signature(markup, true);
    page["min_rank"] = json!("inspector");
    page["has_no_rank"] = json!(lacks);
    page["own_rank"] = if lacks { Json::Null } else { json!(markup) };
    page
}

/// A request and its answer.
fn shown(status: &str, act: bool) -> Json {
    json!({
        "answer": answer(status), "received_at": AT, "agreement": "a/1", "complaints": MARKUP,
        "rows": rows(), "outcomes": ["located"], "collection_key": "k", "request": {},
        "outcome": if act { json!("located") } else { Json::Null },
        "actions": {"collect": act, "sealed": !act, "outcome": act, "withdraw": act, "answer": act,
            "destroy": act},
    })
}

fn handed_in(markup: &str, status: &str, full: bool) -> Json {
    let rows = (status == "complete").then_some(25);
    let (done, faulty) = if full { (25, 22) } else { (0, 0) };
    json!({"id": "0123456789abcdef", "status": status, "received_at": AT, "officer": markup,
        "rows": rows, "done": done, "recorded": done - faulty, "faulty": faulty})
}

fn files(markup: &str, status: &str, full: bool) -> Json {
    let batches = if full {
        json!([handed_in(markup, status, true)])
    } else {
        json!([])
    };
    json!({"batches": batches, "open": full, "most_mib": 64, "f": form(full)})
}

fn file(markup: &str, status: &str, full: bool) -> Json {
    let fault = |column: &str| json!({"line": 3, "column": column, "problem": markup, "remedy": "Write another."});
    let faults = if full {
        json!([fault("RANK"), fault("")])
    } else {
        json!([])
    };
    json!({"batch": handed_in(markup, status, full), "digest": "00ff", "signs": full, "faults": faults})
}
