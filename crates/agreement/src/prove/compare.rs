use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::facts::{Facts, VOCABULARY};
use crate::judge::judge;
use crate::library::{Version, VersionId};
use crate::prove::{
    Assignment, Cells, ProveError, Space, Spaces, Table, facts_of, field_groups, find,
};

/// How the second of two versions relates to the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Both permit the same.
    Equal,
    /// The second permits less and nothing else.
    Narrows,
    /// The second permits more and refuses nothing that the first permits.
    Widens,
    /// The second permits something new and refuses something old.
    WidensAndNarrows,
    /// The two permit no request in common, so neither is a narrowing of the other.
    Incomparable,
}

impl Verdict {
    /// Whether the second version permits anything that the first refuses, though the two have
    /// requests in common.
    pub fn widens(self) -> bool {
        matches!(self, Self::Widens | Self::WidensAndNarrows)
    }

    /// The verdict in one sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Equal => "Both versions permit the same requests.",
            Self::Narrows => {
                "The second version permits nothing that the first refuses, and refuses some of \
                 what the first permits."
            }
            Self::Widens => "The second version permits requests that the first refuses.",
            Self::WidensAndNarrows => {
                "The second version permits requests that the first refuses, and refuses some of \
                 what the first permits."
            }
            Self::Incomparable => "No request is permitted by both versions.",
        }
    }
}

/// Everything that differs between two versions, with a request that shows each difference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The older version, or whichever is named first.
    pub from: VersionRef,
    /// The newer version.
    pub to: VersionRef,
    /// The answer.
    pub verdict: Verdict,
    /// Whether the second version permits anything at all: one that permits nothing narrows too.
    pub permits_something: bool,
    /// Whether both are shown never to release clinical data.
    pub clinical_never: bool,
    /// Every field that either version can release.
    pub fields: Vec<FieldChange>,
    /// Clauses of the first version that the second no longer insists on.
    pub widenings: Vec<ClauseChange>,
    /// Clauses of the second version that refuse what the first permits.
    pub narrowings: Vec<ClauseChange>,
    /// Offence codes whose days of validity grew.
    pub offence_days_widened: Vec<String>,
    /// Terms around the rules that differ; the proof says nothing about them.
    pub terms: Vec<TermChange>,
}

/// A version by name and content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRef {
    /// Its name.
    pub id: VersionId,
    /// SHA-256 of its content, in hex.
    pub content_hash: String,
}

/// How one field fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Field name.
    pub field: String,
    /// What happened to it.
    pub relation: Relation,
}

/// What happened to one field from the first version to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Released in the same cases.
    Same,
    /// Released in fewer cases.
    Narrower,
    /// Released in more cases.
    Wider,
    /// Released in some new cases and not in some old ones.
    Changed,
    /// No longer released.
    Removed,
    /// Newly released.
    Added,
}

impl Relation {
    /// The relation in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Narrower => "in fewer cases",
            Self::Wider => "in more cases",
            Self::Changed => "in other cases",
            Self::Removed => "no longer released",
            Self::Added => "newly released",
        }
    }
}

/// A clause that makes a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseChange {
    /// Number of the clause, in the version that has it.
    pub clause: String,
    /// What it demands.
    pub text: String,
    /// Fields for which it makes a difference.
    pub fields: Vec<String>,
    /// A request that one version permits and the other refuses.
    pub witness: Witness,
}

/// A concrete request that shows a difference. It was judged under both versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// What the request claims; no person is in it.
    pub facts: Facts,
    /// The same in words, one fact a line.
    pub words: Vec<String>,
    /// Clauses that the refusing version names.
    pub refused_by: Vec<String>,
}

/// A term of `version.toml` that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TermChange {
    /// Path of the term, with dots.
    pub term: String,
    /// Its value in the first version.
    pub from: Value,
    /// Its value in the second version.
    pub to: Value,
}

/// Compares what two versions permit, in both directions.
///
/// # Errors
/// Why the comparison could not be decided.
pub fn compare(from: &Version, to: &Version) -> Result<Comparison, ProveError> {
    let cells = Cells::of(&[from, to]);
    let mut work = Work {
        from,
        to,
        cells,
        domain: Vec::new(),
        in_common: false,
        found: Found::default(),
    };
    work.domain = work.plausible()?;
    let mut spaces = (Spaces::new(from), Spaces::new(to));
    for group in field_groups(&[from, to]) {
        work.compare_group(&mut spaces, &group)?;
    }
    Ok(work.into_comparison())
}

/// A comparison under way.
struct Work<'a> {
    from: &'a Version,
    to: &'a Version,
    cells: Cells,
    /// What requests look like in life; it chooses witnesses and decides nothing.
    domain: Vec<Table>,
    in_common: bool,
    found: Found,
}

#[derive(Default)]
struct Found {
    fields: BTreeMap<String, Relation>,
    widenings: Vec<ClauseChange>,
    narrowings: Vec<ClauseChange>,
    permits_something: bool,
}

