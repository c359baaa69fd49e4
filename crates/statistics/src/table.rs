//! Counts, the sums between them, and what is shown of them.

use std::ops::RangeInclusive;

/// Counts that could point to a person: from 1 to 7, as in NHS England's rule for hospital statistics.
pub const SMALL: RangeInclusive<u64> = 1..=7;

/// What may be done to a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Hidden where it is small, and where that protects another.
    Fine,
    /// Shown however small, but hidden where nothing else protects a fine count.
    Coarse,
    /// Always shown.
    Exact,
    /// Never shown and protected by nothing: by how much one count falls short of another.
    Unseen,
}

/// One count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub value: u64,
    /// What may be done to it.
    pub rule: Rule,
}

impl Count {
    /// Must it be hidden whatever stands beside it?
    pub fn is_small(&self) -> bool {
        self.rule == Rule::Fine && SMALL.contains(&self.value)
    }
}

/// `whole` is the sum of `parts`; all are positions in [`Table::counts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The total.
    pub whole: usize,
    /// What it is the total of.
    pub parts: Vec<usize>,
}

/// Everything that anybody can hold side by side: all counts of all tables, and every sum that readers
/// know to hold between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The counts.
    pub counts: Vec<Count>,
    /// The sums.
    pub sums: Vec<Sum>,
    /// Sums that readers may suppose to hold besides, rightly or not.
    pub supposed: Vec<Sum>,
}

impl Table {
    /// Adds a count and returns its position.
    pub fn add(&mut self, value: u64, rule: Rule) -> usize {
        self.counts.push(Count { value, rule });
        self.counts.len() - 1
    }

    /// Adds a count that is the sum of `parts`, and returns its position.
    pub fn add_sum(&mut self, parts: Vec<usize>, rule: Rule) -> usize {
        let values = parts.iter().filter_map(|part| self.counts.get(*part));
        let value = values.map(|count| count.value).sum();
        let whole = self.add(value, rule);
        self.sums.push(Sum { whole, parts });
        whole
    }

    /// Says that readers know the sum of `lesser` to be at most the sum of `greater`.
    pub fn at_most(&mut self, lesser: Vec<usize>, greater: Vec<usize>) {
        let whole = self.add_sum(greater, Rule::Unseen);
        let of = |place: &usize| self.counts.get(*place).map_or(0, |count| count.value);
        let short = of(&whole).saturating_sub(lesser.iter().map(of).sum());
        let short = self.add(short, Rule::Unseen);
        let parts = lesser.into_iter().chain([short]).collect();
        self.sums.push(Sum { whole, parts });
    }

    /// The table with every count shown that is ever shown.
    pub fn open(&self) -> Published {
        let shown = |count: &Count| (count.rule != Rule::Unseen).then_some(count.value);
        Published {
            shown: self.counts.iter().map(shown).collect(),
            sums: self.sums.clone(),
        }
    }
}

/// What readers see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// A number for each count of the table, or nothing where `*` is shown.
    pub shown: Vec<Option<u64>>,
    /// The sums that readers know.
    pub sums: Vec<Sum>,
}
