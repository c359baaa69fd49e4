//! Weighted means and their variances by the design: Taylor linearization with ultimate clusters
//! (Woodruff 1971; Lumley 2010, *Complex Surveys*, chapter 2), after calibration on the margins
//! (Deville and Särndal 1992).

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use crate::error::SurveyError;
use crate::percentage::{Counted, Interval, Precision};
use crate::plan::Plan;
use crate::rake::{Categories, rake};
use crate::respondents::Respondents;
use statistics::distributions::student_quantile;

/// Sweeps in which an influence is cleared of the margins; each contracts.
const SWEEPS_MAX: usize = 1_000;

/// A sample with its final weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    drawn: Vec<f64>,
    weights: Vec<f64>,
    units: Vec<usize>,
    stratum_of_unit: Vec<usize>,
    strata: Vec<Stratum>,
    margins: Vec<Categories>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Stratum {
    units: f64,
    /// Units of the population; infinite without a correction.
    population: f64,
}

impl Stratum {
    /// Factor of the sum of squares between units.
    fn scale(self) -> f64 {
        let unseen = if self.population.is_finite() {
            (self.population - self.units) / self.population
        } else {
            1.0
        };
        if unseen == 0.0 {
            0.0
        } else {
            unseen * self.units / (self.units - 1.0)
        }
    }
}

/// A weighted mean over a base.
#[derive(Debug, Clone, PartialEq)]
pub struct Mean {
    pub mean: f64,
    pub counted: Counted,
    /// Weighted variance of the scores.
    spread: f64,
    /// Totals of the linearized score by unit, centered and scaled: products are covariances.
    linear: Vec<f64>,
    pub degrees: u64,
}

impl Mean {
    pub fn covariance(&self, other: &Self) -> f64 {
        let pairs = self.linear.iter().zip(&other.linear);
        pairs.map(|(a, b)| a * b).sum()
    }

    pub fn variance(&self) -> f64 {
        self.covariance(self)
    }

    fn design_effect(&self) -> Option<f64> {
        let others = self
            .counted
            .unweighted
            .get()
            .checked_sub(1)
            .filter(|others| *others > 0)?;
        (self.spread > 0.0).then(|| self.variance() * others as f64 / self.spread)
    }

    /// How sure a share is: its interval is symmetric in log odds and stays inside 0 to 100 %.
    pub fn of_share(&self) -> Precision {
        let within = self.mean * (1.0 - self.mean);
        let error = self.variance().sqrt();
        let odds = (self.mean / (1.0 - self.mean)).ln();
        let share = |odds: f64| 100.0 / (1.0 + (-odds).exp());
        // Rounding leaves a share of everybody an ulp off 1.
        let open = within > 1e-12;
        let interval = student_quantile(self.degrees)
            .filter(|_| open)
            .map(|t| Interval {
                low: share(odds - t * error / within),
                high: share(odds + t * error / within),
            });
        self.precision(interval)
    }

    /// How sure a difference of shares of one base is.
    pub fn of_difference(&self) -> Precision {
        let open = self.spread > 1e-12;
        let interval = around(self.mean, self.variance(), self.degrees).filter(|_| open);
        // A difference of shares of one base stays within 100 points either way.
        self.precision(interval.map(|interval| Interval {
            low: interval.low.max(-100.0),
            high: interval.high.min(100.0),
        }))
    }

    fn precision(&self, interval: Option<Interval>) -> Precision {
        Precision {
            standard_error: 100.0 * self.variance().sqrt(),
            interval,
            design_effect: self.design_effect(),
            degrees_of_freedom: self.degrees,
        }
    }
}

/// A symmetric 95 % interval, in percent, by Student's t.
pub fn around(mean: f64, variance: f64, degrees: u64) -> Option<Interval> {
    let half = student_quantile(degrees)? * variance.sqrt();
    Some(Interval {
        low: 100.0 * (mean - half),
        high: 100.0 * (mean + half),
    })
}

