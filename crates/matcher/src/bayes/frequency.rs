//! How common the values of a request are: the chance that somebody else shows them.

use crate::index::{Key, Row, View, name_hash};

use super::day::{Bearers, Day};
use super::query::{NameQuery, Query};
use super::search::Nearest;

/// Day of birth as likely as any other: one in a hundred years.
const ORDINARY_DAY: f64 = 1.0 / 36_525.0;
/// How many people's worth of trust the ordinary day gets beside the counted one.
const DAY_TRUST: f64 = 20_000.0;
/// How many people's worth of trust an overall frequency gets beside the one among people of the same
/// name or day.
const OVERALL_TRUST: f64 = 200.0;
/// Share of a person that an unseen value counts for.
const UNSEEN: f64 = 0.5;
/// People elsewhere whose values a small index has not seen.
const ELSEWHERE: f64 = 5_000.0;
/// People elsewhere at whose homes a stranger may live. Homes differ more than names do.
const HOMES_ELSEWHERE: f64 = 200_000.0;

/// Frequencies around one request, everything as shares of the population.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frequencies {
    pub people: f64,
    /// Share of people born on the day, without the person asked about.
    pub birth: f64,
    /// Share of 1 January and of its year.
    pub year: f64,
    /// First row of the people born on the day.
    pub first: u32,
    /// By name of the request.
    pub names: [NameFrequencies; NAMES_MAX],
}

/// Names of one request that are looked at: the name and two others.
pub(super) const NAMES_MAX: usize = 3;

/// Frequencies of one name.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct NameFrequencies {
    pub given: f64,
    pub surname: f64,
    /// Surname among people of the same given name or day of birth.
    pub surname_with_given: f64,
}

impl Frequencies {
    /// Share of people who show what `count` people here show.
    pub(super) fn share(&self, count: f64) -> f64 {
        without_self(count) / self.people + UNSEEN / (self.people + ELSEWHERE)
    }

    /// Share of people who live at one given address.
    pub(super) fn share_of_home(&self, household_size: f64) -> f64 {
        household_size / (self.people + HOMES_ELSEWHERE)
    }

    pub(super) fn new(view: &View<'_>, query: &Query, nearest: &Nearest<'_>) -> Self {
        let people = f64::from(view.people).max(1.0);
        let day = &nearest.day;
        let born = f64::from(day.born);
        let birth = (without_self(born) + DAY_TRUST * ORDINARY_DAY) / (people + DAY_TRUST);
        let mut names = [NameFrequencies::default(); NAMES_MAX];
        for ((slot, name), bearers) in names.iter_mut().zip(&query.names).zip(day.bearers) {
            *slot = NameFrequencies::new(view, name, (day, bearers), people);
        }
        Self {
            people,
            birth,
            year: year_share(view, query, people),
            first: day.first(),
            names,
        }
    }
}

/// Share of people born in the year asked for.
fn year_share(view: &View<'_>, query: &Query, people: f64) -> f64 {
    let Some(birth) = query.birth else { return 1.0 };
    let rows = view.derived.born_in(birth.year(), birth.year());
    (f64::from(rows.end - rows.start) + DAY_TRUST * ORDINARY_DAY * 365.25) / (people + DAY_TRUST)
}

impl NameFrequencies {
    fn new(
        view: &View<'_>,
        name: &NameQuery,
        (day, bearers): (&Day<'_>, Bearers),
        people: f64,
    ) -> Self {
        let share = |count: f64| without_self(count) / people + UNSEEN / (people + ELSEWHERE);
        let (Some(given), Some(surname)) = (&name.given, &name.surname) else {
            let given = name.given.as_ref().map_or(1.0, |given| share(given.people));
            let surname = name
                .surname
                .as_ref()
                .map_or(1.0, |surname| share(surname.people));
            return Self {
                given,
                surname,
                surname_with_given: surname,
            };
        };
        let (overall_given, overall_surname) = (share(given.people), share(surname.people));
        let born = f64::from(day.born);
        let both = pairs(view, name, day.first());
        let day_given = shrunk(f64::from(bearers.given), born, overall_given);
        let day_surname = shrunk(f64::from(bearers.surname), born, overall_surname);
        let given_surname = shrunk(both, given.people, overall_surname);
        Self {
            given: overall_given.max(day_given),
            surname: overall_surname,
            surname_with_given: overall_surname.max(day_surname).max(given_surname),
        }
    }
}

/// Share among a group, drawn towards the overall share; neither counts the person asked about.
fn shrunk(count: f64, group: f64, overall: f64) -> f64 {
    (without_self(count) + OVERALL_TRUST * overall) / (without_self(group) + OVERALL_TRUST)
}

fn without_self(count: f64) -> f64 {
    (count - 1.0).max(0.0)
}

/// People of the same given name and surname; where bearers are many, estimated from those of about the
/// same age, among whom names go together as they do for the person asked about.
fn pairs(view: &View<'_>, name: &NameQuery, born: u32) -> f64 {
    let (Some(given), Some(surname)) = (&name.given, &name.surname) else {
        return 0.0;
    };
    let (given_text, surname_text) = (given.side.text.as_str(), surname.side.text.as_str());
    let list = view.bucket(Key::Surname, name_hash(surname_text, given_text));
    let sample = around(list, born, PAIRS_SAMPLE).iter();
    let same = |row: &Row| {
        surname.range.contains(&row.surname)
            && given.range.contains(&row.given)
            && !row.is_earlier()
    };
    let found = sample
        .filter(|row| view.row(**row).is_some_and(same))
        .count() as f64;
    found * (list.len() as f64 / PAIRS_SAMPLE as f64).max(1.0)
}

/// Rows of a list that are counted.
const PAIRS_SAMPLE: usize = 12;

/// At most `count` rows of an ascending list, those nearest to row `middle`.
pub(super) fn around(list: &[u32], middle: u32, count: usize) -> &[u32] {
    let middle = list.partition_point(|row| *row < middle);
    let from = middle
        .saturating_sub(count / 2)
        .min(list.len().saturating_sub(count));
    list.get(from..list.len().min(from + count))
        .unwrap_or_default()
}
