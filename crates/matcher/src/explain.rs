//! An answer in plain words, for a caseworker.

mod waterfall;

use std::fmt::Write;

pub use waterfall::waterfall;

use crate::{Answer, Candidate, EvidenceLine, Outcome};

/// The whole answer: outcome, then the best `candidates_max` candidates with their evidence.
pub fn explain(answer: &Answer, candidates_max: usize) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} (code {})",
        outcome_words(answer.outcome),
        answer.code.as_str()
    );
    let _ = writeln!(
        text,
        "{} {} examined; the best is {}.",
        answer.candidate_count,
        if answer.candidate_count == 1 {
            "person was"
        } else {
            "people were"
        },
        probability_words(answer.probability),
    );
    for (position, candidate) in answer.candidates.iter().take(candidates_max).enumerate() {
        let _ = write!(text, "\n{}. {}", position + 1, explain_candidate(candidate));
    }
    text
}

/// One candidate's evidence, line by line.
pub fn explain_candidate(candidate: &Candidate) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {}{}",
        candidate.person_id,
        probability_words(candidate.probability),
        notes(candidate),
    );
    for line in &candidate.evidence {
        let _ = writeln!(text, "   {}", line_words(line));
    }
    text
}

fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Single => "One person, with certainty enough",
        Outcome::NoTrace => "Nobody in the index fits",
        Outcome::Ambiguous => "Several people fit too well to tell them apart",
        Outcome::NeedsIdentifiers => "Somebody may fit, but more identifiers are needed",
        Outcome::RestrictedWithheld => {
            "A person fits whose record is restricted: a guardian decides"
        }
        Outcome::Deceased => "One person, who has died",
    }
}

fn probability_words(probability: f64) -> String {
    let wrong = 1.0 - probability;
    match probability {
        p if p >= 0.999_999 => "right with less than 1 chance in 1,000,000 of error".to_owned(),
        p if p >= 0.9 => {
            let chances = grouped((1.0 / wrong).round() as u64);
            format!("right with 1 chance in {chances} of error")
        }
        p if p >= 0.01 => format!("{:.0} % likely to be the person", p * 100.0),
        _ => "very unlikely to be the person".to_owned(),
    }
}

/// A number with a comma between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn notes(candidate: &Candidate) -> String {
    let notes: Vec<&str> = [
        (
            candidate.on_history,
            "an earlier name, address or number matched",
        ),
        (candidate.jan1, "date of birth is 1 January or estimated"),
        (candidate.restricted, "restricted record"),
        (candidate.deceased, "has died"),
    ]
    .into_iter()
    .filter_map(|(applies, note)| applies.then_some(note))
    .collect();
    if notes.is_empty() {
        String::new()
    } else {
        format!(" [{}]", notes.join("; "))
    }
}

fn line_words(line: &EvidenceLine) -> String {
    let (field, compared) = (line_field(line), line_compared(line));
    format!(
        "{:>+7.1} = {:>+7.1}  {field}{compared}: {}",
        line.bits, line.running_total, line.level
    )
}

fn line_field(line: &EvidenceLine) -> String {
    line.field.replace('_', " ").replace("nhs", "NHS")
}

/// What was asked and what is held; once, where they are the same.
fn line_compared(line: &EvidenceLine) -> String {
    match (line.asked.as_str(), line.held.as_str()) {
        ("", "") => String::new(),
        (asked, held) if asked.eq_ignore_ascii_case(held) => format!(" `{held}`"),
        (asked, held) => format!(" `{asked}` / `{held}`"),
    }
}