impl Design {
    pub fn new(plan: &Plan, file: &str, respondents: &Respondents) -> Result<Self, SurveyError> {
        let fault = |problem: String, remedy: &str| SurveyError::Design {
            file: file.to_owned(),
            problem,
            remedy: remedy.to_owned(),
        };
        let (stratum_of_unit, strata) =
            strata(respondents).map_err(|(problem, remedy)| fault(problem, remedy))?;
        let mut margins = Vec::new();
        for (margin, of) in plan.margins.iter().zip(&respondents.margins) {
            let seen: BTreeSet<&usize> = of.iter().collect();
            let nobody = (0..)
                .zip(margin.totals.keys())
                .find(|(place, _)| !seen.contains(place));
            if let Some((_, code)) = nobody {
                let problem = format!("nobody has the code `{code}` in margin `{}`", margin.column);
                return Err(fault(
                    problem,
                    "merge it with another code, in the plan and the answers",
                ));
            }
            let totals = margin.totals.values().copied().collect();
            margins.push(Categories {
                of: of.clone(),
                totals,
            });
        }
        let weights = rake(&respondents.weights, &margins).ok_or_else(|| {
            fault(
                "raking does not settle".to_owned(),
                "merge codes of the margins that few respondents have",
            )
        })?;
        Ok(Self {
            drawn: respondents.weights.clone(),
            weights,
            units: respondents.units.clone(),
            stratum_of_unit,
            strata,
            margins,
        })
    }

    /// Respondents.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Kish's (1965) factor by which unequal weights alone widen a variance.
    pub fn weighting_effect(&self) -> f64 {
        let squares: f64 = self.weights.iter().map(|weight| weight * weight).sum();
        let sum: f64 = self.weights.iter().sum();
        self.len() as f64 * squares / (sum * sum)
    }

    /// Final weights, with mean 1.
    pub fn weights(&self) -> impl Iterator<Item = f64> {
        let scale = self.len() as f64 / self.weights.iter().sum::<f64>();
        self.weights.iter().map(move |weight| weight * scale)
    }

    /// Weighted mean of the scores of those who have one; `None` if nobody has.
    pub fn mean(&self, scores: &[Option<f64>]) -> Option<Mean> {
        let scored = || {
            scores
                .iter()
                .zip(&self.weights)
                .filter_map(|(score, weight)| Some(((*score)?, *weight)))
        };
        let unweighted = NonZeroU64::new(scored().count() as u64)?;
        let sum: f64 = scored().map(|(_, weight)| weight).sum();
        let mean = scored().map(|(score, weight)| score * weight).sum::<f64>() / sum;
        let spread = scored()
            .map(|(score, weight)| weight * (score - mean).powi(2))
            .sum::<f64>()
            / sum;
        let all: f64 = self.weights.iter().sum();
        let influence = scores
            .iter()
            .map(|score| score.map_or(0.0, |score| (score - mean) / sum));
        Some(Mean {
            mean,
            spread,
            counted: Counted {
                unweighted,
                weighted: sum * self.len() as f64 / all,
            },
            linear: self.linear(&self.cleared(influence.collect())),
            degrees: self.degrees(scores),
        })
    }

    /// What the margins explain is known and varies no more: residuals of the regression on them, by
    /// the design weights, found by taking off category means in turn.
    fn cleared(&self, mut influence: Vec<f64>) -> Vec<f64> {
        let largest = influence
            .iter()
            .fold(0.0_f64, |largest, value| largest.max(value.abs()));
        for _ in 0..SWEEPS_MAX {
            let mut taken: f64 = 0.0;
            for margin in &self.margins {
                let sums = margin.sums(
                    influence
                        .iter()
                        .zip(&self.drawn)
                        .map(|(value, weight)| value * weight),
                );
                let counts = margin.sums(self.drawn.iter().copied());
                let means: Vec<f64> = sums
                    .iter()
                    .zip(counts)
                    .map(|(sum, count)| sum / count)
                    .collect();
                for (value, category) in influence.iter_mut().zip(&margin.of) {
                    let mean = means.get(*category).copied().unwrap_or(0.0);
                    taken = taken.max(mean.abs());
                    *value -= mean;
                }
            }
            if taken <= largest * 1e-14 || self.margins.len() < 2 {
                break;
            }
        }
        influence
    }

