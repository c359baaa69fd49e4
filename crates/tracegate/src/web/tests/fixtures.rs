//! The macros of the design system against the fixtures of its package: the same options must make
//! the same HTML. The build has taken the package from npm; `fixtures.toml` says what is compared.

mod html;

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Value, context};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::web::page;

#[derive(Deserialize)]
struct Plan {
    component: Vec<Component>,
    skipped: BTreeMap<String, String>,
    left_out: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Component {
    name: String,
    call: String,
    options: BTreeSet<String>,
    compared: usize,
}

#[derive(Deserialize)]
struct Fixtures {
    fixtures: Vec<Fixture>,
}

#[derive(Deserialize)]
struct Fixture {
    name: String,
    context: Option<Json>,
    #[serde(rename = "callBlock")]
    call_block: Option<Json>,
    html: String,
}

fn plan() -> Plan {
    toml::from_str(include_str!("fixtures.toml")).unwrap()
}

fn fixtures(component: &str) -> Vec<Fixture> {
    let package = env!("NHSUK_FRONTEND");
    let path = format!("{package}/dist/nhsuk/components/{component}/fixtures.json");
    let text = std::fs::read_to_string(path).unwrap();
    let read: Fixtures = serde_json::from_str(&text).unwrap();
    read.fixtures
}

/// The paths of every option that is set.
fn paths(options: &Json, path: &str, found: &mut BTreeSet<String>) {
    match options {
        Json::Object(map) => {
            for (name, value) in map {
                let dot = if path.is_empty() { "" } else { "." };
                paths(value, &format!("{path}{dot}{name}"), found);
            }
        }
        Json::Array(list) => list.iter().for_each(|value| paths(value, path, found)),
        _ => {
            found.insert(path.to_owned());
        }
    }
}

/// Options as a template gets them: what is called `html` is markup.
fn value(options: &Json) -> Value {
    match options {
        Json::Object(map) => {
            let given = map.iter().map(|(name, given)| match given {
                Json::String(text) if name == "html" => {
                    (name.clone(), Value::from_safe_string(text.clone()))
                }
                _ => (name.clone(), value(given)),
            });
            Value::from(given.collect::<BTreeMap<String, Value>>())
        }
        Json::Array(list) => list.iter().map(value).collect(),
        other => page::value(other),
    }
}

fn rendered(call: &str, options: &Json) -> Result<String, minijinja::Error> {
    let source = format!(
        "{{% import \"nhsuk.html\" as nhsuk %}}{{% import \"nhsuk_fields.html\" as fields %}}{{{{ {call} }}}}"
    );
    page::snippet(&source, context! { p => value(options) })
}

/// Whether somebody has said why fixtures with this option are left out.
fn explained(plan: &Plan, path: &str) -> bool {
    path.split('.').any(|word| plan.skipped.contains_key(word))
}

/// Whether the fixture can be compared; an option that nobody knows fails the test.
fn comparable<'f>(plan: &Plan, part: &Component, fixture: &'f Fixture) -> Option<&'f Json> {
    let options = fixture.context.as_ref()?;
    let named = format!("{}, {}", part.name, fixture.name);
    if fixture.call_block.is_some() || plan.left_out.contains_key(&named) {
        return None;
    }
    let mut found = BTreeSet::new();
    paths(options, "", &mut found);
    let foreign: Vec<&String> = found.difference(&part.options).collect();
    let unknown = foreign.iter().find(|path| !explained(plan, path));
    assert!(
        unknown.is_none(),
        "{}, `{}`: what of option {unknown:?}? Support it, or say in fixtures.toml why not",
        part.name,
        fixture.name
    );
    foreign.is_empty().then_some(options)
}

/// What differs, or nothing.
fn compare(part: &Component, fixture: &Fixture, options: &Json) -> Option<String> {
    let named = format!("{}, `{}`: {options}", part.name, fixture.name);
    let ours = match rendered(&part.call, options) {
        Ok(ours) => html::plain(&ours),
        Err(error) => return Some(format!("{named}\n  {error}")),
    };
    let theirs = html::plain(&fixture.html);
    let at = ours
        .iter()
        .zip(&theirs)
        .position(|(one, other)| one != other);
    let at = at.or((ours.len() != theirs.len()).then(|| ours.len().min(theirs.len())))?;
    let (one, other) = (ours.get(at), theirs.get(at));
    Some(format!("{named}\n  ours {one:?}\n  package {other:?}"))
}

#[test]
fn macros_make_what_the_package_makes() {
    let plan = plan();
    let mut faults = Vec::new();
    for part in &plan.component {
        let fixtures = fixtures(&part.name);
        let chosen: Vec<(&Fixture, &Json)> = fixtures
            .iter()
            .filter_map(|fixture| Some((fixture, comparable(&plan, part, fixture)?)))
            .collect();
        if chosen.len() < part.compared {
            let (found, hoped) = (chosen.len(), part.compared);
            faults.push(format!("{}: {found} are compared, not {hoped}", part.name));
        }
        let differ = |(fixture, options): (&Fixture, &Json)| compare(part, fixture, options);
        faults.extend(chosen.into_iter().filter_map(differ));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
