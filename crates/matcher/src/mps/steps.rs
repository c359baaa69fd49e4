//! The three steps.

use std::collections::HashMap;

use crate::compare::name::first_letters;
use crate::index::{Part, Parts, Row, when_of};
use crate::{PartialDate, Sex, normalize};

use super::clean;
use super::faces::Held;
use super::score::{Asked, Scores};

/// Candidates of the third step at most, most blocks first.
pub(super) const CANDIDATES_MAX: usize = 50;

/// What the last step run found.
pub(super) struct Found<'a> {
    pub step: u8,
    /// People with their scores, best first.
    pub ranked: Vec<(Held<'a>, f64)>,
    /// The third step, run on its own, prefers the person that the second found.
    pub confirmed: bool,
    pub by_superseded_number: bool,
}

/// Runs the steps that the terms allow; `None` when they allow none.
pub(super) fn run<'a>(parts: &'a Parts<'a>, asked: &Asked) -> Option<Found<'a>> {
    let mut ran = None;
    if let (Some(_), Some(_)) = (asked.nhs_number, asked.birth) {
        let found = cross_check(parts, asked);
        if !found.ranked.is_empty() {
            return Some(found);
        }
        ran = Some(found);
    }
    let dead_in_part = asked.death.is_some_and(|date| !date.is_full());
    let sexed = asked.sex != Sex::Unknown || dead_in_part;
    if !asked.family.is_empty() && asked.birth.is_some() && sexed {
        let found = alphanumeric(parts, asked);
        if !found.ranked.is_empty() {
            return Some(found);
        }
        ran = Some(found);
    }
    let dated = asked.birth.is_some_and(PartialDate::is_full);
    if dated && asked.sex != Sex::Unknown && !asked.postcode.is_empty() {
        return Some(algorithmic(parts, asked));
    }
    ran
}

/// Step 1: NHS number and birth date.
fn cross_check<'a>(parts: &'a Parts<'a>, asked: &Asked) -> Found<'a> {
    let mut found = Found {
        step: 1,
        ranked: Vec::new(),
        confirmed: false,
        by_superseded_number: false,
    };
    let (Some(number), Some(birth)) = (asked.nhs_number, asked.birth) else {
        return found;
    };
    let Some((part, row)) = parts.holder(number) else {
        return found;
    };
    let Some(held) = Held::one(part, row.primary) else {
        return found;
    };
    let held_birth = row.date_of_birth();
    let exact = held_birth == Some(birth) && birth.is_full();
    let fits = exact
        || (held_birth.is_some_and(|held| is_partly_same(birth, held)) && name_fits(asked, &held));
    if fits {
        found.by_superseded_number = row.is_earlier_number();
        found.ranked.push((held, 100.0));
    }
    found
}

/// Two of day, month and year agree, allowing day and month, the digits of the day, or the last digits
/// of the year to be swapped.
pub(super) fn is_partly_same(a: PartialDate, b: PartialDate) -> bool {
    let swapped = |x: u16, y: u16| x % 10 * 10 + x / 10 % 10 == y % 100 && x / 100 == y / 100;
    let year = a.year() == b.year() || swapped(a.year(), b.year());
    let month = a.month() != 0 && a.month() == b.month();
    let day =
        a.day() != 0 && (a.day() == b.day() || swapped(u16::from(a.day()), u16::from(b.day())));
    let crossed = a.is_full() && b.is_full() && a.day() == b.month() && a.month() == b.day();
    u8::from(year) + u8::from(month) + u8::from(day) >= 2 || (year && crossed)
}

/// First letter of the given name and first three of the family name; the outward postcode if one of
/// the names is missing.
fn name_fits(asked: &Asked, held: &Held<'_>) -> bool {
    if asked.given.is_empty() || asked.family.is_empty() {
        let outward = asked.postcode.split('_').next().unwrap_or_default();
        return !outward.is_empty()
            && held.any(|row| held.postcode(row).split('_').next() == Some(outward));
    }
    held.any(|row| {
        first_letters(&held.given(row), 1) == first_letters(&asked.given, 1)
            && first_letters(&held.surname(row), 3) == first_letters(&asked.family, 3)
    })
}

/// Step 2: filter on every field given; exactly one left wins.
fn alphanumeric<'a>(parts: &'a Parts<'a>, asked: &Asked) -> Found<'a> {
    let mut found = Found {
        step: 2,
        ranked: Vec::new(),
        confirmed: false,
        by_superseded_number: false,
    };
    let Some(birth) = asked.birth else {
        return found;
    };
    let left = parts.iter().flat_map(|part| fitting(part, asked, birth));
    let left: Vec<Held<'_>> = left.collect();
    if left.len() != 1 {
        return found;
    }
    found.ranked = left.into_iter().map(|held| (held, 100.0)).collect();
    found.confirmed = is_confirmed(parts, asked, &found);
    found
}

/// Who fits in every field given.
fn fitting<'a>(part: &'a Part<'a>, asked: &Asked, birth: PartialDate) -> Vec<Held<'a>> {
    let family = clean::soundex(&asked.family);
    let mut sounds = Sounds::default();
    let mut left = Held::born(part, born_like(birth));
    left.retain(|held| {
        let current = held.current();
        let sexed = asked.sex == Sex::Unknown || current.sex() == asked.sex;
        sexed
            && sounds.surname(held, &current) == family
            && fits_every_field(asked, held, &mut sounds)
    });
    left
}

