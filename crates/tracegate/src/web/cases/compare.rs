//! Candidates side by side: one row for each thing compared, one column for each person examined.

use disclosure::trace::{Candidate, EvidenceLine, TraceResult};
use minijinja::{Value, context};

/// Candidates shown: as many columns as can be compared at a glance. All are counted and recorded.
const COLUMNS_MAX: usize = 4;

/// Lines that weigh how many people there are, and compare nothing.
const NOT_COMPARED: [&str; 2] = ["prior", "others"];

/// Half the width of a bar, in its own units.
const HALF: f64 = 50.0;

/// The table of a trace.
pub fn table(trace: &TraceResult) -> Value {
    let shown: Vec<&Candidate> = trace.candidates.iter().take(COLUMNS_MAX).collect();
    let longest = longest(&shown);
    let columns: Vec<Value> = shown
        .iter()
        .zip('A'..)
        .map(|(candidate, letter)| column(candidate, letter))
        .collect();
    let rows: Vec<Value> = row_names(&shown)
        .into_iter()
        .map(|(field, nth)| {
            let cells = shown.iter();
            let cells: Vec<Option<Value>> = cells
                .map(|candidate| line(candidate, &field, nth).map(|line| cell(line, longest)))
                .collect();
            context! { field, cells }
        })
        .collect();
    context! {
        columns,
        rows,
        gap => trace.gap.map(|gap| format!("{gap:.1}")),
        not_shown => trace.candidates.len().saturating_sub(COLUMNS_MAX),
    }
}

fn column(candidate: &Candidate, letter: char) -> Value {
    context! {
        letter => letter.to_string(),
        person_ref => candidate.person_ref.clone(),
        probability => percent(candidate.probability),
        share => format!("{:.4}", candidate.probability.clamp(0.0, 1.0)),
        score => signed(&format!("{:.1}", candidate.score)),
        on_history => candidate.on_history,
        restricted => candidate.restricted,
        jan1 => candidate.jan1,
    }
}

/// A probability that never rounds to certainty.
fn percent(probability: f64) -> String {
    let percent = probability * 100.0;
    if percent > 99.99 {
        "over 99.99 %".to_owned()
    } else if percent < 0.01 {
        "under 0.01 %".to_owned()
    } else {
        format!("{percent:.2} %")
    }
}

/// Everything compared for anybody, in the order of the best candidate; a thing compared twice has
/// two rows.
fn row_names(shown: &[&Candidate]) -> Vec<(String, usize)> {
    let mut names: Vec<(String, usize)> = Vec::new();
    for candidate in shown {
        for (index, line) in candidate.evidence.iter().enumerate() {
            let before = candidate.evidence.iter().take(index);
            let nth = before.filter(|other| other.field == line.field).count();
            let name = (line.field.clone(), nth);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn line<'a>(candidate: &'a Candidate, field: &str, nth: usize) -> Option<&'a EvidenceLine> {
    let lines = candidate.evidence.iter();
    lines.filter(|line| line.field == field).nth(nth)
}

/// A number with a minus sign that is as wide as a plus sign.
fn signed(number: &str) -> String {
    number.replace('-', "\u{2212}")
}

fn longest(shown: &[&Candidate]) -> f64 {
    let lines = shown.iter().flat_map(|candidate| &candidate.evidence);
    lines.map(|line| line.bits.abs()).fold(1.0, f64::max)
}

fn cell(line: &EvidenceLine, longest: f64) -> Value {
    let width = (line.bits.abs() / longest * HALF).min(HALF);
    let against = line.bits < 0.0;
    let compared = !NOT_COMPARED.contains(&line.field.as_str());
    context! {
        finding => line.finding.replace('_', " "),
        bits => signed(&format!("{:+.1}", line.bits)),
        total => signed(&format!("{:.1}", line.total)),
        against,
        compared,
        x => format!("{:.1}", if against { HALF - width } else { HALF }),
        width => format!("{width:.1}"),
    }
}
