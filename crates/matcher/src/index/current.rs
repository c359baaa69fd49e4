//! An index and, beside it, what has changed since it was built: one trace searches both.

use std::sync::Arc;

use super::delta::Delta;
use super::parts::{Part, Parts};
use super::{Index, IndexError, Row, View};
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
    superseded: Superseded,
}

/// The people of an index who are changed or removed: their current rows, and what these hold. All ascending.
#[derive(Debug)]
struct Superseded {
    rows: Vec<u32>,
    given: Vec<u32>,
    middles: Vec<u32>,
    surnames: Vec<u32>,
    towns: Vec<u32>,
    postcodes: Vec<u32>,
}

impl Superseded {
    fn new(base: &View<'_>, rows: Vec<u32>) -> Self {
        let held = |text: fn(&Row) -> u32| {
            let held = rows.iter().filter_map(|row| base.row(*row)).map(text);
            let mut held: Vec<u32> = held.filter(|text| *text != 0).collect();
            held.sort_unstable();
            held
        };
        Self {
            given: held(|row| row.given),
            middles: held(|row| row.middle),
            surnames: held(|row| row.surname),
            towns: held(|row| row.town),
            postcodes: held(|row| row.postcode),
            rows,
        }
    }

    /// `view` neither finds nor counts them.
    fn leave_out_of<'a>(&'a self, view: &mut View<'a>) {
        view.people = view.people.saturating_sub(self.rows.len() as u32);
        view.superseded = &self.rows;
        view.given.gone = &self.given;
        view.middles_gone = &self.middles;
        view.surnames.gone = &self.surnames;
        view.towns.gone = &self.towns;
        view.postcodes.gone = &self.postcodes;
    }
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
            delta: Some(Beside {
                superseded: Superseded::new(&base.view(), superseded),
                people,
            }),
            base,
            version,
        })
    }

    /// Checksum of the content, of the form that an index has: names these people in records of answers.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Number of people.
    pub fn people(&self) -> u32 {
        self.parts().iter().map(|part| part.view.people).sum()
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
            delta.superseded.leave_out_of(&mut parts.base.view);
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
