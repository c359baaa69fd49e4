//! A reliability diagram: what was said against what was so.

use super::svg::{Anchor, Svg};
use super::{Caption, WIDTH};

/// One group of predictions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Mean probability that was said.
    pub said: f64,
    /// Share that was so, and a 95 % interval.
    pub so: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

const LEFT: f64 = 56.0;
const BOTTOM: f64 = 36.0;
const HEIGHT: f64 = 380.0;
const TICKS: [(f64, &str); 7] = [
    (0.001, "0.1 %"),
    (0.01, "1 %"),
    (0.1, "10 %"),
    (0.5, "50 %"),
    (0.9, "90 %"),
    (0.99, "99 %"),
    (0.999, "99.9 %"),
];
/// Ends of the axes.
const LEAST: f64 = 1e-4;

/// Points on axes of log-odds, with the diagonal on which a calibrated tracer lies.
pub fn reliability(caption: Caption<'_>, points: &[Point]) -> String {
    let mut svg = Svg::new(caption, HEIGHT);
    let log_odds = |share: f64| {
        let share = share.clamp(LEAST, 1.0 - LEAST);
        (share / (1.0 - share)).ln()
    };
    let end = log_odds(1.0);
    let along = |share: f64| (log_odds(share) + end) / (2.0 * end);
    let (base, width) = (HEIGHT - BOTTOM, WIDTH - LEFT - 8.0);
    let x = |share: f64| LEFT + width * along(share);
    let y = |share: f64| base - (base - 20.0) * along(share);
    for (share, label) in TICKS {
        svg.rule((x(share), y(1.0)), (x(share), base));
        svg.rule((LEFT, y(share)), (x(1.0), y(share)));
        svg.text((x(share), base + 14.0), Anchor::Middle, label);
        svg.text((LEFT - 4.0, y(share) + 4.0), Anchor::End, label);
    }
    svg.stroke(&[(x(0.0), y(0.0)), (x(1.0), y(1.0))], "2 4");
    for point in points {
        svg.stroke(
            &[
                (x(point.said), y(point.low)),
                (x(point.said), y(point.high)),
            ],
            "",
        );
        svg.dot((x(point.said), y(point.so)), 5.0, false);
    }
    svg.text((0.0, 12.0), Anchor::Start, "share that was right");
    svg.text(
        (WIDTH, base + 30.0),
        Anchor::End,
        "probability that was given",
    );
    svg.finish()
}
