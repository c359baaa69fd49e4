//! What the FHIR interface can do.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::BASE;

/// The CapabilityStatement of this program.
pub fn statement(now: Timestamp) -> Value {
    let matching = json!([{ "name": "match", "definition": "http://hl7.org/fhir/OperationDefinition/Patient-match" }]);
    let resource = |kind: &str, interactions: &[&str], documentation: &str| {
        let interactions = interactions.iter().map(|code| json!({ "code": code }));
        json!({
            "type": kind,
            "interaction": interactions.collect::<Vec<_>>(),
            "documentation": documentation,
        })
    };
    json!({
        "resourceType": "CapabilityStatement",
        "url": format!("{BASE}/metadata"),
        "version": env!("CARGO_PKG_VERSION"),
        "name": "Tracegate",
        "status": "active",
        "date": now.to_string(),
        "kind": "instance",
        "software": { "name": "Tracegate", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "A gate between a person index and agencies that ask it" },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [{
            "mode": "server",
            "documentation": "No resource here is about a person, but to the controller's own staff about the one that \
                an open case has found; requests are sent, and releases collected, at /api/v1.",
            "security": { "description": "Tokens of /oauth/token, as at /api/v1" },
            "resource": [
                resource("Task", &["read", "search-type"], "The agency's own requests"),
                resource("Provenance", &["read"], "Under what a release left, by the reference of its case"),
                resource("AuditEvent", &["search-type"], "Disclosures, for overseers"),
                json!({
                    "type": "Patient",
                    "operation": matching,
                    "documentation": "For the controller's own caseworkers: the one person of an open case, or nobody",
                }),
                resource("Consent", &["read"], "For staff: the objection of whom a case has found, by the case"),
            ],
        }],
    })
}
