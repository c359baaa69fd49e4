//! The text of a plan or a record, and faults that name its lines.

use serde::de::DeserializeOwned;

use crate::error::SurveyError;

/// A TOML file by its name and its text.
pub(crate) struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    /// Reads the whole file.
    ///
    /// # Errors
    /// [`SurveyError::Plan`] with the line.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, SurveyError> {
        toml::from_str(self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let problem = error.message().replace('\n', ", ");
            self.fault(offset, problem, "correct the key or value")
        })
    }

    /// A fault at the first place of `words`, or at the beginning.
    pub(crate) fn fault_at(&self, words: &str, problem: String, remedy: &str) -> SurveyError {
        self.fault(self.text.find(words).unwrap_or(0), problem, remedy)
    }

    fn fault(&self, offset: usize, problem: String, remedy: &str) -> SurveyError {
        let before = self.text.get(..offset).unwrap_or_default();
        SurveyError::Plan {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            problem,
            remedy: remedy.to_owned(),
        }
    }
}
