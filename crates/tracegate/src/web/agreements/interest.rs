//! The public-interest test that an agreement rests on: one guardian writes another, a second confirms it.

use std::sync::Arc;

use agreement::{Evidence, ITEMS, InterestTest, Version};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::Actor;
use jiff::civil::Date;
use minijinja::{Value, context};

use super::find;
use crate::gate::Gate;
use crate::pipeline::interest::{self, InterestError};
use crate::web::access::Room;
use crate::web::oops::Oops;
use crate::web::requests::form::whole_date;
use crate::web::visitor::{FieldError, Fields, Posted, Visitor};
use crate::web::{Desk, page};

/// Most pieces of evidence of one test that the form takes.
const EVIDENCE_MAX: usize = 20;

/// `GET /agreements/{agreement}/{version}/interest`: what waits for a second person, or the form.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((agreement, version)): Path<(String, String)>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Suspension)?;
    let gate = &desk.gate;
    let library = gate.agreements();
    let version = find(&library, &agreement, &version)?;
    let back = |error| oops(error, version);
    if let Some(test) = interest::proposed(gate, &agreement).map_err(back)? {
        let content = waiting(version, &test, by);
        let template = "agreements/interest_proposed.html";
        return Ok(visitor.page(template, &title(version), "agreements", content));
    }
    let before = library
        .agreement(&agreement)
        .and_then(|known| known.tests().last());
    let fields = before.map(written).unwrap_or_default();
    Ok(form(&visitor, version, &fields, &[], 1))
}

/// `POST /agreements/{agreement}/{version}/interest`: step `more`, `propose`, `change` or `confirm`.
pub async fn take(
    State(desk): State<Arc<Desk>>,
    Path((agreement, version)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Suspension)?;
    let gate = &desk.gate;
    let library = gate.agreements();
    let version = find(&library, &agreement, &version)?;
    let back = |error| oops(error, version);
    let here = Redirect::to(&format!("/agreements/{}/interest", version.id)).into_response();
    match fields.text("step") {
        "more" => return Ok(form(visitor, version, fields, &[], 2)),
        "change" => {
            let test = interest::proposed(gate, &agreement).map_err(back)?;
            let test = test.ok_or_else(|| back(InterestError::Changed))?;
            return Ok(form(visitor, version, &written(&test), &[], 1));
        }
        "confirm" => {
            posted.proven()?;
            let seen = fields.text("hash");
            let confirmed = interest::confirm(gate, by, &agreement, seen).await;
            confirmed.map_err(back)?;
            return Ok(Redirect::to(&format!("/agreements/{}", version.id)).into_response());
        }
        _ => {}
    }
    let test = match read(gate, fields) {
        Ok(test) => test,
        Err(errors) => return Ok(form(visitor, version, fields, &errors, 1)),
    };
    posted.proven()?;
    match interest::propose(gate, by, &agreement, test).await {
        Ok(()) => Ok(here),
        Err(InterestError::Incomplete(problems)) => {
            let wrong = problems.into_iter();
            let wrong = wrong.map(|found| FieldError::new(&found.field, sentence(&found)));
            let errors: Vec<FieldError> = wrong.collect();
            Ok(form(visitor, version, fields, &errors, 1))
        }
        Err(error) => Err(back(error)),
    }
}

/// What the form says; what the test itself checks is left to it.
fn read(gate: &Gate, fields: &Fields) -> Result<InterestTest, Vec<FieldError>> {
    let mut errors = Vec::new();
    let conclusion = fields.text("conclusion");
    if !["met", "not_met"].contains(&conclusion) {
        errors.push(FieldError::new("conclusion", "Choose what follows"));
    }
    if fields.text("serious_crime_limb").is_empty() {
        let message = "Say what the conclusion rests on";
        errors.push(FieldError::new("serious_crime_limb", message));
    }
    let mut day = |name: &str| -> Date {
        let (before, day) = (errors.len(), whole_date(fields, name, &mut errors));
        if day.is_none() && errors.len() == before {
            errors.push(FieldError::new(name, "Say which day"));
        }
        day.unwrap_or_default()
    };
    let (expires_at, review_at) = (day("expires_at"), day("review_at"));
    let item = |place: usize| fields.lines(ITEMS[place]);
    let test = InterestTest {
        id: String::new(),
        version: String::new(),
        conclusion: conclusion.to_owned(),
        serious_crime_limb: fields.lines("serious_crime_limb"),
        decided_by: "?".to_owned(),
        guardian_signoff: String::new(),
        decided_at: interest::today(gate),
        expires_at,
        review_at,
        t1_harm_to_person: item(0),
        t2_trust: item(1),
        t3_harm_to_others: item(2),
        t4_benefit: item(3),
        t5_information_and_views: item(4),
        t6_alternatives: item(5),
        t7_consent_and_identifiability: item(6),
        t8_public_health: item(7),
        t9_equality: item(8),
        evidence: evidence(fields, &mut errors),
    };
    if errors.is_empty() {
        return Ok(test);
    }
    // Everything at once, so that nobody is sent back twice.
    for found in test.problems() {
        if !errors.iter().any(|error| error.field == found.field) {
            errors.push(FieldError::new(&found.field, sentence(&found)));
        }
    }
    Err(errors)
}

