//! Hides small counts, and as many others as it takes that no small one can be worked out.

use std::cmp::Reverse;

use thiserror::Error;

use crate::attack::{bounds, is_pinned};
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

/// What may be shown of `table`: no count from 1 to 7 that falls under the rule, and none that
/// [`bounds`] could tell exactly. Complementary suppression, the next smallest first (Hundepool and others,
/// *Statistical Disclosure Control*, 2012, chapter 4).
pub fn protect(table: &Table) -> Result<Published, Unprotectable> {
    let mut published = table.open();
    for (shown, count) in published.shown.iter_mut().zip(&table.counts) {
        if count.is_small() {
            *shown = None;
        }
    }
    while let Some(pinned) = pinned(table, &published) {
        let helper = helper(table, &published, pinned).ok_or(Unprotectable { count: pinned })?;
        published.shown[helper] = None;
    }
    Ok(published)
}

/// The first small count that a reader can tell exactly.
fn pinned(table: &Table, published: &Published) -> Option<usize> {
    let known = bounds(published);
    let mut counts = table.counts.iter().zip(known);
    counts.position(|(count, known)| count.is_small() && is_pinned(known))
}

/// What to hide next so that count `pinned` is not told: something in a sum with it, or failing that in
/// a sum with something hidden that hangs together with it.
fn helper(table: &Table, published: &Published, pinned: usize) -> Option<usize> {
    let mut tied = vec![pinned];
    loop {
        let near = neighbors(published, &tied);
        let choice = near
            .iter()
            .filter(|near| published.shown[**near].is_some())
            .filter(|near| table.counts[**near].rule != Rule::Exact)
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

/// Fine before coarse; a zero tells least when hidden, so it comes after the smallest other.
fn cost(table: &Table, position: usize) -> (bool, Reverse<bool>, u64) {
    let count = table.counts[position];
    (
        count.rule == Rule::Coarse,
        Reverse(count.value > 0),
        count.value,
    )
}

#[cfg(test)]
mod tests;
