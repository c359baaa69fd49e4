//! Rao and Scott's (1984) second-order correction of Pearson's chi-square, in the F form of Thomas and
//! Rao (1987): does the answer go with the group, given how the sample was drawn?

use std::collections::BTreeSet;

use serde::Serialize;

use crate::design::{Design, Mean};
use statistics::distributions::fisher_exceeds;

/// A test of association.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Association {
    /// F statistic.
    pub f: f64,
    /// Degrees of freedom of the numerator.
    pub numerator: f64,
    /// Degrees of freedom of the denominator.
    pub denominator: f64,
    /// Chance of an F as large if they did not go together.
    pub p: f64,
}

/// Tests two questions, over those who answered both. `None` with fewer than two answers or groups,
/// or when the design leaves no degrees of freedom.
pub fn association(
    design: &Design,
    answers: &[Option<usize>],
    groups: &[Option<usize>],
) -> Option<Association> {
    let pairs: Vec<Option<(usize, usize)>> = answers
        .iter()
        .zip(groups)
        .map(|(a, b)| (*a).zip(*b))
        .collect();
    let given = |place: fn((usize, usize)) -> usize| -> Vec<usize> {
        let seen: BTreeSet<usize> = pairs.iter().flatten().copied().map(place).collect();
        seen.into_iter().collect()
    };
    let (rows, columns) = (given(|pair| pair.0), given(|pair| pair.1));
    if rows.len() < 2 || columns.len() < 2 {
        return None;
    }
    let cells = columns
        .iter()
        .flat_map(|column| rows.iter().map(move |row| (*row, *column)));
    let share = |cell: (usize, usize)| {
        let scores: Vec<Option<f64>> = pairs
            .iter()
            .map(|pair| pair.map(|pair| f64::from(u8::from(pair == cell))))
            .collect();
        design.mean(&scores)
    };
    let shares: Vec<Mean> = cells.map(share).collect::<Option<_>>()?;
    let contrasts = contrasts(rows.len(), columns.len());
    let simple = quadratic(
        &contrasts,
        |a, b| if a == b { inverse(&shares, a) } else { 0.0 },
    );
    let covariance = |a: usize, b: usize| {
        let product = shares
            .get(a)
            .zip(shares.get(b))
            .map(|(a, b)| a.covariance(b));
        inverse(&shares, a) * product.unwrap_or(0.0) * inverse(&shares, b)
    };
    let delta = solve(simple, quadratic(&contrasts, covariance))?;
    let traces = (trace(&delta), square_trace(&delta));
    let numerator = traces.0 * traces.0 / traces.1;
    let denominator = numerator * shares.first()?.degrees as f64;
    let f = pearson(&shares, rows.len()) / traces.0;
    if !(f.is_finite() && denominator > 0.0) {
        return None;
    }
    Some(Association {
        f,
        numerator,
        denominator,
        p: fisher_exceeds(f, numerator, denominator),
    })
}

/// Pearson's chi-square of the shares, for one respondent.
fn pearson(shares: &[Mean], rows: usize) -> f64 {
    let value = |place: usize| shares.get(place).map_or(0.0, |share| share.mean);
    let of_row: Vec<f64> = (0..rows)
        .map(|row| (row..shares.len()).step_by(rows).map(value).sum())
        .collect();
    let of_column: Vec<f64> = shares
        .chunks(rows)
        .map(|column| column.iter().map(|share| share.mean).sum())
        .collect();
    let expected = of_column
        .iter()
        .flat_map(|column| of_row.iter().map(move |row| row * column));
    (0..)
        .zip(expected)
        .map(|(place, expected)| (value(place) - expected).powi(2) / expected)
        .sum()
}

fn inverse(shares: &[Mean], place: usize) -> f64 {
    let share = shares.get(place).map_or(0.0, |share| share.mean);
    if share == 0.0 { 0.0 } else { 1.0 / share }
}

type Matrix = Vec<Vec<f64>>;

/// A basis of what rows and columns alone do not explain; cells column by column.
fn contrasts(rows: usize, columns: usize) -> Matrix {
    let centered =
        |size: usize, place: usize, at: usize| f64::from(u8::from(at == place)) - 1.0 / size as f64;
    let one = |row: usize, column: usize| {
        let cells = (0..columns).flat_map(|c| (0..rows).map(move |r| (r, c)));
        cells
            .map(|(r, c)| centered(rows, row, r) * centered(columns, column, c))
            .collect()
    };
    (1..columns)
        .flat_map(|column| (1..rows).map(move |row| (row, column)))
        .map(|(row, column)| one(row, column))
        .collect()
}

/// `C M C'`, for the matrix with these elements.
fn quadratic(contrasts: &Matrix, element: impl Fn(usize, usize) -> f64) -> Matrix {
    let size = contrasts.first().map_or(0, Vec::len);
    let full: Matrix = (0..size)
        .map(|a| (0..size).map(|b| element(a, b)).collect())
        .collect();
    let product = |a: &Vec<f64>, b: &Vec<f64>| {
        dot(a, &full.iter().map(|row| dot(row, b)).collect::<Vec<f64>>())
    };
    contrasts
        .iter()
        .map(|a| contrasts.iter().map(|b| product(a, b)).collect())
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn trace(matrix: &Matrix) -> f64 {
    (0..)
        .zip(matrix)
        .filter_map(|(place, row)| row.get::<usize>(place))
        .sum()
}

/// Trace of the matrix times itself.
fn square_trace(matrix: &Matrix) -> f64 {
    let columns = (0..matrix.len()).map(|place| {
        matrix
            .iter()
            .filter_map(|row| row.get(place).copied())
            .collect::<Vec<f64>>()
    });
    matrix
        .iter()
        .zip(columns)
        .map(|(row, column)| dot(row, &column))
        .sum()
}

/// Solves `left X = right` by Gaussian elimination with pivots; `None` if `left` is singular.
fn solve(left: Matrix, right: Matrix) -> Option<Matrix> {
    let size = left.len();
    let mut rows: Matrix = left
        .into_iter()
        .zip(right)
        .map(|(left, right)| [left, right].concat())
        .collect();
    for place in 0..size {
        let pivot = (place..size).max_by(|a, b| {
            let of = |row: usize| {
                rows.get(row)
                    .and_then(|row| row.get(place))
                    .map_or(0.0, |value| value.abs())
            };
            of(*a).total_cmp(&of(*b))
        })?;
        rows.swap(place, pivot);
        let scale = *rows.get(place)?.get(place)?;
        if scale.abs() < 1e-14 {
            return None;
        }
        let unit: Vec<f64> = rows.get(place)?.iter().map(|value| value / scale).collect();
        for (at, row) in rows.iter_mut().enumerate() {
            let factor = *row.get(place)?;
            if at == place {
                row.clone_from(&unit);
            } else {
                row.iter_mut()
                    .zip(&unit)
                    .for_each(|(value, unit)| *value -= factor * unit);
            }
        }
    }
    Some(
        rows.into_iter()
            .map(|row| row.into_iter().skip(size).collect())
            .collect(),
    )
}
