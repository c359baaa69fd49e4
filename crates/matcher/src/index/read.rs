//! Opens, checks and reads an index file.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap2::{Mmap, MmapMut};
use serde::Serialize;
use zerocopy::{FromBytes, Immutable, KnownLayout};

use super::check::{check_head, check_sections};
use super::extras::{AddressRef, Extras, NameRef};
use super::format::{Entry, Header, SECTION_COUNT, SECTION_NAMES, section};
use super::postings::{Key, Postings, hash};
use super::row::{Registration, Row, flag, word_date};
use super::{Derived, Dictionary, IndexError, Kinship, Parts};
use crate::{Address, Name, NhsNumber, PartialDate, Person, normalize};

/// An open index. Cheap to share between threads; every answer comes from the mapped file.
#[derive(Debug)]
pub struct Index {
    map: Mmap,
    path: PathBuf,
    header: Header,
    /// Byte ranges of the sections, checked against the file and the alignment.
    sections: [Range<usize>; SECTION_COUNT],
    version: String,
    derived: Derived,
}

/// What is in an index, as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexInfo {
    /// Format version of the file.
    pub format_version: u32,
    /// Different people.
    pub people: u64,
    /// Rows: people, and people under earlier names, addresses and numbers.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// Checksum of the content: names this index in records of answers.
    pub version: String,
    /// Sections: name, bytes.
    pub sections: Vec<(String, u64)>,
}

/// Checksum of `parts`; of a whole file, that is the head, which holds the checksums of everything else.
pub(super) fn version_of(parts: &[&[u8]]) -> String {
    format!("{:016x}", hash(parts))
}

