//! A whole population, made block by block on demand.

use jiff::civil::{Date, date};

use crate::chance::{Chance, Permutation, Purpose};
use crate::household::{Member, Neighborhood, minority_origin};
use crate::life::Surroundings;
use crate::names::{Origin, sound};
use crate::nhs_number::{NumberPool, PEOPLE_MAX};
use crate::person::{AddressKind, Household, Kin, Person};
use crate::places::Places;

/// People in a block. A block is made as one from its own stream of chance, so any person can be
/// reached without making those before.
pub(crate) const BLOCK_PEOPLE: u32 = 256;

/// Ids have nine digits.
const PEOPLE_IN_POPULATION_MAX: u32 = 1_000_000_000;

/// The day that ages and histories are reckoned from unless said otherwise.
const AS_AT: Date = date(2026, 1, 1);

/// People of one size and seed. Holds no person: each is made when asked for, and is always the
/// same one.
#[derive(Clone, Debug)]
pub struct Population {
    size: u32,
    /// The size that fixes towns and numbers, which must not change when people are held back.
    planned: u32,
    seed: u64,
    as_at: Date,
    places: Places,
    numbers: NumberPool,
    id_order: Permutation,
}

/// A quality to look for in a person.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Quality {
    /// The record is restricted.
    Restricted,
    /// The current address is of this kind.
    Address(AddressKind),
    /// Has died.
    Deceased,
    /// A twin who lives with the other one.
    Twin,
    /// Lives with a parent or child of the same name.
    Namesake,
    /// Has a past address.
    Moved,
    /// Has a past name.
    Renamed,
    /// The birth date is recorded as 1 January.
    BornFirstOfJanuary,
    /// An older NHS number leads to the record.
    Superseded,
    /// Has no NHS number.
    Unnumbered,
    /// None of the above except moves: at home, alive, open, with a number.
    Plain,
}

impl Population {
    /// The population of a size and a seed.
    ///
    /// Up to 800,000 people have NHS numbers; in a larger population nobody has, because the
    /// range that is never issued holds no more. Sizes above a thousand million are cut to that.
    #[must_use]
    pub fn generate(size: u32, seed: u64) -> Population {
        let size = size.min(PEOPLE_IN_POPULATION_MAX);
        Population {
            size,
            planned: size,
            seed,
            as_at: AS_AT,
            places: Places::new(size.div_ceil(BLOCK_PEOPLE), seed),
            numbers: NumberPool::new(seed),
            id_order: Permutation::new(u64::from(PEOPLE_IN_POPULATION_MAX), seed, 4),
        }
    }

    /// The same population reckoned from another day.
    #[must_use]
    pub fn as_at(self, as_at: Date) -> Population {
        Population { as_at, ..self }
    }

    /// The same towns and numbers with more people, as many as `extra`, at the end.
    pub(crate) fn extended(&self, extra: u32) -> Population {
        Population {
            size: self.size + extra,
            ..self.clone()
        }
    }

