use std::path::Path;
use std::str::FromStr;

use cedar_policy::PolicySet;

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
    let line: serde_json::Value =
        serde_json::from_str(text.lines().next().expect("a case")).expect("json");
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
        let policy = cedar_policy::Policy::from_json(None, json).expect("policy");
        let text = policy
            .to_cedar()
            .expect("static")
            .replace(CONDITION, OVERFLOW);
        let id = cedar_policy::PolicyId::new(policy.annotation("id").expect("id"));
        let policy = cedar_policy::Policy::parse(Some(id), text).expect("parses");
        policies.add(policy).expect("unique");
    }
    policies
}

#[test]
fn a_forbid_that_errs_is_skipped_by_cedar_but_refused_here_with_an_alarm() {
    let (mut version, facts) = police();
    assert_eq!(judge(&version, &facts).outcome, Outcome::Permitted);
    version.policies.shared = erring(&version.policies.shared);
    let context = facts.context().expect("context");
    let request = request(&facts.agency, "name", context).expect("request");
    let alone = authorize(&request, &version.policies.shared);
    assert_eq!(alone.decision(), Decision::Allow, "cedar alone fails open");
    let judgement = judge(&version, &facts);
    assert_eq!(judgement.outcome, Outcome::Refused);
    assert!(judgement.fields_allowed.is_empty());
    assert!(judgement.alarm.expect("alarm").contains("overflow"));
}

#[test]
fn a_permit_that_errs_refuses_with_an_alarm() {
    let (mut version, facts) = police();
    version.policies.release_shared = erring(&version.policies.release_shared);
    let judgement = judge(&version, &facts);
    assert_eq!(judgement.refusal_code(), Some("no_legal_basis"));
    assert!(judgement.alarm.expect("alarm").contains("overflow"));
}

#[test]
fn policy_sets_that_disagree_refuse_with_an_alarm() {
    let (mut version, facts) = police();
    let open = "@id(\"release\") permit (principal, action, resource);";
    version.policies.release_shared = PolicySet::from_str(open).expect("parses");
    let mut theft = facts.clone();
    theft.offence_code = Some("theft".to_owned());
    assert_eq!(judge(&version, &facts).alarm, None);
    let judgement = judge(&version, &theft);
    assert_eq!(judgement.outcome, Outcome::Refused);
    assert!(judgement.alarm.expect("alarm").contains("disagree"));
}
