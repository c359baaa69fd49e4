//! How common a value is: the index alone knows. A delta is searched with the counts of its index.

use super::Comparison;
use crate::bayes::query::NameQuery;

impl Comparison<'_> {
    /// The same request where its values are counted.
    pub(super) fn counted(&self) -> &Self {
        self.base.unwrap_or(self)
    }

    /// The same name of the request there.
    pub(super) fn counted_name<'n>(&'n self, name: &'n NameQuery) -> &'n NameQuery {
        let Some(base) = self.base else { return name };
        let mut names = self.query.names.iter().zip(&base.query.names);
        let same = names.find(|(own, _)| std::ptr::eq(*own, name));
        same.map_or(name, |(_, counted)| counted)
    }

    /// People with the given name at this place of the dictionary.
    pub(super) fn bearers_of_given(&self, number: u32) -> u32 {
        let given = &self.view.given;
        let Some(base) = self.base else {
            return given.count_of(number);
        };
        let lookup = &base.view.derived.given;
        lookup.count_of(&base.view.given, given, number)
    }

    /// People with the surname at this place of the dictionary.
    pub(super) fn bearers_of_surname(&self, number: u32) -> u32 {
        let surnames = &self.view.surnames;
        let Some(base) = self.base else {
            return surnames.count_of(number);
        };
        let lookup = &base.view.derived.surnames;
        lookup.count_of(&base.view.surnames, surnames, number)
    }
}
