//! What a reader with patience can work out about the counts that are not shown.

use crate::Published;

/// One sum over hidden counts: `terms` (position among the hidden, factor) make up `known`.
#[derive(Clone, Debug)]
struct Equation {
    terms: Vec<(usize, i128)>,
    known: i128,
}

/// The least and the most that each count can be, for somebody who knows the sums and that nothing is
/// below zero; a shown count is just itself. `None` for what has no upper bound.
///
/// All sums are solved together (Gauss-Jordan), so that differences of differences are seen, too; then the bounds
/// of each follow from those of the others until nothing moves.
pub fn bounds(published: &Published) -> Vec<(u64, Option<u64>)> {
    let hidden: Vec<usize> = (0..published.shown.len())
        .filter(|position| published.shown.get(*position) == Some(&None))
        .collect();
    let given = equations(published, &hidden);
    let mut all = eliminated(&given, hidden.len());
    all.extend(given);
    let narrowed = narrow(&all, hidden.len());
    let whole = |bound: i128| u64::try_from(bound).unwrap_or(0);
    let mut found: Vec<(u64, Option<u64>)> = published
        .shown
        .iter()
        .map(|shown| (shown.unwrap_or(0), *shown))
        .collect();
    for (position, bound) in hidden.into_iter().zip(narrowed) {
        if let Some(found) = found.get_mut(position) {
            *found = (whole(bound.0), bound.1.map(whole));
        }
    }
    found
}

fn equations(published: &Published, hidden: &[usize]) -> Vec<Equation> {
    let of = |sum: &crate::Sum| {
        let whole = std::iter::once((sum.whole, -1));
        let parts = sum.parts.iter().map(|part| (*part, 1));
        let mut equation = Equation {
            terms: Vec::new(),
            known: 0,
        };
        for (position, factor) in whole.chain(parts) {
            match published.shown.get(position) {
                Some(Some(value)) => equation.known -= factor * i128::from(*value),
                _ => equation
                    .terms
                    .extend(hidden.binary_search(&position).map(|at| (at, factor))),
            }
        }
        equation
    };
    published.sums.iter().map(of).collect()
}

/// The equations in reduced row echelon form, with whole factors.
fn eliminated(given: &[Equation], width: usize) -> Vec<Equation> {
    let mut rows: Vec<Vec<i128>> = given
        .iter()
        .map(|equation| dense(equation, width))
        .collect();
    let mut done = 0;
    for column in 0..width {
        let Some(pivot) = (done..rows.len()).find(|row| at(&rows, *row, column) != 0) else {
            continue;
        };
        rows.swap(done, pivot);
        let Some(pivot) = rows.get(done).cloned() else {
            break;
        };
        for (row, other) in rows.iter_mut().enumerate() {
            if row != done {
                clear(other, &pivot, column);
            }
        }
        done += 1;
    }
    rows.truncate(done);
    rows.iter().map(|row| sparse(row, width)).collect()
}

fn at(rows: &[Vec<i128>], row: usize, column: usize) -> i128 {
    let row = rows.get(row).and_then(|row| row.get(column));
    row.copied().unwrap_or(0)
}

/// Takes `pivot` from `row` so often that nothing is left in `column`, and divides by what all share.
fn clear(row: &mut [i128], pivot: &[i128], column: usize) {
    let (mine, its) = (row[column], pivot[column]);
    if mine == 0 {
        return;
    }
    for (value, other) in row.iter_mut().zip(pivot) {
        *value = *value * its - other * mine;
    }
    let divisor = row.iter().fold(0, |divisor, value| gcd(divisor, *value));
    if divisor > 1 {
        row.iter_mut().for_each(|value| *value /= divisor);
    }
}

fn gcd(one: i128, other: i128) -> i128 {
    match other {
        0 => one.abs(),
        _ => gcd(other, one % other),
    }
}

/// Factors, and the known side last.
fn dense(equation: &Equation, width: usize) -> Vec<i128> {
    let mut row = vec![0; width + 1];
    for (position, factor) in &equation.terms {
        row[*position] += factor;
    }
    row[width] = equation.known;
    row
}

fn sparse(row: &[i128], width: usize) -> Equation {
    let factors = row.iter().take(width).copied().enumerate();
    Equation {
        terms: factors.filter(|(_, factor)| *factor != 0).collect(),
        known: row.get(width).copied().unwrap_or(0),
    }
}

type Bound = (i128, Option<i128>);

/// Bounds from bounds, until nothing moves.
fn narrow(equations: &[Equation], width: usize) -> Vec<Bound> {
    let mut bounds: Vec<Bound> = vec![(0, None); width];
    loop {
        let before = bounds.clone();
        for equation in equations {
            for term in &equation.terms {
                bounds[term.0] = narrower(equation, *term, &bounds);
            }
        }
        if bounds == before {
            return bounds;
        }
    }
}

/// What `equation` leaves for one of its terms, given the bounds of the others.
fn narrower(equation: &Equation, (position, factor): (usize, i128), bounds: &[Bound]) -> Bound {
    let (mut least, mut most) = (Some(equation.known), Some(equation.known));
    for (other, its) in equation
        .terms
        .iter()
        .filter(|(other, _)| *other != position)
    {
        let (low, high) = bounds[*other];
        let (small, large) = match its.signum() {
            1 => (Some(its * low), high.map(|high| its * high)),
            _ => (high.map(|high| its * high), Some(its * low)),
        };
        least = least.zip(large).map(|(least, large)| least - large);
        most = most.zip(small).map(|(most, small)| most - small);
    }
    // `factor * x` lies between `least` and `most`.
    let (low, high) = match factor.signum() {
        1 => (least, most),
        _ => (most.map(|most| -most), least.map(|least| -least)),
    };
    let size = factor.abs();
    let (old_low, old_high) = bounds[position];
    let low = low.map_or(old_low, |low| {
        old_low.max(low.div_euclid(size) + i128::from(low.rem_euclid(size) != 0))
    });
    let high = match (high.map(|high| high.div_euclid(size)), old_high) {
        (Some(new), Some(old)) => Some(new.min(old)),
        (new, old) => new.or(old),
    };
    (low, high)
}

/// Is it known exactly?
pub(crate) fn is_pinned((least, most): (u64, Option<u64>)) -> bool {
    Some(least) == most
}

#[cfg(test)]
mod tests;
