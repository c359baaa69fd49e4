//! Compares addresses: premises with premises, postcode with postcode.

use std::cell::OnceCell;

use super::text::Pattern;
use crate::normalize;

/// How two address lines compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PremisesLikeness {
    Same,
    /// The same street, another number or flat.
    Street,
    Different,
}

/// How two street texts compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreetLikeness {
    Same,
    Close,
    Different,
}

/// House number and flat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Numbers {
    pub flat: u16,
    pub number: u16,
}

/// The street of a request, prepared to be compared with many others.
#[derive(Debug, Clone)]
pub(crate) struct StreetSide {
    text: String,
    /// Of the words without spaces, which are easily lost or misplaced: how many letters, and which.
    compact: OnceCell<(usize, Pattern)>,
}

impl StreetSide {
    pub(crate) fn new(text: String) -> Self {
        Self {
            compact: OnceCell::new(),
            text,
        }
    }

    fn compact(&self) -> &(usize, Pattern) {
        self.compact.get_or_init(|| {
            let compact = normalize::compact(&self.text);
            (compact.len(), Pattern::new(&compact))
        })
    }

    /// The street in comparable form.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Compares street texts: alike when a fifth of the letters, or fewer, must change.
    pub(crate) fn compare(&self, other: &str) -> StreetLikeness {
        if self.text == other {
            return StreetLikeness::Same;
        }
        let spaces = other.bytes().filter(|byte| *byte == b' ').count();
        let letters = other.len() - spaces;
        let (asked, pattern) = self.compact();
        let allowed = 1 + asked.max(&letters) / 6;
        if asked.abs_diff(letters) <= allowed
            && pattern.distance(&normalize::compact(other)) <= allowed
        {
            return StreetLikeness::Close;
        }
        match share_of_words(&self.text, other) >= 0.6 {
            true => StreetLikeness::Close,
            false => StreetLikeness::Different,
        }
    }
}

/// Words that both have, by the length of the one that has fewer.
fn share_of_words(a: &str, b: &str) -> f64 {
    let words = |text: &str| text.split(' ').count();
    let fewer = words(a).min(words(b));
    if fewer < 2 {
        return 0.0;
    }
    let common = a
        .split(' ')
        .filter(|word| b.split(' ').any(|other| other == *word))
        .count();
    let back = b
        .split(' ')
        .filter(|word| a.split(' ').any(|other| other == *word))
        .count();
    common.min(back) as f64 / fewer as f64
}

/// Compares premises whose streets compare as `street`.
pub(crate) fn premises(street: StreetLikeness, a: Numbers, b: Numbers) -> PremisesLikeness {
    match street {
        StreetLikeness::Different => PremisesLikeness::Different,
        _ if may_be_same(a, b) => PremisesLikeness::Same,
        _ => PremisesLikeness::Street,
    }
}

/// Can these be the numbers of one home?
pub(crate) fn may_be_same(a: Numbers, b: Numbers) -> bool {
    let flats_agree = a.flat == b.flat || a.flat == 0 || b.flat == 0;
    // The house number of one is the flat of the other when the word for a flat was lost.
    let read_as_number = |a: Numbers, b: Numbers| a.number != 0 && a.number == b.flat;
    (a.number == b.number && flats_agree) || read_as_number(a, b) || read_as_number(b, a)
}

#[cfg(test)]
mod tests;
