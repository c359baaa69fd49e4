//! What a guardian takes away from a version in force, written as the rules of an overlay: the clause
//! that lists it stands once more, with a shorter list.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::library::Version;
use crate::lint::compared_with;
use crate::policy::{Rule, condition_text};

/// Codes of a version that are taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenAway {
    /// Fields that leave no more.
    pub fields: BTreeSet<String>,
    /// Purposes that may be asked for no more.
    pub purposes: BTreeSet<String>,
    /// Offences that count no more.
    pub offences: BTreeSet<String>,
}

impl TakenAway {
    /// What this version lists, and so what can be taken away.
    pub fn everything(version: &Version) -> TakenAway {
        let terms = &version.terms;
        let fields = terms.fields_by_purpose.values().flatten();
        let offences = terms.offences.iter().map(|offence| offence.code.clone());
        TakenAway {
            fields: fields.cloned().collect(),
            purposes: terms.purposes.iter().cloned().collect(),
            offences: offences.collect(),
        }
    }

    /// The rules of the overlay, in Cedar. Their clauses are numbered after those that stand.
    ///
    /// # Errors
    /// What cannot be taken away by a shorter list, with the remedy.
    pub fn rules(&self, version: &Version) -> Result<String, String> {
        let rules = &version.policies.rules;
        let of = |number: &String| rules.iter().find(|rule| rule.clause == *number);
        let terms = &version.terms;
        let parts = [
            (&self.fields, List::Fields, of(&terms.fields_clause)),
            (&self.purposes, List::Purposes, lists_all_purposes(version)),
            (
                &self.offences,
                List::Offences,
                terms.offence_clause.as_ref().and_then(of),
            ),
        ];
        let (section, mut text, mut place) = (next_section(version), String::new(), 0);
        for (codes, list, rule) in parts {
            if codes.is_empty() {
                continue;
            }
            let rule = rule.ok_or("no clause lists what is to go; write the overlay by hand")?;
            place += 1;
            text += &shorter(&format!("{section}.{place}"), rule, list, codes)?;
        }
        Ok(text)
    }
}

/// What a clause lists.
#[derive(Clone, Copy)]
enum List {
    Fields,
    Purposes,
    Offences,
}

impl List {
    /// What the codes are compared with.
    fn subject(self) -> Value {
        let fact = |name| json!({".": {"left": {"Var": "context"}, "attr": name}});
        match self {
            List::Fields => json!({"Var": "action"}),
            List::Purposes => fact("purpose"),
            List::Offences => fact("offence_code"),
        }
    }

    fn words(self) -> &'static str {
        match self {
            List::Fields => "No longer released",
            List::Purposes => "No longer a purpose",
            List::Offences => "No longer enough",
        }
    }
}

/// The clause that names every purpose.
fn lists_all_purposes(version: &Version) -> Option<&Rule> {
    let all: BTreeSet<String> = version.terms.purposes.iter().cloned().collect();
    version.policies.rules.iter().find(|rule| {
        let mut named = BTreeSet::new();
        compared_with(&rule.condition, "purpose", &mut named);
        named == all
    })
}

/// The rule once more, without these codes.
fn shorter(
    clause: &str,
    rule: &Rule,
    list: List,
    codes: &BTreeSet<String>,
) -> Result<String, String> {
    let condition = without(&rule.condition, &list.subject(), codes);
    let condition = condition.ok_or("nothing would be left of a list; suspend instead")?;
    let condition = condition_text(&condition)?;
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let (what, words) = (list.words(), codes.join(", ").replace('_', " "));
    let Rule { outcome, fix, .. } = rule;
    Ok(format!(
        "@id(\"without_{clause}\")\n@clause(\"{clause}\")\n@text(\"{what}: {words}.\")\n\
         @outcome(\"{outcome}\")\n@fix(\"{fix}\")\n\
         forbid (principal, action, resource)\nunless {{\n  {condition}\n}};\n\n"
    ))
}

/// The condition without the codes that `subject` is compared with; `None` where it can hold no more.
fn without(condition: &Value, subject: &Value, codes: &BTreeSet<String>) -> Option<Value> {
    let (operator, operands) = condition
        .as_object()
        .and_then(|members| members.iter().next())?;
    let side = |name: &str| without(&operands[name], subject, codes);
    match operator.as_str() {
        "||" => match (side("left"), side("right")) {
            (Some(left), Some(right)) => Some(json!({"||": {"left": left, "right": right}})),
            (left, right) => left.or(right),
        },
        "&&" => Some(json!({"&&": {"left": side("left")?, "right": side("right")?}})),
        "==" if operands["left"] == *subject => {
            (!is_one_of(&operands["right"], codes)).then(|| condition.clone())
        }
        "in" if operands["left"] == *subject => listed(operator, operands, "right", codes),
        "contains" if operands["right"] == *subject => listed(operator, operands, "left", codes),
        _ => Some(condition.clone()),
    }
}

/// The comparison with a shorter list on this side.
fn listed(operator: &str, operands: &Value, side: &str, codes: &BTreeSet<String>) -> Option<Value> {
    let Some(items) = operands[side]["Set"].as_array() else {
        let one = !is_one_of(&operands[side], codes);
        return one.then(|| json!({ operator: operands }));
    };
    let kept = items.iter().filter(|item| !is_one_of(item, codes));
    let kept: Vec<Value> = kept.cloned().collect();
    let mut operands: Map<String, Value> = operands.as_object()?.clone();
    operands.insert(side.to_owned(), json!({ "Set": kept }));
    (!kept.is_empty()).then(|| json!({ operator: operands }))
}

fn is_one_of(value: &Value, codes: &BTreeSet<String>) -> bool {
    let literal = &value["Value"];
    let code = literal.as_str().or(literal["__entity"]["id"].as_str());
    code.is_some_and(|code| codes.contains(code))
}

/// The first section number after those of the clauses.
fn next_section(version: &Version) -> u32 {
    let sections = version.clauses.iter().filter_map(|clause| {
        let section = clause.number.split('.').next()?;
        section.parse::<u32>().ok()
    });
    sections.max().unwrap_or(0) + 1
}
