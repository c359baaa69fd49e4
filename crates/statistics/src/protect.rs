//! Hides small counts, and as many others as it takes that no small one can be worked out.

use std::cmp::Reverse;

use thiserror::Error;

use crate::attack::{Fillings, Unread, told};
use crate::{Published, Rule, Table};

/// A small count that everything else gives away, with nothing left that could be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "count {count} can be worked out from counts that must be shown; let one of its total's parts or the total itself be hidden"
)]
pub struct Unprotectable {
    /// Its position in the table.
    pub count: usize,
}

/// What may be shown of `table`: no count from 1 to 7 that falls under the rule, and none that is [`told`](crate::told)
/// to readers. Complementary suppression, the next smallest first (Hundepool and others,
/// *Statistical Disclosure Control*, 2012, chapter 4); whatever turns out to protect nothing is shown again.
pub fn protect(table: &Table) -> Result<Published, Unprotectable> {
    let small: Vec<usize> = (0..table.counts.len())
        .filter(|at| table.counts[*at].is_small())
        .collect();
    let mut published = table.open();
    for at in &small {
        published.shown[*at] = None;
    }
    let truth = table.counts.iter().map(|count| count.value).collect();
    let mut fillings = Fillings::with(published, truth);
    let mut helpers = Vec::new();
    for count in &small {
        while !fillings.is_open(*count) {
            let helper = any_helper(table, fillings.published(), *count)?;
            fillings.hide(helper);
            helpers.push(helper);
        }
    }
    show_again(table, &mut fillings, &small, helpers);
    hide_from_supposing(table, &small, fillings.published().clone())
}

/// Hides more while a reader who supposes [`Table::supposed`] is right about a small count. Where all of it cannot be, there is no such
/// reader; where that could not be found out, nothing is published.
fn hide_from_supposing(
    table: &Table,
    small: &[usize],
    mut published: Published,
) -> Result<Published, Unprotectable> {
    let Some(first) = small.first().filter(|_| !table.supposed.is_empty()) else {
        return Ok(published);
    };
    loop {
        let mut supposing = published.clone();
        supposing.sums.extend(table.supposed.iter().cloned());
        let told = match told(&supposing, small) {
            Ok(told) => told,
            Err(Unread::Contradiction) => return Ok(published),
            Err(Unread::Unsolved) => return Err(Unprotectable { count: *first }),
        };
        let mut right = told
            .iter()
            .filter(|(at, value)| table.counts[*at].value == *value);
        let Some((count, _)) = right.next() else {
            return Ok(published);
        };
        published.shown[any_helper(table, &supposing, *count)?] = None;
    }
}

/// A fine count to hide, or failing that a coarse one.
fn any_helper(table: &Table, published: &Published, count: usize) -> Result<usize, Unprotectable> {
    let near = |rule| helper(table, published, count, rule);
    let helper = near(Rule::Fine).or_else(|| near(Rule::Coarse));
    helper.ok_or(Unprotectable { count })
}

/// Shows each of `helpers` that is not needed, coarse and large ones before the others.
fn show_again(table: &Table, fillings: &mut Fillings, small: &[usize], mut helpers: Vec<usize>) {
    let is_fine = |helper: &usize| table.counts[*helper].rule == Rule::Fine;
    helpers.sort_by_key(|helper| (is_fine(helper), Reverse(cost(table, *helper))));
    for helper in helpers {
        let mut without = fillings.clone();
        without.show(helper);
        if small.iter().all(|count| without.is_open(*count)) {
            *fillings = without;
        }
    }
}

/// What to hide next so that count `pinned` is not told: something in a sum with it, or failing that in
/// a sum with something hidden that hangs together with it.
fn helper(table: &Table, published: &Published, pinned: usize, rule: Rule) -> Option<usize> {
    let mut tied = vec![pinned];
    loop {
        let near = neighbors(published, &tied);
        let choice = near
            .iter()
            .filter(|near| published.shown[**near].is_some())
            .filter(|near| table.counts[**near].rule == rule)
            .min_by_key(|near| cost(table, **near));
        if choice.is_some() {
            return choice.copied();
        }
        let hidden = near.iter().filter(|near| published.shown[**near].is_none());
        let before = tied.len();
        tied.extend(hidden);
        tied.sort_unstable();
        tied.dedup();
        if tied.len() == before {
            return None;
        }
    }
}

/// Everything in a sum with one of `positions`.
fn neighbors(published: &Published, positions: &[usize]) -> Vec<usize> {
    let members = published.sums.iter().map(|sum| {
        let mut members = sum.parts.clone();
        members.push(sum.whole);
        members
    });
    members
        .filter(|members| members.iter().any(|member| positions.contains(member)))
        .flatten()
        .collect()
}

/// The smallest first; a zero tells least when hidden, so it comes after all others.
fn cost(table: &Table, position: usize) -> (bool, u64) {
    let value = table.counts[position].value;
    (value == 0, value)
}

#[cfg(test)]
mod tests;
