//! Dependencies point down: who may depend on whom inside the workspace.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::Problem;
use super::crates::{self, Crate, line_starting};
use super::repository::Repository;
use super::rules::{PATH, Rules};

const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

pub fn check(repository: &Repository, rules: &Rules) -> Vec<Problem> {
    let members = crates::all(repository);
    let names: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut problems = Vec::new();
    for member in &members {
        let Some(allowed) = rules.edges.get(&member.name) else {
            let what = format!("crate `{}` has no row in the dependency table", member.name);
            let remedy = format!("add it under `[edges]` in {PATH}");
            problems.push(Problem::new(&member.manifest, 1, what, remedy));
            continue;
        };
        let text = repository.text(&member.manifest).unwrap_or_default();
        for (key, value) in dependencies(&member.table) {
            let line = line_starting(text, key);
            let name = value.get("package").and_then(Value::as_str).unwrap_or(key);
            if names.contains(name) && !allowed.iter().any(|other| other == name) {
                problems.push(not_allowed(member, name, line));
            }
            if value.get("workspace").and_then(Value::as_bool) != Some(true) {
                problems.push(not_inherited(member, key, line));
            }
        }
    }
    problems
}

/// Of every kind, and those for one target too.
fn dependencies(manifest: &Table) -> Vec<(&str, &Value)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table);
    let tables = std::iter::once(manifest).chain(tables);
    let sections = tables.flat_map(|table| KINDS.iter().filter_map(|kind| table.get(*kind)));
    let entries = sections.filter_map(Value::as_table).flat_map(Table::iter);
    entries.map(|(key, value)| (key.as_str(), value)).collect()
}

fn not_allowed(member: &Crate, name: &str, line: usize) -> Problem {
    let what = format!("crate `{}` may not depend on `{name}`", member.name);
    let remedy =
        format!("let their caller join them, or change `[edges]` in {PATH} by a decision record");
    Problem::new(&member.manifest, line, what, remedy)
}

fn not_inherited(member: &Crate, key: &str, line: usize) -> Problem {
    let what = format!("dependency `{key}` names its own source");
    let remedy = format!("move it to the root manifest and write `{key}.workspace = true`");
    Problem::new(&member.manifest, line, what, remedy)
}