impl Index {
    /// Opens and checks the whole file.
    ///
    /// # Errors
    /// Refuses a file that is truncated, altered, of a newer version or not an index.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let file = File::open(path).map_err(IndexError::io("open", path))?;
        #[expect(
            unsafe_code,
            reason = "an index is written once and renamed into place, never changed"
        )]
        let map = unsafe { Mmap::map(&file) }.map_err(IndexError::io("map", path))?;
        Self::from_map(map, path)
    }

    /// Checks and holds a whole file that is already in memory; `path` is only told in errors.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, IndexError> {
        // A map holds at least one byte; no file that short is an index.
        let mut map =
            MmapMut::map_anon(bytes.len().max(1)).map_err(IndexError::io("hold", path))?;
        map.get_mut(..bytes.len())
            .unwrap_or_default()
            .copy_from_slice(bytes);
        let map = map.make_read_only().map_err(IndexError::io("hold", path))?;
        Self::from_map(map, path)
    }

    fn from_map(map: Mmap, path: &Path) -> Result<Self, IndexError> {
        let (header, entries) = check_head(&map, path)?;
        let sections = check_sections(&map, &entries, path)?;
        let head_bytes = size_of::<Header>() + size_of::<Entry>() * SECTION_COUNT;
        let version = version_of(&[map.get(..head_bytes).unwrap_or_default()]);
        let derived = Derived::new(&[], [&Dictionary::EMPTY; 5]);
        let mut index = Self {
            map,
            path: path.to_owned(),
            header,
            sections,
            version,
            derived,
        };
        index.check_shape()?;
        let view = index.view();
        let dictionaries = [
            &view.given,
            &view.surnames,
            &view.streets,
            &view.towns,
            &view.postcodes,
        ];
        index.derived = Derived::new(view.rows, dictionaries);
        index.derived.kinship = Kinship::of(&index.view());
        Ok(index)
    }

    /// Facts about the whole index.
    pub fn info(&self) -> IndexInfo {
        let sizes = SECTION_NAMES.iter().zip(&self.sections);
        IndexInfo {
            format_version: self.header.version,
            people: u64::from(self.header.people),
            rows: u64::from(self.header.rows),
            bytes: self.header.file_bytes,
            version: self.version.clone(),
            sections: sizes
                .map(|(name, range)| ((*name).to_owned(), range.len() as u64))
                .collect(),
        }
    }

    /// Checksum of the content: names this index in records of answers.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Number of people.
    pub fn people(&self) -> u32 {
        self.header.people
    }

    /// Checks every reference inside the file, beyond the checksums that [`Self::open`] checks.
    ///
    /// # Errors
    /// Names the first inconsistency.
    pub fn verify(&self) -> Result<(), IndexError> {
        let view = self.view();
        let damaged = |what: String| Err(IndexError::damaged(&self.path, what));
        if !view
            .rows
            .is_sorted_by(|a, b| a.date_bits() <= b.date_bits())
        {
            return damaged("has rows out of order".to_owned());
        }
        let mut primaries = 0;
        for (position, row) in view.rows.iter().enumerate() {
            if !view.row_is_sound(position as u32, row) {
                return damaged(format!("refers to nothing in row {position}"));
            }
            primaries += u32::from(!row.is(flag::EARLIER));
            let with_extras = row.is(flag::EXTRAS) && !row.is(flag::EARLIER);
            if with_extras && view.extras(position as u32).is_none() {
                return damaged(format!("has lost the history of row {position}"));
            }
        }
        if primaries != self.header.people {
            return damaged(format!(
                "holds {primaries} people, not {}",
                self.header.people
            ));
        }
        let lists = Key::ALL.iter().map(|key| view.postings(*key));
        for list in lists {
            let rows = view.rows.len() as u32;
            if !list.directory.is_sorted() || list.rows.iter().any(|row| *row >= rows) {
                return damaged("has a damaged search list".to_owned());
            }
        }
        Ok(())
    }

    /// Everything held about the person at `row`; `None` when there is no such row.
    pub fn person(&self, row: u32) -> Option<Person> {
        self.view().person(row)
    }

    /// Row of the person with this source identifier.
    pub fn find(&self, person_id: &str) -> Option<u32> {
        Parts::from(self).find(person_id)
    }

    /// Row of the person who has or had this NHS number; a current holder comes first.
    pub fn find_nhs_number(&self, number: NhsNumber) -> Option<u32> {
        let parts = Parts::from(self);
        parts.holder(number).map(|(_, row)| row.primary)
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> u32 {
        self.header.rows
    }

    /// All typed sections.
    pub(crate) fn view(&self) -> View<'_> {
        let dictionary = |first: usize, cards| Dictionary {
            offsets: self.items(first),
            text: self.items(first + 1),
            counts: self.items(first + 2),
            gone: &[],
            cards,
        };
        let postings = |key: usize| Postings {
            directory: self.items(section::POSTINGS + 2 * key),
            rows: self.items(section::POSTINGS + 2 * key + 1),
        };
        View {
            derived: &self.derived,
            people: self.header.people,
            rows: self.items(section::ROWS),
            superseded: &[],
            middles_gone: &[],
            id_offsets: self.items(section::ID_OFFSETS),
            id_text: self.items(section::ID_TEXT),
            registrations: self.items(section::REGISTRATIONS),
            extra_rows: self.items(section::EXTRA_ROWS),
            extra_offsets: self.items(section::EXTRA_OFFSETS),
            extra_words: self.items(section::EXTRA_WORDS),
            given: dictionary(section::GIVEN, &self.derived.given_cards),
            surnames: dictionary(section::SURNAMES, &self.derived.surname_cards),
            streets: dictionary(section::STREETS, &self.derived.street_cards),
            towns: dictionary(section::TOWNS, &[]),
            postcodes: dictionary(section::POSTCODES, &self.derived.postcode_cards),
            practices: dictionary(section::PRACTICES, &[]),
            postings: [
                postings(0),
                postings(1),
                postings(2),
                postings(3),
                postings(4),
                postings(5),
            ],
        }
    }

    /// Section `number` as items; empty when it does not hold whole items.
    fn items<T: FromBytes + Immutable + KnownLayout>(&self, number: usize) -> &[T] {
        self.sections
            .get(number)
            .and_then(|range| self.map.get(range.clone()))
            .and_then(|bytes| <[T]>::ref_from_bytes(bytes).ok())
            .unwrap_or_default()
    }

    /// Sections that must have the same number of items do.
    fn check_shape(&self) -> Result<(), IndexError> {
        let view = self.view();
        let rows = self.header.rows as usize;
        let dictionaries = [
            view.given,
            view.surnames,
            view.streets,
            view.towns,
            view.postcodes,
            view.practices,
        ];
        let sound = view.rows.len() == rows
            && view.id_offsets.len() == rows + 1
            && [0, rows].contains(&view.registrations.len())
            && view.extra_offsets.len() == view.extra_rows.len() + 1
            && dictionaries.iter().all(|dictionary| {
                dictionary.offsets.len() == dictionary.counts.len() + 1
                    && !dictionary.counts.is_empty()
            });
        if sound {
            Ok(())
        } else {
            Err(IndexError::damaged(&self.path, "does not add up"))
        }
    }
}

/// The typed sections of an open index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub derived: &'a Derived,
    pub people: u32,
    pub rows: &'a [Row],
    /// Current rows, ascending, of people who are held otherwise by now, or no longer.
    pub superseded: &'a [u32],
    /// Middle names of these people, ascending.
    pub(super) middles_gone: &'a [u32],
    pub(super) id_offsets: &'a [u32],
    pub(super) id_text: &'a [u8],
    registrations: &'a [Registration],
    extra_rows: &'a [u32],
    extra_offsets: &'a [u32],
    extra_words: &'a [u32],
    pub given: Dictionary<'a>,
    pub surnames: Dictionary<'a>,
    pub streets: Dictionary<'a>,
    pub towns: Dictionary<'a>,
    pub postcodes: Dictionary<'a>,
    pub practices: Dictionary<'a>,
    postings: [Postings<'a>; Key::ALL.len()],
}