/// The evidence, row by row. A row left empty is none; one half filled is wrong.
fn evidence(fields: &Fields, errors: &mut Vec<FieldError>) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for row in 0..EVIDENCE_MAX {
        let part = |name: &str| fields.lines(&format!("evidence.{row}.{name}"));
        let parts = [part("claim"), part("source"), part("dated")];
        let critique = part("critique");
        if parts.iter().all(String::is_empty) && critique.is_empty() {
            continue;
        }
        for (name, text) in ["claim", "source", "dated"].into_iter().zip(&parts) {
            if text.is_empty() {
                let message = "Fill in this part of the evidence, or empty the whole row";
                errors.push(FieldError::new(&format!("evidence.{row}.{name}"), message));
            }
        }
        let [claim, source, dated] = parts;
        let critique = critique.lines().map(str::trim);
        let critique = critique.filter(|line| !line.is_empty()).map(str::to_owned);
        evidence.push(Evidence {
            claim,
            source,
            dated,
            critique: critique.collect(),
        });
    }
    evidence
}

/// A test as the form shows it.
fn written(test: &InterestTest) -> Fields {
    let mut said: Vec<(String, String)> = Vec::new();
    let mut say = |name: String, value: String| said.push((name, value));
    for (key, (_, text)) in ITEMS.into_iter().zip(test.items()) {
        say(key.to_owned(), text.trim().to_owned());
    }
    say("conclusion".to_owned(), test.conclusion.clone());
    say(
        "serious_crime_limb".to_owned(),
        test.serious_crime_limb.clone(),
    );
    for (name, day) in [
        ("expires_at", test.expires_at),
        ("review_at", test.review_at),
    ] {
        say(format!("{name}.day"), day.day().to_string());
        say(format!("{name}.month"), day.month().to_string());
        say(format!("{name}.year"), day.year().to_string());
    }
    for (row, evidence) in test.evidence.iter().enumerate() {
        let mut part = |name: &str, value: String| say(format!("evidence.{row}.{name}"), value);
        part("claim", evidence.claim.clone());
        part("source", evidence.source.clone());
        part("dated", evidence.dated.clone());
        part("critique", evidence.critique.join("\n"));
    }
    Fields(said)
}

/// What the crate says of a part, as a sentence of the page.
fn sentence(found: &agreement::Problem) -> String {
    let mut letters = found.problem.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    let problem = first.unwrap_or_default() + letters.as_str();
    match found.field.as_str() {
        "evidence" => "Give at least one piece of evidence".to_owned(),
        _ => format!("{problem}: {}", found.remedy),
    }
}

fn form(
    visitor: &Visitor,
    version: &Version,
    fields: &Fields,
    errors: &[FieldError],
    spare: usize,
) -> Response {
    let used = |row: &usize| {
        let prefix = format!("evidence.{row}.");
        let mut said = fields
            .0
            .iter()
            .filter(|(name, _)| name.starts_with(&prefix));
        said.any(|(_, value)| !value.trim().is_empty())
    };
    let rows = (0..EVIDENCE_MAX)
        .filter(used)
        .max()
        .map_or(0, |last| last + 1);
    let content = context! {
        name => version.id.to_string(),
        agreement_title => version.terms.title.clone(),
        rows => (rows + spare).min(EVIDENCE_MAX),
        f => fields.shown(errors),
    };
    let template = "agreements/interest.html";
    match errors.is_empty() {
        true => visitor.page(template, &title(version), "agreements", content),
        false => visitor.page_again(template, &title(version), "agreements", content),
    }
}

fn waiting(version: &Version, test: &InterestTest, by: &Actor) -> Value {
    context! {
        name => version.id.to_string(),
        agreement_title => version.terms.title.clone(),
        test => page::value(test),
        items => items(test),
        hash => test.content_hash(),
        is_first => test.decided_by == by.id,
    }
}

/// The items with their texts, to read.
pub fn items(test: &InterestTest) -> Vec<Value> {
    let items = ITEMS.into_iter().zip(test.items());
    items
        .map(|(key, (number, text))| context! { key, number, text => text.trim() })
        .collect()
}

fn title(version: &Version) -> String {
    format!("Public-interest test of {}", version.id)
}

fn oops(error: InterestError, version: &Version) -> Oops {
    let oops = match error {
        InterestError::Step(error) => error.into(),
        InterestError::Changed | InterestError::Incomplete(_) => Oops::changed(),
        InterestError::Folder(error) => {
            tracing::error!(%error, agreement = %version.id, "a public-interest test was not kept");
            Oops::not_now(
                "The folder of the agreements cannot be written. Tell whoever runs the service.",
            )
        }
    };
    let page = format!("/agreements/{}/interest", version.id);
    oops.then(page, "Look at the test")
}
