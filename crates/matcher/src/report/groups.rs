//! Answers by group of people asked about.

use std::collections::BTreeMap;

use super::Seen;
use crate::{Name, Sex, Terms};

/// Counts of one group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Group {
    /// Requests.
    pub requests: u64,
    /// Of those, about somebody in the index.
    pub in_index: u64,
    /// Answered with one person.
    pub answered: u64,
    /// Of those, with the right one.
    pub right: u64,
}

/// A count out of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How many.
    pub part: u64,
    /// Out of how many.
    pub whole: u64,
}

impl Group {
    /// People in the index who were found.
    pub fn recall(&self) -> Share {
        Share {
            part: self.right,
            whole: self.in_index,
        }
    }

    /// Answers with somebody else.
    pub fn wrong(&self) -> Share {
        Share {
            part: self.answered - self.right,
            whole: self.answered,
        }
    }

    pub(super) fn add(&mut self, seen: &Seen) {
        let scored = seen.scored;
        self.requests += 1;
        self.in_index += u64::from(scored.in_index);
        self.answered += u64::from(scored.single);
        self.right += u64::from(scored.single && scored.right);
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.requests += other.requests;
        self.in_index += other.in_index;
        self.answered += other.answered;
        self.right += other.right;
    }
}

/// Groups by dimension, and by name within it.
pub(super) type Groups = BTreeMap<&'static str, BTreeMap<String, Group>>;

/// First years of the bands of birth.
const BANDS: [u16; 6] = [1940, 1955, 1970, 1985, 2000, 2010];

/// The groups of a request, by what it says.
pub(super) fn of(terms: &Terms, group: &dyn Fn(&Name) -> String) -> Vec<(&'static str, String)> {
    let sex = match terms.sex {
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Other => "other",
        Sex::Unknown => "not stated",
    };
    vec![
        ("origin of the name", group(&terms.name)),
        ("sex", sex.to_owned()),
        ("year of birth", band(terms)),
    ]
}

fn band(terms: &Terms) -> String {
    let Some(birth) = terms.date_of_birth else {
        return "not stated".to_owned();
    };
    let year = birth.year();
    let next = BANDS.partition_point(|first| *first <= year);
    match (
        next.checked_sub(1).and_then(|place| BANDS.get(place)),
        BANDS.get(next),
    ) {
        (None, Some(end)) => format!("{} and earlier", end - 1),
        (Some(first), Some(end)) => format!("{first} to {}", end - 1),
        (Some(first), None) => format!("{first} and later"),
        (None, None) => String::new(),
    }
}
