use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::Schema;
use sha2::{Digest, Sha256};

use crate::clause::parse_clauses;
use crate::fault::Fault;
use crate::interest::InterestTest;
use crate::library::{Agreement, Version, VersionId};
use crate::lint::Parts;
use crate::overlay::overlaid;
use crate::policy::{Policies, from_diagnostic, parse_domain};
use crate::source::Source;
use crate::status::{EventKind, StatusLog};
use crate::terms::Terms;

pub(crate) fn load_agreement(source: &Source, name: &str) -> Result<Agreement, Vec<Fault>> {
    let schema = load_schema(source, name)?;
    let domain = load_domain(source, &schema, name)?;
    let mut faults = Vec::new();
    let file = format!("{name}/events.jsonl");
    let log = source.text(&file).map_err(|fault| vec![fault]);
    let log = log.and_then(|text| StatusLog::parse(&file, text));
    let log = keep(log, &mut faults).unwrap_or_default();
    let interest = load_interest(source, name);
    let interest = keep(interest, &mut faults).flatten();
    let renewals = keep(load_renewals(source, name), &mut faults).unwrap_or_default();
    let mut versions = BTreeMap::new();
    for version in version_names(source, name) {
        let loaded = load_version(source, &schema, name, version);
        if let Some(mut loaded) = keep(loaded, &mut faults) {
            loaded.policies.domain.clone_from(&domain);
            versions.insert(version.to_owned(), loaded);
        }
    }
    let overlaid = keep(overlaid(&schema, &log, &versions), &mut faults);
    let agreement = Agreement {
        id: name.to_owned(),
        log,
        interest,
        renewals,
        versions,
        schema,
        overlaid: overlaid.unwrap_or_default(),
    };
    faults.extend(standing_faults(source, &agreement));
    if faults.is_empty() {
        Ok(agreement)
    } else {
        Err(faults)
    }
}

fn keep<T>(result: Result<T, Vec<Fault>>, faults: &mut Vec<Fault>) -> Option<T> {
    result.map_err(|found| faults.extend(found)).ok()
}

fn version_names<'a>(source: &'a Source, name: &str) -> BTreeSet<&'a str> {
    let below = source
        .paths()
        .filter_map(|path| path.strip_prefix(name)?.strip_prefix('/'));
    below
        .filter_map(|path| path.split_once('/'))
        .map(|(version, _)| version)
        .collect()
}

fn load_schema(source: &Source, name: &str) -> Result<Schema, Vec<Fault>> {
    let file = format!("{name}/schema.cedarschema");
    let text = source.text(&file).map_err(|fault| vec![fault])?;
    let parsed = Schema::from_cedarschema_str(text);
    parsed
        .map(|(schema, _)| schema)
        .map_err(|error| vec![from_diagnostic(&file, text, &error)])
}

fn load_domain(
    source: &Source,
    schema: &Schema,
    name: &str,
) -> Result<Vec<serde_json::Value>, Vec<Fault>> {
    let file = format!("{name}/domain.cedar");
    if source.bytes(&file).is_none() {
        return Ok(Vec::new());
    }
    let text = source.text(&file).map_err(|fault| vec![fault])?;
    parse_domain(schema, &file, text)
}

fn load_interest(source: &Source, name: &str) -> Result<Option<InterestTest>, Vec<Fault>> {
    let file = format!("{name}/pit.toml");
    if source.bytes(&file).is_none() {
        return Ok(None);
    }
    let text = source.text(&file).map_err(|fault| vec![fault])?;
    InterestTest::parse(&file, text).map(Some)
}

fn load_renewals(source: &Source, name: &str) -> Result<Vec<InterestTest>, Vec<Fault>> {
    let file = format!("{name}/renewals.jsonl");
    if source.bytes(&file).is_none() {
        return Ok(Vec::new());
    }
    let text = source.text(&file).map_err(|fault| vec![fault])?;
    InterestTest::parse_renewals(&file, text)
}

