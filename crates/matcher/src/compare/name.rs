//! Compares names. Every comparison gives the same level in both directions.

use super::text::Pattern;
use super::variants;

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

/// One side of a comparison, prepared to be compared with many others.
#[derive(Debug, Clone)]
pub(crate) struct NameSide {
    /// Comparable text; not empty.
    pub text: String,
    compact: String,
    pattern: Pattern,
    letters: u32,
    groups: &'static [u16],
}

/// Fewest letters of a name in which one edit, or a shared prefix, still means something.
const CLOSE_LETTERS_MIN: usize = 3;
/// The same for two edits.
const NEAR_LETTERS_MIN: usize = 5;

impl NameSide {
    pub(crate) fn new(text: String) -> Self {
        let compact = compact(&text);
        Self {
            pattern: Pattern::new(&compact),
            letters: letters(&compact),
            groups: variants::groups(&compact),
            compact,
            text,
        }
    }

    /// Compares as given names.
    pub(crate) fn given(&self, other: &str) -> Likeness {
        if self.text == other {
            return Likeness::Same;
        }
        let compacted = compact(other);
        if self.compact == compacted {
            return Likeness::Same;
        }
        if is_initial(&self.compact, &compacted) {
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
        if self.compact == compacted {
            return Likeness::Same;
        }
        match self.edits(&compacted) {
            Likeness::Different if have_common_word(&self.text, other) => Likeness::Part,
            likeness => likeness,
        }
    }

    fn is_variant(&self, other: &str) -> bool {
        let others = variants::groups(other);
        self.groups.iter().any(|group| others.contains(group))
            || shares_prefix(&self.compact, other)
    }

    fn edits(&self, other: &str) -> Likeness {
        let longer = self.compact.len().max(other.len());
        let shorter = self.compact.len().min(other.len());
        // Two edits change at most four of the 32 letter classes.
        let far = (self.letters ^ letters(other)).count_ones() > 4;
        if far || longer < CLOSE_LETTERS_MIN || longer - shorter > 2 {
            return Likeness::Different;
        }
        match self.pattern.distance(other) {
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

/// A name without the spaces that hyphens leave.
fn compact(text: &str) -> String {
    text.chars().filter(|character| *character != ' ').collect()
}

/// Which letters occur, hashed into 32 classes.
fn letters(text: &str) -> u32 {
    text.bytes().fold(0, |mask, byte| mask | 1 << (byte & 31))
}

fn is_initial(a: &str, b: &str) -> bool {
    let one = |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    one(a, b) || one(b, a)
}

fn shares_prefix(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.len() >= CLOSE_LETTERS_MIN && short.len() + 1 < long.len() && long.starts_with(short)
}

fn have_common_word(a: &str, b: &str) -> bool {
    (a.contains(' ') || b.contains(' '))
        && a.split(' ')
            .any(|word| word.len() > 2 && b.split(' ').any(|other| other == word))
}

#[cfg(test)]
mod tests;
