//! Faults that a version can have although each of its files is well-formed: the parts do not fit
//! each other, or a rule is written in a way that could fail open.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use cedar_policy::{Decision, Effect, Policy, PolicySet};
use serde_json::{Value, json};

use crate::clause::{Clause, ClauseKind};
use crate::facts::Facts;
use crate::fault::Fault;
use crate::judge::{authorize, request};
use crate::policy::{FIELD_OUTCOME, Policies, Rule, release_text};
use crate::terms::Terms;

/// The parts of one version, and where they stand.
pub(crate) struct Parts<'a> {
    /// `AGREEMENT/VERSION`.
    pub(crate) folder: &'a str,
    pub(crate) files: &'a BTreeMap<String, String>,
    pub(crate) terms: &'a Terms,
    pub(crate) clauses: &'a [Clause],
    pub(crate) policies: &'a Policies,
}

impl Parts<'_> {
    /// Every fault between the parts.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        let mut faults = self.fragment();
        if faults.is_empty() {
            // A rule that may not stand as it does must not be generated from either.
            faults.extend(self.regeneration());
        }
        faults.extend(self.pairing());
        faults.extend(self.named_clauses());
        if faults.is_empty() {
            faults.extend(self.field_schedule());
            faults.extend(self.lists());
        }
        faults
    }

    fn text(&self, file: &str) -> &str {
        self.files.get(file).map_or("", String::as_str)
    }

    fn at_rule(&self, rule: &Rule, problem: String, remedy: &str) -> Fault {
        let needle = format!("@id(\"{}\")", rule.id);
        let file = format!("{}/clauses.cedar", self.folder);
        Fault::at_text(&file, self.text("clauses.cedar"), &needle, problem, remedy)
    }

    fn at_terms(&self, needle: &str, problem: String, remedy: &str) -> Fault {
        let file = format!("{}/version.toml", self.folder);
        Fault::at_text(&file, self.text("version.toml"), needle, problem, remedy)
    }

    fn at_clause(&self, clause: &Clause, problem: String, remedy: &str) -> Fault {
        let file = format!("{}/clauses.md", self.folder);
        let line = self.text("clauses.md").lines().nth(clause.line - 1);
        Fault::at_line(
            &file,
            clause.line,
            line.unwrap_or_default(),
            problem,
            remedy,
        )
    }

    /// Every coded clause of the prose has exactly one rule, and every rule a coded clause.
    fn pairing(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let rules = &self.policies.rules;
        let count = |number: &str| rules.iter().filter(|rule| rule.clause == number).count();
        let coded = |clause: &&Clause| clause.kind == ClauseKind::Coded;
        for rule in rules {
            let number = &rule.clause;
            if !self
                .clauses
                .iter()
                .filter(coded)
                .any(|clause| clause.number == *number)
            {
                let problem = format!("clause `{number}` is not a coded clause of the prose");
                let remedy = "write the clause in clauses.md and mark it `[coded]`";
                faults.push(self.at_rule(rule, problem, remedy));
            }
            if count(number) > 1 {
                let problem = format!("clause `{number}` has {} rules", count(number));
                faults.push(self.at_rule(rule, problem, "have one rule a clause"));
            }
        }
        for clause in self.clauses.iter().filter(coded) {
            if count(&clause.number) == 0 {
                let problem = format!("coded clause `{}` has no rule", clause.number);
                let remedy = "write its forbid in clauses.cedar, or mark it `[human]`";
                faults.push(self.at_clause(clause, problem, remedy));
            }
        }
        faults
    }

    fn regeneration(&self) -> Vec<Fault> {
        let release = self.text("release.cedar");
        let clauses_file = format!("{}/clauses.cedar", self.folder);
        match release_text(&clauses_file, self.text("clauses.cedar")) {
            Err(faults) => faults,
            Ok(made) if made == release => Vec::new(),
            Ok(made) => {
                let same = made
                    .lines()
                    .zip(release.lines())
                    .take_while(|(a, b)| a == b)
                    .count();
                let excerpt = release.lines().nth(same).unwrap_or_default();
                let problem = "release.cedar is not what clauses.cedar generates";
                let remedy = "generate it again; never edit it by hand";
                let file = format!("{}/release.cedar", self.folder);
                vec![Fault::at_line(&file, same + 1, excerpt, problem, remedy)]
            }
        }
    }

    /// Only what can be proved and cannot err: comparisons with listed values, joined by and, or.
    fn fragment(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for rule in &self.policies.rules {
            if let Err((problem, remedy)) = allowed(&rule.condition) {
                let problem = format!("clause `{}` {problem}", rule.clause);
                faults.push(self.at_rule(rule, problem, remedy));
            }
        }
        faults
    }

    /// The clauses that version.toml points at exist and are what it says.
    fn named_clauses(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let rule = |number: &String| {
            self.policies
                .rules
                .iter()
                .find(|rule| rule.clause == *number)
        };
        let fields = &self.terms.fields_clause;
        if rule(fields).is_none_or(|rule| rule.outcome != FIELD_OUTCOME || rule.fields.is_some()) {
            let problem =
                format!("`fields_clause` names `{fields}`, which does not list the fields");
            let remedy =
                "name the coded clause with outcome `field_not_permitted` and no action scope";
            faults.push(self.at_terms("fields_clause", problem, remedy));
        }
        if let Some(offence) = &self.terms.offence_clause
            && rule(offence).is_none()
        {
            let problem =
                format!("`offence_clause` names `{offence}`, which is not a coded clause");
            faults.push(self.at_terms(
                "offence_clause",
                problem,
                "name the clause of the offences",
            ));
        }
        faults
    }

    /// The published field schedule and the field clause permit the same, purpose by purpose.
    fn field_schedule(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let terms = self.terms;
        let Some(rule) = self
            .policies
            .rules
            .iter()
            .find(|rule| rule.clause == terms.fields_clause)
        else {
            return faults;
        };
        let alone = self.alone(rule);
        for purpose in &terms.purposes {
            let agency = terms.parties.requesters.first().map_or("", String::as_str);
            let facts = Facts::new(agency, purpose, Vec::<String>::new());
            for field in every_field() {
                let listed = terms.fields(purpose).iter().any(|name| name == field);
                let permitted = permits(&alone, &facts, field);
                if listed && !permitted {
                    let problem = format!(
                        "field `{field}` is scheduled, clause `{}` refuses it",
                        rule.clause
                    );
                    faults.push(self.at_terms(
                        "[fields_by_purpose]",
                        problem,
                        "make the two agree",
                    ));
                }
                if permitted && !listed {
                    let problem = format!(
                        "clause `{}` permits field `{field}`, which is not scheduled for `{purpose}`",
                        rule.clause
                    );
                    faults.push(self.at_rule(
                        rule,
                        problem,
                        "make it agree with `fields_by_purpose`",
                    ));
                }
            }
        }
        faults
    }

    /// The open permit and one rule about fields, with nothing beside it.
    fn alone(&self, rule: &Rule) -> PolicySet {
        let set = PolicySet::from_str(self.text("clauses.cedar")).unwrap_or_default();
        let is_rule = |policy: &Policy| policy.annotation("id") == Some(rule.id.as_str());
        let kept = set.policies().cloned();
        let kept = kept.filter(|policy| policy.effect() == Effect::Permit || is_rule(policy));
        // Ids were unique in the whole set, so they are in the part; an empty set permits nothing.
        PolicySet::from_policies(kept).unwrap_or_default()
    }

    /// Lists in the rules equal the lists in version.toml.
    fn lists(&self) -> Vec<Fault> {
        let terms = self.terms;
        let set = |items: &[String]| items.iter().cloned().collect::<BTreeSet<String>>();
        let mut pairs = vec![
            ("agency", "requesters", set(&terms.parties.requesters)),
            ("purpose", "purposes", set(&terms.purposes)),
        ];
        if let Some(rank) = &terms.authority.min_rank {
            let high = terms
                .authority
                .ranks
                .iter()
                .skip_while(|code| *code != rank)
                .cloned();
            pairs.push(("authoriser_rank", "min_rank", high.collect()));
        }
        if !terms.offences.is_empty() {
            let codes = terms.offences.iter().map(|row| row.code.clone()).collect();
            pairs.push(("offence_code", "[[offences]]", codes));
        }
        let mut faults = Vec::new();
        for (attribute, key, expected) in pairs {
            let mut found = BTreeSet::new();
            for rule in &self.policies.rules {
                compared_with(&rule.condition, attribute, &mut found);
            }
            for name in expected.difference(&found) {
                let problem = format!("`{name}` of `{key}` is in no rule about `{attribute}`");
                faults.push(self.at_terms(
                    key,
                    problem,
                    "make version.toml and clauses.cedar agree",
                ));
            }
            for name in found.difference(&expected) {
                let problem =
                    format!("a rule about `{attribute}` names `{name}`, `{key}` does not");
                faults.push(self.at_terms(
                    key,
                    problem,
                    "make version.toml and clauses.cedar agree",
                ));
            }
        }
        faults
    }
}

