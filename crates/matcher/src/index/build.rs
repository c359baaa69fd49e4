//! Builds an index file from people.

mod draft;

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use self::draft::Drafts;
use super::IndexError;
use super::dictionary;
use super::format::{SECTION_COUNT, SECTION_NAMES, SectionWriter};
use super::postings::{self, Key};
use super::row::Row;
use crate::csv_input::RowFault;
use crate::{Fault, Person, normalize};

/// What a build did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BuildReport {
    /// People written.
    pub people: u64,
    /// Rows written: people, and people under earlier names, addresses and numbers.
    pub rows: u64,
    /// Records left out because they could not be read, or repeat an identifier.
    pub left_out: u64,
    /// Fields left out of records that were kept.
    pub field_faults: u64,
    /// The first [`FAULTS_MAX`] faults.
    pub faults: Vec<RowFault>,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Checksum of the content, as [`super::IndexInfo::version`].
    pub version: String,
}

/// Faults that a report lists; the rest are only counted.
pub const FAULTS_MAX: usize = 1000;

/// Records between two calls of `progress`.
const PROGRESS_EVERY: u64 = 10_000;

/// Builds an index from `persons` at `out`: written aside, synced, then renamed into place.
///
/// `progress` gets the number of records read so far, every 10,000 records and at the end. The order of
/// `persons` changes nothing in the file.
///
/// # Errors
/// Fails when the disk does, or when a limit of the format is reached. Faulty records do not fail a
/// build: they are left out and reported.
pub fn build(
    persons: impl Iterator<Item = Result<Person, RowFault>>,
    out: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<BuildReport, IndexError> {
    let mut report = BuildReport::default();
    let mut drafts = Drafts::new();
    let mut read = 0;
    for person in persons {
        match person {
            Ok(person) => {
                read += 1;
                if !drafts.add(&person)? {
                    report.note(repeated(read + 1));
                }
                if read % PROGRESS_EVERY == 0 {
                    progress(read);
                }
            }
            Err(fault) => report.note(fault),
        }
    }
    progress(read);
    write_aside(drafts, out, &mut report)?;
    Ok(report)
}

/// The line is that of a file without faults; the reader's own faults carry the exact one.
fn repeated(line: u64) -> RowFault {
    let fault = Fault::new(
        "person_id",
        "repeats an earlier record",
        "keep one record a person",
    );
    RowFault {
        line,
        fault,
        row_left_out: true,
    }
}

impl BuildReport {
    fn note(&mut self, fault: RowFault) {
        if fault.row_left_out {
            self.left_out += 1;
        } else {
            self.field_faults += 1;
        }
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }
}

/// Crash-safe: nothing is at `out` before everything is on the disk.
fn write_aside(drafts: Drafts, out: &Path, report: &mut BuildReport) -> Result<(), IndexError> {
    let aside = aside_path(out);
    let result = File::create(&aside)
        .map_err(IndexError::io("create", &aside))
        .and_then(|file| write_file(drafts, file, &aside, report))
        .and_then(|()| std::fs::rename(&aside, out).map_err(IndexError::io("rename", &aside)))
        .and_then(|()| sync_folder(out));
    if result.is_err() {
        let _ = std::fs::remove_file(&aside);
    }
    result
}

fn aside_path(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".building");
    out.with_file_name(name)
}

fn sync_folder(out: &Path) -> Result<(), IndexError> {
    let folder = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(folder)
        .and_then(|file| file.sync_all())
        .map_err(IndexError::io("sync", folder))
}

fn write_file(
    drafts: Drafts,
    file: File,
    path: &Path,
    report: &mut BuildReport,
) -> Result<(), IndexError> {
    let finished = drafts.finish()?;
    let (people, rows) = (finished.people, finished.rows.len() as u32);
    let io = || IndexError::io("write", path);
    let mut sections = SectionWriter::new(BufWriter::with_capacity(1 << 20, file)).map_err(io())?;
    sections.write(&finished.rows).map_err(io())?;
    write_ids(&finished, &mut sections)?.map_err(io())?;
    sections.write(&finished.registrations).map_err(io())?;
    sections.write(&finished.extra_rows).map_err(io())?;
    sections.write(&finished.extra_offsets).map_err(io())?;
    sections.write(&finished.extra_words).map_err(io())?;
    for (entries, counts) in &finished.dictionaries {
        let (offsets, text) = dictionary::layout(entries)?;
        sections.write(&offsets).map_err(io())?;
        sections.write(&text).map_err(io())?;
        sections.write(counts).map_err(io())?;
    }
    for key in Key::ALL {
        let hashes = || finished.keys(key);
        let (directory, list) = postings::layout(finished.rows.len(), hashes)?;
        sections.write(&directory).map_err(io())?;
        sections.write(&list).map_err(io())?;
    }
    let (out, head, bytes) = sections.finish(people, rows);
    debug_assert_eq!(SECTION_COUNT, SECTION_NAMES.len());
    let mut file = out.into_inner().map_err(|error| io()(error.into_error()))?;
    file.seek(SeekFrom::Start(0))
        .and_then(|_| file.write_all(&head))
        .and_then(|()| file.sync_all())
        .map_err(io())?;
    report.people = u64::from(people);
    report.rows = u64::from(rows);
    report.bytes = bytes;
    report.version = super::read::version_of(&head);
    Ok(())
}

