use proptest::prelude::*;

use super::*;

#[test]
fn published_jaro_winkler_vectors() {
    for (a, b, expected) in [
        ("JON", "JAMES", 51.11),
        ("SMITH-JONES", "SMITH", 89.09),
        ("Z@E", "ZOE", 80.00),
        ("@ BRIAIN", "O BRIAIN", 91.67),
        ("@ BRIAIN", "BRIAIN", 91.67),
        ("JOHN", "JON", 93.33),
        ("Adams", "Dan", 51.11),
        ("ADAMS", "DAN", 52.22),
    ] {
        let got = jaro_winkler(a, b) * 100.0;
        assert!((got - expected).abs() < 0.005, "{a} {b}: {got}");
    }
}

#[test]
fn edits() {
    for (a, b, expected) in [
        ("", "", 0),
        ("", "AB", 2),
        ("AB", "", 2),
        ("JOHN", "JOHN", 0),
        ("JOHN", "JHON", 1),
        ("JOHN", "JON", 1),
        ("STEPHEN", "STEFEN", 2),
        ("CA", "ABC", 3),
    ] {
        assert_eq!(Pattern::new(a).distance(b), expected, "{a} {b}");
    }
}

/// The textbook table, to check the bit-parallel one.
fn osa(a: &[u8], b: &[u8]) -> usize {
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let cost = usize::from(a[i - 1] != b[j - 1]);
                    let mut best = (table[i - 1][j] + 1)
                        .min(table[i][j - 1] + 1)
                        .min(table[i - 1][j - 1] + cost);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                }
            };
        }
    }
    table[a.len()][b.len()]
}

proptest! {
    #[test]
    fn bit_parallel_distance_is_the_textbook_distance(a in "[A-D ]{0,64}", b in "[A-D ]{0,64}") {
        prop_assert_eq!(Pattern::new(&a).distance(&b), osa(a.as_bytes(), b.as_bytes()));
    }

    #[test]
    fn distances_are_symmetric(a in "\\PC{0,20}", b in "\\PC{0,20}") {
        prop_assert_eq!(Pattern::new(&a).distance(&b), Pattern::new(&b).distance(&a));
    }
}
