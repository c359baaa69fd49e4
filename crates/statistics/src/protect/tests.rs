#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by saying what it expected"
)]

use proptest::prelude::*;

use crate::{Published, Rule, Table, protect, told};

/// Rows and columns with totals of both, as published: rows are agencies, the grand row is coarse,
/// an agency's total is exact.
fn grid(rows: &[Vec<u64>]) -> Table {
    let mut table = Table::default();
    let width = rows[0].len();
    let mut columns = vec![Vec::new(); width];
    let mut wholes = Vec::new();
    for row in rows {
        let parts: Vec<usize> = row
            .iter()
            .map(|value| table.add(*value, Rule::Fine))
            .collect();
        for (column, part) in columns.iter_mut().zip(&parts) {
            column.push(*part);
        }
        wholes.push(table.add_sum(parts, Rule::Exact));
    }
    let totals: Vec<usize> = columns
        .into_iter()
        .map(|column| table.add_sum(column, Rule::Coarse))
        .collect();
    let whole = table.add_sum(wholes, Rule::Exact);
    table.sums.push(crate::Sum {
        whole,
        parts: totals,
    });
    table
}

fn small_and_told(table: &Table, published: &Published) -> Vec<usize> {
    let small = (0..table.counts.len()).filter(|at| table.counts[*at].is_small());
    let told = told(published, &Vec::from_iter(small)).unwrap();
    told.into_iter().map(|(at, _)| at).collect()
}

/// Every way of filling the hidden counts so that all sums hold.
fn every_reading(published: &Published, most: u64) -> Vec<Vec<u64>> {
    let mut readings = vec![Vec::new()];
    for shown in &published.shown {
        let values = match shown {
            Some(value) => *value..=*value,
            None => 0..=most,
        };
        readings = readings
            .into_iter()
            .flat_map(|reading| {
                values
                    .clone()
                    .map(move |value| [reading.clone(), vec![value]].concat())
            })
            .filter(|reading| is_possible(published, reading))
            .collect();
    }
    readings
}

/// Does no sum over counts that are all filled in contradict?
fn is_possible(published: &Published, reading: &[u64]) -> bool {
    published.sums.iter().all(|sum| {
        let parts: Option<u64> = sum.parts.iter().map(|part| reading.get(*part)).sum();
        let whole = reading.get(sum.whole);
        parts
            .zip(whole)
            .is_none_or(|(parts, whole)| parts == *whole)
    })
}

#[test]
fn a_careless_table_is_cracked() {
    // Shaped like a register of single approvals: ones are starred, their totals shown.
    let table = grid(&[vec![1, 0, 120], vec![14, 31, 9], vec![8, 1, 52]]);
    let mut careless = table.open();
    for (shown, count) in careless.shown.iter_mut().zip(&table.counts) {
        if count.is_small() {
            *shown = None;
        }
    }
    assert_eq!(small_and_told(&table, &careless).len(), 2);
    let protected = protect(&table).unwrap();
    assert_eq!(small_and_told(&table, &protected), []);
}

#[test]
fn large_counts_are_all_shown() {
    let table = grid(&[vec![8, 9, 120], vec![14, 31, 9]]);
    assert_eq!(protect(&table).unwrap(), table.open());
}

#[test]
fn an_agency_with_one_request_does_not_show_how_it_ended() {
    let table = grid(&[vec![0, 1, 0], vec![14, 31, 9], vec![8, 20, 52]]);
    let published = protect(&table).unwrap();
    assert_eq!(published.shown[3], Some(1), "what the agency sent is told");
    assert_eq!(published.shown[1], None);
    assert!(published.shown[0].is_none() || published.shown[2].is_none());
}

#[test]
fn nothing_left_to_hide_is_an_error_that_names_the_count() {
    let mut table = Table::default();
    let only = table.add(3, Rule::Fine);
    table.add_sum(vec![only], Rule::Exact);
    assert_eq!(protect(&table).unwrap_err().count, only);
}

/// Counts so small that every way of filling them can be tried.
fn few(rows: usize, columns: usize) -> impl Strategy<Value = Vec<Vec<u64>>> {
    let count = prop_oneof![4 => Just(0_u64), 6 => 1..4_u64, 1 => Just(8_u64)];
    proptest::collection::vec(proptest::collection::vec(count, columns), rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The solver that decides what else to hide knows no less than somebody who tries everything.
    #[test]
    fn no_small_count_is_told_by_trying_everything(rows in prop_oneof![few(2, 3), few(3, 2)]) {
        let table = grid(&rows);
        let Ok(published) = protect(&table) else { return Ok(()) };
        let most = table.counts.iter().map(|count| count.value).max().unwrap();
        let readings = every_reading(&published, most);
        for (at, count) in table.counts.iter().enumerate() {
            let first = readings[0][at];
            prop_assert!(
                !count.is_small() || readings.iter().any(|reading| reading[at] != first),
                "count {at} of {rows:?} is always {first}, though {published:?}"
            );
        }
    }

    /// However the reader writes the sums down.
    #[test]
    fn small_counts_are_never_told(
        rows in prop::collection::vec(prop::collection::vec(prop_oneof![Just(0_u64), 0..9_u64, 0..200_u64], 6), 2..8),
        turned in 0..100_usize,
    ) {
        let table = grid(&rows);
        let mut published = protect(&table).unwrap();
        prop_assert_eq!(small_and_told(&table, &published), Vec::<usize>::new());
        let places = published.sums.len();
        published.sums.rotate_left(turned % places);
        prop_assert_eq!(small_and_told(&table, &published), Vec::<usize>::new());
    }
}
