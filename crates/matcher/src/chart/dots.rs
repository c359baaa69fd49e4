//! Two shares a row on a logarithmic axis: how often a match shows something, and a stranger.

use super::svg::{Anchor, Svg};
use super::{Caption, WIDTH};

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Dots {
    /// What it is.
    pub label: String,
    /// What is written at the end of the row.
    pub text: String,
    /// Filled dot: a share.
    pub filled: f64,
    /// Hollow dot: a share; `None` if not known.
    pub hollow: Option<f64>,
}

const ROW: f64 = 36.0;
/// Decades of the axis: one in a million to all.
const DECADES: f64 = 6.0;
const TICKS: [(f64, &str); 4] = [
    (1.0, "100 %"),
    (1e-2, "1 %"),
    (1e-4, "0.01 %"),
    (1e-6, "0.0001 %"),
];

/// Dots on lines, label above; `legend` names the filled and the hollow dot.
pub fn dots(caption: Caption<'_>, legend: [&str; 2], rows: &[Dots]) -> String {
    let top = 24.0;
    let height = top + ROW * rows.len() as f64;
    let mut svg = Svg::new(caption, height + 26.0);
    let x = |share: f64| 8.0 + (WIDTH - 16.0) * (1.0 + share.max(1e-6).log10() / DECADES);
    svg.dot((8.0, 10.0), 5.0, false);
    svg.text((20.0, 14.0), Anchor::Start, legend[0]);
    svg.dot((WIDTH / 2.0, 10.0), 5.0, true);
    svg.text((WIDTH / 2.0 + 12.0, 14.0), Anchor::Start, legend[1]);
    for (share, label) in TICKS {
        for place in 0..rows.len() {
            let y = top + ROW * place as f64;
            svg.rule((x(share), y + 18.0), (x(share), y + 30.0));
        }
        let anchor = match share {
            1.0 => Anchor::End,
            1e-6 => Anchor::Start,
            _ => Anchor::Middle,
        };
        svg.text((x(share), height + 16.0), anchor, label);
    }
    for (place, row) in rows.iter().enumerate() {
        let y = top + ROW * place as f64;
        svg.text((0.0, y + 13.0), Anchor::Start, &row.label);
        svg.text((WIDTH, y + 13.0), Anchor::End, &row.text);
        let middle = y + 24.0;
        if let Some(hollow) = row.hollow {
            svg.stroke(&[(x(row.filled), middle), (x(hollow), middle)], "2 3");
            svg.dot((x(hollow), middle), 5.0, true);
        }
        svg.dot((x(row.filled), middle), 5.0, false);
    }
    svg.finish()
}
