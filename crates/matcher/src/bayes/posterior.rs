//! From evidence to probability: every hypothesis about a request competes with every other.

mod describe;
mod plausible;

pub(super) use plausible::{Reading, read};

use crate::answer::{Answer, Code, Outcome};
use crate::index::{Index, Row, View};
use crate::{MatchRule, Terms};

use super::asked::{Asked, read_ahead};
use super::evidence::{Comparison, Evidence};
use super::frequency::Frequencies;
use super::level::Level;
use super::model::{CLASSES, Model, Prior};
use super::query::Query;
use super::search::{Nearest, WIDER, nearest};

/// Candidates that an answer describes in full.
const CANDIDATES_MAX: usize = 50;

/// One person, by the row that fits best.
#[derive(Debug, Clone, Copy)]
struct Person {
    primary: u32,
    row: u32,
    /// Likelihood times prior.
    weight: f64,
    evidence: Evidence,
}

/// Answers `terms`; with `details`, says why.
pub(crate) fn trace(
    index: &Index,
    model: &Model,
    rule: &MatchRule,
    terms: &Terms,
    details: bool,
) -> Answer {
    let view = index.view();
    let asked = Asked::new(terms);
    read_ahead(&view, std::slice::from_ref(&asked));
    answer(&view, model, rule, asked, details)
}

/// Answers all of `terms`, as [`trace`] does without details.
pub(crate) fn trace_group(
    index: &Index,
    model: &Model,
    rule: &MatchRule,
    terms: &[&Terms],
) -> Vec<Answer> {
    let view = index.view();
    let asked: Vec<Asked<'_>> = terms.iter().map(|terms| Asked::new(terms)).collect();
    read_ahead(&view, &asked);
    let answer = |asked| answer(&view, model, rule, asked, false);
    asked.into_iter().map(answer).collect()
}

fn answer(
    view: &View<'_>,
    model: &Model,
    rule: &MatchRule,
    asked: Asked<'_>,
    details: bool,
) -> Answer {
    let terms = asked.terms;
    let mut query = Query::new(view, asked);
    let nearest = nearest(view, &mut query);
    let frequencies = Frequencies::new(view, &query, &nearest);
    let comparison = Comparison::new(*view, model, &query, frequencies);
    Weighed::of(&comparison, &nearest).answer(rule, terms, details)
}

/// Running totals of one request.
struct Weighed<'a> {
    comparison: &'a Comparison<'a>,
    prior: Prior,
    people: Vec<Person>,
    /// Weight of all absent relatives of the people looked at.
    relatives: f64,
    /// Rows that the search found.
    examined: u32,
}

impl<'a> Weighed<'a> {
    fn new(comparison: &'a Comparison<'a>) -> Self {
        let prior = comparison
            .model
            .prior
            .scaled(&comparison.view.derived.kinship);
        Self {
            comparison,
            prior,
            people: Vec::with_capacity(16),
            relatives: 0.0,
            examined: 0,
        }
    }

    /// Weighs who is nearest, and everybody else unless it is clear who is meant.
    fn of(comparison: &'a Comparison<'a>, nearest: &Nearest<'_>) -> Self {
        let mut weighed = Self::near(comparison, nearest);
        if !weighed.is_clear() {
            weighed.look_through_day(nearest);
        }
        if !weighed.is_clear() {
            weighed.look_wider(nearest);
        }
        weighed
    }

    /// Who agrees in two things besides the day, and who is at the premises or has the number.
    fn near(comparison: &'a Comparison<'a>, nearest: &Nearest<'_>) -> Self {
        let mut weighed = Self::new(comparison);
        for (number, row) in nearest.day.agreeing_twice() {
            weighed.add(number, row);
        }
        weighed.add_worth_comparing(&nearest.rows);
        weighed.examined = (nearest.day.len() + nearest.rows.len()) as u32;
        weighed
    }

    fn look_through_day(&mut self, nearest: &Nearest<'_>) {
        for (number, row) in nearest.day.agreeing_once() {
            self.add(number, row);
        }
    }

    fn look_wider(&mut self, nearest: &Nearest<'_>) {
        let comparison = self.comparison;
        for (number, row) in nearest.day.others(&comparison.view, comparison.query) {
            if comparison.is_worth_comparing_that_day(row) {
                self.add(number, row);
            }
        }
        let mut seen = nearest.rows.clone();
        for look in WIDER {
            let mut rows = Vec::with_capacity(256);
            look(&comparison.view, comparison.query, &mut rows);
            rows.retain(|row| !nearest.day.contains(*row) && seen.binary_search(row).is_err());
            rows.sort_unstable();
            rows.dedup();
            self.add_worth_comparing(&rows);
            self.examined += rows.len() as u32;
            if self.is_likely() {
                break;
            }
            seen.extend(rows);
            seen.sort_unstable();
        }
    }

