//! What an agency can choose from: the union of the agreements that name it.

use std::collections::BTreeSet;

use agreement::{Library, Status, Version};
use disclosure::{Actor, Role};
use jiff::Timestamp;
use minijinja::{Value, context};

use crate::gate::Gate;
use crate::personas;
use crate::web::words;

/// The choices of the form for an agency's officer.
pub fn options(gate: &Gate, by: &Actor) -> Value {
    let library = gate.agreements();
    let versions = alive(&library, &by.organization, gate.clock.now());
    let codes = |of: fn(&Version) -> Vec<&String>| -> Vec<Value> {
        let mut seen = BTreeSet::new();
        let all = versions.iter().flat_map(|version| of(version));
        all.filter(|code| seen.insert((*code).clone()))
            .map(|code| option(code, words::label(code)))
            .collect()
    };
    context! {
        purposes => purposes(&versions),
        units => codes(|version| version.terms.authority.units.iter().collect()),
        ranks => codes(|version| version.terms.authority.ranks.iter().collect()),
        offences => codes(|version| version.terms.offences.iter().map(|row| &row.code).collect()),
        gateways => gateways(&versions),
        fields => fields(&versions),
        authorisers => authorisers(by),
    }
}

fn option(code: &str, words: String) -> Value {
    context! { code, words }
}

/// Versions that name the agency and are not over.
fn alive<'a>(library: &'a Library, organization: &str, now: Timestamp) -> Vec<&'a Version> {
    let names = |version: &&Version| {
        let requesters = &version.terms.parties.requesters;
        requesters.iter().any(|code| code == organization)
    };
    let living = |version: &&Version| {
        let status = library.status_at(&version.id, now);
        matches!(
            status,
            Status::InForce | Status::Narrowed | Status::Suspended { .. }
        )
    };
    library.versions().filter(names).filter(living).collect()
}

fn purposes(versions: &[&Version]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let mut purposes = Vec::new();
    for version in versions {
        for code in &version.terms.purposes {
            if seen.insert(code) {
                let words = format!("{} ({})", words::label(code), version.terms.title);
                purposes.push(option(code, words));
            }
        }
    }
    purposes
}

fn gateways(versions: &[&Version]) -> Vec<Value> {
    let codes: BTreeSet<&String> = versions.iter().flat_map(|v| &v.terms.gateways).collect();
    codes
        .iter()
        .map(|code| option(code, words::gateway_named(code)))
        .collect()
}

/// The items that some agreement of the agency permits; nothing else can be ticked.
fn fields(versions: &[&Version]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let all = versions
        .iter()
        .flat_map(|version| version.terms.fields_by_purpose.values());
    all.flatten()
        .filter(|code| seen.insert(*code))
        .map(|code| option(code, words::field(code)))
        .collect()
}

/// Colleagues who may countersign; never the one who asks (I4).
pub fn authorisers(by: &Actor) -> Vec<Value> {
    let colleagues = personas::all().filter(|other| may_sign(by, other));
    colleagues
        .map(|other| option(&other.id, other.name))
        .collect()
}

/// Whether `other` may countersign what `by` asks.
pub fn may_sign(by: &Actor, other: &Actor) -> bool {
    other.role == Role::Authoriser && other.organization == by.organization && !other.is(by)
}
