//! Compares names. Every comparison gives the same level in both directions.

use std::cell::OnceCell;

use super::text::Pattern;
use super::variants;
use crate::normalize::{compact, is_compound};

/// How two given names or two surnames compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    Same,
    /// Short form, pet form or other spelling of one given name.
    Variant,
    /// One edit apart.
    Close,
    /// Two edits apart, in names long enough for that to mean something.
    Near,
    /// One is the initial of the other.
    Initial,
    /// One is a part of a compound that the other is.
    Part,
    Different,
}

/// What can be told of a name without its letters: enough to see that most pairs differ. Small, because
/// it is looked up for every row that a search finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signature {
    /// Which letters occur, hashed into 32 classes.
    letters: u32,
    /// Which groups of variants it belongs to, hashed into 16 classes; 0 for surnames.
    groups: u16,
    /// First letter: initials and short forms share it with the whole name.
    first: u8,
    /// Bytes, at most 63, below the flags.
    length: u8,
}

/// Flag of [`Signature::length`]: the name has a space.
const COMPOUND: u8 = 1 << 7;
/// Flag of [`Signature::length`]: the name is a single letter.
const INITIAL: u8 = 1 << 6;

impl Signature {
    /// Of no name at all.
    pub(crate) const EMPTY: Self = Self {
        letters: 0,
        groups: 0,
        first: 0,
        length: 0,
    };

    pub(crate) fn of_given(text: &str) -> Self {
        let compact = compact(text);
        Self::of(text, &compact).with_groups(variants::groups(&compact))
    }

    pub(crate) fn of_surname(text: &str) -> Self {
        Self::of(text, &compact(text))
    }

    fn with_groups(self, groups: &[u16]) -> Self {
        let groups = groups
            .iter()
            .fold(0, |mask, group| mask | 1 << (group % 16));
        Self { groups, ..self }
    }

    fn of(text: &str, compact: &str) -> Self {
        Self {
            letters: compact
                .bytes()
                .fold(0, |mask, byte| mask | 1 << (byte & 31)),
            groups: 0,
            first: compact.bytes().next().unwrap_or_default(),
            length: compact.len().min(63) as u8
                | if is_compound(text) { COMPOUND } else { 0 }
                | if compact.chars().count() == 1 {
                    INITIAL
                } else {
                    0
                },
        }
    }

    /// A single letter?
    pub(crate) fn is_initial(self) -> bool {
        self.length & INITIAL != 0
    }

    /// `false` when the names certainly compare as different.
    pub(crate) fn may_be_alike(self, other: Self) -> bool {
        let shared = self.letters & other.letters;
        let (length, other_length) = (self.length & 63, other.length & 63);
        // One edit changes at most two of the letter classes.
        let edits = if usize::from(length.max(other_length)) < NEAR_LETTERS_MIN {
            1
        } else {
            2
        };
        (length.abs_diff(other_length) <= edits
            && (self.letters ^ other.letters).count_ones() <= 2 * u32::from(edits))
            || self.groups & other.groups != 0
            || (self.first == other.first && (shared == self.letters || shared == other.letters))
            || (shared != 0 && (self.length | other.length) & COMPOUND != 0)
    }
}

/// One side of a comparison, prepared to be compared with many others.
#[derive(Debug, Clone)]
pub(crate) struct NameSide {
    /// Comparable text; not empty.
    pub text: String,
    /// As of a surname.
    pub signature: Signature,
    /// Without spaces, where there are any.
    compacted: Option<String>,
    /// Made when first needed: most names compare by their letters or not at all.
    pattern: OnceCell<Pattern>,
    groups: OnceCell<&'static [u16]>,
}

/// Fewest letters of a name in which one edit, or a shared prefix, still means something.
const CLOSE_LETTERS_MIN: usize = 3;
/// The same for two edits.
const NEAR_LETTERS_MIN: usize = 5;

impl NameSide {
    pub(crate) fn new(text: String) -> Self {
        let compacted = is_compound(&text).then(|| compact(&text).into_owned());
        let compact = compacted.as_deref().unwrap_or(&text);
        Self {
            signature: Signature::of(&text, compact),
            pattern: OnceCell::new(),
            groups: OnceCell::new(),
            compacted,
            text,
        }
    }

    fn compact(&self) -> &str {
        self.compacted.as_deref().unwrap_or(&self.text)
    }

    /// Groups of variants it belongs to.
    fn groups(&self) -> &'static [u16] {
        self.groups.get_or_init(|| variants::groups(self.compact()))
    }

    /// As of a given name.
    pub(crate) fn given_signature(&self) -> Signature {
        self.signature.with_groups(self.groups())
    }

    /// Compares as given names.
    pub(crate) fn given(&self, other: &str) -> Likeness {
        if self.text == other {
            return Likeness::Same;
        }
        let compacted = compact(other);
        if self.compact() == compacted {
            return Likeness::Same;
        }
        if is_initial(self.compact(), &compacted) {
            return Likeness::Initial;
        }
        if self.is_variant(&compacted) {
            return Likeness::Variant;
        }
        match self.edits(&compacted) {
            Likeness::Different if have_common_word(&self.text, other) => Likeness::Part,
            likeness => likeness,
        }
    }

    /// Compares as surnames.
    pub(crate) fn surname(&self, other: &str) -> Likeness {
        if self.text == other {
            return Likeness::Same;
        }
        let compacted = compact(other);
        if self.compact() == compacted {
            return Likeness::Same;
        }
        match self.edits(&compacted) {
            Likeness::Different if have_common_word(&self.text, other) => Likeness::Part,
            likeness => likeness,
        }
    }

    fn is_variant(&self, other: &str) -> bool {
        let in_group = || {
            let others = variants::groups(other);
            self.groups().iter().any(|group| others.contains(group))
        };
        (!self.groups().is_empty() && in_group()) || shares_prefix(self.compact(), other)
    }

    fn edits(&self, other: &str) -> Likeness {
        let longer = self.compact().len().max(other.len());
        let shorter = self.compact().len().min(other.len());
        if longer < CLOSE_LETTERS_MIN || longer - shorter > 2 {
            return Likeness::Different;
        }
        let pattern = self.pattern.get_or_init(|| Pattern::new(self.compact()));
        match pattern.distance(other) {
            0 => Likeness::Same,
            1 => Likeness::Close,
            2 if longer >= NEAR_LETTERS_MIN => Likeness::Near,
            _ => Likeness::Different,
        }
    }
}

/// The first `count` letters.
pub(crate) fn first_letters(text: &str, count: usize) -> String {
    text.chars().take(count).collect()
}

fn is_initial(a: &str, b: &str) -> bool {
    let one = |short: &str, long: &str| {
        short.len() <= 4 && short.chars().count() == 1 && long.starts_with(short)
    };
    one(a, b) || one(b, a)
}

fn shares_prefix(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.len() >= CLOSE_LETTERS_MIN && short.len() + 1 < long.len() && long.starts_with(short)
}

fn have_common_word(a: &str, b: &str) -> bool {
    (is_compound(a) || is_compound(b))
        && a.split(' ')
            .any(|word| word.len() > 2 && b.split(' ').any(|other| other == word))
}

#[cfg(test)]
mod tests;
