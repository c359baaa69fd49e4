mod diagnostic;
mod written_out;

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use cedar_policy::{ActionConstraint, Effect, Policy, PolicyId, PolicySet, Schema};
use serde_json::{Value, json};

use crate::fault::Fault;

pub(crate) use diagnostic::from_diagnostic;
pub(crate) use written_out::{Place, WrittenOut};

/// One `forbid` of `clauses.cedar`.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// `@id`, which is also the policy id.
    pub(crate) id: String,
    /// `@clause`: the number of the prose clause.
    pub(crate) clause: String,
    /// `@text`: what it demands, in plain words.
    pub(crate) text: String,
    /// `@outcome`: a refusal code, or `needs_human`.
    pub(crate) outcome: String,
    /// `@fix`: what would change the answer.
    pub(crate) fix: String,
    /// Fields that it is about; `None` for all.
    pub(crate) fields: Option<BTreeSet<String>>,
    /// The condition that must hold, as a Cedar JSON expression.
    pub(crate) condition: Value,
}

/// The two policy sets of a version, written out so that each is asked once a request.
#[derive(Debug, Clone)]
pub(crate) struct Policies {
    /// `clauses.cedar`.
    pub(crate) clauses: WrittenOut,
    /// `release.cedar`.
    pub(crate) release: WrittenOut,
    pub(crate) rules: Vec<Rule>,
    /// Conditions of `domain.cedar`: what requests look like in life. They choose witnesses.
    pub(crate) domain: Vec<Value>,
    /// Sets of fields that some condition tells apart; see [`Policies::signature`].
    mentions: Vec<BTreeSet<String>>,
    /// The signature of each kind of field.
    kinds: Vec<Vec<bool>>,
}

/// Refusal codes that a clause may name: those known before any trace, or a look by a person.
pub(crate) const OUTCOMES: [&str; 15] = [
    "no_agreement",
    "agreement_suspended",
    "no_legal_basis",
    "out_of_scope_offence",
    "below_seriousness",
    "not_lost_contact",
    "alternatives_not_tried",
    "necessity_not_shown",
    "field_not_permitted",
    "act_not_data",
    "budget_exceeded",
    "outcomes_overdue",
    "pit_expired",
    "pit_not_met",
    "needs_human",
];

/// The `@outcome` of the clause that lists the permitted fields.
pub(crate) const FIELD_OUTCOME: &str = "field_not_permitted";

impl Policies {
    /// Fields with equal signatures are treated alike by every rule, so judging one judges all.
    pub(crate) fn signature(&self, field: &str) -> Vec<bool> {
        signature(&self.mentions, field)
    }

