//! The parameters of the engine, as a readable file.

use serde_json::{Map, Value, json};
use thiserror::Error;

use super::Level;
use crate::index::Kinship;

/// Classes of request quality: careful, ordinary, careless, garbled, and patched (a copied record in
/// which a whole field is now and then somebody else's). Errors come together, and a class
/// says how many.
pub(crate) const CLASSES: usize = 5;
/// Their names, in order.
pub const CLASS_NAMES: [&str; CLASSES] = ["careful", "ordinary", "careless", "garbled", "patched"];

/// The parameters of the `bayes` engine.
///
/// A readable JSON file: for every level of every field, how often a true match shows it, for careful,
/// ordinary, careless, garbled and patched requests; and the prior odds.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Where the numbers come from.
    pub description: String,
    /// Prior shares of requests.
    pub prior: Prior,
    /// Shares of careful, ordinary, careless, garbled and patched requests; they add up to 1.
    pub classes: [f64; CLASSES],
    /// For every level, how often a true match shows it, by class.
    pub(crate) match_share: [[f64; CLASSES]; Level::COUNT],
    /// How often two unrelated people show a level that does not depend on a value.
    pub(crate) chance: Chance,
}

/// Prior shares of requests; what remains is about people unrelated to anybody in the index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// About somebody in the index.
    pub in_index: f64,
    /// About an absent twin of somebody in the index.
    pub twin: f64,
    /// About an absent relative of the same name at the same address.
    pub namesake: f64,
    /// About another absent member of a household in the index.
    pub household: f64,
}

/// Share of people who live with a relative, in the population that the prior shares were set for.
const FAMILIES_REFERENCE: f64 = 0.5;
/// Least share of a prior that is kept whatever the index shows: absence in it proves little.
const FAMILIES_LEAST: f64 = 0.0002;

impl Prior {
    /// Prior shares for an index in which relatives are as common as `kinship` says.
    ///
    /// One scale for all of them: twins are too few to be counted in a sample, and those who are not in
    /// the index are just the ones that the index cannot show.
    pub(crate) fn scaled(&self, kinship: &Kinship) -> Self {
        let families = kinship.twin + kinship.namesake + kinship.household;
        let scale = (families / FAMILIES_REFERENCE).clamp(FAMILIES_LEAST, 1.0);
        Self {
            in_index: self.in_index,
            twin: self.twin * scale,
            namesake: self.namesake * scale,
            household: self.household * scale,
        }
    }
}

/// Shares of unrelated pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// Same outward postcode or town, when it is not known how common that is.
    pub same_district: f64,
    /// Same sex, when the given names say nothing about it.
    pub same_sex: f64,
    /// Same sex, when the given names agree.
    pub same_sex_by_name: f64,
    /// People at one address, for a household to be expected there.
    pub household_size: f64,
    /// A person from elsewhere has somebody else's earlier name, address or number.
    pub earlier: f64,
}

/// Why a model file cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// Not JSON of the right shape.
    #[error("not a model file; write one with `tracegate model train`")]
    Form(#[from] serde_json::Error),
    /// A parameter that is missing or unknown.
    #[error(
        "the model's `{0}` is missing or unknown; write the file again with `tracegate model train`"
    )]
    Parameter(String),
    /// A value that is no probability.
    #[error("the model's `{field}` is {value}; it must lie between 0 and 1")]
    Value {
        /// Path of the parameter.
        field: String,
        /// Its value.
        value: f64,
    },
}

const SHIPPED: &str = include_str!("../../models/default.json");

impl Default for Model {
    /// The shipped model.
    fn default() -> Self {
        // A test reads the shipped file; an unreadable one would give a model that matches nobody.
        Self::from_json(SHIPPED).unwrap_or_else(|_| Self::blank())
    }
}

