//! The profile: which element of a message is which part of a request. TS 103 120 leaves the words of purposes,
//! fields and identifiers to dictionaries of those who agree on them; these are Tracegate's.

use disclosure::Request;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::Fault;
use crate::element::Element;
use crate::writer::Writer;

/// Owner of the profile and of its dictionaries.
pub const OWNER: &str = "Tracegate";
/// Version of the profile.
pub const VERSION: &str = "1";
/// Version of the schema that this crate was written by.
pub const ETSI_VERSION: &str = "V1.12.1";

/// A dictionary: its owner and its name.
pub type Dictionary = (&'static str, &'static str);

pub const GATEWAY: Dictionary = (OWNER, "Gateway");
pub const PRIORITY: Dictionary = (OWNER, "Priority");
pub const OFFENCE: Dictionary = (OWNER, "Offence");
pub const PURPOSE: Dictionary = (OWNER, "Purpose");
pub const FIELD: Dictionary = (OWNER, "Field");
pub const DOCUMENT_TYPE: Dictionary = (OWNER, "DocumentType");
pub const AUTHORISATION_STATUS: Dictionary = ("ETSI", "AuthorisationDesiredStatus");
pub const TASK_STATUS: Dictionary = ("ETSI", "LDTaskDesiredStatus");
pub const PROPERTY: Dictionary = (OWNER, "RequestProperty");

/// What a value is.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    Number,
    Flag,
    Day,
    Instant,
    OneOf(&'static [&'static str]),
    /// Any number of them.
    Texts,
    /// Any number, each the day, what was tried, and the result, on three lines.
    Attempts,
}

use Kind::{Attempts, Day, Flag, Instant, Number, OneOf, Text, Texts};

const GROUNDS: Kind = OneOf(&["crime", "others_rights", "state_security"]);
pub const PRIORITIES: Kind = OneOf(&["routine", "priority", "emergency"]);

/// Properties of the document, by their place in the request.
const PROPERTIES: [(&str, Kind); 34] = [
    ("agreement", Text),
    ("limb", Text),
    ("subject_role", Text),
    ("requester/unit", Text),
    ("requester/role", Text),
    ("requester/secure_email", Text),
    ("grounds/offence_on", Day),
    ("grounds/offence_max_months", Number),
    ("grounds/power", Text),
    ("grounds/conviction", Text),
    ("grounds/sentence_months", Number),
    ("grounds/sentence_type", Text),
    ("grounds/single_offence", Flag),
    ("grounds/deportation_considered", Flag),
    ("grounds/public_security_risk", Flag),
    ("grounds/prejudice_to_state", Flag),
    ("grounds/court_order", Text),
    ("grounds/order_fields", Texts),
    ("grounds/warrant", Text),
    ("grounds/case_reference", Text),
    ("grounds/contact_lost", Flag),
    ("grounds/message_first", Text),
    ("grounds/safeguarding_lead", Text),
    ("grounds/asks_for_act", Flag),
    ("justification/necessity", Text),
    ("justification/proportionality", Text),
    ("justification/harm", Text),
    ("justification/link", Text),
    ("justification/likelihood", Text),
    ("justification/consent", Text),
    ("justification/alternative_considered", Flag),
    ("justification/attempts", Attempts),
    ("tell_subject_delay/ground", GROUNDS),
    ("tell_subject_delay/until", Instant),
];

/// What is known of the person: the names of formats, by their place in the request.
const IDENTIFIERS: [(&str, &str, Kind); 10] = [
    ("surname", "subject/surname", Text),
    ("given_name", "subject/given_name", Text),
    ("middle_name", "subject/middle_name", Text),
    ("previous_name", "subject/previous_names", Texts),
    ("date_of_birth", "subject/date_of_birth", Text),
    ("sex", "subject/sex", Text),
    ("nhs_number", "subject/nhs_number", Text),
    ("address", "subject/address", Text),
    ("town", "subject/town", Text),
    ("postcode", "subject/postcode", Text),
];

/// A request that is being put together.
#[derive(Default)]
pub struct Draft(Value);

impl Draft {
    /// Sets a part, once.
    pub fn set(&mut self, path: &str, kind: Kind, text: &str, at: &Element) -> Result<(), Fault> {
        let value =
            value(kind, text).ok_or_else(|| at.fault("is not of its kind", kind.remedy()))?;
        let slot = match path.split_once('/') {
            Some((part, field)) => &mut self.0[part][field],
            None => &mut self.0[path],
        };
        match (kind, slot) {
            (Texts | Attempts, Value::Array(all)) => all.push(value),
            (Texts | Attempts, slot) => *slot = json!([value]),
            (_, slot @ Value::Null) => *slot = value,
            _ => return Err(at.fault("is said a second time", "say it once")),
        }
        Ok(())
    }

    /// The request.
    pub fn finish(self) -> Result<Request, Fault> {
        serde_json::from_value(self.0).map_err(|_| {
            let remedy = "send the authorization with a requester, and the task with a purpose, \
                          identifiers and fields";
            Fault::new("/HI1Message/Payload", "is not a whole request", remedy)
        })
    }
}

