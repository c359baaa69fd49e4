//! How common the values of a request are: the chance that somebody else shows them.

use crate::index::{Key, Row, View, within};

use super::ascending::around;
use super::day::Day;
use super::query::{NameQuery, Query};

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

/// A file that is searched, the request in its terms, and what the first look finds there.
pub(super) type File<'a> = (&'a View<'a>, &'a Query, &'a Day<'a>);

/// Frequencies around one request, everything as shares of the population.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frequencies {
    pub people: f64,
    /// Share of people born on the day, without the person asked about.
    pub birth: f64,
    /// Share of 1 January and of its year.
    pub year: f64,
    /// People who have a middle name.
    pub with_middle_name: f64,
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

    /// In all `files` together, of each of which the query has the counts of all.
    pub(super) fn new(files: &[File<'_>]) -> Self {
        let count = |of: fn(&File<'_>) -> u32| f64::from(files.iter().map(of).sum::<u32>());
        let people = count(|(view, ..)| view.people).max(1.0);
        let born = count(|(.., day)| day.born);
        let birth = without_self(born) + DAY_TRUST * ORDINARY_DAY;
        let year = count(born_that_year) + DAY_TRUST * ORDINARY_DAY * 365.25;
        Self {
            people,
            birth: birth / (people + DAY_TRUST),
            year: year / (people + DAY_TRUST),
            with_middle_name: count(|(view, ..)| view.with_middle_name()),
            names: std::array::from_fn(|place| NameFrequencies::new(files, place, (people, born))),
        }
    }
}

/// Rows of people born in the year asked for.
fn born_that_year((view, query, _): &File<'_>) -> u32 {
    query.birth.map_or(0, |birth| {
        let rows = view.derived.born_in(birth.year(), birth.year());
        (rows.end - rows.start).saturating_sub(within(view.superseded, &rows))
    })
}

impl NameFrequencies {
    /// Of the name at `place` of the request.
    fn new(files: &[File<'_>], place: usize, (people, born): (f64, f64)) -> Self {
        let mut names = files.iter().map(|(_, query, _)| query.names.get(place));
        let Some(name) = names.next().flatten() else {
            return Self::default();
        };
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
        let bearers = files.iter().filter_map(|(.., day)| day.bearers.get(place));
        let (day_given, day_surname) = bearers.fold((0, 0), |(given, surname), bearers| {
            (given + bearers.given, surname + bearers.surname)
        });
        let day_given = shrunk(f64::from(day_given), born, overall_given);
        let day_surname = shrunk(f64::from(day_surname), born, overall_surname);
        let both = files.iter().map(|file| pairs(file, place)).sum();
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
fn pairs((view, query, day): &File<'_>, place: usize) -> f64 {
    let Some((given, surname)) = query.names.get(place).and_then(NameQuery::both) else {
        return 0.0;
    };
    let (sample, bearers) = query.sample_of_pairs(view, place, day.first());
    let same = |row: &Row| {
        surname.range.contains(&row.surname)
            && given.range.contains(&row.given)
            && !row.is_earlier()
            && !view.is_superseded(row.primary)
    };
    let found = sample
        .iter()
        .filter(|row| view.row(**row).is_some_and(same))
        .count() as f64;
    found * (bearers as f64 / PAIRS_SAMPLE as f64).max(1.0)
}

impl Query {
    /// Some rows of those who bear the surname at `place` of the request and the initial of the given name,
    /// the nearest to row `first`; and how many bear them.
    pub(super) fn sample_of_pairs<'a>(
        &self,
        view: &View<'a>,
        place: usize,
        first: u32,
    ) -> (&'a [u32], usize) {
        let name = self.names.get(place).filter(|name| name.both().is_some());
        let Some(hash) = name.and_then(|name| name.list(Key::Surname)) else {
            return (&[], 0);
        };
        let list = view.bucket(Key::Surname, hash);
        (around(list, first, PAIRS_SAMPLE), list.len())
    }
}

/// Rows of a list that are counted.
const PAIRS_SAMPLE: usize = 12;
