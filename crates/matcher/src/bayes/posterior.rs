//! From evidence to probability: every hypothesis about a request competes with every other.

mod describe;
mod plausible;
mod sides;

pub(super) use plausible::{Reading, read};

use crate::answer::{Answer, Code, Outcome};
use crate::index::{Parts, Row};
use crate::{MatchRule, Terms};

use self::sides::{Found, Side};
use super::asked::{Asked, read_ahead};
use super::evidence::{Evidence, Held};
use super::level::Level;
use super::model::{CLASSES, Model, Prior};
use super::search::{Look, at_home, by_number, of_that_age};

/// Candidates that an answer describes in full.
const CANDIDATES_MAX: usize = 50;

/// Rows that are read together.
const ROWS_TOGETHER: usize = 64;

/// One person, by the row that fits best.
#[derive(Clone, Copy)]
struct Person<'a> {
    /// Where the person is held.
    side: &'a Side<'a>,
    primary: u32,
    row: u32,
    /// Likelihood times prior.
    weight: f64,
    evidence: Evidence,
}

impl<'a> Person<'a> {
    /// Number of the person's current row among the rows of all sides.
    fn number(&self) -> u32 {
        self.side.part.first + self.primary
    }

    fn id(&self) -> &'a str {
        self.side.part.view.person_id(self.primary)
    }

    /// Current details.
    fn current(&self) -> Option<&'a Row> {
        self.side.part.view.row(self.primary)
    }

    /// What fits best.
    fn row(&self) -> Option<&'a Row> {
        self.side.part.view.row(self.row)
    }
}

/// Answers `terms`; with `details`, says why.
pub(crate) fn trace(
    parts: &Parts<'_>,
    model: &Model,
    rule: &MatchRule,
    terms: &Terms,
    details: bool,
) -> Answer {
    let asked = Asked::new(terms);
    read_ahead(&parts.base.view, std::slice::from_ref(&asked));
    let found = Found::first(parts, asked);
    answer(parts, model, rule, (terms, found), details)
}

/// Answers all of `terms`, as [`trace`] does without details.
pub(crate) fn trace_group(
    parts: &Parts<'_>,
    model: &Model,
    rule: &MatchRule,
    terms: &[&Terms],
) -> Vec<Answer> {
    let asked = Asked::group(terms);
    read_ahead(&parts.base.view, &asked);
    let found = asked.into_iter().map(|asked| Found::first(parts, asked));
    let found: Vec<Found<'_>> = found.collect();
    Found::read_ahead(&found);
    let answer = |(terms, found): (&&Terms, _)| answer(parts, model, rule, (terms, found), false);
    terms.iter().zip(found).map(answer).collect()
}

fn answer<'a>(
    parts: &'a Parts<'a>,
    model: &Model,
    rule: &MatchRule,
    (terms, found): (&Terms, Found<'a>),
    details: bool,
) -> Answer {
    found.compared(parts, model, terms, |sides| {
        Weighed::of(model, sides).answer(rule, terms, details)
    })
}

/// Running totals of one request.
struct Weighed<'a> {
    model: &'a Model,
    prior: Prior,
    /// The index, and what is searched beside it.
    sides: &'a [Side<'a>],
    people: Vec<Person<'a>>,
    /// Weight of all absent relatives of the people looked at.
    relatives: f64,
    /// Rows found by each look so far, ascending, by side; those of the day are left out.
    seen: [Vec<Vec<u32>>; SIDES_MAX],
    /// Rows that the search found.
    examined: u32,
}

