//! Policies written out, for speed: what looks at the field stands once for each kind of field, with
//! the answers of its tests of the field in place, so that one question to Cedar answers for every
//! field; and lists are written as comparisons, which stop at the first that holds, where Cedar
//! would build a set each time. What the policies say stays the same, errors included.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{ActionConstraint, Effect, Policy, PolicyId, PolicySet};
use serde_json::{Value, json};

use super::{Rule, action_literal, collect_actions};

/// A policy set that looks at no field.
#[derive(Debug, Clone)]
pub(crate) struct WrittenOut {
    pub(crate) set: PolicySet,
    places: BTreeMap<PolicyId, Place>,
}

/// What a policy of the set was made from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// `@id` of the rule.
    pub(crate) rule: String,
    /// The kind of field that it answers for; `None` for all.
    pub(crate) kind: Option<usize>,
}

impl WrittenOut {
    /// What a policy was made from.
    pub(crate) fn place(&self, id: &PolicyId) -> Option<&Place> {
        self.places.get(id)
    }

    fn of(policies: impl Iterator<Item = Option<(Place, Policy)>>) -> Option<Self> {
        let policies: Vec<(Place, Policy)> = policies.collect::<Option<_>>()?;
        let places = policies.iter();
        let places = places.map(|(place, policy)| (policy.id().clone(), place.clone()));
        let places = places.collect();
        let set = PolicySet::from_policies(policies.into_iter().map(|(_, policy)| policy));
        Some(Self {
            set: set.ok()?,
            places,
        })
    }
}

/// The open permit and every forbid of `clauses.cedar`. `None` when one cannot be written out.
pub(super) fn clauses(
    set: &PolicySet,
    rules: &[Rule],
    examples: &[(Vec<bool>, &str)],
) -> Option<WrittenOut> {
    let permit = set
        .policies()
        .filter(|policy| policy.effect() == Effect::Permit);
    let permit = permit.map(|policy| {
        let rule = policy.id().to_string();
        Some((Place { rule, kind: None }, policy.clone()))
    });
    let forbids = rules.iter().flat_map(|rule| {
        let condition = rule.full_condition();
        let fields: Vec<Option<&str>> = if looks_at_field(&condition) {
            examples.iter().map(|(_, field)| Some(*field)).collect()
        } else {
            vec![None]
        };
        let fields = fields.into_iter().enumerate();
        let written =
            fields.map(move |(kind, field)| (field.map(|_| kind), written(&condition, field)));
        // A condition that always holds forbids nothing.
        let written = written.filter(|(_, condition)| truth(condition) != Some(true));
        written.map(|(kind, condition)| policy("forbid", "unless", &rule.id, kind, &[condition]))
    });
    WrittenOut::of(permit.chain(forbids))
}

/// The one permit of `release.cedar`: the conditions that do not look at the field, and for each
/// kind those that do. It permits a field when both parts do. `None` when it is not one permit
/// without a scope.
pub(super) fn permit(release: &PolicySet, examples: &[(Vec<bool>, &str)]) -> Option<WrittenOut> {
    let mut policies = release.policies();
    let (Some(permit), None) = (policies.next(), policies.next()) else {
        return None;
    };
    if permit.effect() != Effect::Permit || permit.action_constraint() != ActionConstraint::Any {
        return None;
    }
    let body = permit.to_json().ok()?;
    let conditions = body.get("conditions")?.as_array()?.iter();
    let conditions: Vec<Value> = conditions
        .map(|condition| condition.get("body").cloned())
        .collect::<Option<_>>()?;
    let (by_field, shared): (Vec<Value>, Vec<Value>) =
        conditions.into_iter().partition(looks_at_field);
    let id = permit.id().to_string();
    let part = |kind, conditions: &[Value], field| {
        let conditions = conditions.iter().map(|condition| written(condition, field));
        let conditions: Vec<Value> = conditions.collect();
        policy("permit", "when", &id, kind, &conditions)
    };
    let every = part(None, &shared, None);
    let each = examples.iter().enumerate();
    let each = each.map(|(kind, (_, field))| part(Some(kind), &by_field, Some(field)));
    WrittenOut::of([every].into_iter().chain(each))
}

/// One policy without a scope.
fn policy(
    effect: &str,
    word: &str,
    rule: &str,
    kind: Option<usize>,
    conditions: &[Value],
) -> Option<(Place, Policy)> {
    let all = json!({"op": "All"});
    let conditions = conditions
        .iter()
        .map(|body| json!({"kind": word, "body": body}));
    let body = json!({
        "effect": effect, "principal": all, "action": all, "resource": all,
        "conditions": conditions.collect::<Vec<Value>>(),
    });
    let id = kind.map_or_else(|| rule.to_owned(), |kind| format!("{rule} {kind}"));
    let policy = Policy::from_json(Some(PolicyId::new(id)), body).ok()?;
    let rule = rule.to_owned();
    Some((Place { rule, kind }, policy))
}

/// Whether a condition is about the field at all.
fn looks_at_field(condition: &Value) -> bool {
    condition.to_string().contains(r#"{"Var":"action"}"#)
}

/// The expression, for one field where it looks at the field: with the answer of each test of the
/// field in its place, and the field wherever else it is looked at.
fn written(expression: &Value, field: Option<&str>) -> Value {
    let members = match expression {
        Value::Object(members) => members,
        Value::Array(items) => return items.iter().map(|item| written(item, field)).collect(),
        other => return other.clone(),
    };
    if let Some(field) = field {
        if let Some(answer) = test_of_field(members, field) {
            return json!({ "Value": answer });
        }
        if *expression == action() {
            return action_literal(field);
        }
    }
    let inside = members.iter();
    let inside = inside.map(|(name, value)| (name.clone(), written(value, field)));
    let inside = Value::Object(inside.collect());
    shorter(&inside).unwrap_or(inside)
}

fn action() -> Value {
    json!({"Var": "action"})
}

/// The answer of `action == Action::"x"` or `action in [Action::"x", ...]`; `None` for anything else.
fn test_of_field(members: &serde_json::Map<String, Value>, field: &str) -> Option<bool> {
    let operands = members.get("==").or_else(|| members.get("in"))?;
    if operands.get("left") != Some(&action()) {
        return None;
    }
    let mut fields = BTreeSet::new();
    collect_actions(operands.get("right")?, &mut fields);
    Some(fields.contains(field))
}

/// The same in fewer steps, exactly as Cedar would take them: it never looks at the right side of
/// `true || x` or `false && x`, but it does at the left of `x || true`.
fn shorter(expression: &Value) -> Option<Value> {
    let (operator, operands) = expression.as_object()?.iter().next()?;
    let (left, right) = (operands.get("left"), operands.get("right"));
    match (operator.as_str(), left.and_then(truth)) {
        ("!", _) => Some(json!({ "Value": !truth(operands.get("arg")?)? })),
        ("||", Some(true)) | ("&&", Some(false)) => left.cloned(),
        ("||", Some(false)) | ("&&", Some(true)) => right.cloned(),
        ("contains", _) => {
            let items = left?.get("Set")?.as_array()?.iter();
            let equal = items.map(|item| json!({"==": {"left": right, "right": item}}));
            equal.reduce(|one, other| json!({"||": {"left": one, "right": other}}))
        }
        _ => None,
    }
}

fn truth(expression: &Value) -> Option<bool> {
    expression.get("Value")?.as_bool()
}
