//! Builds an index file from people, in memory that does not grow with their number.
//!
//! People are read once, into a temporary file; their distinct texts stay in memory. Rows and lists of
//! rows are sorted as runs on disk and merged, so that the file depends on the people alone: not on
//! their order, and not on how much memory there was.

mod ahead;
mod details;
mod intake;
mod keys;
mod progress;
mod record;
mod rows;
mod scratch;
mod sections;
mod sorter;
mod texts;

pub use progress::{BuildPhase, BuildProgress};

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use self::intake::{Intake, People};
use self::keys::Lists;
use self::rows::Drafts;
use self::scratch::Scratch;
use self::sections::Sections;
use super::{IndexError, dictionary};
use crate::csv_input::RowFault;
use crate::{Fault, Person};

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

/// Memory for sorting unless said otherwise: 1 GiB.
pub const MEMORY_BYTES: usize = 1 << 30;

/// People prepared at a time.
const CHUNK: usize = 8192;

/// Builds an index from `persons` at `out`, with [`MEMORY_BYTES`] for sorting; see [`build_within`].
///
/// # Errors
/// As [`build_within`].
pub fn build(
    persons: impl Iterator<Item = Result<Person, RowFault>> + Send,
    out: &Path,
    progress: &mut dyn FnMut(BuildProgress),
) -> Result<BuildReport, IndexError> {
    build_within(MEMORY_BYTES, persons, out, progress)
}

/// Builds an index from `persons` at `out`: written aside, synced, then renamed into place.
///
/// Up to twice `memory_bytes` are held for sorting; beside it there are the distinct texts, and four
/// bytes a person. Temporary files beside `out` take up to about three times the room of the index and
/// vanish however the build ends. Neither `memory_bytes` nor the order of `persons` changes anything in
/// the file; of several records with one identifier the first is kept.
///
/// # Errors
/// Fails when the disk does, when a limit of the format is reached, or when another build of the same
/// file is running. Faulty records do not fail a build: they are left out and reported.
pub fn build_within(
    memory_bytes: usize,
    persons: impl Iterator<Item = Result<Person, RowFault>> + Send,
    out: &Path,
    progress: &mut dyn FnMut(BuildProgress),
) -> Result<BuildReport, IndexError> {
    let aside = Aside::lock(out)?;
    let scratch = Scratch::beside(out);
    let mut report = BuildReport::default();
    let people = take_in(memory_bytes, persons, &scratch, &mut report, progress)?;
    write_file(
        memory_bytes,
        people,
        &scratch,
        &aside.path,
        &mut report,
        progress,
    )?;
    aside.put_in_place(out)?;
    Ok(report)
}

fn take_in(
    memory_bytes: usize,
    mut persons: impl Iterator<Item = Result<Person, RowFault>> + Send,
    scratch: &Scratch,
    report: &mut BuildReport,
    progress: &mut dyn FnMut(BuildProgress),
) -> Result<People, IndexError> {
    let mut intake = Intake::new(scratch, memory_bytes)?;
    let read = || {
        let chunk: Vec<_> = persons.by_ref().take(CHUNK).collect();
        let prepared = chunk
            .into_par_iter()
            .map(|person| person.map(intake::prepare));
        let prepared: Vec<_> = prepared.collect();
        Ok((!prepared.is_empty()).then_some(prepared))
    };
    ahead::ahead(read, |chunk| {
        for person in chunk {
            match person {
                Ok(person) => intake.add(&person)?,
                Err(fault) => report.note(fault),
            }
        }
        progress(BuildProgress::of(BuildPhase::Reading, intake.read(), 0));
        Ok(())
    })?;
    let people = intake.finish()?;
    people
        .repeats()
        .for_each(|input| report.note(repeated(input)));
    Ok(people)
}

/// The line is that of a file without other faults; the reader's own faults carry the exact one.
fn repeated(input: u64) -> RowFault {
    let fault = Fault::new(
        "person_id",
        "repeats an earlier record",
        "keep one record a person",
    );
    RowFault {
        line: input + 2,
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

fn write_file(
    memory_bytes: usize,
    mut people: People,
    scratch: &Scratch,
    path: &Path,
    report: &mut BuildReport,
    progress: &mut dyn FnMut(BuildProgress),
) -> Result<(), IndexError> {
    let mut sections = Sections::new(path);
    let drafts = Drafts::collect(&mut people, scratch, memory_bytes, progress)?;
    let counts = drafts.counts;
    let lists = Lists::new(scratch, memory_bytes, &counts);
    let placed = rows::place(drafts, &people.dictionaries, lists, &mut sections, progress)?;
    let place = (scratch, memory_bytes);
    details::write(
        &mut people,
        &placed.primaries,
        &counts,
        place,
        &mut sections,
        progress,
    )?;
    for (entries, counts) in people.dictionaries.entries.iter().zip(&placed.text_counts) {
        let (offsets, text) = dictionary::layout(entries)?;
        sections.write(&offsets)?;
        sections.write(&text)?;
        sections.write(counts)?;
    }
    drop(people);
    placed.lists.write(&mut sections, progress)?;
    let (head, bytes) = sections.finish(counts.people as u32, counts.rows as u32)?;
    report.people = counts.people;
    report.rows = counts.rows;
    report.bytes = bytes;
    report.version = super::read::version_of(&[&head]);
    Ok(())
}

/// The file that is written before it is renamed, locked against another build.
struct Aside {
    path: PathBuf,
    file: File,
    in_place: bool,
}

impl Aside {
    /// Takes over what an interrupted build left.
    fn lock(out: &Path) -> Result<Self, IndexError> {
        let mut name = out.file_name().unwrap_or_default().to_owned();
        name.push(".building");
        let path = out.with_file_name(name);
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(IndexError::io("create", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(IndexError::Busy(out.to_owned())),
            Err(TryLockError::Error(error)) => return Err(IndexError::io("lock", &path)(error)),
        }
        file.set_len(0).map_err(IndexError::io("empty", &path))?;
        Ok(Self {
            path,
            file,
            in_place: false,
        })
    }

    /// Crash-safe: nothing is at `out` before everything is on the disk.
    fn put_in_place(mut self, out: &Path) -> Result<(), IndexError> {
        self.file
            .sync_all()
            .and_then(|()| std::fs::rename(&self.path, out))
            .map_err(IndexError::io("rename", &self.path))?;
        self.in_place = true;
        sync_folder(out)
    }
}

/// Writes a small file as crash-safely as an index.
pub(super) fn replace(
    out: &Path,
    write: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> Result<(), IndexError> {
    let mut aside = Aside::lock(out)?;
    write(&mut aside.file).map_err(IndexError::io("write", &aside.path))?;
    aside.put_in_place(out)
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.in_place {
            let _ = std::fs::remove_file(&self.path);
        }
    }
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

#[cfg(test)]
pub(super) mod tests;
