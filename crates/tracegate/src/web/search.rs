//! Search by reference: exact, for the visitor's own desk only, and an entry where it opens a case.

use disclosure::{Actor, EventKind};
use serde::Deserialize;
use store::Cursor;

use crate::gate::Gate;
use crate::pipeline::StepError;
use crate::reader;

/// A reference as it is typed into the box at the top of a desk, or where its list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reference {
    reference: String,
    after: String,
}

impl Reference {
    /// The reference as it is written, where one was typed.
    pub fn given(&self) -> Option<String> {
        given(&self.reference)
    }

    /// Where the page of the list begins; at its first line without.
    pub fn after(&self) -> Option<Cursor> {
        self.after.parse().ok()
    }
}

/// A typed reference as it is written: capitals, no outer space, hyphens from any keyboard.
pub fn given(typed: &str) -> Option<String> {
    let text = typed
        .trim()
        .to_uppercase()
        .replace(['\u{2010}', '\u{2011}', '\u{2013}'], "-");
    (!text.is_empty()).then_some(text)
}

/// Records that somebody searched for a reference that there is not.
pub async fn missed(gate: &Gate, by: &Actor) -> Result<(), StepError> {
    let what = "search by reference";
    reader::note(gate, EventKind::AccessRefused, None, what, by).await
}
