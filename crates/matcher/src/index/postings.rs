//! Search keys hashed into buckets of rows.
//!
//! A bucket may hold rows of other keys: whoever reads it compares the rows anyway. Rows ascend, which
//! is to say that they stand in order of birth.

use std::ops::Range;

/// What can be searched by, besides the date of birth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    NhsNumber,
    /// Surname and the initial of the given name.
    Surname,
    /// Given name and the initial of the surname.
    GivenName,
    Postcode,
    Premises,
    PersonId,
}

impl Key {
    pub(super) const ALL: [Self; 6] = [
        Self::NhsNumber,
        Self::Surname,
        Self::GivenName,
        Self::Postcode,
        Self::Premises,
        Self::PersonId,
    ];
}

/// Hash of a whole name, begun as `whole`, and the initial of the other.
pub(crate) fn name_hash(whole: Hash, other: &str) -> u64 {
    let initial = other.chars().next().map_or(0, char::len_utf8);
    let initial = other.as_bytes().get(..initial).unwrap_or_default();
    whole.and(initial).finish()
}

/// Hash of a house number and a street, with or without its spaces.
pub(crate) fn premises_hash(number: u16, street: &str) -> u64 {
    let letters = street.bytes().filter(|byte| *byte != b' ');
    let number = Hash::NONE.and(&number.to_le_bytes());
    number.and_bytes(letters).finish()
}

/// Hash of the parts of a key.
pub(crate) fn hash(parts: &[&[u8]]) -> u64 {
    let parts = parts.iter();
    parts.fold(Hash::NONE, |hash, part| hash.and(part)).finish()
}

/// A 64-bit hash of the parts of a key in the making: FNV-1a, then the finalizer of MurmurHash3, so that low
/// bits depend on every byte.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hash(u64);

impl Hash {
    const NONE: Self = Self(0xcbf2_9ce4_8422_2325);

    /// Of a first part.
    pub(crate) fn of(text: &str) -> Self {
        Self::NONE.and(text.as_bytes())
    }

    /// And of another part.
    fn and(self, part: &[u8]) -> Self {
        self.and_bytes(part.iter().copied())
    }

    fn and_bytes(self, part: impl Iterator<Item = u8>) -> Self {
        let bytes = part.chain(std::iter::once(0));
        Self(bytes.fold(self.0, |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }))
    }

    /// Of all parts.
    pub(crate) fn finish(self) -> u64 {
        let mut state = self.0;
        state = (state ^ state >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
        state = (state ^ state >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        state ^ state >> 33
    }
}

/// Buckets for a list of `entries`: between one and a half and three entries a bucket, if all keys
/// differ. Identifiers are looked up for one person at a time, where longer buckets cost little.
pub(super) fn bucket_count(key: Key, entries: u64) -> usize {
    let entries_max = if key == Key::PersonId { 12 } else { 3 };
    (entries as usize / entries_max)
        .next_power_of_two()
        .max(BUCKETS_MIN)
}

/// Few people share a bucket by chance in a small delta, too: it is searched as its people would be in an
/// index of many.
const BUCKETS_MIN: usize = 1024;

/// Bucket of a key; `buckets` is a power of two.
pub(super) fn bucket_of(hash: u64, buckets: usize) -> usize {
    hash as usize & (buckets - 1)
}

/// A list inside an open index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Postings<'a> {
    pub directory: &'a [u32],
    pub rows: &'a [u32],
}

impl<'a> Postings<'a> {
    /// Rows that may have the key with this hash, ascending.
    pub(super) fn bucket(&self, hash: u64) -> &'a [u32] {
        self.rows.get(self.place(hash)).unwrap_or_default()
    }

    /// Where the bucket of this hash stands in the list.
    pub(super) fn place(&self, hash: u64) -> Range<usize> {
        let buckets = self.directory.len().saturating_sub(1);
        if !buckets.is_power_of_two() {
            return 0..0;
        }
        let bucket = bucket_of(hash, buckets);
        let end = |bucket: usize| self.directory.get(bucket).copied().unwrap_or_default() as usize;
        end(bucket)..end(bucket + 1)
    }
}
