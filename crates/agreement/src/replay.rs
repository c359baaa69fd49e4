mod report;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clause::ClauseKind;
use crate::facts::{Facts, VOCABULARY};
use crate::judge::{ClauseFinding, ClauseResult, judge};
use crate::library::Version;
use crate::policy::Rule;
use crate::prove::{Cells, ProveError, Table, attributes_in};

pub use report::{Answer, Changed, Counts, Flow, History, Recorded, ReplayError, Report, Tally};

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
        let unknown = unrecorded.iter().find(|name| place(name).is_none());
        match unknown {
            Some(name) => Err(format!("`{name}` is not a fact that a request can claim")),
            None => Ok(Self::without(version, unrecorded)),
        }
    }

    /// The same; a name that is not a fact has no effect.
    fn without(version: &'a Version, unrecorded: &[&str]) -> Self {
        Self {
            version,
            cells: Cells::of(&[version]),
            unrecorded: unrecorded.iter().filter_map(|name| place(name)).collect(),
            known: BTreeMap::new(),
        }
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
        let fields = judgement.fields_refused.iter();
        let fields: Vec<&String> = fields.chain(&judgement.fields_waiting).collect();
        if fields.is_empty() {
            return Ok(replayed);
        }
        let recorded = Values::of(facts);
        let stopping = judgement.clauses.iter().filter(|finding| {
            finding.kind == ClauseKind::Coded
                && matches!(
                    finding.result,
                    ClauseResult::Fail | ClauseResult::NeedsHuman
                )
        });
        let stopping: Vec<&ClauseFinding> = stopping.collect();
        let (mut failing, mut missing) = (BTreeSet::new(), BTreeSet::new());
        // Fields that no rule tells apart fare alike.
        let mut fates: BTreeMap<Vec<bool>, Vec<&str>> = BTreeMap::new();
        for field in fields {
            let kind = version.policies.signature(field);
            let refused_by = match fates.get(&kind) {
                Some(known) => known.clone(),
                None => {
                    let found = self.refused_by(field, &stopping, &recorded, &mut missing)?;
                    fates.insert(kind, found.clone());
                    found
                }
            };
            let target = if refused_by.is_empty() {
                &mut replayed.cannot_tell
            } else {
                &mut replayed.refused
            };
            target.push(field.clone());
            failing.extend(refused_by);
        }
        let numbers = version.clauses.iter().map(|clause| &clause.number);
        let certain = numbers.filter(|number| failing.contains(number.as_str()));
        replayed.failing = certain.cloned().collect();
        let names = missing
            .into_iter()
            .filter_map(|index| VOCABULARY.get(index));
        replayed.missing = names.map(|attribute| attribute.name.to_owned()).collect();
        Ok(replayed)
    }

    /// Clauses that refuse a field for certain; facts that would decide others go to `missing`.
    fn refused_by<'f>(
        &mut self,
        field: &String,
        stopping: &[&'f ClauseFinding],
        recorded: &Values,
        missing: &mut BTreeSet<usize>,
    ) -> Result<Vec<&'f str>, ProveError> {
        let version = self.version;
        let mut certain = Vec::new();
        for finding in stopping
            .iter()
            .filter(|finding| finding.fields.contains(field))
        {
            let rules = &version.policies.rules;
            let Some(rule) = rules.iter().find(|rule| rule.clause == finding.clause) else {
                continue;
            };
            let waits = finding.result == ClauseResult::NeedsHuman;
            let absent = self.absent(rule, recorded, waits);
            if self.could_hold(rule, field, recorded, &absent)? {
                missing.extend(absent);
            } else {
                certain.push(finding.clause.as_str());
            }
        }
        Ok(certain)
    }

    /// Facts that a rule asks for, that the records never held, and that are not there. What a
    /// person is to look at was never held: nobody looked for this version.
    fn absent(&self, rule: &Rule, recorded: &Values, waits: bool) -> BTreeSet<usize> {
        let held = |index: &usize| !waits && !self.unrecorded.contains(index);
        let asked = attributes_in(&rule.condition).into_iter();
        asked
            .filter(|index| recorded.get(*index).is_null() && !held(index))
            .collect()
    }

    fn could_hold(
        &mut self,
        rule: &Rule,
        field: &str,
        recorded: &Values,
        absent: &BTreeSet<usize>,
    ) -> Result<bool, ProveError> {
        if absent.is_empty() {
            return Ok(false);
        }
        let scope = attributes_in(&rule.condition);
        let seen: Vec<&Value> = scope.iter().map(|index| recorded.get(*index)).collect();
        let seen = serde_json::to_string(&(seen, absent)).unwrap_or_default();
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
            .map(|index| (*index, recorded.get(*index).clone()));
        let cells = self.cells.fixed_to(fixed);
        let name = (self.version.id.to_string(), rule.clause.as_str());
        let table = Table::of_condition(&name, &rule.full_condition(), &cells, field)?;
        let answer = !table.rows.is_empty();
        self.known.insert(key, answer);
        Ok(answer)
    }
}

/// Place of a fact in the vocabulary.
fn place(name: &str) -> Option<usize> {
    VOCABULARY
        .iter()
        .position(|attribute| attribute.name == name)
}

/// The facts of one request by their place in the vocabulary; null is *not recorded*.
struct Values(serde_json::Map<String, Value>);

impl Values {
    fn of(facts: &Facts) -> Self {
        match serde_json::to_value(facts) {
            Ok(Value::Object(members)) => Self(members),
            _ => Self(serde_json::Map::new()),
        }
    }

    fn get(&self, index: usize) -> &Value {
        let attribute = VOCABULARY.get(index);
        let value = attribute.and_then(|attribute| self.0.get(attribute.name));
        value.unwrap_or(&Value::Null)
    }
}
