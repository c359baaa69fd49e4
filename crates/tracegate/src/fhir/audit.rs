//! A disclosure as an AuditEvent after IHE's Basic Audit Log Patterns, profile *Privacy Disclosure Audit
//! Event, Source* (profiles.ihe.net/ITI/BALP). One for each person, who is named by a pseudonym.

use disclosure::Case;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use store::EntryRow;

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
