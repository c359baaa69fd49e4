//! Interrupted time series: did a monthly count change its level or its course when something happened?
//!
//! Segmented quasi-Poisson regression with a log link (Bernal, Cummins and Gasparrini, *Interrupted time series
//! regression for the evaluation of public health interventions: a tutorial*, Int J Epidemiol 46(1), 2017):
//! a course, a step and a change of course for each event, and yearly waves for the season. It shows
//! what came together, never why: whatever else happened in that month is in the step as well.

mod solve;

use thiserror::Error;

use crate::distributions::student_quantile;
use solve::Square;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What the coefficients are called after.
    pub name: String,
    /// First month after it, from 0.
    pub month: usize,
}

/// One coefficient, on the scale of the logarithm.
#[derive(Clone, Debug, PartialEq)]
pub struct Coefficient {
    /// `level`, `course a month`, `NAME: step`, `NAME: course a month`, `season N`.
    pub name: String,
    /// Estimate.
    pub estimate: f64,
    /// Standard error, with the dispersion estimated.
    pub error: f64,
    /// Estimate and its 95 % interval as a ratio: 0.8 is a fifth less.
    pub ratio: Band,
}

/// A number with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What the regression says.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// In the order of the columns: level, course, events, season.
    pub coefficients: Vec<Coefficient>,
    /// The count expected in each month.
    pub fitted: Vec<Band>,
    /// The same had none of the events happened and everything else gone on.
    pub without: Vec<Band>,
    /// Pearson's chi-square by degrees of freedom: 1 for Poisson counts.
    pub dispersion: f64,
    /// Months less coefficients.
    pub degrees: u64,
    /// Correlation of each month's Pearson residual with the last month's. Far from 0, the intervals are too narrow.
    pub autocorrelation: f64,
}

/// Why a series cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SeriesError {
    /// Fewer months than coefficients and some to spare.
    #[error(
        "{months} months are too few for {coefficients} coefficients; give at least {needed}, or leave out the season"
    )]
    TooShort {
        /// Months given.
        months: usize,
        /// Columns of the model.
        coefficients: usize,
        /// Months that would do.
        needed: usize,
    },
    /// An event without three months on either side.
    #[error("event `{0}` needs at least three months before and after it")]
    NoMonthsAround(String),
    /// The columns cannot be told apart, or a stretch of the series is zero.
    #[error(
        "the regression has no finite solution; a stretch of the series is zero, or two events say the same"
    )]
    NoSolution,
}

/// Months beside an event below which its step is not to be told from noise.
const AROUND: usize = 3;

/// Months that must be left over.
const SPARE: usize = 3;

/// Fits monthly `counts` with the `events` and so many yearly waves (0 for none, 2 is usual).
pub fn fit(counts: &[u64], events: &[Event], waves: usize) -> Result<Fit, SeriesError> {
    check(counts.len(), events, waves)?;
    let design = |month, happened| row(month, events, waves, happened);
    let rows: Vec<Vec<f64>> = (0..counts.len()).map(|month| design(month, true)).collect();
    let (solution, covariance) = iterate(&rows, counts).ok_or(SeriesError::NoSolution)?;
    let degrees = (counts.len() - solution.len()) as u64;
    let expected: Vec<f64> = rows.iter().map(|row| dot(row, &solution).exp()).collect();
    let residuals: Vec<f64> = counts.iter().zip(&expected).map(pearson).collect();
    let dispersion = residuals
        .iter()
        .map(|residual| residual * residual)
        .sum::<f64>()
        / degrees as f64;
    let quantile = student_quantile(degrees).ok_or(SeriesError::NoSolution)?;
    let band = |row: &[f64]| {
        let error = (dispersion * covariance.form(row)).sqrt();
        band(dot(row, &solution), error * quantile)
    };
    let unit = |at: usize| -> Vec<f64> {
        (0..solution.len())
            .map(|other| f64::from(other == at))
            .collect()
    };
    let names = names(events, waves).into_iter().zip(&solution).enumerate();
    Ok(Fit {
        coefficients: names
            .map(|(at, (name, estimate))| Coefficient {
                name,
                estimate: *estimate,
                error: (dispersion * covariance.form(&unit(at))).sqrt(),
                ratio: band(&unit(at)),
            })
            .collect(),
        fitted: rows.iter().map(|row| band(row)).collect(),
        without: (0..counts.len())
            .map(|month| band(&design(month, false)))
            .collect(),
        dispersion,
        degrees,
        autocorrelation: lagged(&residuals),
    })
}

