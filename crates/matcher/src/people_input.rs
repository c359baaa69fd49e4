//! What readers of people share: rows are read one by one, made into people on all cores, and handed
//! out one by one.

use rayon::prelude::*;

use crate::csv_input::RowFault;
use crate::{Fault, Person};

/// Rows that are read before all cores make people of them.
pub(crate) const CHUNK: usize = 4096;

/// Earlier names, addresses and numbers of one person that are kept, each. Real histories are
/// shorter; the limit keeps one damaged row from filling an index.
const HISTORY_MAX: usize = 32;

/// What one row gives.
pub(crate) struct Outcome {
    faults: Vec<RowFault>,
    person: Option<Person>,
}

impl Outcome {
    /// A row that is no person.
    pub(crate) fn unusable(line: u64, fault: Fault) -> Self {
        Self {
            faults: vec![RowFault {
                line,
                fault,
                row_left_out: true,
            }],
            person: None,
        }
    }

    /// A person, left out if there is no identifier, and the faults of its fields.
    pub(crate) fn of(line: u64, person: Person, mut faults: Vec<Fault>) -> Self {
        let row_left_out = person.person_id.is_empty();
        if row_left_out {
            let remedy = "give every person an identifier";
            faults.push(Fault::new("person_id", "no identifier", remedy));
        }
        let row_fault = |fault| RowFault {
            line,
            fault,
            row_left_out,
        };
        Self {
            faults: faults.into_iter().map(row_fault).collect(),
            person: (!row_left_out).then_some(person),
        }
    }
}

/// People in the order of the file, each behind the faults of its fields.
#[derive(Default)]
pub(crate) struct Queue {
    read: std::vec::IntoIter<Outcome>,
    faults: std::vec::IntoIter<RowFault>,
    next: Option<Person>,
}

impl Queue {
    /// The next person or fault; `refill` reads the next rows, none at the end of the file.
    pub(crate) fn next(
        &mut self,
        refill: impl FnOnce() -> Vec<Outcome>,
    ) -> Option<Result<Person, RowFault>> {
        let mut refill = Some(refill);
        loop {
            if let Some(fault) = self.faults.next() {
                return Some(Err(fault));
            }
            if let Some(person) = self.next.take() {
                return Some(Ok(person));
            }
            if self.read.len() == 0 {
                self.read = refill.take()?().into_iter();
            }
            let Outcome { faults, person } = self.read.next()?;
            self.faults = faults.into_iter();
            self.next = person;
        }
    }
}

/// Makes people of rows on all cores.
pub(crate) fn outcomes<T: Sync>(
    rows: &[T],
    read: impl Fn(&T) -> Outcome + Sync + Send,
) -> Vec<Outcome> {
    rows.par_iter().map(read).collect()
}

/// The newest entries of a history.
pub(crate) fn limited<T>(
    mut entries: Vec<T>,
    field: &'static str,
    faults: &mut Vec<Fault>,
) -> Vec<T> {
    if entries.len() > HISTORY_MAX {
        let problem = format!("{} entries; only {HISTORY_MAX} are kept", entries.len());
        faults.push(Fault::new(field, problem, "send the newest first"));
        entries.truncate(HISTORY_MAX);
    }
    entries
}