/// The second step's person is also the third step's, with a clear lead.
fn is_confirmed(parts: &Parts<'_>, asked: &Asked, found: &Found<'_>) -> bool {
    let third = algorithmic(parts, asked);
    let scores: Vec<f64> = third.ranked.iter().map(|(_, score)| *score).collect();
    let clear = match scores.as_slice() {
        [best, second, ..] => best - second > 5.0,
        [_] => true,
        [] => false,
    };
    let same = third.ranked.first().zip(found.ranked.first());
    clear && same.is_some_and(|((a, _), (b, _))| a.number() == b.number())
}

/// Range of birth dates that agree with `birth` as far as it is known.
fn born_like(birth: PartialDate) -> std::ops::Range<u32> {
    let from = when_of(Some(birth));
    let end = match (birth.month(), birth.day()) {
        (0, _) => PartialDate::new(birth.year() + 1, 0, 0)
            .map(|next| when_of(Some(next)))
            .ok(),
        (_, 0) => Some(from + (32 << 12)),
        _ => Some(from + (1 << 12)),
    };
    from..end.unwrap_or(u32::MAX)
}

fn fits_every_field(asked: &Asked, held: &Held<'_>, sounds: &mut Sounds) -> bool {
    let view = &held.part.view;
    let given = clean::soundex(&asked.given);
    let given_fits =
        given.is_empty() || held.rows.iter().any(|row| sounds.given(held, row) == given);
    let postcode_fits =
        asked.postcode.is_empty() || held.any(|row| held.postcode(row) == asked.postcode);
    given_fits
        && postcode_fits
        && address_fits(asked, held)
        && asked
            .practice
            .as_ref()
            .is_none_or(|code| view.practice(held.primary) == code)
        && asked.death.is_none_or(|asked| {
            view.person(held.primary)
                .and_then(|person| person.death_date)
                .is_some_and(|held| held == asked || is_partly_same(asked, held))
        })
}

fn address_fits(asked: &Asked, held: &Held<'_>) -> bool {
    let premises = normalize::premises_asked(&asked.address);
    if premises.street.is_empty() && premises.number == 0 {
        return true;
    }
    held.any(|row| {
        row.number == premises.number
            && (row.flat == premises.flat || row.flat == 0 || premises.flat == 0)
            && held.part.view.streets.comparable(row.street) == premises.street
    })
}

/// Soundex codes of dictionary entries of one part, computed once a request.
#[derive(Default)]
struct Sounds {
    surnames: HashMap<u32, String>,
    given: HashMap<u32, String>,
}

impl Sounds {
    fn surname(&mut self, held: &Held<'_>, row: &Row) -> &str {
        let code = || clean::soundex(&held.surname(row));
        self.surnames.entry(row.surname).or_insert_with(code)
    }

    fn given(&mut self, held: &Held<'_>, row: &Row) -> &str {
        self.given
            .entry(row.given)
            .or_insert_with(|| clean::soundex(&held.given(row)))
    }
}

/// Step 3: block, score, rank.
fn algorithmic<'a>(parts: &'a Parts<'a>, asked: &Asked) -> Found<'a> {
    let mut found = Found {
        step: 3,
        ranked: Vec::new(),
        confirmed: false,
        by_superseded_number: false,
    };
    let Some(birth) = asked.birth.filter(|birth| birth.is_full()) else {
        return found;
    };
    let born = |part| Held::born(part, born_like(birth));
    let mut blocked: Vec<(u8, Held<'_>)> = parts
        .iter()
        .flat_map(born)
        .map(|held| (blocks(asked, &held), held))
        .filter(|(blocks, _)| *blocks > 0)
        .collect();
    blocked.sort_by_key(|(blocks, held)| (std::cmp::Reverse(*blocks), held.number()));
    blocked.truncate(CANDIDATES_MAX);
    found.ranked = blocked
        .into_iter()
        .map(|(_, held)| (Scores::of(asked, &held).total(), held))
        .map(|(score, held)| (held, score))
        .collect();
    found
        .ranked
        .sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.number().cmp(&b.number())));
    found
}

/// In how many of the four blocks the person stands; all of them hold the birth date.
fn blocks(asked: &Asked, held: &Held<'_>) -> u8 {
    let block_code = |name: &str| clean::soundex(&clean::for_block(name));
    let (family, given) = (block_code(&asked.family), block_code(&asked.given));
    let family_fits =
        !family.is_empty() && held.any(|row| block_code(&held.surname(row)) == family);
    let given_fits = !given.is_empty() && held.any(|row| block_code(&held.given(row)) == given);
    let gender = asked.sex != Sex::Unknown && held.current().sex() == asked.sex;
    let postcode =
        !asked.postcode.is_empty() && held.any(|row| held.postcode(row) == asked.postcode);
    let area = gender && postcode;
    u8::from(family_fits && given_fits)
        + u8::from(family_fits && area)
        + u8::from(given_fits && area)
        + u8::from(area)
}
