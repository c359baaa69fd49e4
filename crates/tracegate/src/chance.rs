//! The one place that reads randomness.

use std::sync::{Mutex, PoisonError};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sealing::Fresh;
use zeroize::Zeroizing;

/// A source of randomness.
#[derive(Debug)]
pub struct Chance(Mutex<ChaCha20Rng>);

/// Letters of a public reference: no vowels, no look-alikes.
const LETTERS: &[u8; 24] = b"23456789BCDFGHJKMNPQRSTV";

impl Chance {
    /// Seeded by the operating system.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads randomness"
    )]
    pub fn system() -> Result<Chance, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Chance(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }

    /// Repeatable, for tests.
    #[cfg(test)]
    pub fn seeded(seed: u64) -> Chance {
        Chance(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }

    /// Fresh bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut bytes);
        bytes
    }

    /// A public case reference such as `TG-7F3K-92QD-B4`: 10 letters of 24, 46 bits.
    pub fn reference(&self) -> String {
        let letters: Vec<char> = (0..10)
            .map(|_| char::from(LETTERS[self.below(LETTERS.len())]))
            .collect();
        let part = |range: std::ops::Range<usize>| letters[range].iter().collect::<String>();
        format!("TG-{}-{}-{}", part(0..4), part(4..8), part(8..10))
    }

    /// What sealing one file takes.
    pub fn fresh_seal(&self) -> Fresh {
        Fresh {
            ephemeral: Zeroizing::new(self.bytes()),
            file_key: Zeroizing::new(self.bytes()),
            nonce: self.bytes(),
        }
    }

    /// A code for somebody to type, such as `7F3K-92QD-B4TN`: 12 letters of 24, 55 bits.
    pub fn code(&self) -> String {
        let letter = |_| char::from(LETTERS[self.below(LETTERS.len())]);
        let part = |_| (0..4).map(letter).collect::<String>();
        (0..3).map(part).collect::<Vec<_>>().join("-")
    }

    /// A hex token with 256 bits.
    pub fn token(&self) -> String {
        hex::encode(self.bytes::<32>())
    }

    /// A number below `limit`, evenly spread.
    fn below(&self, limit: usize) -> usize {
        let all = 256 - 256 % limit;
        loop {
            let [byte] = self.bytes::<1>();
            if usize::from(byte) < all {
                return usize::from(byte) % limit;
            }
        }
    }
}
