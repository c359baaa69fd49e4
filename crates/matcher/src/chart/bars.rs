//! Bars: one value a row, or parts stacked in columns.

use super::svg::{Anchor, Fill, Svg};
use super::{Caption, WIDTH};

/// One row of a bar chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it is.
    pub label: String,
    /// How long it is, from 0 to `full`.
    pub value: f64,
    /// The value as it is written at the end of the row.
    pub text: String,
}

const ROW: f64 = 34.0;
const BAR: f64 = 12.0;

/// Horizontal bars, label above, on a ground that is `full` long.
pub fn bars(caption: Caption<'_>, full: f64, rows: &[Bar]) -> String {
    let full = full.max(f64::MIN_POSITIVE);
    let mut svg = Svg::new(caption, ROW * rows.len() as f64 + 8.0);
    for (place, row) in rows.iter().enumerate() {
        let y = ROW * place as f64;
        svg.text((0.0, y + 14.0), Anchor::Start, &row.label);
        svg.text((WIDTH, y + 14.0), Anchor::End, &row.text);
        svg.rect((0.5, y + 18.5), (WIDTH - 1.0, BAR), Fill::Pale);
        let width = (WIDTH - 1.0) * (row.value / full).clamp(0.0, 1.0);
        if width > 0.0 {
            svg.rect((0.5, y + 18.5), (width.max(1.0), BAR), Fill::Solid);
        }
    }
    svg.finish()
}

/// One part of every column.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What it counts.
    pub label: String,
    /// How it looks.
    pub fill: Fill,
    /// One count a column.
    pub counts: Vec<u64>,
}

const HEIGHT: f64 = 240.0;
const LEFT: f64 = 44.0;
const BOTTOM: f64 = 36.0;

/// Stacked columns; `edges` are labels between columns, one more than there are columns.
pub fn columns(caption: Caption<'_>, edges: &[String], axis: &str, parts: &[Part]) -> String {
    let legend = 18.0 * parts.len() as f64;
    let mut svg = Svg::new(caption, HEIGHT + legend);
    let count = edges.len().saturating_sub(1).max(1);
    let total = |column: usize| -> u64 {
        parts
            .iter()
            .filter_map(|part| part.counts.get(column))
            .sum()
    };
    let most = (0..count).map(total).max().unwrap_or(0).max(1) as f64;
    let (top, base) = (legend + 8.0, legend + HEIGHT - BOTTOM);
    for (place, part) in parts.iter().enumerate() {
        let y = 18.0 * place as f64;
        svg.rect((0.5, y + 3.5), (12.0, 10.0), part.fill);
        svg.text((18.0, y + 13.0), Anchor::Start, &part.label);
    }
    let width = (WIDTH - LEFT - 4.0) / count as f64;
    for column in 0..count {
        let mut y = base;
        for part in parts {
            let part_count = part.counts.get(column).copied().unwrap_or(0) as f64;
            let height = (base - top) * part_count / most;
            if height > 0.0 {
                y -= height;
                svg.rect(
                    (LEFT + width * column as f64, y),
                    (width, height),
                    part.fill,
                );
            }
        }
    }
    svg.rule((LEFT, base), (WIDTH, base));
    svg.text((LEFT - 4.0, base), Anchor::End, "0");
    svg.text((LEFT - 4.0, top + 10.0), Anchor::End, &format!("{most:.0}"));
    let every = count.div_ceil(6);
    for (place, edge) in edges.iter().enumerate().step_by(every) {
        let x = LEFT + width * place as f64;
        svg.text((x.min(WIDTH - 12.0), base + 14.0), Anchor::Middle, edge);
    }
    svg.text((WIDTH, base + 30.0), Anchor::End, axis);
    svg.finish()
}
