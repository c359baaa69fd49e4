//! Ascending lists of rows, the common names' of thousands: finds places in them by a guess and a look
//! near it. Halving such a list waits for memory at every step.

use std::ops::Range;

/// A list of this length is not worth a guess.
const SHORT: usize = 32;

/// Place of the first row of `list` that is `row` or more.
pub(super) fn place_of(list: &[u32], row: u32) -> usize {
    let near = list.get(..SHORT).unwrap_or(list);
    if near.len() < SHORT || near.last().is_some_and(|last| *last >= row) {
        return place_after(near, row);
    }
    let (Some(first), Some(last)) = (near.last(), list.last()) else {
        return 0;
    };
    if *last < row {
        return list.len();
    }
    // Rows of a name are spread over the years as everybody is.
    let (distance, length) = (u64::from(row - first), (list.len() - SHORT) as u64);
    let guess = SHORT + (distance * length / u64::from(last - first).max(1)) as usize;
    let (before, after) = list.split_at(guess.min(list.len()));
    match after.first() {
        Some(held) if *held < row => before.len() + place_after(after, row),
        _ => place_before(before, row),
    }
}

/// The same where the place is near the begin.
fn place_after(list: &[u32], row: u32) -> usize {
    let mut step = 1;
    while list.get(step - 1).is_some_and(|held| *held < row) {
        step *= 2;
    }
    place_within(list, step / 2..list.len().min(step - 1), row)
}

/// The same where the place is near the end.
fn place_before(list: &[u32], row: u32) -> usize {
    let held = |step: usize| list.get(list.len().checked_sub(step)?);
    let mut step = 1;
    while held(step).is_some_and(|held| *held >= row) {
        step *= 2;
    }
    place_within(
        list,
        list.len().saturating_sub(step)..list.len() - step / 2,
        row,
    )
}

fn place_within(list: &[u32], within: Range<usize>, row: u32) -> usize {
    let start = within.start;
    let near = list.get(within).unwrap_or_default();
    start + near.partition_point(|held| *held < row)
}

/// At most `count` rows of a list, those nearest to row `middle`.
pub(super) fn around(list: &[u32], middle: u32, count: usize) -> &[u32] {
    nearest(list, place_of(list, middle), count)
}

/// At most `count` items of a list, those nearest to this place.
pub(super) fn nearest<T>(list: &[T], place: usize, count: usize) -> &[T] {
    let from = place
        .saturating_sub(count / 2)
        .min(list.len().saturating_sub(count));
    list.get(from..list.len().min(from + count))
        .unwrap_or_default()
}

/// Adds the rows of a list that lie in one of the ascending `ranges`.
pub(super) fn add_in(list: &[u32], ranges: &[Range<u32>], rows: &mut Vec<u32>) {
    let mut rest = list;
    for range in ranges {
        // Most of the ranges are close together, and none of the list lies in them.
        if rest.first().is_none_or(|first| *first >= range.end) {
            continue;
        }
        let (_, from) = rest.split_at(place_of(rest, range.start));
        let (found, after) = from.split_at(place_of(from, range.end));
        rows.extend(found);
        rest = after;
    }
}

/// Adds what stands in both of two lists.
pub(super) fn add_in_both(one: &[u32], other: &[u32], rows: &mut Vec<u32>) {
    let (shorter, mut rest) = match one.len() < other.len() {
        true => (one, other),
        false => (other, one),
    };
    for row in shorter {
        rest = rest.split_at(place_of(rest, *row)).1;
        rows.extend(rest.first().filter(|other| *other == row));
    }
}

#[cfg(test)]
mod tests;
