//! The evidence for one candidate as a picture.

use super::{line_compared, line_field, probability_words};
use crate::Candidate;
use crate::chart::{Anchor, Caption, Fill, Svg, WIDTH};

const ROW: f64 = 48.0;
const BAR: f64 = 12.0;
const TOP: f64 = 30.0;

/// A waterfall: one bar a line, from the total before it to the total after it. Evidence for the
/// candidate is a solid bar and has a plus, evidence against is striped and has a minus. The
/// description says everything that the picture shows. `id` must be unique in the page.
pub fn waterfall(candidate: &Candidate, id: &str) -> String {
    let title = format!("Evidence for {}", candidate.person_id);
    let description = described(candidate);
    let caption = Caption {
        id,
        title: &title,
        description: &description,
    };
    let lines = &candidate.evidence;
    let mut svg = Svg::new(caption, TOP + ROW * (lines.len() + 1) as f64);
    let totals = lines.iter().map(|line| line.running_total);
    let least = totals.clone().fold(0.0, f64::min);
    let most = totals.fold(0.0, f64::max);
    let x = |bits: f64| 1.0 + (WIDTH - 2.0) * (bits - least) / (most - least).max(1.0);
    let end = TOP + ROW * lines.len() as f64;
    svg.text((0.0, 14.0), Anchor::Start, "against, striped");
    svg.text((WIDTH, 14.0), Anchor::End, "for, solid");
    svg.rule((x(0.0), TOP - 8.0), (x(0.0), end));
    let mut before = 0.0;
    for (place, line) in lines.iter().enumerate() {
        let y = TOP + ROW * place as f64;
        let fill = if line.bits < 0.0 {
            Fill::Striped
        } else {
            Fill::Solid
        };
        svg.text((0.0, y + 10.0), Anchor::Start, &line_field(line));
        svg.text(
            (WIDTH, y + 10.0),
            Anchor::End,
            &format!("{:+.1} bits", line.bits),
        );
        svg.text((0.0, y + 24.0), Anchor::Start, line.level);
        svg.rect(
            (x(before), y + 29.0),
            (x(line.running_total) - x(before), BAR),
            fill,
        );
        before = line.running_total;
    }
    let total = format!(
        "{before:+.1} bits in all: {}",
        probability_words(candidate.probability)
    );
    svg.text((0.0, end + 16.0), Anchor::Start, &total);
    svg.finish()
}

fn described(candidate: &Candidate) -> String {
    let mut text = String::new();
    for line in &candidate.evidence {
        text.push_str(&format!(
            "{}{}: {}, {:+.1} bits. ",
            line_field(line),
            line_compared(line),
            line.level,
            line.bits
        ));
    }
    text + &format!(
        "In all {:+.1} bits: {}.",
        candidate.score,
        probability_words(candidate.probability)
    )
}

#[cfg(test)]
mod tests;
