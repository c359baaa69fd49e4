//! The manifest of a package: the text that the gate signs.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use thiserror::Error;

/// First line of a manifest; no other signed text of the gate begins like it.
const HEADER: &str = "tracegate release manifest v1";

/// What the gate says of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Public reference of the case.
    pub case: String,
    /// Organization the release is for.
    pub recipient: String,
    /// The age key the package is sealed to.
    pub sealed_to: String,
    /// `AGREEMENT/VERSION` the release is made under.
    pub agreement: String,
    /// Hex SHA-256 of the version's canonical bytes.
    pub agreement_sha256: String,
    /// Codes of the fields told, with spaces between.
    pub fields: String,
    /// When the release was decided.
    pub released_at: Timestamp,
    /// When it was collected.
    pub collected_at: Timestamp,
    /// Until when it may be kept; every copy is to be destroyed by then.
    pub data_life_until: Timestamp,
    /// When the outcome return is due.
    pub outcome_due_at: Timestamp,
    /// What may be done with it.
    pub onward_rule: String,
    /// Hex SHA-256 of the Bundle's bytes.
    pub bundle_sha256: String,
    /// Index of the release's entry in the public log.
    pub entry: u64,
    /// Hex SHA-256 of the entry's bytes.
    pub entry_sha256: String,
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: [(&str, &dyn fmt::Display); 14] = [
            ("case", &self.case),
            ("recipient", &self.recipient),
            ("sealed-to", &self.sealed_to),
            ("agreement", &self.agreement),
            ("agreement-sha256", &self.agreement_sha256),
            ("fields", &self.fields),
            ("released-at", &self.released_at),
            ("collected-at", &self.collected_at),
            ("data-life-until", &self.data_life_until),
            ("outcome-due-at", &self.outcome_due_at),
            ("onward-rule", &self.onward_rule),
            ("bundle-sha256", &self.bundle_sha256),
            ("entry", &self.entry),
            ("entry-sha256", &self.entry_sha256),
        ];
        write(f, HEADER, &lines)
    }
}

/// Why a signed text is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// The first line is another: it is some other text of the gate.
    #[error("the first line is not `{0}`")]
    Header(&'static str),
    /// A line is missing, there twice, or cannot be read.
    #[error("the line `{0}` is missing or cannot be read")]
    Line(&'static str),
}

impl FromStr for Manifest {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Manifest, TextError> {
        let mut lines = Lines::read(text, HEADER)?;
        Ok(Manifest {
            case: lines.take("case")?,
            recipient: lines.take("recipient")?,
            sealed_to: lines.take("sealed-to")?,
            agreement: lines.take("agreement")?,
            agreement_sha256: lines.take("agreement-sha256")?,
            fields: lines.take("fields")?,
            released_at: lines.take("released-at")?,
            collected_at: lines.take("collected-at")?,
            data_life_until: lines.take("data-life-until")?,
            outcome_due_at: lines.take("outcome-due-at")?,
            onward_rule: lines.take("onward-rule")?,
            bundle_sha256: lines.take("bundle-sha256")?,
            entry: lines.take("entry")?,
            entry_sha256: lines.take("entry-sha256")?,
        })
    }
}

/// Writes a header and `NAME VALUE` lines. A value stays on its line.
pub(super) fn write(
    f: &mut fmt::Formatter<'_>,
    header: &str,
    lines: &[(&str, &dyn fmt::Display)],
) -> fmt::Result {
    writeln!(f, "{header}")?;
    for (name, value) in lines {
        let value = value.to_string();
        let words: Vec<&str> = value.split_whitespace().collect();
        writeln!(f, "{name} {}", words.join(" "))?;
    }
    Ok(())
}

/// The `NAME VALUE` lines of a signed text.
pub(super) struct Lines<'t>(BTreeMap<&'t str, &'t str>);

impl<'t> Lines<'t> {
    /// Reads the lines after the header.
    pub(super) fn read(text: &'t str, header: &'static str) -> Result<Lines<'t>, TextError> {
        let mut lines = text.lines();
        if lines.next() != Some(header) {
            return Err(TextError::Header(header));
        }
        let mut read = BTreeMap::new();
        for line in lines {
            let (name, value) = line.split_once(' ').unwrap_or((line, ""));
            // A name that is there twice is nobody's.
            if read.insert(name, value).is_some() {
                read.insert(name, "\0");
            }
        }
        Ok(Lines(read))
    }

    /// The value of a line.
    pub(super) fn take<T: FromStr>(&mut self, name: &'static str) -> Result<T, TextError> {
        let value = self.0.remove(name).filter(|value| *value != "\0");
        let value = value.and_then(|value| value.parse().ok());
        value.ok_or(TextError::Line(name))
    }
}
