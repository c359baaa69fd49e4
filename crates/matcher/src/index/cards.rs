//! What comparing texts needs of each, in one piece of memory: the dictionaries hold offsets, texts and
//! counts far apart, and waiting for each of them is most of the time of a comparison.

use super::dictionary::Dictionary;
use crate::compare::name::Signature;

/// A text of a dictionary. Half of the unit in which memory is fetched, and never in two of them.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
pub(crate) struct Card {
    /// Of a name; [`Signature::EMPTY`] of other texts.
    pub signature: Signature,
    /// People whose current details hold the text.
    pub count: u32,
    /// Bytes of the comparable text.
    length: u8,
    /// The comparable text, where it is no longer than this.
    text: [u8; TEXT_MAX],
}

/// Hardly one name in a thousand is longer.
const TEXT_MAX: usize = 19;

const _: () = assert!(size_of::<Card>() == 32);

impl Card {
    /// Cards of all texts, by place in the dictionary.
    pub(super) fn all(texts: &Dictionary<'_>, kind: fn(&str) -> Signature) -> Vec<Self> {
        let card = |place: u32| {
            let comparable = texts.comparable(place);
            let mut text = [0; TEXT_MAX];
            if let Some(start) = text.get_mut(..comparable.len()) {
                start.copy_from_slice(comparable.as_bytes());
            }
            Self {
                signature: kind(comparable),
                count: texts.count_of(place),
                length: comparable.len().min(usize::from(u8::MAX)) as u8,
                text,
            }
        };
        (0..texts.len()).map(card).collect()
    }

    /// The comparable text; `None` where it is too long for a card.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// The same as bytes.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        self.text.get(..usize::from(self.length))
    }
}
