#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by saying what it expected"
)]

use crate::{Published, Sum, Unread, told};

/// Two rows and two columns with their totals: counts 0-3, rows 4-5, columns 6-7, everything 8.
fn square(shown: [Option<u64>; 9]) -> Published {
    let sum = |whole, parts: &[usize]| Sum {
        whole,
        parts: parts.to_vec(),
    };
    Published {
        shown: shown.to_vec(),
        sums: vec![
            sum(4, &[0, 1]),
            sum(5, &[2, 3]),
            sum(6, &[0, 2]),
            sum(7, &[1, 3]),
            sum(8, &[4, 5]),
            sum(8, &[6, 7]),
        ],
    }
}

#[test]
fn one_hidden_count_is_the_total_less_the_others() {
    let shown = [
        None,
        Some(10),
        Some(9),
        Some(20),
        Some(13),
        Some(29),
        Some(12),
        Some(30),
        Some(42),
    ];
    assert_eq!(told(&square(shown), &[0, 1]), Ok(vec![(0, 3), (1, 10)]));
}

#[test]
fn a_rectangle_of_hidden_counts_moves_as_one() {
    let shown = [
        None,
        None,
        None,
        None,
        Some(13),
        Some(29),
        Some(12),
        Some(30),
        Some(42),
    ];
    // x + b = 13, x + c = 12, c + d = 29: x is anything up to 12.
    assert_eq!(told(&square(shown), &[0, 1, 2, 3]), Ok(vec![]));
}

#[test]
fn a_difference_of_differences_is_seen() {
    // Nothing in one sum alone tells count 0: its row and column are hidden but for what they share.
    let shown = [
        None,
        Some(10),
        None,
        Some(20),
        None,
        Some(29),
        Some(12),
        None,
        Some(42),
    ];
    assert_eq!(told(&square(shown), &[0, 2]), Ok(vec![(0, 3), (2, 9)]));
}

#[test]
fn what_nothing_limits_is_open() {
    let shown = [
        None,
        Some(1),
        None,
        Some(1),
        None,
        None,
        None,
        Some(2),
        None,
    ];
    assert_eq!(told(&square(shown), &[0, 4, 8]), Ok(vec![]));
}

#[test]
fn what_only_whole_numbers_tell_is_told() {
    // Twice x is 2 or 3: in whole numbers x is 1.
    let sum = |whole, parts: &[usize]| Sum {
        whole,
        parts: parts.to_vec(),
    };
    let [x, same, rest, both, most] = [0, 1, 2, 3, 4];
    let published = Published {
        shown: vec![None, None, None, None, Some(3), Some(1), None, Some(0)],
        sums: vec![
            sum(both, &[x, same]),
            sum(x, &[same, 7]),
            sum(most, &[both, rest]),
            sum(5, &[rest, 6]),
        ],
    };
    assert_eq!(told(&published, &[x, rest]), Ok(vec![(x, 1), (rest, 1)]));
}

#[test]
fn what_contradicts_itself_says_so() {
    let [one, other, step] = [0, 1, 2];
    let sum = |whole, part| Sum {
        whole,
        parts: vec![part, step],
    };
    let published = Published {
        shown: vec![None, None, Some(1)],
        sums: vec![sum(one, other), sum(other, one)],
    };
    assert_eq!(told(&published, &[one]), Err(Unread::Contradiction));
}
