//! Search keys of rows, and the lists of rows by search key.

use rayon::prelude::*;

use super::rows::Counts;
use super::scratch::Scratch;
use super::sections::Sections;
use super::sorter::Sorter;
use super::texts::{Dictionaries, Text};
use super::{BuildPhase, BuildProgress};
use crate::index::IndexError;
use crate::index::postings::{Hash, Key, bucket_count, bucket_of, hash, name_hash, premises_hash};
use crate::index::row::Row;
use crate::normalize;

const LISTS: usize = Key::ALL.len();

/// Hashes of the search keys of one row, in the order of [`Key::ALL`].
pub(super) type Hashes = [Option<u64>; LISTS];

/// Makes search keys.
pub(super) struct SearchKeys<'a> {
    dictionaries: &'a Dictionaries,
}

impl<'a> SearchKeys<'a> {
    pub(super) fn new(dictionaries: &'a Dictionaries) -> Self {
        Self { dictionaries }
    }

    /// `id_hash` is that of the identifier, for the current row of a person.
    pub(super) fn of(&self, row: &Row, id_hash: Option<u64>) -> Hashes {
        let surname = self.dictionaries.comparable(Text::Surname, row.surname);
        let given = self.dictionaries.comparable(Text::Given, row.given);
        Key::ALL.map(|key| match key {
            Key::NhsNumber => (row.nhs_stem != 0).then(|| hash(&[&row.nhs_stem.to_le_bytes()])),
            Key::Surname => (!surname.is_empty()).then(|| name_hash(Hash::of(surname), given)),
            Key::GivenName => (!given.is_empty()).then(|| name_hash(Hash::of(given), surname)),
            Key::Postcode => self.postcode(row),
            Key::Premises => self.premises(row),
            Key::PersonId => id_hash,
        })
    }

    fn postcode(&self, row: &Row) -> Option<u64> {
        let postcode = self.dictionaries.comparable(Text::Postcode, row.postcode);
        let usable = !postcode.is_empty() && !normalize::is_pseudo_postcode(postcode);
        usable.then(|| hash(&[postcode.as_bytes()]))
    }

    fn premises(&self, row: &Row) -> Option<u64> {
        let street = self.dictionaries.comparable(Text::Street, row.street);
        (!street.is_empty() && row.number != 0).then(|| premises_hash(row.number, street))
    }
}

/// Lists of rows that are being collected.
pub(super) struct Lists(Vec<List>);

struct List {
    buckets: usize,
    /// Bucket above row.
    entries: Sorter<u64>,
}

impl Lists {
    pub(super) fn new(scratch: &Scratch, memory_bytes: usize, counts: &Counts) -> Self {
        let list = |key| {
            let entries = match key {
                Key::NhsNumber => counts.numbered,
                Key::PersonId => counts.people,
                _ => counts.rows,
            };
            List {
                buckets: bucket_count(key, entries),
                entries: Sorter::new(scratch, memory_bytes / LISTS),
            }
        };
        Self(Key::ALL.map(list).into())
    }

    /// Adds the keys of rows from `first` on.
    pub(super) fn push(&mut self, first: u32, hashes: &[Hashes]) -> Result<(), IndexError> {
        let lists = self.0.par_iter_mut().enumerate();
        lists.try_for_each(|(key, list)| {
            for (row, hashes) in (first..).zip(hashes) {
                if let Some(hash) = hashes.get(key).copied().flatten() {
                    let bucket = bucket_of(hash, list.buckets) as u64;
                    list.entries.push(bucket << 32 | u64::from(row))?;
                }
            }
            Ok(())
        })
    }

    /// Writes two sections a list.
    pub(super) fn write(
        self,
        sections: &mut Sections,
        progress: &mut dyn FnMut(BuildProgress),
    ) -> Result<(), IndexError> {
        let total = self.0.iter().map(|list| list.entries.len()).sum();
        let mut done = 0;
        for list in self.0 {
            done += list.entries.len();
            list.write(sections)?;
            progress(BuildProgress::of(BuildPhase::Listing, done, total));
        }
        Ok(())
    }
}

impl List {
    fn write(self, sections: &mut Sections) -> Result<(), IndexError> {
        let total = self.entries.len();
        u32::try_from(total).map_err(|_| IndexError::TooMany("search keys"))?;
        let mut directory = sections.next::<u32>(self.buckets as u64 + 1)?;
        let mut rows = sections.next::<u32>(total)?;
        let mut sorted = self.entries.finish()?;
        let (mut chunk, mut ends, mut list) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ended, mut written) = (0, 0u32);
        loop {
            sorted.fill(&mut chunk, CHUNK)?;
            if chunk.is_empty() {
                break;
            }
            ends.clear();
            list.clear();
            for entry in &chunk {
                // The directory holds the start of every bucket up to this one.
                let bucket = (entry >> 32) as usize;
                ends.extend(std::iter::repeat_n(
                    written,
                    (bucket + 1).saturating_sub(ended),
                ));
                ended = ended.max(bucket + 1);
                list.push(*entry as u32);
                written += 1;
            }
            directory.write(&ends)?;
            rows.write(&list)?;
        }
        while ended <= self.buckets {
            let count = (self.buckets + 1 - ended).min(CHUNK);
            directory.write(&vec![written; count])?;
            ended += count;
        }
        sections.close(directory)?;
        sections.close(rows)
    }
}

/// Entries held at a time.
const CHUNK: usize = 1 << 15;
