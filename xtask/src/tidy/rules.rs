//! `xtask/tidy.toml`: the part of the rules that people change.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

/// Where the rules stand, relative to the top folder.
pub const PATH: &str = "xtask/tidy.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// For each crate, the crates of this workspace that it may depend on.
    #[serde(default)]
    pub edges: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub forbidden: Vec<Forbidden>,
    #[serde(default)]
    pub long_file: Vec<LongFile>,
    #[serde(default)]
    pub long_function: Vec<LongFunction>,
    #[serde(default)]
    pub published_nhs_number: Vec<PublishedNumber>,
}

/// Text that no file may hold. Given in parts, so that the rule does not break itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbidden {
    pub parts: Vec<String>,
    pub remedy: String,
    /// Beginnings of the paths that may hold it all the same.
    #[serde(default)]
    pub except: Vec<String>,
}

/// A file over the limit; the number may only go down.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongFile {
    pub path: String,
    pub lines: usize,
    #[expect(dead_code, reason = "for people to read; the parser demands it")]
    pub reason: String,
}

/// A function over the limit; the number may only go down.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongFunction {
    pub path: String,
    pub name: String,
    pub lines: usize,
    #[expect(dead_code, reason = "for people to read; the parser demands it")]
    pub reason: String,
}

/// A number outside the synthetic range that its owner published as an example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedNumber {
    pub number: String,
    #[expect(dead_code, reason = "for people to read; the parser demands it")]
    pub source: String,
}

impl Rules {
    pub fn load(root: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(root.join(PATH)).with_context(|| format!("cannot read {PATH}"))?;
        Self::parse(&text).with_context(|| format!("{PATH} breaks its own form"))
    }

    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
