//! An index and, beside it, what has changed since it was built: one trace searches both.

use std::sync::Arc;

use super::delta::Delta;
use super::parts::{Part, Parts};
use super::{Index, IndexError};
use crate::{NhsNumber, Person};

/// The people of an index as they are by a delta to it.
///
/// Rows of the delta are numbered after those of the index. Whomever the delta changes or removes is no
/// longer found in the index: no search, look-up or number of a row leads to what was held before.
#[derive(Debug)]
pub struct Current {
    base: Arc<Index>,
    delta: Option<Beside>,
    version: String,
}

/// A delta that changes something.
#[derive(Debug)]
struct Beside {
    people: Index,
    /// Rows of the index, ascending, of the people who are changed or removed.
    superseded: Vec<u32>,
}

impl From<Arc<Index>> for Current {
    fn from(base: Arc<Index>) -> Self {
        Self {
            version: base.version().to_owned(),
            base,
            delta: None,
        }
    }
}

impl Current {
    /// The people of `base` as `delta` has changed them. What it costs depends on the delta alone.
    ///
    /// # Errors
    /// Refuses a delta of another index, and more rows than one number can count.
    pub fn new(base: Arc<Index>, delta: Delta) -> Result<Self, IndexError> {
        delta.check_base(&base)?;
        let superseded = delta.superseded(&base);
        if superseded.is_empty() && delta.people() == 0 {
            return Ok(Self::from(base));
        }
        let version = delta.version();
        let people = delta.into_people();
        if base.rows().checked_add(people.rows()).is_none() {
            return Err(IndexError::TooMany("people of an index and its delta"));
        }
        Ok(Self {
            base,
            delta: Some(Beside { people, superseded }),
            version,
        })
    }

    /// Checksum of the content, of the form that an index has: names these people in records of answers.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Number of people.
    pub fn people(&self) -> u32 {
        let delta = self.delta.as_ref();
        delta.map_or(self.base.people(), |delta| {
            self.base.people() - delta.superseded.len() as u32 + delta.people.people()
        })
    }

    /// Everything held about the person at `row`; `None` when there is no such row, or no longer.
    pub fn person(&self, row: u32) -> Option<Person> {
        self.parts().person(row)
    }

    /// Row of the person with this source identifier.
    pub fn find(&self, person_id: &str) -> Option<u32> {
        self.parts().find(person_id)
    }

    /// Row of the person who has or had this NHS number; a current holder comes first.
    pub fn find_nhs_number(&self, number: NhsNumber) -> Option<u32> {
        let parts = self.parts();
        let (part, row) = parts.holder(number)?;
        Some(part.first + row.primary)
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        let mut parts = Parts::from(self.base.as_ref());
        if let Some(delta) = &self.delta {
            parts.base.view.superseded = &delta.superseded;
            parts.later = Some(Part {
                view: delta.people.view(),
                first: self.base.rows(),
            });
        }
        parts
    }
}

#[cfg(test)]
mod tests;
