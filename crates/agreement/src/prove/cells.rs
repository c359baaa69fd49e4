use std::collections::BTreeSet;

use cedar_policy::{Context, Decision, Policy, PolicySet, RestrictedExpression};
use serde_json::{Value, json};

use crate::facts::{Attribute, AttributeKind, VOCABULARY};
use crate::judge::{authorize, request};
use crate::library::Version;
use crate::policy::Rule;
use crate::prove::{ProveError, attributes_in};

/// Most combinations that one rule may need: at 100 bytes a row, 40 MB.
const COMBINATIONS_MAX: usize = 400_000;

/// Most codes that a set may be asked for: its cells are all their subsets, 1,024 at most.
const SET_CODES_MAX: usize = 10;

/// The cells of every attribute, for some versions together. Null is *not recorded*.
pub(crate) struct Cells {
    values: Vec<Vec<Value>>,
}

impl Cells {
    /// Cells that tell apart all that any rule of these versions tells apart.
    pub(crate) fn of(versions: &[&Version]) -> Self {
        let conditions: Vec<&Value> = versions
            .iter()
            .flat_map(|version| {
                let rules = version.policies.rules.iter().map(|rule| &rule.condition);
                rules.chain(version.policies.domain.iter())
            })
            .collect();
        let values = VOCABULARY.iter().map(|attribute| {
            let mut literals = Literals::default();
            conditions
                .iter()
                .for_each(|condition| literals.collect(condition, attribute.name));
            literals.cells(attribute)
        });
        Self {
            values: values.collect(),
        }
    }

    /// The same cells, but with one value only for some attributes.
    pub(crate) fn fixed_to(&self, fixed: impl IntoIterator<Item = (usize, Value)>) -> Self {
        let mut values = self.values.clone();
        for (attribute, value) in fixed {
            if let Some(cells) = values.get_mut(attribute) {
                *cells = vec![value];
            }
        }
        Self { values }
    }

    pub(crate) fn value(&self, attribute: usize, cell: u16) -> Option<&Value> {
        self.values.get(attribute)?.get(usize::from(cell))
    }

    pub(crate) fn count(&self, attribute: usize) -> u16 {
        self.values
            .get(attribute)
            .map_or(0, |cells| u16::try_from(cells.len()).unwrap_or(u16::MAX))
    }
}

/// Fixed values that conditions compare one attribute with.
#[derive(Default)]
struct Literals {
    texts: Vec<String>,
    numbers: BTreeSet<i64>,
}

impl Literals {
    fn collect(&mut self, expression: &Value, attribute: &str) {
        match expression {
            Value::Object(members) => {
                for operands in members.values() {
                    let fact = json!({".": {"left": {"Var": "context"}, "attr": attribute}});
                    let sides = [&operands["left"], &operands["right"]];
                    if sides.contains(&&fact) {
                        sides.iter().for_each(|side| self.take(side));
                    }
                    self.collect(operands, attribute);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, attribute)),
            _ => {}
        }
    }

    fn take(&mut self, side: &Value) {
        if let Some(items) = side.get("Set").and_then(Value::as_array) {
            items.iter().for_each(|item| self.take(item));
        }
        match side.get("Value") {
            Some(Value::String(text)) if !self.texts.contains(text) => {
                self.texts.push(text.clone());
            }
            Some(Value::Number(number)) => self.numbers.extend(number.as_i64()),
            _ => {}
        }
    }

    /// Cells in order of preference for a witness: what people would write first.
    fn cells(&self, attribute: &Attribute) -> Vec<Value> {
        let mut cells: Vec<Value> = match attribute.kind {
            AttributeKind::Text => self.text_cells(attribute),
            AttributeKind::Flag if attribute.required => vec![json!(false), json!(true)],
            AttributeKind::Flag => vec![json!(true), json!(false)],
            AttributeKind::Number => {
                let around =
                    |number: &i64| [*number, number.saturating_add(1), number.saturating_sub(1)];
                let numbers: BTreeSet<i64> = self.numbers.iter().flat_map(around).collect();
                let (plausible, negative): (Vec<i64>, Vec<i64>) =
                    numbers.into_iter().partition(|number| *number >= 0);
                plausible
                    .into_iter()
                    .chain(negative)
                    .map(Value::from)
                    .collect()
            }
            AttributeKind::TextSet => self.subsets(),
        };
        if !attribute.required {
            cells.push(Value::Null);
        }
        cells
    }