impl Model {
    fn blank() -> Self {
        Self {
            description: String::new(),
            prior: Prior {
                in_index: 0.0,
                twin: 0.0,
                namesake: 0.0,
                household: 0.0,
            },
            classes: [1.0, 0.0, 0.0, 0.0, 0.0],
            match_share: [[1e-6; CLASSES]; Level::COUNT],
            chance: Chance {
                same_district: 1.0,
                same_sex: 1.0,
                same_sex_by_name: 1.0,
                household_size: 1.0,
                earlier: 1.0,
            },
        }
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// Refuses unknown or missing parameters and values that are no probabilities.
    pub fn from_json(text: &str) -> Result<Self, ModelError> {
        let root: Value = serde_json::from_str(text)?;
        let mut model = Self::blank();
        model.description = root
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        for (path, place) in model.scalars() {
            *place = number(&root, path)?;
        }
        model.classes = by_class(&root, "/classes")?;
        for level in Level::ALL {
            let path = format!("/match_share/{}/{}", level.field(), level.name());
            if let Some(shares) = model.match_share.get_mut(*level as usize) {
                *shares = by_class(&root, &path)?;
            }
        }
        model.check_names(&root)?;
        Ok(model)
    }

    /// The readable file.
    pub fn to_json(&self) -> String {
        let mut fields = Map::new();
        for level in Level::ALL {
            let shares = self
                .match_share
                .get(*level as usize)
                .copied()
                .unwrap_or_default();
            let field = fields
                .entry(level.field())
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(field) = field {
                field.insert(level.name().to_owned(), json!(shares));
            }
        }
        let root = json!({
            "description": self.description,
            "classes": self.classes,
            "prior": {
                "in_index": self.prior.in_index,
                "twin": self.prior.twin,
                "namesake": self.prior.namesake,
                "household": self.prior.household,
            },
            "chance": {
                "same_district": self.chance.same_district,
                "same_sex": self.chance.same_sex,
                "same_sex_by_name": self.chance.same_sex_by_name,
                "household_size": self.chance.household_size,
                "earlier": self.chance.earlier,
            },
            "match_share": fields,
        });
        format!("{root:#}\n")
    }

    fn scalars(&mut self) -> [(&'static str, &mut f64); 9] {
        [
            ("/prior/in_index", &mut self.prior.in_index),
            ("/prior/twin", &mut self.prior.twin),
            ("/prior/namesake", &mut self.prior.namesake),
            ("/prior/household", &mut self.prior.household),
            ("/chance/same_district", &mut self.chance.same_district),
            ("/chance/same_sex", &mut self.chance.same_sex),
            (
                "/chance/same_sex_by_name",
                &mut self.chance.same_sex_by_name,
            ),
            ("/chance/household_size", &mut self.chance.household_size),
            ("/chance/earlier", &mut self.chance.earlier),
        ]
    }

    /// How often a true match shows `level`, by class.
    pub fn shares(&self, level: Level) -> [f64; CLASSES] {
        self.match_share
            .get(level as usize)
            .copied()
            .unwrap_or([1.0; CLASSES])
    }

    /// How often a true match shows `level`, over all classes.
    pub fn average_share(&self, level: Level) -> f64 {
        self.shares(level)
            .iter()
            .zip(&self.classes)
            .map(|(share, class)| share * class)
            .sum()
    }

    /// Share of unrelated absent people among requests.
    pub(crate) fn unrelated(&self) -> f64 {
        let Prior {
            in_index,
            twin,
            namesake,
            household,
        } = self.prior;
        (1.0 - in_index - twin - namesake - household).max(1e-6)
    }

    /// Nothing in the file is unknown.
    fn check_names(&self, root: &Value) -> Result<(), ModelError> {
        let known: Value = serde_json::from_str(&self.to_json())?;
        for path in paths(root, "") {
            if known.pointer(&path).is_none() {
                return Err(ModelError::Parameter(path));
            }
        }
        Ok(())
    }
}

/// Pointers of everything in objects below `value`.
fn paths(value: &Value, above: &str) -> Vec<String> {
    let Value::Object(map) = value else {
        return Vec::new();
    };
    let below = |(key, value): (&String, &Value)| {
        let path = format!("{above}/{key}");
        let mut all = paths(value, &path);
        all.push(path);
        all
    };
    map.iter().flat_map(below).collect()
}

fn number(root: &Value, path: &str) -> Result<f64, ModelError> {
    let value = root.pointer(path).and_then(Value::as_f64);
    let value = value.ok_or_else(|| ModelError::Parameter(path.to_owned()))?;
    let most = if path.ends_with("household_size") {
        1000.0
    } else {
        1.0
    };
    check(path, value, most)
}

fn by_class(root: &Value, path: &str) -> Result<[f64; CLASSES], ModelError> {
    let missing = || ModelError::Parameter(path.to_owned());
    let list = root
        .pointer(path)
        .and_then(Value::as_array)
        .ok_or_else(missing)?;
    let mut shares = [0.0; CLASSES];
    if list.len() != CLASSES {
        return Err(missing());
    }
    for (place, value) in shares.iter_mut().zip(list) {
        *place = check(path, value.as_f64().ok_or_else(missing)?, 1.0)?;
    }
    Ok(shares)
}

fn check(path: &str, value: f64, most: f64) -> Result<f64, ModelError> {
    if value > 0.0 && value <= most {
        return Ok(value);
    }
    Err(ModelError::Value {
        field: path.to_owned(),
        value,
    })
}

#[cfg(test)]
mod tests;
