use std::collections::BTreeSet;

use serde_json::Value;

use super::TEXT;

/// `METHOD PATH` of everything that the router of the interface leads to, as it is written there.
fn routed() -> BTreeSet<String> {
    let source = include_str!("../../../http.rs");
    let mut routed = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let mut quoted = route.split('"');
        let path = quoted.nth(1).unwrap();
        let handlers = quoted.next().unwrap();
        let handlers = &handlers[..handlers.find(';').unwrap_or(handlers.len())];
        if !handlers.contains("api::") {
            continue;
        }
        for method in ["get", "post", "put", "delete", "patch"] {
            if handlers.contains(&format!("{method}(api::")) {
                routed.insert(format!("{method} {path}"));
            }
        }
    }
    routed
}

#[test]
fn every_route_is_described_and_nothing_else_is() {
    let description: Value = serde_json::from_str(TEXT).unwrap();
    let mut described = BTreeSet::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            described.insert(format!("{method} {path}"));
        }
    }
    assert!(described.len() > 30, "{described:?}");
    assert_eq!(routed(), described);
}

#[test]
fn every_change_needs_a_request_id_and_every_answer_carries_a_correlation_id() {
    let description: Value = serde_json::from_str(TEXT).unwrap();
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].to_string();
            let changes = method == "post";
            assert_eq!(
                parameters.contains("X-Request-ID"),
                changes,
                "{method} {path}"
            );
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let answer = match answer["$ref"].as_str() {
                    Some(place) => description.pointer(&place[1..]).unwrap(),
                    None => answer,
                };
                let carried = answer["headers"].get("X-Correlation-ID").is_some();
                assert!(carried, "{method} {path} {status}");
            }
        }
    }
}

/// Generators of clients name functions after operations.
#[test]
fn no_two_operations_have_one_name() {
    let described: Value = serde_json::from_str(TEXT).unwrap();
    let paths = described["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    let mut names = Vec::from_iter(operations.filter_map(|it| it["operationId"].as_str()));
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    assert!(all > 30);
}
