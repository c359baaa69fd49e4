//! What a request says, as rows to read: on the check page, the request's page and the case's.

use disclosure::Request;
use disclosure::request::Priority;
use minijinja::{Value, context};

use crate::web::words;

/// What a request says, as rows to read: group, label, text. Empty answers are left out.
pub fn rows(request: &Request) -> Vec<Value> {
    let groups = [
        ("Who asks and who signs", people_rows(request)),
        ("The person", subject_rows(request)),
        ("Grounds", grounds_rows(request)),
        ("Why it is needed", justification_rows(request)),
        ("Data wanted and urgency", wanted_rows(request)),
    ];
    let group = |(title, rows): (&str, Vec<(&str, String)>)| {
        let said = rows.into_iter().filter(|(_, text)| !text.is_empty());
        let rows: Vec<Value> = said.map(|(label, text)| context! { label, text }).collect();
        context! { title, rows }
    };
    groups.into_iter().map(group).collect()
}

fn people_rows(request: &Request) -> Vec<(&'static str, String)> {
    let requester = &request.requester;
    let signed = request.authoriser.as_ref();
    vec![
        ("Your reference", request.agency_reference.clone()),
        ("Organization", words::organization(&requester.organization)),
        (
            "Unit",
            requester
                .unit
                .as_deref()
                .map(words::label)
                .unwrap_or_default(),
        ),
        ("Requester", requester.name.clone()),
        ("Rank or grade", words::label(&requester.rank)),
        ("Secure e-mail", requester.secure_email.clone()),
        (
            "Countersigned by",
            signed.map(|by| by.name.clone()).unwrap_or_default(),
        ),
        (
            "Their rank or grade",
            signed.map(|by| words::label(&by.rank)).unwrap_or_default(),
        ),
    ]
}

fn subject_rows(request: &Request) -> Vec<(&'static str, String)> {
    let subject = &request.subject;
    vec![
        ("Given name", subject.given_name.clone()),
        ("Middle names", subject.middle_name.clone()),
        ("Surname", subject.surname.clone()),
        ("Previous names", subject.previous_names.join("; ")),
        ("Birth date", subject.date_of_birth.clone()),
        ("Sex", subject.sex.clone()),
        ("NHS number", subject.nhs_number.clone()),
        ("Address", subject.address.clone()),
        ("Town", subject.town.clone()),
        ("Postcode", subject.postcode.clone()),
        ("Part in the matter", words::label(&request.subject_role)),
    ]
}

fn grounds_rows(request: &Request) -> Vec<(&'static str, String)> {
    let grounds = &request.grounds;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let code = |code: &Option<String>| code.as_deref().map(words::label).unwrap_or_default();
    let number = |number: Option<i64>| number.map(|n| format!("{n} months")).unwrap_or_default();
    vec![
        ("Purpose", words::label(&request.purpose)),
        (
            "Limb relied on",
            request
                .limb
                .as_deref()
                .map(words::label)
                .unwrap_or_default(),
        ),
        (
            "Legal gateway",
            grounds
                .gateway
                .as_deref()
                .map(words::gateway_named)
                .unwrap_or_default(),
        ),
        ("Offence", code(&grounds.offence)),
        (
            "Offence committed on",
            grounds
                .offence_on
                .map(|on| on.to_string())
                .unwrap_or_default(),
        ),
        (
            "Longest term the offence carries",
            number(grounds.offence_max_months),
        ),
        ("Statutory power", text(&grounds.power)),
        ("Conviction", code(&grounds.conviction)),
        ("Longest single sentence", number(grounds.sentence_months)),
        ("Kind of sentence", code(&grounds.sentence_type)),
        (
            "Sentence is for one offence",
            yes_no(grounds.single_offence),
        ),
        (
            "Removal is considered",
            yes_no(grounds.deportation_considered),
        ),
        (
            "Risk to public security",
            yes_no(grounds.public_security_risk),
        ),
        ("Court order", text(&grounds.court_order)),
        ("The order directs", names(&grounds.order_fields)),
        ("Arrest warrant", text(&grounds.warrant)),
        ("Case under review", text(&grounds.case_reference)),
        ("Contact has been lost", yes_no(grounds.contact_lost)),
        ("Forwarding a message first", code(&grounds.message_first)),
        ("Safeguarding lead", text(&grounds.safeguarding_lead)),
    ]
}

fn justification_rows(request: &Request) -> Vec<(&'static str, String)> {
    let justification = &request.justification;
    let attempts = justification.attempts.iter();
    let attempts: Vec<String> = attempts
        .map(|attempt| format!("{}: {} ({})", attempt.on, attempt.what, attempt.result))
        .collect();
    vec![
        (
            "Why the data are necessary",
            justification.necessity.clone(),
        ),
        (
            "Why it is proportionate",
            justification.proportionality.clone(),
        ),
        ("Harm without the data", justification.harm.clone()),
        ("How that harm follows", justification.link.clone()),
        ("How likely it is", justification.likelihood.clone()),
        ("Consent", words::label(&justification.consent)),
        (
            "Forwarding a message considered",
            yes_no(justification.alternative_considered),
        ),
        ("Tried before", attempts.join("\n")),
    ]
}

fn wanted_rows(request: &Request) -> Vec<(&'static str, String)> {
    let urgency = match request.priority {
        Priority::Routine => "Routine",
        Priority::Priority => "Priority",
        Priority::Emergency => "Emergency",
    };
    vec![
        ("Data wanted", names(&request.fields)),
        ("Urgency", urgency.to_owned()),
        ("The person is told", told_later(request)),
        (
            "Anything else",
            request.manual_information.clone().unwrap_or_default(),
        ),
    ]
}

fn told_later(request: &Request) -> String {
    let asked = request.tell_subject_delay.as_ref();
    asked.map_or_else(String::new, |asked| {
        let ground = words::label(asked.ground.code());
        format!("Not before {}: {ground}", asked.until.strftime("%-d %B %Y"))
    })
}

fn names(fields: &[String]) -> String {
    let names: Vec<String> = fields.iter().map(|code| words::field(code)).collect();
    names.join(", ")
}

fn yes_no(answer: Option<bool>) -> String {
    match answer {
        Some(true) => "Yes".to_owned(),
        Some(false) => "No".to_owned(),
        None => String::new(),
    }
}