    fn add_worth_comparing(&mut self, rows: &[u32]) {
        // Copied first: rows lie far apart, and a processor fetches many at once if nothing depends on one.
        let view = &self.comparison.view;
        let copies: Vec<Row> = rows
            .iter()
            .map(|number| view.row(*number).copied().unwrap_or_default())
            .collect();
        for (number, row) in rows.iter().zip(&copies) {
            if self.comparison.is_worth_comparing(row) {
                self.add(*number, row);
            }
        }
    }

    /// Is it more likely somebody looked at than somebody who is not in the index?
    fn is_likely(&self) -> bool {
        let known: f64 = self.people.iter().map(|person| person.weight).sum();
        known > self.relatives + self.comparison.model.unrelated()
    }

    /// Is somebody here whose names, date of birth and premises all fit? Whoever is further away was
    /// born on another day and lives elsewhere, and fewer records are looked at without need.
    fn is_clear(&self) -> bool {
        self.people.iter().any(|person| person.evidence.fits())
    }

    fn add(&mut self, number: u32, row: &Row) {
        let evidence = self.comparison.evidence(row);
        let model = self.comparison.model;
        let earlier = if row.is_earlier() {
            model.chance.earlier
        } else {
            1.0
        };
        let people = self.comparison.frequencies.people;
        let (own, relatives) = weights(&evidence, model, &self.prior);
        let weight = own * earlier * model.prior.in_index / people;
        self.relatives += relatives * earlier / people;
        let person = Person {
            primary: row.primary,
            row: number,
            weight,
            evidence,
        };
        // Only people with a history have more than one row.
        let other = match row.has_history() {
            true => self
                .people
                .iter_mut()
                .find(|other| other.primary == row.primary),
            false => None,
        };
        match other {
            Some(other) if other.weight < weight => *other = person,
            Some(_) => {}
            None => self.people.push(person),
        }
    }

