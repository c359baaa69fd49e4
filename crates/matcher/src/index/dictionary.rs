//! Texts held once, sorted by what they compare as.
//!
//! An entry is a comparable text and the text as written; entries that compare alike stand side by
//! side, so that "the same name however written" is a range of numbers. Entry 0 is the empty text.

use std::collections::HashMap;
use std::hint::black_box;
use std::ops::Range;

use rayon::slice::ParallelSliceMut;

use super::IndexError;
use super::cards::Card;
use crate::compare::name::Signature;

/// Between the comparable text and the text as written; sorts before every letter.
const SEPARATOR: char = '\0';

/// Collects texts while an index is built.
#[derive(Default)]
pub(super) struct Interner {
    /// Written text (or template) to its provisional number.
    numbers: HashMap<Box<str>, u32>,
    /// Comparable text, separator, written text where it differs; by provisional number.
    entries: Vec<Box<str>>,
}

impl Interner {
    pub(super) fn new() -> Self {
        let mut interner = Self::default();
        interner.numbers.insert("".into(), 0);
        interner.entries.push("".into());
        interner
    }

    /// Provisional number of `written`; `comparable` makes the comparable text the first time.
    pub(super) fn intern(
        &mut self,
        written: &str,
        comparable: impl FnOnce(&str) -> String,
    ) -> Result<u32, IndexError> {
        if let Some(number) = self.numbers.get(written) {
            return Ok(*number);
        }
        let number =
            u32::try_from(self.entries.len()).map_err(|_| IndexError::TooMany("distinct texts"))?;
        let mut entry = comparable(written);
        if entry != written {
            entry.push(SEPARATOR);
            entry.push_str(written);
        }
        self.entries.push(entry.into());
        self.numbers.insert(written.into(), number);
        Ok(number)
    }

    /// Number of texts.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Sorts the texts, those that are `used` or all. Returns the final texts and, by provisional
    /// number, the final number.
    pub(super) fn finish(self, used: Option<&[bool]>) -> (Vec<Box<str>>, Vec<u32>) {
        drop(self.numbers);
        let mut entries = self.entries;
        let is_used = |place: &u32| {
            *place == 0 || used.is_none_or(|used| used.get(*place as usize) == Some(&true))
        };
        let mut order: Vec<u32> = (0..entries.len() as u32).filter(is_used).collect();
        order.par_sort_unstable_by(|a, b| entries.get(*a as usize).cmp(&entries.get(*b as usize)));
        let mut finals = vec![0; entries.len()];
        let mut sorted = Vec::with_capacity(order.len());
        for (position, provisional) in order.iter().enumerate() {
            let provisional = *provisional as usize;
            if let (Some(slot), Some(entry)) =
                (finals.get_mut(provisional), entries.get_mut(provisional))
            {
                *slot = position as u32;
                sorted.push(std::mem::take(entry));
            }
        }
        (sorted, finals)
    }
}

/// Offsets and text of a finished dictionary.
pub(super) fn layout(entries: &[Box<str>]) -> Result<(Vec<u32>, Vec<u8>), IndexError> {
    let mut offsets = Vec::with_capacity(entries.len() + 1);
    let mut text = Vec::new();
    offsets.push(0);
    for entry in entries {
        text.extend_from_slice(entry.as_bytes());
        let end = u32::try_from(text.len()).map_err(|_| IndexError::TooMany("texts"))?;
        offsets.push(end);
    }
    Ok((offsets, text))
}

/// A dictionary inside an open index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dictionary<'a> {
    pub(super) offsets: &'a [u32],
    pub(super) text: &'a [u8],
    /// People whose current details hold the entry.
    pub(super) counts: &'a [u32],
    /// Entries, ascending, of those among them who are held otherwise by now, or no longer.
    pub(super) gone: &'a [u32],
    /// Of each entry, what is asked for most.
    pub(super) cards: &'a [Card],
}

/// How many of the ascending `numbers` lie in `range`.
pub(crate) fn within(numbers: &[u32], range: &Range<u32>) -> u32 {
    let before = |end: u32| numbers.partition_point(|number| *number < end);
    before(range.end).saturating_sub(before(range.start)) as u32
}

impl<'a> Dictionary<'a> {
    /// No texts at all.
    pub(super) const EMPTY: Self = Self {
        offsets: &[],
        text: &[],
        counts: &[],
        gone: &[],
        cards: &[],
    };

    /// Number of entries.
    pub(crate) fn len(&self) -> u32 {
        self.offsets.len().saturating_sub(1) as u32
    }

    fn entry(&self, number: u32) -> &'a [u8] {
        let number = number as usize;
        let (Some(from), Some(to)) = (self.offsets.get(number), self.offsets.get(number + 1))
        else {
            return &[];
        };
        self.text
            .get(*from as usize..*to as usize)
            .unwrap_or_default()
    }

    fn card(&self, number: u32) -> Option<&'a Card> {
        self.cards.get(number as usize)
    }

    pub(super) fn read_ahead(&self, number: u32) {
        black_box(self.card(number).map(|card| card.count));
    }

    /// What can be told of entry `number` without its letters.
    pub(crate) fn signature(&self, number: u32) -> Signature {
        self.card(number)
            .map_or(Signature::EMPTY, |card| card.signature)
    }

    /// What entry `number` compares as.
    pub(crate) fn comparable(&self, number: u32) -> &'a str {
        if let Some(text) = self.card(number).and_then(Card::text) {
            return text;
        }
        let entry = self.entry(number);
        let end = entry.iter().position(|byte| *byte == SEPARATOR as u8);
        let comparable = entry.get(..end.unwrap_or(entry.len()));
        std::str::from_utf8(comparable.unwrap_or_default()).unwrap_or_default()
    }

    /// Is there an entry `number`, and does it compare as `text`?
    pub(super) fn compares_as(&self, number: u32, text: &str) -> bool {
        if let Some(held) = self.card(number).and_then(Card::bytes) {
            return held == text.as_bytes();
        }
        let rest = self.entry(number).strip_prefix(text.as_bytes());
        let is_whole = |rest: &[u8]| rest.first().is_none_or(|byte| *byte == SEPARATOR as u8);
        number < self.len() && rest.is_some_and(is_whole)
    }

    /// Entry `number` as written.
    pub(crate) fn written(&self, number: u32) -> &'a str {
        let entry = std::str::from_utf8(self.entry(number)).unwrap_or_default();
        entry
            .split_once(SEPARATOR)
            .map_or(entry, |(_, written)| written)
    }

    /// Numbers of all entries that start with `prefix`.
    pub(crate) fn prefix_range(&self, prefix: &str) -> Range<u32> {
        let start = self.partition_point(|entry| entry < prefix);
        let end = self.partition_point(|entry| entry < prefix || entry.starts_with(prefix));
        start..end
    }

    fn partition_point(&self, before: impl Fn(&str) -> bool) -> u32 {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if before(self.comparable(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// People whose current details hold entry `number`.
    pub(crate) fn count_of(&self, number: u32) -> u32 {
        let count = match self.card(number) {
            Some(card) => card.count,
            None => self.counts.get(number as usize).copied().unwrap_or(0),
        };
        let gone = within(self.gone, &(number..number.saturating_add(1)));
        count.saturating_sub(gone)
    }

    /// People whose current details hold one of the entries in `range`.
    pub(crate) fn count(&self, range: &Range<u32>) -> u32 {
        let counts = range.clone().map(|number| self.count_of(number));
        counts.fold(0, u32::saturating_add)
    }
}
