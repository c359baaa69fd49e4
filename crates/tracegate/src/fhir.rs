//! FHIR R4 resources (hl7.org/fhir/R4), written as JSON: only the elements this gate has a use for.

pub mod release;

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
