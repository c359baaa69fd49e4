//! The published counts of a period, and the identity they must satisfy (I1).

use serde::{Deserialize, Serialize};

use crate::Ending;

/// Counts of one agreement version, agency and period, or of their total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Row {
    pub received: u64,
    pub invalid: u64,
    pub refused: u64,
    pub no_result: u64,
    pub released_all: u64,
    pub released_part: u64,
    pub forwarded: u64,
    pub withdrawn: u64,
    pub expired: u64,
    pub held: u64,
    pub pending: u64,
}

impl Row {
    /// Counts one case: its ending, or whether it is held or still pending.
    pub fn count(&mut self, ending: Option<Ending>, held: bool) {
        self.add(ending, held, 1);
    }

    /// Counts `cases` cases alike.
    pub fn add(&mut self, ending: Option<Ending>, held: bool, cases: u64) {
        self.received += cases;
        let column = match ending {
            Some(Ending::Invalid) => &mut self.invalid,
            Some(Ending::Refused) => &mut self.refused,
            Some(Ending::NoResult) => &mut self.no_result,
            Some(Ending::ReleasedAll) => &mut self.released_all,
            Some(Ending::ReleasedPart) => &mut self.released_part,
            Some(Ending::Forwarded) => &mut self.forwarded,
            Some(Ending::Withdrawn) => &mut self.withdrawn,
            Some(Ending::Expired) => &mut self.expired,
            None if held => &mut self.held,
            None => &mut self.pending,
        };
        *column += cases;
    }

    /// The columns that must sum to `received`, in published order.
    pub fn columns(&self) -> [(&'static str, u64); 10] {
        [
            ("invalid", self.invalid),
            ("refused", self.refused),
            ("no_result", self.no_result),
            ("released_all", self.released_all),
            ("released_part", self.released_part),
            ("forwarded", self.forwarded),
            ("withdrawn", self.withdrawn),
            ("expired", self.expired),
            ("held", self.held),
            ("pending", self.pending),
        ]
    }

    /// I1: everything received is accounted for.
    pub fn balances(&self) -> bool {
        self.received
            == self
                .columns()
                .into_iter()
                .map(|(_, count)| count)
                .sum::<u64>()
    }
}
