//! What an entry tells the person it is about, in plain words: for the page, the command line and the
//! subjects' portal alike.

use std::collections::BTreeMap;

use disclosure::{Code, EventKind};

use crate::web::words;

/// The facts of an entry, as its subject is told them.
pub type Facts = BTreeMap<String, String>;

/// What kind of thing it is, in the six words that people look for, or `step` for all between.
pub fn kind(kind: EventKind, facts: &Facts) -> &'static str {
    match (kind, part(facts)) {
        (EventKind::LogRead, _) => "log_read",
        (EventKind::RegistrationViewed, _) => "viewed_by_staff",
        (EventKind::CaseViewed, _) => "viewed_by_staff",
        (_, "compared") => "examined",
        (EventKind::Traced, _) => "examined",
        (EventKind::Released | EventKind::EmergencyReleased, _) => "released",
        (EventKind::Forwarded, _) => "forwarded",
        (EventKind::Recalled, _) => "recalled",
        _ => "step",
    }
}

/// The entry as a sentence.
pub fn sentence(kind: EventKind, facts: &Facts) -> String {
    match part(facts) {
        "compared" => compared(kind).to_owned(),
        "own" => own(facts),
        "log" if fact(facts, "by") == "subject" && !facts.contains_key("reader") => {
            "You read this log.".to_owned()
        }
        "log" => match facts.contains_key("reader") {
            true => "This log was read by somebody who acts for you.".to_owned(),
            false => "This log was read to answer a question about what is on record.".to_owned(),
        },
        "erased" => format!(
            "What was held about you up to here was erased: {}. The entries before stay in the \
             public log, and nobody can open them any more.",
            lower(&words::label(fact(facts, "reason")))
        ),
        "registration" => registration(kind, facts),
        _ => asked_about(kind, facts),
    }
}

/// What was asked or read on one's own page.
fn own(facts: &Facts) -> String {
    let who = match (fact(facts, "by"), fact(facts, "acting")) {
        ("subject", "themselves") => "You",
        ("subject", _) => "Somebody who acts for you",
        ("subject_access", _) => "The subject access desk",
        ("guardian", _) => "The Caldicott Guardian",
        _ => "A member of staff",
    };
    let what = match fact(facts, "what") {
        "details" => "looked at your details and choices",
        "objection" => "wrote down an objection",
        "objection_withdrawn" => "took the objection back",
        "protection" => "had your record protected",
        "hidden" => "had nothing shown online any more",
        "shown_again" => "had your page shown online again",
        "correction" => "asked for a correction",
        "correction_agreed" => "confirmed a correction",
        "correction_declined" => "declined a correction",
        "invitation" => "made a code for somebody to act for you",
        "delegation" => "began to act for you with a code",
        "delegation_ended" => "ended that somebody acts for you",
        _ => "changed something on your page",
    };
    format!("{who} {what}.")
}

fn registration(kind: EventKind, facts: &Facts) -> String {
    let practice = words::organization(fact(facts, "practice"));
    let done = match kind {
        EventKind::Registered => format!("{practice} registered you."),
        EventKind::RegistrationViewed => {
            format!("Somebody at {practice} opened your registration.")
        }
        _ => format!("{practice} changed what your registration says."),
    };
    match fact(facts, "protection") {
        "" => done,
        _ => format!("{done} Your record is protected."),
    }
}

fn compared(kind: EventKind) -> &'static str {
    match kind {
        EventKind::CaseViewed => {
            "A member of staff opened a case in which your record had been compared. The search had \
             not ended with you."
        }
        EventKind::DeferralEnded => {
            "You are told now of the entries before this one, which were kept from you for a time."
        }
        _ => {
            "Your record was compared in a search for somebody. The search did not end with you, and \
             nothing about you left."
        }
    }
}

fn asked_about(kind: EventKind, facts: &Facts) -> String {
    let agency = words::organization(fact(facts, "receiver"));
    match kind {
        EventKind::Traced => {
            let purpose = lower(&words::label(fact(facts, "purpose")));
            format!("{agency} asked about somebody ({purpose}), and the search ended with you.")
        }
        EventKind::Drafted => "A caseworker weighed whether anything may be told.".to_owned(),
        EventKind::OwnViewWritten => {
            "The Caldicott Guardian wrote down a view of their own, before seeing what was proposed."
                .to_owned()
        }
        EventKind::Ended | EventKind::Declined => {
            let code = Code::from_code(fact(facts, "code")).map(Code::meaning);
            let why = code.map(|why| format!(": {why}")).unwrap_or_default();
            format!("It was decided to tell {agency} nothing{why}.")
        }
        EventKind::Released => format!("It was decided to tell {agency}: {}.", items(facts)),
        EventKind::EmergencyReleased => {
            format!("In an emergency {agency} was told: {}.", items(facts))
        }
        EventKind::EmergencyUpheld => {
            "The emergency release was reviewed in full and upheld.".to_owned()
        }
        EventKind::Forwarded => {
            format!("A message from {agency} was passed on to you. It was told nothing.")
        }
        EventKind::Collected | EventKind::CollectedAgain => {
            format!("{agency} collected what was released.")
        }
        EventKind::OutcomeReturned => format!("{agency} said what became of it."),
        EventKind::Recalled => {
            let reason = lower(&words::label(fact(facts, "reason")));
            format!("The release was recalled: {reason}.")
        }
        EventKind::DestructionConfirmed => {
            format!("It was confirmed that what {agency} had been told is destroyed.")
        }
        EventKind::CaseViewed => format!("{} opened the case about you.", who(facts)),
        EventKind::Assigned => "The case about you came into other hands.".to_owned(),
        EventKind::Deferred | EventKind::DeferralRenewed => {
            "It was decided to tell you of this case later.".to_owned()
        }
        EventKind::DeferralEnded => {
            "You are told now of the entries before this one, which were kept from you for a time."
                .to_owned()
        }
        EventKind::Withdrawn => format!("{agency} took its request back."),
        _ => format!("{}.", kind.label()),
    }
}

/// Who of the staff, by what they do and never by name.
fn who(facts: &Facts) -> &'static str {
    match fact(facts, "by") {
        "caseworker" => "A caseworker",
        "guardian" => "The Caldicott Guardian",
        "overseer" => "An overseer",
        _ => "Somebody of the staff",
    }
}

fn items(facts: &Facts) -> String {
    let items = fact(facts, "fields").split_whitespace().map(words::field);
    let items: Vec<String> = items.map(|item| lower(&item)).collect();
    items.join(", ")
}

/// The organization that the data went to, or would have gone to; ours where they stayed.
pub fn receiver(facts: &Facts) -> &str {
    facts.get("receiver").map_or("controller", String::as_str)
}

fn part(facts: &Facts) -> &str {
    fact(facts, "part")
}

fn fact<'f>(facts: &'f Facts, name: &str) -> &'f str {
    facts.get(name).map_or("", String::as_str)
}

/// Words inside a sentence.
fn lower(words: &str) -> String {
    let mut letters = words.chars();
    match (letters.next(), letters.clone().next()) {
        // An abbreviation keeps its capitals.
        (Some(_), Some(second)) if second.is_uppercase() => words.to_owned(),
        (Some(first), _) => first.to_lowercase().collect::<String>() + letters.as_str(),
        (None, _) => String::new(),
    }
}
