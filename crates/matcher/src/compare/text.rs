//! Distances between short texts.

/// One side of an edit distance, prepared to be compared with many others.
///
/// Counts insertions, deletions, substitutions and swaps of neighbors (optimal string alignment), bit
/// by bit in parallel: H. Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit
/// distances", Nordic Journal of Computing 10 (2003). Bytes are compared; longer texts are cut at 64.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    masks: Masks,
    length: usize,
}

/// Where each byte occurs.
#[derive(Debug, Clone)]
enum Masks {
    /// Of texts of capitals, digits and spaces alone, which most are: by byte - 32.
    Plain(Box<[u64; 64]>),
    Any(Box<[u64; 256]>),
}

impl Masks {
    fn of(&self, byte: u8) -> u64 {
        let mask = match self {
            Self::Plain(masks) => masks.get(usize::from(byte).wrapping_sub(32)),
            Self::Any(masks) => masks.get(usize::from(byte)),
        };
        mask.copied().unwrap_or_default()
    }

    fn of_mut(&mut self, byte: u8) -> Option<&mut u64> {
        match self {
            Self::Plain(masks) => masks.get_mut(usize::from(byte).wrapping_sub(32)),
            Self::Any(masks) => masks.get_mut(usize::from(byte)),
        }
    }
}

/// Longest text that one machine word can hold.
const PATTERN_BYTES_MAX: usize = 64;

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        let is_plain = text.bytes().all(|byte| (32..96).contains(&byte));
        let mut masks = match is_plain {
            true => Masks::Plain(Box::new([0; 64])),
            false => Masks::Any(Box::new([0; 256])),
        };
        let length = text.len().min(PATTERN_BYTES_MAX);
        for (position, byte) in text.bytes().take(length).enumerate() {
            if let Some(mask) = masks.of_mut(byte) {
                *mask |= 1 << position;
            }
        }
        Self { masks, length }
    }

    /// Edits between the two texts, spaces and all.
    pub(crate) fn distance(&self, other: &str) -> usize {
        let other = other.as_bytes();
        let other = other.get(..PATTERN_BYTES_MAX).unwrap_or(other);
        if self.length == 0 {
            return other.len();
        }
        let last = 1u64 << (self.length - 1);
        let (mut vertical_plus, mut vertical_minus) = (!0u64, 0u64);
        let (mut diagonal, mut mask_before) = (0u64, 0u64);
        let mut distance = self.length;
        for byte in other {
            let mask = self.masks.of(*byte);
            let swap = (((!diagonal) & mask) << 1) & mask_before;
            diagonal = ((mask & vertical_plus).wrapping_add(vertical_plus) ^ vertical_plus)
                | mask
                | vertical_minus
                | swap;
            let horizontal_plus = vertical_minus | !(diagonal | vertical_plus);
            let horizontal_minus = diagonal & vertical_plus;
            distance += usize::from(horizontal_plus & last != 0);
            distance -= usize::from(horizontal_minus & last != 0);
            let shifted = (horizontal_plus << 1) | 1;
            vertical_plus = (horizontal_minus << 1) | !(diagonal | shifted);
            vertical_minus = shifted & diagonal;
            mask_before = mask;
        }
        distance
    }
}

/// Jaro-Winkler similarity from 0 to 1: boost above a Jaro similarity of 0.7, prefix of at most 4,
/// scale 0.1 (W. E. Winkler, 1990).
pub(crate) fn jaro_winkler(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let similarity = jaro(&a, &b);
    if similarity < 0.7 {
        return similarity;
    }
    let prefix = a.iter().zip(&b).take(4).take_while(|(x, y)| x == y).count();
    similarity + prefix as f64 * 0.1 * (1.0 - similarity)
}

fn jaro(a: &[char], b: &[char]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return if a.len() == b.len() { 1.0 } else { 0.0 };
    }
    let window = (a.len().max(b.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; b.len()];
    let mut matched_a = Vec::with_capacity(a.len());
    for (position, letter) in a.iter().enumerate() {
        let from = position.saturating_sub(window);
        let free = b
            .iter()
            .zip(&mut taken)
            .enumerate()
            .skip(from)
            .take(position + window + 1 - from);
        for (_, (other, taken)) in free {
            if !*taken && other == letter {
                *taken = true;
                matched_a.push(*letter);
                break;
            }
        }
    }
    if matched_a.is_empty() {
        return 0.0;
    }
    let matched_b = b
        .iter()
        .zip(&taken)
        .filter(|(_, taken)| **taken)
        .map(|(letter, _)| letter);
    let moved = matched_a
        .iter()
        .zip(matched_b)
        .filter(|(x, y)| x != y)
        .count();
    let matched = matched_a.len() as f64;
    let transpositions = (moved / 2) as f64;
    (matched / a.len() as f64 + matched / b.len() as f64 + (matched - transpositions) / matched)
        / 3.0
}

#[cfg(test)]
mod tests;