    fn answer(mut self, rule: &MatchRule, terms: &Terms, details: bool) -> Answer {
        self.people.sort_unstable_by(|a, b| {
            b.weight
                .total_cmp(&a.weight)
                .then(a.primary.cmp(&b.primary))
        });
        let unknown = self.relatives + self.comparison.model.unrelated();
        let known: f64 = self.people.iter().map(|person| person.weight).sum();
        let total = unknown + known;
        let score = |position: usize| {
            let weight = self.people.get(position)?.weight;
            let others = self
                .people
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != position);
            let rest = unknown + others.map(|(_, other)| other.weight).sum::<f64>();
            Some((weight / total, (weight / rest).log2()))
        };
        let (best, second) = (score(0), score(1));
        let mut answer = Answer {
            outcome: Outcome::NoTrace,
            person: None,
            person_id: None,
            probability: best.map_or(0.0, |(probability, _)| probability),
            score: best.map(|(_, score)| score),
            second_score: second.map(|(_, score)| score),
            gap: best.zip(second).map(|((_, one), (_, two))| one - two),
            code: Code::NotFound,
            step: None,
            candidate_count: self.examined,
            candidates: Vec::new(),
        };
        self.decide(rule, terms, known / total, &mut answer);
        if details {
            let described = self.people.iter().take(CANDIDATES_MAX).enumerate();
            answer.candidates = described
                .filter_map(|(position, person)| {
                    let (probability, score) = score(position)?;
                    self.describe(person, probability, score)
                })
                .collect();
        }
        answer
    }

    fn decide(&self, rule: &MatchRule, terms: &Terms, known: f64, answer: &mut Answer) {
        let Some(best) = self.people.first() else {
            if terms.name.is_empty() && terms.nhs_number.is_none() {
                (answer.outcome, answer.code) = (Outcome::NeedsIdentifiers, Code::NotEnoughData);
            }
            return;
        };
        let Some(row) = self.comparison.view.row(best.primary) else {
            return;
        };
        let needed = rule.min_items + if row.jan1() { rule.jan1_extra } else { 0 };
        let certain =
            answer.probability >= rule.floor && answer.gap.is_none_or(|gap| gap >= rule.min_gap);
        if certain && self.items(best) >= needed {
            answer.person = Some(best.primary);
            answer.person_id = Some(self.comparison.view.person_id(best.primary).to_owned());
            (answer.outcome, answer.code) = match row {
                row if row.is_restricted() => (Outcome::RestrictedWithheld, Code::Sensitive),
                row if row.is_deceased() => (Outcome::Deceased, Code::Success),
                _ if self.by_superseded_number(best) => (Outcome::Single, Code::Superseded),
                _ => (Outcome::Single, Code::Success),
            };
            return;
        }
        (answer.outcome, answer.code) = match answer.probability {
            _ if known >= rule.floor && !certain => (Outcome::Ambiguous, Code::MultipleClose),
            probability if probability >= NO_TRACE_BELOW => {
                (Outcome::NeedsIdentifiers, Code::NotEnoughData)
            }
            _ => (Outcome::NoTrace, Code::NotFound),
        };
        // The best guess is named for the record; only `single` may act on it.
        answer.person_id = Some(self.comparison.view.person_id(best.primary).to_owned());
    }

    fn by_superseded_number(&self, person: &Person) -> bool {
        let row = self.comparison.view.row(person.row);
        person.evidence.number.level == Some(Level::NumberSame)
            && row.is_some_and(Row::is_earlier_number)
    }

    /// Agreeing items.
    fn items(&self, person: &Person) -> u8 {
        let evidence = &person.evidence;
        let agrees = |level: Option<Level>, apart: &[Level]| {
            level.is_some_and(|level| !apart.contains(&level))
        };
        let given = agrees(
            evidence.given.level,
            &[Level::GivenDifferent, Level::NamesHalfSwapped],
        );
        let surname = agrees(
            evidence.surname.level,
            &[Level::SurnameDifferent, Level::SurnameDifferentWoman],
        ) || matches!(
            evidence.given.level,
            Some(Level::NamesSwapped | Level::NamesHalfSwapped)
        );
        let birth = agrees(
            evidence.birth.level,
            &[Level::BirthDifferent, Level::BirthYear],
        );
        let middle = agrees(evidence.middle.level, &[Level::MiddleDifferent]);
        let place = agrees(
            evidence.place.level,
            &[
                Level::PlaceNearby,
                Level::PlaceElsewhere,
                Level::PostcodeNearby,
                Level::PostcodeElsewhere,
                Level::PremisesStreet,
                Level::PremisesNearby,
                Level::PremisesElsewhere,
            ],
        );
        let number = evidence.number.level == Some(Level::NumberSame);
        let row = self.comparison.view.row(person.row);
        let earlier_name = evidence.name > 0 || row.is_some_and(Row::is_earlier_name);
        [given, surname, birth, middle, place, number, earlier_name]
            .into_iter()
            .map(u8::from)
            .sum()
    }
}

/// Below this probability nobody in the index is worth asking about.
const NO_TRACE_BELOW: f64 = 0.05;

/// Likelihood that the request is about the person, and about an absent relative of the person, each
/// against a stranger.
fn weights(evidence: &Evidence, model: &Model, prior: &Prior) -> (f64, f64) {
    let (mut own, mut relatives) = (0.0, 0.0);
    let same_given = evidence.given.level == Some(Level::GivenExact);
    let half_swapped = evidence.given.level == Some(Level::NamesHalfSwapped);
    let swaps = match half_swapped {
        true => {
            model.average_share(Level::NamesSwapped) / model.average_share(Level::NamesHalfSwapped)
        }
        false => 1.0,
    };
    let sex_differs = evidence.sex.level == Some(Level::SexDifferent);
    let [number, given, middle, surname, birth, sex, place] =
        evidence.pieces().map(|piece| piece.ratios(model));
    for class in 0..CLASSES {
        let share = model.classes.get(class).copied().unwrap_or(0.0);
        let (given, birth) = (given[class], birth[class]);
        let home = share * surname[class] * place[class];
        own += home * given * birth * middle[class] * sex[class] * number[class];
        // A twin has another given name; a namesake has the sex and another day of birth.
        let twin = prior.twin * birth * if same_given { TWIN_OF_SAME_NAME } else { 1.0 };
        let namesake = prior.namesake * given * if sex_differs { 0.01 } else { 2.0 };
        relatives += match half_swapped {
            // A relative's names may stand in each other's place as well as anybody's.
            true => home * given * swaps * (twin + prior.household),
            false => home * (twin + namesake + prior.household),
        };
    }
    (own, relatives)
}

/// Twins of the same given name, against chance.
const TWIN_OF_SAME_NAME: f64 = 0.02;

#[cfg(test)]
mod tests;
