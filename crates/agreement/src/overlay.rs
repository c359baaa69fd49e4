//! Overlays: further rules over a version that is in force. A forbid can only take away, so an
//! overlay can only narrow; that it does is proved when it is entered.

use std::collections::BTreeMap;

use cedar_policy::Schema;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::clause::{Clause, ClauseKind};
use crate::fault::Fault;
use crate::library::Version;
use crate::lint::Parts;
use crate::policy::{Policies, release_text};
use crate::prove::{Comparison, Verdict, compare};
use crate::status::{Event, EventKind, StatusLog};

/// Versions with their overlays, each from its instant on, in order.
pub(crate) type Overlaid = BTreeMap<String, Vec<(Timestamp, Version)>>;

/// Every version as each overlay of the log left it.
pub(crate) fn overlaid(
    schema: &Schema,
    log: &StatusLog,
    versions: &BTreeMap<String, Version>,
) -> Result<Overlaid, Vec<Fault>> {
    let mut made = Overlaid::new();
    let mut events: Vec<&Event> = log.events().iter().collect();
    events.sort_by_key(|event| event.effective);
    for event in events {
        let Some((rules, version)) = event.overlay.as_ref().zip(versions.get(&event.version))
        else {
            continue;
        };
        let before = made.entry(event.version.clone()).or_default();
        let base = before.last().map_or(version, |(_, version)| version);
        let narrowed = with_rules(schema, base, rules, &event.source)?;
        before.push((event.effective, narrowed));
    }
    Ok(made)
}

/// The version with further rules.
pub(crate) fn with_rules(
    schema: &Schema,
    base: &Version,
    rules: &str,
    source: &str,
) -> Result<Version, Vec<Fault>> {
    let file = format!("{}/clauses.cedar with its overlay", base.id);
    let mut files = base.texts();
    let clauses_text = format!(
        "{}\n{rules}",
        files.get("clauses.cedar").map_or("", String::as_str)
    );
    let release = release_text(&file, &clauses_text)?;
    let mut policies = Policies::parse(schema, (&file, &clauses_text), (&file, &release))?;
    policies.domain.clone_from(&base.policies.domain);
    let mut clauses = base.clauses.clone();
    for rule in &policies.rules {
        if base.policies.rule(&rule.id).is_some() {
            continue;
        }
        if clauses.iter().any(|clause| clause.number == rule.clause) {
            let problem = format!("clause `{}` stands already", rule.clause);
            let remedy = "give each rule of the overlay a clause number of its own";
            let needle = format!("@id(\"{}\")", rule.id);
            return Err(vec![Fault::at_text(
                &file,
                &clauses_text,
                &needle,
                problem,
                remedy,
            )]);
        }
        clauses.push(Clause {
            number: rule.clause.clone(),
            title: "Overlay".to_owned(),
            kind: ClauseKind::Coded,
            text: rule.text.clone(),
            source: source.to_owned(),
            line: 1,
        });
    }
    files.insert("clauses.cedar".to_owned(), clauses_text);
    files.insert("release.cedar".to_owned(), release);
    let folder = base.id.to_string();
    let parts = Parts {
        folder: &folder,
        files: &files,
        terms: &base.terms,
        clauses: &clauses,
        policies: &policies,
    };
    let faults = parts.faults();
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut overlays = base.overlays.clone();
    overlays.push(hex::encode(Sha256::digest(rules)));
    Ok(Version {
        clauses,
        policies,
        overlays,
        files: files
            .into_iter()
            .map(|(name, text)| (name, text.into_bytes()))
            .collect(),
        ..base.clone()
    })
}

/// The version as an overlay leaves it, with the proof that it only narrows.
pub(crate) fn proved(
    schema: &Schema,
    base: &Version,
    event: &Event,
) -> Result<(Version, Comparison), String> {
    let id = &base.id;
    let rules = event.overlay.as_deref().unwrap_or_default();
    if event.event != EventKind::Narrowed || rules.trim().is_empty() {
        return Err("an overlay is a narrowing with rules".to_owned());
    }
    if event.effective != event.recorded {
        return Err("an overlay takes effect when it is entered, neither before nor after".into());
    }
    let narrowed = with_rules(schema, base, rules, &event.source).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    let comparison = compare(base, &narrowed).map_err(|error| error.to_string())?;
    if comparison.verdict != Verdict::Narrows {
        return Err(format!(
            "the overlay does not narrow `{id}`: {}",
            comparison.verdict.sentence()
        ));
    }
    if !comparison.permits_something {
        return Err(format!(
            "nothing could be released under `{id}` any more; suspend it instead"
        ));
    }
    Ok((narrowed, comparison))
}