/// Every field that any agreement could name.
pub(crate) fn every_field() -> impl Iterator<Item = &'static str> {
    crate::FIELDS
        .into_iter()
        .chain([crate::FORWARD_MESSAGE])
        .chain(crate::NEVER_FIELDS)
}

fn permits(policies: &PolicySet, facts: &Facts, field: &str) -> bool {
    let Ok(context) = facts.context() else {
        return false;
    };
    let Ok(request) = request(&facts.agency, field, context) else {
        return false;
    };
    let response = authorize(&request, policies);
    response.decision() == Decision::Allow && response.diagnostics().errors().next().is_none()
}

type Problem = (String, &'static str);

/// Whether an expression keeps to the fragment that cannot err and can be compared exactly.
fn allowed(expression: &Value) -> Result<(), Problem> {
    let Some((operator, operands)) = expression
        .as_object()
        .and_then(|members| members.iter().next())
    else {
        return Err((
            "has an expression that is not understood".to_owned(),
            SIMPLE,
        ));
    };
    match operator.as_str() {
        "&&" | "||" => allowed(&operands["left"]).and_then(|()| allowed(&operands["right"])),
        "!" => negation(&operands["arg"]),
        "==" | "<" | "<=" | ">" | ">=" => comparison(operands),
        "in" => action_test(operands),
        "contains" => membership(operands),
        "has" if is_context(&operands["left"]) => Ok(()),
        "." if is_context(&operands["left"]) => Ok(()),
        "+" | "-" | "*" | "neg" => Err((
            "does arithmetic, which can overflow, and a rule that errs is skipped".to_owned(),
            "compare the number itself with a fixed number",
        )),
        "!=" => Err(("excludes a value".to_owned(), POSITIVE)),
        other => Err((format!("uses `{other}`"), SIMPLE)),
    }
}

const SIMPLE: &str = "use only comparisons with fixed values, `has`, `contains`, `&&`, `||`";
const POSITIVE: &str = "list what is permitted; never what is not, or new codes pass unseen";

/// `!` may stand before a yes-or-no fact, and before a comparison of numbers, which is how Cedar
/// stores `>=`.
fn negation(argument: &Value) -> Result<(), Problem> {
    match argument
        .as_object()
        .and_then(|members| members.iter().next())
    {
        Some((operator, operands)) if operator == "." => allowed(&json!({".": operands})),
        Some((operator, operands)) if ["<", "<="].contains(&operator.as_str()) => {
            comparison(operands)
        }
        Some((operator, _)) if operator == "has" => Err((
            "is met by a fact that is missing".to_owned(),
            "demand the fact; what is not recorded must not help",
        )),
        _ => Err(("denies a list or a value".to_owned(), POSITIVE)),
    }
}

fn comparison(operands: &Value) -> Result<(), Problem> {
    if is_action(&operands["left"]) {
        return action_test(operands);
    }
    let left = &operands["left"];
    let arithmetic = ["+", "-", "*", "neg"];
    if arithmetic
        .iter()
        .any(|operator| left.get(operator).is_some())
    {
        return allowed(left);
    }
    let fact = left
        .get(".")
        .is_some_and(|inner| is_context(&inner["left"]));
    if fact && operands["right"].get("Value").is_some() {
        Ok(())
    } else {
        Err((
            "compares something other than a fact with a fixed value".to_owned(),
            SIMPLE,
        ))
    }
}

fn action_test(operands: &Value) -> Result<(), Problem> {
    let fixed = |value: &Value| value.pointer("/Value/__entity").is_some();
    let right = &operands["right"];
    let listed = match right.get("Set").and_then(Value::as_array) {
        Some(items) => !items.is_empty() && items.iter().all(fixed),
        None => fixed(right),
    };
    if is_action(&operands["left"]) && listed {
        Ok(())
    } else {
        Err((
            "tests something other than the action against a list of fields".to_owned(),
            SIMPLE,
        ))
    }
}

/// `[codes].contains(fact)` or `fact.contains(code)`.
fn membership(operands: &Value) -> Result<(), Problem> {
    let fact = |value: &Value| {
        value
            .get(".")
            .is_some_and(|inner| is_context(&inner["left"]))
    };
    let fixed = |value: &Value| value.get("Value").is_some();
    let list = operands["left"].get("Set").and_then(Value::as_array);
    let listed = list.is_some_and(|items| !items.is_empty() && items.iter().all(fixed));
    if list.is_some_and(Vec::is_empty) {
        return Err((
            "has an empty list, which nothing can meet".to_owned(),
            "fill the list",
        ));
    }
    if (listed && fact(&operands["right"]))
        || (fact(&operands["left"]) && fixed(&operands["right"]))
    {
        Ok(())
    } else {
        Err((
            "uses `contains` on something other than a fact and fixed values".to_owned(),
            SIMPLE,
        ))
    }
}

fn is_context(value: &Value) -> bool {
    *value == json!({"Var": "context"})
}

fn is_action(value: &Value) -> bool {
    *value == json!({"Var": "action"})
}

/// Adds every fixed text that an expression compares `context.attribute` with.
pub(crate) fn compared_with(expression: &Value, attribute: &str, found: &mut BTreeSet<String>) {
    let fact = json!({".": {"left": {"Var": "context"}, "attr": attribute}});
    let text = |value: &Value| {
        value
            .get("Value")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    match expression {
        Value::Object(members) => {
            for (operator, operands) in members {
                if operator == "==" && operands["left"] == fact {
                    found.extend(text(&operands["right"]));
                }
                if operator == "contains" && operands["right"] == fact {
                    let items = operands["left"].get("Set").and_then(Value::as_array);
                    found.extend(items.into_iter().flatten().filter_map(text));
                }
                compared_with(operands, attribute, found);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| compared_with(item, attribute, found)),
        _ => {}
    }
}