    fn text_cells(&self, attribute: &Attribute) -> Vec<Value> {
        // A conviction is one of four codes; every other text can be anything.
        if attribute.name == "conviction" {
            return ["convicted", "investigated", "none", "unknown"]
                .map(Value::from)
                .to_vec();
        }
        let mut other = "other".to_owned();
        while self.texts.contains(&other) {
            other.push('_');
        }
        self.texts
            .iter()
            .cloned()
            .chain([other])
            .map(Value::from)
            .collect()
    }

    fn subsets(&self) -> Vec<Value> {
        let count = self.texts.len().min(SET_CODES_MAX);
        let subset = |mask: usize| -> Value {
            let chosen = self.texts.iter().take(count).enumerate();
            chosen
                .filter(|(index, _)| mask >> index & 1 == 1)
                .map(|(_, text)| text.clone())
                .collect()
        };
        (0..1_usize << count).rev().map(subset).collect()
    }
}

/// The combinations of cells for which a condition holds.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// Attributes that the condition looks at, in ascending order.
    pub(crate) scope: Vec<usize>,
    /// Cells, one for each attribute of the scope, for which it holds.
    pub(crate) rows: Vec<Vec<u16>>,
    /// Those for which it does not.
    failing: Vec<Vec<u16>>,
}

impl Table {
    /// The answers of a rule about one field.
    pub(crate) fn of_rule(
        version: &Version,
        rule: &Rule,
        cells: &Cells,
        field: &str,
    ) -> Result<Self, ProveError> {
        let name = (version.id.to_string(), rule.clause.as_str());
        Self::of_condition(&name, &rule.full_condition(), cells, field)
    }

    /// The answers of one condition; `name` is the version and the clause, for errors.
    pub(crate) fn of_condition(
        name: &(String, &str),
        condition: &Value,
        cells: &Cells,
        field: &str,
    ) -> Result<Self, ProveError> {
        let scope: Vec<usize> = attributes_in(condition).into_iter().collect();
        let counts = scope
            .iter()
            .map(|attribute| usize::from(cells.count(*attribute)));
        let combinations = counts.fold(1_usize, usize::saturating_mul);
        if combinations > COMBINATIONS_MAX {
            return Err(ProveError::TooLarge {
                clause: name.1.to_owned(),
                version: name.0.clone(),
                cells: combinations,
            });
        }
        let failed = |reason: String| ProveError::Evaluation {
            clause: name.1.to_owned(),
            version: name.0.clone(),
            reason,
        };
        let formula = Formula::of(condition, cells, field).map_err(failed)?;
        let mut table = Self {
            scope,
            rows: Vec::new(),
            failing: Vec::new(),
        };
        let mut row = vec![0_u16; table.scope.len()];
        for _ in 0..combinations {
            if formula.holds(&table.scope, &row) {
                table.rows.push(row.clone());
            } else {
                table.failing.push(row.clone());
            }
            advance(&mut row, &table.scope, cells);
        }
        Ok(table)
    }

    /// The same scope, holding where this does not.
    pub(crate) fn negated(&self) -> Self {
        Self {
            scope: self.scope.clone(),
            rows: self.failing.clone(),
            failing: self.rows.clone(),
        }
    }

    /// Only the rows with this cell for this attribute; unchanged when it does not look at it.
    pub(crate) fn fixed(attribute: usize, cell: u16) -> Self {
        Self {
            scope: vec![attribute],
            rows: vec![vec![cell]],
            failing: Vec::new(),
        }
    }
}

/// Counts through all combinations, the last attribute fastest.
fn advance(row: &mut [u16], scope: &[usize], cells: &Cells) {
    for (cell, attribute) in row.iter_mut().zip(scope).rev() {
        *cell += 1;
        if *cell < cells.count(*attribute) {
            return;
        }
        *cell = 0;
    }
}

