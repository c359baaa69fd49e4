//! What versions permit, as sets: compared, listed and proved without a solver.
//!
//! The rules compare facts with fixed values only, so all values between two fixed ones are treated
//! alike. One value of each kind, a *cell*, therefore stands for all: each listed code and one other,
//! each number and its neighbors, yes and no, and *not recorded*. Cedar's own evaluator answers each
//! comparison for every cell; a rule's answers are put together from those, and a search then joins
//! the answers of all rules. What it finds is a concrete request; what it does not find does not exist.

mod cells;
mod certificate;
mod compare;
mod search;
mod who;

pub use certificate::{Certificate, verify_certificate};
pub use compare::{
    ClauseChange, Comparison, FieldChange, Relation, TermChange, Verdict, VersionRef, Witness,
    compare,
};
pub use who::{FieldAccess, Requirement, who};

pub(crate) use cells::{Cells, Table};
pub(crate) use search::{Assignment, find};

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::facts::{Facts, VOCABULARY};
use crate::library::Version;
use crate::lint::every_field;
use crate::policy::Rule;

/// Why a proof could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// A rule looks at too many facts at once.
    #[error(
        "clause `{clause}` of `{version}` needs {cells} combinations; split it into clauses that look at fewer facts"
    )]
    TooLarge {
        /// Number of the clause.
        clause: String,
        /// Name of the version.
        version: String,
        /// Combinations needed.
        cells: usize,
    },
    /// The evaluator reported an error where none can be.
    #[error("clause `{clause}` of `{version}` cannot be evaluated: {reason}")]
    Evaluation {
        /// Number of the clause.
        clause: String,
        /// Name of the version.
        version: String,
        /// The evaluator's words.
        reason: String,
    },
    /// The search gave up.
    #[error("the search over `{version}` needs more than {steps} steps; simplify its clauses")]
    Steps {
        /// Name of the version.
        version: String,
        /// Steps made.
        steps: usize,
    },
}

/// One version with the answers of all its rules for one field.
pub(crate) struct Space<'a> {
    pub(crate) version: &'a Version,
    /// Rules and their answers, in the order of the text.
    pub(crate) tables: Vec<(&'a Rule, Rc<Table>)>,
}

impl Space<'_> {
    /// All rules hold.
    pub(crate) fn all(&self) -> Vec<&Table> {
        self.tables
            .iter()
            .map(|(_, table)| table.as_ref())
            .collect()
    }

    /// All rules hold but the one at `index`, which does not.
    pub(crate) fn all_but<'b>(&'b self, index: usize, negated: &'b Table) -> Vec<&'b Table> {
        let mut tables: Vec<&Table> = vec![negated];
        for (other, (_, table)) in self.tables.iter().enumerate() {
            if other != index {
                tables.push(table);
            }
        }
        tables
    }
}

/// Makes spaces of one version, field by field. A rule that does not look at the field has the same
/// answers for all.
pub(crate) struct Spaces<'a> {
    version: &'a Version,
    shared: BTreeMap<&'a str, Rc<Table>>,
}

impl<'a> Spaces<'a> {
    pub(crate) fn new(version: &'a Version) -> Self {
        Self {
            version,
            shared: BTreeMap::new(),
        }
    }

    pub(crate) fn of_field(&mut self, cells: &Cells, field: &str) -> Result<Space<'a>, ProveError> {
        let version = self.version;
        let mut tables = Vec::new();
        for rule in &version.policies.rules {
            let table = match self.shared.get(rule.id.as_str()) {
                Some(table) => Rc::clone(table),
                None => Rc::new(Table::of_rule(version, rule, cells, field)?),
            };
            if !rule.looks_at_field() {
                self.shared.insert(&rule.id, Rc::clone(&table));
            }
            tables.push((rule, table));
        }
        Ok(Space { version, tables })
    }
}

/// Fields grouped so that no rule of any of the versions tells two of one group apart.
pub(crate) fn field_groups(versions: &[&Version]) -> Vec<Vec<&'static str>> {
    let mut groups: BTreeMap<Vec<bool>, Vec<&'static str>> = BTreeMap::new();
    for field in every_field() {
        let signature = |version: &&Version| version.policies.signature(field);
        groups
            .entry(versions.iter().flat_map(signature).collect())
            .or_default()
            .push(field);
    }
    groups.into_values().collect()
}

/// The request that an assignment stands for. Facts that no rule asked about stay unrecorded.
pub(crate) fn facts_of(
    cells: &Cells,
    assignment: &Assignment,
    version: &Version,
    fields: &[String],
) -> Option<Facts> {
    let terms = &version.terms;
    let mut members = serde_json::Map::new();
    members.insert(
        "agency".into(),
        terms.parties.requesters.first().cloned()?.into(),
    );
    members.insert("purpose".into(), terms.purposes.first().cloned()?.into());
    for (index, attribute) in VOCABULARY.iter().enumerate() {
        if let Some(cell) = assignment.get(&index)
            && let Some(value) = cells.value(index, *cell)
            && !value.is_null()
        {
            members.insert(attribute.name.to_owned(), value.clone());
        }
    }
    members.insert("fields_requested".into(), fields.to_vec().into());
    serde_json::from_value(serde_json::Value::Object(members)).ok()
}

/// Names of all attributes that an expression reads.
pub(crate) fn attributes_in(expression: &serde_json::Value) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    collect_attributes(expression, &mut found);
    found
}

fn collect_attributes(expression: &serde_json::Value, found: &mut BTreeSet<usize>) {
    match expression {
        serde_json::Value::Object(members) => {
            if let Some(name) = members.get("attr").and_then(serde_json::Value::as_str) {
                found.extend(
                    VOCABULARY
                        .iter()
                        .position(|attribute| attribute.name == name),
                );
            }
            members
                .values()
                .for_each(|inner| collect_attributes(inner, found));
        }
        serde_json::Value::Array(items) => {
            items
                .iter()
                .for_each(|inner| collect_attributes(inner, found));
        }
        _ => {}
    }
}
