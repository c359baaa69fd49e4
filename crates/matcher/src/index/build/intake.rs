//! First pass: people as they come, into a temporary file, and their texts into dictionaries.

use std::fs::File;
use std::io::BufReader;
use std::ops::Range;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::ahead::ahead;
use super::record::Record;
use super::scratch::{Scratch, Spool};
use super::sorter::Sorter;
use super::texts::{Dictionaries, Finals, References, Texts};
use crate::Person;
use crate::index::extras::Extras;
use crate::index::{IndexError, hash};
use crate::normalize::{self, Premises};

/// Everybody read so far; numbers of texts are provisional.
pub(super) struct Intake {
    texts: Texts,
    people: Spool,
    ids: Sorter<Seen>,
    read: u64,
    scratch: Scratch,
    bytes: Vec<u8>,
}

/// An identifier, and the place of the person in the input.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, FromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
struct Seen {
    id_hash: u64,
    input: u64,
}

/// A person of whom the costly part is done: what does not depend on other people.
pub(super) struct Prepared {
    person: Person,
    id_hash: u64,
    premises: Premises,
    previous_premises: Vec<Premises>,
}

impl Intake {
    pub(super) fn new(scratch: &Scratch, memory_bytes: usize) -> Result<Self, IndexError> {
        Ok(Self {
            texts: Texts::new(),
            people: Spool::new(scratch)?,
            ids: Sorter::new(scratch, memory_bytes / 2),
            read: 0,
            scratch: scratch.clone(),
            bytes: Vec::new(),
        })
    }

    /// Adds a person.
    pub(super) fn add(&mut self, person: &Prepared) -> Result<(), IndexError> {
        let record = record_of(&mut self.texts, person)?;
        self.bytes.clear();
        record.encode(&mut self.bytes);
        self.people.write(&self.bytes)?;
        self.ids.push(Seen {
            id_hash: person.id_hash,
            input: self.read,
        })?;
        self.read += 1;
        Ok(())
    }

    /// People taken in.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Puts the texts into order and finds the records that repeat an identifier.
    pub(super) fn finish(self) -> Result<People, IndexError> {
        let Self {
            texts,
            people,
            ids,
            read,
            scratch,
            ..
        } = self;
        let mut people = People {
            spool: people,
            repeats: repeats(ids)?,
            read,
            scratch,
            dictionaries: Dictionaries::default(),
            finals: Finals::default(),
        };
        u32::try_from(people.kept()).map_err(|_| IndexError::TooMany("people"))?;
        // What only repeats mentioned must not stay.
        let used = match people.repeats.is_empty() {
            true => None,
            false => {
                let mut marks = texts.marks();
                let mut kept = people.kept_records()?;
                while let Some(mut record) = kept.next()? {
                    record.visit(&mut |text, number| marks.mark(text, *number));
                }
                Some(marks)
            }
        };
        (people.dictionaries, people.finals) = texts.finish(used);
        Ok(people)
    }
}

pub(super) fn prepare(person: Person) -> Prepared {
    let previous = person.previous_addresses.iter();
    Prepared {
        id_hash: hash(&[person.person_id.as_bytes()]),
        premises: normalize::premises(&person.address.address),
        previous_premises: previous
            .map(|address| normalize::premises(&address.address))
            .collect(),
        person,
    }
}

fn record_of(texts: &mut Texts, prepared: &Prepared) -> Result<Record, IndexError> {
    let person = &prepared.person;
    let names = person.previous_names.iter().map(|name| texts.name(name));
    let names = names.collect::<Result<_, _>>()?;
    let addresses = person.previous_addresses.iter();
    let addresses = addresses
        .zip(&prepared.previous_premises)
        .map(|(address, premises)| texts.address(address, premises))
        .collect::<Result<_, _>>()?;
    let numbers = person.superseded_nhs_numbers.iter();
    let extras = Extras {
        names,
        addresses,
        nhs_stems: numbers.map(|number| number.stem()).collect(),
        death_date: person.death_date,
    };
    let name = texts.name(&person.name)?;
    let address = texts.address(&person.address, &prepared.premises)?;
    let practice = texts.practice(person.gp_practice_code.as_deref().unwrap_or_default())?;
    Ok(Record::new(person, name, address, practice, extras))
}

/// Places in the input, ascending, of all but the first record of each identifier.
fn repeats(ids: Sorter<Seen>) -> Result<Vec<u64>, IndexError> {
    let mut sorted = ids.finish()?;
    let mut repeats = Vec::new();
    let mut before = None;
    while let Some(seen) = sorted.next()? {
        if before == Some(seen.id_hash) {
            repeats.push(seen.input);
        }
        before = Some(seen.id_hash);
    }
    repeats.sort_unstable();
    Ok(repeats)
}

/// Everybody, in the order of the input, with the texts in their final order.
pub(super) struct People {
    spool: Spool,
    /// Places in the input of records that are left out.
    repeats: Vec<u64>,
    read: u64,
    scratch: Scratch,
    pub(super) dictionaries: Dictionaries,
    finals: Finals,
}

impl People {
    /// Places in the input of records that are left out, ascending.
    pub(super) fn repeats(&self) -> impl Iterator<Item = u64> {
        self.repeats.iter().copied()
    }

    pub(super) fn kept(&self) -> u64 {
        self.read - self.repeats.len() as u64
    }

    /// Bytes of the temporary file.
    pub(super) fn bytes(&self) -> u64 {
        self.spool.bytes()
    }

    /// Gives everybody, with final numbers of texts, in chunks with the number of the first person.
    pub(super) fn for_each_chunk(
        &mut self,
        mut take: impl FnMut(u32, &[Record]) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let finals = std::mem::take(&mut self.finals);
        let mut kept = self.kept_records()?;
        let make = || {
            let mut chunk = Vec::with_capacity(CHUNK);
            while chunk.len() < CHUNK
                && let Some(mut record) = kept.next()?
            {
                record.visit(&mut |text, number| finals.apply(text, number));
                chunk.push(record);
            }
            Ok((!chunk.is_empty()).then_some(chunk))
        };
        let mut first = 0;
        let result = ahead(make, |chunk| {
            take(first, &chunk)?;
            first += chunk.len() as u32;
            Ok(())
        });
        self.finals = finals;
        result
    }

    fn kept_records(&mut self) -> Result<Kept<'_>, IndexError> {
        Ok(Kept {
            reader: self.spool.reader()?,
            repeats: &self.repeats,
            inputs: 0..self.read,
            scratch: &self.scratch,
        })
    }
}

/// The records that are kept, in the order of the input.
struct Kept<'a> {
    reader: BufReader<&'a File>,
    repeats: &'a [u64],
    inputs: Range<u64>,
    scratch: &'a Scratch,
}

impl Kept<'_> {
    fn next(&mut self) -> Result<Option<Record>, IndexError> {
        for input in self.inputs.by_ref() {
            let record = Record::decode(&mut self.reader).map_err(self.scratch.error("read"))?;
            match self.repeats.split_first() {
                Some((repeat, rest)) if *repeat == input => self.repeats = rest,
                _ => return Ok(Some(record)),
            }
        }
        Ok(None)
    }
}

/// People held at a time.
const CHUNK: usize = 1 << 13;
