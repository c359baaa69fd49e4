//! Procedural faults: what is wrong with a request before any agreement is looked at.

use serde::{Deserialize, Serialize};

use crate::request::Grounds;
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

/// Most entries of any one list: fields, previous names, attempts. Twice the fields there are.
pub const LIST_ITEMS_MAX: usize = 44;

/// Finds every procedural fault; empty when there is none.
///
/// Identifier faults (a wrong check digit, an impossible date) are found by whoever parses the
/// identifiers and added to these.
pub fn faults(request: &Request) -> Vec<Fault> {
    let mut faults = missing(request);
    faults.extend(signature(request));
    faults.extend(one_person(request));
    faults.extend(identifiers(request));
    faults.extend(too_long(request));
    faults
}

fn missing(request: &Request) -> Vec<Fault> {
    let requester = [
        ("requester.organization", &request.requester.organization),
        ("requester.officer_id", &request.requester.officer_id),
        ("requester.name", &request.requester.name),
        ("requester.rank", &request.requester.rank),
        ("purpose", &request.purpose),
    ];
    let authoriser = request.authoriser.iter().flat_map(|authoriser| {
        [
            ("authoriser.officer_id", &authoriser.officer_id),
            ("authoriser.name", &authoriser.name),
            ("authoriser.rank", &authoriser.rank),
        ]
    });
    requester
        .into_iter()
        .chain(authoriser)
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
    if request.authoriser.is_none() {
        return Some(Fault::new(
            Code::NotCountersigned,
            "authoriser",
            "is missing",
            "have the request countersigned by somebody of sufficient rank",
        ));
    }
    (!request.is_signed_by_two()).then(|| {
        Fault::new(
            Code::NotCountersigned,
            "authoriser.officer_id",
            "is the requester",
            "have the request countersigned by another person",
        )
    })
}

/// Signs that a request is about several people: joined names, lists, wildcards (I19).
fn one_person(request: &Request) -> Vec<Fault> {
    let subject = &request.subject;
    let single = [
        ("subject.surname", &subject.surname),
        ("subject.given_name", &subject.given_name),
        ("subject.nhs_number", &subject.nhs_number),
        ("subject.postcode", &subject.postcode),
    ];
    let earlier = subject.previous_names.iter();
    let single = single
        .into_iter()
        .chain(earlier.map(|name| ("subject.previous_names", name)))
        .filter(|(_, value)| names_several(value));
    // Commas and strokes have a place in these; wildcards have not.
    let lists = [
        ("subject.middle_name", &subject.middle_name),
        ("subject.date_of_birth", &subject.date_of_birth),
        ("subject.address", &subject.address),
        ("subject.town", &subject.town),
    ];
    let lists = lists
        .into_iter()
        .filter(|(_, value)| value.contains(WILDCARDS));
    let mut fields: Vec<&str> = single.chain(lists).map(|(field, _)| field).collect();
    fields.dedup();
    fields
        .into_iter()
        .map(|field| {
            Fault::new(
                Code::SpeculativeOrBulk,
                field,
                "names more than one person or uses a wildcard",
                "send one request for each named person",
            )
        })
        .collect()
}

const WILDCARDS: [char; 3] = ['*', '?', '%'];
const JOINTS: [char; 8] = [',', ';', '&', '/', '+', '|', '\n', '\r'];

fn names_several(value: &str) -> bool {
    value.trim().contains(JOINTS) || value.contains(WILDCARDS) || is_joined(value)
}

/// `and` or `or` between two other words. At either end it is a name: Or and And are both.
fn is_joined(value: &str) -> bool {
    let words: Vec<&str> = value.split_whitespace().collect();
    words
        .iter()
        .skip(1)
        .take(words.len().saturating_sub(2))
        .any(|word| word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or"))
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

fn too_long(request: &Request) -> Vec<Fault> {
    let texts = texts(request)
        .filter(|(_, text)| text.chars().count() > TEXT_CHARS_MAX)
        .map(|(field, _)| (field, "is too long", "say it in at most 2,000 characters"));
    let lists = [
        ("fields", request.fields.len()),
        ("grounds.order_fields", request.grounds.order_fields.len()),
        (
            "justification.attempts",
            request.justification.attempts.len(),
        ),
        (
            "subject.previous_names",
            request.subject.previous_names.len(),
        ),
    ]
    .into_iter()
    .filter(|(_, items)| *items > LIST_ITEMS_MAX)
    .map(|(field, _)| (field, "has too many entries", "name at most 44"));
    texts
        .chain(lists)
        .map(|(field, problem, remedy)| Fault::new(Code::FormIncomplete, field, problem, remedy))
        .collect()
}

/// Every text an agency writes freely, with its field.
fn texts(request: &Request) -> impl Iterator<Item = (&'static str, &String)> {
    let justification = &request.justification;
    let subject = &request.subject;
    let single = [
        ("agency_reference", &request.agency_reference),
        ("purpose", &request.purpose),
        ("requester.organization", &request.requester.organization),
        ("requester.officer_id", &request.requester.officer_id),
        ("requester.name", &request.requester.name),
        ("requester.role", &request.requester.role),
        ("requester.rank", &request.requester.rank),
        ("requester.secure_email", &request.requester.secure_email),
        ("subject_role", &request.subject_role),
        ("justification.necessity", &justification.necessity),
        (
            "justification.proportionality",
            &justification.proportionality,
        ),
        ("justification.harm", &justification.harm),
        ("justification.link", &justification.link),
        ("justification.likelihood", &justification.likelihood),
        ("justification.consent", &justification.consent),
        ("subject.surname", &subject.surname),
        ("subject.given_name", &subject.given_name),
        ("subject.middle_name", &subject.middle_name),
        ("subject.date_of_birth", &subject.date_of_birth),
        ("subject.nhs_number", &subject.nhs_number),
        ("subject.address", &subject.address),
        ("subject.town", &subject.town),
        ("subject.postcode", &subject.postcode),
    ];
    let attempts = justification.attempts.iter().flat_map(|attempt| {
        [&attempt.what, &attempt.result].map(|text| ("justification.attempts", text))
    });
    let manual = request.manual_information.iter();
    let earlier = subject.previous_names.iter();
    let order = request.grounds.order_fields.iter();
    single
        .into_iter()
        .chain(manual.map(|text| ("manual_information", text)))
        .chain(grounds(&request.grounds))
        .chain(attempts)
        .chain(order.map(|code| ("grounds.order_fields", code)))
        .chain(request.fields.iter().map(|code| ("fields", code)))
        .chain(earlier.map(|name| ("subject.previous_names", name)))
}

fn grounds(grounds: &Grounds) -> impl Iterator<Item = (&'static str, &String)> {
    [
        ("grounds.gateway", &grounds.gateway),
        ("grounds.offence", &grounds.offence),
        ("grounds.power", &grounds.power),
        ("grounds.conviction", &grounds.conviction),
        ("grounds.sentence_type", &grounds.sentence_type),
        ("grounds.court_order", &grounds.court_order),
        ("grounds.warrant", &grounds.warrant),
        ("grounds.case_reference", &grounds.case_reference),
        ("grounds.message_first", &grounds.message_first),
        ("grounds.safeguarding_lead", &grounds.safeguarding_lead),
    ]
    .into_iter()
    .filter_map(|(field, text)| text.as_ref().map(|text| (field, text)))
}
