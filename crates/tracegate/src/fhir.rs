//! FHIR R4 resources (hl7.org/fhir/R4), written as JSON: only the elements this gate has a use for.

pub mod asked;
pub mod audit;
pub mod capability;
pub mod found;
pub mod outcome;
pub mod release;
pub mod task;

use serde_json::{Value, json};

/// Where the gate's own extensions and codes are named. FHIR asks for an absolute address; none is
/// fetched from it.
pub const BASE: &str = "https://tracegate.example/fhir/R4";

/// A code of a published system.
pub fn coding(system: &str, code: &str) -> Value {
    json!({ "system": system, "code": code })
}

/// A concept of one coding.
pub fn concept(system: &str, code: &str) -> Value {
    json!({ "coding": [coding(system, code)] })
}

/// An organization, by its code.
pub fn organization(code: &str) -> Value {
    let system = format!("{BASE}/organization-code");
    json!({ "identifier": { "system": system, "value": code } })
}

/// What a search found, and where it goes on: relative to the base, as R4 allows.
pub fn searchset(found: Vec<Value>, next: Option<String>) -> Value {
    let entry = |resource: Value| json!({ "resource": resource, "search": { "mode": "match" } });
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset" });
    // FHIR has no empty lists.
    if !found.is_empty() {
        bundle["entry"] = found.into_iter().map(entry).collect();
    }
    if let Some(next) = next {
        bundle["link"] = json!([{ "relation": "next", "url": next }]);
    }
    bundle
}