fn write_ids<W: Write>(
    finished: &Finished,
    sections: &mut SectionWriter<W>,
) -> Result<std::io::Result<()>, IndexError> {
    let mut offsets = Vec::with_capacity(finished.rows.len() + 1);
    let mut text = Vec::new();
    offsets.push(0);
    for position in 0..finished.rows.len() {
        text.extend_from_slice(finished.id_of(position as u32).as_bytes());
        let end = u32::try_from(text.len()).map_err(|_| IndexError::TooMany("identifiers"))?;
        offsets.push(end);
    }
    Ok(sections
        .write(&offsets)
        .and_then(|()| sections.write(&text)))
}

/// Everything in its final order.
struct Finished {
    people: u32,
    rows: Vec<Row>,
    registrations: Vec<super::row::Registration>,
    extra_rows: Vec<u32>,
    extra_offsets: Vec<u32>,
    extra_words: Vec<u32>,
    /// Sorted entries and their counts, in the order of the file.
    dictionaries: Vec<(Vec<Box<str>>, Vec<u32>)>,
    /// Identifiers by input order.
    ids: Vec<Box<str>>,
    /// Input order of the primary rows; `u32::MAX` for others.
    id_by_row: Vec<u32>,
}

/// Places of the dictionaries in [`Finished::dictionaries`].
mod dictionary_order {
    pub(super) const GIVEN: usize = 0;
    pub(super) const SURNAMES: usize = 1;
    pub(super) const STREETS: usize = 2;
    pub(super) const POSTCODES: usize = 4;
}

impl Finished {
    /// Identifier of the person whose primary row this is; empty for other rows.
    fn id_of(&self, row: u32) -> &str {
        self.id_by_row
            .get(row as usize)
            .and_then(|input| self.ids.get(*input as usize))
            .map_or("", |id| id)
    }

    fn comparable(&self, dictionary: usize, number: u32) -> &str {
        self.dictionaries
            .get(dictionary)
            .and_then(|(entries, _)| entries.get(number as usize))
            .map_or("", |entry| entry.split('\0').next().unwrap_or_default())
    }

    /// Hash and row of every entry of a list.
    fn keys(&self, key: Key) -> impl Iterator<Item = (u64, u32)> {
        self.rows
            .iter()
            .enumerate()
            .filter_map(move |(position, row)| {
                let position = position as u32;
                Some((self.hash(key, position, row)?, position))
            })
    }

    fn hash(&self, key: Key, position: u32, row: &Row) -> Option<u64> {
        use dictionary_order::{GIVEN, POSTCODES, STREETS, SURNAMES};
        match key {
            Key::NhsNumber => {
                (row.nhs_stem != 0).then(|| postings::hash(&[&row.nhs_stem.to_le_bytes()]))
            }
            Key::Surname | Key::GivenName => {
                let surname = self.comparable(SURNAMES, row.surname);
                let given = self.comparable(GIVEN, row.given);
                let (whole, other) = if key == Key::Surname {
                    (surname, given)
                } else {
                    (given, surname)
                };
                (!whole.is_empty()).then(|| postings::name_hash(whole, other))
            }
            Key::Postcode => {
                let postcode = self.comparable(POSTCODES, row.postcode);
                (!postcode.is_empty() && !normalize::is_pseudo_postcode(postcode))
                    .then(|| postings::hash(&[postcode.as_bytes()]))
            }
            Key::Premises => {
                let street = self.comparable(STREETS, row.street);
                (!street.is_empty() && row.number != 0).then(|| {
                    let street = street.replace(' ', "");
                    postings::hash(&[&row.number.to_le_bytes(), street.as_bytes()])
                })
            }
            Key::PersonId => {
                let id = self.id_of(position);
                (!id.is_empty()).then(|| postings::hash(&[id.as_bytes()]))
            }
        }
    }
}