    /// Totals by unit, centered in their stratum and scaled, so that the sum of squares is a variance.
    fn linear(&self, influence: &[f64]) -> Vec<f64> {
        let mut totals = vec![0.0; self.stratum_of_unit.len()];
        for ((value, weight), unit) in influence.iter().zip(&self.weights).zip(&self.units) {
            if let Some(total) = totals.get_mut(*unit) {
                *total += value * weight;
            }
        }
        let mut sums = vec![0.0; self.strata.len()];
        for (total, stratum) in totals.iter().zip(&self.stratum_of_unit) {
            if let Some(sum) = sums.get_mut(*stratum) {
                *sum += total;
            }
        }
        for (total, place) in totals.iter_mut().zip(&self.stratum_of_unit) {
            if let (Some(stratum), Some(sum)) = (self.strata.get(*place), sums.get(*place)) {
                *total = (*total - sum / stratum.units) * stratum.scale().sqrt();
            }
        }
        totals
    }

    /// Units less strata, of those that the base touches.
    fn degrees(&self, scores: &[Option<f64>]) -> u64 {
        let touched = scores
            .iter()
            .zip(&self.units)
            .filter(|(score, _)| score.is_some());
        let units: BTreeSet<usize> = touched.map(|(_, unit)| *unit).collect();
        let strata: BTreeSet<&usize> = units
            .iter()
            .filter_map(|unit| self.stratum_of_unit.get(*unit))
            .collect();
        (units.len() - strata.len()) as u64
    }
}

/// A problem and its remedy.
type Problem = (String, &'static str);

/// The stratum of each unit, and how many units each stratum has, in the sample and in all.
fn strata(respondents: &Respondents) -> Result<(Vec<usize>, Vec<Stratum>), Problem> {
    let count = |places: &[usize]| places.iter().max().map_or(0, |last| last + 1);
    let mut stratum_of_unit = vec![0; count(&respondents.units)];
    for (unit, stratum) in respondents.units.iter().zip(&respondents.strata) {
        if let Some(place) = stratum_of_unit.get_mut(*unit) {
            *place = *stratum;
        }
    }
    let none = Stratum {
        units: 0.0,
        population: f64::INFINITY,
    };
    let mut strata = vec![none; count(&respondents.strata)];
    for stratum in &stratum_of_unit {
        if let Some(stratum) = strata.get_mut(*stratum) {
            stratum.units += 1.0;
        }
    }
    let known = respondents.units_in_stratum.iter().flatten();
    for (population, stratum) in known.zip(&respondents.strata) {
        let Some(stratum) = strata.get_mut(*stratum) else {
            continue;
        };
        if stratum.population.is_finite() && stratum.population != *population {
            let problem = format!(
                "one stratum has both {} and {population} units in all",
                stratum.population
            );
            return Err((
                problem,
                "give every respondent of a stratum the same number",
            ));
        }
        stratum.population = *population;
    }
    for stratum in &strata {
        let Stratum { units, population } = *stratum;
        if units > population {
            let problem =
                format!("a stratum has {population} units in all, and {units} in the sample");
            return Err((
                problem,
                "count primary sampling units, not people, or correct the number",
            ));
        }
        if units < 2.0 && units < population {
            let problem =
                "a stratum has one sampling unit, which tells nothing of its variance".to_owned();
            return Err((
                problem,
                "merge the stratum with its neighbor before estimating",
            ));
        }
    }
    Ok((stratum_of_unit, strata))
}
