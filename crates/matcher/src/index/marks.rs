//! A bit for each text of a dictionary: small enough to stay near the processor where the texts do not.

use super::dictionary::Dictionary;

/// Places in a dictionary that are marked.
#[derive(Debug)]
pub(crate) struct Marks(Vec<u64>);

impl Marks {
    /// Marks whatever compares as a text that `is_marked`.
    pub(super) fn new(texts: &Dictionary<'_>, is_marked: fn(&str) -> bool) -> Self {
        let mut words = vec![0; texts.len().div_ceil(u64::BITS) as usize];
        let marked = (0..texts.len()).filter(|place| is_marked(texts.comparable(*place)));
        for place in marked {
            if let Some(word) = words.get_mut((place / u64::BITS) as usize) {
                *word |= 1 << (place % u64::BITS);
            }
        }
        Self(words)
    }

    /// Is the text at this place marked?
    pub(crate) fn has(&self, place: u32) -> bool {
        let word = self.0.get((place / u64::BITS) as usize);
        word.is_some_and(|word| word >> (place % u64::BITS) & 1 != 0)
    }
}
