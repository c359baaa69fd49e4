//! Third pass: what is kept beside the rows, in the order of the rows.

use std::io::Cursor;

use super::intake::People;
use super::record::Record;
use super::rows::Counts;
use super::scratch::{Scratch, Spool};
use super::sections::{Section, Sections};
use super::{BuildPhase, BuildProgress};
use crate::index::IndexError;
use crate::index::row::Registration;

/// People by ranges of rows, each range small enough to be sorted in memory.
struct Shelves {
    shelves: Vec<Spool>,
    rows_a_shelf: u64,
    bytes: Vec<u8>,
}

/// Files open at a time; a process has at least 256, and a few are needed elsewhere.
const SHELVES_MAX: u64 = 192;
const SHELF_BUFFER: usize = 1 << 16;

impl Shelves {
    fn new(
        scratch: &Scratch,
        memory_bytes: usize,
        people: &People,
        rows: u64,
    ) -> Result<Self, IndexError> {
        // A record takes about three times as much in memory as in the file.
        let wanted = (people.bytes() * 4).div_ceil(memory_bytes as u64);
        let shelves = wanted.clamp(1, SHELVES_MAX);
        let spools = (0..shelves).map(|_| Spool::with_buffer(scratch, SHELF_BUFFER));
        Ok(Self {
            shelves: spools.collect::<Result<_, _>>()?,
            rows_a_shelf: rows.div_ceil(shelves).max(1),
            bytes: Vec::new(),
        })
    }

    fn put(&mut self, row: u32, record: &Record) -> Result<(), IndexError> {
        self.bytes.clear();
        self.bytes.extend_from_slice(&row.to_le_bytes());
        record.encode(&mut self.bytes);
        match self
            .shelves
            .get_mut((u64::from(row) / self.rows_a_shelf) as usize)
        {
            Some(shelf) => shelf.write(&self.bytes),
            None => Ok(()),
        }
    }
}

/// People of one shelf by their current row.
fn sorted(shelf: Spool, scratch: &Scratch) -> Result<Vec<(u32, Record)>, IndexError> {
    let bytes = shelf.into_bytes()?;
    let mut rest = Cursor::new(bytes.as_slice());
    let mut people = Vec::new();
    while (rest.position() as usize) < bytes.len() {
        let one = read_one(&mut rest).map_err(scratch.error("read"))?;
        people.push(one);
    }
    people.sort_unstable_by_key(|(row, _)| *row);
    Ok(people)
}

fn read_one(rest: &mut Cursor<&[u8]>) -> std::io::Result<(u32, Record)> {
    let mut row = [0; 4];
    std::io::Read::read_exact(rest, &mut row)?;
    Ok((u32::from_le_bytes(row), Record::decode(rest)?))
}

/// Writes identifiers, registrations and histories.
pub(super) fn write(
    people: &mut People,
    primaries: &[u32],
    counts: &Counts,
    (scratch, memory_bytes): (&Scratch, usize),
    sections: &mut Sections,
    progress: &mut dyn FnMut(BuildProgress),
) -> Result<(), IndexError> {
    let mut shelves = Shelves::new(scratch, memory_bytes, people, counts.rows)?;
    people.for_each_chunk(|first, chunk| {
        for (person, record) in (first as usize..).zip(chunk) {
            let row = primaries.get(person).copied().unwrap_or_default();
            shelves.put(row, record)?;
        }
        Ok(())
    })?;
    let mut details = Details::new(counts, sections)?;
    for shelf in shelves.shelves {
        for (row, record) in sorted(shelf, scratch)? {
            details.add(row, &record)?;
        }
        details.flush()?;
        progress(BuildProgress::of(
            BuildPhase::Detailing,
            details.people,
            counts.people,
        ));
    }
    details.finish(counts.rows, sections)
}

