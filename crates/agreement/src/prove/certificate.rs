use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::judge::engine_version;
use crate::library::Library;
use crate::prove::{Comparison, VersionRef, compare};

/// A comparison that anyone can make again: what was compared, what came out, and what it does not
/// say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// `tracegate-comparison/1`.
    pub format: String,
    /// What made it.
    pub engine: String,
    /// The comparison.
    pub comparison: Comparison,
    /// What the proof does not say.
    pub not_said: Vec<String>,
    /// SHA-256 of this certificate as JSON without white space and with an empty digest, in hex.
    pub digest: String,
}

const NOT_SAID: [&str; 5] = [
    "that the rules say what the prose says",
    "that what a request claims is true",
    "that the data released are right or about the right person",
    "that disclosure is lawful or wise",
    "anything about terms that are not rules: how sure a match must be, budgets, data life",
];

impl Certificate {
    /// Writes a comparison down so that anyone can make it again.
    pub fn new(comparison: Comparison) -> Self {
        let mut certificate = Self {
            format: "tracegate-comparison/1".to_owned(),
            engine: engine_version(),
            comparison,
            not_said: NOT_SAID.map(str::to_owned).to_vec(),
            digest: String::new(),
        };
        certificate.digest = certificate.digested();
        certificate
    }

    /// As text for a file: JSON with white space, and a newline at the end.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    fn digested(&self) -> String {
        let blank = Self {
            digest: String::new(),
            ..self.clone()
        };
        hex::encode(Sha256::digest(
            serde_json::to_vec(&blank).unwrap_or_default(),
        ))
    }
}

/// Checks a certificate against the versions at hand by making the comparison again.
///
/// # Errors
/// Why it does not hold, in words.
pub fn verify_certificate(library: &Library, text: &str) -> Result<Certificate, String> {
    let claimed: Certificate = serde_json::from_str(text)
        .map_err(|error| format!("certificate cannot be read: {error}"))?;
    if claimed.digest != claimed.digested() || claimed.to_text() != text {
        return Err(
            "certificate was changed: its digest or its form is not what it should be".to_owned(),
        );
    }
    let version = |reference: &VersionRef| {
        let version = library.version(&reference.id);
        let version =
            version.ok_or_else(|| format!("there is no version `{}` here", reference.id))?;
        if version.content_hash == reference.content_hash {
            Ok(version)
        } else {
            Err(format!(
                "version `{}` here has other content than the certificate names",
                reference.id
            ))
        }
    };
    let (from, to) = (
        version(&claimed.comparison.from)?,
        version(&claimed.comparison.to)?,
    );
    let again = compare(from, to).map_err(|error| error.to_string())?;
    if again == claimed.comparison {
        Ok(claimed)
    } else {
        Err("the comparison comes out differently when it is made again".to_owned())
    }
}
