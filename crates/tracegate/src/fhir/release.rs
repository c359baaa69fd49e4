//! The released record: a Bundle of one minimal Patient and the Provenance that says under what it left.
//!
//! The Patient carries the approved fields and is tagged SUBSETTED, as FHIR asks where elements were
//! left out on purpose. A field that cannot be told has the extension `data-absent-reason` and the one
//! token that stands for every reason.

use disclosure::release::{Line, NOT_HELD, Release};
use disclosure::{AgreementRef, Field};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{BASE, coding, concept, organization};
use crate::package::digest;

const ABSENT: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
const PARTICIPANT: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";

/// A release, and what it is called where it goes.
pub struct Released<'a> {
    /// Public reference of the case.
    pub case: &'a str,
    /// The agreement it is made under.
    pub agreement: &'a AgreementRef,
    /// Purpose code of the request.
    pub purpose: &'a str,
    /// The release.
    pub release: &'a Release,
    /// What is told.
    pub record: &'a [Line],
}

/// The Bundle. The same release gives the same bytes.
pub fn bundle(released: &Released<'_>) -> Value {
    let patient = name(released.case, "patient");
    let provenance = name(released.case, "provenance");
    json!({
        "resourceType": "Bundle",
        "meta": { "tag": [subsetted()] },
        "identifier": { "system": format!("{BASE}/case"), "value": released.case },
        "type": "collection",
        "timestamp": released.release.decided_at.to_string(),
        "entry": [
            { "fullUrl": patient, "resource": self::patient(released.record) },
            { "fullUrl": provenance, "resource": self::provenance(released, &patient) },
        ],
    })
}

/// A UUID (RFC 9562, version 8) that is drawn from the case alone.
fn name(case: &str, what: &str) -> String {
    let hex = digest(format!("tracegate fhir {what} {case}"));
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-8{}-a{}-{}",
        part(0..8),
        part(8..12),
        part(13..16),
        part(17..20),
        part(20..32)
    )
}

fn subsetted() -> Value {
    coding(
        "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
        "SUBSETTED",
    )
}

fn patient(record: &[Line]) -> Value {
    let mut patient = Map::new();
    patient.insert("resourceType".into(), json!("Patient"));
    patient.insert("meta".into(), json!({ "tag": [subsetted()] }));
    let (names, others): (Vec<_>, Vec<_>) = record
        .iter()
        .partition(|line| matches!(line.field, Field::Name | Field::PreviousNames));
    let names: Vec<Value> = names.into_iter().flat_map(human_names).collect();
    let mut extensions = Vec::new();
    for line in others {
        let told = told(line);
        match (line.field, told) {
            (Field::BirthDate, Some(date)) => {
                patient.insert("birthDate".into(), json!(date));
            }
            (Field::BirthDate, None) => {
                patient.insert("_birthDate".into(), json!({ "extension": [absent()] }));
            }
            (Field::Gender, Some(sex)) => {
                patient.insert("gender".into(), json!(gender(sex)));
            }
            (Field::Gender, None) => {
                patient.insert("_gender".into(), json!({ "extension": [absent()] }));
            }
            (Field::LastKnownAddress, told) => {
                patient.insert("address".into(), json!([address(told)]));
            }
            (Field::GpPractice, told) => {
                patient.insert("generalPractitioner".into(), json!([practice(told)]));
            }
            (field, told) => extensions.push(extension(field, told)),
        }
    }
    if !names.is_empty() {
        patient.insert("name".into(), json!(names));
    }
    if !extensions.is_empty() {
        patient.insert("extension".into(), json!(extensions));
    }
    Value::Object(patient)
}

/// The value, unless it is the token for every value that cannot be told.
fn told(line: &Line) -> Option<&str> {
    (line.value != NOT_HELD).then_some(line.value.as_str())
}

fn absent() -> Value {
    json!({ "url": ABSENT, "valueCode": "unknown" })
}

fn human_names(line: &Line) -> Vec<Value> {
    let usage = if line.field == Field::Name {
        "official"
    } else {
        "old"
    };
    let Some(told) = told(line) else {
        return vec![json!({ "use": usage, "extension": [absent()], "text": NOT_HELD })];
    };
    told.split("; ")
        .map(|name| json!({ "use": usage, "text": name }))
        .collect()
}

/// R4 has four codes; the index holds the NHS data dictionary's letters.
fn gender(sex: &str) -> &'static str {
    match sex {
        "F" => "female",
        "M" => "male",
        _ => "unknown",
    }
}

fn address(told: Option<&str>) -> Value {
    match told {
        Some(text) => json!({ "use": "home", "text": text }),
        None => json!({ "extension": [absent()], "text": NOT_HELD }),
    }
}

fn practice(told: Option<&str>) -> Value {
    match told {
        Some(code) => json!({ "identifier": {
            "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": code,
        } }),
        None => json!({ "extension": [absent()], "display": NOT_HELD }),
    }
}

/// What R4's Patient has no element for.
fn extension(field: Field, told: Option<&str>) -> Value {
    let url = format!(
        "{BASE}/StructureDefinition/{}",
        field.code().replace('_', "-")
    );
    match told {
        Some(date) if date.parse::<Date>().is_ok() => json!({ "url": url, "valueDate": date }),
        Some(text) => json!({ "url": url, "valueString": text }),
        None => json!({ "url": url, "valueString": NOT_HELD }),
    }
}

/// Under what a release left, about the target.
pub fn provenance(released: &Released<'_>, patient: &str) -> Value {
    let (release, agreement) = (released.release, released.agreement);
    json!({
        "resourceType": "Provenance",
        "target": [{ "reference": patient }],
        "recorded": release.decided_at.to_string(),
        "policy": [format!("{BASE}/agreement/{}", agreement.name)],
        "reason": [concept(&format!("{BASE}/purpose"), released.purpose)],
        "activity": concept("http://terminology.hl7.org/CodeSystem/v3-DataOperation", "READ"),
        "agent": [
            { "type": concept(PARTICIPANT, "custodian"), "who": organization("controller") },
            {
                "type": concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"),
                "who": organization(&release.recipient),
            },
        ],
        "entity": [{ "role": "source", "what": { "identifier": {
            "system": format!("{BASE}/agreement-sha256"), "value": agreement.hash,
        }, "display": agreement.name } }],
    })
}
