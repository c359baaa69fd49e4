//! Compares addresses: premises with premises, postcode with postcode.

use super::text::Pattern;

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
    /// The words without spaces, which are easily lost or misplaced.
    pub compact: String,
    pattern: Pattern,
}

impl StreetSide {
    pub(crate) fn new(text: String) -> Self {
        let compact = text.replace(' ', "");
        Self {
            pattern: Pattern::new(&compact),
            compact,
            text,
        }
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
        let compact = other.replace(' ', "");
        let longer = self.compact.len().max(compact.len());
        let allowed = 1 + longer / 6;
        if self.compact.len().abs_diff(compact.len()) <= allowed
            && self.pattern.distance(&compact) <= allowed
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
    let flats_agree = a.flat == b.flat || a.flat == 0 || b.flat == 0;
    match street {
        StreetLikeness::Different => PremisesLikeness::Different,
        _ if a.number == b.number && flats_agree => PremisesLikeness::Same,
        // The word for a flat was lost.
        _ if read_as_number(a, b) || read_as_number(b, a) => PremisesLikeness::Same,
        _ => PremisesLikeness::Street,
    }
}

/// The house number of one is the flat of the other?
fn read_as_number(a: Numbers, b: Numbers) -> bool {
    a.number != 0 && a.number == b.flat
}

#[cfg(test)]
mod tests;
