//! How many people hold a value: those of the file that a row is in, and of the one searched beside it.

use super::Comparison;
use crate::index::View;

impl Comparison<'_> {
    /// People with the given name at this place of the dictionary, as it is written.
    pub(super) fn bearers_of_given(&self, number: u32) -> u32 {
        let given = &self.view.given;
        let there = |other: &View<'_>| other.derived.given.count_of(&other.given, given, number);
        given.count_of(number) + self.other.map_or(0, there)
    }

    /// People with the surname at this place of the dictionary, as it is written.
    pub(super) fn bearers_of_surname(&self, number: u32) -> u32 {
        let surnames = &self.view.surnames;
        let there = |other: &View<'_>| {
            other
                .derived
                .surnames
                .count_of(&other.surnames, surnames, number)
        };
        surnames.count_of(number) + self.other.map_or(0, there)
    }

    /// People whose given name has this initial.
    pub(super) fn with_initial(&self, initial: char) -> u32 {
        let there = |other: &View<'_>| other.given_initial(initial);
        self.view.given_initial(initial) + self.other.map_or(0, there)
    }
}