impl<'a> View<'a> {
    pub(crate) fn row(&self, row: u32) -> Option<&'a Row> {
        self.rows.get(row as usize)
    }

    /// Rows that may have the key with this hash, ascending.
    pub(crate) fn bucket(&self, key: Key, hash: u64) -> &'a [u32] {
        self.postings(key).bucket(hash)
    }

    pub(super) fn postings(&self, key: Key) -> Postings<'a> {
        let [
            nhs_number,
            surname,
            given_name,
            postcode,
            premises,
            person_id,
        ] = self.postings;
        match key {
            Key::NhsNumber => nhs_number,
            Key::Surname => surname,
            Key::GivenName => given_name,
            Key::Postcode => postcode,
            Key::Premises => premises,
            Key::PersonId => person_id,
        }
    }

    /// Rows whose date bits lie in `when`.
    pub(crate) fn born(&self, when: Range<u32>) -> Range<u32> {
        let start = self.rows.partition_point(|row| row.when < when.start);
        let end = start
            + self
                .rows
                .get(start..)
                .unwrap_or_default()
                .partition_point(|row| row.when < when.end);
        start as u32..end as u32
    }

    /// Identifier of the person whose primary row this is; empty for other rows.
    pub(crate) fn person_id(&self, row: u32) -> &'a str {
        let row = row as usize;
        let (Some(from), Some(to)) = (self.id_offsets.get(row), self.id_offsets.get(row + 1))
        else {
            return "";
        };
        let bytes = self
            .id_text
            .get(*from as usize..*to as usize)
            .unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Practice code of the person at a primary row; empty when none is held.
    pub(crate) fn practice(&self, primary: u32) -> &'a str {
        let registration = self
            .registrations
            .get(primary as usize)
            .copied()
            .unwrap_or_default();
        self.practices.written(registration.practice)
    }

    fn extras(&self, row: u32) -> Option<Extras> {
        let position = self.extra_rows.binary_search(&row).ok()?;
        let (from, to) = (
            self.extra_offsets.get(position)?,
            self.extra_offsets.get(position + 1)?,
        );
        Extras::read(self.extra_words.get(*from as usize..*to as usize)?)
    }

    /// Everything held about the person at `row`.
    pub(crate) fn person(&self, row: u32) -> Option<Person> {
        let primary = self.row(row)?.primary;
        let row = self.row(primary)?;
        let extras = match row.is(flag::EXTRAS) {
            true => self.extras(primary)?,
            false => Extras::default(),
        };
        let registration = self
            .registrations
            .get(primary as usize)
            .copied()
            .unwrap_or_default();
        let name = NameRef {
            given: row.given,
            middle: row.middle,
            surname: row.surname,
        };
        let address = AddressRef {
            street: row.street,
            town: row.town,
            postcode: row.postcode,
            flat: row.flat,
            number: row.number,
            kind: row.address_kind(),
            from: word_date(registration.address_from),
            to: None,
        };
        let practice = self.practice(primary);
        Some(Person {
            person_id: self.person_id(primary).to_owned(),
            nhs_number: NhsNumber::from_stem(row.nhs_stem),
            superseded_nhs_numbers: extras.nhs_numbers(),
            name: self.name(&name),
            previous_names: extras.names.iter().map(|name| self.name(name)).collect(),
            date_of_birth: row.date_of_birth(),
            dob_estimated: row.is(flag::ESTIMATED),
            sex: row.sex(),
            address: self.address(&address),
            previous_addresses: extras
                .addresses
                .iter()
                .map(|one| self.address(one))
                .collect(),
            gp_practice_code: (!practice.is_empty()).then(|| practice.to_owned()),
            registration_date: word_date(registration.registered),
            restricted: row.is(flag::RESTRICTED),
            deceased: row.is(flag::DECEASED),
            death_date: extras.death_date,
        })
    }

    fn name(&self, name: &NameRef) -> Name {
        Name {
            given: self.given.written(name.given).to_owned(),
            middle: self.given.written(name.middle).to_owned(),
            surname: self.surnames.written(name.surname).to_owned(),
        }
    }

    fn address(&self, address: &AddressRef) -> Address {
        let template = self.streets.written(address.street);
        Address {
            address: normalize::address_from_template(template, address.flat, address.number),
            town: self.towns.written(address.town).to_owned(),
            postcode: self.postcodes.written(address.postcode).to_owned(),
            kind: address.kind,
            from: address.from,
            to: address.to,
        }
    }

    fn row_is_sound(&self, position: u32, row: &Row) -> bool {
        let date = row
            .date_of_birth()
            .map_or(0, |date: PartialDate| date.packed() + 1);
        row.when >> 12 == date
            && row.given < self.given.len()
            && row.middle < self.given.len()
            && row.surname < self.surnames.len()
            && row.street < self.streets.len()
            && row.town < self.towns.len()
            && row.postcode < self.postcodes.len()
            && self
                .row(row.primary)
                .is_some_and(|primary| !primary.is(flag::EARLIER))
            && (row.is(flag::EARLIER) || row.primary == position)
    }
}
