//! Second pass: rows into their final order, each told where its person's current row is.

use rayon::prelude::*;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::ahead::ahead;
use super::intake::People;
use super::keys::{Lists, SearchKeys};
use super::scratch::Scratch;
use super::sections::Sections;
use super::sorter::Sorter;
use super::texts::{Dictionaries, TEXTS, Text};
use super::{BuildPhase, BuildProgress};
use crate::index::row::{Row, flag};
use crate::index::{IndexError, hash};

/// A row on its way. The order of the fields is the final order of rows.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, FromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub(super) struct Draft {
    row: Row,
    /// Orders people who are alike in everything else, whatever the input order.
    id_hash: [u32; 2],
    /// Number of the person in the order of the input.
    person: u32,
}

impl Draft {
    fn id_hash(&self) -> u64 {
        let [high, low] = self.id_hash;
        u64::from(high) << 32 | u64::from(low)
    }
}

/// All rows of all people, in no order yet.
pub(super) struct Drafts {
    sorter: Sorter<Draft>,
    pub(super) counts: Counts,
}

/// How much of everything there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub people: u64,
    pub rows: u64,
    /// Rows with an NHS number.
    pub numbered: u64,
    pub id_bytes: u64,
    /// People with a history, and its words.
    pub extras: u64,
    pub extra_words: u64,
    /// People of whom a registration is known.
    pub registered: u64,
}

impl Drafts {
    pub(super) fn collect(
        people: &mut People,
        scratch: &Scratch,
        memory_bytes: usize,
        progress: &mut dyn FnMut(BuildProgress),
    ) -> Result<Self, IndexError> {
        let mut sorter = Sorter::new(scratch, memory_bytes);
        let mut counts = Counts::default();
        let kept = people.kept();
        let mut rows = Vec::new();
        people.for_each_chunk(|first, chunk| {
            for (person, record) in (first..).zip(chunk) {
                record.rows(&mut rows);
                let id_hash = hash(&[&record.person_id]);
                for row in &rows {
                    sorter.push(Draft {
                        row: *row,
                        id_hash: [(id_hash >> 32) as u32, id_hash as u32],
                        person,
                    })?;
                }
                counts.add(record, &rows);
            }
            progress(BuildProgress::of(BuildPhase::Sorting, counts.people, kept));
            Ok(())
        })?;
        u32::try_from(counts.rows).map_err(|_| IndexError::TooMany("rows"))?;
        u32::try_from(counts.id_bytes).map_err(|_| IndexError::TooMany("identifiers"))?;
        u32::try_from(counts.extra_words).map_err(|_| IndexError::TooMany("histories"))?;
        Ok(Self { sorter, counts })
    }
}

impl Counts {
    fn add(&mut self, record: &super::record::Record, rows: &[Row]) {
        self.people += 1;
        self.rows += rows.len() as u64;
        self.numbered += rows.iter().filter(|row| row.nhs_stem != 0).count() as u64;
        self.id_bytes += record.person_id.len() as u64;
        self.registered += u64::from(record.registration != Default::default());
        if !record.extras.is_empty() {
            self.extras += 1;
            self.extra_words += record.extras.words() as u64;
        }
    }
}

/// What is known once all rows have their place.
pub(super) struct Placed {
    /// Current row by number of the person.
    pub primaries: Vec<u32>,
    /// People whose current details hold each text.
    pub text_counts: [Vec<u32>; TEXTS],
    pub lists: Lists,
}

/// Writes the section of rows.
pub(super) fn place(
    drafts: Drafts,
    dictionaries: &Dictionaries,
    mut lists: Lists,
    sections: &mut Sections,
    progress: &mut dyn FnMut(BuildProgress),
) -> Result<Placed, IndexError> {
    let counts = drafts.counts;
    let mut sorted = drafts.sorter.finish()?;
    let mut section = sections.next::<Row>(counts.rows)?;
    let mut primaries = vec![0; counts.people as usize];
    let mut text_counts = dictionaries.zeros();
    let mut rows = Vec::new();
    let mut first = 0u32;
    let make = || {
        let mut chunk = Vec::new();
        sorted.fill(&mut chunk, CHUNK)?;
        Ok((!chunk.is_empty()).then_some(chunk))
    };
    let keys = SearchKeys::new(dictionaries);
    ahead(make, |mut chunk| {
        rows.clear();
        for (position, draft) in (first..).zip(&mut chunk) {
            place_one(draft, position, &mut primaries, &mut text_counts);
            rows.push(draft.row);
        }
        section.write(&rows)?;
        let hashes = chunk.par_iter().map(|draft| {
            let id_hash = (!draft.row.is_earlier()).then(|| draft.id_hash());
            keys.of(&draft.row, id_hash)
        });
        lists.push(first, &hashes.collect::<Vec<_>>())?;
        first += chunk.len() as u32;
        progress(BuildProgress::of(
            BuildPhase::Placing,
            u64::from(first),
            counts.rows,
        ));
        Ok(())
    })?;
    sections.close(section)?;
    Ok(Placed {
        primaries,
        text_counts,
        lists,
    })
}

/// Rows held at a time.
const CHUNK: usize = 1 << 15;

// INVARIANT: the bits that mark an earlier row are the only ones in `when` that differ between the
// rows of a person, so that the current row comes first.
fn place_one(
    draft: &mut Draft,
    position: u32,
    primaries: &mut [u32],
    text_counts: &mut [Vec<u32>; TEXTS],
) {
    let Some(primary) = primaries.get_mut(draft.person as usize) else {
        return;
    };
    if !draft.row.is(flag::EARLIER) {
        *primary = position;
        let row = &draft.row;
        for (text, number) in [
            (Text::Given, row.given),
            (Text::Surname, row.surname),
            (Text::Street, row.street),
            (Text::Town, row.town),
            (Text::Postcode, row.postcode),
        ] {
            count(text_counts, text, number);
        }
    }
    draft.row.primary = *primary;
}

fn count(text_counts: &mut [Vec<u32>; TEXTS], text: Text, number: u32) {
    let counts = text_counts.get_mut(text as usize);
    if let Some(count) = counts.and_then(|counts| counts.get_mut(number as usize)) {
        *count += 1;
    }
}
