use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clause::ClauseKind;
use crate::facts::{Facts, VOCABULARY};
use crate::judge::{ClauseResult, judge};
use crate::library::Version;
use crate::policy::Rule;
use crate::prove::{Cells, ProveError, Table, attributes_in};

/// What a version says about a recorded request, when some facts were never recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// Fields released whatever the missing facts were.
    pub released: Vec<String>,
    /// Fields refused whatever the missing facts were.
    pub refused: Vec<String>,
    /// Fields that the missing facts decide.
    pub cannot_tell: Vec<String>,
    /// Clauses that refuse for certain.
    pub failing: Vec<String>,
    /// Facts that would decide.
    pub missing: Vec<String>,
}

/// Judges recorded history under a version. Three-valued: a fact that nobody asked for at the time
/// is *not known*, which is neither yes nor no.
pub struct Replay<'a> {
    version: &'a Version,
    cells: Cells,
    /// Attributes that the records never held.
    unrecorded: BTreeSet<usize>,
    /// Rule, field group and recorded facts to whether missing facts could make the rule hold.
    known: BTreeMap<(String, Vec<bool>, String), bool>,
}

impl<'a> Replay<'a> {
    /// Prepares replay under `version` of records that never held the facts named `unrecorded`.
    ///
    /// # Errors
    /// The first name that is not a fact.
    pub fn new(version: &'a Version, unrecorded: &[&str]) -> Result<Self, String> {
        let place = |name: &&str| {
            let found = VOCABULARY
                .iter()
                .position(|attribute| attribute.name == *name);
            found.ok_or_else(|| format!("`{name}` is not a fact that a request can claim"))
        };
        Ok(Self {
            version,
            cells: Cells::of(&[version]),
            unrecorded: unrecorded.iter().map(place).collect::<Result<_, _>>()?,
            known: BTreeMap::new(),
        })
    }

    /// Judges one recorded request. The same input gives the same answer, in any order.
    ///
    /// # Errors
    /// When a rule cannot be evaluated, or judging raises an alarm.
    pub fn judge(&mut self, facts: &Facts) -> Result<Replayed, ProveError> {
        let version = self.version;
        let judgement = judge(version, facts);
        if let Some(reason) = judgement.alarm {
            let version = version.id.to_string();
            return Err(ProveError::Evaluation {
                clause: "any".to_owned(),
                version,
                reason,
            });
        }
        let mut replayed = Replayed {
            released: judgement.fields_allowed,
            refused: Vec::new(),
            cannot_tell: Vec::new(),
            failing: Vec::new(),
            missing: Vec::new(),
        };
        let (mut failing, mut missing) = (BTreeSet::new(), BTreeSet::new());
        for field in judgement
            .fields_refused
            .iter()
            .chain(&judgement.fields_waiting)
        {
            let mut certain = false;
            for finding in judgement
                .clauses
                .iter()
                .filter(|finding| finding.fields.contains(field))
            {
                let stops = matches!(
                    finding.result,
                    ClauseResult::Fail | ClauseResult::NeedsHuman
                );
                let rule = version
                    .policies
                    .rules
                    .iter()
                    .find(|rule| rule.clause == finding.clause);
                let (true, ClauseKind::Coded, Some(rule)) = (stops, finding.kind, rule) else {
                    continue;
                };
                let absent = self.absent(rule, facts);
                if self.could_hold(rule, field, facts, &absent)? {
                    missing.extend(absent);
                } else {
                    certain = true;
                    failing.insert(crate::clause::number_key(&finding.clause));
                }
            }
            let target = if certain {
                &mut replayed.refused
            } else {
                &mut replayed.cannot_tell
            };
            target.push(field.clone());
        }
        let numbers = version.clauses.iter().map(|clause| &clause.number);
        let certain = numbers.filter(|number| failing.contains(&crate::clause::number_key(number)));
        replayed.failing = certain.cloned().collect();
        let names = missing
            .into_iter()
            .filter_map(|index| VOCABULARY.get(index));
        replayed.missing = names.map(|attribute| attribute.name.to_owned()).collect();
        Ok(replayed)
    }

    /// Facts that a rule asks for, that the records never held, and that are not there.
    fn absent(&self, rule: &Rule, facts: &Facts) -> BTreeSet<usize> {
        let recorded = serde_json::to_value(facts).unwrap_or_default();
        let missing = |index: &usize| {
            let name = VOCABULARY.get(*index).map(|attribute| attribute.name);
            name.is_some_and(|name| recorded.get(name).is_none())
        };
        let asked = attributes_in(&rule.condition);
        asked
            .intersection(&self.unrecorded)
            .copied()
            .filter(missing)
            .collect()
    }

    fn could_hold(
        &mut self,
        rule: &Rule,
        field: &str,
        facts: &Facts,
        absent: &BTreeSet<usize>,
    ) -> Result<bool, ProveError> {
        if absent.is_empty() {
            return Ok(false);
        }
        let recorded = serde_json::to_value(facts).unwrap_or_default();
        let value = |index: usize| {
            let name = VOCABULARY.get(index).map_or("", |attribute| attribute.name);
            recorded.get(name).cloned().unwrap_or(Value::Null)
        };
        let scope = attributes_in(&rule.condition);
        let seen: Vec<Value> = scope.iter().map(|index| value(*index)).collect();
        let seen = Value::from(seen).to_string();
        let key = (
            rule.id.clone(),
            self.version.policies.signature(field),
            seen,
        );
        if let Some(answer) = self.known.get(&key) {
            return Ok(*answer);
        }
        let fixed = scope
            .difference(absent)
            .map(|index| (*index, value(*index)));
        let cells = self.cells.fixed_to(fixed);
        let name = (self.version.id.to_string(), rule.clause.as_str());
        let table = Table::of_condition(&name, &rule.full_condition(), &cells, field)?;
        let answer = !table.rows.is_empty();
        self.known.insert(key, answer);
        Ok(answer)
    }
}
