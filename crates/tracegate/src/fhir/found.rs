//! What staff read of the one person that a case has found.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use disclosure::trace::{Candidate, TraceOutcome, TraceResult};
use disclosure::wishes::Objection;
use disclosure::{Case, Code};
use matcher::Person;
use serde_json::{Value, json};

use super::asked::NHS_NUMBER;
use super::{BASE, coding, concept, organization};

/// The answer of `Patient/$match`: one certain person by their identifiers alone, or nobody and why.
pub fn matched(found: Option<(&Candidate, &Person)>, trace: &TraceResult) -> Value {
    let Some((candidate, person)) = found else {
        return json!({
            "resourceType": "Bundle", "type": "searchset", "total": 0,
            "entry": [{ "resource": nobody(trace.outcome), "search": { "mode": "outcome" } }],
        });
    };
    let number = person.nhs_number.map(
        |number| json!([{ "system": NHS_NUMBER, "value": number.to_string().replace(' ', "") }]),
    );
    let mut patient = json!({
        "resourceType": "Patient",
        "id": candidate.person_ref,
        "meta": { "tag": [coding(
            "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "SUBSETTED",
        )] },
    });
    if let Some(number) = number {
        patient["identifier"] = number;
    }
    json!({
        "resourceType": "Bundle", "type": "searchset", "total": 1,
        "entry": [{
            "resource": patient,
            "search": {
                "extension": [{
                    "url": "http://hl7.org/fhir/StructureDefinition/match-grade",
                    "valueCode": "certain",
                }],
                "mode": "match",
                "score": candidate.probability,
            },
        }],
    })
}

/// Why it is nobody, in the trace's own code.
fn nobody(outcome: TraceOutcome) -> Value {
    // A certain person who has left the index since is nobody, too.
    let code = outcome.code().unwrap_or(Code::NoTrace).code();
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{
            "severity": "information",
            "code": "informational",
            "details": { "coding": [coding(&format!("{BASE}/trace-outcome"), code)] },
        }],
    })
}

/// The objection of the person that a case has found.
pub fn objection(case: &Case, person: &str, objection: &Objection) -> Value {
    json!({
        "resourceType": "Consent",
        "id": case.id,
        "status": "active",
        "scope": concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
        "category": [concept("http://terminology.hl7.org/CodeSystem/consentcategorycodes", "infa")],
        "patient": { "identifier": { "system": format!("{BASE}/person"), "value": person } },
        "dateTime": objection.at.to_string(),
        "organization": [organization("controller")],
        "sourceAttachment": {
            "contentType": "text/plain; charset=utf-8",
            "data": STANDARD.encode(&objection.text),
        },
        "policyRule": concept(&format!("{BASE}/policy"), "objection"),
        "provision": { "type": "deny" },
    })
}
