//! Every answer that a test gets from the interface must be one that its description promises.

use std::sync::OnceLock;

use serde_json::Value;

/// The description in the repository.
fn description() -> &'static Value {
    static DESCRIPTION: OnceLock<Value> = OnceLock::new();
    let text = include_str!("../../src/http/openapi.json");
    DESCRIPTION.get_or_init(|| serde_json::from_str(text).unwrap())
}

/// Panics where an answer is not described, or is not as described.
pub fn check(method: &str, path: &str, status: u16, body: &Value) {
    let path = path.split('?').next().unwrap_or_default();
    let Some(path) = path.strip_prefix("/api/v1") else {
        return;
    };
    let Some(operation) = operation(method, path) else {
        assert!(
            matches!(status, 404 | 405),
            "{method} {path} is not described"
        );
        return;
    };
    let answer = resolved(&operation["responses"][status.to_string()]);
    assert!(
        answer.is_object(),
        "{method} {path} is not described to answer {status}: {body}"
    );
    let contents = answer["content"].as_object();
    for (kind, content) in contents.into_iter().flatten() {
        if kind.contains("json") {
            let faults = faults(&content["schema"], body, "");
            assert!(
                faults.is_empty(),
                "{method} {path} {status}: {faults:?}\n{body}"
            );
        }
    }
}

fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let parts: Vec<&str> = path.split('/').collect();
    let matches = |template: &str| {
        let template: Vec<&str> = template.split('/').collect();
        let fits = |(known, part): (&&str, &&str)| known.starts_with('{') || known == part;
        template.len() == parts.len() && template.iter().zip(&parts).all(fits)
    };
    let paths = description()["paths"].as_object().unwrap();
    let (_, found) = paths.iter().find(|(template, _)| matches(template))?;
    found.get(method)
}

fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(place) => description().pointer(&place[1..]).unwrap(),
        None => value,
    }
}

/// What of a value is not as the schema says, with its place.
fn faults(schema: &'static Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolved(schema);
    if let Some(any) = schema["oneOf"].as_array() {
        let fits = any.iter().any(|one| faults(one, value, at).is_empty());
        return if fits {
            Vec::new()
        } else {
            vec![format!("{at} fits no alternative")]
        };
    }
    let mut found = Vec::new();
    if !is_of_type(&schema["type"], value) {
        return vec![format!("{at} is not {}", schema["type"])];
    }
    if let Some(known) = schema["enum"].as_array()
        && !known.contains(value)
    {
        found.push(format!("{at} is none of {known:?}"));
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(faults(&schema["items"], item, &format!("{at}/{number}")));
    }
    let Some(members) = value
        .as_object()
        .filter(|_| schema["properties"].is_object())
    else {
        return found;
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        if !members.contains_key(name.as_str().unwrap()) {
            found.push(format!("{at}/{name} is missing"));
        }
    }
    for (name, member) in members {
        match schema["properties"].get(name) {
            Some(known) => found.extend(faults(known, member, &format!("{at}/{name}"))),
            None if schema["additionalProperties"] == false => {
                found.push(format!("{at}/{name} is not described"));
            }
            None => {}
        }
    }
    found
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    let one = |wanted: &str| match wanted {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the check does not know the type {other}"),
    };
    match wanted {
        Value::Null => true,
        Value::String(wanted) => one(wanted),
        several => several
            .as_array()
            .unwrap()
            .iter()
            .any(|wanted| one(wanted.as_str().unwrap())),
    }
}

#[test]
fn an_answer_that_is_not_as_described_is_seen() {
    let answer = serde_json::json!({ "case": "TG-2222-2222-22", "status": "odd" });
    let seen =
        std::panic::catch_unwind(|| check("get", "/api/v1/requests/TG-2222-2222-22", 200, &answer));
    assert!(seen.is_err());
    let seen = std::panic::catch_unwind(|| check("get", "/api/v1/requests", 418, &Value::Null));
    assert!(seen.is_err());
}
