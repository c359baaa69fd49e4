//! Whether probabilities can be taken at their word.

use serde::Serialize;

use super::{Scored, share};

/// Probabilities against what was so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Requests with a candidate, by the probability given to it.
    pub bins: Vec<Bin>,
    /// Mean distance between what was said and what was so, over the bins, weighted by their size.
    pub error: f64,
    /// Mean squared error of the probabilities (G. W. Brier, Monthly Weather Review 78, 1950).
    pub brier: f64,
    /// Wrong answers to be expected among those given, if the probabilities are true.
    pub wrong_expected: f64,
    /// Wrong answers among those given.
    pub wrong: u64,
}

/// Requests with about the same probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// Least probability.
    pub from: f64,
    /// Largest probability; only the last bin holds it.
    pub to: f64,
    /// Requests.
    pub requests: u64,
    /// Of those, with the right person as best candidate.
    pub right: u64,
    /// Mean probability.
    pub said: f64,
}

impl Bin {
    /// Share of right ones.
    pub fn so(&self) -> f64 {
        share(self.right, self.requests, 0.0)
    }
}

/// Ends of the bins: finer where more is at stake.
const EDGES: [f64; 12] = [
    0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 0.9, 0.97, 0.99, 0.999, 0.9999, 1.0,
];

impl Calibration {
    pub(super) fn of(answers: &[Scored]) -> Self {
        let mut bins: Vec<Bin> = EDGES
            .windows(2)
            .filter_map(|edges| match edges {
                [from, to] => Some(Bin {
                    from: *from,
                    to: *to,
                    requests: 0,
                    right: 0,
                    said: 0.0,
                }),
                _ => None,
            })
            .collect();
        let (mut brier, mut count) = (0.0, 0_u64);
        for one in answers.iter().filter(|one| one.score.is_some()) {
            let place = EDGES.partition_point(|edge| *edge <= one.probability);
            let place = place.clamp(1, bins.len()) - 1;
            if let Some(bin) = bins.get_mut(place) {
                bin.requests += 1;
                bin.right += u64::from(one.right);
                bin.said += one.probability;
            }
            brier += (one.probability - f64::from(u8::from(one.right))).powi(2);
            count += 1;
        }
        for bin in &mut bins {
            bin.said /= bin.requests.max(1) as f64;
        }
        let distance = |bin: &Bin| bin.requests as f64 * (bin.said - bin.so()).abs();
        let answered = answers.iter().filter(|one| one.single);
        Self {
            error: bins.iter().map(distance).sum::<f64>() / count.max(1) as f64,
            brier: brier / count.max(1) as f64,
            wrong_expected: answered
                .clone()
                .fold(0.0, |sum, one| sum + 1.0 - one.probability),
            wrong: answered.filter(|one| !one.right).count() as u64,
            bins,
        }
    }
}

/// 95 % interval of a share (E. B. Wilson, Journal of the American Statistical Association 22, 1927).
pub fn interval(part: u64, whole: u64) -> (f64, f64) {
    if whole == 0 {
        return (0.0, 1.0);
    }
    const Z: f64 = 1.96;
    let n = whole as f64;
    let p = part as f64 / n;
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let reach = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((middle - reach).max(0.0), (middle + reach).min(1.0))
}
