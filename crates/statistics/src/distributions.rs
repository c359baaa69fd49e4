//! Student's t and Fisher's F, both from the regularized incomplete beta function. A crate for two
//! numbers would bring features that rebuild half of the tree.

/// The point that Student's t with so many degrees of freedom exceeds with a chance of 2.5 %; `None`
/// for none.
pub fn student_quantile(degrees: u64) -> Option<f64> {
    let degrees = degrees as f64;
    // Two tails of a t are one of a beta; the point lies where they hold 5 %.
    let outside = |t: f64| incomplete_beta(degrees / 2.0, 0.5, degrees / (degrees + t * t));
    // With one degree of freedom it is 12.7.
    let (mut low, mut high) = (1.9, 13.0);
    // Each halving gives a bit: 60 are more than a double holds.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if outside(middle) > 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    (degrees > 0.0).then_some(low)
}

/// Chance that F with these degrees of freedom exceeds `f`.
pub fn fisher_exceeds(f: f64, numerator: f64, denominator: f64) -> f64 {
    let at = denominator / (denominator + numerator * f);
    incomplete_beta(denominator / 2.0, numerator / 2.0, at)
}

/// The regularized incomplete beta function `I_x(a, b)` by its continued fraction (DLMF 8.17.22), on
/// the side where that converges fast.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front = (a * x.ln() + b * (1.0 - x).ln() - ln_beta(a, b)).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front / a / fraction(a, b, x)
    } else {
        1.0 - front / b / fraction(b, a, 1.0 - x)
    }
}

/// The continued fraction `1 + d1/(1 + d2/(1 + ...))`, evaluated from its tail.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    // It needs some times the square root of the larger parameter: enough for a million degrees.
    let terms = 200 + 10 * a.max(b).sqrt() as u32;
    (1..=terms).rev().fold(1.0, |tail, term| {
        let m = f64::from(term / 2);
        let step = if term % 2 == 0 {
            m * (b - m) / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        1.0 + step * x / tail
    })
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Logarithm of the gamma function: Stirling's series (DLMF 5.11.1) after raising the argument to
/// where its first terms suffice.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut below) = (x, 1.0_f64);
    while x < 16.0 {
        below *= x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series =
        (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - below.ln()
}

#[cfg(test)]
mod tests;
