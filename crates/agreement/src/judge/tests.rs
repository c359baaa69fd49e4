use std::path::Path;
use std::str::FromStr;

use cedar_policy::PolicySet;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::library::Library;

const CONDITION: &str = "context.last_resort_attempts < 1";
const OVERFLOW: &str = "context.last_resort_attempts + 9223372036854775807 < 1";

fn police() -> (Version, Facts) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../agreements");
    let library = Library::load(&folder).expect("the shipped folder loads");
    let id = "police-serious-crime/2026-01-01".parse().expect("id");
    let version = library.version(&id).expect("shipped").clone();
    let text = String::from_utf8_lossy(&version.files["cases.jsonl"]).into_owned();
    let line: Value = serde_json::from_str(text.lines().next().expect("a case")).expect("json");
    (
        version,
        serde_json::from_value(line["facts"].clone()).expect("facts"),
    )
}

/// A policy set with a condition that overflows at run time; loading would refuse it.
fn erring(set: &PolicySet) -> PolicySet {
    let mut policies = PolicySet::new();
    for policy in set.policies() {
        // Through JSON, which writes `>= 1` as `not < 1`.
        let json = policy.to_json().expect("json");
        let again = cedar_policy::Policy::from_json(None, json).expect("policy");
        let text = again.to_cedar().expect("static");
        let text = text.replace(CONDITION, OVERFLOW);
        let again = cedar_policy::Policy::parse(Some(policy.id().clone()), text).expect("parses");
        policies.add(again).expect("unique");
    }
    policies
}

#[test]
fn a_forbid_that_errs_is_skipped_by_cedar_but_refused_here_with_an_alarm() {
    let (mut version, facts) = police();
    assert_eq!(judge(&version, &facts).outcome, Outcome::Permitted);
    version.policies.clauses.set = erring(&version.policies.clauses.set);
    let context = facts.context().expect("context");
    let request = request(&facts.agency, "name", context).expect("request");
    let policies = version.policies.clauses.set.policies();
    let two = policies.filter(|policy| ["open", "last_resort"].contains(&policy.id().as_ref()));
    let two = PolicySet::from_policies(two.cloned()).expect("unique");
    let alone = authorize(&request, &two);
    assert_eq!(alone.decision(), Decision::Allow, "cedar alone fails open");
    let judgement = judge(&version, &facts);
    assert_eq!(judgement.outcome, Outcome::Refused);
    assert!(judgement.fields_allowed.is_empty());
    assert!(judgement.alarm.expect("alarm").contains("overflow"));
}

#[test]
fn a_permit_that_errs_refuses_with_an_alarm() {
    let (mut version, facts) = police();
    version.policies.release.set = erring(&version.policies.release.set);
    let judgement = judge(&version, &facts);
    assert_eq!(judgement.refusal_code(), Some("no_legal_basis"));
    assert!(judgement.alarm.expect("alarm").contains("overflow"));
}

#[test]
fn policy_sets_that_disagree_refuse_with_an_alarm() {
    let (mut version, facts) = police();
    let open = PolicySet::from_str("permit (principal, action, resource);").expect("parses");
    let open = open.policies().next().expect("one");
    let ids = version.policies.release.set.policies();
    let open = ids.map(|policy| open.new_id(policy.id().clone()));
    version.policies.release.set = PolicySet::from_policies(open).expect("unique");
    let mut theft = facts.clone();
    theft.offence_code = Some("theft".to_owned());
    assert_eq!(judge(&version, &facts).alarm, None);
    let judgement = judge(&version, &theft);
    assert_eq!(judgement.outcome, Outcome::Refused);
    assert!(judgement.alarm.expect("alarm").contains("disagree"));
}

/// What Cedar says of one field to the two texts as they were published.
fn plainly(version: &Version, facts: &Facts, field: &str) -> (bool, BTreeSet<String>) {
    let answer = |file: &str| {
        let set = PolicySet::from_str(&version.texts()[file]).expect("parses");
        let context = facts.context().expect("context");
        let request = request(&facts.agency, field, context).expect("request");
        let response = authorize(&request, &set);
        assert_eq!(response.diagnostics().errors().count(), 0);
        let id = |id| set.policy(id).and_then(|policy| policy.annotation("id"));
        let reasons = response.diagnostics().reason().filter_map(id);
        let reasons: BTreeSet<String> = reasons.map(str::to_owned).collect();
        (response.decision() == Decision::Allow, reasons)
    };
    let (clauses, reasons) = answer("clauses.cedar");
    let stopped = if clauses { BTreeSet::new() } else { reasons };
    (clauses && answer("release.cedar").0, stopped)
}

fn shipped() -> &'static Library {
    static SHIPPED: LazyLock<Library> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../agreements");
        Library::load(&folder).expect("the shipped folder loads")
    });
    &SHIPPED
}

/// Facts of the worked examples of every agreement, changed at some places.
fn facts() -> impl Strategy<Value = Facts> {
    let texts = shipped().versions().map(Version::texts);
    let lines: Vec<Value> = texts
        .flat_map(|texts| {
            let lines = texts["cases.jsonl"].lines().map(str::to_owned);
            lines.collect::<Vec<_>>()
        })
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        .filter(|case| case.get("from").is_none())
        .map(|case| case["facts"].clone())
        .collect();
    let fields: Vec<&str> = crate::lint::every_field()
        .chain(["no such field"])
        .collect();
    let fields = prop::sample::subsequence(fields, 0..6);
    let example = prop::sample::select(lines);
    (
        example,
        fields,
        prop::collection::vec((0..64_usize, 0..4), 0..3),
    )
        .prop_map(|(mut example, fields, changes)| {
            let members = example.as_object_mut().expect("object");
            for (which, how) in changes {
                let names: Vec<String> = members.keys().cloned().collect();
                let name = &names[which % names.len()];
                let old = members[name].clone();
                let new = match (old, how) {
                    (Value::Bool(old), _) => Value::Bool(!old),
                    (Value::Number(_), how) => Value::from(how),
                    (Value::String(_), _) if name == "conviction" => Value::from("unknown"),
                    (Value::String(_), _) if !name.ends_with("date") => Value::from("unlisted"),
                    (old, _) => old,
                };
                members.insert(name.clone(), new);
            }
            members.insert("fields_requested".to_owned(), fields.into());
            members.remove("offence_date");
            serde_json::from_value(example).expect("facts")
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_question_for_every_field_answers_as_one_for_each(facts in facts()) {
        for version in shipped().versions() {
            let judgement = judge(version, &facts);
            prop_assert_eq!(&judgement.alarm, &None);
            for field in &facts.fields_requested {
                let (allowed, stopped) = plainly(version, &facts, field);
                prop_assert_eq!(judgement.fields_allowed.contains(field), allowed, "{} {}", version.id, field);
                let named = judgement.clauses.iter().filter(|clause| clause.fields.contains(field));
                let named: BTreeSet<&str> = named.map(|clause| clause.clause.as_str()).collect();
                let rules = stopped.iter().filter_map(|id| version.policies.rule(id));
                let expected: BTreeSet<&str> = rules.map(|rule| rule.clause.as_str()).collect();
                prop_assert_eq!(named, expected, "{} {}", version.id, field);
            }
        }
    }
}