impl Work<'_> {
    fn plausible(&self) -> Result<Vec<Table>, ProveError> {
        let name = (self.to.id.to_string(), "domain");
        let conditions = self.to.policies.domain.iter();
        conditions
            .map(|condition| Table::of_condition(&name, condition, &self.cells, "name"))
            .collect()
    }

    fn compare_group(
        &mut self,
        spaces: &mut (Spaces<'_>, Spaces<'_>),
        group: &[&'static str],
    ) -> Result<(), ProveError> {
        let Some(field) = group.first() else {
            return Ok(());
        };
        let old = spaces.0.of_field(&self.cells, field)?;
        let new = spaces.1.of_field(&self.cells, field)?;
        let before = self.search(&old.all(), &[])?.is_some();
        let after = self.search(&new.all(), &[])?.is_some();
        self.found.permits_something |= after;
        if !before && !after {
            return Ok(());
        }
        self.in_common |= self.search(&old.all(), &new.all())?.is_some();
        let wider = self.differences(&new, &old, group)?;
        let narrower = self.differences(&old, &new, group)?;
        let relation = match (before, after, wider.is_empty(), narrower.is_empty()) {
            (true, false, ..) => Relation::Removed,
            (false, true, ..) => Relation::Added,
            (_, _, true, true) => Relation::Same,
            (_, _, true, false) => Relation::Narrower,
            (_, _, false, true) => Relation::Wider,
            (_, _, false, false) => Relation::Changed,
        };
        let fields = group.iter().map(|field| ((*field).to_owned(), relation));
        self.found.fields.extend(fields);
        merge(&mut self.found.widenings, wider);
        merge(&mut self.found.narrowings, narrower);
        Ok(())
    }

    /// For each clause of `strict`: a request that `lenient` permits and that clause refuses.
    fn differences(
        &self,
        lenient: &Space<'_>,
        strict: &Space<'_>,
        group: &[&'static str],
    ) -> Result<Vec<ClauseChange>, ProveError> {
        let mut changes = Vec::new();
        for (index, (rule, table)) in strict.tables.iter().enumerate() {
            let negated = table.negated();
            // Best is a request that fails this clause alone.
            let alone = self.search(&lenient.all(), &strict.all_but(index, &negated))?;
            let found = match alone {
                Some(found) => Some(found),
                None => self.search(&lenient.all(), &[&negated])?,
            };
            let Some(assignment) = found else { continue };
            let witness =
                self.witness(&assignment, lenient.version, strict.version, group, rule)?;
            changes.push(ClauseChange {
                clause: rule.clause.clone(),
                text: rule.text.clone(),
                fields: group.iter().map(|field| (*field).to_owned()).collect(),
                witness,
            });
        }
        Ok(changes)
    }

    /// Looks for a plausible request first, then for any.
    fn search(&self, some: &[&Table], more: &[&Table]) -> Result<Option<Assignment>, ProveError> {
        let all: Vec<&Table> = some.iter().chain(more).copied().collect();
        let plausible: Vec<&Table> = all.iter().copied().chain(&self.domain).collect();
        let gave_up = |steps| ProveError::Steps {
            version: self.to.id.to_string(),
            steps,
        };
        match find(&plausible) {
            Ok(Some(found)) => Ok(Some(found)),
            Ok(None) if self.domain.is_empty() => Ok(None),
            _ => find(&all).map_err(gave_up),
        }
    }

    /// The request as facts, judged under both versions: the judgement must bear out the search.
    fn witness(
        &self,
        assignment: &Assignment,
        lenient: &Version,
        strict: &Version,
        group: &[&'static str],
        rule: &crate::policy::Rule,
    ) -> Result<Witness, ProveError> {
        let fields: Vec<String> = group
            .iter()
            .take(1)
            .map(|field| (*field).to_owned())
            .collect();
        let unproved = |reason: &str| ProveError::Evaluation {
            clause: rule.clause.clone(),
            version: strict.id.to_string(),
            reason: reason.to_owned(),
        };
        let facts = facts_of(&self.cells, assignment, lenient, &fields)
            .ok_or_else(|| unproved("the request found cannot be written down"))?;
        let (permitted, refused) = (judge(lenient, &facts), judge(strict, &facts));
        let borne_out = permitted.fields_allowed == fields && refused.fields_allowed.is_empty();
        if !borne_out || permitted.alarm.is_some() || refused.alarm.is_some() {
            return Err(unproved("the request found is judged otherwise"));
        }
        let refused_by = refused
            .stopping()
            .map(|finding| finding.clause.clone())
            .collect();
        Ok(Witness {
            words: words(&facts),
            facts,
            refused_by,
        })
    }

    fn into_comparison(self) -> Comparison {
        let offence_days_widened = offence_days_widened(self.from, self.to);
        let wider = !self.found.widenings.is_empty() || !offence_days_widened.is_empty();
        let narrower = !self.found.narrowings.is_empty();
        let verdict = match (wider, narrower) {
            (true, true) if !self.in_common => Verdict::Incomparable,
            (true, true) => Verdict::WidensAndNarrows,
            (true, false) => Verdict::Widens,
            (false, true) => Verdict::Narrows,
            (false, false) => Verdict::Equal,
        };
        let never = |version: &Version| {
            version
                .terms
                .never_fields
                .iter()
                .any(|field| field == crate::CLINICAL)
        };
        let clinical_never =
            never(self.from) && never(self.to) && !self.found.fields.contains_key(crate::CLINICAL);
        let fields = self.found.fields.into_iter();
        Comparison {
            from: VersionRef::of(self.from),
            to: VersionRef::of(self.to),
            verdict,
            permits_something: self.found.permits_something,
            clinical_never,
            fields: fields
                .map(|(field, relation)| FieldChange { field, relation })
                .collect(),
            widenings: self.found.widenings,
            narrowings: self.found.narrowings,
            offence_days_widened,
            terms: term_changes(self.from, self.to),
        }
    }
}

impl VersionRef {
    pub(crate) fn of(version: &Version) -> Self {
        Self {
            id: version.id.clone(),
            content_hash: version.content_hash.clone(),
        }
    }
}

/// One entry a clause, with the fields of all groups.
fn merge(changes: &mut Vec<ClauseChange>, more: Vec<ClauseChange>) {
    for change in more {
        match changes
            .iter_mut()
            .find(|known| known.clause == change.clause)
        {
            Some(known) => known.fields.extend(change.fields),
            None => changes.push(change),
        }
    }
    changes.iter_mut().for_each(|change| change.fields.sort());
    changes.sort_by_key(|change| crate::clause::number_key(&change.clause));
}

/// The facts in words, one a line, in the order of the vocabulary.
fn words(facts: &Facts) -> Vec<String> {
    let Ok(Value::Object(members)) = serde_json::to_value(facts) else {
        return Vec::new();
    };
    let mut lines = vec![format!(
        "`{}` asks for {} for the purpose `{}`",
        facts.agency,
        facts.fields_requested.join(", ").replace('_', " "),
        facts.purpose
    )];
    for attribute in VOCABULARY.iter().skip(2) {
        let name = attribute.name.replace('_', " ");
        match members.get(attribute.name) {
            Some(Value::Bool(true)) => lines.push(format!("{name}: yes")),
            Some(Value::Bool(false)) if !attribute.required => lines.push(format!("{name}: no")),
            Some(Value::String(text)) => lines.push(format!("{name}: {}", text.replace('_', " "))),
            Some(Value::Number(number)) => lines.push(format!("{name}: {number}")),
            Some(Value::Array(items)) => {
                let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                lines.push(format!("{name}: {}", items.join(", ").replace('_', " ")));
            }
            _ => {}
        }
    }
    lines
}

/// Days of validity of one code; a code without a row is not limited.
fn windows(version: &Version, code: &str) -> Vec<(Option<Date>, Option<Date>)> {
    let rows = version.terms.offences.iter().filter(|row| row.code == code);
    let windows: Vec<_> = rows.map(|row| (row.valid_from, row.valid_to)).collect();
    if windows.is_empty() {
        vec![(None, None)]
    } else {
        windows
    }
}

/// Codes that the second version accepts on days on which the first does not. Each window must lie
/// in one window of the first.
fn offence_days_widened(from: &Version, to: &Version) -> Vec<String> {
    let rows = from.terms.offences.iter().chain(&to.terms.offences);
    let codes: BTreeSet<&String> = rows.map(|row| &row.code).collect();
    let within = |inner: &(Option<Date>, Option<Date>), outer: &(Option<Date>, Option<Date>)| {
        let starts = outer
            .0
            .is_none_or(|start| inner.0.is_some_and(|day| start <= day));
        starts
            && outer
                .1
                .is_none_or(|end| inner.1.is_some_and(|day| day <= end))
    };
    // A code that only the new version lists is compared by the rules, not by its days.
    let listed = |code: &str| from.terms.offences.iter().any(|row| row.code == code);
    codes
        .into_iter()
        .filter(|code| listed(code))
        .filter(|code| {
            let old = windows(from, code);
            windows(to, code)
                .iter()
                .any(|new| !old.iter().any(|old| within(new, old)))
        })
        .cloned()
        .collect()
}

fn term_changes(from: &Version, to: &Version) -> Vec<TermChange> {
    let flat = |version: &Version| {
        let mut terms = BTreeMap::new();
        flatten(
            "",
            &serde_json::to_value(&version.terms).unwrap_or_default(),
            &mut terms,
        );
        terms
    };
    let (old, new) = (flat(from), flat(to));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let of =
        |terms: &BTreeMap<String, Value>, key: &str| terms.get(key).cloned().unwrap_or_default();
    let changes = keys.into_iter().map(|key| TermChange {
        term: key.clone(),
        from: of(&old, key),
        to: of(&new, key),
    });
    changes.filter(|change| change.from != change.to).collect()
}

fn flatten(path: &str, value: &Value, terms: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                flatten(&path, value, terms);
            }
        }
        Value::Null => {}
        value => {
            terms.insert(path.to_owned(), value.clone());
        }
    }
}
