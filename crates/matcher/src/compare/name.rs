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

/// What can be told of a name without its letters: enough to see that most pairs differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signature {
    /// Which letters occur, hashed into 32 classes.
    letters: u32,
    /// Which groups of variants it belongs to, hashed into 32 classes; 0 for surnames.
    groups: u32,
    length: u8,
    is_compound: bool,
    is_initial: bool,
}

impl Signature {
    pub(crate) fn of_given(text: &str) -> Self {
        let compact = compact(text);
        let groups = variants::groups(&compact).iter();
        Self {
            groups: groups.fold(0, |mask, group| mask | 1 << (group % 32)),
            ..Self::of(text)
        }
    }

    pub(crate) fn of_surname(text: &str) -> Self {
        Self::of(text)
    }

    fn of(text: &str) -> Self {
        let compact = compact(text);
        Self {
            letters: compact
                .bytes()
                .fold(0, |mask, byte| mask | 1 << (byte & 31)),
            groups: 0,
            length: compact.len().min(255) as u8,
            is_compound: text.contains(' '),
            is_initial: compact.chars().count() == 1,
        }
    }

    /// A single letter?
    pub(crate) fn is_initial(self) -> bool {
        self.is_initial
    }

    /// `false` when the names certainly compare as different.
    pub(crate) fn may_be_alike(self, other: Self) -> bool {
        let shared = self.letters & other.letters;
        let contained = shared == self.letters || shared == other.letters;
        // Two edits change at most four of the letter classes.
        (self.length.abs_diff(other.length) <= 2
            && (self.letters ^ other.letters).count_ones() <= 4)
            || self.groups & other.groups != 0
            || contained
            || (shared != 0 && (self.is_compound || other.is_compound))
            || ((self.is_initial || other.is_initial) && shared != 0)
    }
}

/// One side of a comparison, prepared to be compared with many others.
#[derive(Debug, Clone)]
pub(crate) struct NameSide {
    /// Comparable text; not empty.
    pub text: String,
    pub given_signature: Signature,
    pub surname_signature: Signature,
    compact: String,
    pattern: Pattern,
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
            given_signature: Signature::of_given(&text),
            surname_signature: Signature::of_surname(&text),
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
        if longer < CLOSE_LETTERS_MIN || longer - shorter > 2 {
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
