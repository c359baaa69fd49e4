//! The elements of a FHIR R4 Patient that an index is built from.

use serde::Deserialize;

use crate::Fault;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Patient {
    pub resource_type: String,
    pub id: String,
    pub meta: Meta,
    pub active: Option<bool>,
    pub identifier: Vec<Identifier>,
    pub name: Vec<HumanName>,
    pub gender: String,
    pub birth_date: String,
    #[serde(rename = "_birthDate")]
    pub birth_date_element: Element,
    pub deceased_boolean: Option<bool>,
    pub deceased_date_time: Option<String>,
    pub address: Vec<PatientAddress>,
    pub general_practitioner: Vec<Reference>,
    pub link: Vec<Link>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Meta {
    pub security: Vec<Coding>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coding {
    pub system: String,
    pub code: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Identifier {
    pub r#use: String,
    pub system: String,
    pub value: String,
    pub period: Period,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HumanName {
    pub r#use: String,
    pub text: String,
    pub family: String,
    pub given: Vec<String>,
    pub period: Period,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PatientAddress {
    pub r#use: String,
    pub r#type: String,
    pub text: String,
    pub line: Vec<String>,
    pub city: String,
    pub postal_code: String,
    pub period: Period,
    pub extension: Vec<Extension>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Period {
    pub start: String,
    pub end: String,
}

/// What a primitive element has beside its value.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Element {
    pub extension: Vec<Extension>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Extension {
    pub url: String,
    pub value_code: String,
    pub value_boolean: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    pub identifier: Identifier,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    pub r#type: String,
}

impl Patient {
    /// Why nothing can be made of this resource.
    pub(super) fn unusable(&self) -> Option<Fault> {
        if self.resource_type != "Patient" {
            let problem = "the resource is not a Patient";
            let remedy = "write one Patient resource a line";
            return Some(Fault::new("row", problem, remedy));
        }
        let is_replaced = self.link.iter().any(|link| link.r#type == "replaced-by");
        if self.active == Some(false) || is_replaced {
            let problem = "the record is not in use any more";
            let remedy = "send the record that replaces it, with this one's number as an old one";
            return Some(Fault::new("row", problem, remedy));
        }
        None
    }
}
