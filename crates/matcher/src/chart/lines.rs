//! Shares that change along an axis.

use super::svg::{Anchor, Svg};
use super::{Caption, WIDTH};

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it shows.
    pub label: String,
    /// As in `stroke-dasharray`; empty for a whole line. Tells it from the others.
    pub dashes: &'static str,
    /// Points: place on the axis, share from 0 to 1.
    pub points: Vec<(f64, f64)>,
}

const HEIGHT: f64 = 260.0;
const LEFT: f64 = 44.0;
const BOTTOM: f64 = 36.0;

/// Lines of shares over one axis, with a legend; `marked` is a place of note on the axis.
pub fn lines(
    caption: Caption<'_>,
    axis: &str,
    marked: Option<(f64, &str)>,
    lines: &[Line],
) -> String {
    let legend = 18.0 * lines.len() as f64;
    let mut svg = Svg::new(caption, HEIGHT + legend);
    let places = lines
        .iter()
        .flat_map(|line| &line.points)
        .map(|(place, _)| *place);
    let (least, most) = places.fold((f64::MAX, f64::MIN), |(least, most), place| {
        (least.min(place), most.max(place))
    });
    let (top, base) = (legend + 8.0, legend + HEIGHT - BOTTOM);
    let span = (most - least).max(f64::MIN_POSITIVE);
    let x = |place: f64| LEFT + (WIDTH - LEFT - 8.0) * (place - least) / span;
    let y = |share: f64| base - (base - top) * share;
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        svg.rule((LEFT, y(share)), (WIDTH, y(share)));
        svg.text(
            (LEFT - 4.0, y(share) + 4.0),
            Anchor::End,
            &format!("{:.0} %", 100.0 * share),
        );
    }
    if least < most {
        // Round places, at most about six.
        let step = 10.0 * (span / 60.0).ceil();
        let mut place = (least / step).ceil() * step;
        while place <= most {
            svg.text(
                (x(place), base + 14.0),
                Anchor::Middle,
                &format!("{:.0}", place + 0.0),
            );
            place += step;
        }
    }
    if let Some((place, label)) = marked.filter(|(place, _)| (least..=most).contains(place)) {
        svg.rule((x(place), top), (x(place), base));
        svg.text((x(place) + 4.0, base - 6.0), Anchor::Start, label);
    }
    for (number, line) in lines.iter().enumerate() {
        let row = 18.0 * number as f64 + 9.0;
        svg.stroke(&[(0.0, row), (32.0, row)], line.dashes);
        svg.text((40.0, row + 4.0), Anchor::Start, &line.label);
        let points: Vec<(f64, f64)> = line.points.iter().map(|(a, b)| (x(*a), y(*b))).collect();
        svg.stroke(&points, line.dashes);
    }
    svg.text((WIDTH, base + 30.0), Anchor::End, axis);
    svg.finish()
}
