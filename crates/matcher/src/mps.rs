//! The `mps` engine: the three steps of the Master Person Service, stop at the first success.
//!
//! Source: NHS England, "The Person_ID handbook", chapter on the Master Person Service
//! (digital.nhs.uk). Where prose and examples of the handbook differ, the examples are followed. The
//! release rule on top of the steps (floor, gap, items, never step 2 alone) is this program's.

mod clean;
mod faces;
mod score;
mod steps;

use crate::answer::{Answer, Candidate, Code, EvidenceLine, Outcome};
use crate::index::Parts;
use crate::{MatchRule, Terms};

use self::faces::Held;
use self::score::{Asked, Scores};
use self::steps::Found;

/// Below this score nobody is worth asking about.
const NO_TRACE_BELOW: f64 = 75.0;

/// Answers `terms` by the three steps; with `details`, says why.
pub(crate) fn trace(parts: &Parts<'_>, rule: &MatchRule, terms: &Terms, details: bool) -> Answer {
    let asked = Asked::new(terms);
    let Some(found) = steps::run(parts, &asked) else {
        return nobody(Outcome::NeedsIdentifiers, Code::NotEnoughData, None);
    };
    let Some((best, score)) = found.ranked.first() else {
        return nobody(Outcome::NoTrace, Code::NotFound, Some(found.step));
    };
    let second = found.ranked.get(1).map(|(_, score)| *score);
    let gap = second.map(|second| score - second);
    let mut answer = Answer {
        person_id: Some(best.id()),
        probability: score / 100.0,
        score: Some(*score),
        second_score: second,
        gap,
        candidate_count: found.ranked.len() as u32,
        ..nobody(Outcome::NoTrace, Code::Success, Some(found.step))
    };
    decide(rule, &asked, &found, &mut answer);
    if details {
        let described = found.ranked.iter().take(steps::CANDIDATES_MAX);
        answer.candidates = described
            .map(|(held, score)| describe(&asked, held, *score))
            .collect();
    }
    answer
}

fn nobody(outcome: Outcome, code: Code, step: Option<u8>) -> Answer {
    Answer {
        outcome,
        person: None,
        person_id: None,
        probability: 0.0,
        score: None,
        second_score: None,
        gap: None,
        code,
        step,
        candidate_count: 0,
        candidates: Vec::new(),
    }
}

/// The published code first, then the release rule.
fn decide(rule: &MatchRule, asked: &Asked, found: &Found<'_>, answer: &mut Answer) {
    let Some((best, score)) = found.ranked.first() else {
        return;
    };
    let row = best.current();
    if answer.gap.is_some_and(|gap| gap <= rule.min_gap) {
        (answer.outcome, answer.code) = (Outcome::Ambiguous, Code::MultipleClose);
        return;
    }
    let scores = Scores::of(asked, best);
    let needed = rule.min_items + if row.jan1() { rule.jan1_extra } else { 0 };
    let enough = *score >= rule.floor && scores.has_core() && scores.items() >= needed;
    if enough && (found.step != 2 || found.confirmed) {
        answer.person = Some(best.number());
        (answer.outcome, answer.code) = match row {
            row if row.is_restricted() => (Outcome::RestrictedWithheld, Code::Sensitive),
            row if row.is_deceased() => (Outcome::Deceased, Code::Success),
            _ if found.by_superseded_number => (Outcome::Single, Code::Superseded),
            _ => (Outcome::Single, Code::Success),
        };
        return;
    }
    answer.outcome = match *score >= NO_TRACE_BELOW {
        true => Outcome::NeedsIdentifiers,
        false => Outcome::NoTrace,
    };
}

fn describe(asked: &Asked, held: &Held<'_>, score: f64) -> Candidate {
    let scores = Scores::of(asked, held);
    let row = held.current();
    Candidate {
        row: held.number(),
        person_id: held.id(),
        probability: score / 100.0,
        score,
        evidence: lines(asked, held, &scores),
        agreeing_items: scores.items(),
        on_history: scores.on_history,
        address_kind: row.address_kind(),
        jan1: row.jan1(),
        restricted: row.is_restricted(),
        deceased: row.is_deceased(),
    }
}

/// One line a feature; its points are its part of the mean.
fn lines(asked: &Asked, held: &Held<'_>, scores: &Scores) -> Vec<EvidenceLine> {
    let (row, view) = (held.current(), &held.part.view);
    let count = scores.features().count().max(1) as f64;
    let mut running_total = 0.0;
    let mut lines = Vec::new();
    for (field, value) in scores.features() {
        let bits = value / count;
        running_total += bits;
        let (asked, held) = match field {
            "date_of_birth" => (
                asked.birth.map(|date| date.to_string()).unwrap_or_default(),
                row.date_of_birth()
                    .map(|date| date.to_string())
                    .unwrap_or_default(),
            ),
            "sex" => (asked.sex.as_str().to_owned(), row.sex().as_str().to_owned()),
            "postcode" => (
                asked.postcode.clone(),
                view.postcodes.written(row.postcode).to_owned(),
            ),
            "surname" => (
                asked.family.clone(),
                view.surnames.written(row.surname).to_owned(),
            ),
            "middle_name" => (
                asked.other.clone(),
                view.given.written(row.middle).to_owned(),
            ),
            _ => (
                asked.given.clone(),
                view.given.written(row.given).to_owned(),
            ),
        };
        lines.push(EvidenceLine {
            field,
            asked,
            held,
            level: words(value),
            bits,
            running_total,
        });
    }
    lines
}

fn words(value: f64) -> &'static str {
    match value {
        v if v >= 100.0 => "the same",
        v if v >= score::AGREES => "alike",
        v if v > 0.0 => "partly alike",
        _ => "different",
    }
}

#[cfg(test)]
mod tests;
