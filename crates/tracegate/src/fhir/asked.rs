//! What `Patient/$match` is asked: whom, for which case, and why.

use disclosure::request::Subject;
use serde::Deserialize;
use serde_json::Value;

/// System of NHS numbers in FHIR.
pub const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// Why a person is looked for: coded, because it stands in the log.
const REASONS: [&str; 3] = ["trace", "decision", "complaint"];

/// The operation's `Parameters`. What has no place here would not be looked at, and is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Parameters {
    resource_type: String,
    parameter: Vec<Parameter>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Parameter {
    name: String,
    resource: Option<Patient>,
    value_string: Option<String>,
    value_code: Option<String>,
    value_boolean: Option<bool>,
    value_integer: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Patient {
    resource_type: String,
    #[serde(rename = "id")]
    _id: Option<String>,
    #[serde(rename = "meta")]
    _meta: Option<Value>,
    #[serde(default)]
    identifier: Vec<Identifier>,
    #[serde(default)]
    name: Vec<HumanName>,
    birth_date: Option<String>,
    gender: Option<String>,
    #[serde(default)]
    address: Vec<Address>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identifier {
    system: String,
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HumanName {
    family: Option<String>,
    #[serde(default)]
    given: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Address {
    postal_code: String,
}

/// Whom, for which case, and why.
#[derive(Debug)]
pub struct Asked {
    /// Reference of the case.
    pub case: String,
    /// Why, as a code.
    pub reason: &'static str,
    patient: Patient,
}

impl Parameters {
    /// What is asked; or what is missing, without repeating anything.
    pub fn read(self) -> Result<Asked, String> {
        let (mut case, mut reason, mut patient) = (None, None, None);
        for one in self.parameter {
            match &*one.name {
                "resource" => patient = one.resource,
                "case" => case = one.value_string,
                "reason" => reason = one.value_code,
                // It is one certain person or nobody, whether or not more would be taken.
                "onlyCertainMatches" if one.value_boolean.is_some() => {}
                "count" if one.value_integer > Some(0) => {}
                _ => {
                    return Err(
                        "`count` is 1 or more; other parameters are `resource`, `case`, \
                     `reason` and `onlyCertainMatches`"
                            .to_owned(),
                    );
                }
            }
        }
        let reason = REASONS
            .into_iter()
            .find(|known| reason.as_deref() == Some(*known));
        let patient = patient.filter(|patient| patient.resource_type == "Patient");
        if self.resource_type != "Parameters" {
            return Err("send `Parameters`".to_owned());
        }
        Ok(Asked {
            case: case.ok_or("`case` is the reference of an open case")?,
            reason: reason.ok_or_else(|| format!("`reason` is one of {}", REASONS.join(", ")))?,
            patient: patient.ok_or("`resource` is a Patient")?,
        })
    }
}

impl Asked {
    /// Everything that is said of the person is what the request says of its one: a case is no way to look for
    /// anybody else.
    pub fn is_about(&self, subject: &Subject) -> Result<(), String> {
        let given = [&*subject.given_name, &subject.middle_name].join(" ");
        let stated = self.stated();
        for (element, value) in &stated {
            let known = match *element {
                "identifier" => &subject.nhs_number,
                "name.family" => &subject.surname,
                "name.given" => &given,
                "birthDate" => &subject.date_of_birth,
                "gender" => &subject.sex,
                _ => &subject.postcode,
            };
            if plain(known) != plain(value) {
                return Err(format!(
                    "`Patient.{element}` is not what the request says; a case is about one person"
                ));
            }
        }
        let says = |wanted: &str| stated.iter().any(|(element, _)| *element == wanted);
        match says("identifier") || says("name.family") && says("birthDate") {
            true => Ok(()),
            false => Err("name the NHS number, or family name and birth date".to_owned()),
        }
    }

    /// Element and value of everything that the Patient says.
    fn stated(&self) -> Vec<(&'static str, String)> {
        let Patient {
            identifier,
            name,
            birth_date,
            gender,
            address,
            ..
        } = &self.patient;
        let mut stated = Vec::new();
        for one in identifier {
            let value = match one.system == NHS_NUMBER {
                true => one.value.clone(),
                false => String::new(),
            };
            stated.push(("identifier", value));
        }
        for one in name {
            stated.extend(one.family.clone().map(|family| ("name.family", family)));
            if !one.given.is_empty() {
                stated.push(("name.given", one.given.join(" ")));
            }
        }
        stated.extend(birth_date.clone().map(|date| ("birthDate", date)));
        let letter = |gender: &String| match &**gender {
            "female" => "F".to_owned(),
            "male" => "M".to_owned(),
            other => other.to_owned(),
        };
        stated.extend(gender.as_ref().map(|gender| ("gender", letter(gender))));
        stated.extend(
            address
                .iter()
                .map(|one| ("address.postalCode", one.postal_code.clone())),
        );
        stated
    }
}

/// Letters and digits alone.
fn plain(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_uppercase).collect()
}
