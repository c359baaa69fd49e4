//! Which names of a dictionary have more than one word: a bit for each, small enough to stay near the
//! processor where the names do not.

use super::dictionary::Dictionary;
use crate::normalize;

/// Places in a dictionary, 64 a word.
#[derive(Debug)]
pub(crate) struct Compounds(Vec<u64>);

impl Compounds {
    pub(super) fn new(names: &Dictionary<'_>) -> Self {
        let mut words = vec![0; names.len().div_ceil(u64::BITS) as usize];
        let is_compound = |place: &u32| normalize::is_compound(names.comparable(*place));
        for place in (0..names.len()).filter(is_compound) {
            if let Some(word) = words.get_mut((place / u64::BITS) as usize) {
                *word |= 1 << (place % u64::BITS);
            }
        }
        Self(words)
    }

    /// Has the name at this place more than one word?
    pub(crate) fn has(&self, place: u32) -> bool {
        let word = self.0.get((place / u64::BITS) as usize);
        word.is_some_and(|word| word >> (place % u64::BITS) & 1 != 0)
    }
}
