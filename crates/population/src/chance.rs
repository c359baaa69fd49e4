//! Reproducible chance: one named generator, one stream for every purpose and place.
//!
//! Ranges are drawn by a plain multiply and shift written here, so that a newer random library
//! cannot change which people a seed stands for.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of chance is for. Streams of different purposes never overlap.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    People = 1,
    Places = 2,
    Numbers = 3,
    Picks = 4,
    Noise = 5,
}

/// A stream of chance, fixed by seed, purpose and number.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn new(seed: u64, purpose: Purpose, number: u64) -> Chance {
        let mut key = [0; 32];
        let words = [seed, purpose as u64, u64::from_le_bytes(*b"populate"), 0];
        for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(number);
        Chance(rng)
    }

    /// A number below `limit`; 0 if the limit is 0.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(limit)) >> 32) as u32
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        let width = high.saturating_sub(low).max(0).unsigned_abs() + 1;
        low + self.below(width) as i32
    }

    /// True with the given probability.
    pub(crate) fn hit(&mut self, probability: f64) -> bool {
        f64::from(self.0.next_u32()) < probability * 4_294_967_296.0
    }

    /// One of the items, each as likely; the list must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u32) as usize]
    }

    /// One of the items by whole-number weight; the list must not be empty.
    pub(crate) fn pick_weighted<'a, T>(&mut self, items: &'a [(u32, T)]) -> &'a T {
        let mut left = self.below(items.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in items {
            if left < *weight {
                return item;
            }
            left -= weight;
        }
        &items[items.len() - 1].1
    }

    /// A rank from 0 to `count - 1` with weight `1 / (rank + offset + 1)` (Zipf-Mandelbrot).
    ///
    /// An octave is drawn evenly, a place in it evenly, and the place kept in proportion to its
    /// weight: whole numbers only, so every machine draws the same rank.
    pub(crate) fn zipf(&mut self, offset: u32, count: u32) -> u32 {
        let first = u64::from(offset) + 1;
        let end = first + u64::from(count.max(1));
        let octaves = (0..32).find(|shift| first << shift >= end).unwrap_or(32);
        loop {
            let low = first << self.below(octaves);
            let place = low + u64::from(self.below(low as u32));
            if place < end && u64::from(self.below(place as u32)) < low {
                return (place - first) as u32;
            }
        }
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u32 + 1) as usize);
        }
    }

    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }
}

/// A keyed shuffle of the numbers below `len`, computed without a table.
///
/// A four-round Feistel network over the next even power of two; values that fall outside are
/// sent through again until they land inside (cycle walking), which keeps it one-to-one.
#[derive(Clone, Debug)]
pub(crate) struct Permutation {
    len: u64,
    half_bits: u32,
    keys: [u32; 4],
}

impl Permutation {
    pub(crate) fn new(len: u64, seed: u64, number: u64) -> Permutation {
        let mut chance = Chance::new(seed, Purpose::Numbers, number);
        let bits = u64::BITS - len.max(2).saturating_sub(1).leading_zeros();
        let half_bits = bits.div_ceil(2);
        Permutation {
            len: len.max(1),
            half_bits,
            keys: [(); 4].map(|()| chance.next_u32()),
        }
    }

    /// The place of `value`, which must be below the length.
    pub(crate) fn apply(&self, value: u64) -> u64 {
        debug_assert!(value < self.len);
        let mut value = self.rounds(value);
        while value >= self.len {
            value = self.rounds(value);
        }
        value
    }

    fn rounds(&self, value: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mix(right as u32 ^ key) & mask));
        }
        (left << self.half_bits) | right
    }
}

/// Scatters a number over 32 bits; a small hash for places that need no stream of their own.
pub(crate) fn mix(value: u32) -> u64 {
    let mut value = value;
    value = (value ^ (value >> 16)).wrapping_mul(0x7feb_352d);
    value = (value ^ (value >> 15)).wrapping_mul(0x846c_a68b);
    u64::from(value ^ (value >> 16))
}

#[cfg(test)]
mod tests;