    pub(crate) fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Reads and validates both texts strictly against the schema.
    pub(crate) fn parse(
        schema: &Schema,
        clauses_file: (&str, &str),
        release_file: (&str, &str),
    ) -> Result<Self, Vec<Fault>> {
        let (file, text) = clauses_file;
        let parsed = parse_strict(schema, file, text)?;
        let mut faults = Vec::new();
        let (clauses, rules) = keyed(file, text, &parsed, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let release = parse_strict(schema, release_file.0, release_file.1)?;
        let mentions: Vec<BTreeSet<String>> = rules.iter().flat_map(Rule::mentions).collect();
        let examples = kinds_of_fields(&mentions);
        let release = written_out::permit(&release, &examples).ok_or_else(|| {
            let remedy = "generate it again; never edit it by hand";
            let problem = "it is not one permit without a scope";
            vec![Fault::of_file(release_file.0, problem, remedy)]
        })?;
        let clauses = written_out::clauses(&clauses, &rules, &examples).ok_or_else(|| {
            let problem = "a rule cannot be written out for each field";
            vec![Fault::of_file(file, problem, "simplify its condition")]
        })?;
        Ok(Self {
            clauses,
            release,
            rules,
            domain: Vec::new(),
            kinds: examples.into_iter().map(|(kind, _)| kind).collect(),
            mentions,
        })
    }

    /// Number of the kind of a field. One that no rule mentions is of the kind that none mentions.
    pub(crate) fn kind(&self, field: &str) -> Option<usize> {
        let signature = self.signature(field);
        self.kinds.iter().position(|kind| *kind == signature)
    }
}

fn signature(mentions: &[BTreeSet<String>], field: &str) -> Vec<bool> {
    let mentioned = mentions.iter().map(|fields| fields.contains(field));
    mentioned.collect()
}

/// Every signature that a field can have, each with one field that has it.
fn kinds_of_fields(mentions: &[BTreeSet<String>]) -> Vec<(Vec<bool>, &str)> {
    let mentioned = mentions.iter().flatten().map(String::as_str);
    let fields = mentioned.chain([UNMENTIONED]);
    let kinds: BTreeMap<Vec<bool>, &str> = fields
        .map(|field| (signature(mentions, field), field))
        .collect();
    kinds.into_iter().collect()
}

/// No field has this name, so no rule can mention it.
const UNMENTIONED: &str = "";

impl Rule {
    fn mentions(&self) -> Vec<BTreeSet<String>> {
        let mut found: Vec<BTreeSet<String>> = self.fields.iter().cloned().collect();
        collect_mentions(&self.condition, &mut found);
        found
    }

    /// Whether the rule tells any two fields apart.
    pub(crate) fn looks_at_field(&self) -> bool {
        !self.mentions().is_empty()
    }

