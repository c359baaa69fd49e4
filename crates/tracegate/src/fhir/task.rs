//! A request as a Task: its status in FHIR's words, and what the requester may know as `businessStatus`.

use disclosure::outward::Answer;
use serde_json::{Value, json};

use super::{BASE, organization};

/// The Task. It says what the requester may know and no more: every answer that rests on a trace without a
/// release is the same Task.
pub fn of(told: &Answer, requester: &str) -> Value {
    let mut task = json!({
        "resourceType": "Task",
        "id": told.case,
        "identifier": [{ "system": format!("{BASE}/case"), "value": told.case }],
        "status": status(told.status),
        "businessStatus": {
            "coding": [{ "system": format!("{BASE}/request-status"), "code": told.status }],
            "text": told.message,
        },
        "intent": "order",
        "requester": organization(requester),
        "owner": organization("controller"),
    });
    if !told.next.is_empty() {
        task["note"] = json!([{ "text": told.next }]);
    }
    if let Some(code) = told.code {
        let texts: Vec<&str> = told
            .reasons
            .iter()
            .map(|reason| reason.text.as_str())
            .collect();
        task["statusReason"] = json!({
            "coding": [{ "system": format!("{BASE}/reason"), "code": code }],
            "text": texts.join(" "),
        });
    }
    task
}

/// FHIR's word (hl7.org/fhir/R4/valueset-task-status.html) for the requester's.
fn status(told: &str) -> &'static str {
    match told {
        "question" | "held" => "on-hold",
        "invalid" | "refused" => "rejected",
        "withdrawn" => "cancelled",
        "expired" => "failed",
        "recalled" => "entered-in-error",
        "no_result" | "forwarded" | "released" | "collected" | "closed" => "completed",
        _ => "in-progress",
    }
}
