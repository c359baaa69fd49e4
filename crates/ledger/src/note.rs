//! Signed notes (c2sp.org/signed-note).
//!
//! A note is text, a blank line, then signature lines `— NAME BASE64(KEY ID, SIGNATURE)`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::key::{KeyId, KeyType, SignerKey, VerifierKey, check_name};

/// Longest note read: 64 signatures of 4 kB (post-quantum ones are that long) take a quarter of a
/// MiB.
pub const NOTE_BYTES_MAX: usize = 256 * 1024;
/// Most signature lines read; the specification asks for at least 16.
pub const SIGNATURES_MAX: usize = 64;

const SIGNATURE_LINE_START: &str = "\u{2014} ";

/// Why bytes are not a note that can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Larger than [`NOTE_BYTES_MAX`].
    #[error("the note is longer than {NOTE_BYTES_MAX} bytes")]
    TooLong,
    /// Not UTF-8, or with control characters other than newline.
    #[error("the note is not UTF-8 text without control characters")]
    Text,
    /// No blank line between text and signatures, or no text before it.
    #[error("the note has no blank line between its text and its signatures")]
    Separator,
    /// A line after the blank line is not a signature.
    #[error("line {0} after the blank line is not a signature line")]
    SignatureLine(usize),
    /// More signatures than [`SIGNATURES_MAX`].
    #[error("the note has more than {SIGNATURES_MAX} signatures")]
    TooManySignatures,
    /// A signature by a known key is wrong.
    #[error("the signature by `{0}` is wrong")]
    Signature(String),
    /// No signature by the known key.
    #[error("the note is not signed by `{0}`")]
    Unsigned(String),
    /// The same key signed twice.
    #[error("the note carries more than one signature by `{0}`")]
    Repeated(String),
}

/// One signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// Name of the key that claims to have signed.
    pub name: String,
    /// Id of that key.
    pub id: KeyId,
    /// The signature, in the form of the key's type.
    pub signature: Vec<u8>,
}

impl SignatureLine {
    /// Reads one line, without its newline.
    pub fn parse(line: &str) -> Option<SignatureLine> {
        let (name, encoded) = line.strip_prefix(SIGNATURE_LINE_START)?.split_once(' ')?;
        check_name(name).ok()?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        let signature = signature.to_vec();
        (!signature.is_empty()).then(|| SignatureLine {
            name: name.into(),
            id: KeyId(*id),
            signature,
        })
    }
}

impl fmt::Display for SignatureLine {
    /// The line with its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.0.as_slice(), &self.signature].concat();
        writeln!(
            f,
            "{SIGNATURE_LINE_START}{} {}",
            self.name,
            STANDARD.encode(bytes)
        )
    }
}

/// Text and signatures. Parsing does not verify: trust the text only after [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// Signs `text`, which must end in a newline and not be empty.
    pub fn sign(text: String, key: &SignerKey) -> Note {
        let mut note = Note {
            text,
            signatures: Vec::new(),
        };
        note.sign_also(key);
        note
    }

    /// Adds the signature of another key of the same log.
    pub fn sign_also(&mut self, key: &SignerKey) {
        self.add(SignatureLine {
            name: key.public().name().into(),
            id: key.public().id(),
            signature: key.sign(self.text.as_bytes()),
        });
    }

    /// Reads a note strictly: anything but the exact form is an error.
    pub fn parse(bytes: &[u8]) -> Result<Note, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        let all = std::str::from_utf8(bytes).map_err(|_| NoteError::Text)?;
        if all.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteError::Text);
        }
        let (text, lines) = all.rsplit_once("\n\n").ok_or(NoteError::Separator)?;
        if text.is_empty() || lines.is_empty() {
            return Err(NoteError::Separator);
        }
        let signatures = parse_signatures(lines)?;
        Ok(Note {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// The signed text, ending in a newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in their order, verified or not.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a signature, for example a witness's; one by the same key is replaced.
    pub fn add(&mut self, line: SignatureLine) {
        self.signatures
            .retain(|old| (&old.name, old.id) != (&line.name, line.id));
        self.signatures.push(line);
    }

    /// Checks that `key`, of type [`KeyType::Note`], signed the text, exactly once.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), NoteError> {
        let line = self.signature_by(key)?;
        match key.key_type() == KeyType::Note && key.verify(self.text.as_bytes(), &line.signature) {
            true => Ok(()),
            false => Err(NoteError::Signature(key.name().into())),
        }
    }

    /// The one line that claims to be by `key`.
    pub(crate) fn signature_by(&self, key: &VerifierKey) -> Result<&SignatureLine, NoteError> {
        let mut lines = self.signatures.iter().filter(|line| key.matches(line));
        match (lines.next(), lines.next()) {
            (Some(line), None) => Ok(line),
            (Some(_), Some(_)) => Err(NoteError::Repeated(key.name().into())),
            (None, _) => Err(NoteError::Unsigned(key.name().into())),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

/// Reads signature lines, each ending in a newline.
pub fn parse_signatures(lines: &str) -> Result<Vec<SignatureLine>, NoteError> {
    let mut signatures = Vec::new();
    for (number, line) in lines.split_inclusive('\n').enumerate() {
        if number == SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures);
        }
        let line = line.strip_suffix('\n').and_then(SignatureLine::parse);
        signatures.push(line.ok_or(NoteError::SignatureLine(number + 1))?);
    }
    Ok(signatures)
}

#[cfg(test)]
mod tests;
