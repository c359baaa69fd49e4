//! What an agency can choose from: the agreements that name it, and what the one for a purpose permits.

use std::collections::BTreeSet;

use agreement::{Library, Resolution, Status, Version};
use disclosure::Actor;
use jiff::Timestamp;
use minijinja::{Value, context};

use crate::gate::Gate;
use crate::pipeline::drafts::suffices;
use crate::web::agreements::gateways;
use crate::web::{page, words};

/// Versions that name the agency and are not over.
pub fn alive<'a>(library: &'a Library, organization: &str, now: Timestamp) -> Vec<&'a Version> {
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

/// The version that a request of this agency for this purpose falls under now.
pub fn version_for<'a>(
    library: &'a Library,
    by: &Actor,
    purpose: &str,
    now: Timestamp,
) -> Option<&'a Version> {
    match library.find(&by.organization, purpose, now) {
        Resolution::Judge(version) => Some(version),
        Resolution::Held(held) => library.version_at(&held.version, now),
        Resolution::Refused(refused) => library.version_at(&refused.version?, now),
    }
}

/// What can be chosen under an agreement for a purpose; without an agreement, nothing.
pub fn options(gate: &Gate, by: &Actor, purpose: &str) -> Value {
    let library = gate.agreements();
    let Some(version) = version_for(&library, by, purpose, gate.clock.now()) else {
        return nothing();
    };
    let terms = &version.terms;
    let labelled = |codes: &[String]| -> Vec<Value> {
        let options = codes.iter().map(|code| option(code, words::label(code)));
        options.collect()
    };
    let offences = terms.offences.iter().map(|row| &row.code);
    let mut seen = BTreeSet::new();
    let offences = offences.filter(|code| seen.insert(*code));
    context! {
        agreement => version.id.to_string(),
        title => terms.title.clone(),
        purpose,
        units => labelled(&terms.authority.units),
        ranks => labelled(&terms.authority.ranks),
        offences => offences.map(|code| option(code, words::label(code))).collect::<Vec<_>>(),
        gateways => gateways(version),
        fields => fields(version, purpose),
        conditions => page::value(&terms.conditions),
        has_limbs => terms.limb_a.is_some() || terms.offences.iter().any(|row| row.limb.is_some()),
        min_rank => terms.authority.min_rank.clone(),
        fields_clause => clause(version, &terms.fields_clause),
        offence_clause => terms.offence_clause.as_deref().and_then(|number| clause(version, number)),
        data_life_days => terms.handling.data_life_days,
        outcome_due_days => terms.handling.outcome_due_days,
    }
}

fn nothing() -> Value {
    let none = Vec::<Value>::new;
    context! {
        agreement => (), title => (), purpose => (),
        units => none(), ranks => none(), offences => none(), gateways => none(), fields => none(),
        conditions => (), has_limbs => false, min_rank => (),
        fields_clause => (), offence_clause => (),
        data_life_days => (), outcome_due_days => (),
    }
}

/// A clause of the agreement, to read beside a question.
fn clause(version: &Version, number: &str) -> Option<Value> {
    let clause = version
        .clauses
        .iter()
        .find(|clause| clause.number == number);
    clause.map(page::value)
}

fn option(code: &str, words: String) -> Value {
    context! { code, words }
}

/// The items that the agreement permits for the purpose; nothing else can be ticked.
pub fn fields(version: &Version, purpose: &str) -> Vec<Value> {
    let codes = version.terms.fields(purpose).iter();
    codes.map(|code| option(code, words::field(code))).collect()
}

/// The ranks that may sign under an agreement version.
pub fn signing_ranks(version: Option<&Version>) -> Vec<Value> {
    let Some(version) = version else {
        return Vec::new();
    };
    let ranks = version.terms.authority.ranks.iter();
    let enough = ranks.filter(|rank| suffices(version, rank));
    enough
        .map(|rank| option(rank, words::label(rank)))
        .collect()
}