fn check(months: usize, events: &[Event], waves: usize) -> Result<(), SeriesError> {
    let coefficients = 2 + 2 * events.len() + 2 * waves;
    let needed = coefficients + SPARE;
    if months < needed {
        return Err(SeriesError::TooShort {
            months,
            coefficients,
            needed,
        });
    }
    let beside = |event: &&Event| event.month < AROUND || event.month + AROUND > months;
    match events.iter().find(beside) {
        Some(event) => Err(SeriesError::NoMonthsAround(event.name.clone())),
        None => Ok(()),
    }
}

fn names(events: &[Event], waves: usize) -> Vec<String> {
    let mut names = vec!["level".to_owned(), "course a month".to_owned()];
    for event in events {
        names.push(format!("{}: step", event.name));
        names.push(format!("{}: course a month", event.name));
    }
    names.extend((1..=2 * waves).map(|wave| format!("season {wave}")));
    names
}

/// The columns of one month.
fn row(month: usize, events: &[Event], waves: usize, happened: bool) -> Vec<f64> {
    let time = month as f64;
    let mut row = vec![1.0, time];
    for event in events {
        let since = (happened && month >= event.month).then_some(time - event.month as f64);
        row.extend([f64::from(since.is_some()), since.unwrap_or(0.0)]);
    }
    for wave in 1..=waves {
        let (sine, cosine) = (std::f64::consts::TAU * wave as f64 * time / 12.0).sin_cos();
        row.extend([sine, cosine]);
    }
    row
}

/// Iteratively reweighted least squares (McCullagh and Nelder, *Generalized Linear Models*, 1989, section 2.5):
/// the coefficients, and their covariance for a dispersion of 1.
fn iterate(rows: &[Vec<f64>], counts: &[u64]) -> Option<(Vec<f64>, Square)> {
    const ROUNDS: usize = 100;
    let width = rows.first()?.len();
    let mut linear: Vec<f64> = counts
        .iter()
        .map(|count| (*count as f64 + 0.1).ln())
        .collect();
    let mut before = vec![f64::INFINITY; width];
    for _ in 0..ROUNDS {
        let (mut normal, mut right) = (Square::zero(width), vec![0.0; width]);
        for ((row, count), linear) in rows.iter().zip(counts).zip(&linear) {
            let mean = linear.exp();
            let target = linear + (*count as f64 - mean) / mean;
            normal.add(row, mean);
            for (right, value) in right.iter_mut().zip(row) {
                *right += mean * target * value;
            }
        }
        let inverse = normal.inverse()?;
        let solution = inverse.times(&right);
        if solution.iter().any(|value| !value.is_finite()) {
            return None;
        }
        linear = rows.iter().map(|row| dot(row, &solution)).collect();
        let moved = solution
            .iter()
            .zip(&before)
            .map(|(now, before)| (now - before).abs());
        if moved.fold(0.0, f64::max) < 1e-11 {
            return Some((solution, inverse));
        }
        before = solution;
    }
    None
}

fn dot(row: &[f64], solution: &[f64]) -> f64 {
    row.iter()
        .zip(solution)
        .map(|(one, other)| one * other)
        .sum()
}

fn pearson((count, expected): (&u64, &f64)) -> f64 {
    (*count as f64 - expected) / expected.sqrt()
}

fn band(linear: f64, reach: f64) -> Band {
    Band {
        value: linear.exp(),
        low: (linear - reach).exp(),
        high: (linear + reach).exp(),
    }
}

/// Correlation of a series with itself, one month later.
fn lagged(residuals: &[f64]) -> f64 {
    let mean = residuals.iter().sum::<f64>() / residuals.len() as f64;
    let off: Vec<f64> = residuals.iter().map(|residual| residual - mean).collect();
    let all: f64 = off.iter().map(|off| off * off).sum();
    off.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / all
}

#[cfg(test)]
mod tests;