/// The sections that are being written, and what waits for them.
struct Details {
    id_offsets: Buffered<u32>,
    id_text: Buffered<u8>,
    registrations: Buffered<Registration>,
    has_registrations: bool,
    extra_rows: Buffered<u32>,
    extra_offsets: Buffered<u32>,
    extra_words: Buffered<u32>,
    people: u64,
    /// Rows whose identifier and registration are there.
    rows: u64,
    id_end: u32,
    extra_end: u32,
}

struct Buffered<T> {
    section: Section,
    items: Vec<T>,
}

impl<T: zerocopy::IntoBytes + zerocopy::Immutable> Buffered<T> {
    fn new(sections: &mut Sections, items: u64) -> Result<Self, IndexError> {
        Ok(Self {
            section: sections.next::<T>(items)?,
            items: Vec::new(),
        })
    }

    fn flush(&mut self) -> Result<(), IndexError> {
        self.section.write(&self.items)?;
        self.items.clear();
        Ok(())
    }

    fn close(mut self, sections: &mut Sections) -> Result<(), IndexError> {
        self.flush()?;
        sections.close(self.section)
    }
}

impl Details {
    fn new(counts: &Counts, sections: &mut Sections) -> Result<Self, IndexError> {
        let has_registrations = counts.registered > 0;
        let mut details = Self {
            id_offsets: Buffered::new(sections, counts.rows + 1)?,
            id_text: Buffered::new(sections, counts.id_bytes)?,
            registrations: Buffered::new(
                sections,
                if has_registrations { counts.rows } else { 0 },
            )?,
            has_registrations,
            extra_rows: Buffered::new(sections, counts.extras)?,
            extra_offsets: Buffered::new(sections, counts.extras + 1)?,
            extra_words: Buffered::new(sections, counts.extra_words)?,
            people: 0,
            rows: 0,
            id_end: 0,
            extra_end: 0,
        };
        details.id_offsets.items.push(0);
        details.extra_offsets.items.push(0);
        Ok(details)
    }

    fn add(&mut self, row: u32, record: &Record) -> Result<(), IndexError> {
        self.skip_to(u64::from(row))?;
        self.people += 1;
        self.rows += 1;
        self.id_end += record.person_id.len() as u32;
        self.id_text.items.extend_from_slice(&record.person_id);
        self.id_offsets.items.push(self.id_end);
        if self.has_registrations {
            self.registrations.items.push(record.registration);
        }
        if !record.extras.is_empty() {
            record.extras.write(&mut self.extra_words.items);
            self.extra_end += record.extras.words() as u32;
            self.extra_rows.items.push(row);
            self.extra_offsets.items.push(self.extra_end);
        }
        if self.id_offsets.items.len() >= ITEMS_MAX {
            self.flush()?;
        }
        Ok(())
    }

    /// Rows up to `row` are of people under earlier details and have no identifier.
    fn skip_to(&mut self, row: u64) -> Result<(), IndexError> {
        while self.rows < row {
            let count = (row - self.rows).min(ITEMS_MAX as u64) as usize;
            let offsets = std::iter::repeat_n(self.id_end, count);
            self.id_offsets.items.extend(offsets);
            if self.has_registrations {
                let empty = std::iter::repeat_n(Registration::default(), count);
                self.registrations.items.extend(empty);
            }
            self.rows += count as u64;
            if self.id_offsets.items.len() >= ITEMS_MAX {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IndexError> {
        self.id_offsets.flush()?;
        self.id_text.flush()?;
        self.registrations.flush()?;
        self.extra_rows.flush()?;
        self.extra_offsets.flush()?;
        self.extra_words.flush()
    }

    fn finish(mut self, rows: u64, sections: &mut Sections) -> Result<(), IndexError> {
        self.skip_to(rows)?;
        self.id_offsets.close(sections)?;
        self.id_text.close(sections)?;
        self.registrations.close(sections)?;
        self.extra_rows.close(sections)?;
        self.extra_offsets.close(sections)?;
        self.extra_words.close(sections)
    }
}

/// Rows that wait to be written.
const ITEMS_MAX: usize = 1 << 15;