    /// The condition with the scope folded in: fails exactly when the `forbid` fires.
    pub(crate) fn full_condition(&self) -> Value {
        let Some(fields) = &self.fields else {
            return self.condition.clone();
        };
        let elements: Vec<Value> = fields.iter().map(|field| action_literal(field)).collect();
        let inside = json!({"in": {"left": {"Var": "action"}, "right": {"Set": elements}}});
        json!({"||": {"left": {"!": {"arg": inside}}, "right": self.condition}})
    }
}

/// Reads `domain.cedar`: forbids without annotations, each with one condition.
pub(crate) fn parse_domain(
    schema: &Schema,
    file: &str,
    text: &str,
) -> Result<Vec<Value>, Vec<Fault>> {
    let set = parse_strict(schema, file, text)?;
    let mut policies: Vec<&Policy> = set.policies().collect();
    policies.sort_by_key(|policy| place(policy.id()));
    let condition = |policy: &&Policy| {
        sole_condition(policy)
            .map_err(|(problem, remedy)| vec![Fault::of_file(file, problem, remedy)])
    };
    policies.iter().map(condition).collect()
}

/// Policies parsed in the order of the text, validated in strict mode.
fn parse_strict(schema: &Schema, file: &str, text: &str) -> Result<PolicySet, Vec<Fault>> {
    let set = PolicySet::from_str(text).map_err(|errors| {
        let list: Vec<Fault> = errors
            .iter()
            .map(|error| from_diagnostic(file, text, error))
            .collect();
        list
    })?;
    let faults = diagnostic::of_validation(schema, file, text, &set);
    if faults.is_empty() {
        Ok(set)
    } else {
        Err(faults)
    }
}

/// Cedar numbers policies by place and ignores `@id`; this gives each its own id.
fn keyed(
    file: &str,
    text: &str,
    parsed: &PolicySet,
    faults: &mut Vec<Fault>,
) -> (PolicySet, Vec<Rule>) {
    let mut policies: Vec<&Policy> = parsed.policies().collect();
    policies.sort_by_key(|policy| place(policy.id()));
    let mut ids = BTreeMap::new();
    let mut rules = Vec::new();
    let mut permits = 0;
    let at = |policy: &Policy, problem: &str, remedy: &str| {
        let offset = diagnostic::offset_of(text, place(policy.id())).unwrap_or_default();
        Fault::at_offset(file, text, offset, problem, remedy)
    };
    for policy in &policies {
        let id = policy.annotation("id").unwrap_or_default().to_owned();
        let needle = format!("@id(\"{id}\")");
        if id.is_empty()
            || ids
                .insert(id.clone(), policy.new_id(PolicyId::new(&id)))
                .is_some()
        {
            let problem = "this policy has no `@id` of its own";
            faults.push(at(policy, problem, "give it a unique `@id(\"...\")`"));
            continue;
        }
        match policy.effect() {
            Effect::Permit => {
                permits += 1;
                if permits > 1 {
                    let remedy = "have one open permit; what a request must meet are forbids";
                    faults.push(at(policy, "this is a second permit", remedy));
                }
                if !is_open(policy) {
                    let problem = "the permit has a scope or a condition of its own";
                    let remedy = "keep it open: put every condition into a forbid with its clause";
                    faults.push(Fault::at_text(file, text, &needle, problem, remedy));
                }
            }
            Effect::Forbid => match rule(policy) {
                Ok(rule) => rules.push(rule),
                Err((problem, remedy)) => {
                    faults.push(Fault::at_text(file, text, &needle, problem, remedy));
                }
            },
        }
    }
    if permits == 0 {
        let remedy = "write `@id(\"open\") permit (principal, action, resource);`";
        faults.push(Fault::of_file(file, "there is no permit", remedy));
    }
    let set = PolicySet::from_policies(ids.into_values());
    (set.unwrap_or_default(), rules)
}

/// Position in the text: Cedar names parsed policies `policy0`, `policy1`, ...
fn place(id: &PolicyId) -> usize {
    id.to_string()
        .trim_start_matches("policy")
        .parse()
        .unwrap_or(usize::MAX)
}

fn is_open(policy: &Policy) -> bool {
    let body = policy.to_json().unwrap_or_default();
    let all = |part: &str| body.get(part).and_then(|part| part.get("op")) == Some(&json!("All"));
    let bare = body
        .get("conditions")
        .and_then(Value::as_array)
        .is_none_or(Vec::is_empty);
    all("principal") && all("action") && all("resource") && bare
}

type Problem = (String, String);

fn rule(policy: &Policy) -> Result<Rule, Problem> {
    let note = |key: &str| {
        let value = policy.annotation(key).unwrap_or_default().trim();
        let remedy = format!("add `@{key}(\"...\")` to it");
        if value.is_empty() {
            Err((format!("a forbid has no `@{key}`"), remedy))
        } else {
            Ok(value.to_owned())
        }
    };
    let rule = Rule {
        id: note("id")?,
        clause: note("clause")?,
        text: note("text")?,
        outcome: note("outcome")?,
        fix: note("fix")?,
        fields: scope_fields(policy)?,
        condition: sole_condition(policy)?,
    };
    if !OUTCOMES.contains(&rule.outcome.as_str()) {
        let problem = format!(
            "outcome `{}` is not a code that stands before a trace",
            rule.outcome
        );
        return Err((problem, format!("use one of: {}", OUTCOMES.join(", "))));
    }
    Ok(rule)
}

fn scope_fields(policy: &Policy) -> Result<Option<BTreeSet<String>>, Problem> {
    let body = policy.to_json().unwrap_or_default();
    for part in ["principal", "resource"] {
        if body.get(part).and_then(|part| part.get("op")) != Some(&json!("All")) {
            let problem = format!("rule has a {part} scope");
            return Err((problem, "put who and why into the condition".to_owned()));
        }
    }
    let name = |uid: cedar_policy::EntityUid| uid.id().unescaped().to_owned();
    Ok(match policy.action_constraint() {
        ActionConstraint::Any => None,
        ActionConstraint::Eq(uid) => Some(BTreeSet::from([name(uid)])),
        ActionConstraint::In(uids) => Some(uids.into_iter().map(name).collect()),
    })
}

fn sole_condition(policy: &Policy) -> Result<Value, Problem> {
    let body = policy.to_json().unwrap_or_default();
    let conditions = body.get("conditions").and_then(Value::as_array);
    match conditions.map(Vec::as_slice) {
        Some([only]) if only.get("kind") == Some(&json!("unless")) => {
            Ok(only.get("body").cloned().unwrap_or_default())
        }
        _ => Err((
            "rule is not one `unless` condition".to_owned(),
            "write `forbid (principal, action, resource) unless { ... };`".to_owned(),
        )),
    }
}

fn action_literal(field: &str) -> Value {
    json!({"Value": {"__entity": {"type": "Action", "id": field}}})
}

/// Every set of actions that an expression compares `action` with.
fn collect_mentions(expression: &Value, found: &mut Vec<BTreeSet<String>>) {
    match expression {
        Value::Object(members) => {
            for (operator, operands) in members {
                let compares = matches!(operator.as_str(), "in" | "==" | "!=");
                if compares && operands.get("left") == Some(&json!({"Var": "action"})) {
                    let mut actions = BTreeSet::new();
                    collect_actions(operands.get("right").unwrap_or(&Value::Null), &mut actions);
                    found.push(actions);
                }
                collect_mentions(operands, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_mentions(item, found)),
        _ => {}
    }
}

fn collect_actions(expression: &Value, actions: &mut BTreeSet<String>) {
    if let Some(id) = expression
        .pointer("/Value/__entity/id")
        .and_then(Value::as_str)
    {
        actions.insert(id.to_owned());
    }
    match expression {
        Value::Object(members) => members
            .values()
            .for_each(|item| collect_actions(item, actions)),
        Value::Array(items) => items.iter().for_each(|item| collect_actions(item, actions)),
        _ => {}
    }
}

/// Makes the text of `release.cedar` from the text of a valid `clauses.cedar`: one permit that
/// holds only when every clause holds. A Cedar `forbid` that errors is skipped, so the clauses
/// alone would fail open; a `permit` that errors permits nothing.
///
/// # Errors
/// The faults of `clauses.cedar`, named after `file`.
pub fn release_text(file: &str, clauses: &str) -> Result<String, Vec<Fault>> {
    let parsed = PolicySet::from_str(clauses).map_err(|errors| {
        errors
            .iter()
            .map(|error| from_diagnostic(file, clauses, error))
            .collect::<Vec<Fault>>()
    })?;
    let mut faults = Vec::new();
    let (_, rules) = keyed(file, clauses, &parsed, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut text = String::from(
        "// Generated from clauses.cedar; change that file, not this one.\n\
         @id(\"release\")\npermit (principal, action, resource)\n",
    );
    for (index, rule) in rules.iter().enumerate() {
        let condition = condition_text(&rule.full_condition()).map_err(|problem| {
            vec![Fault::of_file(
                file,
                problem,
                "simplify the condition of that rule",
            )]
        })?;
        let end = if index + 1 == rules.len() { ";" } else { "" };
        text.push_str(&format!(
            "// Clause {}.\nwhen {{\n  {condition}\n}}{end}\n",
            rule.clause
        ));
    }
    Ok(text)
}

/// A condition in Cedar's own words.
pub(crate) fn condition_text(condition: &Value) -> Result<String, String> {
    let all = json!({"op": "All"});
    let policy = json!({
        "effect": "permit", "principal": all, "action": all, "resource": all,
        "conditions": [{"kind": "when", "body": condition}],
    });
    let policy = Policy::from_json(None, policy).map_err(|error| error.to_string())?;
    let text = policy.to_cedar().unwrap_or_default();
    let body = text
        .split_once("when {")
        .and_then(|(_, rest)| rest.rsplit_once("};"));
    body.map(|(body, _)| body.trim().to_owned())
        .ok_or_else(|| "the condition cannot be written as text".to_owned())
}
