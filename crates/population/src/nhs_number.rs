//! NHS numbers that nobody holds: 999 000 0000 to 999 999 9999, held never to be issued.

use std::fmt;
use std::sync::OnceLock;

use crate::chance::Permutation;

const FIRST_STEM: u32 = 999_000_000;
const STEMS: u32 = 1_000_000;

/// At most this many people can have a number: the range holds about 909,000 valid ones, and one
/// in nine is kept for superseded numbers and for mistaken ones that must hit nobody.
pub(crate) const PEOPLE_MAX: u32 = 800_000;

/// A ten-digit number from the never-issued range with a valid check digit.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NhsNumber(u64);

impl NhsNumber {
    /// The number for nine digits, if their check digit exists (modulus 11, weights 10 to 2) and
    /// the result is not 9999999999, which stands for "several records" in real batch files.
    fn from_stem(stem: u32) -> Option<NhsNumber> {
        let number = u64::from(stem) * 10 + u64::from(check_digit(stem)?);
        (number != 9_999_999_999).then_some(NhsNumber(number))
    }
}

impl fmt::Display for NhsNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:010}", self.0)
    }
}

fn check_digit(stem: u32) -> Option<u32> {
    let mut rest = stem;
    let mut sum = 0;
    for weight in 2..=10 {
        sum += rest % 10 * weight;
        rest /= 10;
    }
    match 11 - sum % 11 {
        10 => None,
        11 => Some(0),
        digit => Some(digit),
    }
}

fn valid_numbers() -> &'static [NhsNumber] {
    static NUMBERS: OnceLock<Vec<NhsNumber>> = OnceLock::new();
    NUMBERS.get_or_init(|| {
        (FIRST_STEM..FIRST_STEM + STEMS)
            .filter_map(NhsNumber::from_stem)
            .collect()
    })
}

/// Hands out numbers scattered over the range, each to one person at most.
#[derive(Clone, Debug)]
pub(crate) struct NumberPool {
    order: Permutation,
}

impl NumberPool {
    pub(crate) fn new(seed: u64) -> NumberPool {
        NumberPool {
            order: Permutation::new(valid_numbers().len() as u64, seed, 1),
        }
    }

    /// The number of the person counted `person`; none beyond `PEOPLE_MAX`.
    pub(crate) fn current(&self, person: u32) -> Option<NhsNumber> {
        if person < PEOPLE_MAX {
            self.at(u64::from(person))
        } else {
            None
        }
    }

    /// An older number for the person. Only every eighth person can have one, which keeps the
    /// older numbers (taken from the far end) clear of the current ones: 800,000 * 9/8 < 909,000.
    pub(crate) fn superseded(&self, person: u32) -> Option<NhsNumber> {
        if person >= PEOPLE_MAX || !person.is_multiple_of(8) {
            return None;
        }
        self.at(valid_numbers().len() as u64 - 1 - u64::from(person / 8))
    }

    fn at(&self, place: u64) -> Option<NhsNumber> {
        valid_numbers()
            .get(self.order.apply(place) as usize)
            .copied()
    }
}

#[cfg(test)]
mod tests;
