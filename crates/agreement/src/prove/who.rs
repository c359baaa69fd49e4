use serde::{Deserialize, Serialize};

use crate::facts::VOCABULARY;
use crate::library::Version;
use crate::prove::{Cells, ProveError, Space, Spaces, Table, field_groups, find};

/// Who can ever get some fields under a version, and what every such request must claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldAccess {
    /// Fields that are treated alike.
    pub fields: Vec<String>,
    /// The agency.
    pub agency: String,
    /// The purpose.
    pub purpose: String,
    /// Facts without which nothing is released, in the order of the vocabulary.
    pub requirements: Vec<Requirement>,
}

/// A fact that a request must claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// Name of the fact, as in [`crate::Facts`].
    pub fact: String,
    /// Values that can lead to a release. A number stands for itself and for what lies between it
    /// and the next fixed value.
    pub one_of: Vec<String>,
}

/// Lists who can ever get what: every agency and purpose with the fields they can reach.
///
/// # Errors
/// Why it could not be decided.
pub fn who(version: &Version) -> Result<Vec<FieldAccess>, ProveError> {
    let cells = Cells::of(&[version]);
    let mut found = Vec::new();
    let mut spaces = Spaces::new(version);
    for group in field_groups(&[version]) {
        let Some(field) = group.first() else { continue };
        let space = spaces.of_field(&cells, field)?;
        for agency in 0..cells.count(AGENCY) {
            for purpose in 0..cells.count(PURPOSE) {
                let asker = [Table::fixed(AGENCY, agency), Table::fixed(PURPOSE, purpose)];
                let Some(requirements) = requirements(version, &cells, &space, &asker)? else {
                    continue;
                };
                let code = |attribute, cell| {
                    let value = cells
                        .value(attribute, cell)
                        .and_then(|value| value.as_str());
                    value.unwrap_or_default().to_owned()
                };
                found.push(FieldAccess {
                    fields: group.iter().map(|field| (*field).to_owned()).collect(),
                    agency: code(AGENCY, agency),
                    purpose: code(PURPOSE, purpose),
                    requirements,
                });
            }
        }
    }
    found.sort_by(|a, b| {
        (&a.agency, &a.purpose, &a.fields).cmp(&(&b.agency, &b.purpose, &b.fields))
    });
    Ok(found)
}

/// Places of the two facts in the vocabulary that say who asks.
const AGENCY: usize = 0;
const PURPOSE: usize = 1;

/// For each fact that the rules look at, the values with which a release is still possible; `None`
/// when nothing can be released to this asker at all.
fn requirements(
    version: &Version,
    cells: &Cells,
    space: &Space<'_>,
    asker: &[Table],
) -> Result<Option<Vec<Requirement>>, ProveError> {
    let gave_up = |steps| ProveError::Steps {
        version: version.id.to_string(),
        steps,
    };
    let base: Vec<&Table> = space.all().into_iter().chain(asker).collect();
    if find(&base).map_err(gave_up)?.is_none() {
        return Ok(None);
    }
    let mut requirements = Vec::new();
    for (index, attribute) in VOCABULARY.iter().enumerate().skip(PURPOSE + 1) {
        if !base.iter().any(|table| table.scope.contains(&index)) {
            continue;
        }
        let mut possible = Vec::new();
        for cell in 0..cells.count(index) {
            let fixed = Table::fixed(index, cell);
            let tables: Vec<&Table> = base.iter().copied().chain([&fixed]).collect();
            if find(&tables).map_err(gave_up)?.is_some() {
                possible.push(cell);
            }
        }
        if possible.len() < usize::from(cells.count(index)) {
            let shown = |cell: &u16| cells.value(index, *cell).map(show).unwrap_or_default();
            let one_of = possible.iter().map(shown).collect();
            requirements.push(Requirement {
                fact: attribute.name.to_owned(),
                one_of,
            });
        }
    }
    Ok(Some(requirements))
}

fn show(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Bool(true) => "yes".to_owned(),
        serde_json::Value::Bool(false) => "no".to_owned(),
        serde_json::Value::Null => "not recorded".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => items.iter().map(show).collect::<Vec<_>>().join(" + "),
        other => other.to_string(),
    }
}