impl<'a> Weighed<'a> {
    fn new(model: &'a Model, sides: &'a [Side<'a>]) -> Self {
        let kinship = sides.first().map(|side| side.part.view.derived.kinship);
        Self {
            model,
            prior: model.prior.scaled(&kinship.unwrap_or_default()),
            sides,
            people: Vec::with_capacity(8),
            relatives: 0.0,
            seen: Default::default(),
            examined: 0,
        }
    }

    /// Weighs who is nearest, and everybody else unless it is clear who is meant.
    fn of(model: &'a Model, sides: &'a [Side<'a>]) -> Self {
        let mut weighed = Self::near(model, sides);
        if !weighed.clear().is_some_and(Person::is_at_home) {
            weighed.look(at_home);
        }
        if weighed.clear().is_none() {
            weighed.look_wider();
        }
        weighed
    }

    /// Who agrees in a name or the postcode besides the day, and who has the number.
    fn near(model: &'a Model, sides: &'a [Side<'a>]) -> Self {
        let mut weighed = Self::new(model, sides);
        for side in sides {
            for (number, row) in side.day.agreeing() {
                weighed.add(side, &side.comparison.held(number, row));
            }
            weighed.examined += side.day.len() as u32;
        }
        weighed.look(by_number);
        weighed
    }

    fn look_wider(&mut self) {
        for side in self.sides {
            self.look_through_others_of_day(side);
        }
        self.look(of_that_age);
    }

    fn look_through_others_of_day(&mut self, side: &'a Side<'a>) {
        let comparison = side.comparison;
        let others = side.day.others(comparison.view, comparison.query);
        let held = |(number, row): (u32, &Row)| comparison.held(number, row);
        for held in others.into_iter().map(held).collect::<Vec<_>>() {
            if comparison.is_worth_comparing(&held) {
                self.add(side, &held);
            }
        }
    }

    /// Another look into every side.
    fn look(&mut self, look: Look) {
        let mut seen = std::mem::take(&mut self.seen);
        for (side, seen) in self.sides.iter().zip(&mut seen) {
            self.look_into(side, look, seen);
        }
        self.seen = seen;
    }

    /// One of the looks into one side, where the rows `seen` were found by those before.
    fn look_into(&mut self, side: &'a Side<'a>, look: Look, seen: &mut Vec<Vec<u32>>) {
        let mut rows = Vec::new();
        look(side.comparison.view, side.comparison.query, &mut rows);
        let is_seen = |row: &u32| seen.iter().any(|rows| rows.binary_search(row).is_ok());
        rows.retain(|row| !side.day.contains(*row) && !is_seen(row));
        rows.sort_unstable();
        rows.dedup();
        self.add_worth_comparing(side, &rows);
        self.examined += rows.len() as u32;
        seen.push(rows);
    }

    fn add_worth_comparing(&mut self, side: &'a Side<'a>, rows: &[u32]) {
        let (view, comparison) = (side.comparison.view, side.comparison);
        let mut several = Vec::with_capacity(ROWS_TOGETHER.min(rows.len()));
        for numbers in rows.chunks(ROWS_TOGETHER) {
            view.read_ahead_rows(numbers);
            let held = |number: &u32| comparison.worth_holding(*number, view.row(*number)?);
            several.clear();
            several.extend(numbers.iter().filter_map(held));
            for held in &several {
                if !comparison.is_worth_comparing(held) {
                    continue;
                }
                match comparison.is_housemate(held) {
                    true => self.add_housemate(side, held),
                    false => self.add(side, held),
                }
            }
        }
    }

    /// Who outweighs everybody else, in the index or not. Whom a wider look could still find was born on
    /// another day than the one asked for (ADR 0008).
    fn clear(&self) -> Option<&Person<'a>> {
        let best = self
            .people
            .iter()
            .max_by(|a, b| a.weight.total_cmp(&b.weight))?;
        let known: f64 = self.people.iter().map(|person| person.weight).sum();
        let others = known - best.weight + self.relatives + self.model.unrelated();
        (best.weight > CLEAR * others).then_some(best)
    }

    /// Of somebody who is like the request in nothing but the home nobody can be meant but a relative who
    /// is not in the index.
    fn add_housemate(&mut self, side: &'a Side<'a>, held: &Held) {
        if !side.comparison.view.is_superseded(held.row.primary) {
            let evidence = side.comparison.evidence_of_housemate(held);
            self.weigh(side, held, &evidence);
        }
    }

    /// Counts what speaks for an absent relative; the weight of the person.
    fn weigh(&mut self, side: &Side<'_>, held: &Held, evidence: &Evidence) -> f64 {
        let model = self.model;
        let earlier = match held.row.is_earlier() {
            true => model.chance.earlier,
            false => 1.0,
        };
        let people = side.comparison.frequencies.people;
        let (own, relatives) = weights(evidence, model, &self.prior);
        self.relatives += relatives * earlier / people;
        own * earlier * model.prior.in_index / people
    }

    fn add(&mut self, side: &'a Side<'a>, held: &Held) {
        let (number, row) = (held.number, &held.row);
        if side.comparison.view.is_superseded(row.primary) {
            return;
        }
        let evidence = side.comparison.evidence(held);
        let weight = self.weigh(side, held, &evidence);
        let person = Person {
            side,
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
                .find(|other| other.number() == person.number()),
            false => None,
        };
        match other {
            Some(other) if other.weight < weight => *other = person,
            Some(_) => {}
            None => self.people.push(person),
        }
    }

    fn answer(self, rule: &MatchRule, terms: &Terms, details: bool) -> Answer {
        let mut people: Vec<&Person<'_>> = self.people.iter().collect();
        people.sort_unstable_by(|a, b| {
            b.weight
                .total_cmp(&a.weight)
                .then(a.number().cmp(&b.number()))
        });
        let unknown = self.relatives + self.model.unrelated();
        let known: f64 = people.iter().map(|person| person.weight).sum();
        let total = unknown + known;
        let score = |position: usize| {
            let weight = people.get(position)?.weight;
            let others = people
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
        decide(&people, rule, terms, known / total, &mut answer);
        if details {
            let described = people.iter().take(CANDIDATES_MAX).enumerate();
            answer.candidates = described
                .filter_map(|(position, person)| {
                    let (probability, score) = score(position)?;
                    self.describe(person, probability, score)
                })
                .collect();
        }
        answer
    }
}

/// Decides by `people`, the likeliest first; `known` is the probability that any of them is meant.
fn decide(
    people: &[&Person<'_>],
    rule: &MatchRule,
    terms: &Terms,
    known: f64,
    answer: &mut Answer,
) {
    let Some(best) = people.first() else {
        if terms.name.is_empty() && terms.nhs_number.is_none() {
            (answer.outcome, answer.code) = (Outcome::NeedsIdentifiers, Code::NotEnoughData);
        }
        return;
    };
    let Some(row) = best.current() else {
        return;
    };
    let needed = rule.min_items + if row.jan1() { rule.jan1_extra } else { 0 };
    let certain =
        answer.probability >= rule.floor && answer.gap.is_none_or(|gap| gap >= rule.min_gap);
    if certain && best.items() >= needed {
        answer.person = Some(best.number());
        answer.person_id = Some(best.id().to_owned());
        (answer.outcome, answer.code) = match row {
            row if row.is_restricted() => (Outcome::RestrictedWithheld, Code::Sensitive),
            row if row.is_deceased() => (Outcome::Deceased, Code::Success),
            _ if best.by_superseded_number() => (Outcome::Single, Code::Superseded),
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
    answer.person_id = Some(best.id().to_owned());
}

impl Person<'_> {
    fn by_superseded_number(&self) -> bool {
        let row = self.row();
        self.evidence.number.level == Some(Level::NumberSame)
            && row.is_some_and(Row::is_earlier_number)
    }

    /// Of the home asked for?
    fn is_at_home(&self) -> bool {
        use Level::{PlacePostcodeClose, PlaceSame};
        matches!(
            self.evidence.place.level,
            Some(PlaceSame | PlacePostcodeClose)
        )
    }

    /// Agreeing items.
    fn items(&self) -> u8 {
        let evidence = &self.evidence;
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
        let row = self.row();
        let earlier_name = evidence.name > 0 || row.is_some_and(Row::is_earlier_name);
        [given, surname, birth, middle, place, number, earlier_name]
            .into_iter()
            .map(u8::from)
            .sum()
    }
}

/// An index, and a delta beside it.
const SIDES_MAX: usize = 2;

/// Times that the weight of whoever is clearly meant is that of everybody else together.
const CLEAR: f64 = 8192.0;

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
