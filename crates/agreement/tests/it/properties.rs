use agreement::{Facts, Outcome, Version, judge};
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::{library, permitted_facts};

/// One way of making a request worse.
#[derive(Debug, Clone)]
enum Worse {
    /// Take a fact away.
    Absent(usize),
    /// Replace a text by one that no list names.
    Unlisted(usize),
    /// Say no where the example said yes, or nought where it gave a number.
    No(usize),
}

fn worse() -> impl Strategy<Value = Worse> {
    (0..64_usize, 0..3).prop_map(|(which, how)| match how {
        0 => Worse::Absent(which),
        1 => Worse::Unlisted(which),
        _ => Worse::No(which),
    })
}

fn apply(facts: &mut Map<String, Value>, change: &Worse) {
    let (Worse::Absent(which) | Worse::Unlisted(which) | Worse::No(which)) = change;
    let required = ["agency", "purpose", "fields_requested"];
    let optional: Vec<String> = facts
        .keys()
        .filter(|key| !required.contains(&key.as_str()))
        .cloned()
        .collect();
    let Some(key) = optional.get(which % optional.len().max(1)) else {
        return;
    };
    // These say something against the request when true, and nothing for it when false.
    let against = [
        "requester_is_authoriser",
        "manual_information",
        "asks_for_act",
    ];
    match change {
        Worse::Absent(_) if !against.contains(&key.as_str()) => {
            facts.remove(key);
        }
        Worse::Absent(_) => {
            facts.insert(key.clone(), Value::Bool(true));
        }
        Worse::Unlisted(_) | Worse::No(_) => {
            let worse = match &facts[key] {
                Value::Bool(_) => Value::Bool(against.contains(&key.as_str())),
                Value::Number(_) => Value::from(0),
                Value::String(_) if key == "conviction" => Value::from("unknown"),
                Value::String(_) => Value::from("not listed"),
                _ => Value::Array(Vec::new()),
            };
            facts.insert(key.clone(), worse);
        }
    }
}

fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Refused => 0,
        Outcome::NeedsHuman => 1,
        Outcome::Permitted => 2,
    }
}

fn parsed(facts: &Map<String, Value>) -> Facts {
    serde_json::from_value(Value::Object(facts.clone())).expect("facts")
}

fn never_better(version: &Version, changes: &[Worse]) -> Result<(), TestCaseError> {
    let start = serde_json::to_value(permitted_facts(version)).expect("json");
    let mut facts = start.as_object().expect("object").clone();
    let mut before = judge(version, &parsed(&facts));
    prop_assert_eq!(before.outcome, Outcome::Permitted);
    for change in changes {
        apply(&mut facts, change);
        let after = judge(version, &parsed(&facts));
        prop_assert!(
            rank(after.outcome) <= rank(before.outcome),
            "{:?} {:?}",
            version.id,
            facts
        );
        let kept = after
            .fields_allowed
            .iter()
            .all(|field| before.fields_allowed.contains(field));
        prop_assert!(kept, "{:?} {:?}", version.id, facts);
        before = after;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn worse_facts_never_turn_a_refusal_into_a_permission(changes in prop::collection::vec(worse(), 1..8)) {
        for version in library().versions() {
            never_better(version, &changes)?;
        }
    }

    #[test]
    fn anything_can_be_judged_without_an_alarm(
        agency in ".{0,12}", purpose in ".{0,12}", fields in prop::collection::vec(".{0,12}", 0..4), text in ".{0,12}",
        number in any::<i64>(), flag in any::<bool>(),
    ) {
        let facts = Facts {
            offence_code: Some(text.clone()), limb: Some(text), sentence_months: Some(number),
            last_resort_attempts: Some(number), countersigned: Some(flag),
            ..Facts::new(agency, purpose, fields)
        };
        for version in library().versions() {
            let judgement = judge(version, &facts);
            prop_assert!(judgement.alarm.is_none());
            prop_assert_eq!(judgement.outcome, Outcome::Refused);
            prop_assert_eq!(judgement.clone(), judge(version, &facts));
        }
    }
}