/// A condition taken apart into comparisons that each look at one fact. Cedar answers every
/// comparison once for each cell; only and, or, not are put together here.
enum Formula {
    And(Box<Formula>, Box<Formula>),
    Or(Box<Formula>, Box<Formula>),
    Not(Box<Formula>),
    /// A comparison of one attribute, with its answer for each cell.
    Fact(usize, Vec<bool>),
    /// A comparison of the action, which is fixed.
    Fixed(bool),
}

impl Formula {
    fn of(condition: &Value, cells: &Cells, field: &str) -> Result<Self, String> {
        let part =
            |operands: &Value, side: &str| Self::of(&operands[side], cells, field).map(Box::new);
        let member = condition
            .as_object()
            .and_then(|members| members.iter().next());
        match member.map(|(operator, operands)| (operator.as_str(), operands)) {
            Some(("&&", operands)) => {
                Ok(Self::And(part(operands, "left")?, part(operands, "right")?))
            }
            Some(("||", operands)) => {
                Ok(Self::Or(part(operands, "left")?, part(operands, "right")?))
            }
            Some(("!", operands)) => Ok(Self::Not(part(operands, "arg")?)),
            _ => Self::comparison(condition, cells, field),
        }
    }

    fn comparison(condition: &Value, cells: &Cells, field: &str) -> Result<Self, String> {
        let policies = sole(condition)?;
        let attributes: Vec<usize> = attributes_in(condition).into_iter().collect();
        match attributes.as_slice() {
            [] => answer(&policies, None, field).map(Self::Fixed),
            [attribute] => {
                let values = cells.values.get(*attribute).into_iter().flatten();
                let answers =
                    values.map(|value| answer(&policies, Some((*attribute, value)), field));
                Ok(Self::Fact(*attribute, answers.collect::<Result<_, _>>()?))
            }
            _ => Err("a comparison looks at two facts".to_owned()),
        }
    }

    fn holds(&self, scope: &[usize], row: &[u16]) -> bool {
        match self {
            Self::And(left, right) => left.holds(scope, row) && right.holds(scope, row),
            Self::Or(left, right) => left.holds(scope, row) || right.holds(scope, row),
            Self::Not(inner) => !inner.holds(scope, row),
            Self::Fixed(answer) => *answer,
            Self::Fact(attribute, answers) => {
                let place = scope.iter().position(|other| other == attribute);
                let cell = place.and_then(|place| row.get(place));
                cell.and_then(|cell| answers.get(usize::from(*cell)))
                    .copied()
                    .unwrap_or(false)
            }
        }
    }
}

fn sole(condition: &Value) -> Result<PolicySet, String> {
    let all = json!({"op": "All"});
    let policy = json!({
        "effect": "permit", "principal": all, "action": all, "resource": all,
        "conditions": [{"kind": "when", "body": condition}],
    });
    let policy = Policy::from_json(None, policy).map_err(|error| error.to_string())?;
    PolicySet::from_policies([policy]).map_err(|error| error.to_string())
}

/// Cedar's answer for one cell. A comparison with a fact that is not recorded errs; strict validation
/// has made sure that a guard before it then decides alone, so that its own answer never counts.
fn answer(
    policies: &PolicySet,
    fact: Option<(usize, &Value)>,
    field: &str,
) -> Result<bool, String> {
    let pair = fact.and_then(|(attribute, value)| {
        let name = VOCABULARY.get(attribute)?.name.to_owned();
        Some((name, expression(value)?))
    });
    let recorded = pair.is_some();
    let context = Context::from_pairs(pair).map_err(|error| error.to_string())?;
    let response = authorize(&request("any", field, context)?, policies);
    match response.diagnostics().errors().next() {
        Some(error) if recorded => Err(error.to_string()),
        _ => Ok(response.decision() == Decision::Allow),
    }
}

fn expression(value: &Value) -> Option<RestrictedExpression> {
    match value {
        Value::Bool(flag) => Some(RestrictedExpression::new_bool(*flag)),
        Value::Number(number) => number.as_i64().map(RestrictedExpression::new_long),
        Value::String(text) => Some(RestrictedExpression::new_string(text.clone())),
        Value::Array(items) => Some(RestrictedExpression::new_set(
            items.iter().filter_map(expression),
        )),
        Value::Null | Value::Object(_) => None,
    }
}