impl Kind {
    fn remedy(self) -> String {
        match self {
            Text | Texts => "write a text".to_owned(),
            Number => "write a whole number".to_owned(),
            Flag => "write `true` or `false`".to_owned(),
            Day => "write a day as 2026-09-20".to_owned(),
            Instant => "write a time as 2026-09-20T10:00:00Z".to_owned(),
            OneOf(words) => format!("write one of `{}`", words.join("`, `")),
            Attempts => {
                "write the day, what was tried, and the result, each on its line".to_owned()
            }
        }
    }
}

fn value(kind: Kind, text: &str) -> Option<Value> {
    Some(match kind {
        Text | Texts => json!(text),
        Number => json!(text.parse::<i64>().ok()?),
        Flag => json!(text.parse::<bool>().ok()?),
        Day => json!(text.parse::<Date>().ok()?),
        Instant => json!(text.parse::<Timestamp>().ok()?),
        OneOf(words) => json!(words.iter().find(|word| **word == text)?),
        Attempts => {
            let mut lines = text.splitn(3, '\n');
            let on: Date = lines.next()?.parse().ok()?;
            json!({ "on": on, "what": lines.next()?, "result": lines.next()? })
        }
    })
}

/// The texts of a part of a request, as [`value`] reads them.
fn texts(request: &Value, path: &str) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Object(attempt) => {
            let line = |name: &str| attempt[name].as_str().unwrap_or_default();
            [line("on"), line("what"), line("result")].join("\n")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match request.pointer(&format!("/{path}")) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(all)) => all.iter().map(text).collect(),
        Some(Value::String(empty)) if empty.is_empty() => Vec::new(),
        Some(one) => vec![text(one)],
    }
}

/// Reads an entry of this dictionary.
pub fn entry(mut element: Element, (owner, name): Dictionary) -> Result<String, Fault> {
    let of_another = |element: &Element| {
        let remedy = format!("take it from dictionary `{name}` of `{owner}`");
        element.fault("is of another dictionary", remedy)
    };
    let (found_owner, found_name) = (
        element.need_text("common:Owner")?,
        element.need_text("common:Name")?,
    );
    if (&*found_owner, &*found_name) != (owner, name) {
        return Err(of_another(&element));
    }
    let value = element.need_text("common:Value")?;
    element.end()?;
    Ok(value)
}

/// Reads an entry that may have one value alone.
pub fn fixed(element: Element, dictionary: Dictionary, wanted: &str) -> Result<(), Fault> {
    let path = element.path().to_owned();
    let found = entry(element, dictionary)?;
    if found == wanted {
        return Ok(());
    }
    let remedy = format!("write `{wanted}`; what is asked is changed by the interface");
    Err(Fault::new(&path, "is not what a new request says", remedy))
}

/// Reads an identifier of the person.
pub fn identifier(mut element: Element, draft: &mut Draft) -> Result<(), Fault> {
    let mut format = element.need("task:FormatType")?;
    let owner = format.need_text("task:FormatOwner")?;
    let name = format.need_text("task:FormatName")?;
    let known = IDENTIFIERS.iter().find(|(known, ..)| *known == name);
    let Some((_, path, kind)) = known.filter(|_| owner == OWNER) else {
        let names = IDENTIFIERS.map(|(name, ..)| name).join("`, `");
        let remedy = format!("use a format of `{OWNER}`: `{names}`");
        return Err(format.fault("is a format that is not taken", remedy));
    };
    format.end()?;
    let value = element.need_text("task:Value")?;
    draft.set(path, *kind, &value, &element)?;
    element.end()
}

/// Reads a property of the document.
pub fn property(mut element: Element, draft: &mut Draft) -> Result<(), Fault> {
    let kind = element.need("doc:PropertyType")?;
    let name = entry(kind, PROPERTY)?;
    let known = PROPERTIES.iter().find(|(known, _)| *known == name);
    let Some((path, kind)) = known else {
        let remedy = "the gate's description of TS 103 120 names what is taken";
        return Err(element.fault("is a property that is not taken", remedy));
    };
    let value = element.need_text("doc:PropertyValue")?;
    draft.set(path, *kind, &value, &element)?;
    element.end()
}

/// Writes what is known of the person.
pub fn write_identifiers(task: &mut Writer, request: &Value) {
    for (name, path, _) in IDENTIFIERS {
        for text in texts(request, path) {
            task.element("task:RequestValue", |value| {
                value.element("task:FormatType", |format| {
                    format.text("task:FormatOwner", OWNER);
                    format.text("task:FormatName", name);
                });
                value.text("task:Value", &text);
            });
        }
    }
}

/// Writes the properties of the document.
pub fn write_properties(document: &mut Writer, request: &Value) {
    for (path, _) in PROPERTIES {
        for text in texts(request, path) {
            document.element("doc:DocumentProperty", |property| {
                property.entry("doc:PropertyType", PROPERTY, path);
                property.text("doc:PropertyValue", &text);
            });
        }
    }
}
