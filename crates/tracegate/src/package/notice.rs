//! Short texts that the gate signs beside a package: the receipt of the download, the notice that a
//! release is recalled, and what became of a line of a batch.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use ledger::{Note, NoteError, SignerKey, VerifierKey};
use thiserror::Error;

use super::manifest::{Lines, TextError, write};

const RECEIPT: &str = "tracegate release receipt v1";
const RECALL: &str = "tracegate recall notice v1";
const LINE: &str = "tracegate batch answer v1";

/// The one-time download has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Public reference of the case.
    pub case: String,
    /// Organization that collected.
    pub recipient: String,
    /// Identity of who collected.
    pub collected_by: String,
    /// When.
    pub collected_at: Timestamp,
    /// `X-Request-ID` of the collecting call: only that call can be repeated.
    pub request_id: String,
}

/// A release is recalled: every copy is to be destroyed, and that to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recall {
    /// Public reference of the case.
    pub case: String,
    /// Organization that has copies.
    pub recipient: String,
    /// When it was recalled.
    pub recalled_at: Timestamp,
    /// Coded reason.
    pub reason: String,
}

/// What became of a line of a batch, and where that stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineAnswer {
    /// Reference of the batch.
    pub batch: String,
    /// Organization that handed the file in.
    pub recipient: String,
    /// Hex SHA-256 of the file.
    pub file_sha256: String,
    /// Line of the file, from 1.
    pub line: u64,
    /// The case; empty where the line became none.
    pub case: String,
    /// What the requester was told of it.
    pub status: String,
    /// Published code, for answers given before any trace.
    pub code: String,
    /// What is wrong with which column.
    pub fault: String,
    /// When.
    pub answered_at: Timestamp,
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: [(&str, &dyn fmt::Display); 5] = [
            ("case", &self.case),
            ("recipient", &self.recipient),
            ("collected-by", &self.collected_by),
            ("collected-at", &self.collected_at),
            ("request-id", &self.request_id),
        ];
        write(f, RECEIPT, &lines)
    }
}

impl FromStr for Receipt {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Receipt, TextError> {
        let mut lines = Lines::read(text, RECEIPT)?;
        Ok(Receipt {
            case: lines.take("case")?,
            recipient: lines.take("recipient")?,
            collected_by: lines.take("collected-by")?,
            collected_at: lines.take("collected-at")?,
            request_id: lines.take("request-id")?,
        })
    }
}

impl fmt::Display for Recall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: [(&str, &dyn fmt::Display); 4] = [
            ("case", &self.case),
            ("recipient", &self.recipient),
            ("recalled-at", &self.recalled_at),
            ("reason", &self.reason),
        ];
        write(f, RECALL, &lines)
    }
}

impl FromStr for Recall {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Recall, TextError> {
        let mut lines = Lines::read(text, RECALL)?;
        Ok(Recall {
            case: lines.take("case")?,
            recipient: lines.take("recipient")?,
            recalled_at: lines.take("recalled-at")?,
            reason: lines.take("reason")?,
        })
    }
}

impl fmt::Display for LineAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: [(&str, &dyn fmt::Display); 9] = [
            ("batch", &self.batch),
            ("recipient", &self.recipient),
            ("file-sha256", &self.file_sha256),
            ("line", &self.line),
            ("case", &self.case),
            ("status", &self.status),
            ("code", &self.code),
            ("fault", &self.fault),
            ("answered-at", &self.answered_at),
        ];
        write(f, LINE, &lines)
    }
}

impl FromStr for LineAnswer {
    type Err = TextError;

    fn from_str(text: &str) -> Result<LineAnswer, TextError> {
        let mut lines = Lines::read(text, LINE)?;
        Ok(LineAnswer {
            batch: lines.take("batch")?,
            recipient: lines.take("recipient")?,
            file_sha256: lines.take("file-sha256")?,
            line: lines.take("line")?,
            case: lines.take("case")?,
            status: lines.take("status")?,
            code: lines.take("code")?,
            fault: lines.take("fault")?,
            answered_at: lines.take("answered-at")?,
        })
    }
}

/// Why a notice is not believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoticeError {
    /// Not signed by the gate.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Some other text.
    #[error(transparent)]
    Text(#[from] TextError),
}

/// A text that the gate signs.
pub trait Notice: fmt::Display + FromStr<Err = TextError> {
    /// The signed note.
    fn sign(&self, signer: &SignerKey) -> Note {
        Note::sign(self.to_string(), signer)
    }

    /// Reads a note that this key must have signed.
    fn verified(bytes: &[u8], key: &VerifierKey) -> Result<Self, NoticeError> {
        let note = Note::parse(bytes)?;
        note.verify(key)?;
        Ok(note.text().parse()?)
    }
}

impl Notice for Receipt {}
impl Notice for Recall {}
impl Notice for LineAnswer {}