/// The files of a version that its content hash covers.
const HASHED: [&str; 5] = [
    "cases.jsonl",
    "clauses.cedar",
    "clauses.md",
    "release.cedar",
    "version.toml",
];

fn load_version(
    source: &Source,
    schema: &Schema,
    agreement: &str,
    version: &str,
) -> Result<Version, Vec<Fault>> {
    let path = |file: &str| format!("{agreement}/{version}/{file}");
    let files = read_files(source, &path)?;
    let text = |file: &str| files.get(file).map_or("", String::as_str);
    let mut faults = Vec::new();
    let toml_path = path("version.toml");
    let terms = Terms::parse(&toml_path, text("version.toml")).map_err(|fault| vec![fault]);
    let terms = keep(terms, &mut faults);
    if let Some(terms) = &terms {
        faults.extend(terms.faults(&toml_path, text("version.toml"), agreement, version));
    }
    let clauses = keep(
        parse_clauses(&path("clauses.md"), text("clauses.md")),
        &mut faults,
    );
    let cedar = (path("clauses.cedar"), path("release.cedar"));
    let policies = Policies::parse(
        schema,
        (&cedar.0, text("clauses.cedar")),
        (&cedar.1, text("release.cedar")),
    );
    let policies = keep(policies, &mut faults);
    let (Some(terms), Some(clauses), Some(policies)) = (terms, clauses, policies) else {
        return Err(faults);
    };
    let folder = format!("{agreement}/{version}");
    let parts = Parts {
        folder: &folder,
        files: &files,
        terms: &terms,
        clauses: &clauses,
        policies: &policies,
    };
    faults.extend(parts.faults());
    if !faults.is_empty() {
        return Err(faults);
    }
    let id = VersionId {
        agreement: agreement.to_owned(),
        version: version.to_owned(),
    };
    let files: BTreeMap<String, Vec<u8>> = files
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .collect();
    let content_hash = content_hash(&files);
    Ok(Version {
        id,
        terms,
        clauses,
        content_hash,
        files,
        overlays: Vec::new(),
        policies,
    })
}

/// The files that the content hash covers, or a fault for each that is missing.
fn read_files(
    source: &Source,
    path: &dyn Fn(&str) -> String,
) -> Result<BTreeMap<String, String>, Vec<Fault>> {
    let mut files = BTreeMap::new();
    let mut missing = Vec::new();
    for name in HASHED {
        match source.text(&path(name)) {
            Ok(text) => {
                files.insert(name.to_owned(), text.to_owned());
            }
            Err(fault) => missing.push(fault),
        }
    }
    if missing.is_empty() {
        Ok(files)
    } else {
        Err(missing)
    }
}

/// SHA-256 over each file in order of name: name, newline, length in decimal, newline, bytes.
fn content_hash(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hasher = Sha256::new();
    for (name, bytes) in files {
        hasher.update(format!("{name}\n{}\n", bytes.len()));
        hasher.update(bytes);
    }
    hex::encode(hasher.finalize())
}

/// Faults between status log, versions and public-interest test.
fn standing_faults(source: &Source, agreement: &Agreement) -> Vec<Fault> {
    let mut faults = Vec::new();
    let file = format!("{}/events.jsonl", agreement.id);
    let text = source.text(&file).unwrap_or_default();
    let known = version_names(source, &agreement.id);
    for (index, event) in agreement.log.events().iter().enumerate() {
        let excerpt = text.lines().nth(index).unwrap_or_default();
        let mut fault = |problem: String, remedy: &str| {
            faults.push(Fault::at_line(&file, index + 1, excerpt, problem, remedy));
        };
        if !known.contains(event.version.as_str()) {
            let problem = format!("there is no version `{}`", event.version);
            fault(problem, "add the version's folder, or name one that exists");
        }
        if event.event == EventKind::InForce {
            for (problem, remedy) in agreement.publication_problems(event) {
                fault(problem, remedy);
            }
        }
    }
    faults
}
