//! Scores of the third step, 0 to 100.

use crate::compare::text::jaro_winkler;
use crate::{NhsNumber, PartialDate, Sex, Terms};

use super::clean;
use super::faces::Held;

/// From here on a name counts as agreeing item.
pub(super) const AGREES: f64 = 85.0;

/// Cleaned terms.
pub(super) struct Asked {
    pub nhs_number: Option<NhsNumber>,
    pub family: String,
    pub given: String,
    pub other: String,
    pub birth: Option<PartialDate>,
    pub sex: Sex,
    pub postcode: String,
    pub address: String,
    pub practice: Option<String>,
    pub death: Option<PartialDate>,
}

impl Asked {
    pub(super) fn new(terms: &Terms) -> Self {
        Self {
            nhs_number: terms.nhs_number,
            family: clean::name(&terms.name.surname),
            given: clean::name(&terms.name.given),
            other: clean::name(&terms.name.middle),
            birth: terms.date_of_birth,
            sex: terms.sex,
            postcode: clean::postcode(&terms.postcode),
            address: terms.address.clone(),
            practice: terms.gp_practice_code.clone(),
            death: terms.death_date,
        }
    }
}

/// Scores of one person; missing features are left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Scores {
    pub date: Option<f64>,
    pub gender: Option<f64>,
    pub postcode: Option<f64>,
    pub family: Option<f64>,
    pub given: Option<f64>,
    pub other: Option<f64>,
    /// The NHS number is the person's.
    pub number: bool,
    /// A past value scored better than the current one.
    pub on_history: bool,
}

impl Scores {
    pub(super) fn of(asked: &Asked, held: &Held<'_>) -> Self {
        let current = held.current();
        let (postcode, past_postcode) = best_postcode(asked, held);
        let (names, past_name) = best_names(asked, held);
        let stem = asked.nhs_number.map(NhsNumber::stem);
        Self {
            date: asked
                .birth
                .zip(current.date_of_birth())
                .map(|(a, b)| date(a, b)),
            gender: (asked.sex != Sex::Unknown && current.sex() != Sex::Unknown)
                .then(|| gender(asked.sex, current.sex())),
            postcode,
            number: stem.is_some_and(|stem| held.any(|row| row.nhs_stem == stem)),
            on_history: past_postcode || past_name,
            ..names
        }
    }

    /// Scored features by name.
    pub(super) fn features(&self) -> impl Iterator<Item = (&'static str, f64)> {
        [
            ("given_name", self.given),
            ("middle_name", self.other),
            ("surname", self.family),
            ("date_of_birth", self.date),
            ("sex", self.gender),
            ("postcode", self.postcode),
        ]
        .into_iter()
        .filter_map(|(field, score)| Some((field, score?)))
    }

    /// The mean of the scored features.
    pub(super) fn total(&self) -> f64 {
        mean(self.features().map(|(_, score)| score))
    }

    /// Full birth date, family and given name agree.
    pub(super) fn has_core(&self) -> bool {
        self.date == Some(100.0) && agrees(self.family) && agrees(self.given)
    }

    /// Agreeing items; sex is none.
    pub(super) fn items(&self) -> u8 {
        let exact = |score: Option<f64>| score == Some(100.0);
        let items = [
            exact(self.date),
            agrees(self.family),
            agrees(self.given),
            agrees(self.other),
            exact(self.postcode),
            self.number,
            self.on_history,
        ];
        items.into_iter().map(u8::from).sum()
    }
}

fn agrees(score: Option<f64>) -> bool {
    score.is_some_and(|score| score >= AGREES)
}

pub(super) fn mean(scores: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = scores.fold((0.0, 0u32), |(sum, count), score| (sum + score, count + 1));
    if count == 0 {
        0.0
    } else {
        sum / f64::from(count)
    }
}

/// Full 100; two parts, or the year with day and month transposed, 66; the year 33.
pub(super) fn date(a: PartialDate, b: PartialDate) -> f64 {
    let known = |x: u8, y: u8| x != 0 && x == y;
    let (year, month, day) = (
        a.year() == b.year(),
        known(a.month(), b.month()),
        known(a.day(), b.day()),
    );
    let transposed = year && a.is_full() && a.day() == b.month() && a.month() == b.day();
    match u8::from(year) + u8::from(month) + u8::from(day) {
        3 => 100.0,
        2 => 66.0,
        _ if transposed => 66.0,
        1 if year => 33.0,
        _ => 0.0,
    }
}

/// Same 100, male and female 0, otherwise 50.
pub(super) fn gender(a: Sex, b: Sex) -> f64 {
    match (a, b) {
        (a, b) if a == b => 100.0,
        (Sex::Male, Sex::Female) | (Sex::Female, Sex::Male) => 0.0,
        _ => 50.0,
    }
}

/// Exact 100; a prefix scores by its share of the length.
pub(super) fn postcode(asked: &str, held: &str) -> f64 {
    match held.strip_prefix(asked) {
        _ if asked.is_empty() || held.is_empty() => 0.0,
        Some(_) => asked.len() as f64 / held.len() as f64 * 100.0,
        None => 0.0,
    }
}

/// The current postcode; a past one only if the current scores nothing. And whether it was a past one.
fn best_postcode(asked: &Asked, held: &Held<'_>) -> (Option<f64>, bool) {
    let held_any = held.any(|row| !held.postcode(row).is_empty());
    if asked.postcode.is_empty() || !held_any {
        return (None, false);
    }
    let current = postcode(&asked.postcode, &held.postcode(&held.current()));
    if current > 0.0 {
        return (Some(current), false);
    }
    let past = held
        .rows
        .iter()
        .map(|row| postcode(&asked.postcode, &held.postcode(row)));
    let best = past.fold(0.0, f64::max);
    (Some(best), best > 0.0)
}

/// The best name set, current or past, and whether it was a past one.
fn best_names(asked: &Asked, held: &Held<'_>) -> (Scores, bool) {
    let mut best = (Scores::default(), false);
    let mut best_mean = f64::NEG_INFINITY;
    for row in &held.rows {
        let set = Scores {
            family: name(&asked.family, &held.surname(row)),
            given: name(&asked.given, &held.given(row)),
            other: other_name(&asked.other, &held.other(row)),
            ..Scores::default()
        };
        let mean = set.total();
        if mean > best_mean {
            (best, best_mean) = ((set, row.is_earlier_name()), mean);
        }
    }
    best
}

/// `None` when one side is missing.
fn name(asked: &str, held: &str) -> Option<f64> {
    (!asked.is_empty() && !held.is_empty()).then(|| name_score(asked, held))
}

/// Only if queried; then a missing one scores nothing.
fn other_name(asked: &str, held: &str) -> Option<f64> {
    match (asked, held) {
        ("", _) => None,
        (_, "") => Some(0.0),
        (asked, held) => Some(name_score(asked, held)),
    }
}

pub(super) fn name_score(asked: &str, held: &str) -> f64 {
    jaro_winkler(&clean::for_score(asked), &clean::for_score(held)) * 100.0
}
