//! Procedural faults: what is wrong with a request before any agreement is looked at.

use serde::{Deserialize, Serialize};

use crate::{Code, Request};

/// A fault in a request, with the field it is in and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Published code.
    pub code: Code,
    /// Path of the field, for example `subject.nhs_number`.
    pub field: String,
    /// What is wrong, without repeating the value.
    pub problem: String,
    /// What to do next.
    pub remedy: String,
}

impl Fault {
    /// A fault with this code in this field.
    pub fn new(code: Code, field: &str, problem: &str, remedy: &str) -> Fault {
        Fault {
            code,
            field: field.to_owned(),
            problem: problem.to_owned(),
            remedy: remedy.to_owned(),
        }
    }
}

/// Longest text in any one field, in characters; the forms ask for short texts on purpose.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// Finds every procedural fault; empty when there is none.
///
/// Identifier faults (a wrong check digit, an impossible date) are found by whoever parses the
/// identifiers and added to these.
pub fn faults(request: &Request) -> Vec<Fault> {
    let mut faults = missing(request);
    faults.extend(signature(request));
    faults.extend(one_person(request));
    faults.extend(identifiers(request));
    faults
}

fn missing(request: &Request) -> Vec<Fault> {
    [
        ("requester.organization", &request.requester.organization),
        ("requester.officer_id", &request.requester.officer_id),
        ("requester.name", &request.requester.name),
        ("requester.rank", &request.requester.rank),
        ("purpose", &request.purpose),
    ]
    .into_iter()
    .filter(|(_, value)| value.trim().is_empty())
    .map(|(field, _)| Fault::new(Code::FormIncomplete, field, "is empty", "fill it in"))
    .chain(request.fields.is_empty().then(|| {
        Fault::new(
            Code::FormIncomplete,
            "fields",
            "asks for nothing",
            "name at least one item",
        )
    }))
    .collect()
}

fn signature(request: &Request) -> Option<Fault> {
    let Some(authoriser) = &request.authoriser else {
        return Some(Fault::new(
            Code::NotCountersigned,
            "authoriser",
            "is missing",
            "have the request countersigned by somebody of sufficient rank",
        ));
    };
    let same = authoriser
        .officer_id
        .trim()
        .eq_ignore_ascii_case(request.requester.officer_id.trim());
    same.then(|| {
        Fault::new(
            Code::NotCountersigned,
            "authoriser.officer_id",
            "is the requester",
            "have the request countersigned by another person",
        )
    })
}

/// Signs that a request is about several people: joined names, lists, wildcards.
fn one_person(request: &Request) -> Vec<Fault> {
    let subject = &request.subject;
    [
        ("subject.surname", &subject.surname),
        ("subject.given_name", &subject.given_name),
        ("subject.nhs_number", &subject.nhs_number),
    ]
    .into_iter()
    .filter(|(_, value)| names_several(value))
    .map(|(field, _)| {
        Fault::new(
            Code::SpeculativeOrBulk,
            field,
            "names more than one person or uses a wildcard",
            "send one request for each named person",
        )
    })
    .collect()
}

fn names_several(value: &str) -> bool {
    let upper = format!(" {} ", value.to_uppercase());
    value.contains([',', ';', '&', '/', '*', '?', '%'])
        || upper.contains(" AND ")
        || upper.contains(" OR ")
}

fn identifiers(request: &Request) -> Option<Fault> {
    let subject = &request.subject;
    let named = !subject.surname.trim().is_empty() && !subject.given_name.trim().is_empty();
    let numbered = !subject.nhs_number.trim().is_empty();
    let dated = !subject.date_of_birth.trim().is_empty();
    let enough = (named || numbered) && dated;
    (!enough).then(|| {
        Fault::new(
            Code::InsufficientIdentifiers,
            "subject",
            "does not name one person",
            "give a birth date and either given name and surname or an NHS number",
        )
    })
}
