//! A disclosure as an AuditEvent after IHE's Basic Audit Log Patterns, profile *Privacy Disclosure Audit
//! Event, Source* (profiles.ihe.net/ITI/BALP). One for each person, who is named by a pseudonym.

use disclosure::{Case, EventKind};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use store::{Entry, EntryRow};

use super::{BASE, concept, organization};

const PROFILE: &str =
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source";
const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

/// The disclosure that an entry of the log records.
pub fn disclosure(entry: &EntryRow, case: &Case, key: &[u8; 32]) -> Value {
    let agent = |kind: Value, code: &str, asked: bool| json!({ "type": kind, "who": organization(code), "requestor": asked });
    let recipient = &case.request.requester.organization;
    json!({
        "resourceType": "AuditEvent",
        "id": format!("entry-{}", entry.index),
        "meta": { "profile": [PROFILE] },
        "type": { "system": DCM, "code": "110106", "display": "Export" },
        "subtype": [{
            "system": "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle",
            "code": "disclose",
        }],
        "action": "R",
        "recorded": entry.at.to_string(),
        "outcome": "0",
        "purposeOfEvent": [concept(&format!("{BASE}/purpose"), &case.request.purpose)],
        "agent": [
            agent(concept(DCM, "110153"), "controller", false),
            agent(concept(DCM, "110152"), recipient, true),
            agent(concept(PARTICIPATION, "CST"), "controller", false),
        ],
        "source": {
            "site": "Tracegate",
            "observer": organization("controller"),
        },
        "entity": [
            {
                "what": { "identifier": {
                    "system": format!("{BASE}/pseudonym"), "value": pseudonym(case, key),
                } },
                "type": {
                    "system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "1",
                },
                "role": { "system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "1" },
            },
            {
                "what": { "identifier": { "system": format!("{BASE}/case"), "value": case.id } },
                "type": {
                    "system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "2",
                },
                "role": { "system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "20" },
            },
            {
                "what": { "identifier": {
                    "system": format!("{BASE}/log-entry"), "value": entry.index.to_string(),
                } },
                "type": {
                    "system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "2",
                },
                "role": { "system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "3" },
            },
        ],
    })
}

/// Any entry of the log: who did what to which case, in codes. Nothing in it is about whoever was asked about.
pub fn entry(entry: &Entry) -> Value {
    let row = &entry.row;
    let opened = entry.audit.as_ref();
    let said = opened.and_then(|opening| serde_json::from_slice::<Value>(&opening.bytes).ok());
    let facts = said.as_ref().and_then(|said| said["facts"].as_object());
    let fact = |name: &str| facts.and_then(|facts| facts.get(name)?.as_str());
    let (kind, refused) = class(row.kind, row.case_id.is_some());
    let details = facts.into_iter().flatten();
    let details = details.filter(|(name, _)| !matches!(name.as_str(), "actor" | "role"));
    let details = details.filter(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty()));
    let details: Vec<Value> = details
        .map(|(name, value)| json!({ "type": name, "valueString": value }))
        .collect();
    let mut logged = thing("log-entry", &row.index.to_string());
    if !details.is_empty() {
        logged["detail"] = Value::Array(details);
    }
    let mut entities = vec![logged];
    entities.extend(row.case_id.as_deref().map(|case| thing("case", case)));
    let identity =
        json!({ "system": format!("{BASE}/identity"), "value": fact("actor").unwrap_or("erased") });
    json!({
        "resourceType": "AuditEvent",
        "id": format!("entry-{}", row.index),
        "type": { "system": DCM, "code": kind },
        "subtype": [{ "system": format!("{BASE}/event-kind"), "code": row.kind }],
        "action": action(row.kind),
        "recorded": row.at.to_string(),
        "outcome": if refused { "4" } else { "0" },
        "agent": [{
            "role": [concept(&format!("{BASE}/role"), fact("role").unwrap_or("erased"))],
            "who": { "identifier": identity },
            "requestor": true,
        }],
        "source": { "site": "Tracegate", "observer": organization("controller") },
        "entity": entities,
    })
}

fn thing(kind: &str, value: &str) -> Value {
    json!({
        "what": { "identifier": { "system": format!("{BASE}/{kind}"), "value": value } },
        "type": { "system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "2" },
    })
}

/// DICOM's code: a security alert, a patient record or the application's own activity; and whether somebody was
/// refused.
fn class(kind: EventKind, of_case: bool) -> (&'static str, bool) {
    match kind {
        EventKind::AccessRefused | EventKind::AccountLocked => ("110113", true),
        _ if of_case => ("110110", false),
        _ => ("110100", false),
    }
}

fn action(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Received => "C",
        EventKind::Erased => "D",
        EventKind::CaseViewed
        | EventKind::LogRead
        | EventKind::OwnRecordRead
        | EventKind::Collected
        | EventKind::CollectedAgain => "R",
        EventKind::AccessRefused | EventKind::AccountLocked => "E",
        _ => "U",
    }
}

/// The same for each disclosure about one person; without the key it tells nothing.
fn pseudonym(case: &Case, key: &[u8; 32]) -> String {
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(b"tracegate audit event\n");
    let person = case.concerned.found.as_deref().unwrap_or_default();
    mac.update(person.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
