//! Agreements for everybody to read, how they differ, what they would have said, and the guardians'
//! narrowing, suspension and reopening.

pub mod diff;
pub mod interest;
pub mod narrowing;
pub mod reopening;
pub mod replay;
pub mod suspension;
pub mod travel;

use std::sync::Arc;

use agreement::{Library, Status, Version};
use axum::extract::{Path, State};
use axum::response::Response;
use disclosure::AgreementState;
use jiff::Timestamp;
use minijinja::{Value, context};

use super::Desk;
use super::access::Room;
use super::oops::Oops;
use super::visitor::Visitor;
use super::{page, words};
use crate::gate::Gate;
use crate::pipeline::{StepError, interest as waits, judgement};

/// `GET /agreements`: every version with its state.
pub async fn list(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Oops> {
    let gate = &desk.gate;
    let mut agreements = Vec::new();
    let library = gate.agreements();
    for agreement in library.agreements() {
        let mut versions = Vec::new();
        // A draft has not been agreed by anybody and is not published.
        let now = gate.clock.now();
        let agreed = |version: &&Version| library.status_at(&version.id, now) != Status::Draft;
        for version in agreement.versions.values().filter(agreed) {
            versions.push(context! {
                name => version.id.to_string(),
                version => version.id.version.clone(),
                title => version.terms.title.clone(),
                marker => page::value(version.terms.marker),
                benefit => version.terms.benefit.clone(),
                requesters => version.terms.parties.requesters.clone(),
                effective => page::value(version.terms.dates.effective),
                state => state(gate, &library, version).await?.code(),
            });
        }
        if versions.is_empty() {
            continue;
        }
        agreements.push(context! { id => agreement.id.clone(), versions });
    }
    let content = context! { agreements, register => register(&library, gate.clock.now()) };
    Ok(visitor.page("agreements/list.html", "Agreements", "agreements", content))
}

/// `GET /agreements/{agreement}/{version}`: every clause, and what has happened to it.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((agreement, version)): Path<(String, String)>,
) -> Result<Response, Oops> {
    let gate = &desk.gate;
    let library = gate.agreements();
    let version = find(&library, &agreement, &version)?;
    let name = version.id.to_string();
    // What has been taken away since stands below the published text, and counts.
    let bound = library.version_at(&version.id, gate.clock.now());
    let bound = bound.unwrap_or(version);
    let added = bound.clauses.get(version.clauses.len()..);
    let content = context! {
        name => name.as_str(),
        terms => page::value(&version.terms),
        gateways => gateways(version),
        clauses => page::value(&bound.clauses),
        added => page::value(added.unwrap_or_default()),
        hash => version.content_hash.clone(),
        state => state(gate, &library, version).await?.code(),
        events => events(&library, version),
        interest => test(gate, &library, version, sees(&visitor, Room::Oversight)),
        waiting => sees(&visitor, Room::Suspension)
            && matches!(waits::proposed(gate, &version.id.agreement), Ok(Some(_))),
        others => others(gate, &library, version),
        may_replay => sees(&visitor, Room::Oversight),
        may_suspend => sees(&visitor, Room::Suspension),
    };
    let title = format!("Agreement {name}");
    Ok(visitor.page("agreements/show.html", &title, "agreements", content))
}

fn sees(visitor: &Visitor, room: Room) -> bool {
    visitor.actor().is_some_and(|by| room.admits(by.role))
}

/// Everything that happened to any published version, newest first.
fn register(library: &Library, now: Timestamp) -> Vec<Value> {
    let mut events: Vec<(Timestamp, Value)> = Vec::new();
    for agreement in library.agreements() {
        for event in agreement.log.events() {
            let name = format!("{}/{}", agreement.id, event.version);
            let id = name.parse().ok();
            let drafted = id.is_none_or(|id| library.status_at(&id, now) == Status::Draft);
            if !drafted {
                let line = context! { name, event => page::value(event) };
                events.push((event.effective, line));
            }
        }
    }
    events.sort_by_key(|(effective, _)| std::cmp::Reverse(*effective));
    events.into_iter().map(|(_, line)| line).collect()
}

/// The other published versions of the same agreement, to compare with.
fn others(gate: &Gate, library: &Library, version: &Version) -> Vec<String> {
    let now = gate.clock.now();
    let agreement = library.agreement(&version.id.agreement);
    let versions = agreement
        .into_iter()
        .flat_map(|found| found.versions.values());
    let others = versions.filter(|other| {
        other.id != version.id && library.status_at(&other.id, now) != Status::Draft
    });
    others.map(|other| other.id.version.clone()).collect()
}

/// The version with this name.
fn find<'a>(library: &'a Library, agreement: &str, version: &str) -> Result<&'a Version, Oops> {
    let id = format!("{agreement}/{version}").parse().ok();
    id.and_then(|id| library.version(&id))
        .ok_or_else(Oops::not_found)
}

async fn state(
    gate: &Gate,
    library: &Library,
    version: &Version,
) -> Result<AgreementState, StepError> {
    judgement::open_state(gate, library, version, gate.clock.now()).await
}

/// The gateways of a version, with their words.
pub fn gateways(version: &Version) -> Vec<Value> {
    let codes = version.terms.gateways.iter();
    codes
        .map(|code| context! { code, words => words::gateway_named(code) })
        .collect()
}

fn events(library: &Library, version: &Version) -> Vec<Value> {
    let agreement = library.agreement(&version.id.agreement);
    let events = agreement.map_or(&[][..], |agreement| agreement.log.events());
    let about = events
        .iter()
        .filter(|event| event.version == version.id.version);
    about.map(page::value).collect()
}

/// The test that counts now, and those before it. Who decided is for overseers.
fn test(gate: &Gate, library: &Library, version: &Version, oversees: bool) -> Option<Value> {
    let (agreement, now) = (library.agreement(&version.id.agreement)?, gate.clock.now());
    let test = agreement.test_at(now)?;
    let earlier = agreement.tests().take_while(|other| *other != test);
    let line = |other: &agreement::InterestTest| {
        context! {
            version => other.version.clone(),
            conclusion => other.conclusion.clone(),
            decided_at => page::value(other.decided_at),
        }
    };
    Some(context! {
        test => page::value(test),
        items => interest::items(test),
        hash => test.content_hash(),
        decided_by => oversees.then(|| test.decided_by.clone()),
        signed_by => oversees.then(|| test.guardian_signoff.clone()),
        earlier => earlier.map(line).collect::<Vec<_>>(),
        valid => test.valid_at(now),
    })
}
