//! Raking: weights that give known totals. Iterative proportional fitting (Deming and Stephan 1940);
//! with one margin it is post-stratification and needs one sweep.

/// One margin as the answers have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Categories {
    /// Category of each respondent, from 0.
    pub of: Vec<usize>,
    /// Total of each category in the population; above 0.
    pub totals: Vec<f64>,
}

impl Categories {
    /// Sums of `values` by category.
    pub fn sums(&self, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.totals.len()];
        for (category, value) in self.of.iter().zip(values) {
            if let Some(sum) = sums.get_mut(*category) {
                *sum += value;
            }
        }
        sums
    }
}

/// Sweeps over all margins. Fitting contracts by a factor a sweep; tables that need more than this
/// many nearly contradict themselves.
const SWEEPS_MAX: usize = 10_000;

/// Largest relative change of a sweep after which the weights stand.
const SETTLED: f64 = 1e-13;

/// Raked weights; `None` if they do not settle. Every category must have a respondent.
pub fn rake(weights: &[f64], margins: &[Categories]) -> Option<Vec<f64>> {
    let mut raked = weights.to_vec();
    for _ in 0..SWEEPS_MAX {
        let mut change: f64 = 0.0;
        for margin in margins {
            let sums = margin.sums(raked.iter().copied());
            let factors: Vec<f64> = margin
                .totals
                .iter()
                .zip(sums)
                .map(|(total, sum)| total / sum)
                .collect();
            for (weight, category) in raked.iter_mut().zip(&margin.of) {
                let factor = factors.get(*category).copied().unwrap_or(1.0);
                change = change.max((factor - 1.0).abs());
                *weight *= factor;
            }
        }
        if change < SETTLED || margins.len() < 2 {
            return Some(raked);
        }
    }
    None
}
