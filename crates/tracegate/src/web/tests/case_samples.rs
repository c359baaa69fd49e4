//! A case on paper, who has it in hand and who has looked at it, with sample data.

use serde_json::{Value as Json, json};

use super::templates::{AT, MARKUP, answer, case, empty_case, form, options};

/// Template and content, at least one for each page.
pub fn samples() -> Vec<(&'static str, Json)> {
    vec![
        ("cases/print.html", printed(case(true, false))),
        ("cases/print.html", printed(empty_case())),
        ("cases/letter.html", letter("refused")),
        ("cases/letter.html", letter("invalid")),
    ]
}

pub fn looks() -> Json {
    json!([{"index": 7, "at": AT, "what": "Case viewed", "is_look": true, "who": MARKUP,
        "role": "caseworker", "note": MARKUP}])
}

pub fn hands() -> Json {
    json!({"holder": MARKUP, "holds": true, "take": true, "back": true, "to": options(), "f": form(false)})
}

fn printed(mut case: Json) -> Json {
    for (name, value) in [
        ("printed_at", json!(AT)),
        ("printed_by", json!(MARKUP)),
        ("timeline", looks()),
        ("complaints", json!(MARKUP)),
    ] {
        case[name] = value;
    }
    case["view"]["agreement_hash"] = json!("ab");
    case
}

fn letter(status: &str) -> Json {
    json!({"back": "/requests/TG-1", "answer": answer(status), "agency": MARKUP,
        "agency_reference": MARKUP, "to": MARKUP, "received_at": AT, "agreement": "a/1",
        "answered_at": AT, "complaints": if status == "refused" { json!(MARKUP) } else { Json::Null }})
}
