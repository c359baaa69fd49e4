//! Errors as FHIR tells them.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// An OperationOutcome of one issue.
pub fn of(status: StatusCode, title: &str, detail: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{
            "severity": "error",
            "code": code(status),
            "details": { "text": title },
            "diagnostics": detail,
        }],
    })
}

/// The kind of issue (hl7.org/fhir/R4/valueset-issue-type.html).
fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "login",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::METHOD_NOT_ALLOWED => "not-supported",
        StatusCode::CONFLICT => "conflict",
        StatusCode::TOO_MANY_REQUESTS => "throttled",
        StatusCode::SERVICE_UNAVAILABLE => "transient",
        status if status.is_server_error() => "exception",
        _ => "invalid",
    }
}