    /// How many people there are.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Everybody, in order of number; one block is held at a time.
    pub fn people(&self) -> impl Iterator<Item = Person> + '_ {
        (0..self.blocks()).flat_map(|block| self.block(block))
    }

    /// The person counted `number` from 0.
    #[must_use]
    pub fn person(&self, number: u32) -> Option<Person> {
        self.block(number / BLOCK_PEOPLE)
            .into_iter()
            .nth((number % BLOCK_PEOPLE) as usize)
    }

    /// People with a quality, first in order of number; made as they are taken.
    pub fn with(&self, quality: Quality) -> impl Iterator<Item = Person> + '_ {
        self.people().filter(move |person| person.has(quality))
    }

    /// Everybody in a person's household, the person included.
    #[must_use]
    pub fn household_of(&self, person: &Person) -> Vec<Person> {
        let mut people = self.block(person.household.block);
        people.retain(|other| other.household == person.household);
        people
    }

    /// Pairs of twins who live together.
    pub fn twin_pairs(&self) -> impl Iterator<Item = (Person, Person)> + '_ {
        (0..self.blocks()).flat_map(|block| {
            let people = self.block(block);
            let pairs = people.windows(2).filter_map(|pair| match pair {
                [one, other] if one.is_twin_of(other) => Some((one.clone(), other.clone())),
                _ => None,
            });
            pairs.collect::<Vec<_>>()
        })
    }

    pub(crate) fn blocks(&self) -> u32 {
        self.size.div_ceil(BLOCK_PEOPLE)
    }

    pub(crate) fn surroundings(&self) -> Surroundings<'_> {
        let blocks = self.planned.div_ceil(BLOCK_PEOPLE).max(1);
        Surroundings {
            places: &self.places,
            blocks,
            as_at: self.as_at,
        }
    }

    /// The people of a block; the last block of the population may be cut short.
    pub(crate) fn block(&self, block: u32) -> Vec<Person> {
        let first = block.saturating_mul(BLOCK_PEOPLE);
        let count = self.size.saturating_sub(first).min(BLOCK_PEOPLE);
        let mut chance = Chance::new(self.seed, Purpose::People, u64::from(block));
        let favored = self.favored(block);
        let mut people = Vec::with_capacity(BLOCK_PEOPLE as usize + 40);
        let mut place = 0;
        while (people.len() as u32) < count {
            let household = Household { block, place };
            let mut neighborhood = Neighborhood {
                chance: &mut chance,
                as_at: self.as_at,
                favored: &favored,
            };
            let (shape, members) = neighborhood.household();
            let home = self.surroundings().home(&mut chance, shape, block, place);
            for member in members {
                let number = first + people.len() as u32;
                let record = self.surroundings().record(&mut chance, &member, &home);
                people.push(self.finish(&mut chance, number, household, member, record));
            }
            place += 1;
        }
        people.truncate(count as usize);
        people
    }

    fn finish(
        &self,
        chance: &mut Chance,
        number: u32,
        household: Household,
        member: Member,
        record: crate::life::Record,
    ) -> Person {
        let Member {
            origin,
            born,
            dob_estimated,
            mut name,
            previous_names,
            kin,
            ..
        } = member;
        // Registers have slips of their own.
        if chance.hit(0.003) {
            name.surname = sound::respelled(chance, &name.surname);
        }
        if chance.hit(0.01) {
            name.middle.truncate(1);
        }
        let numbered = self.planned <= PEOPLE_MAX;
        let missing = chance.hit(if member.arrived { 0.03 } else { 0.01 });
        let superseded = chance.hit(0.08);
        Person {
            number,
            household,
            person_id: format!("P{:09}", self.id_order.apply(u64::from(number))),
            nhs_number: self
                .numbers
                .current(number)
                .filter(|_| numbered && !missing),
            superseded_nhs_numbers: self
                .numbers
                .superseded(number)
                .filter(|_| numbered && !missing && superseded)
                .into_iter()
                .collect(),
            name,
            previous_names,
            date_of_birth: born,
            dob_estimated,
            sex: record.sex,
            address: record.address,
            previous_addresses: record.previous_addresses,
            gp_practice_code: record.gp_practice_code,
            registration_date: record.registration_date,
            restricted: record.restricted,
            death_date: record.death_date,
            origin,
            kin,
        }
    }

    /// Three origins at home in the block's district, in three districts of ten.
    fn favored(&self, block: u32) -> Vec<Origin> {
        let district = u64::from(self.places.district(block));
        let mut chance = Chance::new(self.seed, Purpose::Picks, (1 << 40) | district);
        match chance.hit(0.3) {
            true => (0..3).map(|_| minority_origin(&mut chance)).collect(),
            false => Vec::new(),
        }
    }
}

impl Person {
    /// Whether the person has a quality.
    #[must_use]
    pub fn has(&self, quality: Quality) -> bool {
        match quality {
            Quality::Restricted => self.restricted,
            Quality::Address(kind) => self.address.kind == kind,
            Quality::Deceased => self.death_date.is_some(),
            Quality::Twin => self.kin == Kin::Twin,
            Quality::Namesake => self.kin == Kin::Namesake,
            Quality::Moved => !self.previous_addresses.is_empty(),
            Quality::Renamed => !self.previous_names.is_empty(),
            Quality::BornFirstOfJanuary => {
                (self.date_of_birth.month(), self.date_of_birth.day()) == (1, 1)
            }
            Quality::Superseded => !self.superseded_nhs_numbers.is_empty(),
            Quality::Unnumbered => self.nhs_number.is_none(),
            Quality::Plain => self.is_plain(),
        }
    }

    fn is_plain(&self) -> bool {
        let special = [
            Quality::Restricted,
            Quality::Deceased,
            Quality::Twin,
            Quality::Namesake,
            Quality::Renamed,
            Quality::BornFirstOfJanuary,
            Quality::Superseded,
            Quality::Unnumbered,
        ];
        self.has(Quality::Address(AddressKind::Home)) && !special.iter().any(|one| self.has(*one))
    }

    fn is_twin_of(&self, other: &Person) -> bool {
        let twins = self.kin == Kin::Twin && other.kin == Kin::Twin;
        twins && self.household == other.household && self.date_of_birth == other.date_of_birth
    }
}

#[cfg(test)]
mod tests;
