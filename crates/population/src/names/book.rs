//! Reads a list of names: sections in brackets, names apart by white space, most common first.

use std::collections::HashSet;

use super::Origin;
use crate::person::Sex;

/// The names of one culture.
#[derive(Debug, Default)]
pub(super) struct Book {
    male: Vec<Generation>,
    female: Vec<Generation>,
    male_tail: Vec<&'static str>,
    female_tail: Vec<&'static str>,
    pub(super) middles_male: Vec<&'static str>,
    pub(super) middles_female: Vec<&'static str>,
    pub(super) surnames: Vec<&'static str>,
    pub(super) surnames_male: Vec<&'static str>,
    pub(super) surnames_female: Vec<&'static str>,
    pub(super) stems: Vec<&'static str>,
    pub(super) endings: Vec<&'static str>,
}

#[derive(Debug)]
struct Generation {
    born_from: i16,
    names: Vec<&'static str>,
}

impl Book {
    pub(super) fn read(text: &'static str) -> Book {
        let mut book = Book::default();
        for (header, body) in sections(text) {
            let names = distinct(words(body));
            let (section, born_from) = match header.rsplit_once(' ') {
                Some((section, year)) if year.parse::<i16>().is_ok() => {
                    (section, year.parse().unwrap_or_default())
                }
                _ => (header, 0),
            };
            match section {
                "male" => book.male.push(Generation { born_from, names }),
                "female" => book.female.push(Generation { born_from, names }),
                "male tail" => book.male_tail = names,
                "female tail" => book.female_tail = names,
                "male middle" => book.middles_male = names,
                "female middle" => book.middles_female = names,
                "male surname" => book.surnames_male = names,
                "female surname" => book.surnames_female = names,
                "surname" => book.surnames = names,
                "stem" => book.stems = names,
                "ending" => book.endings = names,
                _ => debug_assert!(false, "unknown section `{section}`"),
            }
        }
        book
    }

    /// Given names of the generation that `year` belongs to.
    pub(super) fn given(&self, sex: Sex, year: i16) -> &[&'static str] {
        let generations = match sex {
            Sex::Female => &self.female,
            Sex::Male => &self.male,
        };
        let generation = generations
            .iter()
            .rev()
            .find(|generation| generation.born_from <= year);
        generation
            .or(generations.first())
            .map_or(&[], |generation| &generation.names)
    }

    /// How many rare surnames can be composed. Only English ones are also spelled another way,
    /// because the ways are English.
    pub(super) fn composable(&self, origin: Origin) -> u32 {
        let pairs = (self.stems.len() * self.endings.len()) as u32;
        if origin == Origin::English {
            pairs * 4
        } else {
            pairs
        }
    }

    /// Every given name of the list.
    pub(super) fn all_given(&self) -> impl Iterator<Item = &'static str> + '_ {
        let generations = self.male.iter().chain(&self.female);
        let common = generations.flat_map(|generation| &generation.names);
        common
            .chain(&self.male_tail)
            .chain(&self.female_tail)
            .copied()
    }

    /// Every surname of the list; composed ones are in none.
    pub(super) fn all_surnames(&self) -> impl Iterator<Item = &'static str> + '_ {
        let shared = self.surnames_male.iter().chain(&self.surnames_female);
        self.surnames.iter().chain(shared).copied()
    }

    /// Rarer given names of any generation.
    pub(super) fn tail(&self, sex: Sex) -> &[&'static str] {
        match sex {
            Sex::Female => &self.female_tail,
            Sex::Male => &self.male_tail,
        }
    }
}

/// The words of a list.
pub(crate) fn words(text: &'static str) -> Vec<&'static str> {
    text.split_whitespace().collect()
}

fn sections(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.split('[')
        .skip(1)
        .filter_map(|section| section.split_once(']'))
}

fn distinct(names: Vec<&'static str>) -> Vec<&'static str> {
    let mut seen = HashSet::new();
    names
        .into_iter()
        .filter(|name| seen.insert(*name))
        .collect()
}
